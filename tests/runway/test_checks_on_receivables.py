"""What customers owe and how it is asked for: what A04 and A08 to A15 say, and what they leave alone."""

from datetime import date, timedelta
from typing import Any

import pytest

from interlock.runway.services.calculators.collected import (
    AtRail,
    Collected,
    Disputed,
    IncomeDeposit,
    IssuedEntry,
    Promised,
)
from interlock.runway.services.calculators.readiness import stopped
from tests.runway.entries import TODAY, ago, books, found, ids, invoice

MONDAY = date(2026, 11, 23)


def issued(id_: str, days: int = 20, **more: Any) -> IssuedEntry:
    said: dict[str, Any] = {
        "number": f"{2000 + int(id_)}",
        "customer_id": "c1",
        "customer_name": "Mossgate Schools",
        "currency": "USD",
        "total_minor": 10_000,
        "open_minor": 10_000,
        "lines": "hall, 100.00",
        **more,
    }
    return IssuedEntry(id=id_, dated=ago(days), **said)


def deposit(days: int = 5, cents: int = 10_000, **more: Any) -> IncomeDeposit:
    said: dict[str, Any] = {"number": None, "currency": "USD", "customer_id": None, "account_name": "Sales", **more}
    return IncomeDeposit(deposit_id="d1", dated=ago(days), minor=cents, **said)


def at_rail(**more: Any) -> AtRail:
    said: dict[str, Any] = {
        "id": "in_1",
        "number": "F-1",
        "customer_name": "Mossgate Schools",
        "currency": "USD",
        "total_minor": 10_000,
        "open_minor": 0,
        "collecting": False,
        "paid_on": ago(7),
        "ledger_id": "1",
        "ledger_number": "2001",
        "ledger_open_minor": 10_000,
        **more,
    }
    return AtRail(**said)


@pytest.mark.parametrize(
    ("two", "wrong"),
    [
        ((issued("1"), issued("2", 10, number="2001")), ["2"]),
        ((issued("1"), issued("2", 10, number="20-01 ")), ["2"]),
        ((issued("1"), issued("2", 15)), ["2"]),
        ((issued("1"), issued("2", 14)), []),
        ((issued("1"), issued("2", 15, lines="gym, 100.00")), []),
        ((issued("1", lines=""), issued("2", 20, lines="")), []),
        ((issued("1"), issued("2", 15, total_minor=10_001)), []),
        ((issued("1"), issued("2", 10, number="2001", customer_id="c2")), []),
        ((issued("1"), issued("2", 10, number="2001", currency="EUR")), []),
        ((issued("1", open_minor=0), issued("2", 10, number="2001")), ["2"]),
        ((issued("1", open_minor=0), issued("2", 10, number="2001", open_minor=0)), []),
        ((issued("1", number=None, lines="a"), issued("2", 10, number=None, lines="b")), []),
    ],
)
def test_a_sale_invoiced_twice_is_told_of_the_later_one_while_it_is_open(
    two: tuple[IssuedEntry, ...], wrong: list[str]
) -> None:
    assert ids(books(collected=Collected(issued=two)), "A04") == wrong


@pytest.mark.parametrize(
    ("cents", "days", "wrong"), [(500, 61, True), (501, 61, False), (500, 60, False), (1, 400, True)]
)
def test_pennies_long_past_due_are_worth_no_chase(cents: int, days: int, wrong: bool) -> None:
    shelf = books(invoices=(invoice(cents=cents, due=ago(days)),))
    assert ids(shelf, "A08") == (["1"] if wrong else [])


@pytest.mark.parametrize(
    ("came", "wrong"),
    [
        (deposit(), True),
        (deposit(cents=9_999), False),
        (deposit(cents=50, customer_id="c1"), True),
        (deposit(cents=50, customer_id="c2"), False),
        (deposit(days=22), False),
        (deposit(currency="EUR"), False),
    ],
)
def test_a_deposit_put_to_income_beside_an_open_invoice_may_be_its_payment(came: IncomeDeposit, wrong: bool) -> None:
    shelf = books(invoices=(invoice(),), collected=Collected(to_income=(came,)))
    assert ids(shelf, "A09") == (["d1"] if wrong else [])
    assert list(stopped(found(shelf, "A09"), "invoice")) == (["1"] if wrong else []), "its chase waits for the answer"


def test_ninety_days_after_the_invoice_a_deposit_is_no_longer_taken_for_its_payment() -> None:
    old = invoice(dated=ago(100), due=ago(70))
    assert ids(books(invoices=(old,), collected=Collected(to_income=(deposit(days=10),))), "A09") == ["d1"]
    assert ids(books(invoices=(old,), collected=Collected(to_income=(deposit(days=9),))), "A09") == []


