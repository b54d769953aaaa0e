"""What has to be read again because of what happened: from events to things wanted. Pure.

An event's own picture of a thing is never believed: it may be old, and events come in no certain order.
"""

from collections.abc import Iterable

from msgspec import Struct, field

from interlock.domains.stripe import wire
from interlock.rails import witnesses
from interlock.rails.facts import Fact

CONCERNED = frozenset(
    {"customer", "invoice", "invoice_payment", "charge", "payment_intent", "refund", "dispute", "payout", "credit_note"}
)
"""Objects whose events change something that we keep."""

Times = dict[str, int | None]
"""Ids, each with when it was made there, where the event says."""


class Wanted(Struct):
    """Things to read again, by kind; ``receipts_of``: invoices whose payments may have changed; ``gone``: ids that are no more."""

    again: dict[type[Fact], Times] = field(default_factory=dict)
    receipts_of: Times = field(default_factory=dict)
    gone: dict[type[Fact], set[str]] = field(default_factory=dict)

    def add(self, kind: type[Fact], id_: str | None, made: int | None = None) -> None:
        if id_:
            times = self.again.setdefault(kind, {})
            times[id_] = made if made is not None else times.get(id_)

    def lose(self, kind: type[Fact], id_: str) -> None:
        self.gone.setdefault(kind, set()).add(id_)

    def about(self, object_: str, id_: str, made: int | None = None) -> None:
        """A thing of Stripe's changed, in a way that isn't said."""
        kind = _KINDS.get(object_)
        if kind is not None:
            self.add(kind, id_, made)
        if kind is witnesses.RailInvoice:
            self.receipts_of[id_] = made


_KINDS: dict[str, type[Fact]] = {
    "customer": witnesses.RailCustomer,
    "invoice": witnesses.RailInvoice,
    "invoice_payment": witnesses.InvoiceReceipt,
    "charge": witnesses.Charge,
    "refund": witnesses.Refund,
    "dispute": witnesses.Dispute,
    "payout": witnesses.Payout,
}
_DELETED: dict[str, type[Fact]] = {"customer.deleted": witnesses.RailCustomer, "invoice.deleted": witnesses.RailInvoice}


def wanted(events: Iterable[wire.Event]) -> Wanted:
    """What these events ask to be read. Of a thing that is gone nothing is: nobody brings it back."""
    found = Wanted()
    for event in events:
        about = event.data.object
        deleted = _DELETED.get(event.type)
        if deleted is not None:
            found.lose(deleted, about.id)
            continue
        if about.object != "invoice_payment" or about.invoice is None:  # else it is read with its invoice
            found.about(about.object, about.id, about.created)
        for kind, reference in _beside(about):
            if kind is witnesses.RailInvoice:
                found.about("invoice", reference)
            else:
                found.add(kind, reference)
    for kind, ids in found.gone.items():
        for id_ in ids:
            found.again.get(kind, {}).pop(id_, None)
            found.receipts_of.pop(id_, None)
    return found


def _beside(about: wire.EventObject) -> Iterable[tuple[type[Fact], str]]:
    """What changes along with a thing: the charge of a refund, the invoice of a payment."""
    if about.object in {"refund", "dispute"} and about.charge is not None:
        yield witnesses.Charge, _id(about.charge)
    if about.object == "payment_intent" and about.latest_charge is not None:
        yield witnesses.Charge, _id(about.latest_charge)
    if about.object in {"invoice_payment", "credit_note"} and about.invoice is not None:
        yield witnesses.RailInvoice, _id(about.invoice)


def _id(reference: str | wire.Named) -> str:
    return reference if isinstance(reference, str) else reference.id
