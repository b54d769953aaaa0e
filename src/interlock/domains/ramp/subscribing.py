"""Subscribing to Ramp's notices (ramp.md §7): an address registered, proved by a challenge that Ramp sends to it.

The secret that signs notices comes with the registration and never again, so a subscription of ours whose secret we don't hold is
deleted and made anew. Nothing is lost by that: notices only bring the next reading forward.
"""

from msgspec import Struct

from interlock.domains.ramp import wire
from interlock.domains.ramp.client import RampClient
from interlock.domains.ramp.mapper import RAIL, decoded
from interlock.domains.ramp.refusals import GONE
from interlock.rails.errors import ContractBroken, Rejected

EVENTS = ("bills.created", "bills.approved", "bills.rejected", "bills.paid", "bills.archived", "vendors.updated")
MORE_EVENTS = ("payments.updated", "vendors.activated")
"""Not every business has these; without them the timetable sees it a little later."""

_PAGES_MOST = 20


class Subscribed(Struct, frozen=True):
    """A subscription that waits for its challenge. ``secret`` signs its notices."""

    id: str
    secret: str
    events: tuple[str, ...]


class Subscribing:
    def __init__(self, client: RampClient) -> None:
        self._client = client

    async def subscribe(self, url: str) -> Subscribed:
        """Register ``url``, in place of whatever was registered for it. The challenge goes to it at once."""
        await self.unsubscribe(url)
        try:
            return await self._register(url, (*EVENTS, *MORE_EVENTS))
        except Rejected as refusal:
            if "event_types" not in refusal.sentence:
                raise
            return await self._register(url, EVENTS)

    async def verify(self, subscription_id: str, challenge: str) -> None:
        """Send the challenge back: from then on notices come."""
        await self._client.act(
            "POST", "webhooks/{id}/verify", {"challenge": challenge}, subscription_id, subscription_id
        )

    async def unsubscribe(self, url: str) -> int:
        """Delete what is registered for ``url``, and nothing else; how many those were."""
        found: list[str] = []
        following: str | None = None
        for _ in range(_PAGES_MOST):
            page = await self._client.listing("webhooks", {}, following)
            rows = [decoded(bytes(each), wire.Subscription) for each in page.data]
            found += [each.id for each in rows if each.endpoint_url == url]
            following = page.page.next
            if following is None:
                break
        for id_ in found:
            try:
                await self._client.act("DELETE", "webhooks/{id}", None, id_, id_)
            except Rejected as refusal:
                if refusal.reason != GONE:
                    raise
        return len(found)

    async def _register(self, url: str, events: tuple[str, ...]) -> Subscribed:
        raw = await self._client.act("POST", "webhooks", {"endpoint_url": url, "event_types": events}, url)
        made = decoded(raw, wire.Subscription)
        if not made.secret:
            raise ContractBroken(RAIL, "Ramp made a subscription without the secret that signs it.", "webhook.secret")
        return Subscribed(made.id, made.secret, events)
