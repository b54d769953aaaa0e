"""A payment that was approved, let go outside and seen by the bank and the ledger, each in its own words, and its evidence."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import Course
from interlock.domains.ap.policy.happenings import Released, SendBegun, SendMade
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.services.payment_steps import Steps, keep_course
from interlock.domains.ap.witness_mirror import MIRROR as RAIL
from interlock.domains.bank.witness_mirror import MIRROR as BANKS
from interlock.domains.plaid import mapper as plaid
from interlock.domains.qbo import mapper as qbo
from interlock.domains.ramp import mapper as ramp
from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.rails import facts, witnesses
from interlock.rails.facts import Page
from interlock.runway.evidence_bundle import Bundle
from interlock.runway.payment_evidence import gather
from tests.deciding.clients import Desk
from tests.rails.ramp import shapes
from tests.rails.ramp.shapes import BILL_ID
from tests.runway import said
from tests.runway.conftest import FirmBooks
from tests.witnessing.payments import Payments

LINE_ID, PAYMENT_ID = "plaid-line-1", "2071"


@pytest.fixture(scope="session")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


@dataclass
class Paying:
    """One client's payment of its bill ``145`` at different points of its way, each written by who writes it in earnest."""

    payments: Payments

    @property
    def desk(self) -> Desk:
        return self.payments.desk

    @property
    def intent_id(self) -> str:
        return self.desk.intents()["145"].intent_id

    def approve(self) -> None:
        with self.desk.acting("wren") as service:
            service.approve_bill_for_payment([self.desk.wish("145")], comment="as agreed with the yard")
        self.desk.books.firm.wait(minutes=5)

    def let_go(self) -> None:
        (row,) = self.desk.release("mara", [self.intent_id]).rows
        assert row.outcome == "released", row.why
        self.desk.books.firm.wait(hours=20)

    def made_at_the_rail(self) -> None:
        """What the worker writes of a payment that is created there, as far as the rail's answer."""
        books, now = self.desk.books, self.desk.books.firm.clock.now()
        id_ = books.business.business_id
        with books.firm.database.writing(books.scope) as session:
            take_decision_lock(session, id_)
            intent = session.get_one(PaymentIntent, (id_, self.intent_id))
            course = Course("create", expects_bank=True, late_after=now + timedelta(days=10))
            row = instructed(intent, course, now)
            session.add(row)
            intent.state = "released"
            steps = Steps(session, books.scope, now=now, actor="Mara Finch [mara]")
            told = {"instruction": hashlib.sha256(str(row.instruction).encode()).hexdigest()}
            for event, said_ in ((Released(), told), (SendBegun(), {}), (SendMade("waiting"), {"rail_id": BILL_ID})):
                assert steps.happened(row, event, said_), f"{event} changed nothing"
            row.rail_id = BILL_ID
            steps.close()
        books.firm.wait(hours=20)

    def rail_says(self, cents: int) -> None:
        """The rail's bill is read, of an amount, and heard as after any sync."""
        books, now = self.desk.books, self.desk.books.firm.clock.now()
        paid = shapes.payment(amount=shapes.money(cents), payment_method="ACH")
        raw = shapes.bill(
            remote_id=self.intent_id,
            amount=shapes.money(cents),
            payment=paid,
            status="PAID",
            status_summary="PAYMENT_COMPLETED",
            paid_at="2026-11-25T09:30:00Z",
        )
        with books.firm.database.writing(books.scope) as session:
            RAIL.store(session, books.scope, Page(witnesses.RailBill, (ramp.bill(raw),), now), 1)
        self.payments.settle()

    def seen(self) -> None:
        """The bank posts the line, the ledger shows the payment; both are heard as after any sync."""
        books, now = self.desk.books, self.desk.books.firm.clock.now()
        with books.firm.database.writing(books.scope) as session:
            BANKS.store(session, books.scope, Page(witnesses.BankLine, (bank_line(),), now), 1)
        books.say(bill_payment(entered=now))
        self.payments.settle()
        assert self.payments.stage(self.intent_id) == "closed"

    def comes_back(self) -> None:
        """Two days later the bank shows the same money coming in as a return."""
        books = self.desk.books
        books.firm.wait(days=2)
        line = bank_line(
            "-4000.00", transaction_id="plaid-line-2", date="2026-11-27", name="ACH RETURN R02 COPPERFIELD"
        )
        with books.firm.database.writing(books.scope) as session:
            BANKS.store(session, books.scope, Page(witnesses.BankLine, (line,), books.firm.clock.now()), 1)
        self.payments.settle()

    def bundle(self) -> Bundle:
        books = self.desk.books
        with books.firm.database.reading(books.scope) as session:
            return gather(session, books.business, self.intent_id)


