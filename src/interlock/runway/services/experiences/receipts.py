"""What customers paid through the collecting rail and what of it is in the books; where it is kept there, and a person's word."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import ReceiptRecord
from interlock.domains.ar.models import Invoice
from interlock.domains.ar.services.collecting_setup import Collecting, CollectingSetupService
from interlock.domains.ar.services.receipt_records import (
    DUE,
    FOUND,
    RECORDED,
    RECORDING,
    REFUSED,
    UNKNOWN,
    WITHDRAWN,
    ReceiptRecordService,
    Says,
)
from interlock.domains.ar.witness_models import InvoiceReceipt
from interlock.domains.bank.models import Account
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.views import Amount, BusinessView, Instant, View

RECEIPTS_MOST = 200
_WORDS = {
    DUE: "to be entered",
    RECORDING: "being entered",
    RECORDED: "in QuickBooks",
    FOUND: "was in QuickBooks already",
    REFUSED: "waits for a person",
    UNKNOWN: "nobody knows",
    WITHDRAWN: "left to people",
}
_NOT_TAKEN = "to be entered by a person"


class AccountView(View):
    id: str
    name: str


class ReceiptView(View):
    """A payment that the rail collected. ``record_id``: ``None`` where it is not taken up to be entered by itself.

    ``acts``: what a person can say of it now; ``link``: the ledger's payment, or its invoice where there is none yet.
    """

    receipt_id: str
    record_id: str | None
    invoice_id: str
    number: str | None
    customer: str | None
    amount: Amount
    dated: date
    state: str
    words: str
    why: str | None
    payment_id: str | None
    link: str | None
    acts: tuple[Says, ...]


class ReceiptsExperience(View):
    """``ready``: payments are entered by themselves. Those that wait for a person come first."""

    business: BusinessView
    ask: str
    say: str
    as_of: Instant
    records: bool
    ready: bool
    clearing: AccountView | None
    fees: AccountView | None
    clearing_choices: tuple[AccountView, ...]
    fee_choices: tuple[AccountView, ...]
    receipts: tuple[ReceiptView, ...]
    not_taken_up: tuple[ReceiptView, ...]


class ReceiptsService:
    """Collected payments of one business."""

    def __init__(self, session: Session, business: Business, *, links: Links, now: datetime) -> None:
        self._session = session
        self._business = business
        self._links = links
        self._now = now
        self._setup = CollectingSetupService(session, business)
        self._records = ReceiptRecordService(session, business)

    def get_receipts_experience(self) -> ReceiptsExperience:
        """At most 200 of each kind; from the mirror only."""
        setup = self._setup.setup()
        clearing, fees = self._setup.clearing_accounts(), self._setup.fee_accounts()
        receipts = tuple(self._of_record(row, invoice) for row, invoice in self._records.latest(RECEIPTS_MOST))
        left = tuple(self._left(*each) for each in self._records.not_taken_up(RECEIPTS_MOST))
        return ReceiptsExperience(
            business=BusinessView.of(self._business),
            ask=f"Which payments through Stripe are in {self._business.name}’s books?",
            say=_say(setup, receipts, left),
            as_of=self._now,
            records=setup.records,
            ready=setup.ready,
            clearing=self._account(setup.clearing_account_id),
            fees=self._account(setup.fee_account_id),
            clearing_choices=tuple(_choice(each) for each in clearing),
            fee_choices=tuple(_choice(each) for each in fees),
            receipts=receipts,
            not_taken_up=left,
        )

    def choose(self, clearing: str | None, fees: str | None, *, by: Acting) -> ReceiptsExperience:
        """Say where the rail's balance and its fees are kept in the books."""
        self._setup.choose(clearing, fees, by=by, now=self._now)
        return self.get_receipts_experience()

    def say(self, record_id: str, says: Says, *, by: Acting) -> ReceiptView:
        """A person's word on one that waits for it."""
        row = self._records.say(record_id, says, by=by, now=self._now)
        return self._of_record(row, self._session.get(Invoice, (row.business_id, row.invoice_id)))

    def _of_record(self, row: ReceiptRecord, invoice: Invoice | None) -> ReceiptView:
        payment = row.ledger_payment_id
        acts: tuple[Says, ...] = ()
        if row.state == REFUSED:
            acts = ("again", "enter_anyway", "leave")
        elif row.state == UNKNOWN:
            acts = ("again",)
        return ReceiptView(
            receipt_id=row.receipt_id,
            record_id=row.record_id,
            invoice_id=row.invoice_id,
            number=invoice.number if invoice else None,
            customer=invoice.customer_name if invoice else None,
            amount=Amount.minor(row.amount_minor, row.currency),
            dated=row.dated,
            state=row.state,
            words=_WORDS[row.state],
            why=row.why,
            payment_id=payment,
            link=self._links.to("payment", payment) if payment else self._links.to("invoice", row.invoice_id),
            acts=acts,
        )

    def _left(self, receipt: InvoiceReceipt, invoice: Invoice) -> ReceiptView:
        at = receipt.paid_at or self._now
        return ReceiptView(
            receipt_id=receipt.id,
            record_id=None,
            invoice_id=invoice.id,
            number=invoice.number,
            customer=invoice.customer_name,
            amount=Amount.minor(receipt.paid_minor or 0, receipt.currency),
            dated=local_date(at, self._business.time_zone),
            state="not taken up",
            words=_NOT_TAKEN,
            why=None,
            payment_id=None,
            link=self._links.to("invoice", invoice.id),
            acts=(),
        )

    def _account(self, account_id: str | None) -> AccountView | None:
        if account_id is None:
            return None
        found = self._session.get(Account, (self._business.business_id, account_id))
        return AccountView(id=account_id, name=found.full_name if found else "an account that is gone")


def _say(setup: Collecting, receipts: tuple[ReceiptView, ...], left: tuple[ReceiptView, ...]) -> str:
    waiting = sum(bool(each.acts) for each in receipts)
    if setup.ready:
        how = "Interlock enters them by itself, once each."
    elif setup.clearing_account_id is None and setup.records:
        how = "None by itself: choose below which account holds what Stripe owes."
    else:
        how = "None by itself: recording is off for this client."
    first = f"{counted(waiting, 'payment')} {'waits' if waiting == 1 else 'wait'} for you. " if waiting else ""
    rest = (
        f" {counted(len(left), 'payment')} {'is' if len(left) == 1 else 'are'} to be entered by a person."
        if left
        else ""
    )
    return f"{first}{how}{rest}"


def _choice(account: Account) -> AccountView:
    return AccountView(id=account.id, name=account.full_name)
