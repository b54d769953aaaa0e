"""How late each customer pays, and when an open invoice's money is to be expected (product-map §2.6). Pure.

Quantiles are weighted by amount, over what came in during the last twelve months: p50 is the day by which half of the money
was there. p80 and p95 are said of the *next* payment, not of those seen: the weight of one average payment is counted on top
(the conformal quantile), or few payments would promise more than they can hold. Days late are whole and may be below zero.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from msgspec import Struct

from interlock.kernel.workdays import add_workdays
from interlock.runway.services.calculators.words import counted, on_day

WINDOW_DAYS = 365
FEW = 3
"""Fewer payments than this say little by themselves."""
PRIOR_WEIGHT = 5
"""k of the shrinkage: as many payments as the client's own habit counts for."""
THIN_TAIL = 5
"""Fewer payments than this that came as late say nothing of how much later the next one comes."""
AT_LEAST_DAYS = 7
"""Where payments say nothing, money is expected this much later at the earliest."""
LATE_TIMES = 4
"""A tail that falls like 1/t (Pareto, α = 1): half wait as long again as they have, four of five at most four times as long."""


class Paid(Struct, frozen=True, gc=False):
    """One payment of one invoice, a part of it too. ``paid_on``: the day its money reached the bank as the books have it (the

    deposit's, where it lay in Undeposited Funds first); ``minor``: above zero, home currency. A credit that was applied is
    no payment.
    """

    customer_id: str | None
    due: date
    paid_on: date
    minor: int


class Habit(Struct, frozen=True, gc=False):
    """Days late of one customer: ``n`` payments, their quantiles, and ``trend``: the median of the last three less that of those

    before (``None`` with fewer than two of them). ``shrunk``: few payments, so drawn to the client's own habit.
    """

    n: int
    p50: int
    p80: int
    p95: int
    trend: int | None = None
    shrunk: bool = False


NO_HISTORY = Habit(0, 0, 14, 45, shrunk=True)
"""Where nobody has paid anything yet: on the day, two weeks later at p80. An assumption, and said as one."""


class Expected(Struct, frozen=True, gc=False):
    """When money comes: ``likely`` at p50, ``late`` at p80, by which ``rule`` and why. ``assumed``: it is overdue (§2.3)."""

    likely: date
    late: date
    rule: str
    because: str
    assumed: bool = False


class _Tail(NamedTuple):
    """Payments by days late, with the weight of all up to each."""

    days: list[int]
    weights: list[int]

    def later_than(self, age: int) -> "_Tail":
        at = bisect_right(self.days, age)
        before = self.weights[at - 1] if at else 0
        return _Tail(self.days[at:], [weight - before for weight in self.weights[at:]])

    def share_by(self, age: int) -> Fraction:
        """The share of the weight that came no later than ``age``; 0 where there is none."""
        at = bisect_right(self.days, age)
        return Fraction(self.weights[at - 1], self.weights[-1]) if at else Fraction(0)

    def quantile(self, permille: int, *, of_next: bool) -> int:
        """The least days late by which ``permille`` of the weight was in; ``of_next``: with one more payment of average weight."""
        n, whole = len(self.days), self.weights[-1]
        wanted = permille * (whole * (n + 1) if of_next else whole * n)  # in thousandths of whole * n: no rounding
        for at, weight in enumerate(self.weights):
            if weight * n * 1000 >= wanted:
                return self.days[at]
        return self.days[-1]


