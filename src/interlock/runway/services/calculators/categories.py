"""What a payment is for, told from the accounts it stands on: payroll, tax, rent, utilities, debt, card, sales or recurring. Pure.

The words are those of charts of accounts in American English; an account's type decides where its name says nothing.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

_CARD = "Credit Card"
_EXPENSE = frozenset({"Expense", "Other Expense", "Cost of Goods Sold"})
_LONG_DEBT = "Long Term Liability"
_WAGES = re.compile(r"\b(wages?|payroll|salar(y|ies)|net pay)\b", re.IGNORECASE)
_TAX = re.compile(r"\b(tax(es)?|payroll (tax )?liabilit(y|ies)|withh(olding|eld)|irs|futa|suta|fica)\b", re.IGNORECASE)
_DEBT = re.compile(r"\b(loans?|line of credit|notes? payable|mortgage|ppp|eidl|interest paid)\b", re.IGNORECASE)
_RENT = re.compile(r"\b(rent|office lease|building lease|rent or lease)\b", re.IGNORECASE)
_UTILITIES = re.compile(
    r"\b(utilit(y|ies)|electric(ity)?|water|gas|telephone|phone|internet|sewer|power)\b", re.IGNORECASE
)


def category_of(names: Sequence[str], kinds: Sequence[str], inflow: bool = False) -> str:
    """Of the accounts on the other side of the bank's, each with its type as the ledger has it. Money in is sales.

    Wages on an expense account come first, since a payroll also books what it withholds.
    """
    return "sales" if inflow else _category_of(tuple(names), tuple(kinds))


@lru_cache(maxsize=4096)
def _category_of(names: tuple[str, ...], kinds: tuple[str, ...]) -> str:
    accounts = list(zip(names, kinds, strict=True))
    if any(kind in _EXPENSE and _WAGES.search(name) and not _TAX.search(name) for name, kind in accounts):
        return "payroll"
    if any(_TAX.search(name) for name, _ in accounts):
        return "tax"
    if any(kind == _CARD for _, kind in accounts):
        return "card"
    if any(kind == _LONG_DEBT or _DEBT.search(name) for name, kind in accounts):
        return "debt"
    if any(_RENT.search(name) for name, _ in accounts):
        return "rent"
    if any(_UTILITIES.search(name) for name, _ in accounts):
        return "utilities"
    return "recurring"


def essential_place(category: str | None, order: Sequence[str]) -> int | None:
    """The place of a category in the waterfall, 0 first; ``None`` for what is not essential."""
    return order.index(category) if category in order else None


def vendor_categories(vendors: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """A policy's essential vendors by name, as ``name_key`` spells it."""
    return {name_key(name): category for name, category in vendors}


def name_key(name: str) -> str:
    return " ".join(name.split()).casefold()
