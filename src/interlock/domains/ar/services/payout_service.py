"""One bank deposit → many payments: what a payout is made of, from the mirror only, to the cent.

Payout → its parts (charges, refunds, disputes, fees: gross, fee, net) → the charge of each → what that charge's payment did to
invoices → the ledger's invoices. Nothing is guessed: a part that no receipt explains keeps its rest, and a payout whose parts
don't sum to it is not attributed and says why.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from interlock.domains.ar.witness_models import Charge, InvoiceLink, InvoiceReceipt, Payout, PayoutPart, RailInvoice
from interlock.infra.db.bulk import among
from interlock.kernel.errors import NotFound
from interlock.kernel.money import Money
from interlock.rails.identity import LINKED

NEVER_ARRIVED = frozenset({"failed", "canceled"})
_PAID = "paid"
_PAYOUTS_MOST = 1_000


class InvoiceShare(Struct, frozen=True):
    """What of a part concerns one invoice of the rail. ``amount`` is ``None`` where a part that takes back concerns several.

    ``receipt_id``: what the rail calls this payment of it; ``ledger_id``: the ledger's invoice; ``linked`` says whether that is
    decided, or only the rail's claim.
    """

    receipt_id: str
    invoice_id: str
    number: str | None
    customer_name: str | None
    ledger_id: str | None
    linked: bool
    amount: Money | None


class PayoutRow(Struct, frozen=True):
    """A part. ``rest``: what of its gross no invoice explains; ``None`` where that can't be said (see ``InvoiceShare``)."""

    part_id: str
    kind: str
    gross: Money
    fee: Money
    net: Money
    source_id: str | None
    charge_id: str | None
    description: str | None
    shares: tuple[InvoiceShare, ...]
    rest: Money | None


class KindTotal(Struct, frozen=True):
    """All parts of one kind."""

    kind: str
    count: int
    gross: Money
    fee: Money
    net: Money


class UnbundledPayout(Struct, frozen=True):
    """A payout taken apart. ``why_not`` says in words why it isn't ``attributed``; its ``parts`` are then empty or not whole.

    ``arrived`` is false once the rail says that it failed or was cancelled: no bank line will show it.
    """

    payout_id: str
    amount: Money
    state: str
    arrived: bool
    arrives_on: date
    trace: str | None
    failure: str | None
    attributed: bool
    why_not: str | None
    parts: tuple[PayoutRow, ...]
    totals: tuple[KindTotal, ...]


class PayoutService:
    """Payouts of one business, within the session's transaction."""

    def __init__(self, db: Session, business_id: str) -> None:
        self.db = db
        self.business_id = business_id

    def list_payouts(self, most: int = 100) -> Sequence[Payout]:
        """The latest to arrive first, at most ``most`` (1,000)."""
        query = select(Payout).where(Payout.business_id == self.business_id, Payout.buried_at.is_(None))
        return self.db.scalars(
            query.order_by(Payout.arrives_on.desc(), Payout.id).limit(min(most, _PAYOUTS_MOST))
        ).all()

    def get_payout(self, payout_id: str) -> Payout:
        """One payout; ``NotFound`` otherwise."""
        found = self.db.get(Payout, (self.business_id, payout_id))
        if found is None or found.buried_at is not None:
            raise NotFound(f"There is no payout {payout_id!r} of this client.")
        return found

    def unbundle(self, payout_id: str) -> UnbundledPayout:
        """Take a payout apart. A fixed number of queries, whatever it holds, and no call to anyone."""
        return self.unbundle_all([self.get_payout(payout_id)])[payout_id]

    def unbundle_all(self, payouts: Sequence[Payout]) -> Mapping[str, UnbundledPayout]:
        """Take several apart, by id, in as many queries as one."""
        query = select(PayoutPart).where(
            PayoutPart.business_id == self.business_id,
            PayoutPart.buried_at.is_(None),
            among(self.db, PayoutPart.payout_id, [each.id for each in payouts]),
        )
        parts: dict[str, list[PayoutPart]] = defaultdict(list)
        every = self.db.scalars(query.order_by(PayoutPart.created_at, PayoutPart.id)).all() if payouts else ()
        for part in every:
            parts[part.payout_id or ""].append(part)
        receipts = self._receipts({each.charge_id for each in every if each.charge_id})
        invoices = self._invoices({each.invoice_id for several in receipts.values() for each in several})
        return {each.id: _unbundled(each, parts[each.id], receipts, invoices) for each in payouts}

    def _receipts(self, charge_ids: set[str]) -> Mapping[str, Sequence[InvoiceReceipt]]:
        """Paid receipts by charge: of the charge itself, or of the payment it belongs to."""
        if not charge_ids:
            return {}
        wanted = sorted(charge_ids)
        query = select(Charge.id, Charge.payment_id).where(
            Charge.business_id == self.business_id, among(self.db, Charge.id, wanted)
        )
        payments = {charge: payment for charge, payment in self.db.execute(query) if payment is not None}
        by_payment: dict[str, list[str]] = defaultdict(list)
        for charge, payment in payments.items():
            by_payment[payment].append(charge)
        found: dict[str, dict[str, InvoiceReceipt]] = defaultdict(dict)
        for receipt in self._paid(InvoiceReceipt.payment_id, sorted(by_payment)):
            for charge in by_payment[receipt.payment_id or ""]:
                found[charge][receipt.id] = receipt
        for receipt in self._paid(InvoiceReceipt.charge_id, wanted):
            found[receipt.charge_id or ""][receipt.id] = receipt
        return {charge: list(several.values()) for charge, several in found.items()}

    def _paid(self, column: InstrumentedAttribute[str | None], ids: Sequence[str]) -> Sequence[InvoiceReceipt]:
        """Receipts with one of ``ids`` in ``column``. One column a query: an index serves each, and none serves both."""
        query = select(InvoiceReceipt).where(
            InvoiceReceipt.business_id == self.business_id,
            InvoiceReceipt.buried_at.is_(None),
            InvoiceReceipt.state == _PAID,
            among(self.db, column, ids),
        )
        return self.db.scalars(query.order_by(InvoiceReceipt.id)).all()

    def _invoices(self, invoice_ids: set[str]) -> Mapping[str, tuple[RailInvoice, str | None]]:
        """The rail's invoices, each with the ledger's id that is decided for it."""
        if not invoice_ids:
            return {}
        wanted = sorted(invoice_ids)
        links = select(InvoiceLink.rail_id, InvoiceLink.ledger_id).where(
            InvoiceLink.business_id == self.business_id,
            InvoiceLink.state == LINKED,
            among(self.db, InvoiceLink.rail_id, wanted),
        )
        decided = dict(self.db.execute(links).all())
        invoices = select(RailInvoice).where(
            RailInvoice.business_id == self.business_id,
            RailInvoice.buried_at.is_(None),
            among(self.db, RailInvoice.id, wanted),
        )
        return {each.id: (each, decided.get(each.id)) for each in self.db.scalars(invoices)}


