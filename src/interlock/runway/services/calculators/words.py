"""How figures, dates and documents are said in sentences."""

from datetime import date

from interlock.kernel.money import Money


def on_day(day: date, today: date) -> str:
    """``17 Dec``, with the year where it isn't this one."""
    said = f"{day.day} {day:%b}"
    return said if day.year == today.year else f"{said} {day.year}"


def sum_of(money: Money, home_currency: str) -> str:
    """``1,234.50`` at home, ``EUR 1,234.50`` elsewhere."""
    return str(money) if money.currency == home_currency else f"{money.currency} {money}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 bill``, ``3 bills``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def document(kind: str, party: str | None, number: str | None, dated: date, today: date) -> str:
    """``Copperfield Freight 88120``; without a number ``Copperfield Freight, bill of 12 Nov``."""
    who = party or "Nobody named"
    return f"{who} {number}" if number else f"{who}, {kind} of {on_day(dated, today)}"
