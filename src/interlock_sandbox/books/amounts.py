"""Money on the way in and out of the books: integer cents inside, exact decimals outside."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from interlock_sandbox.books.fault import invalid_number

CENT = Decimal("0.01")
NUMBER_LIMIT = Decimal("99999999999.99")


def number(value: object, element: str) -> Decimal:
    """A JSON number or numeric string as an exact decimal; anything else (floats included) is fault 2080."""
    if isinstance(value, Decimal):
        result = value
    elif isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    elif isinstance(value, str):
        try:
            result = Decimal(value.strip())
        except InvalidOperation:
            raise invalid_number(element, value) from None
    else:
        raise invalid_number(element, value)
    if not result.is_finite() or abs(result) > NUMBER_LIMIT:
        raise invalid_number(element, value)
    return result


def cents(value: object, element: str = "Amount") -> int:
    """Whole cents, half a cent rounding away from zero as QuickBooks does."""
    scaled = number(value, element).scaleb(2)
    return int(scaled.to_integral_value(ROUND_HALF_UP))


def money(amount: int) -> Decimal:
    """Cents as a decimal with two places, the way amounts are written on the wire."""
    return Decimal(amount).scaleb(-2)


def at_rate(amount: int, rate: Decimal) -> int:
    """Cents of a foreign document in home currency cents."""
    if rate == 1:
        return amount
    return int((amount * rate).to_integral_value(ROUND_HALF_UP))
