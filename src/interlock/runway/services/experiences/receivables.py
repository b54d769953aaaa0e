"""Who owes, how late, how fast it comes in, and whom to chase first; and one customer whole."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cached_property

from msgspec import Struct
from sqlalchemy.orm import Session

from interlock.domains.ar.models import Customer
from interlock.domains.firm.models import Business
from interlock.kernel.errors import NotFound
from interlock.kernel.money import Money
from interlock.kernel.workdays import add_workdays
from interlock.runway.services.calculators.behaviour import WINDOW_DAYS, Habit, Habits, Paid, habits_of, lateness
from interlock.runway.services.calculators.chase_queue import Owed, Queued, queue
from interlock.runway.services.calculators.habit_chart import draw_habit
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.history_snapshot import read_paid
from interlock.runway.services.data_orchestrators.mirror_memory import Recalls
from interlock.runway.services.data_orchestrators.plan_receipts import open_invoices
from interlock.runway.services.data_orchestrators.receivables_history import months_back, read_period, read_sold
from interlock.runway.services.experiences.aging import AgingExperience, AgingLine
from interlock.runway.services.experiences.receivable_figures import CEI_DAYS, DSO_DAYS, FigureView, figures_of
from interlock.runway.services.views import Amount, BusinessView, View

QUEUE_MOST = 500
AHEAD_DAYS = 28
SHOWN_PAYMENTS = 200


class QueueRow(View):
    """An invoice past due. ``chance``: percent, of its being here by the low point; ``expected``: that part of what is owed;

    ``stopped``: why it isn't chased now, in words.
    """

    invoice_id: str
    number: str | None
    customer_id: str | None
    customer: str | None
    due: date
    days_late: int
    owed: Amount
    chance: int
    expected: Amount
    likely: date
    because: str
    stopped: str | None


class HabitView(View):
    """How one customer pays. Days late, below zero is early; ``words`` say all of it and of how many payments."""

    payments: int
    p50: int
    p80: int
    p95: int
    trend: int | None
    drawn_to_all: bool
    words: str


class ReceivablesExperience(View):
    """``by_day``: the day by which the queue counts what is expected: the cash path's low point, or four weeks on where that is

    too near for anything to come; ``by_words`` say which. ``queue``: the first 500 of ``queue_count``.
    """

    business: BusinessView
    ask: str
    say: str
    figures: tuple[FigureView, ...]
    by_day: date
    by_words: str
    queue: tuple[QueueRow, ...]
    queue_count: int
    aging: AgingExperience


class InvoiceOwed(View):
    invoice_id: str
    number: str | None
    dated: date
    due: date | None
    open: Amount
    link: str | None


class PaymentSeen(View):
    """One payment of one invoice: the day its money reached the bank, and how late that was."""

    due: date
    paid_on: date
    days_late: int
    amount: Amount


class CustomerExperience(View):
    """One customer. ``chart``: an SVG of the payments of the last twelve months; the same stand in ``payments``, latest first."""

    business: BusinessView
    customer_id: str
    name: str
    email: str | None
    link: str | None
    ask: str
    say: str
    aging: AgingLine | None
    columns: tuple[str, ...]
    habit: HabitView
    open: tuple[InvoiceOwed, ...]
    payments: tuple[PaymentSeen, ...]
    payments_count: int
    chart: str


class Stops(Struct, frozen=True):
    """Why invoices are not chased now, by id, and what may be asked for of those that are: minor units."""

    why: Mapping[str, str]
    ask_minor: Mapping[str, int]


class ReceivablesService:
    """Receivables of one business. ``aging``: read only where it is shown; ``low_on``: the low point's day;

    ``recall``: what is kept of the mirror."""

    def __init__(
        self,
        db: Session,
        business: Business,
        *,
        today: date,
        aging: Callable[[], AgingExperience],
        low_on: date,
        stops: Stops,
        links: Links,
        recall: Recalls,
    ) -> None:
        self._db = db
        self._business = business
        self._aging_of = aging
        self._today = today
        self._by_day, self._by_words = _horizon(low_on, today)
        self._stops = stops
        self._recall = recall
        self._links = links
        self._home = business.home_currency

    @cached_property
    def _aging(self) -> AgingExperience:
        return self._aging_of()

    @cached_property
    def _paid(self) -> tuple[Paid, ...]:
        return self._recall("paid", lambda: read_paid(self._db, self._business, self._today))

    @cached_property
    def _habits(self) -> Habits:
        return self._recall("habits", lambda: habits_of(self._paid, self._today))

    def queued(self) -> tuple[Queued, ...]:
        """Whom to chase first."""
        return self._recall(f"chase queue by {self._by_day}", self._queue)

    def _queue(self) -> tuple[Queued, ...]:
        return queue(self._owed(), self._habits, self._today, self._by_day)

    def get_receivables_experience(self) -> ReceivablesExperience:
        """Figures, queue and aging."""
        rows = self.queued()
        return ReceivablesExperience(
            business=BusinessView.of(self._business),
            ask=f"Who owes {self._business.name}, and whom to chase first?",
            say=self._say(rows),
            figures=self._recall("receivable figures", self._figures),
            by_day=self._by_day,
            by_words=self._by_words,
            queue=tuple(self._row(each) for each in rows[:QUEUE_MOST]),
            queue_count=len(rows),
            aging=self._aging,
        )

    def get_customer_experience(self, customer_id: str) -> CustomerExperience:
        """One customer; ``NotFound`` otherwise."""
        customer = self._db.get(Customer, (self._business.business_id, customer_id))
        if customer is None or customer.buried_at is not None:
            raise NotFound(f"There is no customer {customer_id!r} of {self._business.name}.")
        every, habits = self._paid, self._habits
        paid = sorted(
            (each for each in every if each.customer_id == customer_id and self._recent(each)),
            key=lambda each: (each.paid_on, each.due, each.minor),
        )
        habit = _habit(habits, customer_id)
        open_ = [each for each in open_invoices(self._db, self._business) if each.customer_id == customer_id]
        aging = next((row for row in self._aging.rows if row.party_id == customer_id), None)
        return CustomerExperience(
            business=BusinessView.of(self._business),
            customer_id=customer_id,
            name=customer.full_name,
            email=customer.email,
            link=self._links.to("customer", customer_id),
            ask=f"How does {customer.full_name} pay?",
            say=_customer_say(aging, habit),
            aging=aging,
            columns=self._aging.columns,
            habit=habit,
            open=tuple(
                InvoiceOwed(
                    invoice_id=each.id,
                    number=each.number,
                    dated=each.dated,
                    due=each.due,
                    open=Amount.minor(each.minor, each.currency),
                    link=self._links.to("invoice", each.id),
                )
                for each in sorted(open_, key=lambda each: (each.due or each.dated, each.id))
            ),
            payments=tuple(
                PaymentSeen(
                    due=each.due,
                    paid_on=each.paid_on,
                    days_late=(each.paid_on - each.due).days,
                    amount=Amount.minor(each.minor, self._home),
                )
                for each in reversed(paid[-SHOWN_PAYMENTS:])
            ),
            payments_count=len(paid),
            chart=draw_habit(
                paid, habit.p50, habit.p80, self._today, f"Payments of {customer.full_name}, by days late"
            ),
        )

    def _recent(self, each: Paid) -> bool:
        return self._today - timedelta(days=WINDOW_DAYS) < each.paid_on <= self._today and each.minor > 0

    def _owed(self) -> list[Owed]:
        return [
            Owed(
                each.id,
                each.number,
                each.customer_id,
                each.customer,
                each.due or each.dated,
                self._stops.ask_minor.get(each.id, each.minor),
            )
            for each in open_invoices(self._db, self._business)
            if each.currency == self._home
        ]

    def _row(self, each: Queued) -> QueueRow:
        return QueueRow(
            invoice_id=each.owed.invoice_id,
            number=each.owed.number,
            customer_id=each.owed.customer_id,
            customer=each.owed.customer_name,
            due=each.owed.due,
            days_late=each.days_late,
            owed=Amount.minor(each.owed.minor, self._home),
            chance=int(100 * each.chance),  # never more than there is: a chance is never all
            expected=Amount.minor(each.expected_minor, self._home),
            likely=each.comes.likely,
            because=each.comes.because,
            stopped=self._stops.why.get(each.owed.invoice_id),
        )

    def _say(self, rows: tuple[Queued, ...]) -> str:
        owed = self._aging.total.total
        if not rows:
            return f"{owed} is owed, and nothing of it is past due."
        late = Money(sum(each.owed.minor for each in rows), self._home)
        expected = Money(sum(each.expected_minor for each in rows), self._home)
        first = rows[0].owed
        return (
            f"{owed} is owed, {late} of it past due in {counted(len(rows), 'invoice')}. As its customers pay, {expected} of "
            f"that is here by {self._by_words}; begin with {first.customer_name or 'a customer'}, "
            f"{first.number or first.invoice_id}."
        )

    def _figures(self) -> tuple[FigureView, ...]:
        sold = read_sold(self._db, self._business, self._today)
        return figures_of(
            read_period(self._db, self._business, sold, self._today, DSO_DAYS),
            read_period(self._db, self._business, sold, self._today, CEI_DAYS),
            months_back(sold, self._today),
            [each for each in self._paid if self._recent(each)],
            self._home,
        )


def _horizon(low_on: date, today: date) -> tuple[date, str]:
    """The low point, where money can still come before it."""
    if low_on > add_workdays(today, 1):
        return low_on, f"the low point, {on_day(low_on, today)}"
    four_weeks = today + timedelta(days=AHEAD_DAYS)
    return four_weeks, f"{on_day(four_weeks, today)} (the low point is too near for anything to come before it)"


def _habit(habits: Habits, customer_id: str) -> HabitView:
    habit = habits.of(customer_id)
    return HabitView(
        payments=habit.n,
        p50=habit.p50,
        p80=habit.p80,
        p95=habit.p95,
        trend=habit.trend,
        drawn_to_all=habit.shrunk,
        words=_habit_words(habit),
    )


def _habit_words(habit: Habit) -> str:
    if not habit.n:
        return "Has paid nothing in twelve months; taken to pay as all customers do."
    said = (
        f"Half of the money is in {lateness(habit.p50)}, four fifths {lateness(habit.p80)}, "
        f"of {counted(habit.n, 'payment')} in twelve months"
    )
    if habit.shrunk:
        return f"{said} and of all customers’, since these are few."
    if habit.trend:
        return (
            f"{said}; the last three came {lateness(habit.trend).replace('late', 'later').replace('early', 'earlier')}."
        )
    return f"{said}."


def _customer_say(aging: AgingLine | None, habit: HabitView) -> str:
    owed = "Nothing is open." if aging is None else f"{aging.total} is open."
    return f"{owed} {habit.words}"
