"""What Intuit sends events of, and what an event is (qbo.md §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from interlock_sandbox.books.record import Happened

_USUAL = frozenset({"Create", "Update", "Delete"})
_NAMES = _USUAL | {"Merge"}
_VOIDABLE = _USUAL | {"Void"}

# No events of CompanyInfo, tax codes, attachments or recurring templates.
TOLD: dict[str, frozenset[str]] = {
    "Account": _NAMES, "Customer": _NAMES, "Vendor": _NAMES, "Employee": _NAMES, "Item": _NAMES,
    "PaymentMethod": _NAMES, "Term": frozenset({"Create", "Update"}), "Preferences": frozenset({"Update"}),
    "Bill": _USUAL, "VendorCredit": _USUAL, "PurchaseOrder": _USUAL, "Deposit": _USUAL, "JournalEntry": _USUAL,
    "Estimate": _USUAL, "BillPayment": _VOIDABLE, "Invoice": _VOIDABLE, "Payment": _VOIDABLE,
    "CreditMemo": _VOIDABLE, "SalesReceipt": _VOIDABLE, "RefundReceipt": _VOIDABLE, "Purchase": _VOIDABLE,
    "Transfer": _VOIDABLE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one object. ``number`` counts up in a sandbox's life; the same number is the same event again."""

    number: int
    realm: str
    entity: str
    id: str
    operation: str
    at: datetime
    deleted_id: str | None = None

    @property
    def uuid(self) -> str:
        """The CloudEvents id: the same after a restart."""
        return str(uuid5(NAMESPACE_OID, f"{self.realm}/{self.number}"))


def event_of(number: int, realm: str, happened: Happened) -> Event | None:
    """The event of a change, or ``None`` where Intuit sends none."""
    if happened.operation not in TOLD.get(happened.entity, ()):
        return None
    return Event(number, realm, happened.entity, happened.id, happened.operation, happened.at, happened.deleted_id)
