"""What a business can have now: read off the rails' classes, its connections and their switches. There is no second list.

``live``: a connected rail has every capability needed. ``connect:<rail>``: a rail of this build has it, the business is not
linked to that. ``off:<reason>``: linked, but switched off or refused. ``parked:<capability>``: no rail of this build has it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import Scope
from interlock.rails import connections
from interlock.rails.connections import Connection, State
from interlock.rails.errors import spoken
from interlock.rails.records import RecordsBillPayments, RecordsCustomerPayments

Capability = type[Any] | str
"""A capability's type, or the name of one that no rail of this build has yet."""

Kind = Literal["live", "connect", "off", "parked"]
_WORST_FIRST: tuple[Kind, ...] = ("parked", "connect", "off", "live")
_SWITCHED: frozenset[str] = frozenset({RecordsBillPayments.__name__, RecordsCustomerPayments.__name__})


class CapabilityParked(InterlockError):
    """The business can't have this now; the sentence names what would change that."""

    code = "capability_parked"
    status = 409


class Link(Struct, frozen=True):
    """How a business stands with a rail."""

    state: State
    records: bool


class Verdict(Struct, frozen=True):
    """``about`` is the rail, the reason or the capability that ``kind`` is about; empty when live."""

    kind: Kind
    about: str
    words: str

    @property
    def code(self) -> str:
        """``live``, ``connect:qbo``, ``off:recording``, ``parked:PaysBills``."""
        return f"{self.kind}:{self.about}" if self.about else self.kind


def verdict(needs: Sequence[Capability], rails: Mapping[str, type[Any]], links: Mapping[str, Link]) -> Verdict:
    """Whether a business with ``links`` has all that is needed, given this build's ``rails``; the worst need decides."""
    found = [_one(capability, rails, links) for capability in needs]
    return min(found, key=lambda each: _WORST_FIRST.index(each.kind), default=Verdict("live", "", "Works now."))


def able(capability: Capability, rails: Mapping[str, type[Any]]) -> list[str]:
    """The rails of this build whose class has the capability."""
    return [name for name, rail in rails.items() if _name(capability) in {base.__name__ for base in rail.__mro__}]


def links_of(session: Session, scope: Scope, now: datetime) -> dict[str, Link]:
    """A business's links, by rail."""
    found = session.scalars(
        select(Connection).where(Connection.firm_id == scope.firm_id, Connection.business_id == scope.business_id)
    )
    return {each.rail: Link(connections.passport(each, now).state, each.records) for each in found}


def in_words(capability: Capability) -> str:
    """``ReadsBankBalances`` as ``reads bank balances``."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", _name(capability)).lower()


def _one(capability: Capability, rails: Mapping[str, type[Any]], links: Mapping[str, Link]) -> Verdict:
    candidates = able(capability, rails)
    if not candidates:
        return Verdict("parked", _name(capability), f"Waits for a rail that {in_words(capability)}.")
    linked = [(name, links[name]) for name in candidates if name in links and links[name].state != "disconnected"]
    if not linked:
        return Verdict("connect", candidates[0], f"Connect {' or '.join(map(spoken, candidates))} to have it.")
    verdicts = [_over(name, link, _name(capability)) for name, link in linked]
    return max(verdicts, key=lambda each: _WORST_FIRST.index(each.kind))


def _over(rail: str, link: Link, capability: str) -> Verdict:
    if link.state in ("needs reconnect", "expired"):
        return Verdict("off", "reconnect", f"{spoken(rail)} no longer lets us in; connect it again.")
    if capability in _SWITCHED and not link.records:
        return Verdict(
            "off", "recording", f"Recording in {spoken(rail)} is switched off for this client; switch it on."
        )
    return Verdict("live", "", "Works now.")


def _name(capability: Capability) -> str:
    return capability if isinstance(capability, str) else capability.__name__
