"""What can be spent, and how long it lasts: each figure with its inputs (product-map §2.1, §2.2). Pure."""

from collections.abc import Callable, Sequence
from datetime import date

from interlock.runway.services.calculators.burn import LEAST_WEEKS, Moved, buffer_days, path_runway, static_runway
from interlock.runway.services.calculators.figure_values import (
    Explained,
    Leaf,
    Position,
    SetAside,
    part_leaf,
    start_leaves,
)
from interlock.runway.services.calculators.flows import Source
from interlock.runway.services.calculators.spendable import OnItsWay
from interlock.runway.services.calculators.words import counted, on_day

_OURS = "ours"


def _available(at: Position) -> Explained:
    if at.spending is None:
        return _books(at, "available", "Cash in the books")
    parts = at.spending.available
    return Explained(
        "available",
        "Bank available",
        at.spending.available_minor,
        "",
        "Sum of what the banks call available on deposit accounts of home currency; cards and loans are debt.",
        tuple(part_leaf(each) for each in parts),
    )


def _books(at: Position, figure: str, name: str) -> Explained:
    return Explained(figure, name, at.plan.start.minor, "", at.plan.start.words, start_leaves(at.plan))


def _none(figure: str, name: str) -> Explained:
    return Explained(figure, name, None, "not known", "No bank says what is available, so this can't be said.", ())


def _in_flight(at: Position) -> Explained:
    if at.spending is None:
        return _none("in_flight", "In flight")
    leaves = _on_their_way(at.spending.in_flight)
    return Explained(
        "in_flight",
        "In flight",
        sum(each.minor for each in leaves),
        "",
        "Payments made or instructed that no bank shows yet, pending or posted.",
        leaves,
    )


_BOOKS = {"ledger": "qbo", "paying": "ramp", "collecting": "stripe"}


def _on_their_way(found: Sequence[OnItsWay]) -> tuple[Leaf, ...]:
    return tuple(
        Leaf(
            f"in_flight:{each.book}:{each.kind}:{each.id}",
            " ".join(part for part in (each.party or each.kind.replace("_", " "), each.number) if part),
            -each.minor,
            source=Source(_BOOKS.get(each.book, each.book), each.kind, each.id, each.number),
            on=each.dated,
            because="Left the books or was told to the rail; no bank line shows it yet.",
        )
        for each in found
    )


def _earmarked(at: Position) -> Explained:
    held = at.spending.earmarks if at.spending else None
    return _set_aside(
        "earmarked", "Earmarked", held, "Sum of active earmarks. One is consumed by its matched payment, never by time."
    )


def _restricted(at: Position) -> Explained:
    held = at.spending.restricted if at.spending else None
    return _set_aside(
        "restricted", "Restricted", held, "What stands at the banks and isn't free to be spent; not in the path either."
    )


def _set_aside(key: str, name: str, held: Sequence[SetAside] | None, formula: str) -> Explained:
    """``held``: ``None`` where nothing is known of what can be spent."""
    if held is None:
        return _none(key, name)
    leaves = _aside(held)
    return Explained(key, name, sum(each.minor for each in leaves), "", formula, leaves)


def _aside(found: Sequence[SetAside]) -> tuple[Leaf, ...]:
    return tuple(
        Leaf(
            f"earmark:{each.earmark_id}",
            each.name,
            -each.minor,
            source=Source(_OURS, "earmark", each.earmark_id),
            on=each.needed_on,
            because=f"Set aside for {each.category}.",
        )
        for each in found
    )


def _spendable(at: Position) -> Explained:
    said = at.spending
    if said is None:
        return _none("spendable", "Spendable")
    leaves = (
        *(part_leaf(each) for each in said.available),
        *_on_their_way(said.in_flight),
        *_aside(said.earmarks),
        *_aside(said.restricted),
    )
    return Explained(
        "spendable",
        "Spendable",
        said.spendable_minor,
        "",
        "Bank available − in flight − earmarked − restricted. Below zero is over-committed.",
        leaves,
    )


