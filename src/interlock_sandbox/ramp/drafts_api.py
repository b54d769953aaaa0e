"""Draft bills: they go to the business's own approvals once submitted; unknown fields are ignored (ramp.md §2, §3)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from interlock_sandbox.ramp.bills_api import CHANGED, checked_parties, in_act
from interlock_sandbox.ramp.desk import Asked, Desk, answer
from interlock_sandbox.ramp.faults import INCOMPLETE_DRAFT, REFUSED, RampFault, not_found, refused
from interlock_sandbox.ramp.form import Check, boolean, one_of, optional, read
from interlock_sandbox.ramp.model import Bill
from interlock_sandbox.ramp.paging import page
from interlock_sandbox.ramp.shapes import bill_shape, draft_shape
from interlock_sandbox.ramp.spans import within

DRAFTED: dict[str, Check] = {
    **{name: optional(check) for name, check in CHANGED.items() if name != "vendor_memo"},
    "enable_accounting_sync": boolean, "invoice_currency": one_of("USD"),
}  # fmt: skip
NEEDED = {
    "entity_id": "entity_id", "invoice_number": "invoice_number", "issued_at": "issued", "due_at": "due",
    "line_items": "lines",
}  # fmt: skip


class DraftsApi:
    """``/bills/drafts``."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            self.desk.route("GET", "/bills/drafts", "bills:read", self.listed),
            self.desk.route("POST", "/bills/drafts", "bills:write", self.create),
            self.desk.route("GET", "/bills/drafts/{id}", "bills:read", self.one),
            self.desk.route("PATCH", "/bills/drafts/{id}", "bills:write", self.change),
            self.desk.route("DELETE", "/bills/drafts/{id}", "bills:write", self.delete),
            self.desk.route("POST", "/bills/drafts/{id}/submit", "bills:write", self.submit),
        ]

    async def listed(self, asked: Asked) -> web.Response:
        """Those not submitted yet."""
        query = asked.request.query
        rows = [
            draft for draft in asked.business.drafts.values()
            if draft.submitted_as is None
            and all(query.get(name) in (None, getattr(draft, name))
                    for name in ("entity_id", "invoice_number", "remote_id", "vendor_id"))
            and within(query, "due_date", draft.due) and within(query, "issued_date", draft.issued)
        ]  # fmt: skip
        shown = page(asked.request, rows, lambda draft: draft.id, lambda draft: draft_shape(asked.books, draft))
        return answer(shown)

    async def one(self, asked: Asked) -> web.Response:
        return answer(draft_shape(asked.books, self._draft(asked)))

    async def create(self, asked: Asked) -> web.Response:
        wanted = self._read(await asked.body(), ("vendor_id",))
        checked_parties(asked.business, wanted)
        self.desk.act(asked.business, asked.now, "create_draft", wanted=in_act(wanted))
        made = list(asked.business.drafts.values())[-1]
        return answer(draft_shape(asked.books, made), 201)

    async def change(self, asked: Asked) -> web.Response:
        draft = self._draft(asked)
        wanted = self._read(await asked.body(), ())
        checked_parties(asked.business, {"vendor_id": draft.vendor_id, **wanted})
        self.desk.act(asked.business, asked.now, "change_draft", draft=draft.id, wanted=in_act(wanted))
        return answer(draft_shape(asked.books, draft))

    async def submit(self, asked: Asked) -> web.Response:
        """A bill whose approval is pending; what is missing is named."""
        draft = self._draft(asked)
        missing = {name: ["Missing data for required field."] for name, ours in NEEDED.items()
                   if not getattr(draft, ours)}  # fmt: skip
        if missing:
            raise RampFault(400, INCOMPLETE_DRAFT, f"The draft bill is incomplete: {', '.join(missing)}.", missing)
        self.desk.act(asked.business, asked.now, "submit_draft", draft=draft.id)
        made = list(asked.business.bills.values())[-1]
        return answer(bill_shape(asked.business, asked.books, made, whole=True), 201)

    async def delete(self, asked: Asked) -> web.Response:
        """Drafts cannot be deleted."""
        raise RampFault(405, REFUSED, f"Draft bill {asked.key} cannot be deleted: drafts have no DELETE.")

    def _read(self, sent: dict[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
        known = {name: value for name, value in sent.items() if name in DRAFTED}
        found = read(known, DRAFTED, required)
        return {name: value for name, value in found.items() if value is not None}

    def _draft(self, asked: Asked) -> Bill:
        draft = asked.business.drafts.get(asked.key)
        if draft is None:
            raise not_found("Draft bill", asked.key)
        if draft.submitted_as is not None and asked.request.method != "GET":
            raise refused("The draft bill was submitted already.")
        return draft
