"""Lines and movements, ordinary in everything a test does not name. Money in cents, November 2026."""

from datetime import date
from typing import Any

from interlock.domains.bank.matching import windows
from interlock.domains.bank.matching.values import LEDGER, Line, Movement


def day(number: int) -> date:
    return date(2026, 11, number)


def line(id_: str, cents: int, on: int = 12, **more: Any) -> Line:
    """Posted on the checking account; nothing on it says what it is."""
    said: dict[str, Any] = {"bank_account_id": "b1", "account_id": "1", "text": "ACH DEBIT", **more}
    return Line(id=id_, dated=day(on), minor=cents, currency=said.pop("currency", "USD"), **said)


def paid(id_: str, cents: int, on: int = 10, **more: Any) -> Movement:
    """A bill payment of the ledger, paid electronically; ``cents`` are what left the account."""
    first, last = windows.electronic(day(on))
    said: dict[str, Any] = {
        "book": LEDGER,
        "kind": "bill_payment",
        "account_id": "1",
        "first": first,
        "last": last,
        "party": "Copperfield Freight",
        **more,
    }
    dated = said.pop("dated", day(on))
    return Movement(id=id_, dated=dated, minor=-cents, currency=said.pop("currency", "USD"), **said)


def check(id_: str, cents: int, number: str, on: int = 3, **more: Any) -> Movement:
    first, last = windows.check(more.get("dated", day(on)))
    return paid(id_, cents, on, **{"first": first, "last": last, "number": number, "paper": True, **more})
