"""A payment that was handed to Ramp: its bill there by our key, one debit of a batch, and words that contradict each other."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from interlock.domains.ap.witness_models import BillLink, VendorLink
from interlock.rails import witnesses
from interlock.rails.identity import LINKED
from interlock.rails.witnesses import RailBill
from tests.matching.client import ACTOR, bank_line, rail_bill
from tests.runway import said
from tests.witnessing.payments import Payments, day

_PAID: dict[str, Any] = {
    "state": "payment_completed",
    "payment_state": "paid",
    "paid_at": datetime(2026, 11, 27, 20, tzinfo=UTC),
}


def there(payments: Payments, paid: str, id_: str = "r1", **more: Any) -> RailBill:
    """The bill at Ramp that carries the payment's key, leaving on 25 November."""
    cents = payments.row(paid).amount_minor
    fields = {"remote_id": paid, "starts_on": day(25), "arrives_on": day(27), "vendor_id": "rv1", **more}
    return rail_bill(id_, fields.pop("cents", cents), **fields)


def test_executed_cleared_and_recorded_in_their_order(payments: Payments) -> None:
    paid = payments.release("b1", way="hand_off")
    payments.state(there(payments, paid, state="awaiting_release"))
    payments.settle()
    assert payments.stage(paid) == "waiting"
    payments.state(there(payments, paid))
    payments.settle()
    assert payments.stage(paid) == "under_way"
    payments.state(there(payments, paid, **_PAID))
    payments.settle()
    row = payments.row(paid)
    assert (row.stage, row.rail_id, row.executed_on) == ("executed", "r1", day(27))
    payments.state(bank_line("L1", -400_000, day(27), name="RAMP BILL PAY"))
    payments.settle()
    assert payments.stage(paid) == "cleared"
    payments.books.say(payments.pays("70", 400_000, "b1"))
    payments.settle()
    assert payments.stage(paid) == "closed"
    payments.verify()


def test_the_bank_may_speak_before_the_rail_does(payments: Payments) -> None:
    paid = payments.release("b1", way="hand_off")
    payments.state(there(payments, paid), bank_line("L1", -400_000, day(25)))
    payments.settle()
    assert payments.stage(paid) == "cleared"
    payments.state(there(payments, paid, **_PAID))
    payments.settle()
    assert (payments.stage(paid), payments.row(paid).executed_on) == ("cleared", day(27))


def test_the_ledger_may_speak_before_the_bank_does(payments: Payments) -> None:
    paid = payments.release("b1", way="hand_off")
    payments.state(there(payments, paid))
    payments.books.say(payments.pays("70", 400_000, "b1", dated=day(25)))
    payments.settle()
    assert payments.stage(paid) == "recorded"
    payments.state(bank_line("L1", -400_000, day(27)))
    payments.settle()
    assert payments.stage(paid) == "closed"


def test_what_is_in_the_ledger_before_its_release_is_not_what_the_rail_paid(payments: Payments) -> None:
    intent_id = payments.approve("b1")
    payments.books.say(payments.pays("70", 400_000, "b1"))
    payments.books.firm.wait(minutes=5)
    payments.let_go(intent_id, "hand_off")
    payments.settle()
    assert payments.row(intent_id).ledger_payment_id is None


def test_one_debit_of_a_batch_clears_all_three_of_it(payments: Payments) -> None:
    paid = [payments.release(bill_id, way="hand_off") for bill_id in ("b1", "b2", "b3")]
    payments.state(*(there(payments, each, f"r{at}", batch_id="B-7734120") for at, each in enumerate(paid)))
    payments.state(bank_line("L1", -950_000, day(27), reference="B-7734120"))
    payments.settle()
    assert [payments.stage(each) for each in paid] == ["cleared"] * 3
    assert {payments.row(each).line_id for each in paid} == {"L1"}


def test_a_debit_with_the_batchs_reference_and_another_amount_is_for_a_person(payments: Payments) -> None:
    paid = [payments.release(bill_id, way="hand_off") for bill_id in ("b1", "b2")]
    payments.state(*(there(payments, each, f"r{at}", batch_id="B-7734120") for at, each in enumerate(paid)))
    payments.state(bank_line("L1", -650_000, day(27), reference="B-7734120"))
    payments.settle()
    assert [payments.stage(each) for each in paid] == ["mismatched"] * 2
    assert "6,500.00" in (payments.row(paid[0]).why or "")
    payments.say(paid[0], "proven")
    payments.settle()
    assert [payments.stage(each) for each in paid] == ["cleared", "mismatched"], (
        "a person's word holds for what it was given on"
    )
    payments.gone(witnesses.BankLine, "L1")
    payments.settle()
    assert [payments.stage(each) for each in paid] == ["under_way"] * 2


