"""Bills: listed and filtered, created (approved and instructed at once, twice if posted twice), changed, archived."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from aiohttp import web

from interlock_sandbox.ramp.desk import Asked, Desk, answer
from interlock_sandbox.ramp.faults import invalid, not_found, refused
from interlock_sandbox.ramp.form import (
    Check,
    boolean,
    day,
    line,
    list_of,
    object_of,
    one_of,
    optional,
    read,
    selection,
    text,
    uuid,
)  # fmt: skip
from interlock_sandbox.ramp.instructing import instruction
from interlock_sandbox.ramp.life import cancellable, status_summary
from interlock_sandbox.ramp.model import METHODS, Bill, Business
from interlock_sandbox.ramp.paging import page
from interlock_sandbox.ramp.shapes import bill_shape, coding_id
from interlock_sandbox.ramp.spans import within

CHANGED: dict[str, Check] = {
    "accounting_field_selections": list_of(selection), "due_at": day, "entity_id": uuid,
    "inventory_line_items": list_of(object_of({})), "invoice_number": text(20, shortest=1), "issued_at": day,
    "line_items": list_of(line), "memo": optional(text(1000)), "posting_date": optional(day),
    "purchase_order_ids": list_of(uuid), "remote_id": optional(text()), "vendor_contact_id": optional(uuid),
    "vendor_id": uuid, "vendor_memo": optional(text(400)),
}  # fmt: skip
CREATED: dict[str, Check] = {
    **CHANGED, "attachment_id": uuid, "enable_accounting_sync": boolean, "invoice_currency": one_of("USD"),
    "payment_details": lambda value: value, "payment_method": one_of(*METHODS),
    "use_default_vendor_contact": boolean,
}  # fmt: skip
REQUIRED = ("vendor_id", "entity_id", "invoice_number", "invoice_currency", "issued_at", "due_at")
LISTS = {"line_items": "lines", "accounting_field_selections": "selections"}
EXACT = ("entity_id", "vendor_id", "invoice_number", "remote_id")


class BillsApi:
    """``/bills``."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            self.desk.route("GET", "/bills", "bills:read", self.listed),
            self.desk.route("POST", "/bills", "bills:write", self.create),
            self.desk.route("GET", "/bills/{id}", "bills:read", self.one),
            self.desk.route("PATCH", "/bills/{id}", "bills:write", self.change),
            self.desk.route("DELETE", "/bills/{id}", "bills:write", self.archive),
        ]

    async def listed(self, asked: Asked) -> web.Response:
        """Archived ones only with ``is_archived=true``, and then only those."""
        rows = [bill for bill in asked.business.bills.values() if _wanted(asked, bill)]
        return answer(
            page(
                asked.request,
                rows,
                lambda bill: bill.id,
                lambda bill: bill_shape(asked.business, asked.books, bill, whole=False),
            )
        )

    async def one(self, asked: Asked) -> web.Response:
        return answer(bill_shape(asked.business, asked.books, self._bill(asked), whole=True))

    async def create(self, asked: Asked) -> web.Response:
        """Nothing makes a second post the same as the first."""
        business = asked.business
        known = dict(CREATED)
        if not business.settings.knows_payment_method:
            del known["payment_method"]
        wanted = read(await asked.body(), known, REQUIRED)
        details, method = wanted.pop("payment_details", None), wanted.pop("payment_method", None)
        checked_parties(business, wanted)
        if wanted.get("remote_id") and wanted.get("enable_accounting_sync") is False:
            raise invalid("enable_accounting_sync", "Must be true when remote_id is set.")
        total = sum(each["amount_minor"] for each in wanted.get("line_items", []))
        if total < 0 or (details is not None and total == 0):
            raise refused("The amount of the bill must be positive.")
        if details is not None:
            vendor = business.vendors[wanted["vendor_id"]]
            method, details = instruction(business, vendor, details, method, asked.now)
        self.desk.act(
            business, asked.now, "create_bill", wanted=in_act(wanted), method=method or "UNSPECIFIED", details=details
        )
        made = list(business.bills.values())[-1]
        return answer(bill_shape(business, asked.books, made, whole=True), 201)

    async def change(self, asked: Asked) -> web.Response:
        """Approved bills only; lists are replaced as a whole; how and when it is paid stays."""
        bill = self._bill(asked)
        wanted = read(await asked.body(), CHANGED)
        if bill.approval != "APPROVED" or bill.archived_at is not None:
            raise refused("Only approved bills can be updated.")
        if bill.paid_at is not None and "line_items" in wanted:
            raise refused("The amount of a paid bill cannot be changed.")
        if bill.payment is not None and bill.payment.progress == "processing" and "line_items" in wanted:
            raise refused("The amount cannot be changed while the payment is in flight.")
        if "line_items" in wanted and sum(each["amount_minor"] for each in wanted["line_items"]) <= 0:
            raise refused("The amount of the bill must be positive.")
        if bill.payment is not None and wanted.get("vendor_id") not in (None, bill.vendor_id):
            raise refused("The vendor of a bill whose payment is instructed cannot be changed.")
        checked_parties(asked.business, {"vendor_id": bill.vendor_id, "entity_id": bill.entity_id, **wanted})
        self.desk.act(asked.business, asked.now, "change_bill", bill=bill.id, wanted=in_act(wanted))
        return answer(bill_shape(asked.business, asked.books, bill, whole=True))

    async def archive(self, asked: Asked) -> web.Response:
        """Its payment is cancelled if it has not left."""
        bill = self._bill(asked)
        reason = cancellable(bill)
        if reason is not None:
            raise refused(reason, "BILL_PAY_7102")
        if bill.archived_at is None:
            self.desk.act(asked.business, asked.now, "archive_bill", bill=bill.id)
        return web.Response(status=204)

    def _bill(self, asked: Asked) -> Bill:
        bill = asked.business.bills.get(asked.key)
        if bill is None:
            raise not_found("Bill", asked.key)
        return bill


