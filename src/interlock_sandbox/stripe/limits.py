"""Stripe's limit a second per account in test mode (stripe.md §1); enforced on request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from interlock_sandbox.qbo.throttle import Window

A_SECOND = 25
SECOND = 1.0


@dataclass(slots=True)
class Limits:
    """``timer``: seconds that only move forward. In memory only; what is refused doesn't count."""

    enforced: bool = False
    timer: Callable[[], float] = time.monotonic
    refused: int = 0
    _windows: dict[str, Window] = field(default_factory=dict)

    def over(self, account: str) -> bool:
        """Count a call to an account; whether it is one too many."""
        now = self.timer()
        window = self._windows.setdefault(account, Window(SECOND))
        came = window.count(now)
        if self.enforced and came >= A_SECOND:
            self.refused += 1
            return True
        window.add(now)
        return False
