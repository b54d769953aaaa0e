"""Stripe's limits, kept on our side: 100 requests a second live, 25 in test mode and for any one endpoint (stripe.md §1)."""

from interlock.infra.allowance import Paused
from interlock.infra.pacing import BudgetPacer
from interlock.infra.shares import Limits

__all__ = ["REQUESTS", "Pacer", "Paused"]

_A_SECOND = 20  # under the limit of one endpoint, whichever they all go to; the account's own programs need room too
_IN_FLIGHT = 8  # Stripe limits what runs at once as well, and doesn't say to how many

REQUESTS = Limits(_A_SECOND, _A_SECOND * 60, _IN_FLIGHT)


class Pacer(BudgetPacer):
    """One Stripe account's requests."""

    limits = REQUESTS
