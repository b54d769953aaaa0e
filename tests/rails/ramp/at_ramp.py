"""A business with a Ramp of its own at the sandbox, and what a person would see and do at Ramp's own screens."""

import json
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Any

from interlock.app.house import House
from interlock.app.ramp import StoredKeys, connect_ramp, ramp_rail, ramp_sync
from interlock.domains.firm.models import Business
from interlock.domains.ramp import grant
from interlock.domains.ramp.client import RampClient, Still
from interlock.domains.ramp.grant import Tokens
from interlock.domains.ramp.pacing import Pacer
from interlock.domains.ramp.paying import Alone
from interlock.domains.ramp.rail import BusinessFacts, RampRail
from interlock.infra import translog
from interlock.infra.transport import Transport
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.rails import connections, witnesses
from interlock.rails.connections import Keys
from interlock.rails.moves import BillHandOff, Instructed, Method, PaymentInstruction
from interlock.rails.ports import SyncsRail
from tests.support.sandbox import Sandbox

ARRIVES = date(2026, 12, 8)
"""A Tuesday two weeks after the sandbox's first day."""
ISSUED, DUE = date(2026, 11, 20), date(2026, 12, 20)
_numbers = count(1)


def with_ramp(house: House, sandbox: Sandbox) -> House:
    """The same house pointed at the sandbox's Ramp. Where Ramp is in trouble it says so at once instead of trying again."""
    settings = replace(house.settings, ramp_api_url=f"{sandbox.url}/ramp")
    return House(
        settings,
        house.database,
        house.vault,
        house.clock,
        house.transport,
        limited=False,
        patience=0.0,
        build=house.build,
    )


class GoesBlind(RampClient):
    sandbox: Sandbox

    async def act(
        self,
        method: str,
        resource: str,
        body: Mapping[str, Any] | None,
        key: str,
        id_: str | None = None,
        *,
        still: Still | None = None,
    ) -> bytes:
        try:
            return await super().act(method, resource, body, key, id_, still=still)
        finally:
            self.sandbox.fault("server_error", path="/v1/bills", method="GET", status=503)


