"""The rules by which cash to come gets its day, in words, and what placing hands on (product-map §2.3). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from interlock.kernel.workdays import add_workdays
from interlock.runway.services.calculators.flows import Flow, LeftOut

FOREIGN = "in a foreign currency"
DISPUTED = "disputed"

RULES: Mapping[str, str] = {
    "receipt_promised": "An open invoice comes in on the day that its customer promised, at p80 as late as it usually would, "
    "unless the customer broke most promises so far.",
    "receipt_median": "An open invoice comes in when its customer's payments do: at the median of their days late (p80 for the "
    "downside), weighted by amount, over twelve months.",
    "receipt_now": "An open invoice later than its customer's median, not yet than its p80, comes in on the next workday; at p80 "
    "as payments did that came later than it is now.",
    "receipt_overdue": "An open invoice already later than its customer's p80 comes in as those payments did that were at least as "
    "late.",
    "receipt_very_late": "An open invoice later than nearly everything ever paid here is given as long again as it is later than "
    "its customer's median, a week at least; at p80 four times that.",
    "undeposited": "What waits in Undeposited Funds reaches the bank as receipts here have: at the median of their days from "
    "receipt to deposit.",
    "deposit_in_transit": "A deposit that the bank doesn't show yet arrives on the next workday, three workdays later at p80.",
    "deposit_old": "A deposit that no bank has shown for ten workdays may never come: next workday, beyond the path at p80.",
    "payout": "A payout arrives on the day its rail says.",
    "payout_overdue": "A payout that should be here arrives on the next workday, three workdays later at p80.",
    "payout_waiting": "What waits at the collecting rail is paid out when it is free, two workdays to the bank.",
    "in_flight": "A payment that was made or instructed and that no bank shows yet can leave any day: it counts from today.",
    "committed": "An approved payment leaves on the day it was approved for, today when that has passed.",
    "bill_run": "An open bill is paid with the last pay run whose money arrives by its due date.",
    "bill_late_run": "An open bill that no pay run can reach by its due date any more is paid with the next one.",
    "bill_overdue_run": "An overdue bill is paid with the next pay run.",
    "bill_undated_run": "A bill without a due date is paid with the next pay run.",
    "recurring_day": "What recurs is paid on its day; one on a weekend or holiday on the workday after.",
    "recurring_payday": "Payroll leaves on the payday itself; one on a weekend or holiday on the workday before. (A payroll "
    "service may debit it some days earlier: no policy says by how many.)",
    "recurring_run": "A bill that recurs and isn't entered yet is paid with the pay run of the day it will be due.",
    "recurring_not_seen": "What recurs and wasn't seen on its day is expected on the next workday, for seven days; then it is a "
    "variance.",
    "card_day": "A card is paid off on its day: what is owed on it now, or what is usually paid where that is more.",
    "card_no_day": "A card without a known day of payment is paid off in three weeks.",
    "sales_pace": "Sales not invoiced yet: the average week of the last thirteen, by terms and the habit of all customers; a week "
    "that four of five reached for the downside.",
    "counter_pace": "Counter takings: the average week of the last thirteen; a week that four of five reached for the downside.",
    "unbilled_series": "A bill that comes on a calendar, unconfirmed, is drawn at the median of its last six.",
    "unbilled_pace": "Bills not entered yet: the average week of the last thirteen, by their terms and pay runs.",
}
"""Every rule by its id, as a person reads it."""


class Placed(Struct, frozen=True):
    """Flows with their days, and what got none."""

    flows: tuple[Flow, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Aside:
    """What is left out, counted by why and currency."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], list[int]] = {}

    def put(self, why: str, currency: str, minor: int) -> None:
        self._rows.setdefault((why, currency), []).append(minor)

    def said(self) -> tuple[LeftOut, ...]:
        return tuple(
            LeftOut(why, currency, len(minors), sum(minors)) for (why, currency), minors in sorted(self._rows.items())
        )


def together(parts: Iterable[Placed]) -> Placed:
    """All flows, by day, and what all of them left out: rows and amounts summed by reason and currency."""
    flows: list[Flow] = []
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for part in parts:
        flows.extend(part.flows)
        for each in part.left_out:
            rows, minor = sums.get((each.why, each.currency), (0, 0))
            sums[(each.why, each.currency)] = (rows + each.rows, minor + each.minor)
    flows.sort(key=lambda flow: (flow.likely, flow.late, flow.key))
    out = (LeftOut(why, currency, rows, minor) for (why, currency), (rows, minor) in sorted(sums.items()))
    return Placed(tuple(flows), tuple(out))


def assumed_minor(flows: Sequence[Flow]) -> tuple[int, int]:
    """How much stands on assumptions about something overdue: money in, and money out, both above zero (§2.3)."""
    resting = [flow.minor for flow in flows if flow.assumed]
    return sum(minor for minor in resting if minor > 0), -sum(minor for minor in resting if minor < 0)


def tomorrow(today: date) -> date:
    """The next workday after ``today``."""
    return add_workdays(today, 1)
