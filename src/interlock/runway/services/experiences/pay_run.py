"""The pay run: what is approved, by the day it is paid on, what of it can be released now, and what the last release did."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import PayRunPolicy
from interlock.kernel.clock import local_date, zone
from interlock.kernel.workdays import add_workdays
from interlock.runway.services.calculators import pay_runs
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.payment_words import WAY_NAMES, WAYS
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.approved_payments import ApprovedPayments
from interlock.runway.services.data_orchestrators.payment_rows import BillShort, PaymentLine, PaymentRows
from interlock.runway.services.experiences.releasing import PayingExperience, ReleaseView
from interlock.runway.services.views import Amount, BusinessView, Instant, Total, View

ROWS_MOST = 500
_RUNS_AHEAD = 4
_RUNS_DAYS = 42
_READY = "Approved, due, and nothing known that stops their release; the guardrail is asked once more when they are released."
_WAITING = "Approved, and not to be released now: why stands in each row."

WhyNot = Callable[[Sequence[PaymentIntent]], Mapping[str, str]]
"""Why payments couldn't be let go now, by id; what isn't there could be, as far as it can be told without the guardrail."""


class PayRunRow(View):
    """``why_not``: why it can't be released now."""

    payment: PaymentLine
    why_not: str | None

    @property
    def ready(self) -> bool:
        return self.why_not is None


class RunGroupView(View):
    """A day on which bills are paid. ``decide_by``: until when a bill can still go with it; ``arrives_on``: when the money is

    there; ``due``: it can be released.
    """

    run: date
    label: str
    decide_by: Instant
    decide_by_words: str
    arrives_on: date
    due: bool
    rows: tuple[PayRunRow, ...]
    ready: Total
    waiting: Total


class OutcomeRow(View):
    """What a release did to one payment."""

    intent_id: str
    label: str
    amount: Amount
    released: bool
    why: str | None


class OutcomeView(View):
    """The release just made."""

    words: str
    by: str
    rows: tuple[OutcomeRow, ...]


class PayRunExperience(View):
    """The next runs, with everything that is approved. ``paying``: how the client pays."""

    business: BusinessView
    as_of: Instant
    today: date
    ask: str
    say: str
    way: str
    way_means: str
    paying: PayingExperience
    automatic: bool
    runs: tuple[RunGroupView, ...]
    ready: Total
    waiting: Total
    count: int
    next_run: date
    next_decide_by: Instant


