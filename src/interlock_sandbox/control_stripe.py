"""The control API's part about Stripe: what customers, their banks and Stripe itself do there, and what breaks inside."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from interlock_sandbox.control_form import Refused, body_of, json_answer
from interlock_sandbox.parties import Step
from interlock_sandbox.sandbox import Sandbox
from interlock_sandbox.stripe.balance import next_run
from interlock_sandbox.stripe.disputes import OPEN
from interlock_sandbox.stripe.methods import DEBIT_ODDS, DECLINED
from interlock_sandbox.stripe.party import Stripe
from interlock_sandbox.stripe.store import Account, Object

METHODS = {"card": "card", "ach": "us_bank_account"}
BREAKS = ("before", "after")


class StripeControl:
    """Handlers under ``/control/stripe``. An invoice, charge, payout, … is named by its Stripe id, in any account."""

    def __init__(self, sandbox: Sandbox, party: Stripe) -> None:
        self.sandbox = sandbox
        self.party = party
        sandbox.rails["stripe"] = party.told

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/stripe", self.show),
            web.post("/control/stripe/trouble", self.trouble),
            web.post("/control/stripe/{realm}/pay", self.pay),
            web.post("/control/stripe/{realm}/payout", self.payout),
            web.post("/control/stripe/{realm}/key", self.key),
            web.post("/control/stripe/{realm}/access", self.access),
            web.post("/control/stripe/charges/{id}/fail", self.fail_debit),
            web.post("/control/stripe/charges/{id}/clear", self.clear_debit),
            web.post("/control/stripe/charges/{id}/return", self.return_debit),
            web.post("/control/stripe/charges/{id}/dispute", self.dispute),
            web.post("/control/stripe/disputes/{id}/{outcome}", self.decide),
            web.post("/control/stripe/payouts/{id}/paid", self.arrive),
            web.post("/control/stripe/payouts/{id}/fail", self.fail_payout),
            web.post("/control/stripe/payouts/{id}/reconcile", self.reconcile),
            web.post("/control/stripe/refunds/{id}/fail", self.fail_refund),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The platform and each client's account, with keys, schedule and what falls due next."""
        del request
        listed = []
        for client in self.sandbox.firm.clients:
            realm = client.books.realm_id
            told = self.party.told(realm)
            if told is None:
                continue
            account = self.party.account(told["account"])
            run, due = next_run(account), account.first_due()
            listed.append(
                {
                    **told, "realm_id": realm, "name": account.name, "schedule": account.schedule,
                    "next_payout": None if run is None else run.isoformat(),
                    "next_due": None if due is None else {"at": due[0].isoformat(), **due[2]},
                }
            )  # fmt: skip
        platform = {"account": self.party.platform.id, "secret_key": self.party.platform.keys["secret"]}
        return json_answer({"platform": platform, "accounts": listed, "trouble": self._trouble()})

    async def trouble(self, request: web.Request) -> web.Response:
        """``slow_seconds`` a write takes once begun; ``breaks``: a list of ``before``/``after``, one a write to come, that
        ends in a 500 which is kept under its idempotency key; ``limits``: whether 25 calls a second are all it takes."""
        sent = await body_of(request)
        slow, breaks = sent.get("slow_seconds", 0), sent.get("breaks", [])
        if isinstance(slow, bool) or not 0 <= float(slow) <= 600:
            raise Refused(400, "slow_seconds must be between 0 and 600.")
        if not isinstance(breaks, list) or not set(breaks) <= set(BREAKS):
            raise Refused(400, "breaks must be a list of before and after.")
        self.party.slow_seconds, self.party.breaking = float(slow), list(breaks)
        self.party.limits.enforced = sent.get("limits", False) is True
        return json_answer({"trouble": self._trouble()})

    def _trouble(self) -> dict[str, Any]:
        return {
            "slow_seconds": str(self.party.slow_seconds),
            "breaks": self.party.breaking,
            "limits": self.party.limits.enforced,
        }

    # --- customers ----------------------------------------------------------------------------------------------

    async def pay(self, request: web.Request) -> web.Response:
        """A customer pays by ``method`` (card, ach): an open ``invoice``, or ``amount`` cents as ``customer`` (may be left
        out). ``goes_wrong``: card_declined, insufficient_funds, expired_card, account_closed."""
        account = self._realm(request)
        sent = await body_of(request)
        method, odd = str(sent.get("method", "card")), str(sent.get("goes_wrong", ""))
        if method not in METHODS:
            raise Refused(400, "method must be card or ach.")
        if odd and odd not in (DECLINED if method == "card" else DEBIT_ODDS):
            raise Refused(
                400, f"goes_wrong must be one of {', '.join(sorted(DECLINED | DEBIT_ODDS))}, and fit the method."
            )
        act: Object = {"act": "customer pays", "method": METHODS[method], "odd": odd, "customer": sent.get("customer")}
        if sent.get("invoice"):
            invoice = account.find("invoice", str(sent["invoice"]))
            if invoice is None or invoice["status"] not in ("open", "uncollectible"):
                raise Refused(409, f"There is no open invoice {sent['invoice']} in this account.")
            act |= {"invoice": invoice["id"], "customer": invoice["customer"]}
        else:
            amount = sent.get("amount")
            if isinstance(amount, bool) or not isinstance(amount, int) or amount < 50:
                raise Refused(400, "Give an invoice, or an amount of at least 50 cents.")
            if act["customer"] is not None and account.find("customer", str(act["customer"])) is None:
                raise Refused(404, f"There is no customer {act['customer']} in this account.")
            act |= {"amount": amount, "description": sent.get("description")}
        self._act(account, act)
        return json_answer({"charge": account.sorted("charge")[0] if account.objects.get("charge") else None})

    async def fail_debit(self, request: web.Request) -> web.Response:
        """A bank debit on its way comes back; ``code``: insufficient_funds, account_closed, …"""
        account, charge = self._found("charge", request)
        self._must(charge["status"] == "pending", f"{charge['id']} is {charge['status']}, not pending.")
        sent = await body_of(request)
        self._act(
            account, {"act": "debit fails", "charge": charge["id"], "code": str(sent.get("code", "insufficient_funds"))}
        )
        return json_answer({"charge": charge})

    async def clear_debit(self, request: web.Request) -> web.Response:
        """A bank debit on its way is paid now."""
        account, charge = self._found("charge", request)
        self._must(charge["status"] == "pending", f"{charge['id']} is {charge['status']}, not pending.")
        self._act(account, {"act": "debit clears", "charge": charge["id"]})
        return json_answer({"charge": charge})

    async def return_debit(self, request: web.Request) -> web.Response:
        """A bank debit that had succeeded is sent back after all; ``reason``: insufficient_funds, debit_not_authorized."""
        return await self._withdrawn(request, "debit returns", "us_bank_account", "insufficient_funds")

    async def dispute(self, request: web.Request) -> web.Response:
        """A customer's bank opens a dispute; ``reason``: fraudulent, product_not_received, …"""
        return await self._withdrawn(request, "dispute opens", "card", "fraudulent")

    async def _withdrawn(self, request: web.Request, act: str, kind: str, reason: str) -> web.Response:
        account, charge = self._found("charge", request)
        right = charge["status"] == "succeeded" and charge["payment_method_details"]["type"] == kind
        self._must(
            right and not charge["disputed"] and not charge["refunded"],
            f"{charge['id']} can't be taken back like that.",
        )
        sent = await body_of(request)
        self._act(account, {"act": act, "charge": charge["id"], "reason": str(sent.get("reason", reason))})
        return json_answer({"dispute": account.sorted("dispute")[0]})

    async def decide(self, request: web.Request) -> web.Response:
        """``won`` or ``lost``."""
        account, dispute = self._found("dispute", request)
        outcome = request.match_info["outcome"]
        self._must(outcome in ("won", "lost"), "A dispute is won or lost.")
        self._must(dispute["status"] in OPEN, f"{dispute['id']} is already {dispute['status']}.")
        self._act(account, {"act": f"dispute {outcome}", "dispute": dispute["id"]})
        return json_answer({"dispute": dispute})

    async def fail_refund(self, request: web.Request) -> web.Response:
        """A refund comes back; ``reason``: expired_or_canceled_card, unknown, …"""
        account, refund = self._found("refund", request)
        self._must(refund["status"] in ("pending", "succeeded"), f"{refund['id']} is {refund['status']}.")
        sent = await body_of(request)
        self._act(
            account, {"act": "refund fails", "refund": refund["id"], "reason": str(sent.get("reason", "unknown"))}
        )
        return json_answer({"refund": refund})

    # --- payouts ------------------------------------------------------------------------------------------------

    async def payout(self, request: web.Request) -> web.Response:
        """The schedule's payout is made now, of what is available (nothing available: ``payout`` is ``null``)."""
        account = self._realm(request)
        self._must(account.schedule != "manual", "This account pays out by hand: POST /v1/payouts.")
        before = set(account.objects.get("payout", {}))
        self._act(account, {"act": "payout run"})
        new = [each for each in account.all("payout") if each["id"] not in before]
        return json_answer({"payout": new[0] if new else None})

    async def arrive(self, request: web.Request) -> web.Response:
        """A payout on its way is at the bank now."""
        account, payout = self._found("payout", request)
        self._must(payout["status"] in ("pending", "in_transit"), f"{payout['id']} is {payout['status']}.")
        self._act(account, {"act": "payout arrives", "payout": payout["id"]})
        return json_answer({"payout": payout})

    async def fail_payout(self, request: web.Request) -> web.Response:
        """A payout comes back, paid already or not; ``code``: account_closed, no_account, could_not_process, …"""
        account, payout = self._found("payout", request)
        self._must(payout["status"] in ("pending", "in_transit", "paid"), f"{payout['id']} is {payout['status']}.")
        code = str((await body_of(request)).get("code", "account_closed"))
        arrived = payout["status"] == "paid"
        self._act(account, {"act": "payout fails", "payout": payout["id"], "code": code, "arrived": arrived})
        return json_answer({"payout": payout})

    async def reconcile(self, request: web.Request) -> web.Response:
        """What an automatic payout is made of is told now."""
        account, payout = self._found("payout", request)
        self._must(payout["reconciliation_status"] == "in_progress", f"It is {payout['reconciliation_status']}.")
        self._act(account, {"act": "payout reconciles", "payout": payout["id"]})
        return json_answer({"payout": payout})

    # --- access -------------------------------------------------------------------------------------------------

    async def key(self, request: web.Request) -> web.Response:
        """Roll the ``secret`` or ``restricted`` key (``name``): the old one is refused from now on."""
        account = self._realm(request)
        name = str((await body_of(request)).get("name", "secret"))
        self._must(name in account.keys, "name must be secret or restricted.")
        self._act(account, {"act": "key rolls", "name": name})
        return json_answer(self.party.told(account.realm) or {})

    async def access(self, request: web.Request) -> web.Response:
        """``connected``: whether the platform's key reaches this account."""
        account = self._realm(request)
        connected = (await body_of(request)).get("connected")
        if not isinstance(connected, bool):
            raise Refused(400, "connected must be true or false.")
        self._act(account, {"act": "access ends", "back": connected})
        return json_answer({"connected": connected})

    # --- how ----------------------------------------------------------------------------------------------------

    def _act(self, account: Account, act: Object) -> None:
        self.sandbox.catch_up()
        self.sandbox.act("stripe", Step(self.sandbox.clock.now(), {**act, "account": account.id}))

    def _realm(self, request: web.Request) -> Account:
        realm = request.match_info["realm"]
        account = self.party.by_realm.get(realm)
        if account is None:
            raise Refused(404, f"The company {realm} has no Stripe account.")
        return self.party.account(account.id)

    def _found(self, kind: str, request: web.Request) -> tuple[Account, Object]:
        id_ = request.match_info["id"]
        for account in self.party.by_realm.values():
            if account.id in self.party.opened and (found := account.find(kind, id_)) is not None:
                return account, found
        raise Refused(404, f"There is no {kind} {id_}.")

    @staticmethod
    def _must(right: bool, otherwise: str) -> None:
        if not right:
            raise Refused(409, otherwise)
