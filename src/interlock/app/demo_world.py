"""The demo's outside world, through the sandbox's control interface: only ever over HTTP, and only on this machine."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import msgspec

from interlock.app.house import House
from interlock.domains.ap.models import Bill
from interlock.domains.ap.payment_models import Disbursement
from interlock.infra.transport import Request, TransportError
from interlock.kernel.errors import InterlockError
from interlock.kernel.money import Money

_ANSWER_SECONDS = 120.0
_STATEMENT_CHARACTERS = 60
_OPEN = "PAYMENT_COMPLETED"
_NEXT_IN_RAMP = {
    "APPROVAL_PENDING": "approve",
    "PAYMENT_DETAILS_MISSING": "instruct",
    "PAYMENT_NOT_INSTRUCTED": "instruct",
    "AWAITING_RELEASE": "release",
    "PAYMENT_SCHEDULED": "pay",
    "PAYMENT_READY": "pay",
    "PAYMENT_PROCESSING": "arrive",
}
_STEPS_MOST = len(_NEXT_IN_RAMP)


class CannotHappen(InterlockError):
    """The demo's world doesn't allow it now. Nothing happened."""

    code: ClassVar[str] = "cannot_happen"
    status: ClassVar[int] = 409


@dataclass(frozen=True)
class ToldBill:
    """A bill as those out there know it: whose books, and which."""

    realm: str
    bill: Bill


@dataclass(frozen=True)
class Told(ToldBill):
    """A payment of one: how, and how much."""

    row: Disbursement

    @property
    def money(self) -> Money:
        return Money(self.row.amount_minor, self.row.currency)


class DemoWorld:
    """What happens out there, one act a method. Each raises ``CannotHappen`` with the world's own sentence."""

    def __init__(self, house: House, url: str) -> None:
        self._house = house
        self._url = url

    def advance(self, time: timedelta) -> None:
        self._ask("POST", "clock/advance", {"seconds": int(time.total_seconds())})

    def banks_are_read(self, realm: str) -> None:
        """Plaid looks at every bank of a client now, instead of within hours."""
        for item in self._ask("GET", "plaid")["items"]:
            if item["realm_id"] == realm and not item["removed"]:
                self._ask("POST", f"plaid/items/{item['item_id']}/look", {})

    def bank_posts(self, told: Told) -> None:
        self._line(told, -told.row.amount_minor, _statement("BILLPAY", told), pending=False)

    def bank_announces(self, told: Told) -> None:
        self._line(told, -told.row.amount_minor, _statement("BILLPAY", told), pending=True)

    def bank_drops(self, told: Told) -> None:
        """The pending line goes away, as when a card or a bank takes it back before it posts."""
        account = self._account(told)
        lines = self._ask("GET", f"bank/{told.realm}/lines?account={account}")["lines"]
        pending = [each["id"] for each in lines if each["pending"] and each["amount_minor"] == -told.row.amount_minor]
        if not pending:
            raise CannotHappen("The bank shows no pending line of this amount; nothing happened.")
        self._ask("POST", f"bank/{told.realm}/lines/{pending[-1]}/remove", {})

    def bank_returns(self, told: Told) -> None:
        self._line(told, told.row.amount_minor, _statement("RETURN R03", told), pending=False)

    def books_enter(self, told: Told) -> None:
        """A bookkeeper enters the payment of the bill in QuickBooks, from the account it is paid from."""
        today = self._house.clock.now().date().isoformat()
        amount = msgspec.Raw(str(told.money.amount).encode())
        linked = {"TxnId": told.bill.id, "TxnType": "Bill"}
        body = {
            "VendorRef": {"value": told.bill.vendor_id},
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": {"value": self._ledger_account(told)}},
            "TotalAmt": amount,
            "TxnDate": today,
            "Line": [{"Amount": amount, "LinkedTxn": [linked]}],
        }
        self._ask("POST", f"companies/{told.realm}/create", {"entity": "BillPayment", "body": body})

    def books_void(self, told: Told) -> None:
        if told.row.ledger_payment_id is None:
            raise CannotHappen("The books show no payment of this bill yet; nothing happened.")
        sent = {"entity": "BillPayment", "id": told.row.ledger_payment_id}
        self._ask("POST", f"companies/{told.realm}/void", sent)

    def books_edit(self, told: ToldBill) -> None:
        """The bookkeeper moves the bill's due date by a week."""
        due = (told.bill.due or told.bill.dated) + timedelta(days=7)
        sent = {"entity": "Bill", "id": told.bill.id, "body": {"DueDate": due.isoformat()}}
        self._ask("POST", f"companies/{told.realm}/update", sent)

    def ramp_step(self, told: Told) -> None:
        """The next thing that its people do with the bill in Ramp."""
        act = _NEXT_IN_RAMP.get(self._standing(told))
        if act is None:
            raise CannotHappen(f"In Ramp the bill is {_words(self._standing(told))}; there is no next step.")
        self._on_bill(told, act)

    def ramp_pay(self, told: Told) -> None:
        """Everything that is left to do in Ramp, until it is paid."""
        if self._standing(told) not in _NEXT_IN_RAMP:
            raise CannotHappen(f"In Ramp the bill is {_words(self._standing(told))}; it can't be paid now.")
        for _ in range(_STEPS_MOST):
            if self._standing(told) == _OPEN:
                return
            self.ramp_step(told)

    def ramp_fail(self, told: Told) -> None:
        self._on_bill(told, "fail")

    def ramp_return(self, told: Told) -> None:
        """The payee's bank sends it back; the money is there at once."""
        self._on_bill(told, "return", {"days": 0})

    def _standing(self, told: Told) -> str:
        bills = self._ask("GET", f"ramp/{told.realm}")["bills"]
        found = next((each["status_summary"] for each in bills if each["id"] == told.row.rail_id), None)
        if found is None:
            raise CannotHappen("Ramp doesn’t have this payment yet; read the rails again first.")
        return str(found)

    def _on_bill(self, told: Told, act: str, body: dict[str, Any] | None = None) -> None:
        if told.row.rail_id is None:
            raise CannotHappen("Ramp doesn’t have this payment yet; read the rails again first.")
        self._ask("POST", f"ramp/{told.realm}/bills/{told.row.rail_id}/{act}", body or {})

    def _line(self, told: Told, minor: int, name: str, *, pending: bool) -> None:
        sent = {"account": self._account(told), "amount_minor": minor, "name": name, "pending": pending}
        sent |= {"counterparty": told.bill.vendor_name, "reference": told.bill.number}
        self._ask("POST", f"bank/{told.realm}/lines", sent)

    def _account(self, told: Told) -> str:
        """The bank's account of the ledger's that it is paid from, else the first checking account."""
        return str(self._held(told)["id"])

    def _ledger_account(self, told: Told) -> str:
        return str(self._held(told)["qbo_account_id"])

    def _held(self, told: Told) -> dict[str, Any]:
        held: list[dict[str, Any]] = self._ask("GET", f"bank/{told.realm}/accounts")["accounts"]
        known = [
            each for each in held if each["qbo_account_id"] is not None
        ]  # no payment is from one the books don't know
        named = [each for each in known if each["qbo_account_id"] == told.row.account_id]
        checking = [each for each in known if each["kind"] == "checking"]
        if not named and not checking:
            raise CannotHappen("This client has no checking account at a bank; nothing happened.")
        return (named or checking)[0]

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        sent = None if body is None else msgspec.json.encode(body)
        request = Request(method, f"{self._url}/{path}", (), {"Content-Type": "application/json"}, sent)
        transport = self._house.transport
        try:
            reply = transport.run(transport.send(request), _ANSWER_SECONDS)
            said = msgspec.json.decode(reply.body, type=dict[str, Any])
        except (TransportError, msgspec.DecodeError):
            raise CannotHappen("The demo’s world doesn’t answer; is its sandbox still running?") from None
        if reply.status >= 400:
            raise CannotHappen(str(said.get("error", f"The demo’s world answered {reply.status}.")))
        return said


def _statement(what: str, told: Told) -> str:
    """As a bank's statement spells it."""
    named = f"{what} {told.bill.vendor_name or ''} {told.bill.number or ''}".upper()
    return " ".join(named.split())[:_STATEMENT_CHARACTERS]


def _words(standing: str) -> str:
    return standing.replace("_", " ").lower()