class PayRunService:
    """The pay runs of one business, read."""

    def __init__(
        self,
        session: Session,
        business: Business,
        *,
        policy: PayRunPolicy,
        paying: Callable[[], PayingExperience],
        why_not: WhyNot,
        links: Links,
        now: datetime,
    ) -> None:
        self._business = business
        self._policy = policy
        self._paying = paying
        self._why_not = why_not
        self._now = now
        self._today = local_date(now, business.time_zone)
        self._approved = ApprovedPayments(session, business.business_id)
        self._rows = PaymentRows(session, business, links=links, now=now)

    def get_pay_run_experience(self) -> PayRunExperience:
        """At most ``ROWS_MOST`` payments, the earliest pay day first."""
        intents, count = self._approved.waiting(ROWS_MOST)
        against = self._why_not(intents)
        rows = [
            PayRunRow(payment=line, why_not=against.get(line.intent_id) or line.needs)
            for line in self._rows.decided(intents)
        ]
        calendar = pay_runs.runs(self._policy, self._today, self._today + timedelta(days=_RUNS_DAYS))
        days = sorted({*calendar[:_RUNS_AHEAD], *(row.payment.pay_on for row in rows)})
        groups = tuple(self._group(day, [row for row in rows if row.payment.pay_on == day]) for day in days)
        ready, waiting = self._total(rows, _READY, ready=True), self._total(rows, _WAITING, ready=False)
        paying = self._paying()
        following = next((each for each in calendar if self._decide_by(each) > self._now), calendar[-1])
        return PayRunExperience(
            business=BusinessView.of(self._business),
            as_of=self._now,
            today=self._today,
            ask=f"What does {self._business.name} pay next?",
            say=self._say(ready, waiting, following),
            way=WAY_NAMES[paying.way],
            way_means=WAYS[paying.way],
            paying=paying,
            automatic=self._policy.automatic_release,
            runs=groups,
            ready=ready,
            waiting=waiting,
            count=count,
            next_run=following,
            next_decide_by=self._decide_by(following),
        )

    def outcome(self, decision_id: str) -> OutcomeView | None:
        """What one release did, row by row; ``None`` where that decision is none."""
        found = self._approved.outcomes(decision_id)
        if found is None:
            return None
        decision, outcomes = found
        bills = self._rows.bills([each.bill_id for each in outcomes])
        codes = self._approved.currencies([each.intent_id for each in outcomes])
        rows = tuple(
            OutcomeRow(
                intent_id=each.intent_id,
                label=_called(bills.get(each.bill_id), each.bill_id),
                amount=Amount.minor(each.amount_minor, codes.get(each.intent_id, self._business.home_currency)),
                released=each.refused is None,
                why=each.refused,
            )
            for each in outcomes
        )
        return OutcomeView(
            words=_words(rows, self._business.home_currency), by=decision.actor.partition(" [")[0], rows=rows
        )

    @staticmethod
    def outcome_of(done: ReleaseView) -> OutcomeView:
        """The same of a release of which nothing was let go, and so nothing was written."""
        rows = tuple(
            OutcomeRow(
                intent_id=each.intent_id,
                label=each.label,
                amount=each.amount,
                released=each.outcome == "released",
                why=each.why,
            )
            for each in done.rows
        )
        return OutcomeView(words=done.words, by="", rows=rows)

    def _group(self, run: date, rows: Sequence[PayRunRow]) -> RunGroupView:
        by = self._decide_by(run)
        return RunGroupView(
            run=run,
            label=f"{run:%a} {on_day(run, self._today)}" + (", today" if run == self._today else ""),
            decide_by=by,
            decide_by_words=self._until(by),
            arrives_on=add_workdays(run, self._policy.lead_workdays),
            due=run <= self._today,
            rows=tuple(rows),
            ready=self._total(rows, _READY, ready=True),
            waiting=self._total(rows, _WAITING, ready=False),
        )

    def _total(self, rows: Sequence[PayRunRow], basis: str, *, ready: bool) -> Total:
        amounts = [row.payment.amount.money for row in rows if row.ready == ready]
        return Total.of(amounts, self._business.home_currency, basis, "payments")

    def _decide_by(self, run: date) -> datetime:
        return pay_runs.decide_by(run, self._policy, self._business.time_zone)

    def _until(self, by: datetime) -> str:
        local = by.astimezone(zone(self._business.time_zone))
        hour = f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"
        return f"decide by {hour}" if by > self._now else f"it was to be decided by {hour}"

    def _say(self, ready: Total, waiting: Total, run: date) -> str:
        by = self._until(self._decide_by(run))
        following = f"The next run is {run:%a} {on_day(run, self._today)}: {by} that day."
        if not ready.rows and not waiting.rows:
            return f"Nothing is approved and unreleased. {following}"
        first = (
            f"{counted(ready.rows, 'payment')} can be released now, {ready.words}."
            if ready.rows
            else ("Nothing can be released now.")
        )
        rest = (
            f" {counted(waiting.rows, 'payment')} {'waits' if waiting.rows == 1 else 'wait'}, {waiting.words}."
            if waiting.rows
            else ""
        )
        return f"{first}{rest} {following}"


def _called(bill: BillShort | None, bill_id: str) -> str:
    return f"{bill.vendor} {bill.number or bill_id}" if bill else f"bill {bill_id}"


def _words(rows: Sequence[OutcomeRow], home: str) -> str:
    released = [row for row in rows if row.released]
    total = Total.of([row.amount.money for row in released], home, "")
    refused = len(rows) - len(released)
    return f"{counted(len(released), 'payment')} released, {total.words}." + (f" {refused} refused." if refused else "")
