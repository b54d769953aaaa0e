"""The control API's part about Ramp: what people do at its own screens, what its days bring, and its switches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from aiohttp import web

from interlock_sandbox.control_form import Refused, body_of, json_answer
from interlock_sandbox.ramp.desk import Desk
from interlock_sandbox.ramp.faults import RampFault
from interlock_sandbox.ramp.instructing import instruction, soonest
from interlock_sandbox.ramp.life import status_summary
from interlock_sandbox.ramp.model import TO_AN_ACCOUNT, Bill, Business, Settings
from interlock_sandbox.ramp.shapes import bill_shape, payee_shapes
from interlock_sandbox.sandbox import Sandbox

HEADERS = ("X-Ramp-Signature", "X-Ramp-Webhook-Signature")
SWITCHES = {
    "payment_release", "accounting_sync", "second_bill", "imports_payments", "knows_payment_method",
    "refuses_scopes_at_token",
}  # fmt: skip


class RampControl:
    """Handlers under ``/control/ramp``; a client is named by its realm id, a bill by Ramp's own id."""

    def __init__(self, sandbox: Sandbox, desk: Desk) -> None:
        self.sandbox = sandbox
        self.desk = desk
        self.ramp = desk.ramp

    def routes(self) -> list[web.RouteDef]:
        bill = "/control/ramp/{realm}/bills/{bill}"
        acts: dict[str, Callable[[Business, Bill, dict[str, Any]], None]] = {
            "approve": self._approve, "reject": self._reject, "release": self._release, "pay": self._pay,
            "arrive": self._arrive, "fail": self._fail, "return": self._return, "hold": self._hold,
            "instruct": self._instruct,
        }  # fmt: skip
        return [
            web.get("/control/ramp/planted", self.planted),
            web.post("/control/ramp/limit", self.limit),
            web.get("/control/ramp/{realm}", self.show),
            web.post("/control/ramp/{realm}/settings", self.settings),
            web.post("/control/ramp/{realm}/begin-anew", self.begin_anew),
            web.post("/control/ramp/{realm}/batch", self.batch),
            web.post("/control/ramp/{realm}/revoke", self.revoke),
            web.post("/control/ramp/{realm}/vendors/{vendor}/accounts", self.payee),
            *(web.post(f"{bill}/{name}", self._on_bill(act)) for name, act in acts.items()),
        ]

    async def planted(self, request: web.Request) -> web.Response:
        """What is wrong between Ramp and the books on purpose, by realm; ``?realm=`` narrows."""
        only = request.query.get("realm")
        told = {
            realm: [
                {**asdict(each), "qbo": None if each.qbo is None else {"entity": each.qbo[0], "id": each.qbo[1]}}
                for each in business.planted
            ]
            for realm, business in self.ramp.businesses.items()
            if only in (None, realm)
        }
        return json_answer({"planted": told})

    async def show(self, request: web.Request) -> web.Response:
        """One business: how to link it, its switches, its bills with their status and what came of the accounting sync."""
        business = self._business(request)
        return json_answer(
            {
                **(self.ramp.linking(business.realm) or {}), "settings": _told(business.settings),
                "bills": [
                    {
                        "id": bill.id, "invoice_number": bill.invoice_number, "amount_minor": bill.amount_minor,
                        "status_summary": status_summary(bill), "sync_status": bill.sync_status,
                        "qbo_bill": bill.qbo_id, "qbo_payment": None if bill.payment is None else bill.payment.synced_as,
                        "sync_trouble": bill.sync_trouble,
                    }
                    for bill in business.bills.values()
                ],
                "webhooks": [
                    {"id": each.id, "url": each.url, "status": each.status, "challenge": each.challenge}
                    for each in business.subscriptions.values()
                ],
            }
        )  # fmt: skip

    async def settings(self, request: web.Request) -> web.Response:
        """Switches, each left as it is unless sent: see ``Settings``; ``sync_delay_seconds`` instead of ``sync_delay``."""
        business, sent = self._business(request), await body_of(request)
        for name, value in sent.items():
            self._check_setting(name, value)
        sent = {name: float(value) if name == "sync_delay_seconds" else value for name, value in sent.items()}
        self.desk.act(business, self.sandbox.clock.now(), "set", settings=sent)
        return json_answer({"settings": _told(business.settings)})

    async def begin_anew(self, request: web.Request) -> web.Response:
        """An account just opened, for paying alone: without bills, and without a connection to the books."""
        business = self._business(request)
        self.desk.act(business, self.sandbox.clock.now(), "begin_anew")
        return await self.show(request)

    async def limit(self, request: web.Request) -> web.Response:
        """``requests`` a business may make within 10 seconds, until the sandbox ends."""
        requests = (await body_of(request)).get("requests")
        if not isinstance(requests, int) or requests < 1:
            raise Refused(400, "requests must be a whole number above 0.")
        self.desk.limit = requests
        return json_answer({"requests": requests})

    async def revoke(self, request: web.Request) -> web.Response:
        """Every token of the business ends now."""
        business = self._business(request)
        self.desk.act(business, self.sandbox.clock.now(), "revoke", token=None)
        return json_answer({})

    async def batch(self, request: web.Request) -> web.Response:
        """Several ``bills`` paid now as one payment; ``complete`` (yes unless told): they are there at once."""
        business, sent = self._business(request), await body_of(request)
        bills = [self._bill(business, str(each)) for each in sent.get("bills", [])]
        if len(bills) < 2:
            raise Refused(400, "A batch needs two bills or more.")
        for bill in bills:
            _payable(bill)
        if len({bill.payment.source_id for bill in bills if bill.payment is not None}) > 1:
            raise Refused(409, "The bills of a batch are paid from one account.")
        self._pay_now(business, bills, sent)
        return json_answer({"bills": [self._shape(business, bill) for bill in bills]})

    async def payee(self, request: web.Request) -> web.Response:
        """Somewhere to pay a vendor to: ``method`` ACH unless told."""
        business = self._business(request)
        vendor = business.vendors.get(request.match_info["vendor"])
        method = str((await body_of(request)).get("method", "ACH"))
        if vendor is None or method not in TO_AN_ACCOUNT:
            raise Refused(404, f"No such vendor, or method is not one of {', '.join(sorted(TO_AN_ACCOUNT))}.")
        self.desk.act(business, self.sandbox.clock.now(), "add_payee", vendor=vendor.id, method=method)
        return json_answer({"accounts": payee_shapes(vendor)})

    def _on_bill(self, act: Callable[[Business, Bill, dict[str, Any]], None]) -> Any:
        async def handle(request: web.Request) -> web.Response:
            business, sent = self._business(request), await body_of(request)
            bill = self._bill(business, request.match_info["bill"])
            act(business, bill, sent)
            self.sandbox.catch_up()
            return json_answer({"bill": self._shape(business, bill)})

        return handle

    def _approve(self, business: Business, bill: Bill, sent: dict[str, Any]) -> None:
        """A person approves the bill."""
        del sent
        _must(bill.approval in {"PENDING", "INITIALIZED"}, "The bill is not waiting for approval.")
        self._do(business, bill, "approve")

    def _reject(self, business: Business, bill: Bill, sent: dict[str, Any]) -> None:
        del sent
        _must(bill.approval in {"PENDING", "INITIALIZED"}, "The bill is not waiting for approval.")
        self._do(business, bill, "reject")

    def _release(self, business: Business, bill: Bill, sent: dict[str, Any]) -> None:
        """A person releases the payment."""
        del sent
        _must(status_summary(bill) == "AWAITING_RELEASE", "The payment is not waiting for release.")
        self._do(business, bill, "release")

    def _pay(self, business: Business, bill: Bill, sent: dict[str, Any]) -> None:
        """Pay now; ``complete`` (yes unless told): it is there at once."""
        _payable(bill)
        self._pay_now(business, [bill], sent)

    def _arrive(self, business: Business, bill: Bill, sent: dict[str, Any]) -> None:
        """A payment under way is there."""
        del sent
        _must(bill.payment is not None and bill.payment.progress == "processing", "No payment is under way.")
        self._do(business, bill, "arrive")

    def _fail(self, business: Business, bill: Bill, sent: dict[str, Any]) -> None:
        """The payment comes to nothing, before or after it left."""
        waits = bill.payment is not None and bill.payment.progress in {"scheduled", "processing"}
        _must(waits and bill.archived_at is None, "There is no payment that could fail.")
        self._do(business, bill, "fail", reason=str(sent.get("reason", "Insufficient funds")))

    def _return(self, business: Business, bill: Bill, sent: dict[str, Any]) -> None:
        """A completed payment is sent back; the money is here after ``days`` business days (2 unless told)."""
        done = bill.payment is not None and bill.payment.progress == "completed" and bill.payment.by_bank
        _must(done, "Only a completed payment from a bank account can be returned.")
        days = sent.get("days", 2)
        _must(isinstance(days, int) and 0 <= days <= 60, "days must be a whole number from 0 to 60.")
        self._do(business, bill, "return", days=days, reason=str(sent.get("reason", "Account closed")))

    def _hold(self, business: Business, bill: Bill, sent: dict[str, Any]) -> None:
        """``on`` (yes unless told), ``by``: business, or provider (then the payment is held)."""
        by = sent.get("by", "business")
        _must(by in {"business", "provider"}, "by must be business or provider.")
        _must(by == "business" or bill.payment is not None, "The bill has no payment to hold.")
        self._do(business, bill, "hold", by=by, on=sent.get("on", True) is True)

    def _instruct(self, business: Business, bill: Bill, sent: dict[str, Any]) -> None:
        """A person chooses how to pay: ``payment_details`` as in the API, or without them as the vendor is paid soonest."""
        open_ = bill.archived_at is None and bill.paid_at is None
        waits = bill.payment is None or bill.payment.progress != "processing"
        _must(open_ and waits, "The bill is paid, archived, or its payment is under way.")
        vendor, now = business.vendors[bill.vendor_id], self.sandbox.clock.now()
        wanted = sent["payment_details"] if "payment_details" in sent else soonest(business, vendor, now)
        try:
            method, details = instruction(business, vendor, wanted, sent.get("payment_method"), now)
        except RampFault as fault:
            raise Refused(409, str(fault)) from fault
        self._do(business, bill, "instruct", method=method, details=details)

    def _pay_now(self, business: Business, bills: list[Bill], sent: dict[str, Any]) -> None:
        complete = sent.get("complete", True) is True
        now = self.sandbox.clock.now()
        self.desk.act(business, now, "pay", bills=[bill.id for bill in bills], complete=complete)

    def _do(self, business: Business, bill: Bill, name: str, **more: Any) -> None:
        self.desk.act(business, self.sandbox.clock.now(), name, bill=bill.id, **more)

    def _shape(self, business: Business, bill: Bill) -> dict[str, Any]:
        return bill_shape(business, self.ramp.books[business.realm], bill, whole=True)

    def _check_setting(self, name: str, value: Any) -> None:
        if name in SWITCHES:
            _must(isinstance(value, bool), f"{name} must be true or false.")
        elif name == "sync_delay_seconds":
            good = not isinstance(value, bool) and isinstance(value, int) and 0 <= value <= 30 * 86_400
            _must(good, "sync_delay_seconds must be a whole number from 0 to 30 days.")
        elif name == "signature_header":
            _must(value in HEADERS, f"signature_header must be one of {', '.join(HEADERS)}.")
        elif name == "allowed_scopes":
            good = value is None or (isinstance(value, list) and all(isinstance(each, str) for each in value))
            _must(good, "allowed_scopes must be a list of scopes, or null for all.")
        else:
            known = sorted({*SWITCHES, "sync_delay_seconds", "signature_header", "allowed_scopes"})
            raise Refused(400, f"Unknown setting {name}; use {', '.join(known)}.")

    def _business(self, request: web.Request) -> Business:
        realm = request.match_info["realm"]
        business = self.ramp.businesses.get(realm)
        if business is None:
            raise Refused(404, f"No client with the realm id {realm} has a Ramp account.")
        return business

    def _bill(self, business: Business, bill_id: str) -> Bill:
        bill = business.bills.get(bill_id)
        if bill is None:
            raise Refused(404, f"Ramp has no bill {bill_id} of {business.realm}.")
        return bill


def _must(true: bool, sentence: str) -> None:
    if not true:
        raise Refused(409, sentence)


def _payable(bill: Bill) -> None:
    payment = bill.payment
    _must(bill.archived_at is None and bill.paid_at is None, f"Bill {bill.id} is paid or archived.")
    _must(bill.approval == "APPROVED" and not bill.on_hold, f"Bill {bill.id} is not approved, or on hold.")
    instructed = payment is not None and payment.by_bank and payment.progress == "scheduled"
    _must(instructed, f"No payment from a bank account waits for bill {bill.id}; instruct one first.")


def _told(settings: Settings) -> dict[str, Any]:
    told: dict[str, Any] = {each.name: getattr(settings, each.name) for each in fields(settings)}
    delay: timedelta = told.pop("sync_delay")
    allowed = told["allowed_scopes"]
    return {
        **told, "sync_delay_seconds": delay.total_seconds(),
        "allowed_scopes": None if allowed is None else sorted(allowed),
    }  # fmt: skip
