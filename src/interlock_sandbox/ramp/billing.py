"""What apps change: vendors, bills, drafts. Everything in an act was checked before it was journaled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from interlock_sandbox.ramp.model import Bill, Business, Line, PayeeAccount, Vendor, uid
from interlock_sandbox.ramp.paying import payment_of

if TYPE_CHECKING:
    from interlock_sandbox.ramp.party import Ramp

DATES = {"issued_at": "issued", "due_at": "due", "posting_date": "posting"}
PLAIN = (
    "vendor_id", "entity_id", "invoice_number", "memo", "vendor_memo", "remote_id", "vendor_contact_id",
    "purchase_order_ids",
)  # fmt: skip
RENAMED = {"invoice_currency": "currency", "enable_accounting_sync": "sync_enabled"}


def _create_bill(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """Approved at once and, with payment details, instructed at once: Ramp's own approvals are not asked."""
    bill = _blank(uid(ramp.seed, business.realm, "bill made", business.acts), act["wanted"], at)
    bill.by_api = True
    bill.approved_at = at
    business.bills[bill.id] = bill
    bill.method = str(act["method"])
    if act["details"] is not None:
        bill.payment = payment_of(ramp, business, bill, act["details"], bill.method, at)
    for kind in ("bills.created", "bills.approved", "bills.ready_to_sync"):
        ramp.tell(business, kind, bill.id, at)
    if bill.paid_at is not None:
        ramp.tell(business, "bills.paid", bill.id, at)


def _change_bill(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    del ramp
    bill = business.bills[act["bill"]]
    _fill(bill, act["wanted"])
    if bill.payment is not None and bill.payment.progress == "scheduled":
        bill.payment.amount_minor = bill.amount_minor
    bill.updated_at = at


def _archive_bill(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    bill = business.bills[act["bill"]]
    bill.archived_at = bill.updated_at = at
    ramp.tell(business, "bills.archived", bill.id, at)


def _create_draft(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    draft = _blank(uid(ramp.seed, business.realm, "draft made", business.acts), act["wanted"], at)
    draft.approval = "INITIALIZED"
    business.drafts[draft.id] = draft


def _change_draft(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    del ramp
    draft = business.drafts[act["draft"]]
    _fill(draft, act["wanted"])
    draft.updated_at = at


def _submit_draft(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """The draft becomes a bill that waits for the business's own approvals."""
    draft = business.drafts[act["draft"]]
    bill = Bill(
        uid(ramp.seed, business.realm, "bill made", business.acts), draft.vendor_id, draft.entity_id,
        draft.invoice_number, draft.currency, draft.issued, draft.due, at, at, lines=draft.lines,
        posting=draft.posting or draft.issued, memo=draft.memo, vendor_memo=draft.vendor_memo,
        remote_id=draft.remote_id, selections=draft.selections, vendor_contact_id=draft.vendor_contact_id,
        sync_enabled=draft.sync_enabled, approval="PENDING", draft_id=draft.id, draft_created_at=draft.created_at,
        by_api=True, purchase_order_ids=draft.purchase_order_ids,
    )  # fmt: skip
    business.bills[bill.id] = bill
    draft.submitted_as = bill.id
    ramp.tell(business, "bills.created", bill.id, at)


def _create_vendor(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """Approved at once; nowhere to be paid yet: accounts are added at Ramp's own screens."""
    key = (ramp.seed, business.realm, "vendor made", business.acts)
    wanted = act["wanted"]
    contact = wanted["business_vendor_contacts"]
    vendor = Vendor(
        uid(*key), str(wanted.get("name") or contact["email"]), uid(*key, "contact"), str(contact["email"]),
        str(wanted["country"]), (wanted.get("address") or {}).get("state") or wanted.get("state"), at, at,
        owner_id=wanted.get("vendor_owner_id"), external_vendor_id=wanted.get("external_vendor_id"),
        accounting_remote_id=wanted.get("accounting_vendor_remote_id"), address=wanted.get("address"),
    )  # fmt: skip
    vendor.accounting_name = _accounting_name(ramp, business, vendor.accounting_remote_id)
    business.vendors[vendor.id] = vendor
    ramp.tell(business, "vendors.activated", vendor.id, at)


def _change_vendor(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    vendor = business.vendors[act["vendor"]]
    wanted = act["wanted"]
    for name in ("address", "country", "description", "external_vendor_id", "is_active", "name"):
        if name in wanted:
            setattr(vendor, name, wanted[name])
    if "accounting_vendor_remote_id" in wanted:
        vendor.accounting_remote_id = wanted["accounting_vendor_remote_id"]
        vendor.accounting_name = _accounting_name(ramp, business, vendor.accounting_remote_id)
    vendor.updated_at = at
    ramp.tell(business, "vendors.updated", vendor.id, at)


def _add_payee(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """At Ramp's own screens: somewhere to pay a vendor to."""
    vendor = business.vendors[act["vendor"]]
    method = str(act["method"])
    made = PayeeAccount(
        uid(ramp.seed, business.realm, "payee made", business.acts), f"{vendor.name} {method}", method,
        not vendor.accounts,
    )  # fmt: skip
    vendor.accounts.append(made)
    vendor.updated_at = at
    ramp.tell(business, "vendors.updated", vendor.id, at)


def _accounting_name(ramp: Ramp, business: Business, remote_id: str | None) -> str | None:
    record = ramp.books[business.realm].find("Vendor", remote_id or "")
    return None if record is None else str(record.body["DisplayName"])


def _blank(made_id: str, wanted: dict[str, Any], at: datetime) -> Bill:
    bill = Bill(made_id, str(wanted["vendor_id"]), "", None, "USD", None, None, at, at)
    _fill(bill, wanted)
    bill.posting = bill.posting or bill.issued
    return bill


def _fill(bill: Bill, wanted: dict[str, Any]) -> None:
    """What is there replaces what was; lists as a whole."""
    for name in PLAIN:
        if name in wanted:
            setattr(bill, name, wanted[name])
    for name, ours in RENAMED.items():
        if name in wanted:
            setattr(bill, ours, wanted[name])
    for name, ours in DATES.items():
        if name in wanted:
            setattr(bill, ours, None if wanted[name] is None else date.fromisoformat(wanted[name]))
    if "lines" in wanted:
        bill.lines = [
            Line(int(line["amount_minor"]), line["memo"], [(a, b) for a, b in line["selections"]])
            for line in wanted["lines"]
        ]
    if "selections" in wanted:
        bill.selections = [(a, b) for a, b in wanted["selections"]]


ACTS: dict[str, Callable[[Ramp, Business, dict[str, Any], datetime], None]] = {
    "create_bill": _create_bill, "change_bill": _change_bill, "archive_bill": _archive_bill,
    "create_draft": _create_draft, "change_draft": _change_draft, "submit_draft": _submit_draft,
    "create_vendor": _create_vendor, "change_vendor": _change_vendor, "add_payee": _add_payee,
}  # fmt: skip
