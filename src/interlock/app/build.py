"""Which rails this build has: the one list of them. What each can do is read off its class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from interlock.app.plaid import plaid_listener, plaid_rail, plaid_sync
from interlock.app.plaid_notices import heard as heard_from_banks
from interlock.app.ramp import ramp_rail, ramp_sync
from interlock.app.ramp_notices import heard as heard_from_ramp
from interlock.app.stripe import stripe_platform, stripe_rail, stripe_sync
from interlock.domains.plaid.mapper import RAIL as PLAID
from interlock.domains.plaid.rail import PlaidRail
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.domains.qbo.notifications import Notifications
from interlock.domains.qbo.rail import QBORail
from interlock.domains.ramp.mapper import RAIL as RAMP
from interlock.domains.ramp.rail import RampRail
from interlock.domains.stripe.mapper import RAIL as STRIPE
from interlock.domains.stripe.rail import StripeRail
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
    delivery means, once its notices are kept; told whose address it came to, where that is one business's.
    """

    name: str
    rail: type[Any]
    opens: Callable[[House, Scope], Any | None]
    work: Callable[[House, Business], tuple[Syncs, Proving | None]]
    listens: Callable[[House], ListensForEvents | None] | None = None
    heard: Callable[[House, bytes, Scope | None], None] | None = None


def _books(house: House, business: Business) -> tuple[Syncs, Proving | None]:
    sync = house.sync_of(business)
    return sync, Proving(sync.prove, lambda: house.next_proof(business))


def _intuit(house: House) -> ListensForEvents | None:
    token = house.settings.qbo_webhook_token
    return Notifications(token) if token else None


def _beside(sync: Callable[[House, Business], Syncs]) -> Callable[[House, Business], tuple[Syncs, Proving | None]]:
    """The work of a rail that has no totals of its own to be proved against."""
    return lambda house, business: (sync(house, business), None)


BUILD = (
    RailBuild(QBO, QBORail, lambda house, scope: house.open_qbo(scope), _books, _intuit),
    RailBuild(RAMP, RampRail, ramp_rail, _beside(ramp_sync), heard=heard_from_ramp),
    RailBuild(PLAID, PlaidRail, plaid_rail, _beside(plaid_sync), plaid_listener, heard_from_banks),
    RailBuild(STRIPE, StripeRail, stripe_rail, _beside(stripe_sync), stripe_platform),
)