def _unbundled(
    payout: Payout,
    parts: Sequence[PayoutPart],
    receipts: Mapping[str, Sequence[InvoiceReceipt]],
    invoices: Mapping[str, tuple[RailInvoice, str | None]],
) -> UnbundledPayout:
    rows = tuple(_row(part, receipts.get(part.charge_id or "", ()), invoices) for part in parts)
    why_not = _why_not(payout, parts)
    return UnbundledPayout(
        payout_id=payout.id,
        amount=Money(payout.amount_minor, payout.currency),
        state=payout.state,
        arrived=payout.state not in NEVER_ARRIVED,
        arrives_on=payout.arrives_on,
        trace=payout.trace,
        failure=payout.failure,
        attributed=why_not is None,
        why_not=why_not,
        parts=rows,
        totals=_totals(rows),
    )


def _row(
    part: PayoutPart, receipts: Sequence[InvoiceReceipt], invoices: Mapping[str, tuple[RailInvoice, str | None]]
) -> PayoutRow:
    gross = Money(part.gross_minor, part.currency)
    amounts = _amounts(part, receipts)
    said = [each for each in amounts if each is not None]
    same = len(said) == len(amounts) and all(each.currency == part.currency for each in said)
    return PayoutRow(
        part_id=part.id,
        kind=part.kind,
        gross=gross,
        fee=Money(part.fee_minor, part.currency),
        net=Money(part.net_minor, part.currency),
        source_id=part.source_id,
        charge_id=part.charge_id,
        description=part.description,
        shares=tuple(_share(each, amount, invoices) for each, amount in zip(receipts, amounts, strict=True)),
        rest=Money(part.gross_minor - sum(each.minor for each in said), part.currency) if same else None,
    )


def _amounts(part: PayoutPart, receipts: Sequence[InvoiceReceipt]) -> list[Money | None]:
    """What of a part each receipt explains: of money that came in, what it paid; of money taken back, all of it where there is

    only one it can be of.
    """
    if part.gross_minor > 0:
        return [None if each.paid_minor is None else Money(each.paid_minor, each.currency) for each in receipts]
    if len(receipts) == 1:
        return [Money(part.gross_minor, part.currency)]
    return [None] * len(receipts)


def _share(
    receipt: InvoiceReceipt, amount: Money | None, invoices: Mapping[str, tuple[RailInvoice, str | None]]
) -> InvoiceShare:
    invoice, decided = invoices.get(receipt.invoice_id, (None, None))
    return InvoiceShare(
        receipt_id=receipt.id,
        invoice_id=receipt.invoice_id,
        number=invoice.number if invoice else None,
        customer_name=invoice.customer_name if invoice else None,
        ledger_id=decided or (invoice.ledger_id if invoice else None),
        linked=decided is not None,
        amount=amount,
    )


def _why_not(payout: Payout, parts: Sequence[PayoutPart]) -> str | None:
    """Why the parts can't be taken for the payout, in words; ``None`` when they sum to it to the cent."""
    if not payout.attributed:
        return payout.unattributed or "Its parts are not known."
    strange = [each.id for each in parts if each.currency != payout.currency]
    if strange:
        return f"{strange[0]} is in another currency than the payout; sync again."
    net = sum(each.net_minor for each in parts)
    if net == payout.amount_minor:
        return None
    got, whole = Money(net, payout.currency), Money(payout.amount_minor, payout.currency)
    return f"The parts we hold sum to {got} and not to {whole}; sync again."


def _totals(rows: Iterable[PayoutRow]) -> tuple[KindTotal, ...]:
    by_kind: dict[tuple[str, str], list[PayoutRow]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind, row.gross.currency].append(row)
    return tuple(
        KindTotal(
            kind=kind,
            count=len(several),
            gross=Money(sum(each.gross.minor for each in several), currency),
            fee=Money(sum(each.fee.minor for each in several), currency),
            net=Money(sum(each.net.minor for each in several), currency),
        )
        for (kind, currency), several in sorted(by_kind.items())
    )
