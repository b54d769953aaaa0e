"""Bills, invoices and findings as they are shown, wherever they are shown."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from interlock.domains.ap.models import Bill, BillAnnotation
from interlock.domains.ar.models import Invoice, InvoiceAnnotation
from interlock.domains.firm.annotations import is_held
from interlock.runway.services.calculators.clean_dollars import CleanDollars
from interlock.runway.services.calculators.finding import Finding, Severity
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.views import Amount, View


class SubjectView(View):
    """What a finding is about. ``kind`` is bill, invoice, payment, credit_memo, customer, journal_entry, account, ledger…"""

    kind: str
    id: str
    party_name: str | None
    number: str | None
    link: str | None


class FixView(View):
    """The one fix: what to do, and where. ``link`` is ``None`` where QuickBooks has no page for it."""

    label: str
    link: str | None


class FindingView(View):
    rule: str
    rule_version: int
    rule_name: str
    severity: Severity
    stops: bool
    subject: SubjectView
    title: str
    reason: str
    at_stake: Amount
    fix: FixView
    inputs_hash: str

    @classmethod
    def of(cls, finding: Finding, links: Links) -> "FindingView":
        subject = finding.subject
        return cls(
            rule=finding.rule.id,
            rule_version=finding.rule.version,
            rule_name=finding.rule.name,
            severity=finding.severity,
            stops=finding.stops,
            subject=SubjectView(
                kind=subject.kind,
                id=subject.id,
                party_name=subject.party_name,
                number=subject.number,
                link=links.to(subject.kind, subject.id),
            ),
            title=finding.title,
            reason=finding.reason,
            at_stake=Amount.of(finding.stake),
            fix=FixView(label=finding.fix, link=finding.link),
            inputs_hash=finding.inputs_hash,
        )


class DocumentView(View):
    """A bill or an invoice. ``days_late`` counts from the due date, or the document's own where it has none (0: not late).

    ``foreign``: in another currency than the books', so in no total of home currency.
    """

    kind: str
    id: str
    number: str | None
    party_id: str | None
    party_name: str | None
    dated: date
    due: date | None
    days_late: int
    total: Amount
    balance: Amount
    foreign: bool
    status: str
    note: str | None
    category: str | None
    held: bool
    hold_reason: str | None
    held_until: date | None
    link: str | None


class DocumentWithIssues(DocumentView):
    """With what the checks say of it, the worst first. ``at_stake`` is the largest of them: one dollar counts once."""

    severity: Severity
    at_stake: Amount
    findings: tuple[FindingView, ...]


class DecisionDocument(DocumentView):
    """With what the checks say of it; ``blocked`` is the reason it can't be decided on, ``None`` when it can."""

    blocked: str | None
    findings: tuple[FindingView, ...]


class CleanView(View):
    """Clean-dollar share: of what is open in home currency, how much has no critical or high finding.

    ``percent`` is text with one decimal, ``None`` while nothing is open; ``fix_first`` are the documents whose fixing brings
    it to 95.
    """

    open: Amount
    clean: Amount
    percent: Decimal | None
    fix_first: tuple[str, ...]

    @classmethod
    def of(cls, clean: CleanDollars, currency: str) -> "CleanView":
        return cls(
            open=Amount.minor(clean.open_minor, currency),
            clean=Amount.minor(clean.clean_minor, currency),
            percent=clean.percent,
            fix_first=clean.fix_first,
        )


class Shows:
    """Makes views of one business's documents: knows its date, its currency and its links."""

    def __init__(self, today: date, home_currency: str, links: Links) -> None:
        self.today = today
        self.home_currency = home_currency
        self.links = links

    def bill(self, bill: Bill, annotation: BillAnnotation | None) -> DocumentView:
        return DocumentView(**self._of("bill", bill, annotation), party_id=bill.vendor_id, party_name=bill.vendor_name)

    def invoice(self, invoice: Invoice, annotation: InvoiceAnnotation | None) -> DocumentView:
        return DocumentView(
            **self._of("invoice", invoice, annotation),
            party_id=invoice.customer_id,
            party_name=invoice.customer_name,
        )

    def findings(self, findings: Iterable[Finding]) -> tuple[FindingView, ...]:
        return tuple(FindingView.of(finding, self.links) for finding in findings)

    def with_issues(self, document: DocumentView, findings: Sequence[Finding]) -> DocumentWithIssues:
        return DocumentWithIssues(
            **document.model_dump(),
            severity=findings[0].severity,
            at_stake=Amount.of(max(finding.stake for finding in findings)),
            findings=self.findings(findings),
        )

    def for_decision(
        self, document: DocumentView, findings: Sequence[Finding], blocked: str | None
    ) -> DecisionDocument:
        return DecisionDocument(**document.model_dump(), blocked=blocked, findings=self.findings(findings))

    def _of(
        self, kind: str, document: Bill | Invoice, annotation: BillAnnotation | InvoiceAnnotation | None
    ) -> dict[str, Any]:
        late = (self.today - (document.due or document.dated)).days if document.balance_minor > 0 else 0
        return {
            "kind": kind,
            "id": document.id,
            "number": document.number,
            "dated": document.dated,
            "due": document.due,
            "days_late": max(late, 0),
            "total": Amount.of(document.total),
            "balance": Amount.of(document.balance),
            "foreign": document.currency != self.home_currency,
            "status": document.status,
            "note": annotation.note if annotation else None,
            "category": annotation.category if annotation else None,
            "held": annotation is not None and is_held(annotation, self.today),
            "hold_reason": annotation.hold_reason if annotation else None,
            "held_until": annotation.held_until if annotation else None,
            "link": self.links.to(kind, document.id),
        }
