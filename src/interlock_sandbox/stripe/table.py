"""All calls of the API that are served, and which of them a path means."""

from __future__ import annotations

import re
from functools import cache

from interlock_sandbox.stripe import (
    accounts,
    customers,
    disputes,
    invoice_items,
    invoices,
    links,
    listing,
    methods,
    payments,
    payouts,
    refunds,
)
from interlock_sandbox.stripe.call import Route

ROUTES = [
    *accounts.ROUTES, *customers.ROUTES, *disputes.ROUTES, *invoice_items.ROUTES, *invoices.ROUTES, *links.ROUTES,
    *listing.ROUTES, *methods.ROUTES, *payments.ROUTES, *payouts.ROUTES, *refunds.ROUTES,
]  # fmt: skip


@cache
def _patterns() -> list[tuple[Route, re.Pattern[str]]]:
    return [(route, re.compile(route.path.replace("{}", "([^/]+)"))) for route in ROUTES]


def routed(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The call that a method and a path (after ``/v1/``) mean, with the ids in the path."""
    for route, pattern in _patterns():
        if route.method == method and (match := pattern.fullmatch(path)):
            return route, match.groups()
    return None
