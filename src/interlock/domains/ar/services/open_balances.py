"""What a customer still owes on an invoice, by both ledgers: the business's own, and the rail that collects for it.

Whoever asks a customer for money asks for ``ask_minor``, and asks for nothing while ``why_not`` says that the two don't agree.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.models import Invoice
from interlock.domains.ar.services.rail_money import AtRail, Taken, at_rail, not_shown
from interlock.domains.ar.witness_models import RailInvoice
from interlock.infra.db.bulk import among
from interlock.kernel.money import Money

_ASKS = frozenset({"draft", "open", "uncollectible", "unknown"})
"""States in which an invoice at the rail may still be paid by its customer."""
_BEING_MADE = frozenset({"committed", "unknown"})


class OpenBalance(Struct, frozen=True):
    """In minor units of ``currency``. ``rail_minor``: open in what the rail asks its customer for; ``None``: it asks for nothing.

    ``collected_minor``: paid at the rail, not seen applied in the ledger yet; ``in_flight_minor``: on its way there, and may
    still fail. ``rail_invoice_id``, ``url``: the one that asks, and where its customer pays. ``why_not``: in words, why the two
    ledgers don't agree.
    """

    invoice_id: str
    currency: str
    ledger_minor: int
    rail_minor: int | None
    collected_minor: int
    in_flight_minor: int
    rail_invoice_id: str | None
    url: str | None
    why_not: str | None

    @property
    def ask_minor(self) -> int:
        """What may be asked for now."""
        return max(0, self.ledger_minor - self.collected_minor - self.in_flight_minor)


def open_balances(
    db: Session, business_id: str, invoice_ids: Sequence[str], *, apart_from: str | None = None
) -> Mapping[str, OpenBalance]:
    """By invoice id, of those that stand in the ledger. A fixed number of queries, whatever is asked for; no call to anyone.

    ``apart_from``: an order of ours that is left out with what it made at the rail, while it is looked at itself.
    """
    ids = sorted(set(invoice_ids))
    if not ids:
        return {}
    query = select(Invoice).where(
        Invoice.business_id == business_id, Invoice.buried_at.is_(None), among(db, Invoice.id, ids)
    )
    invoices = db.scalars(query.order_by(Invoice.id)).all()
    there = at_rail(db, business_id, [each.id for each in invoices], apart_from=apart_from)
    return {each.id: _balance(each, there[each.id]) for each in invoices}


def _balance(invoice: Invoice, at: AtRail) -> OpenBalance:
    ledger = 0 if invoice.voided else invoice.balance_minor
    asking = [each for each in at.invoices if each.state in _ASKS]
    missing = [each for each in not_shown(at) if each.currency == invoice.currency]
    collected = sum(each.gross_minor - each.back_minor for each in missing)
    in_flight = sum(each.gross_minor for each in at.taken if each.pending and each.currency == invoice.currency)
    rail = _asked_for(asking, at)
    one = asking[0] if len(asking) == 1 else None
    ours = at.ordered[0] if not asking and len(at.ordered) == 1 else None
    said = [*_doubts(invoice, asking, at), *_missing_doubts(missing, ledger)]
    if not said and rail is not None and rail != max(0, ledger - collected):
        said.append(_differ(invoice.currency, ledger, collected, rail))
    return OpenBalance(
        invoice_id=invoice.id,
        currency=invoice.currency,
        ledger_minor=ledger,
        rail_minor=rail,
        collected_minor=collected,
        in_flight_minor=in_flight,
        rail_invoice_id=one.id if one else ours.rail_id if ours else None,
        url=one.url if one else ours.url if ours else None,
        why_not=" ".join(said) or None,
    )


def _asked_for(asking: Sequence[RailInvoice], at: AtRail) -> int | None:
    if not asking and not at.ordered:
        return None
    return sum(each.open_minor for each in asking) + sum(each.amount_minor for each in at.ordered)


def _doubts(invoice: Invoice, asking: Sequence[RailInvoice], at: AtRail) -> list[str]:
    """What makes the rail's word on an invoice unusable, whatever the amounts."""
    said = []
    currencies = {*(each.currency for each in at.invoices), *(each.currency for each in at.taken)}
    strange = sorted(currencies - {invoice.currency})
    if strange:
        said.append(f"Stripe has it in {', '.join(strange)}, QuickBooks in {invoice.currency}.")
    if len(asking) + len(at.ordered) > 1:
        several = ", ".join(each.number or each.id for each in asking)
        said.append(f"Stripe asks for it more than once{f' ({several})' if several else ''}.")
    if any(each.state in _BEING_MADE for each in at.ordered):
        said.append("Stripe is being asked to make an invoice of it, and hasn’t said yet what became of it.")
    if any(each.state == "unknown" for each in asking):
        said.append("Stripe calls its invoice something that Interlock doesn’t know.")
    marked = [each for each in at.invoices if each.paid_out_of_band]
    if marked and invoice.balance_minor > 0 and not invoice.voided:
        said.append(f"{marked[0].number or marked[0].id} was marked as paid at Stripe; QuickBooks shows it open.")
    return said


def _missing_doubts(missing: Sequence[Taken], ledger: int) -> list[str]:
    """About money that the rail took, gave back or may lose, while the ledger still asks for it."""
    said = []
    if ledger > 0 and any(each.back_minor for each in missing):
        said.append("Stripe gave a payment of it back; a person says what is owed now.")
    if ledger > 0 and any(each.disputed for each in missing):
        said.append("The customer’s bank disputes a payment of it.")
    return said


def _differ(currency: str, ledger: int, collected: int, rail: int) -> str:
    taken = f" and {Money(collected, currency)} was paid through Stripe since" if collected else ""
    return f"QuickBooks shows {Money(ledger, currency)} open{taken}; Stripe asks for {Money(rail, currency)}."
