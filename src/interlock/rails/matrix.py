"""What a business can have now: read off the rails' classes, its connections and their switches. There is no second list.

``live``: a connected rail has every capability needed. ``connect:<rail>``: a rail of this build has it, the business is not
linked to that. ``off:<reason>``: linked, but switched off or refused. ``parked:<capability>``: no rail of this build has it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import ModuleType
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.kernel.scope import Scope
from interlock.rails import connections, items, moves, records
from interlock.rails.capabilities import Capability, has, in_words, name_of
from interlock.rails.connections import Connection, State
from interlock.rails.errors import spoken

Kind = Literal["live", "connect", "off", "parked"]
_READS = ":read"
_WORST_FIRST: tuple[Kind, ...] = ("parked", "connect", "off", "live")


class Link(Struct, frozen=True):
    """How a business stands with a rail. ``logins_broken``: every bank login under it asks for a person; ``only_reads``: it was

    linked with scopes none of which writes, so nothing there can be instructed.
    """

    state: State
    records: bool
    logins_broken: bool = False
    only_reads: bool = False


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
    return [name for name, rail in rails.items() if has(rail, capability)]


def links_of(session: Session, scope: Scope, now: datetime) -> dict[str, Link]:
    """A business's links, by rail. One that gives us bank logins is linked as long as one of them stands."""
    logins = _logins(session, scope)
    found = session.scalars(
        select(Connection).where(Connection.firm_id == scope.firm_id, Connection.business_id == scope.business_id)
    )
    return {each.rail: _link(each, logins.get(each.rail), now) for each in found}


def _logins(session: Session, scope: Scope) -> dict[str, dict[str, int]]:
    """How many bank logins there are, by rail and state."""
    item = items.LinkedItem
    counted = select(item.rail, item.state, func.count()).where(
        item.firm_id == scope.firm_id, item.business_id == scope.business_id
    )
    found: dict[str, dict[str, int]] = {}
    for rail, state, number in session.execute(counted.group_by(item.rail, item.state)):
        found.setdefault(rail, {})[state] = number
    return found


def _link(connection: Connection, logins: Mapping[str, int] | None, now: datetime) -> Link:
    state = connections.passport(connection, now).state
    scopes = connection.scopes.split()
    only_reads = bool(scopes) and all(scope.endswith(_READS) for scope in scopes)
    if logins is None or logins.get(items.WORKING) or logins.get(items.UNREACHABLE):  # a bank that is down comes back
        return Link(state, connection.records, only_reads=only_reads)
    if logins.get(items.NEEDS_LOGIN):
        return Link(state, connection.records, logins_broken=True)
    return Link("disconnected", connection.records)


def _one(capability: Capability, rails: Mapping[str, type[Any]], links: Mapping[str, Link]) -> Verdict:
    candidates = able(capability, rails)
    if not candidates:
        return Verdict("parked", name_of(capability), f"Waits for a rail that {in_words(capability)}.")
    linked = [(name, links[name]) for name in candidates if name in links and links[name].state != "disconnected"]
    if not linked:
        return Verdict("connect", candidates[0], f"Connect {' or '.join(map(spoken, candidates))} to have it.")
    verdicts = [_over(name, link, capability) for name, link in linked]
    return max(verdicts, key=lambda each: _WORST_FIRST.index(each.kind))


def _over(rail: str, link: Link, capability: Capability) -> Verdict:
    if link.state in ("needs reconnect", "expired"):
        return Verdict("off", "reconnect", f"{spoken(rail)} no longer lets us in; connect it again.")
    if link.logins_broken:
        return Verdict("off", "re-link", f"The bank asks for a login again; re-link it through {spoken(rail)}.")
    if link.only_reads and _is_of(capability, moves):
        return Verdict(
            "off", "scopes", f"{spoken(rail)} was linked to read only; connect it again with an app that may write."
        )
    if _is_of(capability, records) and not link.records:
        return Verdict(
            "off", "recording", f"Recording in {spoken(rail)} is switched off for this client; switch it on."
        )
    return Verdict("live", "", "Works now.")


def _is_of(capability: Capability, module: ModuleType) -> bool:
    """Whether it is among those that write down (``records``), or that move money (``moves``)."""
    return not isinstance(capability, str) and capability.__module__ == module.__name__
