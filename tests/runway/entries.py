"""Entries of the books as checks see them, ordinary in everything a test does not name. Money in cents."""

from datetime import date, timedelta
from typing import Any

from interlock.runway.services.calculators.books import (
    BillEntry,
    Books,
    CustomerEntry,
    InvoiceEntry,
    OpenCredit,
    PurchaseEntry,
    VendorEntry,
)
from interlock.runway.services.calculators.checks import examine
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.links import Links

TODAY = date(2026, 11, 24)
LINKS = Links("4620816365001")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def bill(id_: str = "1", cents: int = 10_000, **more: Any) -> BillEntry:
    """Three weeks old, due in a week, open in full, from v1."""
    said: dict[str, Any] = {
        "number": f"N-{id_}",
        "vendor_id": "v1",
        "vendor_name": "Copperfield Freight",
        "dated": ago(21),
        "due": ago(-9),
        "currency": "USD",
        "total_minor": cents,
        "balance_minor": cents,
        **more,
    }
    return BillEntry(id=id_, **said)


def paid(id_: str = "9", cents: int = 10_000, **more: Any) -> BillEntry:
    return bill(id_, cents, balance_minor=0, **more)


def invoice(id_: str = "1", cents: int = 10_000, **more: Any) -> InvoiceEntry:
    """Sent three weeks ago to c1, due in a week."""
    said: dict[str, Any] = {
        "number": f"{2000 + int(id_)}",
        "customer_id": "c1",
        "customer_name": "Mossgate Schools",
        "dated": ago(21),
        "due": ago(-9),
        "currency": "USD",
        "balance_minor": cents,
        "email": None,
        "email_status": "EmailSent",
        **more,
    }
    return InvoiceEntry(id=id_, **said)


def check(id_: str, cents: int, dated: date, **more: Any) -> PurchaseEntry:
    """Money out to v1."""
    said: dict[str, Any] = {"number": "1182", "vendor_id": "v1", "method": "check", "currency": "USD", **more}
    return PurchaseEntry(id=id_, dated=dated, total_minor=cents, **said)


def credit(kind: str, id_: str, cents: int, party_id: str, **more: Any) -> OpenCredit:
    said: dict[str, Any] = {"number": f"CM-{id_}", "party_name": "Mossgate Schools", "currency": "USD", **more}
    return OpenCredit(kind=kind, id=id_, party_id=party_id, dated=ago(14), open_minor=cents, **said)


def books(*bills: BillEntry, **more: Any) -> Books:
    """Bills with a balance are open, the others to compare with; v1 and c1 exist and are in order."""
    said: dict[str, Any] = {
        "bills": tuple(each for each in bills if each.balance_minor),
        "other_bills": tuple(each for each in bills if not each.balance_minor),
        "vendors": {"v1": VendorEntry("v1", "Copperfield Freight", True, first_paid_on=ago(900))},
        "customers": {"c1": CustomerEntry("c1", "Mossgate Schools", "pay@example.com", "USD", 0)},
        **more,
    }
    return Books(today=TODAY, home_currency="USD", **said)


def found(of: Books, rule: str) -> list[Finding]:
    """What one rule finds, in the order of the whole."""
    return [finding for finding in examine(of, LINKS) if finding.rule.id == rule]


def ids(of: Books, rule: str) -> list[str]:
    return sorted(finding.subject.id for finding in found(of, rule))