def checked_parties(business: Business, wanted: Mapping[str, Any]) -> None:
    """The vendor, its contact and the entity that are named exist."""
    vendor = business.vendors.get(wanted["vendor_id"])
    if vendor is None:
        raise not_found("Vendor", wanted["vendor_id"])
    if not vendor.is_active:
        raise refused("The vendor is not active.")
    if wanted.get("entity_id") not in (None, "", business.entity_id):
        raise not_found("Entity", str(wanted["entity_id"]))
    if wanted.get("vendor_contact_id") not in (None, vendor.contact_id):
        raise refused("The contact does not belong to this vendor.")


def in_act(wanted: dict[str, Any]) -> dict[str, Any]:
    """Fields as an act carries them."""
    return {LISTS.get(name, name): value for name, value in wanted.items()}


def _wanted(asked: Asked, bill: Bill) -> bool:
    query = asked.request.query
    archived, synced, missing = (
        asked.flag(name) for name in ("is_archived", "is_accounting_sync_enabled", "payment_details_missing")
    )
    payment = bill.payment
    status, summaries = status_summary(bill), query.get("status_summaries")
    paid = "PAID" if bill.paid_at is not None else "OPEN"
    return (
        (bill.archived_at is not None) == bool(archived)
        and (summaries is None or status in summaries.split(","))
        and all(query.get(name) in (None, getattr(bill, name)) for name in EXACT)
        and query.get("draft_bill_id") in (None, bill.draft_id)
        and query.get("payment_id") in (None, payment.id if payment else "")
        and query.get("customer_friendly_payment_id") in (None, payment.friendly_id if payment else "")
        and query.get("payment_method") in (None, bill.method)
        and query.get("approval_status") in (None, bill.approval)
        and query.get("payment_status") in (None, paid)
        and query.get("sync_status") in (None, bill.sync_status)
        and (synced is None or bill.sync_enabled == synced)
        and (missing is None or (status == "PAYMENT_DETAILS_MISSING") == missing)
        and _coded(query.get("accounting_field_selection_id"), asked, bill)
        and _ready(asked.flag("sync_ready"), bill)
        and _in_spans(query, bill)
    )


def _coded(wanted: str | None, asked: Asked, bill: Bill) -> bool:
    every = [*bill.selections, *(each for line in bill.lines for each in line.selections)]
    return wanted is None or wanted in {coding_id(asked.books, *each) for each in every}


def _ready(wanted: bool | None, bill: Bill) -> bool:
    if wanted is None:
        return True
    waits = bill.sync_status == "NOT_SYNCED" or (bill.paid_at is not None and bill.sync_status == "BILL_SYNCED")
    return (bill.sync_enabled and bill.approval == "APPROVED" and waits) == wanted


def _in_spans(query: Mapping[str, str], bill: Bill) -> bool:
    payment = bill.payment
    return (
        within(query, "due_date", bill.due)
        and within(query, "issued_date", bill.issued)
        and within(query, "created_at", bill.created_at)
        and within(query, "updated_at", bill.updated_at)
        and within(query, "paid_at", bill.paid_at)
        and within(query, "payment_date", payment.payment_date if payment else None)
        and bill.amount_minor >= _amount(query, "min_amount", -1) * 100
        and ("max_amount" not in query or bill.amount_minor <= _amount(query, "max_amount", 0) * 100)
    )


def _amount(query: Mapping[str, str], name: str, otherwise: int) -> Decimal:
    try:
        amount = Decimal(query.get(name, otherwise))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise invalid(name, "Not a valid number.")
    return amount
