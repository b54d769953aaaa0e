"""Ramp's limit, kept on our side: 200 requests in any ten seconds (ramp.md §2), of which we take three quarters.

The same app's other programs count too, so the rest is theirs.
"""

from interlock.infra.allowance import Paused
from interlock.infra.pacing import BudgetPacer
from interlock.infra.shares import Limits

__all__ = ["REQUESTS", "Pacer", "Paused"]

_A_SECOND = 15
_IN_FLIGHT = 6

REQUESTS = Limits(_A_SECOND, _A_SECOND * 60, _IN_FLIGHT)


class Pacer(BudgetPacer):
    """One Ramp app's requests."""

    limits = REQUESTS
