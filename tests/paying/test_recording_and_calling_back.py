"""What the bank has shown is written down once where that is ours to do; what waits is called back on a person's word."""

from datetime import date

import pytest

from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.happenings import BankShowed, PersonSaid, SendBegun, SendMade
from interlock.domains.ap.services.payment_steps import course_of
from interlock.domains.ap.workflows.payment_work import PaymentWork
from interlock.kernel.money import Money
from interlock.rails import connections
from tests.rails.ramp.at_ramp import Client
from tests.recording.kinds import BILL, CHECKING
from tests.support.clock import MovedClock
from tests.support.paying import Payments, new_intent
from tests.support.world import read_all, witness

CLEARED = date(2026, 11, 20)


@pytest.fixture
def cleared(client: Client, payments: Payments) -> str:
    """A payment of 120.00 that the bank has shown; its entry in the books is ours to write."""
    owed = BILL.owes(client.sandbox, client.realm_id, "120.00")
    about = {"bill_id": owed["Id"], "vendor_id": owed["VendorRef"]["value"], "account_id": CHECKING}
    order = client.instruction(key=new_intent(client.house), amount=Money(12_000, "USD"))
    (intent,) = payments.release(order, records=True, cleared_on=CLEARED, **about)
    payments.take(intent, SendBegun(), SendMade("under_way"), BankShowed())
    return intent


def allow(client: Client, on: bool) -> None:
    with client.house.database.writing(client.scope) as session:
        connections.set_records(session, client.scope, "qbo", on, client.house.clock.now(), "a test")


def recorded(client: Client, intent: str) -> list[dict[str, object]]:
    rows = read_all(witness(client.sandbox, client.realm_id), "BillPayment")
    return [row for row in rows if intent in (row.get("PrivateNote") or "")]


def test_it_is_written_on_its_bill_on_the_day_the_bank_showed_it(
    client: Client, payments: Payments, work: PaymentWork, cleared: str
) -> None:
    allow(client, on=True)
    assert work.run_due(payments.business_id) == 1
    (entry,) = recorded(client, cleared)
    row = payments.row(cleared)
    assert (row.stage, row.ledger_payment_id, row.recorded_on) == ("closed", entry["Id"], CLEARED)
    assert (entry["TxnDate"], str(entry["TotalAmt"])) == (CLEARED.isoformat(), "120.00")
    assert payments.steps(cleared)[-2:] == ["RecordBegun", "RecordMade"]
    payments.prove_the_log()


def test_an_answer_that_got_lost_makes_no_second_entry(
    client: Client, payments: Payments, work: PaymentWork, clock: MovedClock, cleared: str
) -> None:
    allow(client, on=True)
    client.sandbox.fault("cut_after_commit", path="/billpayment", method="POST", count=1)
    client.sandbox.fault("down", path="/query", method="GET")
    work.run_due(payments.business_id)
    client.sandbox.calm()
    for _ in range(3):
        clock.wait(hours=4)
        work.run_due(payments.business_id)
    assert payments.row(cleared).stage == "closed" and len(recorded(client, cleared)) == 1
    payments.prove_the_log()


def test_where_recording_is_off_a_person_is_asked_to_enter_it(
    client: Client, payments: Payments, work: PaymentWork, cleared: str
) -> None:
    allow(client, on=False)
    assert work.run_due(payments.business_id) == 1
    row = payments.row(cleared)
    assert (row.stage, row.needs_person, course_of(row).recording) == ("cleared", True, "refused")
    assert row.why and "switched off" in row.why and recorded(client, cleared) == []


def test_an_account_nobody_knows_is_not_guessed(
    client: Client, payments: Payments, work: PaymentWork, cleared: str
) -> None:
    allow(client, on=True)
    with client.house.database.writing(client.scope) as session:
        session.get_one(Disbursement, (payments.business_id, cleared)).account_id = None
    work.run_due(payments.business_id)
    row = payments.row(cleared)
    assert course_of(row).recording == "refused" and "isn't known" in (row.why or "")
    assert recorded(client, cleared) == []


def test_a_payment_that_waits_is_called_back(client: Client, payments: Payments, work: PaymentWork) -> None:
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)))
    work.run_due(payments.business_id)
    payments.take(intent, PersonSaid("take_back"))
    assert work.run_due(payments.business_id) == 1
    assert payments.steps(intent)[-1] == "CancelMade"
    assert client.under(intent)[0]["archived_at"] is not None
    assert payments.row(intent).stage == "under_way", "cancelled is what is read back, not what we asked for"


def test_too_late_to_be_called_back_it_goes_on_as_it_was(client: Client, payments: Payments, work: PaymentWork) -> None:
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)))
    work.run_due(payments.business_id)
    client.at_screen(client.under(intent)[0]["id"], "pay", complete=False)
    payments.take(intent, PersonSaid("take_back"))
    work.run_due(payments.business_id)
    row = payments.row(intent)
    assert (row.stage, row.todo, payments.steps(intent)[-1]) == ("under_way", "watch", "CancelRefused")
    assert row.why and "flight" in row.why
