"""A batch of bills on top of what is coming anyway, as numbers: paths before and after, and what limits leave. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate, pairwise

from msgspec import Struct
from msgspec.structs import replace

from interlock.runway.services.calculators.cash_path import balances
from interlock.runway.services.calculators.dropping import Bound
from interlock.runway.services.calculators.guardrail_values import Binding, Cash, Limits, Low, Question, Spent, Wanted


class Line(Struct, frozen=True):
    """Balances of each day of the horizon, at p50 and at p80."""

    likely: list[int]
    low: list[int]


class Batch(Struct, frozen=True):
    """``wanted`` in order of priority; ``cash``: what is coming once all of it is decided; ``size``: days looked at."""

    wanted: tuple[Wanted, ...]
    cash: tuple[Cash, ...]
    before: Line
    after: Line
    size: int

    @property
    def only_must_pay(self) -> bool:
        return bool(self.wanted) and all(each.must_pay for each in self.wanted)


class Group(Struct, frozen=True):
    """Payments that one limit is about, by their position among ``wanted``, and what it leaves for them."""

    binding: Binding
    key: str
    limit_minor: int
    spent_minor: int
    positions: tuple[int, ...]


def batch_of(question: Question) -> Batch:
    """Raises ``ValueError`` for an amount that isn't above zero: it would pass for money coming in."""
    if any(each.minor <= 0 for each in question.wanted):
        raise ValueError("What is paid must be above zero.")
    wanted = tuple(sorted(question.wanted, key=_rank))
    cash = with_decisions(question.cash, wanted)
    size = max(question.horizon_days, 0) + 1
    return Batch(wanted, cash, _line(question, question.cash, size), _line(question, cash, size), size)


def with_decisions(cash: Sequence[Cash], wanted: Sequence[Wanted]) -> tuple[Cash, ...]:
    """Decisions take the place of their bills' own movements; a part leaves the rest where it was."""
    left: dict[str, int] = {}
    for want in wanted:
        left[want.bill_id] = left.get(want.bill_id, 0) + want.minor
    changed: dict[int, Cash | None] = {}
    own = [at for at, each in enumerate(cash) if each.bill_id in left]
    for at in sorted(own, key=lambda at: (cash[at].likely, cash[at].key)):
        each = cash[at]
        taken = min(left[str(each.bill_id)], -each.minor)
        if taken > 0:
            left[str(each.bill_id)] -= taken
            changed[at] = replace(each, minor=each.minor + taken) if each.minor + taken else None
    kept = (changed.get(at, each) for at, each in enumerate(cash))
    return (*(each for each in kept if each is not None), *(_paid(want) for want in wanted))


def lowest(line: Sequence[int], today: date) -> Low:
    """The lowest balance and the first day of it."""
    least = min(line)
    return Low(least, on(line.index(least), today))


def breach(line: Sequence[int], floor_minor: int, today: date) -> date | None:
    return next((on(at, today) for at, minor in enumerate(line) if minor < floor_minor), None)


def on(at: int, today: date) -> date:
    return date.fromordinal(today.toordinal() + at)


def at_of(day: date, today: date) -> int:
    """Which day of the path: what is overdue falls on today."""
    return max(day.toordinal() - today.toordinal(), 0)


def groups_of(wanted: Sequence[Wanted], limits: Limits, spent: Spent) -> list[Group]:
    """The limits that sum several payments: by vendor and in all in seven days, and by day of payment.

    Payments to nobody named count as one vendor's.
    """
    groups: list[Group] = []
    if limits.vendor_week_minor is not None:
        for vendor, positions in _by(each.vendor_id or "" for each in wanted):
            before = spent.by_vendor_minor.get(vendor, 0)
            groups.append(Group("vendor_week", vendor, limits.vendor_week_minor, before, positions))
    if limits.day_minor is not None:
        for day, positions in _by(each.pay_on.isoformat() for each in wanted):
            groups.append(Group("day", day, limits.day_minor, spent.by_day_minor.get(day, 0), positions))
    if limits.week_minor is not None and wanted:
        groups.append(Group("week", "", limits.week_minor, spent.week_minor, tuple(range(len(wanted)))))
    return groups


def bounds_of(
    question: Question, batch: Batch, bills: Sequence[str], groups: Sequence[Group], floor_minor: int
) -> list[Bound]:
    """Limits and floor as bounds on what is kept of ``bills``: a limit that is used up already leaves nothing to keep."""
    place = {bill: at for at, bill in enumerate(bills)}
    bounds = []
    for group in groups:
        weights = [0] * len(bills)
        for at in group.positions:
            weights[place[batch.wanted[at].bill_id]] += batch.wanted[at].minor
        bounds.append(Bound(max(group.limit_minor - group.spent_minor, 0), tuple(weights)))
    return bounds + _floor_bounds(question, batch, bills, floor_minor)


def _floor_bounds(question: Question, batch: Batch, bills: Sequence[str], floor_minor: int) -> list[Bound]:
    """Between two days on which a bill moves anything, all days weigh the same, so the least headroom among them counts."""
    columns, starts = [], {0}
    of_bill: dict[str, list[Wanted]] = {bill: [] for bill in bills}
    for each in batch.wanted:
        of_bill[each.bill_id].append(each)
    own: dict[str, list[Cash]] = {bill: [] for bill in bills}
    for cash in question.cash:
        if cash.bill_id in own:
            own[cash.bill_id].append(cash)
    for bill in bills:
        changes = [0] * batch.size
        for sign, moved in ((1, own[bill]), (-1, with_decisions(own[bill], of_bill[bill]))):
            for cash in moved:
                at = at_of(cash.late, question.today)
                if at < batch.size:
                    changes[at] += sign * cash.minor
                    starts.add(at)
        columns.append(list(accumulate(changes)))
    edges = [*sorted(starts), batch.size]
    return [
        Bound(min(batch.before.low[since:until]) - floor_minor, tuple(column[since] for column in columns))
        for since, until in pairwise(edges)
    ]


def _line(question: Question, cash: Sequence[Cash], size: int) -> Line:
    start, today = question.start_minor, question.today
    return Line(
        balances(start, ((each.likely, each.minor) for each in cash), today, size),
        balances(start, ((each.late, each.minor) for each in cash), today, size),
    )


def _paid(wanted: Wanted) -> Cash:
    key = f"decided:{wanted.bill_id}:{wanted.pay_on.isoformat()}"
    return Cash(
        key, wanted.label, -wanted.minor, wanted.pay_on, wanted.pay_on, wanted.must_pay, wanted.place, wanted.bill_id
    )


def _rank(wanted: Wanted) -> tuple[int, date, str, date, int]:
    """Priority, then due date; the rest only so that the order never depends on how a batch was ticked."""
    return wanted.place, wanted.due or date.max, wanted.bill_id, wanted.pay_on, wanted.minor


def _by(keys: Iterable[str]) -> list[tuple[str, tuple[int, ...]]]:
    grouped: dict[str, list[int]] = {}
    for at, key in enumerate(keys):
        grouped.setdefault(key, []).append(at)
    return [(key, tuple(positions)) for key, positions in grouped.items()]
