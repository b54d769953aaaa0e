"""A verdict in words: what binds, when, by how much, and what to drop. Pure."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from interlock.kernel.money import Money
from interlock.runway.services.calculators.guardrail_values import Binding, Low, Outcome, Reason, Stop, Wanted
from interlock.runway.services.calculators.waterfall import Covered
from interlock.runway.services.calculators.words import counted, on_day

_NAMED_AT_MOST = 4
_OPENING: dict[Outcome, str] = {"allow": "Allowed", "warn": "Warning", "block": "Blocked"}


class Said(Struct, frozen=True):
    """What the sentence is made of. ``dropped`` and ``must_pay``: label and amount of each; ``unseen``: paid after the horizon."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    dropped: tuple[tuple[str, int], ...]
    proven: bool
    spare_minor: int | None
    broken_without: date | None
    only_must_pay: bool
    must_pay: tuple[tuple[str, int], ...]
    unseen: tuple[Wanted, ...]
    horizon_days: int
    after: Low
    floor_minor: int
    today: date
    currency: str


def sentence(said: Said) -> str:
    """``Blocked: 12,000.00 below floor on 17 Dec. Dropping Acme Hosting 4,200.00 and Quill Legal 8,150.00 clears it.``"""
    parts = [f"{_OPENING[said.outcome]}: {_first(said)}."]
    if said.dropped:
        parts.append(_dropping(said))
    elif said.broken_without and not said.only_must_pay and said.outcome != "allow" and not _unfit(said):
        parts.append(_no_help(said, said.broken_without))
    if said.unseen:
        named = _named([(each.label, each.minor) for each in said.unseen], said.currency)
        parts.append(f"Paid after the {said.horizon_days} days looked at, so judged again at release: {named}.")
    return " ".join(parts)


def _first(said: Said) -> str:
    if not said.reasons:
        lowest = f"lowest {_sum(said.after.minor, said.currency)} on {on_day(said.after.on, said.today)}"
        spare = _sum(said.after.minor - said.floor_minor, said.currency)
        return f"{lowest}, {spare} above the floor" if said.floor_minor else lowest
    more = len(said.reasons) - 1
    return said.reasons[0].words + (f", and {counted(more, 'other reason')}" if more else "")


def _dropping(said: Said) -> str:
    named = _named(said.dropped, said.currency)
    spare = f", with {_sum(said.spare_minor, said.currency)} to spare" if said.spare_minor else ""
    if said.proven:
        return f"Dropping {named} clears it{spare}."
    return f"Dropping {named} clears it{spare}; none of them can stay, but a smaller set isn't ruled out."


def _no_help(said: Said, since: date) -> str:
    """Nor is it hidden that what must be paid may go alone, where the rest of the batch keeps it back."""
    floor = "The floor is broken" if said.floor_minor else "Cash is below zero"
    words = f"{floor} on {on_day(since, said.today)} without this too, so no drop clears it"
    if said.must_pay:
        words += f"; judge what must be paid alone: {_named(said.must_pay, said.currency)}"
    return words + "."


def _unfit(said: Said) -> bool:
    return any(reason.binding == "inputs" for reason in said.reasons)


def check_words(wanted: Wanted, stop: Stop) -> str:
    return f"{wanted.label}: {stop.words.rstrip('.')}"


def credit_words(labels: Sequence[str], credit_minor: int, currency: str) -> str:
    names = ", ".join(dict.fromkeys(labels))
    return f"{names}: {_sum(credit_minor, currency)} of the vendor's credit is open and should be applied first"


def payment_words(wanted: Wanted, limit_minor: int, currency: str) -> str:
    paid, limit = _sum(wanted.minor, currency), _sum(limit_minor, currency)
    return f"{wanted.label} {paid} is over the limit of {limit} for one payment"


def limit_words(
    binding: Binding, wanted: Sequence[Wanted], over_minor: int, limit_minor: int, today: date, currency: str
) -> str:
    over, limit = _sum(over_minor, currency), _sum(limit_minor, currency)
    if binding == "vendor_week":
        return f"{wanted[0].label}: {over} over the limit of {limit} for one vendor in seven days"
    if binding == "day":
        return f"{over} over the limit of {limit} for one day, {on_day(wanted[0].pay_on, today)}"
    return f"{over} over the limit of {limit} for seven days"


def floor_words(
    short_minor: int,
    floor_minor: int,
    low_on: date,
    first_on: date | None,
    today: date,
    currency: str,
    *,
    at_low_side: bool,
    anyway: bool,
) -> str:
    """``12,000.00 below floor on 17 Dec``, with the first day of it where that is another."""
    words = f"{_sum(short_minor, currency)} below {'floor' if floor_minor else 'zero'} on {on_day(low_on, today)}"
    if first_on is not None and first_on != low_on:
        words += f" (first on {on_day(first_on, today)})"
    if at_low_side:
        words += " if customers pay late"
    return words + (" with or without it; must pay" if anyway else "")


def essentials_words(short: Sequence[Covered], day: date, today: date, currency: str) -> str:
    """``Payroll 30,000.00 is 12,000.00 short on 17 Dec``; the first of the waterfall that isn't covered is named."""
    first = short[0]
    words = (
        f"{first.claim.label} {_sum(first.claim.minor, currency)} is {_sum(first.short_minor, currency)} short"
        f" on {on_day(day, today)}"
    )
    more = len(short) - 1
    return words + (f", and {counted(more, 'other essential')} with it" if more else "")


def _named(bills: Sequence[tuple[str, int]], currency: str) -> str:
    """``Acme Hosting 4,200.00 and Quill Legal 8,150.00``; many are counted."""
    if len(bills) > _NAMED_AT_MOST:
        return f"{counted(len(bills), 'bill')} of {_sum(sum(minor for _, minor in bills), currency)} in all"
    each = [f"{label} {_sum(minor, currency)}" for label, minor in bills]
    return each[0] if len(each) == 1 else f"{', '.join(each[:-1])} and {each[-1]}"


def _sum(minor: int, currency: str) -> str:
    return str(Money(minor, currency))
