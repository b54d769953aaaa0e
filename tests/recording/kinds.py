"""The two kinds of record, said so that one story tells both."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from interlock.domains.qbo.rail import QBORail
from interlock.kernel.money import Money
from interlock.rails.records import LedgerRecord, RecordedBillPayment, RecordedCustomerPayment
from tests.support.sandbox import Sandbox

DATED = date(2026, 11, 20)
CHECKING = "1"
CARD = "5"
Asked = Any  # one of the two structs: each story builds and passes them through its kind

_EXPENSE = {"AccountRef": {"value": "22"}}


@dataclass(frozen=True)
class Kind:
    """``owes`` makes the bill or invoice, ``paid`` the facts of its payment; ``entity`` is what QuickBooks calls the record."""

    entity: str
    owed_entity: str
    party: str
    make: Callable[[Sandbox, str, Decimal, dict[str, Any]], dict[str, Any]]
    struct: Callable[..., Asked]
    ref: str
    account: str

    def owes(self, sandbox: Sandbox, realm_id: str, amount: str = "120.00", /, **more: Any) -> dict[str, Any]:
        return self.make(sandbox, realm_id, Decimal(amount), more)

    def paid(self, key: str, owed: dict[str, Any], amount: str = "120.00", /, **changed: Any) -> Asked:
        money = Money.of(amount, owed["CurrencyRef"]["value"])
        facts: dict[str, Any] = {
            "key": key,
            self.party: owed[self.ref]["value"],
            self.account: CHECKING,
            "dated": DATED,
            "amount": money,
            "applied": ((owed["Id"], money),),
            **({"method": "check"} if self.struct is RecordedBillPayment else {}),
            **changed,
        }
        return self.struct(**facts)

    async def record(self, rail: QBORail, asked: Asked) -> LedgerRecord:
        if isinstance(asked, RecordedBillPayment):
            return await rail.record_bill_payment(asked)
        return await rail.record_customer_payment(asked)

    async def find(self, rail: QBORail, asked: Asked) -> LedgerRecord | None:
        if isinstance(asked, RecordedBillPayment):
            return await rail.find_bill_payment(asked)
        return await rail.find_customer_payment(asked)


def _bill(sandbox: Sandbox, realm_id: str, amount: Decimal, more: dict[str, Any]) -> dict[str, Any]:
    line = {
        "Amount": str(amount),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": _EXPENSE,
    }
    body = {"VendorRef": {"value": "5"}, "TxnDate": "2026-11-10", "Line": [line], **more}
    made: dict[str, Any] = sandbox.create(realm_id, "Bill", body)["object"]
    return made


def _invoice(sandbox: Sandbox, realm_id: str, amount: Decimal, more: dict[str, Any]) -> dict[str, Any]:
    line = {
        "Amount": str(amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "1"}, "Qty": 1, "UnitPrice": str(amount)},
    }
    body = {"CustomerRef": {"value": "34"}, "TxnDate": "2026-11-10", "Line": [line], **more}
    made: dict[str, Any] = sandbox.create(realm_id, "Invoice", body)["object"]
    return made


BILL = Kind("BillPayment", "Bill", "vendor_id", _bill, RecordedBillPayment, "VendorRef", "paid_from_account_id")
INVOICE = Kind(
    "Payment",
    "Invoice",
    "customer_id",
    _invoice,
    RecordedCustomerPayment,
    "CustomerRef",
    "deposit_to_account_id",
)