@dataclass
class Client:
    """A business of the sandbox's, and its Ramp there."""

    house: House
    sandbox: Sandbox
    business: Business
    realm_id: str

    @property
    def scope(self) -> Scope:
        return Scope(self.business.firm_id, self.business.business_id)

    @property
    def sync(self) -> SyncsRail:
        return ramp_sync(self.house, self.business)

    @property
    def rail(self) -> RampRail:
        found = ramp_rail(self.house, self.scope)
        assert found is not None, "the client was linked to Ramp by the test"
        return found

    def link(self, **changed: Any) -> BusinessFacts:
        there = self.there()
        keys = {"client_id": there["client_id"], "client_secret": there["client_secret"]} | changed
        return connect_ramp(self.house, self.business, actor="a test", **keys)

    def run(self, work: Any) -> Any:
        return self.house.transport.run(work, 60)

    def patient(self, slept: list[float], *, alone: Alone | None = None) -> RampRail:
        """The rail as a worker has it, which waits and tries again; what it waits for is noted, not waited for."""

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        return RampRail(
            self.calls(sleep), self.there()["business_id"], self.house.clock.now, alone or (lambda _key: nullcontext())
        )

    def going_blind(self) -> RampRail:
        """The rail of one whose view of bills is gone as soon as it has sent something, until the sandbox is calm."""
        calls = GoesBlind(*self._parts(), patience=0.0)
        calls.sandbox = self.sandbox
        return RampRail(calls, self.there()["business_id"], self.house.clock.now, lambda _key: nullcontext())

    def calls(self, sleep: Callable[[float], Awaitable[None]]) -> RampClient:
        return RampClient(*self._parts(), sleep)

    def _parts(self) -> tuple[str, Transport, Tokens, Pacer]:
        house, url = self.house, self.house.settings.ramp_api_url
        scopes = " ".join((*grant.READING, *grant.WRITING))
        tokens = Tokens(url, house.transport, StoredKeys(house, self.scope), house.clock.now, scopes)
        return url, house.transport, tokens, Pacer(limited=False)

    def there(self) -> dict[str, Any]:
        """The business as its own people see it."""
        found: dict[str, Any] = self.sandbox.control("GET", f"ramp/{self.realm_id}")
        return found

    def bill_there(self, bill_id: str) -> dict[str, Any]:
        return next(each for each in self.there()["bills"] if each["id"] == bill_id)

    def at_screen(self, bill_id: str, act: str, **how: Any) -> dict[str, Any]:
        """What a person does at Ramp's own screen."""
        done = self.sandbox.control("POST", f"ramp/{self.realm_id}/bills/{bill_id}/{act}", how)
        return dict(done["bill"])

    def switch(self, **settings: Any) -> None:
        self.sandbox.control("POST", f"ramp/{self.realm_id}/settings", settings)

    def elsewhere(self, method: str, path: str, body: Any = None) -> Any:
        """A call of another program with the same app, none of our code but the token."""
        self.run(self.rail.business())  # a token that is dead is replaced by one
        keys = self.keys()
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {keys.access_token}", "Content-Type": "application/json"}
        url = f"{self.house.settings.ramp_api_url}/developer/v1/{path}"
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def instruction_without_a_token(self) -> PaymentInstruction:
        """An order whose sending begins with a token that is dead already."""
        order = self.instruction()
        self.sandbox.control("POST", f"ramp/{self.realm_id}/revoke")
        return order

    def keys(self) -> Keys:
        with self.house.database.reading(self.scope) as session:
            return connections.keys_of(session, self.scope, self.house.vault, "ramp")

    def connection(self) -> tuple[str, str | None]:
        """State and trouble."""
        with self.house.database.reading(self.scope) as session:
            found = connections.find(session, self.scope, "ramp")
            return found.state, found.trouble

    def bills(self) -> dict[str, Any]:
        return {each.id: each for each in self._rows(witnesses.RailBill)}

    def vendors(self) -> dict[str, Any]:
        return {each.id: each for each in self._rows(witnesses.RailVendor)}

    def funding(self) -> list[Any]:
        return self._rows(witnesses.FundingAccount)

    def actions(self) -> list[str]:
        with self.house.database.reading(self.scope) as session:
            return [line.action for line in translog.lines(session, str(self.business.business_id))]

    def payee(self, method: str = "ach") -> tuple[str, str]:
        """A vendor of theirs that can be paid by ``method``, and its account."""
        for vendor in self.elsewhere("GET", "vendors?page_size=100&is_active=true")["data"]:
            for account in self.run(self.rail.payee_accounts(vendor["id"])):
                if account.method == method:
                    return vendor["id"], account.id
        raise AssertionError(f"no vendor of {self.business.name} can be paid by {method}; take another client")

    def instruction(self, minor: int = 12_345, *, method: Method = "ach", **changed: Any) -> PaymentInstruction:
        """An order to pay somebody who can be paid, each with a key of its own."""
        vendor_id, account_id = self.payee()
        source = next(each for each in self.run(self.rail.funding_accounts()).facts if each.pays_bills)
        number = next(_numbers)
        said: dict[str, Any] = {
            "key": f"pin_{self.business.slug}_{number}",
            "vendor_id": vendor_id,
            "vendor_account_id": account_id,
            "funding_account_id": source.id,
            "entity_id": source.entity_id,
            "method": method,
            "amount": Money(minor, "USD"),
            "number": f"T-{number}",
            "dated": ISSUED,
            "due": DUE,
            "arrives_on": ARRIVES,
        }
        return PaymentInstruction(**(said | changed))

    def hand_off(self, minor: int = 12_345, **changed: Any) -> BillHandOff:
        order = self.instruction(minor)
        said = {name: getattr(order, name) for name in BillHandOff.__struct_fields__}
        return BillHandOff(**(said | changed))

    def pay(self, order: PaymentInstruction) -> Instructed:
        found: Instructed = self.run(self.rail.pay_bill(order))
        return found

    def under(self, key: str) -> list[dict[str, Any]]:
        """All that stands at Ramp under a key, archived ones too."""
        return [
            each
            for archived in ("false", "true")
            for each in self.elsewhere("GET", f"bills?remote_id={key}&is_archived={archived}")["data"]
        ]

    def _rows(self, kind: type[Any]) -> list[Any]:
        with self.house.database.reading(self.scope) as session:
            rows = list(self.house.witnesses.rows(session, self.scope, kind))
            session.expunge_all()
            return rows
