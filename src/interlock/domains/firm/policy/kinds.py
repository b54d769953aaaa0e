"""What a value in a policy may be: how it is read from TOML, and how it is said again. Pure.

Amounts are quoted, so that none is ever a float; TOML's floats arrive as ``Inexact`` and are refused by name.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from msgspec import Struct

from interlock.kernel.money import Money, MoneyError

NONE = "none"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CATEGORIES = ("payroll", "tax", "rent", "utilities", "debt", "supplier", "other")
_LARGEST = Decimal(10) ** 12
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_VENDORS_MOST = 200
_NAME_CHARACTERS = 120
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_ADDRESSES_MOST = 20
_BASIS_POINTS_MOST = 1_000


class Inexact(str):
    """A float as it was written."""


class Unfit(Exception):
    """Why a value can't be used and what to write instead: a clause that follows the key's name."""


class Kind(Protocol):
    """How one sort of value is read and said."""

    def read(self, value: Any, currency: str, /) -> Any:
        """What the policy keeps; ``Unfit`` otherwise."""
        ...

    def spoken(self, value: Any, currency: str, /) -> str:
        """As people say it."""
        ...


class Cash(Struct, frozen=True):
    """An amount of home currency, zero or more. ``lifts``: whether ``"none"`` takes a limit away."""

    lifts: bool = False

    def read(self, value: Any, currency: str) -> int | None:
        if self.lifts and value == NONE:
            return None
        also = ', or "none" for no limit' if self.lifts else ""
        if isinstance(value, Inexact):
            raise Unfit(f'is {value} without quotes; write amounts in quotes: "{_two_decimals(value)}"')
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Unfit(f'is no amount; write it like "25000.00"{also}')
        try:
            exact = Decimal(str(value).replace(",", ""))
            if not 0 <= exact <= _LARGEST:
                raise Unfit(f"is {value}; an amount here is between 0 and {_LARGEST:,}")
            return Money.of(exact, currency).minor
        except InvalidOperation:
            raise Unfit(f'is {_shown(value)}, which is no amount; write it like "25000.00"{also}') from None
        except MoneyError as why:
            raise Unfit(f"can't be kept: {why.sentence.rstrip('.')}") from None

    def spoken(self, value: Any, currency: str) -> str:
        return "no limit" if value is None else f"{currency} {Money(value, currency)}"


class Whole(Struct, frozen=True):
    """A whole number of ``unit`` between ``low`` and ``high``."""

    low: int
    high: int
    unit: str

    def read(self, value: Any, _currency: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Unfit(f"is {_shown(value)}; write a whole number of {self.unit}, {self.low} to {self.high}")
        if not self.low <= value <= self.high:
            raise Unfit(f"is {value}; {self.low} to {self.high} {self.unit} can be kept")
        return value

    def spoken(self, value: Any, _currency: str) -> str:
        return f"{value} {self.unit.removesuffix('s') if value == 1 else self.unit}"


class Flag(Struct, frozen=True):
    """``true`` or ``false``."""

    def read(self, value: Any, _currency: str) -> bool:
        if not isinstance(value, bool):
            raise Unfit(f"is {_shown(value)}; write true or false, without quotes")
        return value

    def spoken(self, value: Any, _currency: str) -> str:
        return "yes" if value else "no"


class TimeOfDay(Struct, frozen=True):
    """``HH:MM`` of the client's own time, in quotes."""

    def read(self, value: Any, _currency: str) -> str:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise Unfit(f'is {_shown(value)}; write a time of day in quotes: "16:00"')
        return value

    def spoken(self, value: Any, _currency: str) -> str:
        return str(value)


class Weekdays(Struct, frozen=True):
    """At least one weekday that banks work on, kept as numbers, Monday 0."""

    def read(self, value: Any, _currency: str) -> list[int]:
        if not isinstance(value, list) or not value:
            raise Unfit('has no days; write at least one, like ["tue", "thu"]')
        for each in value:
            if not isinstance(each, str) or each.lower()[:3] not in WEEKDAYS or not _is_day(each):
                raise Unfit(f"names {_shown(each)}, which is no weekday; write {', '.join(WEEKDAYS[:5])}")
            if WEEKDAYS.index(each.lower()[:3]) > 4:
                raise Unfit(f"names {_shown(each)}; banks move no money at weekends, so a pay run is on a weekday")
        return sorted({WEEKDAYS.index(each.lower()[:3]) for each in value})

    def spoken(self, value: Any, _currency: str) -> str:
        return " and ".join(_DAY_NAMES[each] for each in value)


