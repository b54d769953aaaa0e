"""Exact money: integer minor units and a currency.

Addition across currencies, too many decimals and float input are errors, not roundings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import total_ordering

from interlock.kernel.errors import BadInput

# ISO 4217 minor units, where they are not two.
_ZERO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
# The default context works with 28 digits and rounds what is longer; here nothing may be rounded.
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_LARGEST_MINOR = 2**63 - 1  # what a column holds
_LARGEST_EXPONENT = 20
# For amounts of everyday size: it refuses rather than rounds, and whatever it refuses is looked at with care.
_EVERYDAY = Context(prec=20, Emax=30, Emin=-30, traps=[Inexact, InvalidOperation, Overflow])
_HUNDRED = Decimal(100)
_OTHER_UNITS = {currency: Decimal(1) for currency in _ZERO_DECIMALS} | {
    currency: Decimal(1000) for currency in _THREE_DECIMALS
}
_UNITS = tuple(Decimal(10) ** places for places in range(4))


class MoneyError(BadInput):
    """An amount that can't be kept exactly, or amounts that can't be combined."""

    code = "bad_money"


def decimals(currency: str) -> int:
    """How many decimals ``currency`` (ISO 4217, upper case) has."""
    if currency in _ZERO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def to_minor(amount: Decimal, currency: str) -> int:
    """``Decimal('12.34'), 'USD' -> 1234``; raises ``MoneyError`` when digits would be lost or no column could hold them."""
    try:
        product = _EVERYDAY.multiply(amount, _OTHER_UNITS.get(currency, _HUNDRED))
        minor = int(product)
        if minor == product and -_LARGEST_MINOR <= minor <= _LARGEST_MINOR:
            return minor
    except (ArithmeticError, ValueError):  # not of everyday size, or no number
        pass
    return _to_minor_with_care(amount, currency)


def _to_minor_with_care(amount: Decimal, currency: str) -> int:
    if not amount.is_finite():
        raise MoneyError(f"{amount} is not an amount.")
    # The exponent first: a number like 1e999999 must not be written out to be measured.
    scaled = amount.scaleb(decimals(currency), _EXACT)
    minor = int(scaled) if scaled.adjusted() <= _LARGEST_EXPONENT else _LARGEST_MINOR + 1
    if abs(minor) > _LARGEST_MINOR:
        raise MoneyError("The amount is larger than any that Interlock keeps.")
    if minor != scaled:
        raise MoneyError(f"{amount} has more decimals than {currency} allows.")
    return minor


def from_minor(minor: int, currency: str) -> Decimal:
    """``1234, 'USD' -> Decimal('12.34')``."""
    return Decimal(minor).scaleb(-decimals(currency))


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """``minor`` units of ``currency``: ``Money(1234, 'USD')`` is USD 12.34."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise MoneyError(f"Minor units are whole numbers, not {type(self.minor).__name__}.")

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """From major units. Floats are refused, since they have already lost what we would keep."""
        if isinstance(amount, float):
            raise MoneyError("Money is never made from a float; pass a Decimal or a string.")
        try:
            value = Decimal(amount)
        except InvalidOperation:
            raise MoneyError(f"{amount!r} is not an amount.") from None
        return cls(to_minor(value, currency), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Money:
        """The sum; ``currency`` names the zero, and every amount must be in it."""
        return sum(amounts, cls.zero(currency))

    @property
    def amount(self) -> Decimal:
        """In major units, exact."""
        return from_minor(self.minor, self.currency)

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise MoneyError(f"{self.currency} and {other.currency} can't be combined without a rate.")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Split by whole-number weights so that the parts sum to the whole.

        The units that don't divide go to the largest remainders, earlier parts first.
        """
        whole = sum(weights)
        if not weights or whole <= 0 or min(weights) < 0:
            raise MoneyError("Allocation needs weights of zero or more, with a sum above zero.")
        sign = -1 if self.minor < 0 else 1
        shares = [divmod(abs(self.minor) * weight, whole) for weight in weights]
        left = abs(self.minor) - sum(share for share, _ in shares)
        by_remainder = sorted(range(len(shares)), key=lambda i: -shares[i][1])
        extra = set(by_remainder[:left])
        return [Money(sign * (share + (i in extra)), self.currency) for i, (share, _) in enumerate(shares)]

    def __str__(self) -> str:
        """Accountant's form without the currency: ``1,234.50`` or ``(1,234.50)``."""
        text = f"{abs(self.amount):,.{decimals(self.currency)}f}"
        return f"({text})" if self.minor < 0 else text


def in_home(minor: int, currency: str, exchange_rate: str | None, home: str) -> int:
    """``minor`` of ``currency`` in minor units of ``home`` at the document's own rate, half up; unchanged at home.

    A foreign document without a rate counts one to one, as QuickBooks itself books it (qbo.md §12).
    """
    if currency == home:
        return minor
    value = from_minor(minor, currency) * Decimal(exchange_rate or 1)
    return int(value.scaleb(decimals(home)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
