"""Plaid's part of the application."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from interlock_sandbox.control_bank import BankControl, logins
from interlock_sandbox.disruptions import VENDORS
from interlock_sandbox.plaid.api import PREFIX, PlaidApi, trouble
from interlock_sandbox.plaid.consent import LinkPage
from interlock_sandbox.plaid.control import PlaidControl
from interlock_sandbox.plaid.limits import Limits
from interlock_sandbox.plaid.party import Plaid
from interlock_sandbox.sandbox import Sandbox

VENDORS[PREFIX] = trouble


def serve_plaid(app: web.Application, sandbox: Sandbox) -> None:
    """Add Plaid, the banks' control API and ``/control/rails``."""
    plaid = sandbox.parties["plaid"]
    assert isinstance(plaid, Plaid)

    def listed(realm: str) -> dict[str, Any]:
        return {"client_id": plaid.client_id, "secret": plaid.secret, "logins": logins(plaid.bank, realm)}

    sandbox.rails["plaid"] = listed
    limits = Limits()
    app.add_routes(
        [
            *BankControl(sandbox, plaid.bank).routes(),
            *PlaidControl(sandbox, plaid, limits).routes(),
            *LinkPage(sandbox, plaid).routes(),
            *PlaidApi(sandbox, plaid, limits).routes(),
        ]
    )
