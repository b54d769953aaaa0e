"""Orders to the collecting rail as they are shown: views, and the words for where one stands."""

from collections.abc import Mapping
from typing import Literal

from interlock.domains.ar.collecting_models import CollectionOrder
from interlock.domains.ar.policy.orders import Act
from interlock.runway.services.views import Amount, BusinessView, Instant, View

Does = Literal["approve", "release", "withdraw", "look_again", "not_made"]
Shown = Literal["waiting", "all"]

ACTS: Mapping[Act, str] = {
    "invoice": "Ask through Stripe",
    "void": "Void at Stripe",
    "uncollectible": "Give up at Stripe",
    "refund": "Give money back",
}
STATES: Mapping[str, str] = {
    "proposed": "waits for approval",
    "half": "waits for a second approval",
    "approved": "approved",
    "committed": "being done",
    "standing": "done at Stripe",
    "refused": "not done",
    "unknown": "nobody knows: a person is asked",
    "withdrawn": "taken back",
    "voided": "stopped before it went out",
}
MEANS: Mapping[Act, str] = {
    "invoice": "Stripe makes an invoice of what is open, and e-mails it to the customer with a page to pay on.",
    "void": "Stripe stops asking for good. QuickBooks’ invoice stays as it is.",
    "uncollectible": "Stripe counts it as lost; the customer may still pay it. QuickBooks’ invoice stays as it is.",
    "refund": "Stripe gives the money back the way it came. Its fee is not given back.",
}
HAPPENED: Mapping[str, str] = {
    "prepared": "Prepared",
    "said_yes": "Approved",
    "let_go": "Released",
    "withdrawn": "Taken back",
    "held_back": "Stopped before it went out",
    "begun": "Being sent",
    "made": "Stripe shows it",
    "declined": "Stripe refused it",
    "lost": "No usable answer; it is looked up",
    "absent": "Looked up: nothing stands at Stripe",
    "partly": "Looked up: it was begun at Stripe and is completed",
    "person_said": "A person said",
}
REASONS_SAID: Mapping[str, str] = {
    "requested_by_customer": "the customer asked for it",
    "duplicate": "it was paid twice",
    "fraudulent": "it was fraud",
}


class OrderStepView(View):
    """One step. ``who``: a person, or the loop itself."""

    at: Instant
    words: str
    why: str | None
    who: str


class OrderView(View):
    """One order. ``words``: where it stands; ``needs``: what it waits for a person to do, and ``why`` it stands as it does.

    ``rail_state``: what the rail says of it now; ``can``: what the person who looks may do.
    """

    order_id: str
    act: Act
    name: str
    means: str
    state: str
    words: str
    customer: str
    number: str | None
    invoice_id: str | None
    rail_invoice_id: str | None
    charge_id: str | None
    amount: Amount
    reason: str | None
    prepared_by: str
    prepared_at: Instant
    approved_by: tuple[str, ...]
    undo_until: Instant | None
    next_at: Instant | None
    rail_id: str | None
    rail_state: str | None
    url: str | None
    why: str | None
    needs: str | None
    can: tuple[Does, ...]


class OrderExperience(View):
    """One order with all its steps. ``against``: what would stop it now, in sentences."""

    business: BusinessView
    as_of: Instant
    ask: str
    say: str
    order: OrderView
    against: tuple[str, ...]
    happened: tuple[OrderStepView, ...]


class OrdersExperience(View):
    """``orders``: those that are still to come or wait for a person, else all; the latest changed first."""

    business: BusinessView
    as_of: Instant
    ask: str
    say: str
    shown: Shown
    orders: tuple[OrderView, ...]
    waiting: int


class OfferView(View):
    """What can be ordered about an invoice. ``why_not``: what stands against it, in words."""

    act: Act
    name: str
    means: str
    why_not: str | None


class PaidThereView(View):
    """A payment of the invoice at the rail, and what of it can be given back beside what is ordered already."""

    charge_id: str
    amount: Amount
    left: Amount
    state: str
    why_not: str | None


class AtRailExperience(View):
    """One invoice at the collecting rail: what both ledgers say is open, what can be ordered, and what was.

    ``to_ask``: what may be asked for now; ``why_not``: why the two ledgers don't agree; ``link``: where the customer pays;
    ``parked``: why nothing can be ordered at this client at all.
    """

    business: BusinessView
    invoice_id: str
    ledger: Amount
    at_rail: Amount | None
    collected: Amount
    in_flight: Amount
    to_ask: Amount
    why_not: str | None
    link: str | None
    parked: str | None
    offers: tuple[OfferView, ...]
    payments: tuple[PaidThereView, ...]
    reasons: tuple[tuple[str, str], ...]
    orders: tuple[OrderView, ...]


class OrderDone(View):
    """What became of one act, as a sentence, and the order as it stands then."""

    words: str
    order: OrderView


APPROVED: Mapping[str, str] = {
    "half": "Approved; a second person has to.",
    "invoice": "Approved: it is sent once the approval can’t be undone any more.",
    "void": "Approved: it is voided once the approval can’t be undone any more.",
    "uncollectible": "Approved: it is given up once the approval can’t be undone any more.",
    "refund": "Approved; a person releases it.",
}


def words_of(row: CollectionOrder, rail_state: str | None) -> str:
    if row.state == "approved":
        return "approved, waits for its release" if row.act == "refund" else "approved, about to go out"
    if row.state == "standing" and rail_state in {"failed", "canceled"}:
        return f"done at Stripe, and {rail_state} there since"
    if row.state == "standing" and rail_state in {"pending", "requires_action"}:
        return "done at Stripe, on its way to the customer"
    return STATES[row.state]


def needs_of(row: CollectionOrder) -> str | None:
    """What a person has to do, in a few words; ``None`` where it goes its way by itself."""
    if row.act == "refund" and row.state == "approved":
        return "Release it, or take it back."
    return {
        "proposed": "Approve it, or take it back.",
        "half": "A second person approves it.",
        "unknown": "Look at Stripe, and say whether it was made.",
    }.get(row.state)
