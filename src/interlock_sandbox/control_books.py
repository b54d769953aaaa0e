"""The control API's part about the data: merges, closed books, lapsed subscriptions, odd rows, odd forms, skewed time."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web

from interlock_sandbox.bookkeeping import Misunderstood, carry_out, command_of
from interlock_sandbox.books.schema import SPECS
from interlock_sandbox.control_form import Refused, body_of, json_answer
from interlock_sandbox.quirks import READINGS
from interlock_sandbox.sandbox import Sandbox

OWNERS_NOTE = "Owner's money, put in to keep suppliers and wages paid"
LARGEST_SKEW_SECONDS = 366 * 86_400
IN_EVERY_PLAN = frozenset({"CompanyInfo", "Preferences"})


class BooksControl:
    """Handlers that change what a company's data looks like."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        company = "/control/companies/{realm}"
        return [
            web.post(f"{company}/close-books", self.close_books),
            web.post(f"{company}/owner-puts-in", self.owner_puts_in),
            web.post(f"{company}/open-account", self.open_account),
            web.post(f"{company}/subscription", self.subscription),
            web.post(f"{company}/poison", self.poison),
            web.delete(f"{company}/poison", self.heal),
            web.post(f"{company}/plan", self.plan),
            web.post(f"{company}/edits-between-pages", self.rig),
            web.get("/control/quirks", self.quirks),
            web.post("/control/quirks", self.set_quirks),
            web.post("/control/clock/skew", self.skew),
        ]

    async def close_books(self, request: web.Request) -> web.Response:
        """``date``: writes dated by then are refused with 6210 (null opens the books again)."""
        realm = self._realm(request)
        closing = (await body_of(request)).get("date")
        if closing is not None:
            try:
                closing = date.fromisoformat(str(closing)).isoformat()
            except ValueError:
                raise Refused(400, "date must be YYYY-MM-DD or null.") from None
        stored = self.sandbox.companies[realm].get("Preferences", "1")["AccountingInfoPrefs"]
        wanted = {key: value for key, value in stored.items() if key != "BookCloseDate"}
        if closing is not None:
            wanted["BookCloseDate"] = closing
        return self._update(realm, "Preferences", {"AccountingInfoPrefs": wanted})

    async def owner_puts_in(self, request: web.Request) -> web.Response:
        """``amount`` in whole dollars, paid into checking on ``date`` as owner's equity; said twice it is done once."""
        realm = self._realm(request)
        sent = await body_of(request)
        amount, on = sent.get("amount"), str(sent.get("date", self.sandbox.clock.now().date().isoformat()))
        if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
            raise Refused(400, "amount must be a whole number of dollars above 0.")
        books = self.sandbox.companies[realm]
        for row in books.rows("Deposit"):
            if row.get("PrivateNote") == OWNERS_NOTE and row["TxnDate"] == on:
                return json_answer({"object": row})
        ids = {row["AccountSubType"]: row["Id"] for row in books.rows("Account")}
        line = {
            "Amount": amount,
            "Description": OWNERS_NOTE,
            "DetailType": "DepositLineDetail",
            "DepositLineDetail": {"AccountRef": {"value": ids["OwnersEquity"]}},
        }
        body = {"TxnDate": on, "DepositToAccountRef": {"value": ids["Checking"]}, "Line": [line]}
        return self._carried_out(realm, "create", {"entity": "Deposit", "body": body | {"PrivateNote": OWNERS_NOTE}})

    async def open_account(self, request: web.Request) -> web.Response:
        """An account ``name`` of ``kind`` and ``sub_kind``, as a bookkeeper opens one; said twice it is done once."""
        realm = self._realm(request)
        sent = await body_of(request)
        name, kind, sub_kind = (str(sent.get(each, "")) for each in ("name", "kind", "sub_kind"))
        for row in self.sandbox.companies[realm].rows("Account"):
            if row["Name"] == name:
                return json_answer({"object": row})
        body = {"Name": name, "AccountType": kind, "AccountSubType": sub_kind}
        return self._carried_out(realm, "create", {"entity": "Account", "body": body})

    async def subscription(self, request: web.Request) -> web.Response:
        """``status``: PAID, TRIAL, …; RESTRICTED, SUSPENDED, EXPIRED and CANCELLED refuse writes with 6190."""
        realm = self._realm(request)
        status = str((await body_of(request)).get("status", ""))
        if not status:
            raise Refused(400, "status is missing: PAID, TRIAL, RESTRICTED, SUSPENDED, EXPIRED or CANCELLED.")
        stored = self.sandbox.companies[realm].get("CompanyInfo", "1")["NameValue"]
        others = [pair for pair in stored if pair["Name"] != "SubscriptionStatus"]
        return self._update(
            realm, "CompanyInfo", {"NameValue": [*others, {"Name": "SubscriptionStatus", "Value": status}]}
        )

    async def poison(self, request: web.Request) -> web.Response:
        """``entity`` and ``id`` of a row that ends what shows it with 10000; ``in``: query (usual), read, cdc."""
        realm = self._realm(request)
        sent = await body_of(request)
        entity, ref_id, ways = str(sent.get("entity", "")), str(sent.get("id", "")), sent.get("in", ["query"])
        if self.sandbox.companies[realm].find(entity, ref_id) is None:
            raise Refused(404, f"There is no {entity} {ref_id}.")
        if not isinstance(ways, list) or not ways or not set(ways) <= READINGS:
            raise Refused(400, f"in must be a list of {', '.join(sorted(READINGS))}.")
        self.sandbox.quirks.poison(realm, entity, ref_id, frozenset(ways))
        return self._quirks()

    async def heal(self, request: web.Request) -> web.Response:
        """No row of the company is poisoned any more."""
        realm = self._realm(request)
        quirks = self.sandbox.quirks
        quirks.poisoned = {key: ways for key, ways in quirks.poisoned.items() if key[0] != realm}
        return self._quirks()

    async def plan(self, request: web.Request) -> web.Response:
        """``lacks``: all entities the company's plan doesn't include; what asks for one is refused with 5020."""
        realm = self._realm(request)
        lacks = (await body_of(request)).get("lacks")
        if not isinstance(lacks, list) or not all(isinstance(each, str) and each in SPECS for each in lacks):
            raise Refused(400, "lacks must be a list of entities.")
        if not IN_EVERY_PLAN.isdisjoint(lacks):
            raise Refused(400, f"Every plan includes {' and '.join(sorted(IN_EVERY_PLAN))}.")
        self.sandbox.quirks.lacking[realm] = frozenset(lacks)
        return self._quirks()

    async def rig(self, request: web.Request) -> web.Response:
        """After the next ``after`` answered queries of ``entity``, make ``changes``: objects with ``operation``,
        ``entity``, and ``body`` or ``id``, as the other control calls take them."""
        realm = self._realm(request)
        sent = await body_of(request)
        entity, after, changes = sent.get("entity"), sent.get("after", 1), sent.get("changes")
        if entity not in SPECS:
            raise Refused(400, f"Unknown entity {entity}.")
        if not isinstance(after, int) or after < 1:
            raise Refused(400, "after must be a whole number from 1.")
        if not isinstance(changes, list) or not changes or not all(isinstance(each, dict) for each in changes):
            raise Refused(400, "changes must be a list of objects.")
        self.sandbox.quirks.rig(realm, entity, after, changes)
        return self._quirks()

    async def quirks(self, request: web.Request) -> web.Response:
        del request
        return self._quirks()

    async def set_quirks(self, request: web.Request) -> web.Response:
        """``cdc_lookback``, ``cdc_empty``, ``report_language``, ``report_cuts`` (a count, or null for all)."""
        sent = await body_of(request)
        try:
            self.sandbox.quirks.set(sent)
        except ValueError as wrong:
            raise Refused(400, str(wrong)) from wrong
        return self._quirks()

    async def skew(self, request: web.Request) -> web.Response:
        """``seconds`` by which the vendor's clock (``time``, MetaData) is ahead of everybody else's; may be negative."""
        seconds = (await body_of(request)).get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int) or abs(seconds) > LARGEST_SKEW_SECONDS:
            raise Refused(400, f"seconds must be a whole number, at most {LARGEST_SKEW_SECONDS} either way.")
        self.sandbox.skew(float(seconds))
        clock = self.sandbox.clock
        return json_answer({"now": clock.now().isoformat(), "served": clock.served().isoformat()})

    def _update(self, realm: str, entity: str, body: dict[str, Any]) -> web.Response:
        return self._carried_out(realm, "update", {"entity": entity, "id": "1", "body": body})

    def _carried_out(self, realm: str, operation: str, sent: dict[str, Any]) -> web.Response:
        try:
            return json_answer({"object": carry_out(self.sandbox, command_of(self.sandbox, realm, operation, sent))})
        except Misunderstood as wrong:
            raise Refused(wrong.status, str(wrong)) from wrong

    def _quirks(self) -> web.Response:
        return json_answer(self.sandbox.quirks.spoken())

    def _realm(self, request: web.Request) -> str:
        realm = request.match_info["realm"]
        if realm not in self.sandbox.companies:
            raise Refused(404, f"No company has the realm id {realm}.")
        return realm
