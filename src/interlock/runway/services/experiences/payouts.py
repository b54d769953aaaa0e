"""Payouts of the collecting rail, and each taken apart into what it pays: one bank line, many invoices."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import ReceiptRecord
from interlock.domains.ar.services.collecting_setup import CollectingSetupService
from interlock.domains.ar.services.payout_service import InvoiceShare, PayoutRow, PayoutService, UnbundledPayout
from interlock.domains.ar.services.payout_standing import PayoutStandings, Stage, Standing
from interlock.domains.ar.services.receipt_records import FOUND, RECORDED, ReceiptRecordService
from interlock.domains.ar.witness_models import Payout
from interlock.domains.bank.models import Account
from interlock.domains.firm.models import Business
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.paid_out import deposit_words
from interlock.runway.services.views import Amount, BusinessView, View

PARTS_MOST = 1_000
_PAYOUTS_MOST = 200
_STAGES: Mapping[Stage, str] = {
    "in_transit": "On its way",
    "late": "Late at the bank",
    "cleared": "Cleared, not recorded",
    "recorded": "Recorded",
    "unproven": "Arrived by Stripe’s word",
    "failed": "Never arrived",
}


class BankSeenView(View):
    """The bank's own line."""

    line_id: str
    dated: date
    account: str
    text: str


class LedgerSeenView(View):
    """The ledger's movement that it is."""

    kind: str
    id: str
    link: str | None


class PayoutView(View):
    """One payout. ``arrived`` is false once it failed or was cancelled: no bank line shows it. ``why_not`` in words.

    ``stage``: in_transit, late, cleared (not recorded), recorded, unproven (no bank is linked) or failed.
    """

    id: str
    amount: Amount
    state: str
    arrived: bool
    arrives_on: date
    trace: str | None
    failure: str | None
    attributed: bool
    why_not: str | None
    stage: Stage
    stage_words: str
    bank: BankSeenView | None
    ledger: LedgerSeenView | None


class DepositLineView(View):
    """A line of the deposit to be entered. ``account``: ``None`` where a person has to say which."""

    words: str
    account: str | None
    amount: Amount


class PayoutsView(View):
    """The latest to arrive first."""

    business: BusinessView
    ask: str
    say: str
    payouts: tuple[PayoutView, ...]


class ShareView(View):
    """What of a part concerns an invoice; ``linked``: its ledger id is decided, not only the rail's claim.

    ``payment_id``: the ledger's payment that was entered for it, as far as Interlock knows.
    """

    invoice_id: str
    number: str | None
    customer: str | None
    ledger_id: str | None
    linked: bool
    link: str | None
    amount: Amount | None
    payment_id: str | None
    payment_link: str | None


class PartView(View):
    """A part: gross less fee is net. ``rest``: what of its gross no invoice explains; ``None`` where nobody can say."""

    id: str
    kind: str
    gross: Amount
    fee: Amount
    net: Amount
    charge_id: str | None
    source_id: str | None
    description: str | None
    shares: tuple[ShareView, ...]
    rest: Amount | None


class KindView(View):
    kind: str
    count: int
    gross: Amount
    fee: Amount
    net: Amount


class UnbundledView(View):
    """A payout taken apart; ``parts`` are those from ``offset`` on, of ``parts_count``.

    ``deposit``: what one deposit of it in the books holds, line by line, summing to it; empty where nobody can say.
    """

    business: BusinessView
    ask: str
    say: str
    payout: PayoutView
    totals: tuple[KindView, ...]
    parts: tuple[PartView, ...]
    parts_count: int
    offset: int
    deposit: tuple[DepositLineView, ...]
    new_deposit: str | None


