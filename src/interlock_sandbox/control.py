"""The control API: what a test or a demo does to the outside world, apart from Intuit's own interface."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from interlock_sandbox.books import BooksFault
from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.journal import DECODER
from interlock_sandbox.sandbox import Sandbox, Write

OPERATIONS = frozenset({"create", "update", "delete", "void"})


class Refused(Exception):
    """A control request that cannot be done: a status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Control:
    """Handlers under ``/control``."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.disruptions = sandbox.disruptions

    def routes(self) -> list[web.RouteDef]:
        return [
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
        return _json(
            {
                "firm": {"name": self.sandbox.firm.name}, "client_id": self.sandbox.client_id,
                "client_secret": self.sandbox.client_secret, "clients": listed,
            }
        )  # fmt: skip

    async def clock(self, request: web.Request) -> web.Response:
        """The sandbox's time (UTC) and its distance from wall time."""
        del request
        clock = self.sandbox.clock
        return _json({"now": clock.now().isoformat(), "offset_seconds": clock.offset_seconds})

    async def advance(self, request: web.Request) -> web.Response:
        """Move the clock forward by ``seconds`` or ``days``; ``"live": false`` lets nothing happen meanwhile."""
        sent = await _body(request)
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
        return _json({"planted": self._client(request).planted})

    async def code(self, request: web.Request) -> web.Response:
        """An authorization code for a company, as the consent page would hand it out."""
        event = self.sandbox.grants.code(self._client(request).books.realm_id, self.sandbox.clock.now())
        self.sandbox.record(event)
        return _json({"code": event["code"], "realm_id": event["realm"]})

    async def edit(self, request: web.Request) -> web.Response:
        """Do what a bookkeeper does in QuickBooks: create, update (sparse unless told), delete or void an object."""
        operation = request.match_info["operation"]
        if operation not in OPERATIONS:
            raise Refused(404, f"Unknown operation {operation}; use create, update, delete or void.")
        books = self._client(request).books
        sent = await _body(request)
        entity = str(sent.get("entity", ""))
        body = sent.get("body", {})
        if not isinstance(body, dict):
            raise Refused(400, "body must be an object.")
        if "id" in sent:
            body = {**body, "Id": str(sent["id"])}
        if operation == "update" and "SyncToken" not in body:
            record = books.find(entity, str(body.get("Id", "")))
            body = {**body, "SyncToken": str(record.token) if record is not None else "0"}
        command = Write(
            books.realm_id, operation, entity, body, self.sandbox.clock.now(), sparse=sent.get("sparse", True) is True
        )
        try:
            return _json({"object": self.sandbox.write(command)})
        except BooksFault as fault:
            raise Refused(fault.status, f"{fault.code} {fault.message}: {fault.detail}") from fault

    async def disturb(self, request: web.Request) -> web.Response:
        """Make something go wrong; tokens and grants at once, the rest on the next requests that match."""
        sent = await _body(request)
        kind = sent.get("kind")
        if kind == "expire_tokens":
            self.sandbox.record({"kind": "expire", "realm": sent.get("realm")})
        elif kind == "revoke_grant":
            self.sandbox.record({"kind": "revoke_realm", "realm": sent.get("realm")})
        else:
            try:
                self.disruptions.add(sent, self.sandbox.clock.now())
            except (TypeError, ValueError) as wrong:
                raise Refused(400, f"{wrong} (also: expire_tokens, revoke_grant)") from wrong
        return _json({"active": self._active()})

    async def calm(self, request: web.Request) -> web.Response:
        """Clear what is still to go wrong."""
        del request
        self.disruptions.clear()
        return _json({"active": self._active()})

    def _active(self) -> list[dict[str, Any]]:
        return [{"kind": each.kind, "count": each.left, "path": each.path} for each in self.disruptions.active]

    def _client(self, request: web.Request) -> Any:
        realm = request.match_info["realm"]
        for client in self.sandbox.firm.clients:
            if client.books.realm_id == realm:
                return client
        raise Refused(404, f"No company has the realm id {realm}.")


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        return DECODER.decode(await request.read() or b"{}")
    except ValueError as broken:
        raise Refused(400, f"The body must be a JSON object: {broken}") from broken


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(status=status, body=ENCODER.encode(body), content_type="application/json")


def refusal(refused: Refused) -> web.Response:
    """A refused control request as JSON."""
    return _json({"error": str(refused)}, refused.status)
