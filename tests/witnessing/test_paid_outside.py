"""A payment that a person makes outside is proven by the bank and the ledger, in whichever order they speak."""

from msgspec.structs import replace

from interlock.rails import facts, witnesses
from tests.matching.client import bank_line
from tests.runway import said
from tests.witnessing.payments import Payments, day


def test_recorded_in_the_ledger_and_then_cleared_it_is_closed(payments: Payments) -> None:
    paid = payments.release("b1")
    payments.settle()
    assert payments.stage(paid) == "to_pay", "nobody has said anything yet"
    payments.books.say(said.bill("b1", 400_000, open_cents=0), payments.pays("70", 400_000, "b1"))
    payments.settle()
    row = payments.row(paid)
    assert (row.stage, row.ledger_payment_id, row.recorded_on) == ("recorded", "70", said.TODAY)
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    row = payments.row(paid)
    assert (row.stage, row.line_id, row.cleared_on) == ("closed", "L1", day(25))
    assert row.match_id == payments.match_of("bank_line:L1")
    payments.settle()
    assert payments.steps(paid) == ["LedgerShowed", "BankShowed"], "what was heard is not heard again"
    assert [line.action for line in payments.log("payment.")][-2:] == ["payment.ledger_showed", "payment.bank_showed"]
    payments.verify()


def test_the_bank_shows_it_before_the_ledger_has_it(payments: Payments) -> None:
    paid = payments.release("b1")
    payments.state(bank_line("L1", -400_000, day(25), name="ACH COPPERFIELD FREIGHT"))
    payments.settle()
    assert payments.groups() == [("bank_line:L1", f"disbursement:{paid}")]
    assert payments.stage(paid) == "cleared"
    payments.books.say(said.bill("b1", 400_000, open_cents=0), payments.pays("70", 400_000, "b1"))
    payments.settle()
    assert payments.stage(paid) == "closed"
    payments.settle()
    assert payments.groups() == [("bank_line:L1", "bill_payment:70")], "the ledger states it from now on"
    assert payments.steps(paid) == ["BankShowed", "LedgerShowed"]


def test_a_line_that_the_ledger_calls_something_else_clears_nothing_of_ours(payments: Payments) -> None:
    paid = payments.release("b1")
    payments.books.say(said.bill("b9", 400_000, open_cents=0), payments.pays("70", 400_000, "b9"))
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    assert payments.stage(paid) == "to_pay"


def test_what_the_ledger_calls_something_else_afterwards_clears_no_more(payments: Payments) -> None:
    paid = payments.release("b1")
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    assert payments.stage(paid) == "cleared"
    payments.books.say(said.bill("b9", 400_000, open_cents=0), payments.pays("70", 400_000, "b9"))
    payments.settle()
    assert payments.stage(paid) == "to_pay", "the line is another bill's payment"
    payments.state(bank_line("L2", -400_000, day(26)))
    payments.settle()
    assert (payments.stage(paid), payments.row(paid).line_id) == ("cleared", "L2")


def test_a_pending_line_clears_nothing_and_one_that_is_dropped_leaves_it_open(payments: Payments) -> None:
    paid = payments.release("b1")
    payments.state(bank_line("P1", -400_000, day(24), pending=True))
    payments.settle()
    assert payments.stage(paid) == "to_pay"
    payments.gone(witnesses.BankLine, "P1")
    payments.settle()
    assert (payments.stage(paid), payments.steps(paid)) == ("to_pay", [])


def test_a_posted_line_that_the_bank_takes_away_clears_no_more(payments: Payments) -> None:
    paid = payments.release("b1")
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    assert payments.stage(paid) == "cleared"
    payments.gone(witnesses.BankLine, "L1")
    payments.settle()
    row = payments.row(paid)
    assert (row.stage, row.line_id, row.match_id, row.cleared_on) == ("to_pay", None, None, None)
    assert payments.steps(paid) == ["BankShowed", "BankTookBack"]


def test_a_payment_deleted_in_the_ledger_is_recorded_no_more(payments: Payments) -> None:
    paid = payments.release("b1")
    payments.books.say(payments.pays("70", 400_000, "b1"))
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    assert payments.stage(paid) == "closed"
    payments.books.delete(facts.BillPayment, "70")
    payments.settle()
    row = payments.row(paid)
    assert (row.ledger_payment_id, row.recorded_on) == (None, None)
    assert "LedgerTookBack" in payments.steps(paid)
    payments.settle()
    assert payments.stage(paid) == "cleared", "the bank's line stands, and is still this payment's"


def test_without_a_bank_what_the_ledger_shows_stays_unproven(payments: Payments) -> None:
    paid = payments.release("b1", expects_bank=False)
    payments.books.say(payments.pays("70", 400_000, "b1"))
    payments.settle()
    assert payments.stage(paid) == "unproven"


def test_what_was_in_the_ledger_before_the_approval_is_another_payment(payments: Payments) -> None:
    earlier = payments.pays("60", 200_000, "b1")
    payments.books.say(said.bill("b1", 400_000, open_cents=200_000), earlier)
    payments.books.firm.wait(minutes=1)
    paid = payments.release("b1", 200_000)
    payments.settle()
    assert (payments.stage(paid), payments.row(paid).ledger_payment_id) == ("to_pay", None)


def test_a_payment_on_the_wrong_bill_records_nothing(payments: Payments) -> None:
    paid = payments.release("b1")
    payments.books.say(said.bill("b9", 400_000, open_cents=0), payments.pays("70", 400_000, "b9"))
    payments.settle()
    assert payments.row(paid).ledger_payment_id is None
    assert payments.steps(paid) == []


def test_one_check_for_two_bills_is_each_ones_record_and_one_line_clears_both(payments: Payments) -> None:
    first, second = payments.release("b2"), payments.release("b3")
    paid = payments.pays("70", 550_000, "b2", "b3")
    links = (facts.Link(0, "bill", "b2", 300_000), facts.Link(1, "bill", "b3", 250_000))
    payments.books.say(replace(paid, links=links))
    payments.state(bank_line("L1", -550_000, day(25)))
    payments.settle()
    assert (payments.stage(first), payments.stage(second)) == ("closed", "closed")
    assert payments.row(first).line_id == payments.row(second).line_id == "L1"
