"""What somebody may have arranged: bills much like others, sums split under a limit, money around decisions, old balances."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.firm.policy.values import ApprovalPolicy, FreshnessPolicy, Policy
from interlock.runway.services.calculators.books import BillEntry, Outgoing, VendorEntry
from interlock.runway.services.calculators.likeness_of_text import one_apart
from interlock.runway.services.calculators.readiness import stopped
from interlock.runway.services.calculators.vendor_twins import twins_of
from interlock.runway.services.calculators.witnessed import BankAccountEntry, Witnessed
from tests.runway.entries import ago, bill, books, found, ids, paid

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("A88120", "A88120", True),
        ("A88120", "A88121", True),
        ("A88120", "A8812", True),
        ("A88120", "A818120", True),
        ("A88120", "A88210", True),
        ("A88120", "A88012", False),
        ("A88120", "A88334", False),
        ("AB", "BA", True),
        ("", "A", True),
        ("", "AB", False),
    ],
)
def test_two_texts_are_one_slip_apart(one: str, other: str, alike: bool) -> None:
    assert one_apart(one, other) is one_apart(other, one) is alike


@given(st.text("ABC1", max_size=6), st.integers(0, 5), st.sampled_from("AB1"))
def test_any_letter_put_in_left_out_or_changed_is_one_slip(text: str, place: int, letter: str) -> None:
    at = min(place, len(text))
    assert one_apart(text, text[:at] + letter + text[at:])
    assert one_apart(text, text[:at] + text[at + 1 :])
    assert one_apart(text, text[:at] + letter + text[at + 1 :])


@pytest.mark.parametrize(
    ("later", "earlier", "alike"),
    [
        ({"number": "A-88210", "cents": 10_050}, {"number": "A-88120"}, ["2"]),
        ({"number": "A-88210", "cents": 10_200}, {"number": "A-88120"}, []),
        ({"number": "A-88210", "dated": ago(0)}, {"number": "A-88120", "dated": ago(31)}, []),
        ({"number": "A-88334", "cents": 10_050}, {"number": "A-88120"}, []),
        ({"number": None, "cents": 10_050}, {"number": "A-88120"}, []),
        ({"number": "A-88210", "cents": 10_050, "vendor_id": "v2"}, {"number": "A-88120"}, []),
        ({"number": "A-88210", "cents": 10_050, "currency": "EUR"}, {"number": "A-88120"}, []),
    ],
)
def test_a_bill_much_like_another_is_for_review(
    later: dict[str, Any], earlier: dict[str, Any], alike: list[str]
) -> None:
    one, other = dict(later), dict(earlier)
    shelf = books(bill("2", one.pop("cents", 10_000), **one), paid("1", **other))
    assert ids(shelf, "B07") == alike
    assert not stopped(found(shelf, "B07"), "bill"), "review only"


def test_two_vendors_that_are_probably_one_are_compared() -> None:
    vendors = {
        "v1": VendorEntry("v1", "Copperfield Freight", True, first_paid_on=ago(900)),
        "v2": VendorEntry("v2", "Copperfield Freight Inc.", True, first_paid_on=ago(900)),
    }
    twins = twins_of(vendors)
    assert twins == {"v1": "v1", "v2": "v1"}
    shelf = books(bill("2", number="88120", vendor_id="v2"), paid("1", number="88120"), vendors=vendors, twins=twins)
    (finding,) = found(shelf, "B07")
    assert (
        finding.reason == "Number and amount are all but those of 88120 of Copperfield Freight, dated 3 Nov and paid."
    )
    assert ids(shelf, "B05") == [], "B05 looks at one vendor alone"


def test_the_next_number_of_a_series_for_another_amount_is_what_vendors_send() -> None:
    series = [paid(f"1{at}", 10_000 + at, number=f"GSW-134{at}", dated=ago(40 - 3 * at)) for at in range(4)]
    assert ids(books(bill("20", 10_050, number="GSW-1344", dated=ago(25)), *series), "B07") == []
    assert ids(books(bill("20", 10_050, number="GSW-1349", dated=ago(25)), *series), "B07") == ["20"]


def test_what_recurs_at_even_distances_is_no_duplicate() -> None:
    rent = [paid(f"1{at}", number=f"R-10{at}", dated=ago(119 - 28 * at)) for at in range(4)]
    assert ids(books(bill("20", number="R-104", dated=ago(7)), *rent), "B07") == []
    assert ids(books(bill("20", number="R-104", dated=ago(14)), *rent), "B07") == ["20"], "a week early"


def split(*cents_and_days: tuple[int, int], start: int = 1) -> list[BillEntry]:
    return [bill(f"{start + at}", cents, dated=ago(days)) for at, (cents, days) in enumerate(cents_and_days)]


@pytest.mark.parametrize(
    ("bills", "caught"),
    [
        (((300_000, 5), (200_000, 0)), ["1", "2"]),
        (((300_000, 5), (199_999, 0)), []),
        (((300_000, 6), (200_000, 0)), []),
        (((500_000, 5), (200_000, 0)), []),
        (((200_000, 9), (200_000, 5), (200_000, 4)), ["1", "2", "3"]),
    ],
)
def test_bills_that_reach_the_limit_only_together_take_two_people(
    bills: tuple[tuple[int, int], ...], caught: list[str]
) -> None:
    shelf = books(*split(*bills))
    assert ids(shelf, "B25") == caught
    assert not stopped(found(shelf, "B25"), "bill"), "the console settles it with a second person"


def test_a_part_paid_already_counts_and_the_open_one_is_stopped_alone() -> None:
    shelf = books(bill("2", 300_000, dated=ago(1)), paid("1", 250_000, dated=ago(3)))
    assert ids(shelf, "B25") == ["2"]
    (finding,) = found(shelf, "B25")
    assert finding.reason == (
        "2 bills of this vendor within 5 days make 5,500.00; each alone is under the 5,000.00 that one person may approve."
    )


def test_the_limit_is_the_policys() -> None:
    policy = Policy(approvals=ApprovalPolicy(one_person_minor=400_000))
    assert ids(books(*split((250_000, 2), (150_000, 1)), policy=policy), "B25") == ["1", "2"]
    assert ids(books(*split((250_000, 2), (150_000, 1))), "B25") == []


def test_a_vendor_who_always_sends_several_small_bills_is_left_alone_until_they_grow() -> None:
    always = [paid(f"{10 * week + at}", 200_000, dated=ago(30 * week + at)) for week in range(1, 4) for at in range(2)]
    assert ids(books(*split((250_000, 2), (260_000, 1), start=90), *always), "B25") == []
    assert ids(books(*split((350_000, 2), (360_000, 1), start=90), *always), "B25") == ["90", "91"]


def test_money_that_left_without_a_decision_is_said_with_its_witness() -> None:
    def left(kind: str, id_: str, *, decided: bool = False) -> Outgoing:
        return Outgoing(kind, id_, "1182", "v1", "Copperfield", date(2026, 11, 20), "USD", 44_000, decided)

    shelf = books(
        outgoing=(left("bill_payment", "7"), left("bill_payment", "8", decided=True), left("bank_line", "l1"))
    )
    assert {finding.subject.id: finding.reason for finding in found(shelf, "X08")} == {
        "7": "The payment 1182 of 20 Nov is in the books; nobody approved it here before.",
        "l1": "The bank’s line of 20 Nov names this vendor; nobody approved a payment of this amount to it.",
    }


def account(id_: str, *, minutes: int, live: bool = True, kind: str = "depository") -> BankAccountEntry:
    return BankAccountEntry(
        id_, "i1", "Harbor Bank", "Checking", "4821", kind, "USD", 900_00,
        observed_at=NOW - timedelta(minutes=minutes), live=live,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("accounts", "minutes", "old"),
    [
        ((account("a", minutes=240),), 240, False),
        ((account("a", minutes=241),), 240, True),
        ((account("a", minutes=16),), 15, True),
        ((account("a", minutes=1, live=False),), 240, True),
        ((account("a", minutes=999, kind="credit"),), 240, False),
        ((), 240, False),
    ],
)
def test_a_balance_to_decide_on_is_the_banks_own_and_not_too_old(
    accounts: tuple[BankAccountEntry, ...], minutes: int, old: bool
) -> None:
    policy = Policy(freshness=FreshnessPolicy(approval_minutes=minutes))
    findings = found(books(policy=policy, witnessed=Witnessed(now=NOW, accounts=accounts)), "C03")
    assert bool(findings) is old
    assert all(each.severity == "critical" and each.fix.startswith("Refresh") for each in findings)


def test_several_old_balances_are_one_finding_since_one_act_mends_them() -> None:
    accounts = (account("a", minutes=300), account("b", minutes=600), account("c", minutes=2, live=False))
    (finding,) = found(books(witnessed=Witnessed(now=NOW, accounts=accounts)), "C03")
    assert finding.title == "3 bank balances are not fresh enough to decide on"
    assert finding.subject.kind == "rail" and finding.stake.minor == 2_700_00
    assert not found(books(), "C03"), "no bank is linked"
