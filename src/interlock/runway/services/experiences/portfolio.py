"""The portfolio: every client of the firm in a line, what needs a person first."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.kernel.money import Money
from interlock.rails.ports import SyncsLedger
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.stakes import stakes
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.data_orchestrators.findings import Findings, Scans
from interlock.runway.services.data_orchestrators.firm_orchestrator import (
    ClientBooks,
    FirmOrchestrator,
    OpenDocument,
)
from interlock.runway.services.data_orchestrators.proof_snapshot import tied_by_business, with_control_accounts
from interlock.runway.services.data_orchestrators.rail_links import RailLinks
from interlock.runway.services.experiences.connections import alarm
from interlock.runway.services.experiences.rail_links import RailMark, marks, rail_links
from interlock.runway.services.views import (
    Amount,
    BusinessView,
    Exclusion,
    Instant,
    SyncStatus,
    TiedView,
    Total,
    View,
)

Tone = Literal["stop", "warn", "clear"]
_TONES: tuple[Tone, ...] = ("stop", "warn", "clear")

_CASH = "Book balances of bank accounts, Undeposited Funds apart."
_OPEN = "Open balances of bills, credits not taken off."
_OWED = "Open balances of invoices, credits and unapplied payments not taken off."
_LATE = "Those of them due before today."
_READY = "Open bills not held and without a finding that stops them."
_CHASE = "Overdue invoices not held and without a finding that stops a chase."
_UNLINKED = {
    "expired": "QuickBooks’ connection has ended",
    "needs reconnect": "QuickBooks needs reconnecting",
    "disconnected": "QuickBooks is disconnected",
}
_STAKES = "The largest finding of each document, so that one dollar counts once."


class StatusView(View):
    """How a client stands, in words; ``tone`` says whether money is stopped, a person should look, or neither."""

    words: str
    tone: Tone


class FindingsCount(View):
    count: int
    critical: int
    high: int
    at_stake: Total


class ClientRow(View):
    """One client. ``decisions`` are bills ready for decision, ``to_chase`` invoices ready to chase.

    ``alarm``: its connection ends within 14 days, or has ended. ``rails``: how it stands with each of this build.
    """

    business: BusinessView
    status: StatusView
    alarm: str | None
    book_cash: Total
    open_payables: Total
    overdue_payables: Total
    open_receivables: Total
    overdue_receivables: Total
    decisions: Total
    to_chase: Total
    findings: FindingsCount
    tied: TiedView
    sync_status: SyncStatus
    rails: tuple[RailMark, ...]


class PortfolioTotals(View):
    """Sums over the clients that keep books in ``currency``; ``clients`` says how many."""

    currency: str
    clients: int
    book_cash: Total
    open_payables: Total
    overdue_payables: Total
    open_receivables: Total
    overdue_receivables: Total
    decisions: Total
    to_chase: Total
    at_stake: Total
    findings_count: int


class PortfolioExperience(View):
    """Clients by what needs a person first: stopped, then to look at, then by dollars at stake. ``banks``: some login is linked."""

    ask: str
    say: str
    as_of: Instant
    banks: bool
    clients: tuple[ClientRow, ...]
    totals: tuple[PortfolioTotals, ...]


class PortfolioService:
    """The portfolio of the session's firm."""

    def __init__(
        self,
        db: Session,
        firm_id: str,
        businesses: Sequence[Business],
        *,
        sync_of: Callable[[Business], SyncsLedger],
        links_to: Callable[[str | None], Links],
        scans: Scans,
        rails: Sequence[str],
        now: datetime,
    ) -> None:
        self._rails = rails
        self._orchestrator = FirmOrchestrator(db, firm_id)
        self._db = db
        self._businesses = businesses
        self._sync_of = sync_of
        self._links_to = links_to
        self._scans = scans
        self._now = now

    def get_portfolio_experience(self) -> PortfolioExperience:
        today = {each.business_id: local_date(self._now, each.time_zone) for each in self._businesses}
        books = self._orchestrator.get_client_books(today, self._now)
        tied = tied_by_business(
            self._db, {each.business_id: each for each in self._businesses}, self._orchestrator.firm_id
        )
        links = RailLinks(self._db, self._orchestrator.firm_id, self._now).by_business()
        rows = [
            self._row(
                business,
                tied[business.business_id],
                books.get(business.business_id) or ClientBooks(),
                today[business.business_id],
                marks(rail_links(business, self._rails, links.get(business.business_id) or {}, self._now)),
            )
            for business in self._businesses
        ]
        rows.sort(key=_needs_a_person)
        stopped = sum(row.status.tone == "stop" for row in rows)
        return PortfolioExperience(
            ask="Which client needs a person first?",
            say=f"{counted(len(rows), 'client')}; "
            + ("none is stopped." if not stopped else f"money is stopped at {stopped}."),
            as_of=self._now,
            banks=any(link.logins for each in links.values() for link in each.values()),
            clients=tuple(rows),
            totals=tuple(
                _totals(currency, [row for row in rows if row.business.home_currency == currency])
                for currency in sorted({row.business.home_currency for row in rows})
            ),
        )

    def _row(
        self, business: Business, tied: TiedView, books: ClientBooks, today: date, rails: tuple[RailMark, ...]
    ) -> ClientRow:
        home = business.home_currency
        findings = Findings(
            self._db,
            business,
            today,
            self._now,
            links=self._links_to(books.realm_id),
            realm_id=books.realm_id,
            scans=self._scans,
        )
        stopped_bills = findings.blocked_bills().keys() | books.held_bills
        stopped_invoices = findings.blocked_invoices().keys() | books.held_invoices
        late_bills = [bill for bill in books.bills if bill.due < today]
        late_invoices = [invoice for invoice in books.invoices if invoice.due < today]
        sync_status = SyncStatus.of(self._sync_of(business).freshness())
        found = findings.all
        return ClientRow(
            business=BusinessView.of(business),
            status=_status(books, sync_status, found, len(late_bills)),
            alarm=alarm(books.passport, business.time_zone, today) if books.passport else None,
            book_cash=Total.of(books.cash, home, _CASH, "accounts"),
            open_payables=_sum(books.bills, home, _OPEN, "bills"),
            overdue_payables=_sum(late_bills, home, _LATE, "bills"),
            open_receivables=_sum(books.invoices, home, _OWED, "invoices"),
            overdue_receivables=_sum(late_invoices, home, _LATE, "invoices"),
            decisions=_sum([bill for bill in books.bills if bill.id not in stopped_bills], home, _READY, "bills"),
            to_chase=_sum(
                [each for each in late_invoices if each.id not in stopped_invoices], home, _CHASE, "invoices"
            ),
            findings=FindingsCount(
                count=len(found),
                critical=sum(each.severity == "critical" for each in found),
                high=sum(each.severity == "high" for each in found),
                at_stake=Total.of(stakes(found), home, _STAKES, "findings"),
            ),
            tied=with_control_accounts(tied, found),
            sync_status=sync_status,
            rails=rails,
        )


