"""The web application: one desk, the routers over it, and the gate in front of them."""

import contextlib
import ipaddress
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from interlock.app.abilities import abilities_of
from interlock.app.bank_links import BankLinks
from interlock.app.chasing import Unsubscribing
from interlock.app.consents import Consents
from interlock.app.demo_control import DemoControl
from interlock.app.gate import Application, Gate, Message, Receive, Scope, Send, Turned
from interlock.app.house import House
from interlock.app.letter_sending import LettersByHand
from interlock.app.local_token import local_token
from interlock.app.looks import Looks
from interlock.app.notices import take_notices
from interlock.app.opening import refresh_clock
from interlock.app.verifying import Verifying
from interlock.app.worker import embedded
from interlock.domains.firm.services.business_service import the_firm
from interlock.kernel.errors import InterlockError, NotFound, Refused, SetupBroken
from interlock.kernel.scope import SystemScope
from interlock.runway.desk import Desk
from interlock.runway.routes import problems
from interlock.runway.routes.index import ROUTERS
from interlock.runway.routes.rendering import STATIC
from interlock.runway.services.experiences.capabilities import CapabilitiesService

HOST = "127.0.0.1"
_BACKLOG_CONNECTIONS = 128
_FIRM = SystemScope("which firm this installation serves")
# ``same-origin`` sends nothing to any other site, like ``no-referrer``; but with the latter browsers send forms with
# ``Origin: null``, and then nobody can tell our own form from a foreign one.
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "cache-control": "no-store",
}
_STATIC_CACHE = "no-cache"


def create_app(house: House) -> FastAPI:
    """Pages under ``/``, the JSON API under ``/api/v1``; ``TokenBroken`` when the local token can't be read or made."""
    app = FastAPI(
        title="Interlock",
        version=version("interlock"),
        description="The cash control plane. Amounts are exact decimal strings with a currency; instants are UTC.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.desk = Opening(house)
    app.state.capabilities = CapabilitiesService(abilities_of(house))
    app.state.follow_clock = partial(refresh_clock, house)
    app.state.looked = Looks(house.looked)
    app.state.take_notices = partial(take_notices, house)
    app.state.connects = Consents(house)
    app.state.bank_links = BankLinks(house)
    app.state.account_checks = Verifying(house)
    app.state.letters = LettersByHand(house)
    app.state.unsubscribing = Unsubscribing(house)
    app.state.demo = DemoControl.of(house)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(InterlockError, problems.on_our_error)
    app.add_exception_handler(HTTPException, problems.on_http_error)
    app.add_exception_handler(RequestValidationError, problems.on_bad_request)
    app.add_exception_handler(Exception, _on_fault)
    app.add_middleware(
        Gate, token=local_token(house.settings.key_file), public_url=house.settings.public_url, answer=_turned_away
    )
    app.add_middleware(SealedAnswers)
    return app


@dataclass
class Opening:
    """The firm's desk, opened when it is first asked for: an installation has no firm before its first client."""

    house: House
    _desk: Desk | None = None

    def __call__(self) -> Desk:
        """The desk; ``NotFound`` while there is no firm."""
        if self._desk is None:
            house = self.house
            with house.database.reading(_FIRM) as session:
                firm_id = the_firm(session, None, house.clock.now()).firm_id
            reads = house.settings.qbo_monthly_reads
            can = abilities_of(house)
            self._desk = Desk(house.database, house.clock, house.sync_of, firm_id, monthly_reads=reads, abilities=can)
        return self._desk

    def warm(self) -> None:
        """Scan every client's books now, so that the first page doesn't wait for it."""
        with contextlib.suppress(NotFound):  # no firm yet: nothing to scan
            self().warm()

    def warm_one(self, business_id: str) -> None:
        """Scan one client's books anew, because a worker has just read them."""
        with contextlib.suppress(InterlockError), self().reading(business_id) as desk:
            _ = desk.findings.scan


class SealedAnswers:
    """ASGI middleware: every answer carries the headers that keep it here, unless it says otherwise itself."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {**_HEADERS, "cache-control": _STATIC_CACHE} if _is_static(scope) else _HEADERS
                said = {name.lower() for name, _ in message["headers"]}
                added = [(n.encode(), v.encode()) for n, v in headers.items() if n.encode() not in said]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


def listening(port: int, host: str = HOST) -> socket.socket:
    """A socket that listens on this machine only. ``Refused`` for another address, ``PortTaken`` for a port in use."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise Refused(f"{host!r} is no address of this machine; Interlock serves on 127.0.0.1 or ::1.") from None
    if not address.is_loopback:
        raise Refused(
            "Until people can sign in, Interlock serves on this machine only (127.0.0.1 or ::1); put a tunnel in front."
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # The protocol is named: asyncio sends small packets at once only where it reads "TCP", else 40 ms are lost a page.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((str(address), port))
        opened.listen(_BACKLOG_CONNECTIONS)
    except (OSError, OverflowError) as trouble:
        opened.close()
        raise PortTaken(
            f"Port {port} on {host} can't be used ({getattr(trouble, 'strerror', None) or trouble}); "
            "another Interlock may be running there. Give another with --port."
        ) from None
    return opened


class PortTaken(SetupBroken):
    """The address to serve on is in use or not ours to use."""

    code = "port_taken"


def serve(
    house: House, opened: socket.socket, ready: Callable[[str], None] | None = None, *, workers: bool = True
) -> None:
    """Serve on a socket from ``listening`` until told to stop; ``ready`` is given the address once pages can be opened.

    ``workers`` then begin to read what is due, in this process.
    """
    app = create_app(house)
    app.state.desk.warm()
    with closing(opened), ExitStack() as ending:

        def answering(address: str) -> None:
            if ready is not None:
                ready(address)
            if workers:
                ending.enter_context(embedded(house, app.state.desk.warm_one))

        server = server_of(app, opened, answering)
        server.run(sockets=[opened])
        if server.interrupted:
            raise KeyboardInterrupt  # whether the loop passes an interrupt on depends on where it met it


def server_of(app: FastAPI, opened: socket.socket, ready: Callable[[str], None] | None = None) -> "Server":
    """The server for ``opened``: it trusts no forwarding header and does not name itself."""
    config = uvicorn.Config(
        app, proxy_headers=False, server_header=False, access_log=False, log_level="warning", lifespan="off"
    )
    return Server(config, address_of(opened), ready)


class Server(uvicorn.Server):
    """Says when it is ready, and remembers whether somebody interrupted it."""

    def __init__(self, config: uvicorn.Config, address: str, ready: Callable[[str], None] | None) -> None:
        super().__init__(config)
        self.address = address
        self.interrupted = False
        self._ready = ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.interrupted = self.interrupted or sig == signal.SIGINT
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready(self.address)


def address_of(opened: socket.socket) -> str:
    """``http://127.0.0.1:8000``."""
    host, port = opened.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _turned_away(scope: Scope, turned: Turned) -> Application:
    answer: Any = problems.problem(Request(scope), turned.status, turned.code, turned.sentence)
    application: Callable[[Scope, Receive, Send], Awaitable[None]] = answer
    return application


async def _on_fault(request: Request, error: Exception) -> Response:
    answer = await problems.on_anything_else(request, error)
    answer.headers.update(_HEADERS)
    return answer


def _is_static(scope: Scope) -> bool:
    return str(scope.get("path", "")).startswith("/static/")