@pytest.mark.parametrize(
    ("instead", "why"),
    [({"cents": 410_000}, "Ramp has it as 4,100.00 to Copperfield Freight"), ({"vendor_id": "rv2"}, "approved were")],
    ids=["another amount", "another vendor"],
)
def test_a_bill_there_that_isnt_what_was_approved_is_for_a_person(
    payments: Payments, instead: dict[str, Any], why: str
) -> None:
    _link_vendors(payments)
    paid = payments.release("b1", way="hand_off")
    payments.state(there(payments, paid))
    payments.settle()
    assert payments.stage(paid) == "under_way"
    payments.state(there(payments, paid, **instead))
    payments.settle()
    row = payments.row(paid)
    assert row.stage == "mismatched"
    assert why in (row.why or "")
    payments.state(there(payments, paid))
    payments.settle()
    assert payments.stage(paid) == "under_way", "it was put right there"


def test_a_bill_there_that_was_turned_to_a_vendor_nobody_linked_is_for_a_person(payments: Payments) -> None:
    paid = payments.release("b1", way="hand_off", told="rv1")
    payments.state(there(payments, paid))
    payments.settle()
    assert payments.stage(paid) == "under_way"
    payments.state(there(payments, paid, vendor_id="rv9", vendor_name="Copperfield Freight LLC"))
    payments.settle()
    row = payments.row(paid)
    assert row.stage == "mismatched", "what was handed over was for another vendor of the rail"
    assert "Copperfield Freight LLC" in (row.why or "")


def test_two_bills_with_one_key_are_for_a_person(payments: Payments) -> None:
    paid = payments.release("b1", way="hand_off")
    payments.state(there(payments, paid), there(payments, paid, "r2"))
    payments.settle()
    assert (payments.stage(paid), payments.row(paid).why) == (
        "mismatched",
        "Two bills at Ramp carry this payment's key.",
    )


def test_what_fails_or_is_archived_there_opens_the_bill_again_and_a_retry_holds_it(payments: Payments) -> None:
    paid = payments.release("b1", way="hand_off")
    payments.state(there(payments, paid, state="payment_error"))
    payments.settle()
    assert (payments.stage(paid), payments.desk.states()["b1"]) == ("failed", "reopened")
    payments.state(there(payments, paid))
    payments.settle()
    assert (payments.stage(paid), payments.desk.states()["b1"]) == ("under_way", "released")
    payments.state(there(payments, paid, state="archived", archived_at=payments.now))
    payments.settle()
    assert (payments.stage(paid), payments.desk.states()["b1"]) == ("cancelled", "reopened")


def test_rejected_there_it_can_still_be_let_go_there_and_isnt_over(payments: Payments) -> None:
    paid = payments.release("b1", way="hand_off")
    payments.state(there(payments, paid, state="approval_rejected", approval="rejected"))
    payments.settle()
    assert (payments.stage(paid), payments.row(paid).why) == ("waiting", "Rejected in Ramp.")


def test_a_state_we_dont_know_is_neither_paid_nor_failed(payments: Payments) -> None:
    paid = payments.release("b1", way="hand_off")
    payments.state(there(payments, paid, state="unknown"))
    payments.settle()
    assert payments.stage(paid) == "unknown"


def test_the_bill_that_the_rails_sync_makes_a_second_time_is_not_the_one_that_was_to_be_paid(
    payments: Payments,
) -> None:
    paid = payments.release("b1", way="hand_off")
    payments.state(there(payments, paid, **_PAID), bank_line("L1", -400_000, day(27)))
    payments.books.say(said.bill("b9", 400_000, open_cents=0), payments.pays("70", 400_000, "b9"))
    payments.settle()
    row = payments.row(paid)
    assert (row.stage, row.ledger_payment_id) == ("cleared", None), "the wrong bill's payment records nothing"


def test_the_bill_there_is_known_by_our_key_whatever_its_number(payments: Payments) -> None:
    paid = payments.release("b1", way="hand_off")
    payments.state(there(payments, paid, number="HO-1", vendor_name="Copperfield Freight Inc.", trace="77400121"))
    payments.settle()
    with payments.books.firm.database.reading(payments.books.scope) as session:
        (link,) = session.scalars(select(BillLink)).all()
        assert (link.rail_id, link.ledger_id, link.rule) == ("r1", "b1", "remote_id")


def _link_vendors(payments: Payments) -> None:
    with payments.books.firm.database.writing(payments.books.scope) as session:
        for rail_id, ledger_id in (("rv1", "v1"), ("rv2", "v2")):
            session.add(
                VendorLink(
                    firm_id=payments.books.scope.firm_id,
                    business_id=payments.books.scope.business_id,
                    rail="ramp",
                    rail_id=rail_id,
                    ledger_id=ledger_id,
                    state=LINKED,
                    rule="person",
                    score=100,
                    evidence="[]",
                    decided_by=ACTOR,
                    decided_at=payments.now,
                )
            )
