"""Ramp's part of the application."""

from __future__ import annotations

from aiohttp import web

from interlock_sandbox.control_ramp import RampControl
from interlock_sandbox.disruptions import VENDORS
from interlock_sandbox.ramp.bills_api import BillsApi
from interlock_sandbox.ramp.business_api import BusinessApi
from interlock_sandbox.ramp.desk import Desk, nowhere
from interlock_sandbox.ramp.drafts_api import DraftsApi
from interlock_sandbox.ramp.faults import trouble
from interlock_sandbox.ramp.party import Ramp
from interlock_sandbox.ramp.tokens_api import TokensApi
from interlock_sandbox.ramp.vendors_api import VendorsApi
from interlock_sandbox.ramp.webhooks_api import WebhooksApi
from interlock_sandbox.sandbox import Sandbox

VENDORS["/ramp"] = trouble


def serve_ramp(app: web.Application, sandbox: Sandbox) -> None:
    """Add Ramp's API and its control API. Nothing under the API approves a bill or releases a payment."""
    ramp = sandbox.parties["ramp"]
    assert isinstance(ramp, Ramp)
    sandbox.rails["ramp"] = ramp.linking
    desk = Desk(sandbox, ramp, lambda: sandbox.throttle.timer())  # one stopwatch for every vendor's limit
    app.add_routes(RampControl(sandbox, desk).routes())
    # Drafts before bills: /bills/drafts must not be taken for a bill's id.
    for api in (
        TokensApi(desk),
        BusinessApi(desk),
        VendorsApi(desk),
        DraftsApi(desk),
        BillsApi(desk),
        WebhooksApi(desk),
    ):
        app.add_routes(api.routes())
    app.router.add_route("*", "/ramp/{tail:.*}", desk.guarded(nowhere))
