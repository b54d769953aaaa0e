"""One bill or invoice wherever it is seen: the books, the rail that pays or collects, and the bank's lines of its money."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill, PayableLink
from interlock.domains.ap.witness_models import BillLink, RailBill
from interlock.domains.ar.models import Invoice, ReceivableLink
from interlock.domains.ar.witness_models import InvoiceLink, InvoiceReceipt, PayoutPart, RailInvoice
from interlock.domains.bank import matches
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.models import LedgerLink
from interlock.domains.bank.witness_models import BankAccount, BankLine
from interlock.domains.firm.naming import key_of
from interlock.infra.db.bulk import among
from interlock.kernel.money import Money
from interlock.rails.errors import spoken
from interlock.rails.paying_states import paid
from interlock.runway.services.views import Amount, View

_LINES_MOST = 50


class SeenAtRail(View):
    """The same document at a rail. ``states``: the rail's own words; ``differs``: what it says otherwise than the books."""

    rail: str
    rail_name: str
    id: str
    number: str | None
    total: Amount
    states: tuple[str, ...]
    differs: tuple[str, ...]
    by: str
    link: str | None


class SeenAtBank(View):
    """A posted line of money that settles it. ``kind`` and ``id``: the payment that the line is matched with."""

    line_id: str
    account: str
    dated: date
    amount: Amount
    text: str
    kind: str
    id: str


class SeenOn(View):
    """Where a document is seen beside the books; ``twice``: more than one document of a rail is linked to it."""

    rails: tuple[SeenAtRail, ...]
    bank: tuple[SeenAtBank, ...]
    twice: bool
    words: str

    @classmethod
    def of(cls, rails: Sequence[SeenAtRail], bank: Sequence[SeenAtBank]) -> "SeenOn":
        where = ["QuickBooks", *dict.fromkeys(each.rail_name for each in rails), *(["the bank"] if bank else [])]
        words = (
            f"Seen in {' and '.join([', '.join(where[:-1]), where[-1]])}."
            if len(where) > 1
            else "Seen in QuickBooks only."
        )
        if differing := [each for each in rails if each.differs]:
            words += f" {differing[0].rail_name} says otherwise: {'; '.join(differing[0].differs)}."
        return cls(rails=tuple(rails), bank=tuple(bank), twice=len(rails) > 1, words=words)


class _Settling(Struct, frozen=True):
    kind: str
    id: str


class SeenOnReader:
    """Reads for one business."""

    def __init__(self, db: Session, business_id: str) -> None:
        self._db = db
        self._business_id = business_id

    def bill(self, bill: Bill, seen: Sequence[tuple[RailBill, BillLink]]) -> SeenOn:
        settling = [*self._payments(PayableLink, "bill", bill.id, ("bill_payment",))]
        settling += [_Settling("rail_bill", rail.id) for rail, _ in seen]
        return SeenOn.of([_rail_bill(bill, *each) for each in seen], self._lines(settling))

    def invoice(self, invoice: Invoice, seen: Sequence[tuple[RailInvoice, InvoiceLink]]) -> SeenOn:
        payments = self._payments(ReceivableLink, "invoice", invoice.id, ("payment",))
        settling = [*payments, *self._deposits(payments), *self._payouts([rail.id for rail, _ in seen])]
        return SeenOn.of([_rail_invoice(invoice, *each) for each in seen], self._lines(settling))

    def _payments(self, table: Any, kind: str, id_: str, settles: Sequence[str]) -> list[_Settling]:
        """Documents of the books that pay it."""
        query = select(table.document_kind, table.document_id).where(
            table.business_id == self._business_id,
            table.linked_kind == kind,
            table.linked_id == id_,
            table.document_kind.in_(settles),
        )
        return [_Settling(row.document_kind, row.document_id) for row in self._db.execute(query.distinct())]

    def _deposits(self, payments: Sequence[_Settling]) -> list[_Settling]:
        """Deposits that swept these payments out of Undeposited Funds."""
        if not payments:
            return []
        query = select(LedgerLink.document_id).where(
            LedgerLink.business_id == self._business_id,
            LedgerLink.document_kind == "deposit",
            LedgerLink.linked_kind == "payment",
            among(self._db, LedgerLink.linked_id, [each.id for each in payments]),
        )
        return [_Settling("deposit", id_) for id_ in self._db.scalars(query.distinct())]

    def _payouts(self, rail_ids: Sequence[str]) -> list[_Settling]:
        """Payouts that brought what was collected on these invoices there; each also brought other money."""
        if not rail_ids:
            return []
        here = (PayoutPart.business_id == InvoiceReceipt.business_id) & (
            PayoutPart.charge_id == InvoiceReceipt.charge_id
        )
        query = (
            select(PayoutPart.payout_id)
            .join(InvoiceReceipt, here)
            .where(
                InvoiceReceipt.business_id == self._business_id,
                among(self._db, InvoiceReceipt.invoice_id, rail_ids),
                PayoutPart.payout_id.is_not(None),
                PayoutPart.buried_at.is_(None),
                InvoiceReceipt.buried_at.is_(None),
            )
        )
        return [_Settling("payout", id_) for id_ in self._db.scalars(query.distinct()) if id_ is not None]

    def _lines(self, settling: Sequence[_Settling]) -> list[SeenAtBank]:
        if not settling:
            return []
        wanted = or_(*(_is(each) for each in settling[:_LINES_MOST]))
        part = select(BankMatchPart.match_id, BankMatchPart.kind, BankMatchPart.ref_id).where(
            BankMatchPart.business_id == self._business_id, BankMatchPart.active, wanted
        )
        of = {row.match_id: (row.kind, row.ref_id) for row in self._db.execute(part)}
        query = (
            select(BankMatchPart.match_id, BankLine, BankAccount)
            .join(BankLine, (BankLine.business_id == BankMatchPart.business_id) & (BankLine.id == BankMatchPart.ref_id))
            .join(
                BankAccount,
                (BankAccount.business_id == BankLine.business_id) & (BankAccount.id == BankLine.account_id),
            )
            .where(
                BankMatchPart.business_id == self._business_id,
                BankMatchPart.kind == matches.LINE,
                BankMatchPart.active,
                among(self._db, BankMatchPart.match_id, sorted(of)),
            )
            .order_by(BankLine.dated, BankLine.id)
        )
        return [_line(row.BankLine, row.BankAccount, *of[row.match_id]) for row in self._db.execute(query)]


