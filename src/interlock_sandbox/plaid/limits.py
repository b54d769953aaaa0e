"""Plaid's limits a minute, per Item and per app (plaid.md §9); counted always, enforced on request."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from interlock_sandbox.qbo.throttle import MINUTE, Window


class Limit(NamedTuple):
    """Calls a minute, and the code of the refusal."""

    item: int
    client: int
    code: str


PER_MINUTE = {
    "/accounts/balance/get": Limit(5, 1200, "ACCOUNTS_BALANCE_GET_LIMIT"),
    "/accounts/get": Limit(15, 15_000, "ACCOUNTS_LIMIT"),
    "/auth/get": Limit(15, 12_000, "AUTH_LIMIT"),
    "/identity/get": Limit(15, 2_000, "IDENTITY_LIMIT"),
    "/identity/match": Limit(15, 2_000, "IDENTITY_LIMIT"),
    "/item/get": Limit(15, 5_000, "ITEM_GET_LIMIT"),
    "/item/remove": Limit(30, 2_000, "ITEM_REMOVE_LIMIT"),
    "/transactions/sync": Limit(50, 2_500, "TRANSACTIONS_SYNC_LIMIT"),
    "/transactions/refresh": Limit(2, 100, "TRANSACTIONS_REFRESH_LIMIT"),
}


@dataclass(slots=True)
class Limits:
    """``timer``: seconds that only move forward. In memory only."""

    enforced: bool = False
    timer: Callable[[], float] = time.monotonic
    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _windows: dict[tuple[str, str], Window] = field(default_factory=dict)

    def over(self, path: str, item: str) -> str | None:
        """Count a call of an Item; the refusal's code if it is one too many."""
        self.calls[path] += 1
        limit = PER_MINUTE.get(path)
        if limit is None:
            return None
        now = self.timer()
        windows = [self._windows.setdefault(key, Window(MINUTE)) for key in ((path, item), (path, ""))]
        full = [
            window.count(now) >= most for window, most in zip(windows, (limit.item, limit.client), strict=True)
        ]  # fmt: skip
        if self.enforced and any(full):
            self.refused[path] += 1
            return limit.code
        for window in windows:
            window.add(now)
        return None