class Habits:
    """Of all customers of one client. ``prior``: of the whole client, drawn on where a customer's own payments are few."""

    def __init__(
        self, by_customer: Mapping[str | None, Habit], tails: Mapping[str | None, _Tail], everyone: _Tail
    ) -> None:
        self._habits = by_customer
        self._tails = tails
        self._everyone = everyone
        self._later: dict[int, _Tail] = {}
        self.prior = _habit_of_tail(everyone) if everyone.days else NO_HISTORY

    def of(self, customer_id: str | None) -> Habit:
        """Of a customer nobody has seen pay: the client's own."""
        found = self._habits.get(customer_id)
        return found or Habit(0, self.prior.p50, self.prior.p80, self.prior.p95, shrunk=True)

    def later_than(self, customer_id: str | None, age: int) -> tuple[_Tail, bool]:
        """Payments that came later than ``age``: the customer's own where there are enough (``True``), else everybody's."""
        own = self._tails.get(customer_id)
        tail = own.later_than(age) if own else None
        if tail and len(tail.days) >= THIN_TAIL:
            return tail, True
        return self._everyones(age), False

    def _everyones(self, age: int) -> _Tail:
        """Of all customers, once an age: thousands of open invoices share a few hundred."""
        if age not in self._later:
            self._later[age] = self._everyone.later_than(age)
        return self._later[age]

    def chance_by(self, customer_id: str | None, age: int, by_age: int) -> Fraction:
        """The chance that an invoice which is unpaid ``age`` days after its due date is paid by ``by_age`` days after it: the share

        of the money that came later than ``age`` which had come by then; the customer's own, drawn to all customers' as quantiles
        are, and those smoothed (one more payment in time and one not), so that few payments promise neither all nor nothing.
        """
        if by_age <= age:
            return Fraction(0)
        everyone = self._everyones(age)
        hits, n = everyone.share_by(by_age), len(everyone.days)
        of_all = (n * hits + 1) / Fraction(n + 2)
        own = self._tails.get(customer_id)
        mine = own.later_than(age) if own else _Tail([], [])
        n = len(mine.days)
        return (n * mine.share_by(by_age) + PRIOR_WEIGHT * of_all) / Fraction(n + PRIOR_WEIGHT)


def habits_of(paid: Sequence[Paid], today: date) -> Habits:
    """From what was paid in the twelve months to ``today``; what is dated later, or is no money, counts for nothing."""
    since = today - timedelta(days=WINDOW_DAYS)
    known = [each for each in paid if since < each.paid_on <= today and each.minor > 0]
    by_customer: dict[str | None, list[Paid]] = defaultdict(list)
    for each in known:
        by_customer[each.customer_id].append(each)
    everyone = _tail_of(known)
    prior = _habit_of_tail(everyone) if known else NO_HISTORY
    tails = {customer: _tail_of(theirs) for customer, theirs in by_customer.items()}
    habits = {customer: _habit(theirs, tails[customer], prior) for customer, theirs in by_customer.items()}
    return Habits(habits, tails, everyone)


def expected(due: date, habits: Habits, customer_id: str | None, today: date) -> Expected:
    """When the money of an invoice due on ``due`` comes.

    Base case: due + p50, the next workday at the earliest; downside: due + p80. Once it is later than the median, the downside is
    that of payments which came at least as late; once later than p80, both are (the conditional distribution given unpaid
    at its age): the customer's own where five of them did, else those of all of the client's customers. Where not even five
    of those did, it is given as long again as it is later than the customer's median, a week at least; at p80 four times that.
    """
    habit = habits.of(customer_id)
    age = (today - due).days
    tomorrow = add_workdays(today, 1)
    likely, late = _workday(due, habit.p50), _workday(due, habit.p80)
    if age > habit.p80:
        return _overdue(due, habits, customer_id, today)
    because = f"due {on_day(due, today)}; {_pays(habit, habits.prior)}"
    if likely >= tomorrow:
        return Expected(likely, max(late, likely), "receipt_median", because, assumed=due < today)
    tail, own = habits.later_than(customer_id, age)
    if len(tail.days) >= THIN_TAIL:
        late = max(late, _workday(due, tail.quantile(800, of_next=True)))
    said = f"{because}; at p80 as the {counted(len(tail.days), 'payment')} {_whose(own)} that came later than now"
    return Expected(max(likely, tomorrow), max(late, tomorrow), "receipt_now", said, assumed=due < today)


