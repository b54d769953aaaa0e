"""Reading what apps send: every field is known and of its kind, or the whole request is refused with 422 (ramp.md §2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from interlock_sandbox.ramp.faults import VALIDATION, RampFault

Check = Callable[[Any], Any]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LARGEST = Decimal("1000000000")


class Wrong(Exception):
    """A value that isn't of its kind; the sentence goes with the field's name."""


def read(sent: Mapping[str, Any], known: Mapping[str, Check], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every field checked by its own rule; RampFault 422 names all that is wrong at once."""
    found: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for name in required:
        if sent.get(name) is None:
            wrong[name] = ["Missing data for required field."]
    for name, value in sent.items():
        if name not in known:
            wrong[name] = ["Unknown field."]
        elif name not in wrong:
            try:
                found[name] = known[name](value)
            except Wrong as reason:
                wrong[name] = [str(reason)]
    if wrong:
        first = next(iter(wrong.values()))[0]
        raise RampFault(422, VALIDATION, first, wrong)
    return found


def text(longest: int | None = None, *, shortest: int = 0) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise Wrong("Not a valid string.")
        if longest is not None and len(value) > longest:
            raise Wrong(f"Longer than maximum length {longest}.")
        if len(value) < shortest:
            raise Wrong(f"Shorter than minimum length {shortest}.")
        return value

    return check


def optional(check: Check) -> Check:
    """The same, or ``null``."""
    return lambda value: None if value is None else check(value)


def uuid(value: Any) -> str:
    if not isinstance(value, str) or not UUID.fullmatch(value):
        raise Wrong("Not a valid UUID.")
    return value.lower()


def day(value: Any) -> str:
    """A calendar date, as text."""
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "").isoformat()
    except ValueError:
        raise Wrong("Not a valid date.") from None


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("Not a valid boolean.")
    return value


def one_of(*allowed: str) -> Check:
    def check(value: Any) -> str:
        if value not in allowed:
            raise Wrong(f"Must be one of: {', '.join(sorted(allowed))}.")
        return str(value)

    return check


def minor_of_major(value: Any) -> int:
    """An amount in the currency's own unit, a number or a decimal string: 12.34 is 1234 cents."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Wrong("Not a valid number.")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise Wrong("Not a valid number.") from None
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise Wrong("Not a valid number.")
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise Wrong("No more than 2 decimal places are allowed for this currency.")
    return int(cents)


def list_of(check: Check) -> Check:
    def each(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Wrong("Not a valid list.")
        return [check(item) for item in value]

    return each


def object_of(known: Mapping[str, Check], required: tuple[str, ...] = ()) -> Check:
    """A nested object; what is wrong in it is told in one sentence."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Wrong("Invalid input type.")
        try:
            return read(value, known, required)
        except RampFault as fault:
            raise Wrong("; ".join(f"{name}: {' '.join(said)}" for name, said in fault.fields.items())) from fault

    return check


_SELECTION = object_of(
    {"field_external_id": text(), "field_option_external_id": optional(text()), "free_form_text": optional(text())},
    ("field_external_id",),
)


def selection(value: Any) -> tuple[str, str]:
    """One coding as (field, option)."""
    found = _SELECTION(value)
    option = found.get("field_option_external_id") or found.get("free_form_text")
    if not option:
        raise Wrong("field_option_external_id or free_form_text is required.")
    return found["field_external_id"], option


_LINE = object_of(
    {"amount": minor_of_major, "memo": optional(text(1000)), "accounting_field_selections": list_of(selection)},
    ("amount",),
)


def line(value: Any) -> dict[str, Any]:
    """A bill's line; its amount becomes cents."""
    found = _LINE(value)
    return {
        "amount_minor": found["amount"],
        "memo": found.get("memo"),
        "selections": found.get("accounting_field_selections", []),
    }
