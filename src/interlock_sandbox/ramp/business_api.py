"""The business, its entity and its bank accounts: read only, without numbers and without balances (ramp.md §5)."""

from __future__ import annotations

from aiohttp import web

from interlock_sandbox.ramp.desk import Asked, Desk, answer
from interlock_sandbox.ramp.faults import not_found
from interlock_sandbox.ramp.paging import page
from interlock_sandbox.ramp.shapes import entity_shape, moment, source_shape


class BusinessApi:
    """``/business``, ``/entities``, ``/bank-accounts``."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            self.desk.route("GET", "/business", "business:read", self.business),
            self.desk.route("GET", "/entities", "entities:read", self.entities),
            self.desk.route("GET", "/entities/{id}", "entities:read", self.entity),
            self.desk.route("GET", "/bank-accounts", "bank_accounts:read", self.accounts),
            self.desk.route("GET", "/bank-accounts/{id}", "bank_accounts:read", self.account),
        ]

    async def business(self, asked: Asked) -> web.Response:
        business = asked.business
        return answer(
            {
                "id": business.id, "business_name_legal": business.name, "business_name_on_card": business.name,
                "active": True, "created_time": moment(business.created_at), "is_reimbursements_enabled": False,
                "integrations": ["QUICKBOOKS"],
            }
        )  # fmt: skip

    async def entities(self, asked: Asked) -> web.Response:
        return answer(page(asked.request, [asked.business], lambda each: each.entity_id, entity_shape))

    async def entity(self, asked: Asked) -> web.Response:
        if asked.key != asked.business.entity_id:
            raise not_found("Entity", asked.key)
        return answer(entity_shape(asked.business))

    async def accounts(self, asked: Asked) -> web.Response:
        return answer(page(asked.request, asked.business.sources, lambda each: each.id, source_shape))

    async def account(self, asked: Asked) -> web.Response:
        source = asked.business.source(asked.key)
        if source is None:
            raise not_found("Bank account", asked.key)
        return answer(source_shape(source))
