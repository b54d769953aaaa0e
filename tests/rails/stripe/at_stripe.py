"""A client of ours with a Stripe account in the world outside, and what customers and Stripe itself do there."""

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from interlock.app.house import House
from interlock.app.stripe import connect_stripe, stripe_rail, stripe_sync
from interlock.domains.ar.services.payout_service import PayoutService, UnbundledPayout
from interlock.domains.firm.models import Business
from interlock.domains.stripe.rail import StripeRail
from interlock.infra import translog
from interlock.kernel.scope import Scope
from interlock.rails.connections import Connection, find
from interlock.rails.facts import Fact
from interlock.rails.ports import SyncReport
from tests.support.clock import clock_of
from tests.support.sandbox import Sandbox


def with_stripe(house: House, sandbox: Sandbox, **more: Any) -> House:
    """The same house, pointed at the sandbox's Stripe."""
    settings = replace(house.settings, stripe_api_url=f"{sandbox.url}/stripe", **more)
    return House(settings, house.database, house.vault, house.clock, house.transport, limited=False)


@dataclass
class Client:
    """A business of ours and its account there."""

    house: House
    sandbox: Sandbox
    business: Business
    realm_id: str

    @property
    def scope(self) -> Scope:
        return Scope(self.business.firm_id, self.business.business_id)

    @property
    def told(self) -> dict[str, Any]:
        """Account and keys, as the account's owner knows them."""
        listed: list[dict[str, Any]] = self.sandbox.control("GET", "stripe")["accounts"]
        return next(each for each in listed if each["realm_id"] == self.realm_id)

    @property
    def rail(self) -> StripeRail:
        rail = stripe_rail(self.house, self.scope)
        assert rail is not None, "connect the client first"
        return rail

    def connect(self) -> "Client":
        connect_stripe(self.house, self.business, actor="a test", key=self.told["secret_key"])
        return self

    def sync(self, *, full: bool = False) -> SyncReport:
        return stripe_sync(self.house, self.business).sync(full=full)

    def rows(self, kind: type[Fact]) -> dict[str, Any]:
        """What stands of a kind, by id."""
        with self.house.database.reading(self.scope) as session:
            return {each.id: each for each in self.house.witnesses.rows(session, self.scope, kind)}

    def unbundle(self, payout_id: str) -> UnbundledPayout:
        with self.house.database.reading(self.scope) as session:
            return PayoutService(session, self.business.business_id).unbundle(payout_id)

    def connection(self) -> Connection:
        with self.house.database.reading(self.scope) as session:
            found = find(session, self.scope, "stripe")
            session.expunge(found)
            return found

    def actions(self) -> list[str]:
        """What the log says happened, oldest first."""
        with self.house.database.reading(self.scope) as session:
            return [each.action for each in translog.lines(session, self.business.business_id)]

    def happens(self, what: str, **how: Any) -> Any:
        """Something happens at this client's account: ``pay``, ``payout``, ``key``, ``access``."""
        return self.sandbox.control("POST", f"stripe/{self.realm_id}/{what}", how)

    def at(self, what: str, **how: Any) -> Any:
        """Something happens to one thing there: ``payouts/po_…/fail``."""
        return self.sandbox.control("POST", f"stripe/{what}", how)

    def later(self, **how: Any) -> None:
        """Time passes, there and here."""
        offset = self.sandbox.control("POST", "clock/advance", how)["offset_seconds"]
        clock_of(self.house).offset = timedelta(seconds=float(offset))

    def there(self, path: str, **params: str) -> list[dict[str, Any]]:
        """All of a list, as its owner's own program reads it."""
        rows: list[dict[str, Any]] = []
        while True:
            cursor = {"starting_after": rows[-1]["id"]} if rows else {}
            page = self._ask(f"{path}?{urllib.parse.urlencode({**params, **cursor, 'limit': '100'})}")
            rows += page["data"]
            if not page["has_more"]:
                return rows

    def by_hand(self, path: str, **params: str) -> Any:
        """A call by somebody else's program: POST with a form."""
        return self._ask(path, urllib.parse.urlencode(params).encode())

    def remove(self, path: str) -> Any:
        return self._ask(path, method="DELETE")

    def _ask(self, path: str, body: bytes | None = None, method: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.told['secret_key']}"}
        request = urllib.request.Request(f"{self.sandbox.url}/stripe/v1/{path}", body, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
