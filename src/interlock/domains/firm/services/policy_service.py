"""Versions of policies: what is in force at a client and whose word it is, who wrote it and when, and writing the next one."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from interlock.domains.firm.acting import Acting, Side
from interlock.domains.firm.models import Business
from interlock.domains.firm.people_models import RoleGrant
from interlock.domains.firm.policy.differences import differences
from interlock.domains.firm.policy.inherit import Origin, in_force, must_agree, origins
from interlock.domains.firm.policy.text import Fault, PolicyBroken, PolicyPart, read_policy
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.policy_models import PolicyVersion
from interlock.domains.firm.roles import ROLES
from interlock.domains.firm.segregation import POLICY_REST_HOURS, Facts, refusal
from interlock.domains.firm.services.pay_run_calendar import pay_run_moves, plan_pay_run
from interlock.domains.firm.services.people_service import PeopleService
from interlock.infra import translog
from interlock.kernel.errors import BadInput, Busy, Refused
from interlock.kernel.ids import new_id
from interlock.kernel.scope import Scope

_OF_FIRM = ""
_REASON_CHARACTERS = 500
_CHANGES_LOGGED = 20
_PROPOSED = "policy.proposed"
_VERSIONS_LOOKED_BACK = 200
FIRM_CURRENCY = "USD"
"""In which a firm's amounts are shown where no client says otherwise; in force they are of each client's own currency."""


class InForce(Struct, frozen=True):
    """What is in force at one client. Ids and versions are of the two texts it comes from; ``None`` and 0 where there is none.

    ``origins``: whose word each key is. ``edited_by``/``edited_at``: of the newer of the two texts.
    """

    policy: Policy
    policy_id: str | None
    firm_policy_id: str | None
    version: int
    firm_version: int
    words: str
    origins: dict[str, Origin]
    edited_by: str | None = None
    edited_at: datetime | None = None


class Proposal(Struct, frozen=True):
    """A text that somebody who may not put it in force has handed to those who may. ``base_version``: what it was drafted over."""

    text: str
    reason: str
    made_by: str
    made_at: datetime
    base_version: int


class PolicyService:
    """One firm's policies: its own, and those of its clients."""

    def __init__(self, db: Session, firm_id: str) -> None:
        self.db = db
        self.firm_id = firm_id

    def in_force(self, business: Business) -> InForce:
        """At one client: its own text over its firm's over the defaults."""
        firm, client = self.newest(None), self.newest(business)
        parts = _part(firm, business.home_currency), _part(client, business.home_currency)
        last = max((each for each in (firm, client) if each), key=lambda each: each.made_at, default=None)
        return InForce(
            policy=in_force(*parts),
            policy_id=client.policy_id if client else None,
            firm_policy_id=firm.policy_id if firm else None,
            version=client.version if client else 0,
            firm_version=firm.version if firm else 0,
            words=_words(firm, client),
            origins=origins(*parts),
            edited_by=last.person_id if last else None,
            edited_at=last.made_at if last else None,
        )

    def before_edits_of(self, business: Business, person_id: str, now: datetime) -> tuple[Policy, datetime] | None:
        """What was in force before the first edit that a person made within the rest of rule 6, and when they made it.

        Whatever this refuses and the policy in force allows was first allowed by their edit (or one since). ``None``:
        they edited nothing lately.
        """
        since = now - timedelta(hours=POLICY_REST_HOURS)
        query = (
            select(PolicyVersion)
            .where(PolicyVersion.firm_id == self.firm_id, PolicyVersion.client_id.in_((_OF_FIRM, business.business_id)))
            .order_by(PolicyVersion.made_at, PolicyVersion.policy_id)
        )
        stood: dict[str, PolicyPart | None] = {_OF_FIRM: None, business.business_id: None}
        for each in self.db.scalars(query):
            if each.person_id == person_id and each.made_at > since:
                return in_force(stood[_OF_FIRM], stood[business.business_id]), each.made_at
            stood[each.client_id] = _part(each, business.home_currency)
        return None

    def newest(self, business: Business | None) -> PolicyVersion | None:
        """The text in force of a client, or (``None``) of the firm itself."""
        return self.db.scalars(self._versions(business).limit(1)).first()

    def history(self, business: Business | None) -> Sequence[PolicyVersion]:
        """Its versions, the newest first."""
        return self.db.scalars(self._versions(business).limit(_VERSIONS_LOOKED_BACK)).all()

    def check(self, business: Business | None, text: str) -> tuple[Policy, ...]:
        """What would be in force with ``text``: at the client, or (``None``) at each of the firm's clients, else by itself.

        ``PolicyBroken`` with the lines when it can't be; that a firm's text contradicts a client's own names the client.
        """
        if business is not None:
            part = read_policy(text, business.home_currency)
            return (must_agree(_part(self.newest(None), business.home_currency), part, part),)
        clients = self._clients()
        if not clients:
            part = read_policy(text, FIRM_CURRENCY)
            return (must_agree(part, None, part),)
        return tuple(self._with_firm(each, text) for each in clients)

    def why_not(self, business: Business | None, by: Acting, now: datetime) -> str | None:
        """Why a person may not put a text in force here, in a sentence; ``None`` when they may."""
        if business is not None:
            return refusal("approve_policy", by, self.in_force(business).policy, Facts(now=now))
        if by.side != "firm" or "propose_policy" not in by.rights:
            return f"{by.spoken}, may not write the firm's policy: a controller or advisor of the firm may."
        return None

    def firm_acting(self, wanted: str, *, through: str = "") -> Acting:
        """A person of the firm with the roles they have at any of its clients; ``Refused`` without one."""
        person = PeopleService(self.db, self.firm_id).find(wanted)
        query = select(RoleGrant.role).where(
            RoleGrant.firm_id == self.firm_id, RoleGrant.person_id == person.person_id, RoleGrant.ended_at.is_(None)
        )
        held = set(self.db.scalars(query))
        if not held:
            raise Refused(f"{person.name} has no role at any client; `interlock people grant` gives one.")
        side: Side = "client" if person.side == "client" else "firm"
        roles = frozenset(role for role in ROLES if role in held)
        return Acting(person.person_id, person.handle, person.name, side, roles, through)

    def write(
        self,
        business: Business | None,
        text: str,
        *,
        reason: str,
        by: Acting,
        now: datetime,
        base_version: int | None = None,
    ) -> PolicyVersion:
        """Put a text in force, with its line in the log. ``base_version``: what the writer had before them, 0 for none.

        ``PolicyBroken``, ``BadInput``, ``Refused``; ``Busy`` when somebody has written a newer version meanwhile.
        """
        said = self.why_not(business, by, now)
        if said is not None:
            raise Refused(said)
        before = self.newest(business)
        stood = before.version if before else 0
        if base_version is not None and base_version != stood:
            raise _overtaken(stood)
        after = self.check(business, text)[0]
        reason = _reason(reason)
        if before is not None and before.text == text:
            raise BadInput("This is the text in force already; nothing was changed.")
        currency = business.home_currency if business else FIRM_CURRENCY
        then = self.in_force(business).policy if business else in_force(_part(before, currency), None)
        made = self._insert(business, text, reason, by, now, stood + 1)
        if business is None:
            after = in_force(read_policy(text, currency), None)
        changes = differences(then, after, currency)
        body = {
            "policy_id": made.policy_id,
            "version": made.version,
            "digest": made.digest,
            "reason": reason,
            "changes": [each.spoken for each in changes[:_CHANGES_LOGGED]],
            "changes_in_all": len(changes),
        }
        scope = Scope(self.firm_id, business.business_id if business else None)
        for client in [business] if business is not None else self._clients():
            runs = self.in_force(client).policy.pay_runs
            if pay_run_moves(self.db, client, runs, now):
                plan_pay_run(self.db, client, runs, now)
        translog.append(self.db, scope, now=now, actor=by.actor, action="policy.written", body=body)
        return made

    def propose(self, business: Business, text: str, *, reason: str, by: Acting, now: datetime) -> Proposal:
        """Hand a client's owner a text. It changes nothing in force and stands in the log, until a version is written.

        ``PolicyBroken``, ``BadInput``, ``Refused``.
        """
        said = refusal("propose_policy", by, self.in_force(business).policy, Facts(now=now))
        if said is not None:
            raise Refused(said)
        self.check(business, text)
        reason = _reason(reason)
        before = self.newest(business)
        if before is not None and before.text == text:
            raise BadInput("This is the text in force already; nothing was proposed.")
        base = before.version if before else 0
        body = {
            "text": text,
            "reason": reason,
            "base_version": base,
            "person_id": by.person_id,
            "digest": _digest(text),
        }
        scope = Scope(self.firm_id, business.business_id)
        translog.append(self.db, scope, now=now, actor=by.actor, action=_PROPOSED, body=body)
        return Proposal(text, reason, by.actor, now, base)

    def proposal(self, business: Business) -> Proposal | None:
        """The newest text that was proposed since a version was last written."""
        line = translog.LogLine
        query = (
            select(line.at, line.actor, line.body)
            .where(line.firm_id == self.firm_id, line.chain == business.business_id, line.action == _PROPOSED)
            .order_by(line.seq.desc())
            .limit(1)
        )
        found = self.db.execute(query).first()
        if found is None:
            return None
        made_at, body = datetime.fromisoformat(found.at), json.loads(found.body)
        written = self.newest(business)
        if written is not None and (written.version > body["base_version"] or written.made_at > made_at):
            return None
        return Proposal(body["text"], body["reason"], found.actor, made_at, body["base_version"])

    def _insert(
        self, business: Business | None, text: str, reason: str, by: Acting, now: datetime, version: int
    ) -> PolicyVersion:
        made = PolicyVersion(
            policy_id=new_id("pol", now),
            firm_id=self.firm_id,
            client_id=business.business_id if business else _OF_FIRM,
            version=version,
            text=text,
            digest=_digest(text),
            reason=reason,
            made_by=by.actor,
            person_id=by.person_id,
            made_at=now,
        )
        try:
            with self.db.begin_nested():
                self.db.add(made)
                self.db.flush()
        except IntegrityError:  # two wrote the same version at once; the second finds it taken
            raise _overtaken(version) from None
        return made

    def _clients(self) -> Sequence[Business]:
        query = select(Business).where(Business.firm_id == self.firm_id)
        return self.db.scalars(query.order_by(Business.name, Business.business_id)).all()

    def _with_firm(self, client: Business, text: str) -> Policy:
        part = read_policy(text, client.home_currency)
        own = _part(self.newest(client), client.home_currency)
        try:
            return must_agree(part, own, part)
        except PolicyBroken as trouble:
            if own is None or not own.values:
                raise
            raise PolicyBroken(tuple(_at(client, each) for each in trouble.faults)) from None

    def _versions(self, business: Business | None) -> Select[PolicyVersion]:
        return (
            select(PolicyVersion)
            .where(
                PolicyVersion.firm_id == self.firm_id,
                PolicyVersion.client_id == (business.business_id if business else _OF_FIRM),
            )
            .order_by(PolicyVersion.version.desc())
        )


def _reason(said: str) -> str:
    said = said.strip()
    if not said or len(said) > _REASON_CHARACTERS:
        raise BadInput(f"Say why, in 1 to {_REASON_CHARACTERS} characters. Nothing was changed.")
    return said


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _part(version: PolicyVersion | None, currency: str) -> PolicyPart | None:
    return read_policy(version.text, currency) if version else None


def _words(firm: PolicyVersion | None, client: PolicyVersion | None) -> str:
    named = [f"the client's version {client.version}"] if client else []
    named += [f"the firm's version {firm.version}"] if firm else []
    return " over ".join([*named, "Interlock's defaults"])


def _at(client: Business, fault: Fault) -> Fault:
    return Fault(fault.line, fault.key, f"{fault.words} (at {client.name}, whose own policy speaks too)")


def _overtaken(stood: int) -> Busy:
    return Busy(
        f"Somebody has written version {stood} meanwhile; nothing was changed. Look at what is in force now, then write again."
    )
