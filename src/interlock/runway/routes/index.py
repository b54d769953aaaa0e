"""Every router of the product, pages first."""

from fastapi import APIRouter

from interlock.runway.routes import (
    aging,
    balances,
    bank_links,
    bills,
    capabilities,
    collections,
    connect,
    connections,
    console,
    decisions,
    demo,
    digest,
    earmarks,
    evidence,
    health,
    identity,
    invoices,
    log,
    matches,
    orders,
    overview,
    pay_run,
    payees,
    payments,
    payouts,
    people,
    policy,
    portfolio,
    proof,
    receipts,
    receivables,
    recording,
    recurring,
    releasing,
    sync,
    tray,
    webhooks,
)
from interlock.runway.routes.problems import RESPONSES

_SCREENS = (
    portfolio,
    overview,
    earmarks,
    recurring,
    tray,
    console,
    decisions,
    pay_run,
    payments,
    releasing,
    digest,
    evidence,
    bills,
    invoices,
    orders,
    aging,
    receivables,
    collections,
    balances,
    payouts,
    receipts,
    matches,
    identity,
    payees,
    people,
    policy,
    log,
    sync,
    proof,
    recording,
    connections,
    connect,
    bank_links,
    capabilities,
    demo,
)


def _api() -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=RESPONSES)
    for module in (health, *_SCREENS):
        api.include_router(module.api)
    return api


ROUTERS: tuple[APIRouter, ...] = (*(module.pages for module in _SCREENS), webhooks.pages, _api())
