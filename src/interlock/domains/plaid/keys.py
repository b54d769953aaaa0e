"""The keys that Plaid signs notices with: fetched when first named, kept until replaced, never fetched without bound.

Anybody can send us a notice that names a key of their invention, so a name that turned out to be nobody's is not asked for
again for a while, and only so many are asked for a minute.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from interlock.domains.plaid import wire
from interlock.domains.plaid.client import PlaidClient
from interlock.domains.plaid.mapper import RAIL
from interlock.rails.errors import ContractBroken, Rejected, Unavailable

T = TypeVar("T")

_MOST_KEYS = 16
_MOST_STRANGERS = 256
_FETCHES_A_MINUTE = 6
_MINUTE = timedelta(minutes=1)
_STRANGE_FOR = timedelta(minutes=10)
_KEPT_FOR = timedelta(hours=24)


class VerificationKeys:
    """One process's keys. Lives on the transport's loop."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._known: OrderedDict[str, tuple[wire.PublicKey, datetime]] = OrderedDict()
        self._strangers: OrderedDict[str, datetime] = OrderedDict()
        self._fetched: deque[datetime] = deque()
        self._alone: asyncio.Lock | None = None

    async def key(self, key_id: str, client: PlaidClient) -> wire.PublicKey | None:
        """The key of that name; ``None`` when Plaid knows none, or has replaced it.

        ``Unavailable`` when Plaid can't be asked, or was asked too often: the notice will come again.
        """
        self._alone = self._alone or asyncio.Lock()
        async with self._alone:
            now = self._now()
            known = self._known.get(key_id)
            if known is not None and now - known[1] < _KEPT_FOR:
                return _unless_replaced(known[0], now)
            if now - self._strangers.get(key_id, now - _STRANGE_FOR) < _STRANGE_FOR:
                return None
            if known is None:  # a name that was good before is no guess of a stranger's
                self._count(now)
            return await self._fetch(key_id, client, now)

    async def _fetch(self, key_id: str, client: PlaidClient, now: datetime) -> wire.PublicKey | None:
        try:
            found = (await client.ask("webhook_verification_key/get", {"key_id": key_id}, wire.KeyAnswer)).key
        except (Rejected, ContractBroken):
            _remember(self._strangers, key_id, now, _MOST_STRANGERS)
            return None
        if found.kid != key_id:
            return None
        _remember(self._known, key_id, (found, now), _MOST_KEYS)
        return _unless_replaced(found, now)

    def _count(self, now: datetime) -> None:
        while self._fetched and self._fetched[0] <= now - _MINUTE:
            self._fetched.popleft()
        if len(self._fetched) >= _FETCHES_A_MINUTE:
            raise Unavailable(RAIL, "Too many unknown keys were named in the last minute; send the notice again.")
        self._fetched.append(now)


def _unless_replaced(key: wire.PublicKey, now: datetime) -> wire.PublicKey | None:
    return None if key.expired_at is not None and key.expired_at <= now.timestamp() else key


def _remember(kept: OrderedDict[str, T], name: str, value: T, most: int) -> None:
    kept[name] = value
    kept.move_to_end(name)
    if len(kept) > most:
        kept.popitem(last=False)
