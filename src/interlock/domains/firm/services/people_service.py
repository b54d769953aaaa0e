"""People of a firm and its clients, the roles they have at each client, who stands in for whom. Each change leaves a line."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.firm.acting import Acting, Side
from interlock.domains.firm.people_models import Delegation, Person, RoleGrant
from interlock.domains.firm.roles import CLIENT_SIDE, MAY, ROLES, Role
from interlock.infra import translog
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.kernel.ids import new_id
from interlock.kernel.scope import Scope

_NAME_CHARACTERS = 120
_HANDLE = re.compile(r"[a-z][a-z0-9-]{0,38}")
_REASON_CHARACTERS = 500
_DELEGATION_DAYS_MOST = 92
_SIDES: tuple[Side, ...] = get_args(Side)


class PeopleService:
    """One firm's people. Acts that concern one client are logged in that client's chain, others in the firm's."""

    def __init__(self, db: Session, firm_id: str) -> None:
        self.db = db
        self.firm_id = firm_id

    def people(self) -> Sequence[Person]:
        """Everybody who is still here, by name."""
        query = select(Person).where(Person.firm_id == self.firm_id, Person.left_at.is_(None))
        return self.db.scalars(query.order_by(Person.name, Person.person_id)).all()

    def find(self, wanted: str) -> Person:
        """By handle or id; ``NotFound`` names the way to see who there is."""
        query = select(Person).where(
            Person.firm_id == self.firm_id, (Person.handle == wanted) | (Person.person_id == wanted)
        )
        found = self.db.scalars(query).first()
        if found is None or found.left_at is not None:
            raise NotFound(f"There is nobody called {wanted!r} here; `interlock people list` shows who there is.")
        return found

    def at(self, business_id: str) -> Sequence[tuple[Person, frozenset[Role]]]:
        """Who has a role at a client, and which, by name."""
        query = (
            select(Person, RoleGrant.role)
            .join(RoleGrant, RoleGrant.person_id == Person.person_id)
            .where(
                Person.firm_id == self.firm_id,
                Person.left_at.is_(None),
                RoleGrant.business_id == business_id,
                RoleGrant.ended_at.is_(None),
            )
        )
        found: dict[str, tuple[Person, set[str]]] = {}
        for person, role in self.db.execute(query.order_by(Person.name, Person.person_id)):
            found.setdefault(person.person_id, (person, set()))[1].add(role)
        return [(person, frozenset(role for role in ROLES if role in said)) for person, said in found.values()]

    def acting(self, business_id: str, wanted: str, *, through: str = "") -> Acting:
        """A person with the roles they have at this client; without one they can't even look (``Refused``)."""
        person = self.find(wanted)
        roles = self._roles(business_id, person.person_id)
        if not roles:
            raise Refused(f"{person.name} has no role at this client; `interlock people grant` gives one.")
        return Acting(person.person_id, person.handle, person.name, _side(person.side), roles, through)

    def deciding_here(self, business_id: str) -> int:
        """How many people may approve at this client."""
        return sum(1 for _, roles in self.at(business_id) if any("approve" in MAY[role] for role in roles))

    def add(self, handle: str, name: str, *, side: str, email: str | None, now: datetime, actor: str) -> Person:
        """Somebody new, without any role yet. ``BadInput`` for a handle that is taken or can't be one."""
        name = name.strip()
        if not name or len(name) > _NAME_CHARACTERS:
            raise BadInput(f"A person needs a name of 1 to {_NAME_CHARACTERS} characters.")
        if not _HANDLE.fullmatch(handle):
            raise BadInput("A handle is a letter and then letters, digits or hyphens, all small: wren, amos-lee.")
        if side not in _SIDES:
            raise BadInput("A person is of the firm or of a client: firm, client.")
        taken = select(Person.person_id).where(Person.firm_id == self.firm_id, Person.handle == handle)
        if self.db.scalars(taken).first() is not None:
            raise BadInput(f"Somebody is called {handle!r} already; take another handle.")
        person = Person(
            person_id=new_id("per", now),
            firm_id=self.firm_id,
            handle=handle,
            name=name,
            email=(email or "").strip() or None,
            side=side,
            made_at=now,
        )
        self.db.add(person)
        self.db.flush()
        self._log(None, "person.added", {"person_id": person.person_id, "handle": handle, "side": side}, now, actor)
        return person

    def leave(self, wanted: str, *, now: datetime, actor: str) -> Person:
        """Somebody has left: the row stays, since decisions name it, and every role ends with it."""
        person = self.find(wanted)
        person.left_at = now
        standing = select(RoleGrant).where(
            RoleGrant.firm_id == self.firm_id, RoleGrant.person_id == person.person_id, RoleGrant.ended_at.is_(None)
        )
        for grant in self.db.scalars(standing):
            grant.ended_by, grant.ended_at = actor, now
        self.db.flush()
        self._log(None, "person.left", {"person_id": person.person_id, "handle": person.handle}, now, actor)
        return person

    def grant(self, business_id: str, wanted: str, role: str, *, now: datetime, actor: str) -> RoleGrant:
        """A role at one client. A role of the client's side is for the client's people only, and the reverse."""
        person = self.find(wanted)
        if role not in ROLES:
            raise BadInput(f"There is no role {role!r}; the roles are {', '.join(ROLES)}.")
        if role != "agent" and (role in CLIENT_SIDE) != (person.side == "client"):
            raise Refused(
                f"{person.name} is of the {person.side}, and {role.replace('_', ' ')} is a role of the other side."
            )
        standing = self._standing(business_id, person.person_id)
        if role in {each.role for each in standing}:
            raise BadInput(f"{person.name} is {role.replace('_', ' ')} here already.")
        made = RoleGrant(
            firm_id=self.firm_id,
            business_id=business_id,
            grant_id=new_id("grant", now),
            person_id=person.person_id,
            role=role,
            made_by=actor,
            made_at=now,
        )
        self.db.add(made)
        self.db.flush()
        self._log(business_id, "role.granted", {"person_id": person.person_id, "role": role}, now, actor)
        return made

    def revoke(self, business_id: str, wanted: str, role: str, *, now: datetime, actor: str) -> None:
        """Take a role back; what was decided in it stands."""
        person = self.find(wanted)
        for grant in self._standing(business_id, person.person_id):
            if grant.role == role:
                grant.ended_by, grant.ended_at = actor, now
                self.db.flush()
                self._log(business_id, "role.revoked", {"person_id": person.person_id, "role": role}, now, actor)
                return
        raise NotFound(f"{person.name} is not {role.replace('_', ' ')} here.")

    def delegate(
        self,
        business_id: str,
        giver: Acting,
        wanted: str,
        *,
        limit_minor: int,
        reason: str,
        starts_at: datetime,
        ends_at: datetime,
        now: datetime,
    ) -> Delegation:
        """``giver`` lets another approve in their place, within what both may: it adds no right that either lacks."""
        to = self.acting(business_id, wanted)
        reason = reason.strip()
        if not reason or len(reason) > _REASON_CHARACTERS:
            raise BadInput(f"Say why, in 1 to {_REASON_CHARACTERS} characters.")
        if to.person_id == giver.person_id:
            raise Refused("Nobody stands in for themselves.")
        if "approve" not in giver.rights or "approve" not in to.rights:
            raise Refused("Only approvals can be handed on, by one who may approve here to one who may.")
        if giver.side != to.side:
            raise Refused("An approval of the client's stays with the client's people, and the firm's with the firm's.")
        if limit_minor <= 0:
            raise BadInput("Say up to what amount, above zero.")
        if not now <= ends_at or ends_at <= starts_at or (ends_at - starts_at).days > _DELEGATION_DAYS_MOST:
            raise BadInput(f"A stand-in ends after it starts, in the future, within {_DELEGATION_DAYS_MOST} days.")
        made = Delegation(
            firm_id=self.firm_id,
            business_id=business_id,
            delegation_id=new_id("dlg", now),
            from_person=giver.person_id,
            to_person=to.person_id,
            limit_minor=limit_minor,
            reason=reason,
            starts_at=starts_at,
            ends_at=ends_at,
            made_at=now,
        )
        self.db.add(made)
        self.db.flush()
        body = {
            "delegation_id": made.delegation_id,
            "from": giver.person_id,
            "to": to.person_id,
            "limit_minor": limit_minor,
        }
        self._log(business_id, "approval.delegated", {**body, "until": ends_at.isoformat()}, now, giver.actor)
        return made

    def end_delegation(self, business_id: str, delegation_id: str, *, by: Acting, now: datetime) -> None:
        """Taken back by who gave it."""
        found = self.db.get(Delegation, (business_id, delegation_id))
        if found is None or found.ended_at is not None:
            raise NotFound(f"There is no standing delegation {delegation_id!r} here.")
        if found.from_person != by.person_id:
            raise Refused("Only who gave a delegation takes it back.")
        found.ended_at = now
        self.db.flush()
        self._log(business_id, "approval.delegation_ended", {"delegation_id": delegation_id}, now, by.actor)

    def delegations(self, business_id: str, now: datetime) -> Sequence[Delegation]:
        """Those that stand now."""
        query = select(Delegation).where(
            Delegation.business_id == business_id,
            Delegation.ended_at.is_(None),
            Delegation.starts_at <= now,
            Delegation.ends_at > now,
        )
        return self.db.scalars(query.order_by(Delegation.delegation_id)).all()

    def stands_in(self, business_id: str, acting: Acting, wanted: str, amount_minor: int, now: datetime) -> Acting:
        """Whom ``acting`` stands in for (by handle or id), with the roles *they* have; ``Refused`` without a delegation for it."""
        whom = self.acting(business_id, wanted)
        for each in self.delegations(business_id, now):
            if (each.from_person, each.to_person) == (whom.person_id, acting.person_id):
                if amount_minor > each.limit_minor:
                    raise Refused(f"You stand in for {whom.name} only up to a lower amount than this payment's.")
                return whom
        raise Refused(f"You don't stand in for {whom.name} now; they can say so with `interlock people delegate`.")

    def _roles(self, business_id: str, person_id: str) -> frozenset[Role]:
        return frozenset(each.role for each in self._standing(business_id, person_id))  # type: ignore[misc]

    def _standing(self, business_id: str, person_id: str) -> Sequence[RoleGrant]:
        query = select(RoleGrant).where(
            RoleGrant.business_id == business_id, RoleGrant.person_id == person_id, RoleGrant.ended_at.is_(None)
        )
        return self.db.scalars(query.order_by(RoleGrant.grant_id)).all()

    def _log(self, business_id: str | None, action: str, body: dict[str, object], now: datetime, actor: str) -> None:
        translog.append(self.db, Scope(self.firm_id, business_id), now=now, actor=actor, action=action, body=body)


def _side(said: str) -> Side:
    return "client" if said == "client" else "firm"
