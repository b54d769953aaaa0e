"""Which rails this build has: the one list of them. What each can do is read off its class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.domains.qbo.rail import QBORail
from interlock.rails.due_work import Proving, Syncs

if TYPE_CHECKING:
    from interlock.app.house import House
    from interlock.domains.firm.models import Business
    from interlock.kernel.scope import Scope


@dataclass(frozen=True)
class RailBuild:
    """A rail and how this house opens it. ``opens``: bound to a business, ``None`` where that isn't linked to it; ``work``: its

    sync, and how completeness is proved, where it can be.
    """

    name: str
    rail: type[Any]
    opens: Callable[[House, Scope], Any | None]
    work: Callable[[House, Business], tuple[Syncs, Proving | None]]


def _books(house: House, business: Business) -> tuple[Syncs, Proving | None]:
    sync = house.sync_of(business)
    return sync, Proving(sync.prove, lambda: house.next_proof(business))


BUILD = (RailBuild(QBO, QBORail, lambda house, scope: house.open_qbo(scope), _books),)