class PayoutsService:
    """Payouts of one business, as shown. Read from the mirror; no rail is asked."""

    def __init__(self, session: Session, business: Business, *, links: Links, today: date) -> None:
        self._session = session
        self._business = business
        self._links = links
        self._setup = CollectingSetupService(session, business).setup()
        self._payouts = PayoutService(session, business.business_id)
        scope = Scope(business.firm_id, business.business_id)
        self._standings = PayoutStandings(session, scope, self._setup, today)

    def get_payouts_experience(self) -> PayoutsView:
        rows = self._payouts.list_payouts(_PAYOUTS_MOST)
        apart = self._payouts.unbundle_all(rows)
        standings = self._standings.of(rows, apart)
        payouts = tuple(self._payout(each, apart[each.id], standings[each.id]) for each in rows)
        return PayoutsView(
            business=BusinessView.of(self._business),
            ask=f"What did {self._business.name}’s payouts pay?",
            say=_say(payouts),
            payouts=payouts,
        )

    def get_payout_experience(self, payout_id: str, *, offset: int = 0, most: int = PARTS_MOST) -> UnbundledView:
        """One payout taken apart; ``NotFound`` otherwise. At most ``most`` (1,000) parts from ``offset`` on."""
        row = self._payouts.get_payout(payout_id)
        found = self._payouts.unbundle_all([row])[payout_id]
        standing = self._standings.of([row], {payout_id: found})[payout_id]
        shown = found.parts[offset : offset + min(most, PARTS_MOST)]
        receipts = [share.receipt_id for part in shown for share in part.shares]
        records = ReceiptRecordService(self._session, self._business).of_receipts(receipts)
        return UnbundledView(
            business=BusinessView.of(self._business),
            ask=f"What is payout {found.payout_id} made of?",
            say=_said(found),
            payout=self._payout(row, found, standing),
            totals=tuple(
                KindView(
                    kind=each.kind,
                    count=each.count,
                    gross=Amount.of(each.gross),
                    fee=Amount.of(each.fee),
                    net=Amount.of(each.net),
                )
                for each in found.totals
            ),
            parts=tuple(self._part(each, records) for each in shown),
            parts_count=len(found.parts),
            offset=offset,
            deposit=tuple(
                DepositLineView(
                    words=deposit_words(each.kind), account=self._name(each.account_id), amount=Amount.of(each.amount)
                )
                for each in standing.deposit
            ),
            new_deposit=self._links.to("new_deposit", ""),
        )

    def _payout(self, row: Payout, found: UnbundledPayout, standing: Standing) -> PayoutView:
        line, key = standing.line, standing.ledger
        ledger = None
        if key is not None:
            kind, id_ = key[0], key[1].split(":", maxsplit=1)[0]
            page = "transfer" if kind.startswith("transfer") else kind
            ledger = LedgerSeenView(kind=kind, id=id_, link=self._links.to(page, id_))
        return PayoutView(
            id=row.id,
            amount=Amount.minor(row.amount_minor, row.currency),
            state=row.state,
            arrived=found.arrived,
            arrives_on=row.arrives_on,
            trace=row.trace,
            failure=row.failure,
            attributed=found.attributed,
            why_not=found.why_not,
            stage=standing.stage,
            stage_words=_STAGES[standing.stage],
            bank=None
            if line is None
            else BankSeenView(line_id=line.line_id, dated=line.dated, account=line.account, text=line.text),
            ledger=ledger,
        )

    def _name(self, account_id: str | None) -> str | None:
        account = self._session.get(Account, (self._business.business_id, account_id)) if account_id else None
        return account.full_name if account else None

    def _part(self, row: PayoutRow, records: Mapping[str, ReceiptRecord]) -> PartView:
        return PartView(
            id=row.part_id,
            kind=row.kind,
            gross=Amount.of(row.gross),
            fee=Amount.of(row.fee),
            net=Amount.of(row.net),
            charge_id=row.charge_id,
            source_id=row.source_id,
            description=row.description,
            shares=tuple(self._share(each, records.get(each.receipt_id)) for each in row.shares),
            rest=None if row.rest is None else Amount.of(row.rest),
        )

    def _share(self, share: InvoiceShare, record: ReceiptRecord | None) -> ShareView:
        entered = record is not None and record.state in (RECORDED, FOUND)
        payment = record.ledger_payment_id if record is not None and entered else None
        return ShareView(
            invoice_id=share.invoice_id,
            number=share.number,
            customer=share.customer_name,
            ledger_id=share.ledger_id,
            linked=share.linked,
            link=self._links.to("invoice", share.ledger_id) if share.ledger_id else None,
            amount=None if share.amount is None else Amount.of(share.amount),
            payment_id=payment,
            payment_link=self._links.to("payment", payment) if payment else None,
        )


def _say(payouts: tuple[PayoutView, ...]) -> str:
    if not payouts:
        return "No payout is known: connect Stripe, or wait for its first sync."
    dark, waiting = sum(not each.attributed for each in payouts), sum(each.stage == "cleared" for each in payouts)
    say = f"{len(payouts) - dark:,} of {len(payouts):,} are taken apart to the cent."
    if dark:
        say += " The other one says why not." if dark == 1 else f" The other {dark:,} say why not."
    if waiting:
        say += f" {waiting:,} {'is' if waiting == 1 else 'are'} at the bank and not in QuickBooks."
    return say


def _said(found: UnbundledPayout) -> str:
    """The answer in a sentence or two: what it is made of, or why nobody knows; and that it never arrived, if so."""
    came_back = "" if found.arrived else f" It never arrived: {(found.failure or found.state).rstrip('.')}."
    if not found.attributed:
        return f"Nobody can say. {found.why_not}{came_back}"
    fees = Money.total((each.fee for each in found.parts), found.amount.currency)
    gross = Money.total((each.gross for each in found.parts), found.amount.currency)
    said = f"{found.amount.currency} {found.amount} is {gross} of {len(found.parts):,} movements less {fees} in fees."
    loose = sum(bool(each.rest) for each in found.parts if each.charge_id)
    return said + (f" {loose:,} hold money that no invoice explains." if loose else "") + came_back
