"""A policy on page, API and terminal: its text, what is in force and whose word each value is, its versions, a draft tried."""

import difflib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Vendor
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.differences import Change, differences
from interlock.domains.firm.policy.inherit import Origin, in_force, must_agree, origins, value_of
from interlock.domains.firm.policy.keys import KEYS, VENDORS
from interlock.domains.firm.policy.kinds import NONE
from interlock.domains.firm.policy.text import PolicyBroken, PolicyPart, read_policy
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.policy_models import PolicyVersion
from interlock.domains.firm.services.policy_service import FIRM_CURRENCY, PolicyService, Proposal
from interlock.kernel.errors import BadInput
from interlock.runway.services.calculators.categories import name_key
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.views import BusinessView, Instant, View

_HISTORY_SHOWN = 50


class ValueView(View):
    """One key as it is in force: in words, and whose word it is (``client version 2``, ``firm version 1``, ``default``)."""

    path: str
    section: str
    says: str
    value: str
    origin: Origin
    from_words: str


class ChangeView(View):
    path: str
    says: str
    before: str
    after: str

    @classmethod
    def of(cls, change: Change) -> "ChangeView":
        return cls(path=change.path, says=change.says, before=change.before, after=change.after)


class VersionView(View):
    """One version: who wrote it, when and why, its text, and what it changed in force then."""

    policy_id: str
    version: int
    made_at: Instant
    made_by: str
    reason: str
    digest: str
    text: str
    changes: tuple[ChangeView, ...]


class FaultView(View):
    """``line`` from 1; ``key`` is empty where the text is no TOML."""

    line: int
    key: str
    words: str


class PolicyCheck(View):
    """A text held against what is in force: its faults, or what it would change. ``notes``: what fits and may yet be a slip."""

    fits: bool
    say: str
    faults: tuple[FaultView, ...] = ()
    changes: tuple[ChangeView, ...] = ()
    notes: tuple[str, ...] = ()


class ProposalView(View):
    """A text handed to those who may put it in force: what it would change now, or that it no longer fits."""

    made_by: str
    made_at: Instant
    reason: str
    text: str
    check: PolicyCheck


class PolicyExperience(View):
    """``business`` is ``None`` for the firm's own policy. ``text``: of the version in force, empty before the first.

    ``proposal`` waits for the owner. ``why_not``: why the person acting may not write here; ``None`` when they may. Writers send
    ``version`` back as their base.
    """

    ask: str
    say: str
    as_of: Instant
    business: BusinessView | None
    version: int
    firm_version: int
    text: str
    values: tuple[ValueView, ...]
    history: tuple[VersionView, ...]
    proposal: ProposalView | None
    why_not: str | None


class PolicyExperiences:
    """The policy of one client, or (``business`` is ``None``) of the firm, which every client inherits."""

    def __init__(self, db: Session, firm_id: str, business: Business | None, *, now: datetime) -> None:
        self._db = db
        self._service = PolicyService(db, firm_id)
        self._business = business
        self._now = now
        self._currency = business.home_currency if business else FIRM_CURRENCY

    def get_policy_experience(self, who: Acting | None) -> PolicyExperience:
        """``who``: the person acting, who may or may not write."""
        firm, client = self._service.newest(None), self._own()
        own = client if self._business else firm
        parts = self._parts(firm, client)
        return PolicyExperience(
            ask=f"By which rules is {self._business.name if self._business else 'every client'} paid?",
            say=_answer(firm, client, self._business),
            as_of=self._now,
            business=BusinessView.of(self._business) if self._business else None,
            version=own.version if own else 0,
            firm_version=firm.version if firm else 0,
            text=own.text if own else "",
            values=_values(in_force(*parts), origins(*parts), self._currency, firm, client),
            history=self._history(),
            proposal=self._proposal(),
            why_not=_NOBODY if who is None else self._service.why_not(self._business, who, self._now),
        )

    def check(self, text: str) -> PolicyCheck:
        """Whether ``text`` could be put in force, and what it would change."""
        try:
            self._service.check(self._business, text)
        except PolicyBroken as broken:
            return broken_view(broken)
        then = self._policy_with(text)
        return checked_view(differences(self._policy(), then, self._currency), self._unknown_vendors(text))

    def write(self, text: str, *, reason: str, by: Acting, base_version: int | None = None) -> VersionView:
        """Put ``text`` in force. Fails as ``PolicyService.write`` does."""
        made = self._service.write(self._business, text, reason=reason, by=by, now=self._now, base_version=base_version)
        return next(each for each in self._history() if each.policy_id == made.policy_id)

    def propose(self, text: str, *, reason: str, by: Acting) -> ProposalView:
        """Hand ``text`` to those who may put it in force. Fails as ``PolicyService.propose`` does."""
        if self._business is None:
            raise BadInput("What is proposed is a client's policy; who drafts the firm's puts it in force.")
        return self._shown(self._service.propose(self._business, text, reason=reason, by=by, now=self._now))

    def policies(self, text: str) -> tuple[Policy, Policy]:
        """In force now, and with ``text``; ``PolicyBroken`` when it is none. For a client only."""
        if self._business is None:
            raise BadInput("A dry run is of one client's past: name the client.")
        return self._policy(), self._service.check(self._business, text)[0]

    def _policy(self) -> Policy:
        return in_force(*self._parts(self._service.newest(None), self._own()))

    def _policy_with(self, text: str) -> Policy:
        part = read_policy(text, self._currency)
        if self._business is None:
            return in_force(part, None)
        return in_force(_part(self._service.newest(None), self._currency), part)

    def _unknown_vendors(self, text: str) -> tuple[str, ...]:
        """Essential vendors that the client's books don't know by that name: a slip makes rent look like anything else."""
        named = read_policy(text, self._currency).values.get(VENDORS, {})
        if self._business is None or not named:
            return ()
        query = select(Vendor.name).where(Vendor.business_id == self._business.business_id, Vendor.buried_at.is_(None))
        known = {name_key(name): name for name in self._db.scalars(query)}
        notes = []
        for name, category in sorted(named.items()):
            if category == NONE or name_key(name) in known:
                continue
            near = difflib.get_close_matches(name_key(name), known, n=1)
            asked = f" Did you mean {known[near[0]]}?" if near else ""
            notes.append(f"The books know no vendor {name} ({category}); it counts from the day they do.{asked}")
        return tuple(notes)

    def _proposal(self) -> ProposalView | None:
        found = self._service.proposal(self._business) if self._business else None
        return self._shown(found) if found else None

    def _shown(self, proposal: Proposal) -> ProposalView:
        return ProposalView(
            made_by=proposal.made_by,
            made_at=proposal.made_at,
            reason=proposal.reason,
            text=proposal.text,
            check=self.check(proposal.text),
        )

    def _own(self) -> PolicyVersion | None:
        return self._service.newest(self._business) if self._business else None

    def _parts(
        self, firm: PolicyVersion | None, client: PolicyVersion | None
    ) -> tuple[PolicyPart | None, PolicyPart | None]:
        return _part(firm, self._currency), _part(client, self._currency)

    def _history(self) -> tuple[VersionView, ...]:
        """Newest first, each with what it changed over the firm's policy as it stood then."""
        versions = self._service.history(self._business)[: _HISTORY_SHOWN + 1]
        firms = self._service.history(None) if self._business else ()
        shown = []
        for at, each in enumerate(versions[:_HISTORY_SHOWN]):
            before = versions[at + 1] if at + 1 < len(versions) else None
            over = next((firm for firm in firms if firm.made_at <= each.made_at), None)
            was, became = (self._alone(over, one) for one in (before, each))
            shown.append(
                VersionView(
                    policy_id=each.policy_id,
                    version=each.version,
                    made_at=each.made_at,
                    made_by=each.made_by,
                    reason=each.reason,
                    digest=each.digest,
                    text=each.text,
                    changes=tuple(map(ChangeView.of, differences(was, became, self._currency))),
                )
            )
        return tuple(shown)

    def _alone(self, firm: PolicyVersion | None, version: PolicyVersion | None) -> Policy:
        return in_force(_part(firm, self._currency), _part(version, self._currency))