@pytest.mark.parametrize(
    ("there", "wrong"),
    [
        (at_rail(), True),
        (at_rail(paid_on=MONDAY), False),
        (at_rail(paid_on=MONDAY - timedelta(days=3)), True),  # Friday: Monday and Tuesday since
        (at_rail(ledger_open_minor=0), False),
        (at_rail(paid_on=None), False),
        (at_rail(ledger_voided=True), False),
    ],
)
def test_what_stripe_saw_paid_two_workdays_ago_stops_the_chase_until_the_books_show_it(
    there: AtRail, wrong: bool
) -> None:
    shelf = books(invoices=(invoice(),), collected=Collected(at_rail=(there,)))
    assert timedelta(days=1) == TODAY - MONDAY
    assert list(stopped(found(shelf, "A10"), "invoice")) == (["1"] if wrong else [])


@pytest.mark.parametrize(
    ("there", "wrong"),
    [
        (at_rail(collecting=True, open_minor=10_000, paid_on=None, ledger_open_minor=0), True),
        (at_rail(collecting=True, open_minor=10_000, paid_on=None, ledger_voided=True), True),
        (at_rail(collecting=True, open_minor=10_000, paid_on=None), False),
        (at_rail(ledger_open_minor=0), False),
    ],
)
def test_what_the_books_have_settled_is_not_collected_again(there: AtRail, wrong: bool) -> None:
    said = found(books(collected=Collected(at_rail=(there,))), "A11")
    assert [(each.severity, each.subject.id) for each in said] == ([("critical", "in_1")] if wrong else [])
    assert [each.documents("invoice") for each in said] == ([("1",)] if wrong else [])


def test_a_promise_is_broken_the_day_after_and_only_while_something_is_open() -> None:
    def shelf(days: int, cents: int = 10_000) -> list[str]:
        word = Promised("p1", "1", 4_000, ago(days))
        return ids(books(invoices=(invoice(cents=cents),), collected=Collected(promised=(word,))), "A12")

    assert (shelf(1), shelf(0), shelf(1, 0)) == (["1"], [], [])
    (finding,) = found(
        books(invoices=(invoice(),), collected=Collected(promised=(Promised("p1", "1", 4_000, ago(1)),))), "A12"
    )
    assert finding.stake.minor == 4_000


def test_mail_that_came_back_stops_the_chase_and_is_mended_at_the_customer() -> None:
    shelf = books(invoices=(invoice(),), collected=Collected(bounced={"1": "gone@example.com", "2": "b@example.com"}))
    (finding,) = found(shelf, "A13")
    assert "gone@example.com" in finding.reason and finding.stops
    assert ids(books(invoices=(invoice(cents=0),), collected=Collected(bounced={"1": "gone@example.com"})), "A13") == []


def test_a_chargeback_says_when_stripe_wants_an_answer() -> None:
    there = Disputed("1", 10_000, "USD", "product not received", at_rail=True, answer_by=ago(-6))
    here = Disputed("2", 2_000, "USD", "wrong hours", at_rail=False)
    said = found(books(invoices=(invoice(), invoice("2")), collected=Collected(disputed=(there, here))), "A14")
    assert [each.subject.id for each in said] == ["1", "2"]
    assert "30 Nov" in said[0].reason and "Noted here: wrong hours" in said[1].reason


@pytest.mark.parametrize(
    ("open_by", "told"),
    [
        ({"c1": 30, "c2": 70}, ["c2"]),
        ({"c1": 31, "c2": 34, "c3": 35}, ["c1", "c2", "c3"]),
        ({"c1": 30, "c2": 30, "c3": 30, "c4": 10}, []),
        ({"c1": 100}, []),
    ],
)
def test_more_than_thirty_percent_with_one_customer_is_a_risk_unless_there_is_only_one(
    open_by: dict[str, int], told: list[str]
) -> None:
    several = tuple(
        invoice(str(at), cents * 100, customer_id=customer)
        for at, (customer, cents) in enumerate(open_by.items(), start=1)
    )
    assert ids(books(invoices=several), "A15") == told


def test_what_stripe_sent_to_its_customer_was_sent() -> None:
    old = invoice(email_status="NotSet", dated=ago(30))
    assert ids(books(invoices=(old,), collected=Collected()), "A02") == ["1"]
    assert ids(books(invoices=(old,), collected=Collected(sent=frozenset({"1"}))), "A02") == []
