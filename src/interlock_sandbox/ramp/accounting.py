"""Ramp's accounting sync: bills and payments written in QuickBooks, and payments learnt of from there (ramp.md §6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from interlock_sandbox.books import Books
from interlock_sandbox.books.amounts import money
from interlock_sandbox.ramp.model import Bill, Business, Payment, Settings

if TYPE_CHECKING:
    from interlock_sandbox.ramp.party import Ramp
    from interlock_sandbox.sandbox import Write

EXPENSES = frozenset({"Expense", "Cost of Goods Sold", "Other Expense"})
CATEGORY = "Category"


def paid_by(books: Books, payment_id: str) -> Iterator[str]:
    """The ids of the bills a payment in the books closes for good."""
    record = books.find("BillPayment", payment_id)
    if record is None:
        return
    for line in record.body.get("Line", []):
        for link in line.get("LinkedTxn", []):
            item = books.open_items.of(link["TxnId"]) if link["TxnType"] == "Bill" else None
            if item is not None and item.open <= 0:
                yield link["TxnId"]


def next_sync(bill: Bill, settings: Settings) -> tuple[datetime, str] | None:
    """When the next thing about a bill is written in QuickBooks, and what."""
    if not bill.sync_enabled or bill.never_syncs or bill.sync_trouble:
        return None
    if bill.qbo_id is None:
        ready = bill.approved_at if bill.approval == "APPROVED" and bill.archived_at is None else None
        return None if ready is None else (ready + settings.sync_delay, "export")
    payment = bill.payment
    if payment is None or not payment.by_bank or payment.completed_at is None or payment.synced_as is not None:
        return None
    exported = bill.approved_at if bill.by_api and bill.approved_at is not None else payment.completed_at
    return max(payment.completed_at, exported) + settings.sync_delay, "record"


def export_of(business: Business, books: Books, bill: Bill, at: datetime) -> tuple[str | None, Sequence[Write]]:
    """The document a bill has in the books already, or the one to be written; neither when its vendor isn't linked."""
    vendor = business.vendors[bill.vendor_id].accounting_remote_id
    if vendor is None or books.find("Vendor", vendor) is None:
        return None, ()
    if not business.settings.second_bill:
        known = _known(books, bill, vendor)
        if known is not None:
            return known, ()
    return None, (_creation(business.realm, "Bill", _bill_body(books, bill, vendor), at),)


def record_of(business: Business, books: Books, bill: Bill, at: datetime) -> Sequence[Write]:
    """The payment of one bill, linked to its document, from the account that was drawn on."""
    payment = bill.payment
    paid = books.find("Bill", bill.qbo_id or "")
    vendor = None if paid is None else paid.body["VendorRef"]["value"]
    source = business.source(payment.source_id) if payment is not None else None
    if payment is None or payment.effective_at is None or vendor is None or source is None:
        return ()
    amount = money(bill.amount_minor)
    body = {
        "VendorRef": {"value": vendor}, "TxnDate": payment.effective_at.date().isoformat(), "TotalAmt": amount,
        "PayType": "Check", "DocNumber": payment.friendly_id,
        "CheckPayment": {"BankAccountRef": {"value": source.qbo_account_id}},
        "PrivateNote": f"Paid through Ramp, payment {payment.friendly_id}, bill {bill.id}",
        "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": bill.qbo_id, "TxnType": "Bill"}]}],
    }  # fmt: skip
    return (_creation(business.realm, "BillPayment", body, at),)


def _creation(realm: str, entity: str, body: dict[str, Any], at: datetime) -> Write:
    from interlock_sandbox.sandbox import Write  # the sandbox is made of its parties: they meet it at work only

    return Write(realm, "create", entity, body, at)


def _known(books: Books, bill: Bill, vendor: str) -> str | None:
    named = books.find("Bill", bill.remote_id or "")
    if named is not None and named.body["VendorRef"]["value"] == vendor:
        return named.id
    for record in reversed(books.records("Bill").values()):
        same_vendor = record.body["VendorRef"]["value"] == vendor
        if same_vendor and record.body.get("DocNumber") == bill.invoice_number:
            return record.id
    return None


def _bill_body(books: Books, bill: Bill, vendor: str) -> dict[str, Any]:
    accounts = books.records("Account")
    usual = next(each.id for each in accounts.values() if each.body["AccountType"] in EXPENSES)
    assert bill.issued is not None and bill.due is not None
    lines = []
    for line in bill.lines:
        wanted = dict([*bill.selections, *line.selections]).get(CATEGORY, "")
        lines.append(
            {
                "Amount": money(line.amount_minor), "DetailType": "AccountBasedExpenseLineDetail",
                "AccountBasedExpenseLineDetail": {"AccountRef": {"value": wanted if wanted in accounts else usual}},
                **({"Description": line.memo} if line.memo else {}),
            }
        )  # fmt: skip
    return {
        "VendorRef": {"value": vendor}, "TxnDate": (bill.posting or bill.issued).isoformat(),
        "DueDate": bill.due.isoformat(), "DocNumber": bill.invoice_number, "Line": lines,
        "PrivateNote": f"Exported by Ramp, bill {bill.id}",
    }  # fmt: skip


# --- acts -------------------------------------------------------------------------------------------------------


def _exported(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    bill = business.bills[act["bill"]]
    answer = act["answers"][0] if act.get("answers") else {"Id": act["found"]}
    if answer.get("refused"):
        bill.sync_trouble = str(answer["refused"])
    elif answer.get("Id"):
        bill.qbo_id = str(answer["Id"])
    else:
        bill.sync_trouble = "The vendor isn't linked to an accounting vendor."
    bill.updated_at = at
    del ramp


def _recorded(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    bill = business.bills[act["bill"]]
    answer = act["answers"][0] if act.get("answers") else {"refused": "QuickBooks no longer has the bill."}
    payment = bill.payment
    assert payment is not None
    if answer.get("refused"):
        bill.sync_trouble = str(answer["refused"])
    else:
        payment.synced_as = str(answer["Id"])
        ramp.bank.expects_not(business.realm, payment.synced_as)
    bill.updated_at = at


def _imported(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """The bill was paid outside of Ramp; a payment already under way is not called back by that."""
    bill = business.bills[act["bill"]]
    business.elsewhere = [each for each in business.elsewhere if each[1] != bill.id]
    under_way = bill.payment is not None and bill.payment.progress != "scheduled"
    if bill.paid_at is not None or bill.archived_at is not None or under_way:
        return
    bill.payment = Payment(
        bill.payment.id if bill.payment is not None else f"{bill.id}-erp", "", "PAID_MANUALLY", bill.amount_minor,
        payment_date=at.date(), progress="completed", completed_at=at, manual="PAID_IN_ERP", synced_as="",
    )  # fmt: skip
    bill.method = "PAID_MANUALLY"
    bill.paid_at = bill.updated_at = at
    ramp.tell(business, "bills.paid", bill.id, at)


ACTS: dict[str, Callable[[Ramp, Business, dict[str, Any], datetime], None]] = {
    "export": _exported,
    "record": _recorded,
    "import": _imported,
}
