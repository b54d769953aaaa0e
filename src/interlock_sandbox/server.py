"""One process, one port: Intuit's accounting API and OAuth, and the control API beside them. Loopback only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import NoReturn

from aiohttp import web

from interlock_sandbox.books.schema import SPECS
from interlock_sandbox.control import Control
from interlock_sandbox.control_books import BooksControl
from interlock_sandbox.control_form import Refused, refusal
from interlock_sandbox.disruptions import after, before, vendor_of
from interlock_sandbox.journal import JournalBroken
from interlock_sandbox.notices.control import NoticesControl
from interlock_sandbox.notices.courier import NoticeCourier
from interlock_sandbox.plaid.serving import serve_plaid
from interlock_sandbox.qbo.api import AccountingApi
from interlock_sandbox.qbo.consent import Consent
from interlock_sandbox.qbo.faults import service_json, system_error
from interlock_sandbox.qbo.gateway import gateway
from interlock_sandbox.qbo.oauth import OAuth
from interlock_sandbox.quirks import Lookback
from interlock_sandbox.ramp.serving import serve_ramp
from interlock_sandbox.sandbox import Sandbox
from interlock_sandbox.stripe.serving import serve_stripe
from interlock_sandbox.webhooks.control import WebhookControl
from interlock_sandbox.webhooks.courier import Courier

WARMED_PER_STEP = 50
LARGEST_BODY_BYTES = 64 * 1024 * 1024
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(
    sandbox: Sandbox,
    *,
    lookback: Lookback | None = None,
    gzip: bool = False,
    warm: bool = True,
    posts: bool = True,
) -> web.Application:
    """The whole application over one sandbox; without ``warm`` objects are rendered when first asked for.

    Without ``posts`` webhooks wait in ``sandbox.outbox`` for whoever takes them.
    """
    if lookback is not None:
        sandbox.quirks.lookback = lookback
    accounting = AccountingApi(sandbox, gzip=gzip)
    control = Control(sandbox)
    app = web.Application(middlewares=[gateway(sandbox), _gate(sandbox)], client_max_size=LARGEST_BODY_BYTES)
    courier = Courier(sandbox)
    app.add_routes([*WebhookControl(sandbox, courier).routes(), *BooksControl(sandbox).routes(), *control.routes()])
    app.add_routes([*Consent(sandbox).routes(), *OAuth(sandbox).routes()])
    notices = NoticeCourier(sandbox)
    app.add_routes(NoticesControl(sandbox, notices).routes())
    serve_plaid(app, sandbox)
    serve_ramp(app, sandbox)
    serve_stripe(app, sandbox)
    app.router.add_route("*", "/v3/company/{realm}/{tail:.*}", accounting.handle)
    app.router.add_route("*", "/v3/{tail:.*}", accounting.handle)
    if posts:
        app.cleanup_ctx.append(courier.running)
        app.cleanup_ctx.append(notices.running)
    if warm:
        app.cleanup_ctx.append(partial(_warm, sandbox))
    return app


async def _warm(sandbox: Sandbox, app: web.Application) -> AsyncIterator[None]:
    """Render every object once in the background, so that first reads are as fast as later ones."""
    del app

    async def render() -> None:
        for books in sandbox.companies.values():
            for entity in SPECS:
                for number, record in enumerate(list(books.records(entity).values())):
                    books.raw(record)
                    if number % WARMED_PER_STEP == 0:
                        await asyncio.sleep(0)

    task = asyncio.create_task(render())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _stop(broken: JournalBroken) -> NoReturn:
    """What memory holds and the journal does not was never accepted: end here, and start again from the journal."""
    print(broken, file=sys.stderr, flush=True)
    raise SystemExit(1)


def _gate(sandbox: Sandbox) -> Callable[..., Awaitable[web.StreamResponse]]:
    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse foreign hosts, let planned trouble happen, and turn what nobody planned into code 10000."""
        if request.host.rsplit(":", 1)[0] not in LOOPBACK_HOSTS:
            return web.json_response({"error": "This server answers on the loopback address only."}, status=403)
        if request.path.startswith("/control"):
            try:
                return await handler(request)
            except Refused as refused:
                return refusal(refused)
            except JournalBroken as broken:
                _stop(broken)
        now = sandbox.clock.now()
        met = sandbox.disruptions.meet(request.method, request.path_qs, now) if sandbox.disruptions.active else {}
        sandbox.catch_up()
        early = await before(request, met, now, sandbox.disruptions.sleep)
        if early is not None:
            return early
        try:
            response = await handler(request)
        except web.HTTPException:
            raise
        except JournalBroken as broken:
            _stop(broken)
        except Exception:  # the vendor answers 10000 for whatever breaks inside; the trace goes to stderr
            logging.exception("%s %s broke inside", request.method, request.path)
            says = vendor_of(request)
            if says is not None:
                return says(500)
            response = web.Response(status=500, body=service_json(system_error(), now), content_type="application/json")
        return after(request, met, response) if met and isinstance(response, web.Response) else response

    return gate
