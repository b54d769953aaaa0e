"""Stripe's place in the application: its API under ``/stripe``, its control calls, its way of saying that it is in trouble."""

from __future__ import annotations

from aiohttp import web

from interlock_sandbox.control_stripe import StripeControl
from interlock_sandbox.disruptions import VENDORS
from interlock_sandbox.sandbox import Sandbox
from interlock_sandbox.stripe.api import StripeApi
from interlock_sandbox.stripe.party import Stripe
from interlock_sandbox.stripe.refusal import trouble

VENDORS["/stripe"] = trouble


def serve_stripe(app: web.Application, sandbox: Sandbox) -> None:
    """Add the routes of the party named ``stripe``."""
    party = sandbox.parties["stripe"]
    assert isinstance(party, Stripe), "the party named stripe is Stripe"
    app.add_routes(StripeControl(sandbox, party).routes())
    app.router.add_route("*", "/stripe/v1/{tail:.*}", StripeApi(sandbox, party).handle)
