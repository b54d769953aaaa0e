"""The digest: a letter about one client's cash as the books have it. An experience over both orchestrators.

It repeats no figure of its own: every sum comes from what the tray and the console show.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from interlock.domains.bank.services.balance_service import BalanceService
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.decision_console_data_orchestrator import (
    DecisionConsoleDataOrchestrator,
    DecisionData,
)
from interlock.runway.services.data_orchestrators.document_detail import DocumentDetail
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument
from interlock.runway.services.data_orchestrators.hygiene_tray_data_orchestrator import (
    HygieneData,
    HygieneTrayDataOrchestrator,
)
from interlock.runway.services.data_orchestrators.log_changes import LogChanges
from interlock.runway.services.experiences.balances import BalancesView
from interlock.runway.services.experiences.changes import ChangeView, changes_in_words
from interlock.runway.services.experiences.letter import LetterPart, LetterService
from interlock.runway.services.experiences.log_view import ChainHead, LogService
from interlock.runway.services.views import BusinessView, Instant, SyncStatus, TiedView, Total, View

CHANGES_DAYS = 7
_HASH_GROUPS, _GROUP_CHARACTERS = 4, 4


class HygieneSummary(View):
    bills_with_issues_count: int
    invoices_with_issues_count: int
    other_findings_count: int


class DecisionSummary(View):
    bills_ready_count: int
    invoices_ready_count: int
    bills_blocked_count: int
    invoices_blocked_count: int
    bills_ready: Total
    invoices_ready: Total


class NextStep(View):
    """What to do, by when (the client's own date), and the sum it is about."""

    by: date
    words: str
    total: Total


class DigestExperience(View):
    """The seed's digest, and the letter around it.

    ``changes`` and ``letter`` are of the last seven days; ``unproven`` says what nobody can prove yet. ``chain`` is the log's
    head when the digest was made, the anchor to hold the log against; ``seal`` its first sixteen digits for print.
    """

    business: BusinessView
    as_of: Instant
    today: date
    title: str
    say: str
    hygiene_summary: HygieneSummary
    decision_summary: DecisionSummary
    current_balances: BalancesView
    changes_since: Instant
    changes: tuple[ChangeView, ...]
    letter: LetterPart
    unproven: tuple[str, ...]
    next_steps: tuple[NextStep, ...]
    chain: ChainHead
    seal: str
    sync_status: SyncStatus
    tied: TiedView
    hygiene_data: HygieneData
    decision_data: DecisionData


class DigestService:
    """The digest of one business (the seed's option B: an experience, no orchestrator of its own)."""

    def __init__(
        self,
        db: Session,
        business_id: str,
        *,
        hygiene_orchestrator: HygieneTrayDataOrchestrator,
        decision_orchestrator: DecisionConsoleDataOrchestrator,
        balance_service: BalanceService,
        log: LogService,
        detail: DocumentDetail,
        letter: LetterService,
        now: datetime,
    ) -> None:
        self.db = db
        self.business_id = business_id
        self.hygiene_orchestrator = hygiene_orchestrator
        self.decision_orchestrator = decision_orchestrator
        self.balance_service = balance_service
        self._log = log
        self._log_changes = LogChanges(db, business_id)
        self._detail = detail
        self._letter = letter
        self._now = now

    def get_digest_experience(self) -> DigestExperience:
        hygiene = self.hygiene_orchestrator.get_hygiene_data()
        decisions = self.decision_orchestrator.get_decision_data()
        balances = BalancesView.of(self.balance_service.get_current_balances(), hygiene.tied)
        since = self._now - timedelta(days=CHANGES_DAYS)
        head = self._log.head()
        summary = _decision_summary(decisions)
        part = self._letter.get_part(since, read=hygiene.sync_status.bills_last_sync is not None)
        return DigestExperience(
            business=hygiene.business,
            as_of=self._now,
            today=hygiene.today,
            title=f"{hygiene.business.name}, {_long(hygiene.today)}",
            say=_opening(hygiene, summary, balances),
            hygiene_summary=HygieneSummary(
                bills_with_issues_count=len(hygiene.bills_with_issues),
                invoices_with_issues_count=len(hygiene.invoices_with_issues),
                other_findings_count=len(hygiene.other_findings),
            ),
            decision_summary=summary,
            current_balances=balances,
            changes_since=since,
            changes=changes_in_words(self._log_changes.since(since), hygiene.today, self._detail.name_of),
            letter=part,
            unproven=(*part.unproven, *_unproven(hygiene, decisions, balances)),
            next_steps=tuple(sorted(_next_steps(decisions), key=lambda step: step.by)),
            chain=head,
            seal=_grouped(head.hash),
            sync_status=hygiene.sync_status,
            tied=hygiene.tied,
            hygiene_data=hygiene,
            decision_data=decisions,
        )


def _decision_summary(decisions: DecisionData) -> DecisionSummary:
    return DecisionSummary(
        bills_ready_count=len(decisions.bills_ready),
        invoices_ready_count=len(decisions.invoices_ready),
        bills_blocked_count=len(decisions.bills_blocked),
        invoices_blocked_count=len(decisions.invoices_blocked),
        bills_ready=_sum(decisions.bills_ready, decisions, "Open balances of bills ready for decision.", "bills"),
        invoices_ready=_sum(
            decisions.invoices_ready, decisions, "Open balances of invoices ready to chase.", "invoices"
        ),
    )


def _opening(hygiene: HygieneData, summary: DecisionSummary, balances: BalancesView) -> str:
    if hygiene.sync_status.bills_last_sync is None:
        return "The books were never read, so there is nothing to report yet."
    issues = len(hygiene.bills_with_issues) + len(hygiene.invoices_with_issues) + len(hygiene.other_findings)
    return (
        f"The books show {balances.book_cash.words} in the bank. "
        f"{counted(summary.bills_ready_count, 'bill')}, {summary.bills_ready.words}, can be decided on; "
        f"{counted(summary.invoices_ready_count, 'invoice')}, {summary.invoices_ready.words}, can be chased. "
        + (f"{counted(issues, 'thing')} in the books should be mended first." if issues else "Nothing needs mending.")
    )


def _unproven(hygiene: HygieneData, decisions: DecisionData, balances: BalancesView) -> Iterator[str]:
    status = hygiene.sync_status
    if status.stale:
        yield f"QuickBooks was last read {status.words}; what changed there since is not in this letter."
    if not hygiene.proved:
        yield "Our totals were never held against QuickBooks' own; a full reading does that."
    elif hygiene.tied.differences_count:
        yield f"{hygiene.tied.words}. Until it is mended no total in this letter is QuickBooks' own."
    for finding in hygiene.other_findings:
        if finding.rule == "X15":
            yield f"{finding.title}. {finding.reason}"
    yield balances.basis
    foreign = [bill for bill in (*decisions.bills_ready, *decisions.bills_blocked) if bill.foreign]
    foreign += [each for each in (*decisions.invoices_ready, *decisions.invoices_blocked) if each.foreign]
    foreign += [each for each in decisions.invoices_not_due if each.foreign]
    if foreign:
        currencies = " and ".join(sorted({each.balance.currency for each in foreign}))
        yield f"{counted(len(foreign), 'open document')} in {currencies} stand apart; no total here holds them."


def _next_steps(decisions: DecisionData) -> Iterator[NextStep]:
    """Overdue and today first, then the rest of seven days, then chasing."""
    soon = decisions.today + timedelta(days=CHANGES_DAYS)
    dated = [(bill.due, bill) for bill in decisions.bills_ready if bill.due is not None]
    for words, bills, by in (
        ("Decide on what is due today or overdue", [b for due, b in dated if due <= decisions.today], decisions.today),
        (
            f"Decide on what falls due by {on_day(soon, decisions.today)}",
            [b for due, b in dated if decisions.today < due <= soon],
            min((due for due, _ in dated if decisions.today < due <= soon), default=soon),
        ),
    ):
        if bills:
            yield NextStep(
                by=by, words=f"{words}: {counted(len(bills), 'bill')}", total=_sum(bills, decisions, words, "bills")
            )
    if decisions.invoices_ready:
        words = f"Chase {counted(len(decisions.invoices_ready), 'overdue invoice')}"
        total = _sum(decisions.invoices_ready, decisions, "Overdue and ready to chase.", "invoices")
        yield NextStep(by=decisions.today, words=words, total=total)


def _sum(documents: Sequence[DecisionDocument], decisions: DecisionData, basis: str, what: str) -> Total:
    return Total.of((each.balance.money for each in documents), decisions.business.home_currency, basis, what)


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _grouped(hash_: str) -> str:
    size = _GROUP_CHARACTERS
    return " ".join(hash_[at * size : (at + 1) * size] for at in range(_HASH_GROUPS))