class Weekday(Struct, frozen=True):
    """One day of the week, kept as a number, Monday 0."""

    def read(self, value: Any, _currency: str) -> int:
        if not isinstance(value, str) or value.lower()[:3] not in WEEKDAYS or not _is_day(value):
            raise Unfit(f"is {_shown(value)}, which is no weekday; write one of {', '.join(WEEKDAYS)}")
        return WEEKDAYS.index(value.lower()[:3])

    def spoken(self, value: Any, _currency: str) -> str:
        return _DAY_NAMES[value]


class Addresses(Struct, frozen=True):
    """E-mail addresses, each once; none is fine."""

    def read(self, value: Any, _currency: str) -> list[str]:
        if not isinstance(value, list):
            raise Unfit(f'is {_shown(value)}; write a list, like ["owner@example.com"]')
        if len(value) > _ADDRESSES_MOST:
            raise Unfit(f"names {len(value)} addresses; {_ADDRESSES_MOST} are the most")
        for each in value:
            if not isinstance(each, str) or len(each) > _NAME_CHARACTERS or not _ADDRESS.fullmatch(each):
                raise Unfit(f'names {_shown(each)}, which is no e-mail address; write it like "owner@example.com"')
        if len({each.lower() for each in value}) != len(value):
            raise Unfit("names an address twice")
        return list(value)

    def spoken(self, value: Any, _currency: str) -> str:
        return ", ".join(value) or "nobody"


class Order(Struct, frozen=True):
    """Categories in the order in which they are paid, each once."""

    def read(self, value: Any, _currency: str) -> list[str]:
        if not isinstance(value, list):
            raise Unfit(f"is {_shown(value)}; write a list, like {_quoted(CATEGORIES[:3])}")
        for each in value:
            if each not in CATEGORIES:
                raise Unfit(f"names {_shown(each)}; the categories are {', '.join(CATEGORIES)}")
        if len(set(value)) != len(value):
            raise Unfit("names a category twice")
        return list(value)

    def spoken(self, value: Any, _currency: str) -> str:
        return ", then ".join(value) or "nothing"


class VendorCategories(Struct, frozen=True):
    """Vendors by name, each with its category; ``"none"`` takes out a vendor that the firm's policy names."""

    def read(self, value: Any, _currency: str) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise Unfit('is a table: [essential.vendors], then lines like "Foundry Lane Properties" = "rent"')
        if len(value) > _VENDORS_MOST:
            raise Unfit(f"names {len(value)} vendors; {_VENDORS_MOST} are the most")
        return {name: self.one(name, category) for name, category in value.items()}

    def one(self, name: str, category: Any) -> str:
        """The category of one vendor."""
        if not name.strip() or len(name) > _NAME_CHARACTERS:
            raise Unfit(f"is named with 1 to {_NAME_CHARACTERS} characters")
        if category != NONE and category not in CATEGORIES:
            raise Unfit(f'is {_shown(category)}; the categories are {", ".join(CATEGORIES)}, or "none" to take it out')
        return str(category)

    def spoken(self, value: Any, _currency: str) -> str:
        return "; ".join(f"{name}: {category}" for name, category in sorted(value.items())) or "nobody"


class Percent(Struct, frozen=True):
    """A part of an amount, in quotes, to a hundredth of a percent; kept in basis points."""

    def read(self, value: Any, _currency: str) -> int:
        if isinstance(value, Inexact):
            raise Unfit(f'is {value} without quotes; write it in quotes: "{value}"')
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Unfit(f'is {_shown(value)}; write a percentage in quotes, like "1.00"')
        try:
            points = Decimal(str(value).removesuffix("%").strip()) * 100
            if points != points.to_integral_value() or not 0 <= points <= _BASIS_POINTS_MOST:
                raise Unfit(f'is {value}; "0" to "{_BASIS_POINTS_MOST // 100}", with at most two decimals')
        except InvalidOperation:
            raise Unfit(f'is {_shown(value)}, which is no percentage; write it like "1.00"') from None
        return int(points)

    def spoken(self, value: Any, _currency: str) -> str:
        return f"{value // 100}.{value % 100:02}%" if value % 100 else f"{value // 100}%"


def _is_day(each: str) -> bool:
    return any(name.lower() == each.lower() or name.lower()[:3] == each.lower() for name in _DAY_NAMES)


def _two_decimals(written: str) -> str:
    try:
        return f"{Decimal(written.replace('_', '')):.2f}"
    except (InvalidOperation, ValueError):
        return "25000.00"


def _quoted(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{each}"' for each in values) + "]"


def _shown(value: Any) -> str:
    said = f'"{value}"' if isinstance(value, str) and not isinstance(value, Inexact) else str(value)
    return said if len(said) <= 60 else f"{said[:59]}…"
