"""The control API's part about Plaid: credentials, Items, troubles at the bank's door, keys, limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aiohttp import web

from interlock_sandbox.bank.institutions import INSTITUTIONS
from interlock_sandbox.control_form import Refused, body_of, json_answer
from interlock_sandbox.parties import Step
from interlock_sandbox.plaid.faults import INSTITUTION_CODES, ITEM_CODES, LOGIN_REQUIRED
from interlock_sandbox.plaid.items import Item
from interlock_sandbox.plaid.limits import Limits
from interlock_sandbox.plaid.party import Plaid
from interlock_sandbox.plaid.shapes import wire_time
from interlock_sandbox.sandbox import Sandbox

LONGEST_SECONDS = 86_400
MOST_DAYS_AHEAD = 365


class PlaidControl:
    """Handlers under ``/control/plaid``."""

    def __init__(self, sandbox: Sandbox, plaid: Plaid, limits: Limits) -> None:
        self.sandbox = sandbox
        self.plaid = plaid
        self.limits = limits

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/plaid", self.show),
            web.post("/control/plaid/settings", self.set),
            web.post("/control/plaid/institutions/{institution}", self.institution),
            web.post("/control/plaid/items/{item}/trouble", self.trouble),
            web.post("/control/plaid/items/{item}/repair", self.repair),
            web.post("/control/plaid/items/{item}/ending", self.ending),
            web.post("/control/plaid/items/{item}/look", self.look),
            web.post("/control/plaid/items/{item}/webhook", self.fire),
            web.post("/control/plaid/limits", self.limit),
            web.post("/control/plaid/rotate-key", self.rotate),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Credentials, settings, Items, links with their sessions, the signing key, and the calls so far."""
        del request
        return json_answer(
            {
                "client_id": self.plaid.client_id, "secret": self.plaid.secret, "settings": self.plaid.settings,
                "down": self.plaid.down, "signing_key": self.plaid.keys.current.kid,
                "items": [_item(each) for each in self.plaid.items.values()],
                "links": [
                    {
                        "link_token": link.token, "page": link.page, "wanted": link.wanted,
                        "sessions": [
                            {
                                "id": each.id, "finished_at": wire_time(each.finished_at),
                                "public_token": each.public_token,
                            }
                            for each in link.sessions
                        ],
                    }
                    for link in self.plaid.links.values()
                ],
                "calls": dict(self.limits.calls), "refused": dict(self.limits.refused),
                "limits_enforced": self.limits.enforced,
            }
        )  # fmt: skip

    async def set(self, request: web.Request) -> web.Response:
        """``initial_seconds``, ``historical_seconds`` (a new Item's transactions), ``balance_seconds`` (a fresh balance)."""
        sent = await body_of(request)
        for name, value in sent.items():
            number = isinstance(value, int | Decimal) and not isinstance(value, bool)
            if name not in self.plaid.settings or not number or not 0 <= value <= LONGEST_SECONDS:
                raise Refused(400, f"{name} cannot be {value}; known: {', '.join(self.plaid.settings)}, in seconds.")
        self._act("set", settings={name: float(value) for name, value in sent.items()})
        return await self.show(request)

    async def institution(self, request: web.Request) -> web.Response:
        """``down``: one of the institution error codes, or null: it answers again."""
        institution = request.match_info["institution"]
        code = (await body_of(request)).get("down")
        if institution not in INSTITUTIONS:
            raise Refused(404, f"No institution has the id {institution}; known: {', '.join(INSTITUTIONS)}.")
        if code is not None and code not in INSTITUTION_CODES:
            raise Refused(400, f"down must be null or one of {', '.join(INSTITUTION_CODES)}.")
        self._act("set", down={institution: code})
        return await self.show(request)

    async def trouble(self, request: web.Request) -> web.Response:
        """Break a login: ``code`` (ITEM_LOGIN_REQUIRED unless told)."""
        item = self._item(request)
        code = str((await body_of(request)).get("code", LOGIN_REQUIRED))
        if code not in ITEM_CODES:
            raise Refused(400, f"code must be one of {', '.join(ITEM_CODES)}.")
        self._act("trouble", item=item.id, code=code)
        return json_answer({"item": _item(item)})

    async def repair(self, request: web.Request) -> web.Response:
        """It works again without Link; the app gets LOGIN_REPAIRED."""
        item = self._item(request)
        self._act("repair", item=item.id)
        return json_answer({"item": _item(item)})

    async def ending(self, request: web.Request) -> web.Response:
        """The login will break in ``days`` (7 unless told); PENDING_DISCONNECT says so now."""
        item = self._item(request)
        days = (await body_of(request)).get("days", 7)
        if isinstance(days, bool) or not isinstance(days, int | Decimal) or not 0 < days <= MOST_DAYS_AHEAD:
            raise Refused(400, f"days must be a number above 0, up to {MOST_DAYS_AHEAD}.")
        self._act("ending", item=item.id, days=float(days))
        return json_answer({"item": _item(item)})

    async def look(self, request: web.Request) -> web.Response:
        """Plaid looks at the bank now; between two pages of a sync that is a change in the middle."""
        item = self._item(request)
        self._act("look", item=item.id, whole=True)
        return json_answer({"item": _item(item)})

    async def fire(self, request: web.Request) -> web.Response:
        """Send a webhook of the Item: ``type`` and ``code``."""
        item, sent = self._item(request), await body_of(request)
        if item.webhook is None:
            raise Refused(409, "This Item has no webhook address.")
        self._act("fire", item=item.id, type=str(sent.get("type", "ITEM")), code=str(sent.get("code", "")))
        return json_answer({"item": _item(item)})

    async def limit(self, request: web.Request) -> web.Response:
        """``enforced``: whether calls over Plaid's limits a minute are refused."""
        enforced = (await body_of(request)).get("enforced")
        if not isinstance(enforced, bool):
            raise Refused(400, "enforced must be true or false.")
        self.limits.enforced = enforced
        return await self.show(request)

    async def rotate(self, request: web.Request) -> web.Response:
        """A new signing key; the one before is marked expired."""
        self._act("new_key")
        return await self.show(request)

    def _item(self, request: web.Request) -> Item:
        item = self.plaid.items.get(request.match_info["item"])
        if item is None:
            raise Refused(404, f"No Item has the id {request.match_info['item']}.")
        return item

    def _act(self, act: str, **more: Any) -> None:
        self.sandbox.act("plaid", Step(self.sandbox.clock.now(), {"act": act, **more}))


def _item(item: Item) -> dict[str, Any]:
    return {
        "item_id": item.id, "realm_id": item.realm, "institution_id": item.institution, "error": item.error,
        "removed": item.removed, "webhook": item.webhook, "products": list(item.products),
        "accounts": {each: item.shown_as(each) for each in item.accounts}, "exchanged": item.access_token is not None,
        "looked_at": wire_time(item.looked_at), "complete": item.complete, "seen": len(item.feed.seen),
    }  # fmt: skip
