"""Which rails this build has: the one list of them. What each can do is read off its class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.domains.qbo.notifications import Notifications
from interlock.domains.qbo.rail import QBORail
from interlock.rails.due_work import Proving, Syncs
from interlock.rails.listens import ListensForEvents

if TYPE_CHECKING:
    from interlock.app.house import House
    from interlock.domains.firm.models import Business
    from interlock.kernel.scope import Scope


@dataclass(frozen=True)
class RailBuild:
    """A rail and how this house opens it. ``opens``: bound to a business, ``None`` where that isn't linked to it; ``work``: its

    sync, and how completeness is proved, where it can be. ``listens``: hears deliveries that name no business of ours (Intuit's and
    Plaid's app, Stripe's platform), ``None`` where the settings lack what tells them from forgeries. ``heard``: what else a genuine
    delivery means, once its notices are kept.
    """

    name: str
    rail: type[Any]
    opens: Callable[[House, Scope], Any | None]
    work: Callable[[House, Business], tuple[Syncs, Proving | None]]
    listens: Callable[[House], ListensForEvents | None] | None = None
    heard: Callable[[House, bytes], None] | None = None


def _books(house: House, business: Business) -> tuple[Syncs, Proving | None]:
    sync = house.sync_of(business)
    return sync, Proving(sync.prove, lambda: house.next_proof(business))


def _intuit(house: House) -> ListensForEvents | None:
    token = house.settings.qbo_webhook_token
    return Notifications(token) if token else None


BUILD = (RailBuild(QBO, QBORail, lambda house, scope: house.open_qbo(scope), _books, _intuit),)
