"""What is said of payments that were decided on: late, changed, returned, paid twice, lost; and what is said of none in order."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from interlock.domains.ap.policy.course import Course
from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.checks import examine
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.readiness import stopped
from interlock.runway.services.calculators.released import ApprovedEntry, OverpaidBill, Released, ReleasedEntry
from interlock.runway.services.calculators.witnessed import LineEntry, RailBillEntry, Witnessed
from tests.runway import said
from tests.runway.entries import LINKS, TODAY, ago

OURS = {"X04", "X05", "X06", "X07", "X09", "X10", "X17", "X18", "X19"}
LATE_AFTER = said.NOW + timedelta(days=7)


def course(way: Any = "outside", **more: Any) -> Course:
    """On its way, and its bank is linked."""
    about: dict[str, Any] = {"expects_bank": True, "late_after": LATE_AFTER, **more}
    return Course(way, **about)


def released(of: Course | None = None, **more: Any) -> ReleasedEntry:
    """1,000.00 for Copperfield Freight, let go yesterday."""
    standing = of or course()
    about: dict[str, Any] = {
        "number": "N-1", "vendor_name": "Copperfield Freight", "currency": "USD", "minor": 1_000_00, "way": standing.way,
        "pay_on": ago(1), "released_on": ago(1), "changed_on": ago(1), "owed_minor": 1_000_00, **more,
    }  # fmt: skip
    return ReleasedEntry(about.pop("id", "int_1"), "1", course=standing, **about)


def line(id_: str, cents: int, name: str = "ACH COPPERFIELD FREIGHT", *, days: int = 0, **more: Any) -> LineEntry:
    about = {"pending": False, "pending_id": None, "matched": False, **more}
    return LineEntry(id_, "a1", ago(days), cents, "USD", name, **about)


def at_ramp(**more: Any) -> RailBillEntry:
    """A bill there that the books know, open on both sides."""
    about: dict[str, Any] = {
        "number": "N-1", "vendor_name": "Copperfield Freight", "currency": "USD", "total_minor": 1_000_00, "paid": False,
        "paid_at": None, "payment_synced": False, "scheduled": False, "made_by_program": False, "approved": True,
        "ledger_id": "1", "ledger_number": "N-1", "ledger_vendor": "Copperfield Freight", "ledger_currency": "USD",
        "ledger_total_minor": 1_000_00, "ledger_balance_minor": 1_000_00, **more,
    }  # fmt: skip
    return RailBillEntry(about.pop("id", "rb1"), **about)


def all_found(*payments: ReleasedEntry, seen: dict[str, Any] | None = None, **more: Any) -> list[Finding]:
    about = {key: more.pop(key) for key in ("approved", "overpaid") if key in more}
    shelf = Books(
        today=TODAY,
        home_currency="USD",
        witnessed=Witnessed(said.NOW, linked=frozenset({"ramp", "plaid"}), **(seen or {})),
        released=Released(said.NOW, payments=payments, **about),
        **more,
    )
    return [each for each in examine(shelf, LINKS) if each.rule.id in OURS]


def the_one(rule: str, *payments: ReleasedEntry, **more: Any) -> Finding:
    found = all_found(*payments, **more)
    assert [each.rule.id for each in found] == [rule], f"it should say {rule} and nothing else of it"
    return found[0]


def stops(finding: Finding) -> bool:
    return "1" in stopped([finding], "bill")


@pytest.mark.parametrize(
    "standing",
    [
        course(),
        course("create", sending="to_send", todo="send"),
        course("create", sending="sending", todo="look_up"),
        course("create", sending="unknown", todo="look_up"),
        course("hand_off", sending="made", rail="waiting", todo="watch"),
        course("hand_off", sending="made", rail="unknown", todo="watch"),
        course(cleared=True),
        course(recorded=True),
        course(cleared=True, recorded=True),
        course(expects_bank=False, recorded=True),
        course(taken_back=True),
    ],
)
def test_a_payment_on_its_way_or_at_its_end_is_no_finding(standing: Course) -> None:
    assert all_found(released(standing)) == []


@pytest.mark.parametrize(("days", "finds"), [(0, 0), (1, 0), (4, 1)])
def test_an_approval_that_nobody_let_go_a_workday_after_its_run_is_late(days: int, finds: int) -> None:
    waiting = ApprovedEntry("int_9", "1", "N-1", "Copperfield Freight", "USD", 1_000_00, ago(days))
    found = all_found(approved=(waiting,))
    assert [each.rule.id for each in found] == ["X05"] * finds
    assert not any(stops(each) for each in found), "stopping the bill would stop the release that mends it"


@pytest.mark.parametrize(
    ("standing", "where"),
    [
        (course(late=True), "bank"),
        (course(expects_bank=False, late=True), "books"),
        (course("create", sending="made", rail="paid", late=True), "Ramp says"),
        (course("hand_off", sending="made", rail="waiting", late=True), "Ramp doesn’t"),
        (course(cleared=True, late=True), "left the bank"),
    ],
)
def test_what_a_witness_did_not_show_in_time_is_late_and_says_which(standing: Course, where: str) -> None:
    found = the_one("X05", released(standing, cleared_on=ago(9) if standing.cleared else None))
    assert where in f"{found.title} {found.reason}"
    assert str(found.stake) == "1,000.00"


def test_what_ramp_has_paid_and_the_books_do_not_show_is_said_once() -> None:
    paid = at_ramp(paid=True, paid_at=said.NOW - timedelta(days=9), ours=True)
    standing = released(course("hand_off", sending="made", rail="paid", cleared=True, late=True), cleared_on=ago(9))
    shelf = Books(
        today=TODAY,
        home_currency="USD",
        witnessed=Witnessed(said.NOW, linked=frozenset({"ramp"}), rail_bills=(paid,)),
        released=Released(said.NOW, payments=(standing,)),
    )
    assert [each.rule.id for each in examine(shelf, LINKS)] == ["X01"]


def test_a_bill_that_changed_after_its_release_stops_and_says_how_to_stop_the_payment() -> None:
    found = the_one("X04", released(changed="total went from 1,000.00 to 1,200.00"))
    assert found.severity == "critical"
    assert stops(found)
    assert "1,200.00" in found.reason
    assert found.fix.startswith("Take the payment back")
    left = the_one("X04", released(course(cleared=True), changed="the bill was voided"))
    assert "has left" in left.fix
    assert all_found(released(course(cleared=True, recorded=True), changed="the bill was voided")) == [], "it is over"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"cleared": True, "differs": ("bank",)}, "bank shows another amount"),
        ({"differs": ("ledger",), "recorded": True}, "books show another amount"),
        ({"taken_back": True, "cleared": True}, "taken back"),
    ],
)
def test_a_witness_that_shows_something_else_stops_until_a_person_finds_it_right(more: Any, says: str) -> None:
    found = the_one("X06", released(course(**more)))
    assert says in found.reason
    assert stops(found)


def test_a_witness_that_a_person_found_right_is_no_finding() -> None:
    assert all_found(released(course(cleared=True, recorded=True, differs=("bank",), vouched=("bank_differs",)))) == []


@pytest.mark.parametrize(
    ("cents", "finds"), [(-1_015_00, 1), (-985_00, 1), (-1_000_00, 0), (-1_051_00, 0), (1_015_00, 0)]
)
def test_a_line_that_names_the_vendor_and_is_a_little_off_may_be_the_payment(cents: int, finds: int) -> None:
    found = all_found(released(), seen={"lines": (line("l1", cents),)})
    assert [each.rule.id for each in found] == ["X06"] * finds


def test_a_line_that_is_matched_names_another_or_came_before_says_nothing() -> None:
    others = (
        line("l1", -1_015_00, matched=True),
        line("l2", -1_015_00, "KESTREL TOOLS"),
        line("l3", -1_015_00, days=3),
        line("l4", -1_015_00, pending=True),
    )
    assert all_found(released(), seen={"lines": others}) == []


def test_money_that_came_back_is_said_until_the_bill_is_decided_on_anew() -> None:
    back = course(cleared=True, returned=True)
    found = the_one("X07", released(back, cleared_on=ago(4), returned_line_id="l2"))
    assert found.severity == "critical"
    assert not stops(found), "the bill has to be decided on anew"
    assert all_found(released(back, decided_anew=True)) == []
    assert all_found(released(back, owed_minor=None)) == [], "the bill is gone"


def test_what_came_back_and_stands_in_the_books_as_paid_is_voided_there_first() -> None:
    back = course(cleared=True, recorded=True, returned=True)
    found = the_one("X07", released(back, owed_minor=0, ledger_payment_id="77"))
    assert found.fix.startswith("Void the payment")
    assert found.link is not None
    assert "billpayment%3FtxnId%3D77" in found.link


def test_an_equal_credit_soon_after_may_be_a_return_and_a_person_says_so() -> None:
    cleared = released(course(cleared=True, recorded=True), line_id="l1", owed_minor=0)
    debit = line("l1", -1_000_00, days=5, matched=True)
    found = the_one("X07", cleared, seen={"lines": (debit, line("l2", 1_000_00, "CREDIT", days=2))})
    assert "may be a return" in found.reason
    for credit in (
        line("l2", 1_000_01, "CREDIT", days=2),
        line("l2", 1_000_00, "CREDIT", days=2, matched=True),
        line("l2", 1_000_00, "CREDIT", days=8),
        replace(line("l2", 1_000_00, "CREDIT", days=2), account_id="a2"),
    ):
        assert all_found(cleared, seen={"lines": (debit, credit)}) == [], credit


def test_a_bill_paid_beyond_its_total_says_by_how_much() -> None:
    bill = OverpaidBill("1", "N-1", "Copperfield Freight", "USD", 1_000_00, 1_500_00, ("7", "8"))
    found = the_one("X09", overpaid=(bill,))
    assert str(found.stake) == "500.00"
    assert stops(found)


def test_two_payments_in_the_books_for_one_decision_are_one_too_many() -> None:
    twice = released(course(cleared=True, recorded=True), ledger_payment_id="7", again=(("8", 1_000_00),), owed_minor=0)
    assert stops(the_one("X09", twice))


def test_two_bills_in_ramp_for_one_of_the_books_would_pay_it_twice() -> None:
    two = (at_ramp(scheduled=True), at_ramp(id="rb2", scheduled=True))
    found = [each for each in all_found(seen={"rail_bills": two}) if each.rule.id == "X09"]
    assert [str(each.stake) for each in found] == ["1,000.00"]
    assert all_found(seen={"rail_bills": (two[0], at_ramp(id="rb2"))}) == [], "only one of them is paid"


@pytest.mark.parametrize(("days", "finds"), [(1, 0), (6, 1)])
def test_a_bill_in_ramp_that_the_books_lack_is_an_orphan_after_two_workdays(days: int, finds: int) -> None:
    unknown = {
        f"ledger_{each}": None for each in ("id", "number", "vendor", "currency", "total_minor", "balance_minor")
    }
    one = at_ramp(**unknown, made_at=said.NOW - timedelta(days=days))
    assert [each.rule.id for each in all_found(seen={"rail_bills": (one,)})] == ["X10"] * finds
    assert all_found(seen={"rail_bills": (replace(one, ours=True),)}) == [], "made there by a decision"


def test_a_bill_that_ramp_lost_and_one_that_its_sync_made_twice() -> None:
    there = course("create", sending="made", rail="under_way", todo="watch")
    assert "gone from Ramp" in the_one("X10", released(there, gone_there=True)).title
    second = the_one("X10", released(there, second_bill_id="9"))
    assert "second bill" in second.title
    assert second.documents("bill") == ("9",)


def test_an_instruction_nobody_knows_the_fate_of_asks_a_person_and_stops_its_bill() -> None:
    found = the_one("X17", released(course("create", sending="unknown", asked=3)))
    assert stops(found)
    assert "not found" in found.reason


def test_a_word_of_ramp_that_nobody_understands_asks_a_person_when_it_lasts() -> None:
    the_one("X17", released(course("create", sending="made", rail="unknown", late=True)))


@pytest.mark.parametrize(("recording", "says"), [("refused", "by hand"), ("unknown", "Look in QuickBooks")])
def test_paid_and_not_written_down_asks_for_the_entry(recording: Any, says: str) -> None:
    standing = course("create", sending="made", rail="paid", cleared=True, records=True, recording=recording)
    assert says in the_one("X18", released(standing, cleared_on=ago(1))).fix


def test_a_closed_period_says_to_date_it_after() -> None:
    standing = course("create", sending="made", rail="paid", cleared=True, records=True, recording="refused")
    found = the_one("X18", released(standing, cleared_on=ago(10)), closed_through=ago(5))
    assert "closed through 19 Nov" in found.reason
    assert "closed period" in found.fix


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        (course("create", sending="made", rail="failed"), "failed"),
        (course("hand_off", sending="made", rail="cancelled"), "cancelled"),
        (course("create", sending="refused"), "refused"),
    ],
)
def test_what_came_to_nothing_is_said_until_the_bill_is_decided_on_anew(standing: Course, says: str) -> None:
    found = the_one("X19", released(standing, why="Insufficient funds."))
    assert says in found.title
    assert "Insufficient funds" in found.reason
    assert not stops(found)
    assert all_found(released(standing, decided_anew=True)) == []
    assert all_found(released(standing, owed_minor=0)) == [], "it was paid some other way"


def test_what_was_taken_back_here_is_what_was_wanted() -> None:
    assert all_found(released(course("hand_off", sending="made", rail="cancelled", taken_back=True))) == []
