"""Payables and receivables by how late they are, and whether the sum is QuickBooks' own."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from interlock.domains.ap.services.aging_service import PayablesAging
from interlock.domains.ar.services.aging_service import ReceivablesAging
from interlock.domains.firm.aging import BUCKETS, Aging, AgingRow
from interlock.domains.firm.models import Business, LedgerProof
from interlock.rails.ports import SyncsLedger
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.words import on_day
from interlock.runway.services.views import Amount, BusinessView, Instant, SyncStatus, TiedView, View

Side = Literal["payables", "receivables"]

_BASIS = (
    "From the due date; a document without one counts as due on its own date. Open documents dated no later than the day, "
    "in home currency; credits, unapplied payments, journal entries and other currencies in columns of their own."
)


class AgingLine(View):
    """A vendor's or customer's line. ``buckets`` are in the order of the view's ``columns``.

    ``foreign`` is what is open in other currencies, at the documents' own rates: in no bucket, but in ``total``, as
    QuickBooks' report has it.
    """

    party_id: str | None
    party_name: str
    link: str | None
    buckets: tuple[Amount, Amount, Amount, Amount, Amount]
    credits: Amount
    unapplied: Amount
    journal: Amount
    foreign: Amount
    total: Amount


class TieOut(View):
    """Our total beside QuickBooks' report of the same moment, as last taken; ``tied`` is ``None`` when it never was."""

    tied: bool | None
    words: str
    report_date: date | None
    taken_at: Instant | None
    quickbooks: Amount | None
    ours: Amount | None
    difference: Amount | None


class AgingExperience(View):
    business: BusinessView
    side: Side
    as_of: date
    columns: tuple[str, ...]
    rows: tuple[AgingLine, ...]
    total: AgingLine
    basis: str
    tie_out: TieOut
    sync_status: SyncStatus
    tied: TiedView


class AgingService:
    """Both agings of one business."""

    def __init__(
        self,
        db: Session,
        business: Business,
        *,
        qbo_sync: SyncsLedger,
        links: Links,
        tied: TiedView,
        today: date,
        now: datetime,
    ) -> None:
        self._db = db
        self._business = business
        self._qbo_sync = qbo_sync
        self._links = links
        self._tied = tied
        self._today = today
        self._now = now

    def get_payables_aging(self, as_of: date | None = None) -> AgingExperience:
        """As of today unless said otherwise. Balances are today's whatever the day: only documents dated later drop out."""
        aging = PayablesAging(self._db, self._business.business_id).as_of(as_of or self._today)
        return self._show("payables", "vendor", aging)

    def get_receivables_aging(self, as_of: date | None = None) -> AgingExperience:
        """The same for what customers owe."""
        aging = ReceivablesAging(self._db, self._business.business_id).as_of(as_of or self._today)
        return self._show("receivables", "customer", aging)

    def _show(self, side: Side, party: str, aging: Aging) -> AgingExperience:
        return AgingExperience(
            business=BusinessView.of(self._business),
            side=side,
            as_of=aging.as_of,
            columns=BUCKETS,
            rows=tuple(self._line(row, party, aging.currency) for row in aging.rows),
            total=self._line(aging.total, party, aging.currency),
            basis=_BASIS,
            tie_out=self._tie_out(side),
            sync_status=SyncStatus.of(self._qbo_sync.freshness()),
            tied=self._tied,
        )

    def _line(self, row: AgingRow, party: str, currency: str) -> AgingLine:
        current, month, two, three, older = (Amount.minor(minor, currency) for minor in row.buckets)
        return AgingLine(
            party_id=row.party_id,
            party_name=row.party_name,
            link=self._links.to(party, row.party_id) if row.party_id else None,
            buckets=(current, month, two, three, older),
            credits=Amount.minor(row.credit_minor, currency),
            unapplied=Amount.minor(row.unapplied_minor, currency),
            journal=Amount.minor(row.journal_minor, currency),
            foreign=Amount.minor(row.foreign_minor, currency),
            total=Amount.minor(row.total_minor, currency),
        )

    def _tie_out(self, side: Side) -> TieOut:
        proof = self._db.get(LedgerProof, self._business.business_id)
        if proof is None:
            return TieOut(
                tied=None,
                words="Not yet held against QuickBooks' own report; a full reading does that.",
                report_date=None,
                taken_at=None,
                quickbooks=None,
                ours=None,
                difference=None,
            )
        home = self._business.home_currency
        theirs, ours = (
            (proof.payables_minor, proof.payables_here_minor)
            if side == "payables"
            else (proof.receivables_minor, proof.receivables_here_minor)
        )
        difference = Amount.minor(ours - theirs, home)
        day = on_day(proof.report_date, self._today)
        return TieOut(
            tied=ours == theirs,
            words=f"Ties to QuickBooks' report of {day}, to the cent."
            if ours == theirs
            else f"Off QuickBooks' report of {day} by {difference}.",
            report_date=proof.report_date,
            taken_at=proof.taken_at,
            quickbooks=Amount.minor(theirs, home),
            ours=Amount.minor(ours, home),
            difference=difference,
        )