_NOBODY = "Nobody is named as acting: choose a person at the top of the page."


def broken_view(broken: PolicyBroken) -> PolicyCheck:
    """What a text that is no policy is answered."""
    faults = tuple(FaultView(line=each.line, key=each.key, words=each.words) for each in broken.faults)
    return PolicyCheck(fits=False, say=f"Not a policy yet: {counted(len(faults), 'fault')}.", faults=faults)


def checked_view(changes: Sequence[Change], notes: tuple[str, ...] = ()) -> PolicyCheck:
    """What a text that fits is answered."""
    said = f"It changes {counted(len(changes), 'value')}." if changes else "It changes nothing that is in force."
    return PolicyCheck(fits=True, say=f"A policy. {said}", changes=tuple(map(ChangeView.of, changes)), notes=notes)


def _values(
    policy: Policy,
    whose: dict[str, Origin],
    currency: str,
    firm: PolicyVersion | None,
    client: PolicyVersion | None,
) -> tuple[ValueView, ...]:
    found = []
    for key in KEYS:
        value = value_of(policy, key.path)
        told = (
            [(f"{VENDORS}.{name}", f"{name}: {category}") for name, category in sorted(value.items())]
            if key.path == VENDORS and value
            else [(key.path, key.kind.spoken(value, currency))]
        )
        for path, words in told:
            origin = whose[path]
            version = {"client": client, "firm": firm}.get(origin)
            found.append(
                ValueView(
                    path=path,
                    section=key.section,
                    says=key.says,
                    value=words,
                    origin=origin,
                    from_words=f"{origin} version {version.version}" if version else "default",
                )
            )
    return tuple(found)


def _answer(firm: PolicyVersion | None, client: PolicyVersion | None, business: Business | None) -> str:
    if business is None:
        if firm is None:
            return "By Interlock’s defaults. The firm has written no policy; what it writes, every client inherits."
        return f"By the firm’s version {firm.version}. Every client inherits it where its own policy is silent."
    if client is None and firm is None:
        return "By Interlock’s defaults. Neither this client nor the firm has written a policy."
    if client is None:
        assert firm is not None, "one of the two is there"
        return f"By the firm’s version {firm.version}. This client has no policy of its own."
    over = f"over the firm’s version {firm.version}" if firm else "over Interlock’s defaults; the firm has written none"
    return f"By the client’s version {client.version}. It speaks {over}."


def _part(version: PolicyVersion | None, currency: str) -> PolicyPart | None:
    return read_policy(version.text, currency) if version else None


def check_alone(text: str) -> PolicyCheck:
    """A text by itself, over nobody's policy: what it says otherwise than the defaults, amounts in US dollars."""
    return compare("", text)


def compare(one: str, other: str) -> PolicyCheck:
    """What ``other`` says otherwise than ``one``, each by itself over the defaults; the faults of whichever is broken."""
    try:
        alone = [must_agree(None, part, part) for part in (read_policy(text, FIRM_CURRENCY) for text in (one, other))]
    except PolicyBroken as broken:
        return broken_view(broken)
    return checked_view(differences(alone[0], alone[1], FIRM_CURRENCY))
