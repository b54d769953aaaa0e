"""What Ramp holds when the simulated world opens: mirrored from the books, wrong only where it is listed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock_sandbox.books import Books
from interlock_sandbox.ramp.life import status_summary
from interlock_sandbox.ramp.model import Bill, Business
from tests.support.ramp import RampDesk, ramp_desk

CLIENTS = 8


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RampDesk]:
    with ramp_desk(tmp_path_factory.mktemp("world"), clients=CLIENTS, simulated=True) as opened:
        yield opened


def accounts(desk: RampDesk) -> Iterator[tuple[Business, Books]]:
    for realm, business in desk.ramp.businesses.items():
        yield business, desk.sandbox.companies[realm]


def disagreement(bill: Bill, held: dict[str, Any]) -> str | None:
    """Which check a bill and its document in the books must set off, looked at from outside."""
    if bill.paid_at is not None and held["Balance"] != 0:
        return "X01"
    if bill.paid_at is None and held["Balance"] == 0:
        return "X02"
    if (bill.amount_minor, bill.invoice_number) != (round(held["TotalAmt"] * 100), held["DocNumber"]):
        return "X03"
    return None


def test_disagreements_are_those_that_are_listed_and_no_others(desk: RampDesk) -> None:
    found: set[tuple[str, str]] = set()
    listed: set[tuple[str, str]] = set()
    for business, books in accounts(desk):
        listed |= {(each.rule, each.bill) for each in business.planted if each.bill is not None}
        for bill in business.bills.values():
            assert bill.qbo_id is not None
            rule = disagreement(bill, books.get("Bill", bill.qbo_id))
            if rule is not None:
                found.add((rule, bill.id))
    assert found == listed
    assert {rule for rule, _ in listed} == {"X01", "X02", "X03"}


def test_vendors_without_an_account_that_are_owed_money_are_listed(desk: RampDesk) -> None:
    some = 0
    for business, _ in accounts(desk):
        owed = {
            bill.vendor_id for bill in business.bills.values()
            if status_summary(bill) not in {"PAYMENT_COMPLETED", "ARCHIVED", "APPROVAL_REJECTED"}
        }  # fmt: skip
        listed = {each.vendor for each in business.planted if each.rule == "V02"}
        assert listed == {each for each in owed if not business.vendors[each].accounts}
        some += len(listed)
    assert some, "no client shows a vendor without an account; the check would never be seen"


def test_what_is_paid_through_ramp_is_in_the_books_and_at_the_bank(desk: RampDesk) -> None:
    checks = 0
    for business, books in accounts(desk):
        for bill in business.bills.values():
            payment = bill.payment
            if payment is None or payment.synced_as is None:
                continue
            paper = books.get("BillPayment", payment.synced_as)
            assert paper["DocNumber"] == payment.trace, "a check's number is its trace"
            assert round(paper["TotalAmt"] * 100) == bill.amount_minor
            checks += 1
    assert checks > 20, "hardly anything was ever paid through Ramp"


def test_money_that_left_before_the_first_day_is_at_the_bank(desk: RampDesk) -> None:
    now = desk.sandbox.clock.now()
    for business, _ in accounts(desk):
        for bill in business.bills.values():
            payment = bill.payment
            if payment is None or payment.effective_at is None or payment.synced_as is not None:
                continue
            source = business.source(payment.source_id)
            assert source is not None
            lines = desk.ramp.bank.lines(source.bank_account, now)
            found = [line for line in lines if line.reference == payment.friendly_id]
            assert [line.amount_minor for line in found] == [-bill.amount_minor]


def test_some_vendors_wait_to_be_recognised(desk: RampDesk) -> None:
    for business, books in accounts(desk):
        names = {record.body["DisplayName"] for record in books.records("Vendor").values()}
        free = [each for each in business.vendors.values() if each.accounting_remote_id is None]
        assert 1 <= len(free) <= 5
        assert all(each.name not in names for each in free), "spelled in another way, or there is nothing to recognise"
        linked = [each.accounting_remote_id for each in business.vendors.values() if each.accounting_remote_id]
        assert len(linked) == len(set(linked))


def test_states_are_varied_and_release_is_asked_for_by_some(desk: RampDesk) -> None:
    states = {status_summary(bill) for business, _ in accounts(desk) for bill in business.bills.values()}
    assert {
        "APPROVAL_PENDING", "APPROVAL_REJECTED", "PAYMENT_NOT_INSTRUCTED", "PAYMENT_DETAILS_MISSING",
        "PAYMENT_SCHEDULED", "PAYMENT_PROCESSING", "PAYMENT_COMPLETED", "AWAITING_RELEASE", "ON_HOLD",
    } <= states  # fmt: skip


def test_flawed_documents_of_the_books_stay_out_of_it(desk: RampDesk) -> None:
    for client in desk.sandbox.firm.clients:
        business = desk.ramp.businesses.get(client.books.realm_id)
        if business is not None:
            mirrored = {bill.qbo_id for bill in business.bills.values()}
            assert not mirrored & {each.id for each in client.planted if each.entity == "Bill"}


def test_an_account_nobody_touches_stands_still(tmp_path: Path) -> None:
    with ramp_desk(tmp_path / "still") as desk:
        before = len(desk.papers("BillPayment"))
        desk.passes(days=20)
        assert len(desk.papers("BillPayment")) == before
        desk.token()
        desk.passes(days=1)
        stamped = [paper["MetaData"]["CreateTime"] for paper in desk.papers("BillPayment")[before:]]
        assert stamped, "once it is touched, what was due is done"
        assert min(stamped) >= "2026-12-14", "and nothing is stamped before the first touch"


def test_life_goes_on_without_paying_twice(tmp_path: Path) -> None:
    with ramp_desk(tmp_path / "lives", clients=3, simulated=True) as desk:
        for desk.place in range(3):
            assert desk.mint().status == 200
        businesses = list(desk.ramp.businesses.values())
        unaware = {each.bill for business in businesses for each in business.planted if each.rule == "X02"}
        for _ in range(9):
            desk.passes(days=5, live=True)
        trouble = {bill.id for business in businesses for bill in business.bills.values() if bill.sync_trouble}
        assert trouble == unaware, "what was planted so is paid a second time, and nothing else"