def _overdue(due: date, habits: Habits, customer_id: str | None, today: date) -> Expected:
    age, habit = (today - due).days, habits.of(customer_id)
    tail, own = habits.later_than(customer_id, age)
    was = f"due {on_day(due, today)}, {counted(age, 'day')} ago" if age > 0 else f"due {on_day(due, today)}"
    was += f"; four of five of its payments are in {lateness(habit.p80)}"
    if len(tail.days) < THIN_TAIL:
        more = max(AT_LEAST_DAYS, age - habit.p50)
        said = (
            f"{was}; hardly any payment came later than now, so as long again as it is later than usual, by assumption"
        )
        likely, late = _workday(today, more), _workday(today, LATE_TIMES * more)
        return Expected(likely, late, "receipt_very_late", said, assumed=age > 0)
    likely = max(add_workdays(today, 1), _workday(due, tail.quantile(500, of_next=False)))
    late = max(likely, _workday(due, tail.quantile(800, of_next=True)))
    said = f"{was}; {counted(len(tail.days), 'payment')} {_whose(own)} came later than now"
    return Expected(likely, late, "receipt_overdue", said, assumed=age > 0)


def _tail_of(paid: Sequence[Paid]) -> _Tail:
    ordered = sorted(((each.paid_on - each.due).days, each.minor) for each in paid)
    days, weights, whole = [], [], 0
    for late, minor in ordered:
        whole += minor
        days.append(late)
        weights.append(whole)
    return _Tail(days, weights)


def _habit_of_tail(tail: _Tail) -> Habit:
    return Habit(
        len(tail.days),
        tail.quantile(500, of_next=False),
        tail.quantile(800, of_next=True),
        tail.quantile(950, of_next=True),
    )


def _habit(paid: Sequence[Paid], tail: _Tail, prior: Habit) -> Habit:
    own = _habit_of_tail(tail)
    n = own.n
    if n < FEW:
        return Habit(
            n,
            shrink(n, own.p50, prior.p50),
            shrink(n, own.p80, prior.p80),
            shrink(n, own.p95, prior.p95),
            shrunk=True,
        )
    ordered = sorted(paid, key=lambda each: (each.paid_on, each.due))
    last, before = ordered[-3:], ordered[:-3]
    trend = None
    if len(before) > 1:
        trend = _tail_of(last).quantile(500, of_next=False) - _tail_of(before).quantile(500, of_next=False)
    return Habit(n, own.p50, own.p80, own.p95, trend)


def shrink(n: int, own: int, prior: int) -> int:
    """``(n · own + k · prior) / (n + k)`` in whole days, a half counted as the later day."""
    value = Fraction(n * own + PRIOR_WEIGHT * prior, n + PRIOR_WEIGHT)
    return int((value + Fraction(1, 2)) // 1)


def _workday(due: date, days: int) -> date:
    """The day ``days`` after ``due``, or the workday that follows it: no money arrives on others."""
    return add_workdays(due + timedelta(days=days), 0)


def _pays(habit: Habit, prior: Habit) -> str:
    when = f"{lateness(habit.p50)} at the median, {lateness(habit.p80)} at p80"
    if not prior.n:
        return f"{when}, by assumption: no customer of this client has paid an invoice yet"
    if not habit.n:
        return f"{when}, as all customers pay ({counted(prior.n, 'payment')}): this one has paid none yet"
    return f"pays {when}, of {counted(habit.n, 'payment')}" + (" and of all customers'" if habit.shrunk else "")


def _whose(own: bool) -> str:
    return "of this customer" if own else "of all customers"


def lateness(days: int) -> str:
    """``6 days late``, ``2 days early``, ``on the day``."""
    if not days:
        return "on the day"
    return f"{counted(abs(days), 'day')} {'late' if days > 0 else 'early'}"
