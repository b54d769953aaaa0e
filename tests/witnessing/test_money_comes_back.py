"""Money that comes back days after it left: the payment is returned, its bill is open again, its earmark is set aside anew."""

import pytest

from interlock.domains.ap.services.return_witness import return_code, says_return
from interlock.domains.bank.services.earmark_service import EarmarkService
from tests.matching.client import ACTOR, bank_line, rail_bill
from tests.runway import said
from tests.witnessing.payments import Payments, day


def closed(payments: Payments) -> str:
    paid = payments.release("b1")
    payments.books.say(said.bill("b1", 400_000, open_cents=0), payments.pays("70", 400_000, "b1"))
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    assert payments.stage(paid) == "closed"
    return paid


def earmarks(payments: Payments) -> list[tuple[str, int]]:
    """State and what is left of each."""
    with payments.books.firm.database.reading(payments.books.scope) as session:
        found = EarmarkService(session, payments.books.scope, "USD").earmarks(active_only=False)
        return [(each.state, each.amount_minor - each.consumed_minor) for each in found]


def set_aside(payments: Payments, cents: int) -> None:
    with payments.books.firm.database.writing(payments.books.scope) as session:
        EarmarkService(session, payments.books.scope, "USD").create(
            "Copperfield", "supplier", cents, now=payments.now, actor=ACTOR, vendor_id="v1"
        )


def test_returned_on_the_fourth_day_with_a_code(payments: Payments) -> None:
    paid = payments.release("b1")
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    payments.state(bank_line("L2", 400_000, day(29), name="ACH RETURN R03 NO ACCOUNT"))
    payments.settle()
    row = payments.row(paid)
    assert (row.stage, row.returned_line_id) == ("returned", "L2")
    assert row.why == "The bank shows it coming back on 29 Nov 2026, R03."
    assert payments.desk.states()["b1"] == "reopened"
    payments.settle()
    assert payments.steps(paid) == ["BankShowed", "BankReturned"]


def test_returned_after_it_was_closed_its_bill_can_be_decided_on_anew(payments: Payments) -> None:
    set_aside(payments, 400_000)
    paid = closed(payments)
    assert earmarks(payments) == [("consumed", 0)]
    payments.state(bank_line("L2", 400_000, day(30), name="RETURNED ITEM", counterparty="Copperfield Freight"))
    payments.settle()
    assert payments.stage(paid) == "returned"
    assert earmarks(payments) == [("active", 400_000)]
    assert [line.action for line in payments.log("earmark.")] == [
        "earmark.made",
        "earmark.consumed",
        "earmark.given_back",
    ]
    payments.settle()
    assert earmarks(payments) == [("active", 400_000)], "it isn't consumed again by what came back"
    payments.books.say(said.bill("b1", 400_000))
    again = payments.approve("b1")
    assert again != paid
    payments.verify()


def test_an_equal_credit_that_says_nothing_of_a_return_is_left_to_a_person(payments: Payments) -> None:
    paid = closed(payments)
    payments.state(bank_line("L2", 400_000, day(30), name="DEPOSIT"))
    payments.settle()
    assert payments.stage(paid) == "closed"
    payments.say(paid, "returned")
    assert payments.stage(paid) == "returned"


def test_a_refund_of_another_amount_or_months_later_returns_nothing(payments: Payments) -> None:
    paid = closed(payments)
    payments.state(
        bank_line("L2", 399_999, day(30), name="ACH RETURN R01"),
        bank_line("L3", 400_000, day(30, 1).replace(year=2027), name="ACH RETURN R01"),
        bank_line("L4", 400_000, day(20), name="ACH RETURN R01"),
        bank_line("L5", 400_000, day(30), name="ACH RETURN R01", pending=True),
    )
    payments.settle()
    assert payments.stage(paid) == "closed"


def test_a_return_that_may_be_of_either_of_two_payments_is_left_to_a_person(payments: Payments) -> None:
    payments.books.say(said.bill("b4", 400_000, number="N-4444"), said.bill("b5", 400_000, number="N-5555"))
    first, second = payments.release("b4"), payments.release("b5")
    payments.state(
        bank_line("L1", -400_000, day(25), reference="N4444"), bank_line("L2", -400_000, day(25), reference="N5555")
    )
    payments.settle()
    assert (payments.row(first).line_id, payments.row(second).line_id) == ("L1", "L2")
    payments.state(bank_line("L3", 400_000, day(30), name="ACH RETURN"))
    payments.settle()
    assert (payments.stage(first), payments.stage(second)) == ("cleared", "cleared")


def test_the_rails_own_name_for_a_payment_tells_whose_return_it_is(payments: Payments) -> None:
    payments.books.say(said.bill("b4", 400_000, number="N-4444"), said.bill("b5", 400_000, number="N-5555"))
    paid = {bill_id: payments.release(bill_id, way="hand_off") for bill_id in ("b4", "b5")}
    for at, (bill_id, intent_id) in enumerate(paid.items()):
        more = {"remote_id": intent_id, "batch_id": f"P-10{at}77", "number": bill_id, "starts_on": day(25)}
        payments.state(rail_bill(f"r{at}", 400_000, **more))
        payments.state(bank_line(f"L{at}", -400_000, day(25), reference=f"P-10{at}77"))
    payments.settle()
    payments.state(bank_line("L9", 400_000, day(30), name="RAMP BILL PAY RETURN P-10177"))
    payments.settle()
    assert {bill_id: payments.stage(id_) for bill_id, id_ in paid.items()} == {"b4": "cleared", "b5": "returned"}


@pytest.mark.parametrize(
    ("text", "code", "is_return"),
    [
        ("ACH RETURN R01 INSUFFICIENT FUNDS", "R01", True),
        ("RETURNED ITEM", None, True),
        ("R03 R05", None, False),
        ("REVERSAL OF ACH DEBIT", None, True),
        ("AR01 PAYMENT", None, False),
        ("DEPOSIT R99", None, False),
        ("RETURNING CUSTOMER", None, False),
    ],
)
def test_a_return_is_read_off_the_banks_own_words(text: str, code: str | None, is_return: bool) -> None:
    assert (return_code(text), says_return(text)) == (code, is_return)
