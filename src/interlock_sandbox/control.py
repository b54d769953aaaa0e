"""The control API: what a test or a demo does to the outside world, apart from Intuit's own interface."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from interlock_sandbox.bookkeeping import Misunderstood, carry_out, command_of
from interlock_sandbox.control_access import STRIKES, AccessControl
from interlock_sandbox.control_form import Refused, body_of, json_answer
from interlock_sandbox.control_limits import LimitsControl
from interlock_sandbox.sandbox import Sandbox

FORGET_REQUESTS = "forget_requests"  # as if every requestid were older than QuickBooks remembers


class Control:
    """Handlers under ``/control``."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.disruptions = sandbox.disruptions
        self.access = AccessControl(sandbox)

    def routes(self) -> list[web.RouteDef]:
        return [
            *self.access.routes(),
            *LimitsControl(self.sandbox).routes(),
            web.get("/control/clients", self.clients),
            web.get("/control/clock", self.clock),
            web.post("/control/clock/advance", self.advance),
            web.get("/control/companies/{realm}/planted", self.planted),
            web.post("/control/companies/{realm}/code", self.code),
            web.post("/control/companies/{realm}/{operation}", self.edit),
            web.post("/control/faults", self.disturb),
            web.delete("/control/faults", self.calm),
        ]

    async def clients(self, request: web.Request) -> web.Response:
        """The firm, the app's credentials, and for each client a fresh grant of its own."""
        del request
        now = self.sandbox.clock.now()
        listed: list[dict[str, Any]] = []
        for client in self.sandbox.firm.clients:
            event = self.sandbox.grants.consent(client.books.realm_id, now)
            self.sandbox.record(event)
            listed.append(
                {
                    "name": client.name, "slug": client.slug, "character": client.character,
                    "realm_id": client.books.realm_id, "refresh_token": event["refresh"],
                }
            )  # fmt: skip
        return json_answer(
            {
                "firm": {"name": self.sandbox.firm.name}, "client_id": self.sandbox.client_id,
                "client_secret": self.sandbox.client_secret, "clients": listed,
            }
        )  # fmt: skip

    async def clock(self, request: web.Request) -> web.Response:
        """The sandbox's time (UTC) and its distance from wall time."""
        del request
        clock = self.sandbox.clock
        return json_answer({"now": clock.now().isoformat(), "offset_seconds": clock.offset_seconds})

    async def advance(self, request: web.Request) -> web.Response:
        """Move the clock forward by ``seconds`` or ``days``; ``"live": false`` lets nothing happen meanwhile."""
        sent = await body_of(request)
        try:
            seconds = float(sent.get("seconds", 0)) + 86_400 * float(sent.get("days", 0))
        except (TypeError, ValueError):
            raise Refused(400, "seconds and days must be numbers.") from None
        if seconds <= 0:
            raise Refused(400, "The clock only moves forward: send seconds or days above 0.")
        self.sandbox.advance(seconds, live=sent.get("live", True) is True)
        return await self.clock(request)

    async def planted(self, request: web.Request) -> web.Response:
        """The problems the world planted in a company."""
        return json_answer({"planted": self._client(request).planted})

    async def code(self, request: web.Request) -> web.Response:
        """An authorization code for a company, as the consent page would hand it out."""
        event = self.sandbox.grants.code(self._client(request).books.realm_id, self.sandbox.clock.now())
        self.sandbox.record(event)
        return json_answer({"code": event["code"], "realm_id": event["realm"]})

    async def edit(self, request: web.Request) -> web.Response:
        """Do what a bookkeeper does in QuickBooks: create, update (sparse unless told), delete, void, merge."""
        realm = self._client(request).books.realm_id
        sent = await body_of(request)
        try:
            command = command_of(self.sandbox, realm, request.match_info["operation"], sent)
            return json_answer({"object": carry_out(self.sandbox, command)})
        except Misunderstood as wrong:
            raise Refused(wrong.status, str(wrong)) from wrong

    async def disturb(self, request: web.Request) -> web.Response:
        """Make something go wrong; tokens and grants at once, the rest on the next requests that match."""
        sent = await body_of(request)
        kind = sent.get("kind")
        if kind == FORGET_REQUESTS:
            self.sandbox.replayed.clear()
        elif kind in STRIKES:
            self.access.strike(kind, sent)
        else:
            try:
                self.disruptions.add(sent, self.sandbox.clock.now())
            except (TypeError, ValueError) as wrong:
                raise Refused(400, f"{wrong} (also: {', '.join(sorted({*STRIKES, FORGET_REQUESTS}))})") from wrong
        return json_answer({"active": self._active()})

    async def calm(self, request: web.Request) -> web.Response:
        """Clear what is still to go wrong."""
        del request
        self.disruptions.clear()
        return json_answer({"active": self._active()})

    def _active(self) -> list[dict[str, Any]]:
        return [each.told() for each in self.disruptions.active]

    def _client(self, request: web.Request) -> Any:
        realm = request.match_info["realm"]
        for client in self.sandbox.firm.clients:
            if client.books.realm_id == realm:
                return client
        raise Refused(404, f"No company has the realm id {realm}.")
