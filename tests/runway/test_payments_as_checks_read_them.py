"""Released payments as the checks read them from the database: what is under way, changed, decided anew, paid twice."""

from datetime import timedelta
from typing import Any

import pytest

from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.runway.services.calculators.released import Released
from interlock.runway.services.data_orchestrators.released_snapshot import LOOK_BACK_DAYS, read_released
from tests.runway import said
from tests.runway.conftest import FirmBooks
from tests.witnessing.payments import Payments


@pytest.fixture
def payments(database: Database, transport: Transport) -> Payments:
    """Two bills of Copperfield Freight, and five people who decide."""
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(
        *said.chart(),
        said.preferences(),
        said.vendor("v1", "Copperfield Freight"),
        said.bill("b1", 4_000_00),
        said.bill("b2", 3_000_00),
    )
    made = Payments.of(books)
    books.firm.wait(minutes=1)
    return made


def seen(payments: Payments) -> Released:
    books = payments.books
    with books.firm.database.reading(books.scope) as session:
        return read_released(session, books.business, said.TODAY, books.firm.clock.now())


def rules(payments: Payments) -> dict[str, str]:
    """What the tray says of payments, by rule."""
    with payments.books.firm.desk.reading(payments.books.name) as at:
        return {each.rule.id: each.title for each in at.findings.all if each.subject.kind == "payment_intent"}


def change(payments: Payments, **more: Any) -> None:
    payments.books.say(said.bill("b1", 4_000_00, **more))


def test_an_approval_waits_until_it_is_released_and_is_then_under_way(payments: Payments) -> None:
    waiting = payments.approve("b2")
    going = payments.release("b1")
    found = seen(payments)
    assert [each.id for each in found.approved] == [waiting]
    assert [(each.id, each.vendor_name, each.minor, each.owed_minor) for each in found.payments] == [
        (going, "Copperfield Freight", 4_000_00, 4_000_00)
    ]
    assert rules(payments) == {}, "both are in order"


def test_a_bill_that_changes_under_its_payment_says_in_what(payments: Payments) -> None:
    payments.release("b1")
    change(payments, number="N-other")
    (one,) = seen(payments).payments
    assert one.changed is not None
    assert "N-b1" in one.changed
    assert "N-other" in one.changed
    assert "changed after it was released" in rules(payments)["X04"]
    change(payments, voided=True)
    assert seen(payments).payments[0].changed == "the bill was voided"


def test_the_books_showing_it_paid_is_no_change(payments: Payments) -> None:
    payments.release("b1")
    payments.books.say(payments.pays("77", 4_000_00, "b1"))
    change(payments, open_cents=0)
    assert seen(payments).payments[0].changed is None


def test_a_second_payment_in_the_books_for_one_decision_is_one_too_many(payments: Payments) -> None:
    payments.release("b1")
    payments.books.firm.wait(minutes=1)
    payments.books.say(payments.pays("77", 4_000_00, "b1"))
    payments.settle()
    assert seen(payments).payments[0].ledger_payment_id == "77"
    assert "X09" not in rules(payments)
    payments.books.say(payments.pays("78", 4_000_00, "b1"))
    payments.settle()
    (bill,) = seen(payments).overpaid
    assert (bill.paid_minor, bill.total_minor, bill.payments) == (8_000_00, 4_000_00, ("77", "78"))
    assert seen(payments).payments[0].again == (("78", 4_000_00),)
    assert "paid again" in rules(payments)["X09"]


def test_a_payment_that_is_over_is_forgotten_after_its_time(payments: Payments) -> None:
    taken = payments.release("b1")
    payments.say(taken, "take_back")
    assert [each.id for each in seen(payments).payments] == [taken]
    payments.books.firm.wait(days=LOOK_BACK_DAYS + 1)
    assert seen(payments).payments == ()


def test_a_payment_taken_back_leaves_its_bill_to_be_decided_anew(payments: Payments) -> None:
    first = payments.release("b1")
    payments.say(first, "take_back")
    payments.books.firm.wait(minutes=1)
    second = payments.approve("b1")
    found = seen(payments)
    assert [(each.id, each.decided_anew) for each in found.payments] == [(first, True)]
    assert [each.id for each in found.approved] == [second]


def test_one_that_no_witness_showed_in_time_is_late(payments: Payments) -> None:
    payments.release("b1", late_after=payments.now + timedelta(days=7), late=True)
    assert "has not arrived" in rules(payments)["X05"]