def _is(each: _Settling) -> Any:
    return (BankMatchPart.kind == each.kind) & (BankMatchPart.ref_id == each.id)


def _line(line: BankLine, account: BankAccount, kind: str, id_: str) -> SeenAtBank:
    return SeenAtBank(
        line_id=line.id,
        account=f"{account.name}{f' ··{account.mask}' if account.mask else ''}, {account.institution}",
        dated=line.dated,
        amount=Amount.minor(line.amount_minor, line.currency),
        text=line.name,
        kind=kind,
        id=id_,
    )


def _rail_bill(bill: Bill, rail: RailBill, link: BillLink) -> SeenAtRail:
    states = [rail.state, f"approval {rail.approval}", f"payment {rail.payment_state}"]
    if rail.starts_on:
        states.append(f"paid out from {rail.starts_on.isoformat()}")
    if rail.arrives_on:
        states.append(f"arrives {rail.arrives_on.isoformat()}")
    if rail.archived_at:
        states.append("archived")
    differs = _differs(bill, rail.total_minor, rail.currency)
    if key_of(rail.number) != key_of(bill.number):
        differs.append(f"number {rail.number or 'none'} there, {bill.number or 'none'} in QuickBooks")
    if paid(rail) and bill.balance_minor > 0:
        differs.append("paid there, open in QuickBooks")
    return SeenAtRail(
        rail=link.rail,
        rail_name=spoken(link.rail),
        id=rail.id,
        number=rail.number,
        total=Amount.minor(rail.total_minor, rail.currency),
        states=tuple(each.replace("_", " ") for each in states),
        differs=tuple(differs),
        by=link.rule,
        link=rail.url,
    )


def _rail_invoice(invoice: Invoice, rail: RailInvoice, link: InvoiceLink) -> SeenAtRail:
    states = [
        rail.state,
        f"{Money(rail.paid_minor, rail.currency)} paid",
        f"{Money(rail.open_minor, rail.currency)} open",
    ]
    if rail.paid_out_of_band:
        states.append("marked as paid elsewhere, which moved no money there")
    differs = _differs(invoice, rail.total_minor, rail.currency)
    if rail.state == "paid" and invoice.balance_minor > 0:
        differs.append("paid there, open in QuickBooks")
    if rail.state == "open" and rail.open_minor and not invoice.balance_minor:
        differs.append("open there, settled in QuickBooks")
    return SeenAtRail(
        rail=link.rail,
        rail_name=spoken(link.rail),
        id=rail.id,
        number=rail.number,
        total=Amount.minor(rail.total_minor, rail.currency),
        states=tuple(each.replace("_", " ") for each in states),
        differs=tuple(differs),
        by=link.rule,
        link=rail.url,
    )


def _differs(document: Bill | Invoice, minor: int, currency: str) -> list[str]:
    if (minor, currency) == (document.total_minor, document.currency):
        return []
    return [f"{currency} {Money(minor, currency)} there, {document.currency} {document.total} in QuickBooks"]