def _path_runway(at: Position) -> Explained:
    said = path_runway(at.path, at.floor_minor)
    below_zero = at.path.breach(0)
    on = said.until or at.low.on
    held = at.path.days[(on - at.path.today).days]
    zero = "Not below zero on the path." if below_zero is None else f"Below zero on {on_day(below_zero, at.today)}."
    return Explained(
        "path_runway",
        "Path runway",
        None,
        said.words if said.until is None else f"{said.words}, until {on_day(said.until, at.today)}",
        f"Days until the low side (p80) is first under the floor. {zero}",
        (
            _aside_leaf("low", f"Balance, {on_day(on, at.today)}", held.low_minor, figure=f"balance:{on}:low", on=on),
            _aside_leaf("floor", "Floor", at.floor_minor, figure="floor"),
        ),
    )


def _buffer_days(at: Position) -> Explained:
    burn = at.burn
    days = buffer_days(at.average_minor, burn.outflow_minor, burn.days)
    return Explained(
        "buffer_days",
        "Cash buffer",
        None,
        "insufficient history" if days is None else f"{days} days",
        "Average daily balance ÷ average daily outflow: days of outflow that could be paid if nothing came in.",
        (
            _aside_leaf("average", f"Average daily balance, {counted(burn.weeks, 'week')}", at.average_minor),
            _aside_leaf("outflow", f"Operating outflow, {counted(burn.days, 'day')}", -burn.outflow_minor),
            _aside_leaf("outflow_day", "A day", -(burn.gross_day_minor or 0)),
        ),
        _BURN_LEAVES_OUT,
    )


def _static_runway(at: Position) -> Explained:
    burn = at.burn
    spendable = None if at.spending is None else at.spending.spendable_minor
    said = static_runway(spendable, burn, at.today)
    leaves = [
        _aside_leaf("outflow", f"Operating outflow, {counted(burn.days, 'day')}", -burn.outflow_minor),
        _aside_leaf("inflow", f"Operating inflow, {counted(burn.days, 'day')}", burn.inflow_minor),
        _aside_leaf("net_day", "Net a day, the mean", -(burn.net_day_minor or 0)),
        _aside_leaf("median_day", "Net a day, the median week", -(burn.median_net_day_minor or 0)),
    ]
    if spendable is not None:
        leaves.insert(0, _aside_leaf("spendable", "Spendable", spendable, figure="spendable"))
    return Explained(
        "static_runway",
        "Static runway",
        None,
        said.words,
        f"Spendable ÷ net burn a day. No number where more comes in than goes out, or with under {LEAST_WEEKS} weeks of history.",
        tuple(leaves),
        _BURN_LEAVES_OUT,
    )


_BURN_LEAVES_OUT = ("Transfers between own accounts, and what owners and lenders bring or take.",)


def _aside_leaf(key: str, label: str, minor: int, *, figure: str | None = None, on: date | None = None) -> Leaf:
    """An input of a figure that isn't a sum."""
    return Leaf(key, label, minor, on=on, figure=figure, counts=False)


def average_balance(start_minor: int, moved: Sequence[Moved], today: date, days: int) -> int:
    """The mean of end-of-day balances over the ``days`` before ``today``, walked back from what there is now."""
    if days <= 0:
        return start_minor
    changes = [0] * days
    for each in moved:
        ago = (today - each.day).days
        if 0 < ago <= days:
            changes[ago - 1] += each.minor
    balance, total = start_minor, 0
    for change in changes:
        total += balance
        balance -= change
    return total // days


CASH_FIGURES: dict[str, Callable[[Position], Explained]] = {
    "available": _available,
    "in_flight": _in_flight,
    "earmarked": _earmarked,
    "restricted": _restricted,
    "spendable": _spendable,
    "path_runway": _path_runway,
    "buffer_days": _buffer_days,
    "static_runway": _static_runway,
}
