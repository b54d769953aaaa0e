"""Vendors: read, created (approved at once), changed; their accounts by name alone (ramp.md §5)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from interlock_sandbox.ramp.desk import Asked, Desk, answer
from interlock_sandbox.ramp.faults import invalid, not_found, refused
from interlock_sandbox.ramp.form import boolean, object_of, optional, read, text, uuid
from interlock_sandbox.ramp.model import Vendor
from interlock_sandbox.ramp.paging import page
from interlock_sandbox.ramp.shapes import payee_shapes, vendor_shape
from interlock_sandbox.ramp.spans import within

ADDRESS = object_of(
    {
        "address_line_1": text(), "address_line_2": optional(text()), "city": text(), "country": optional(text()),
        "postal_code": text(), "state": optional(text()),
    },
    ("address_line_1", "city", "postal_code"),
)  # fmt: skip
CONTACT = object_of(
    {name: optional(text()) for name in ("email", "first_name", "last_name", "phone")}, ("email",)
)  # fmt: skip
CHANGED = {
    "accounting_vendor_remote_id": optional(text()), "address": optional(ADDRESS), "country": text(),
    "description": optional(text()), "external_vendor_id": optional(text()), "is_active": boolean,
    "vendor_tracking_category_option_id": optional(uuid),
}  # fmt: skip
CREATED = {
    "accounting_vendor_remote_id": optional(text()), "address": optional(ADDRESS), "country": text(2, shortest=2),
    "business_vendor_contacts": CONTACT, "external_vendor_id": optional(text()), "name": text(shortest=1),
    "request_payment_details": boolean, "request_tax_details": boolean, "state": optional(text()),
    "vendor_owner_id": optional(uuid), "vendor_tracking_category_option_id": optional(uuid),
}  # fmt: skip


class VendorsApi:
    """``/vendors``."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            self.desk.route("GET", "/vendors", "vendors:read", self.listed),
            self.desk.route("POST", "/vendors", "vendors:write", self.create),
            self.desk.route("GET", "/vendors/{id}", "vendors:read", self.one),
            self.desk.route("PATCH", "/vendors/{id}", "vendors:write", self.change),
            self.desk.route("GET", "/vendors/{id}/accounts", "vendors:read", self.accounts),
            self.desk.route("GET", "/vendors/{id}/accounts/{account}", "vendors:read", self.account),
        ]

    async def listed(self, asked: Asked) -> web.Response:
        rows = [each for each in asked.business.vendors.values() if self._wanted(asked, each)]
        return answer(page(asked.request, rows, lambda each: each.id, lambda each: self._shape(asked, each)))

    async def one(self, asked: Asked) -> web.Response:
        return answer(self._shape(asked, self._vendor(asked)))

    async def create(self, asked: Asked) -> web.Response:
        wanted = read(await asked.body(), CREATED, ("country", "business_vendor_contacts"))
        if wanted["country"] == "US" and not (wanted.get("state") or (wanted.get("address") or {}).get("state")):
            raise invalid("state", "State is required for vendors in the US.")
        self._check_link(asked, wanted, None)
        self.desk.act(asked.business, asked.now, "create_vendor", wanted=wanted)
        return answer(self._shape(asked, list(asked.business.vendors.values())[-1]), 201)

    async def change(self, asked: Asked) -> web.Response:
        vendor = self._vendor(asked)
        wanted = read(await asked.body(), CHANGED)
        self._check_link(asked, wanted, vendor)
        self.desk.act(asked.business, asked.now, "change_vendor", vendor=vendor.id, wanted=wanted)
        return answer(self._shape(asked, vendor))

    async def accounts(self, asked: Asked) -> web.Response:
        rows = payee_shapes(self._vendor(asked))
        return answer(page(asked.request, rows, lambda each: str(each["id"]), lambda each: each))

    async def account(self, asked: Asked) -> web.Response:
        wanted = asked.request.match_info["account"]
        for each in payee_shapes(self._vendor(asked)):
            if each["id"] == wanted:
                return answer(each)
        raise not_found("Vendor account", wanted)

    def _check_link(self, asked: Asked, wanted: dict[str, Any], vendor: Vendor | None) -> None:
        remote = wanted.get("accounting_vendor_remote_id")
        if remote is None:
            return
        if asked.books.find("Vendor", remote) is None:
            raise refused(f"No accounting vendor has the remote id {remote}.")
        for each in asked.business.vendors.values():
            if each is not vendor and each.accounting_remote_id == remote:
                raise refused(f"The accounting vendor {remote} is linked to another vendor.")

    def _wanted(self, asked: Asked, vendor: Vendor) -> bool:
        query = asked.request.query
        active = asked.flag("is_active")
        remotes = query.get("accounting_vendor_remote_ids")
        return (
            (active is None or vendor.is_active == active)
            and (remotes is None or vendor.accounting_remote_id in remotes.split(","))
            and query.get("external_vendor_id") in (None, vendor.external_vendor_id)
            and query.get("vendor_owner_id") in (None, vendor.owner_id)
            and query.get("name", "").casefold() in vendor.name.casefold()
            and within(query, "created_at", vendor.created_at)
            and within(query, "updated_at", vendor.updated_at)
        )

    def _vendor(self, asked: Asked) -> Vendor:
        vendor = asked.business.vendors.get(asked.key)
        if vendor is None:
            raise not_found("Vendor", asked.key)
        return vendor

    def _shape(self, asked: Asked, vendor: Vendor) -> dict[str, Any]:
        return vendor_shape(asked.business, vendor, asked.now)