def instructed(intent: PaymentIntent, course: Course, now: datetime) -> Disbursement:
    """The row of a payment that is to be created at the rail."""
    row = Disbursement(
        firm_id=intent.firm_id,
        business_id=intent.business_id,
        intent_id=intent.intent_id,
        bill_id=intent.bill_id,
        vendor_id=intent.vendor_id,
        amount_minor=intent.amount_minor,
        currency=intent.currency,
        way="create",
        method="ach",
        pay_on=intent.pay_on,
        instruction=json.dumps({"key": intent.intent_id, "amount_minor": intent.amount_minor}),
        attempt=0,
        steps=0,
        released_by="mara",
        released_at=now,
        changed_at=now,
    )
    keep_course(row, course)
    return row


def bank_line(amount: str = "4000.00", **changed: str) -> witnesses.BankLine:
    said_ = {
        "transaction_id": LINE_ID,
        "account_id": "b1",
        "date": "2026-11-25",
        "pending": False,
        "name": "ACH COPPERFIELD FREIGHT",
        "iso_currency_code": "USD",
        "amount": msgspec.Raw(amount.encode()),
    } | changed
    (fact,) = plaid.lines_page([msgspec.Raw(msgspec.json.encode(said_))], said.NOW).facts
    assert isinstance(fact, witnesses.BankLine)
    return fact


def bill() -> facts.Bill:
    said_ = ledger(
        "Bill",
        {
            "Id": "145",
            "TxnDate": "2026-11-03",
            "DueDate": "2026-12-03",
            "DocNumber": "88120",
            "TotalAmt": 4000.00,
            "Balance": 4000.00,
            "VendorRef": {"value": "v1", "name": "Copperfield Freight"},
            "Line": [
                {
                    "Id": "1",
                    "Amount": 4000.00,
                    "DetailType": "AccountBasedExpenseLineDetail",
                    "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "5"}},
                }
            ],
        },
    )
    assert isinstance(said_, facts.Bill)
    return said_


def bill_payment(applied: float = 4000.00, entered: datetime = said.NOW) -> facts.BillPayment:
    said_ = ledger(
        "BillPayment",
        {
            "Id": PAYMENT_ID,
            "MetaData": {"CreateTime": entered.isoformat(), "LastUpdatedTime": entered.isoformat()},
            "TxnDate": "2026-11-25",
            "TotalAmt": applied,
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": {"value": "1"}},
            "VendorRef": {"value": "v1", "name": "Copperfield Freight"},
            "Line": [{"Amount": applied, "LinkedTxn": [{"TxnId": "145", "TxnType": "Bill"}]}],
        },
    )
    assert isinstance(said_, facts.BillPayment)
    return said_


def ledger(name: str, said_: dict[str, Any]) -> facts.Fact:
    meta = {"CreateTime": "2026-11-03T09:30:00-08:00", "LastUpdatedTime": "2026-11-03T09:30:00-08:00"}
    head = {"SyncToken": "0", "MetaData": meta, "CurrencyRef": {"value": "USD"}}
    raw = json.dumps({**head, **said_}).encode()
    return qbo.to_fact(qbo.BY_WIRE_NAME[name], raw, qbo.Company("USD"))


@pytest.fixture
def paying(database: Database, transport: Transport) -> Paying:
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(*said.chart(), said.preferences(), said.vendor("v1", "Copperfield Freight"), bill())
    books.firm.wait(minutes=1)
    return Paying(Payments.of(books))
