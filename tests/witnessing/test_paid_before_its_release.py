"""An approved payment that somebody made before it was released is followed like the others; nobody is said to have let it go."""

from tests.matching.client import bank_line
from tests.runway import said
from tests.witnessing.payments import Payments, day


def test_it_goes_on_from_the_ledger_to_the_bank(payments: Payments) -> None:
    intent_id = payments.approve("b1")
    payments.books.firm.wait(minutes=5)
    payments.books.say(said.bill("b1", 400_000, open_cents=0), payments.pays("70", 400_000, "b1"))
    payments.settle()
    row = payments.row(intent_id)
    assert (row.stage, row.released_by, row.ledger_payment_id) == ("recorded", "nobody", "70")
    assert payments.desk.states()["b1"] == "recorded"
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    assert payments.stage(intent_id) == "closed"
    assert [line.action for line in payments.log("payment.")] == [
        "payment.proposed",
        "payment.approved",
        "payment.recorded",
        "payment.ledger_showed",
        "payment.bank_showed",
    ]
    payments.verify()


def test_paid_from_an_account_that_no_bank_shows_it_stays_unproven(payments: Payments) -> None:
    intent_id = payments.approve("b1")
    payments.books.firm.wait(minutes=5)
    payments.books.say(payments.pays("70", 400_000, "b1", account_id=said.PAYABLE))
    payments.settle()
    assert payments.stage(intent_id) == "unproven"


def test_returned_later_its_bill_is_open_again(payments: Payments) -> None:
    intent_id = payments.approve("b1")
    payments.books.firm.wait(minutes=5)
    payments.books.say(payments.pays("70", 400_000, "b1"))
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    payments.state(bank_line("L2", 400_000, day(30), name="ACH RETURN R02"))
    payments.settle()
    assert (payments.stage(intent_id), payments.desk.states()["b1"]) == ("returned", "reopened")
