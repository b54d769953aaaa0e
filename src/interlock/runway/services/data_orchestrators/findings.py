"""Findings of one business, computed once a request and kept in the process while nothing has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.infra import translog
from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.checks import examine
from interlock.runway.services.calculators.clean_dollars import CleanDollars, clean_dollars, unclean
from interlock.runway.services.calculators.examining import Examined
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.readiness import stopped
from interlock.runway.services.data_orchestrators.books_snapshot import read_books
from interlock.runway.services.data_orchestrators.plans import Plans

Mark = tuple[int, str | None, str | None, date, int, str | None]


@dataclass(frozen=True)
class Scan:
    """What one look at a company's books gave. ``examined`` counts what was looked at, by kind."""

    findings: tuple[Finding, ...]
    examined: Mapping[str, int]
    clean_payables: CleanDollars
    clean_receivables: CleanDollars
    proved: bool


class Scans:
    """The last scan of each business, valid while its log has no new line, for an hour at most: some rules watch the clock.

    Every change to what a scan reads leaves a line in the business's chain, in this process or another, or is its policy.
    ``plans``: where the plan that a scan reads is kept, and what both read of the mirror.
    """

    def __init__(self, plans: Plans | None = None) -> None:
        self._plans = plans or Plans()
        self._kept: dict[str, tuple[Mark, Scan]] = {}
        self._examined: dict[tuple[str, str | None], Examined] = {}

    def of(
        self,
        db: Session,
        business: Business,
        today: date,
        now: datetime,
        links: Links,
        realm_id: str | None,
    ) -> Scan:
        """The kept scan, or a new one. Only for reading sessions: a writing one may yet be undone."""
        # The head is read first: a scan can then be newer than its mark, and is only made again too soon, never too late.
        head = translog.head(db, business.business_id)[0]
        in_force = PolicyService(db, business.firm_id).in_force(business)
        mark = (head, in_force.policy_id, in_force.firm_policy_id, today, now.hour, realm_id)
        kept = self._kept.get(business.business_id)
        if kept is not None and kept[0] == mark:
            return kept[1]
        recall = self._plans.memory.of(db, business, now)
        books = read_books(
            db, business, today, now, plan=lambda: self._plans.bare(db, business, in_force, now), recall=recall
        )
        last = self._examined.setdefault((business.business_id, realm_id), Examined())
        scan = scan_of(books, links, last)
        self._kept[business.business_id] = (mark, scan)
        return scan


def scan_of(books: Books, links: Links, before: Examined | None = None) -> Scan:
    """Run every check. ``before``: what the last look found: a check that would see the same is not run again."""
    findings = examine(books, links, before)
    home = books.home_currency
    bills = [(bill.id, bill.balance_minor) for bill in books.bills if bill.currency == home and bill.balance_minor > 0]
    invoices = [
        (each.id, each.balance_minor) for each in books.invoices if each.currency == home and each.balance_minor > 0
    ]
    return Scan(
        findings=findings,
        examined={
            "bills": len(books.bills),
            "invoices": len(books.invoices),
            "earlier bills": len(books.other_bills),
            "credits": len(books.vendor_credits) + len(books.customer_credits),
            "receipts to deposit": len(books.undeposited),
            "vendors": len(books.vendors),
            "customers": len(books.customers),
        },
        clean_payables=clean_dollars(bills, unclean(findings, "bill")),
        clean_receivables=clean_dollars(invoices, unclean(findings, "invoice")),
        proved=books.proof is not None,
    )


class Findings:
    """Findings of one business for one request. Is both domains' port: what stops a bill, what stops a chase."""

    def __init__(
        self,
        db: Session,
        business: Business,
        today: date,
        now: datetime,
        *,
        links: Links,
        realm_id: str | None,
        scans: Scans | None,
    ) -> None:
        self._db = db
        self._business = business
        self._today = today
        self._now = now
        self._links = links
        self._realm_id = realm_id
        self._scans = scans

    @cached_property
    def scan(self) -> Scan:
        if self._scans is None:
            return scan_of(read_books(self._db, self._business, self._today, self._now), self._links)
        return self._scans.of(self._db, self._business, self._today, self._now, self._links, self._realm_id)

    @property
    def all(self) -> tuple[Finding, ...]:
        return self.scan.findings

    def about(self, kind: str) -> Mapping[str, list[Finding]]:
        """Findings on documents of ``kind``, by document id, in order."""
        found: dict[str, list[Finding]] = {}
        for finding in self.all:
            if finding.subject.kind == kind:
                found.setdefault(finding.subject.id, []).append(finding)
        return found

    def blocked_bills(self) -> Mapping[str, str]:
        return self._stopped_bills

    @cached_property
    def _stopped_bills(self) -> Mapping[str, str]:
        return stopped(self.all, "bill")

    def blocked_invoices(self) -> Mapping[str, str]:
        return stopped(self.all, "invoice")