def _sum(documents: Sequence[OpenDocument], home: str, basis: str, what: str) -> Total:
    return Total.of((document.balance for document in documents), home, basis, what)


def _status(books: ClientBooks, sync: SyncStatus, found: Sequence[Finding], late_bills: int) -> StatusView:
    passport = books.passport
    if passport is None:
        return StatusView(words="QuickBooks is not connected", tone="stop")
    if passport.state in _UNLINKED:
        return StatusView(words=_UNLINKED[passport.state], tone="stop")
    if sync.bills_last_sync is None:
        return StatusView(words="Never synced", tone="stop")
    critical = [each for each in found if each.severity == "critical"]
    if critical:
        more = f", and {len(critical) - 1} more" if len(critical) > 1 else ""
        return StatusView(words=f"{critical[0].title}{more}", tone="stop")
    if passport.state == "expiring":
        return StatusView(words="QuickBooks’ connection ends soon", tone="warn")
    if sync.stale:
        return StatusView(words=f"QuickBooks read {sync.words}", tone="warn")
    stopping = sum(each.stops for each in found)
    if stopping:
        return StatusView(words=f"{counted(stopping, 'finding')} to settle before deciding", tone="warn")
    if late_bills:
        return StatusView(words=f"{counted(late_bills, 'bill')} overdue", tone="warn")
    return StatusView(words="Nothing stops money", tone="clear")


def _needs_a_person(row: ClientRow) -> tuple[int, int, str]:
    return _TONES.index(row.status.tone), -row.findings.at_stake.amount.money.minor, row.business.name


def _totals(currency: str, rows: Sequence[ClientRow]) -> PortfolioTotals:
    return PortfolioTotals(
        currency=currency,
        clients=len(rows),
        book_cash=_together([row.book_cash for row in rows], currency),
        open_payables=_together([row.open_payables for row in rows], currency),
        overdue_payables=_together([row.overdue_payables for row in rows], currency),
        open_receivables=_together([row.open_receivables for row in rows], currency),
        overdue_receivables=_together([row.overdue_receivables for row in rows], currency),
        decisions=_together([row.decisions for row in rows], currency),
        to_chase=_together([row.to_chase for row in rows], currency),
        at_stake=_together([row.findings.at_stake for row in rows], currency),
        findings_count=sum(row.findings.count for row in rows),
    )


def _together(totals: Sequence[Total], currency: str) -> Total:
    apart: dict[tuple[str, str], list[tuple[int, Money]]] = {}
    for total in totals:
        for each in total.excluded:
            apart.setdefault((each.what, each.amount.currency), []).append((each.rows, each.amount.money))
    return Total(
        amount=Amount.of(Money.total((total.amount.money for total in totals), currency)),
        rows=sum(total.rows for total in totals),
        basis=totals[0].basis if totals else "",
        excluded=tuple(
            Exclusion(
                what=what,
                rows=sum(rows for rows, _ in parts),
                amount=Amount.of(Money.total((money for _, money in parts), other)),
            )
            for (what, other), parts in sorted(apart.items())
        ),
    )
