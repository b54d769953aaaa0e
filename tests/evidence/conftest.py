"""A payment that was approved, let go outside and seen by the bank and the ledger, each in its own words, and its evidence."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import Course
from interlock.domains.ap.policy.happenings import BankShowed, LedgerShowed, Released
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.services.payment_steps import Steps, disbursement, keep_course
from interlock.domains.bank.witness_mirror import MIRROR as BANKS
from interlock.domains.plaid import mapper as plaid
from interlock.domains.qbo import mapper as qbo
from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.rails import facts, witnesses
from interlock.rails.facts import Page
from interlock.runway.evidence_bundle import Bundle
from interlock.runway.payment_evidence import gather
from tests.deciding.clients import RUN, Desk
from tests.runway import said
from tests.runway.conftest import FirmBooks

LINE_ID, PAYMENT_ID = "plaid-line-1", "2071"


@pytest.fixture(scope="session")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


@dataclass
class Paying:
    """One client's desk and the payment of its bill ``145`` at different points of its way."""

    desk: Desk

    @property
    def intent_id(self) -> str:
        return self.desk.intents()["145"].intent_id

    def approve(self) -> None:
        with self.desk.acting("wren") as service:
            service.approve_bill_for_payment([self.desk.wish("145")], comment="as agreed with the yard")
        self.desk.books.firm.wait(minutes=5)

    def let_go(self) -> None:
        """What a release writes where a person pays outside."""
        books, now = self.desk.books, self.desk.books.firm.clock.now()
        with books.firm.database.writing(books.scope) as session:
            take_decision_lock(session, books.business.business_id)
            intent = session.get_one(PaymentIntent, (books.business.business_id, self.intent_id))
            row = Disbursement(
                firm_id=books.business.firm_id,
                business_id=books.business.business_id,
                intent_id=intent.intent_id,
                bill_id=intent.bill_id,
                vendor_id=intent.vendor_id,
                amount_minor=intent.amount_minor,
                currency=intent.currency,
                way="outside",
                pay_on=RUN,
                steps=0,
                attempt=0,
                released_by="wren",
                released_at=now,
                changed_at=now,
            )
            keep_course(row, Course("outside", expects_bank=True, late_after=now + timedelta(days=10)))
            session.add(row)
            intent.state = "released"
            steps = Steps(session, books.scope, now=now, actor="Wren Halloran [wren]")
            assert steps.happened(row, Released()), "a release is a step"
            steps.close()
        books.firm.wait(hours=20)

    def seen(self) -> None:
        """The bank posts the line, the ledger shows the payment; both words are kept and said in the steps."""
        books, now = self.desk.books, self.desk.books.firm.clock.now()
        with books.firm.database.writing(books.scope) as session:
            take_decision_lock(session, books.business.business_id)
            BANKS.store(session, books.scope, Page(witnesses.BankLine, (bank_line(),), now), 1)
            books.firm.mirror.store(session, books.scope, Page(facts.BillPayment, (bill_payment(),), now), 1)
            row = disbursement(session, books.business.business_id, self.intent_id)
            assert row is not None
            steps = Steps(session, books.scope, now=now, actor="Interlock")
            row.line_id, row.cleared_on = LINE_ID, date(2026, 11, 25)
            steps.happened(row, BankShowed(), {"line_id": LINE_ID})
            row.ledger_payment_id, row.recorded_on = PAYMENT_ID, date(2026, 11, 25)
            steps.happened(row, LedgerShowed(), {"ledger_payment_id": PAYMENT_ID})
            steps.close()

    def bundle(self) -> Bundle:
        books = self.desk.books
        with books.firm.database.reading(books.scope) as session:
            return gather(session, books.business, self.intent_id, books.firm.clock.now())


def bank_line(amount: str = "4000.00") -> witnesses.BankLine:
    said_ = {
        "transaction_id": LINE_ID,
        "account_id": "a1",
        "date": "2026-11-25",
        "pending": False,
        "name": "ACH COPPERFIELD FREIGHT",
        "iso_currency_code": "USD",
        "amount": msgspec.Raw(amount.encode()),
    }
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


def bill_payment(applied: float = 4000.00) -> facts.BillPayment:
    said_ = ledger(
        "BillPayment",
        {
            "Id": PAYMENT_ID,
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
    return Paying(Desk(books).staffed())
