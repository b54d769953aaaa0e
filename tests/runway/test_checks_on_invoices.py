"""Invoices and what customers paid: what A01 to A03, A05 to A07 and C01 say, and what they leave alone."""

from typing import Any

import pytest

from interlock.runway.services.calculators.books import Books, CustomerEntry, Receipt, TermEntry
from interlock.runway.services.calculators.readiness import stopped
from tests.runway.entries import ago, books, credit, found, ids, invoice

NOBODY = {"c1": CustomerEntry("c1", "Mossgate Schools", None, "USD", 0)}


def receipt(days: int, **more: Any) -> Receipt:
    said: dict[str, Any] = {"kind": "payment", "number": "P-5", "customer_name": "Mossgate Schools", **more}
    return Receipt(id="5", dated=ago(days), currency="USD", total_minor=100_00, **said)


@pytest.mark.parametrize(
    ("shelf", "rule", "wrong"),
    [
        (books(invoices=(invoice(),), customers=NOBODY), "A01", True),
        (books(invoices=(invoice(customer_id="gone"),)), "A01", True),
        (books(invoices=(invoice(email="office@example.com"),), customers=NOBODY), "A01", False),
        (books(invoices=(invoice(),)), "A01", False),
        (books(invoices=(invoice(email_status="NotSet", dated=ago(4)),)), "A02", True),
        (books(invoices=(invoice(email_status=None, dated=ago(4)),)), "A02", True),
        (books(invoices=(invoice(email_status="NotSet", dated=ago(3)),)), "A02", False),
        (books(invoices=(invoice(email_status="EmailSent", dated=ago(400)),)), "A02", False),
        (books(invoices=(invoice(due=None),)), "A03", True),
        (books(invoices=(invoice(),)), "A03", False),
    ],
)
def test_each_rule_says_yes_and_no_at_its_edges(shelf: Books, rule: str, wrong: bool) -> None:
    assert ids(shelf, rule) == (["1"] if wrong else []), f"read rule {rule} in its docstring beside {shelf.invoices}"


def test_an_invoice_without_due_date_gets_one_from_its_terms() -> None:
    shelf = books(invoices=(invoice(due=None, term_id="t1"),), terms={"t1": TermEntry("t1", "Net 15", 15)})
    (finding,) = found(shelf, "A03")
    assert finding.fix == "Set the due date to 18 Nov"


@pytest.mark.parametrize(("kind", "rule"), [("payment", "A05"), ("credit_memo", "A06")])
def test_money_on_account_counts_only_while_the_customer_owes(kind: str, rule: str) -> None:
    on_account = (credit(kind, "7", 4_350_00, "c1"),)
    owing = books(invoices=(invoice("1"), invoice("2"), invoice("3", customer_id="c2")), customer_credits=on_account)
    assert [finding.stake.minor for finding in found(owing, rule)] == [4_350_00]
    assert "invoices 2001 and 2002 are open" in found(owing, rule)[0].reason
    assert found(books(customer_credits=on_account), rule) == []


def test_an_unapplied_payment_stops_the_customers_chase_and_a_credit_does_not() -> None:
    invoices = (invoice("1"), invoice("2", customer_id="c2"))
    paid_in = books(invoices=invoices, customer_credits=(credit("payment", "7", 5_00, "c1"),))
    reasons = stopped(found(paid_in, "A05"), "invoice")
    assert list(reasons) == ["1"]
    assert reasons["1"].startswith("A05 unapplied payment: 5.00 of 10 Nov")
    credited = books(invoices=invoices, customer_credits=(credit("credit_memo", "7", 5_00, "c1"),))
    assert stopped(found(credited, "A06"), "invoice") == {}


@pytest.mark.parametrize(("cents", "wrong"), [(-1, True), (0, False), (500, False)])
def test_a_customer_who_paid_too_much(cents: int, wrong: bool) -> None:
    shelf = books(customers={"c1": CustomerEntry("c1", "Mossgate Schools", None, "USD", cents)})
    assert [finding.stake.minor for finding in found(shelf, "A07")] == ([-cents] if wrong else [])


@pytest.mark.parametrize(
    ("waiting", "wrong"),
    [(receipt(8), True), (receipt(7), False), (receipt(8, kind="sales_receipt"), True)],
)
def test_a_receipt_is_deposited_within_a_week(waiting: Receipt, wrong: bool) -> None:
    found_here = found(books(undeposited=(waiting,)), "C01")
    assert [finding.subject.kind for finding in found_here] == ([waiting.kind] if wrong else [])
