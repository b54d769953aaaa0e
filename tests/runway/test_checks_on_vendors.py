"""Who is paid, and where: payees that changed, vendors new, dormant, or behind a look-alike address."""

from datetime import date
from typing import Any

import pytest

from interlock.domains.firm.policy.values import Policy, VendorPolicy
from interlock.runway.services.calculators.books import Books, Payee, VendorEntry
from interlock.runway.services.calculators.checks import RULES, examine
from interlock.runway.services.calculators.checks_on_vendors import domain_of, looks_like
from interlock.runway.services.calculators.readiness import stopped
from tests.runway.entries import LINKS, TODAY, ago, bill, books, found, ids, paid

CHANGED = Payee(changes=("e-mail in QuickBooks is now b@x.example, was a@x.example",), changed_on=ago(3))


def vendor(id_: str = "v1", **more: Any) -> VendorEntry:
    """Known and paid for years."""
    said: dict[str, Any] = {"made_on": ago(900), "first_paid_on": ago(880), **more}
    return VendorEntry(id_, said.pop("name", "Copperfield Freight"), said.pop("active", True), **said)


def shelf(*vendors: VendorEntry, **more: Any) -> Books:
    return books(bill("1"), bill("2", 900), vendors={each.id: each for each in vendors}, **more)


def test_a_changed_payee_stops_every_open_bill_of_its_vendor_and_no_override_helps() -> None:
    of = shelf(vendor(payee=CHANGED))
    (finding,) = found(of, "V04")
    assert (finding.severity, finding.overridable, finding.touches) == ("critical", False, ("1", "2"))
    assert finding.stake.minor == 10_900
    assert finding.reason.endswith("seen on 21 Nov. Nobody has called the vendor back yet.")
    assert set(stopped([finding], "bill")) == {"1", "2"}


@pytest.mark.parametrize(
    ("payee", "said"),
    [
        (Payee(changed_on=ago(3)), "Nobody has called the vendor back yet."),
        (Payee(changed_on=ago(3), called=True), "a second person has to clear it."),
        (Payee(changed_on=ago(3), cleared_on=TODAY, checked=True), "nothing is paid before 27 Nov."),
        (Payee(changed_on=ago(9), cleared_on=date(2026, 11, 20), checked=True), None),
        (Payee(), None),
        (None, None),
    ],
)
def test_a_change_stops_until_two_workdays_after_a_second_person_cleared_it(
    payee: Payee | None, said: str | None
) -> None:
    # 24 Nov is a Tuesday, and Thanksgiving lies between; 20 Nov was a Friday, so two workdays are over on the 24th.
    reasons = [finding.reason for finding in found(shelf(vendor(payee=payee)), "V04")]
    assert [reason.endswith(said or "") for reason in reasons] == ([True] if said else [])


def test_how_long_a_cleared_payee_rests_is_the_policys() -> None:
    rested = Payee(changed_on=ago(3), cleared_on=TODAY, checked=True)
    assert ids(shelf(vendor(payee=rested), policy=Policy(vendors=VendorPolicy(cool_off_workdays=0))), "V04") == []


@pytest.mark.parametrize(
    ("past", "is_new"),
    [
        ({"made_on": ago(30), "first_paid_on": None}, True),
        ({"made_on": ago(900), "first_paid_on": None}, True),
        ({"made_on": ago(30), "first_paid_on": ago(5)}, True),
        ({"made_on": ago(31), "first_paid_on": ago(5)}, False),
        ({"made_on": ago(2), "first_paid_on": ago(700)}, False),
        ({"made_on": ago(2), "first_paid_on": None, "payee": Payee(checked=True)}, False),
        ({"made_on": None, "first_paid_on": ago(31)}, False),
    ],
)
def test_a_vendor_is_new_while_known_for_thirty_days_at_most_or_never_paid(past: dict[str, Any], is_new: bool) -> None:
    assert ids(shelf(vendor(**past)), "V06") == (["v1"] if is_new else [])


def test_a_new_vendor_who_is_owed_nothing_holds_nothing_up() -> None:
    newcomer = vendor("v9", name="Osterly Oils", made_on=TODAY, first_paid_on=None)
    assert ids(shelf(vendor(), newcomer), "V06") == []


def test_a_new_vendor_stops_its_bills_and_says_what_settles_it() -> None:
    (finding,) = found(shelf(vendor(made_on=ago(5), first_paid_on=None)), "V06")
    assert finding.stops and not finding.overridable and finding.touches == ("1", "2")
    assert (
        finding.reason == "It was entered on 19 Nov and was never paid; nobody has checked yet that it is who it says."
    )


@pytest.mark.parametrize(
    ("before", "far_before", "revived"),
    [(365, None, ["1"]), (364, None, []), (None, ago(1_200), ["1"]), (None, None, []), (100, ago(1_200), [])],
)
def test_a_vendor_is_dormant_after_a_year_without_a_bill(
    before: int | None, far_before: date | None, revived: list[str]
) -> None:
    today = bill("1", dated=ago(0))
    earlier = [paid("9", dated=ago(before))] if before is not None else []
    of = books(today, *earlier, vendors={"v1": vendor(billed_before=far_before)})
    assert ids(of, "V07") == revived
    assert RULES["V07"].severity == "medium"


def test_only_the_first_bill_after_the_silence_is_asked_about() -> None:
    of = books(bill("2", dated=ago(2)), bill("1", dated=ago(9)), paid("9", dated=ago(500)), vendors={"v1": vendor()})
    assert ids(of, "V07") == ["1"]


@pytest.mark.parametrize(
    ("known", "later", "caught"),
    [
        ("ap@larkspur.example", "ap@1arkspur.example", True),
        ("ap@larkspur.example", "ap@larkpsur.example", True),
        ("ap@larkspur.example", "ap@larkspurs.example", True),
        ("ap@larkspur.com", "ap@larkspur.net", True),
        ("ap@larkspur.co.uk", "ap@larkspur.com", True),
        ("ap@larkspur.example", "billing@larkspur.example", False),
        ("ap@larkspur.example", "ap@kestrel.example", False),
        ("ap@gmail.com", "bp@gmail.co", False),
        ("ap@larkspur.example", None, False),
        ("ap@larkspur.example", "not an address", False),
    ],
)
def test_an_address_a_slip_from_one_known_longer_is_caught(known: str, later: str | None, caught: bool) -> None:
    old, young = vendor(email=known), vendor("v2", name="Osterly Oils", email=later, made_on=ago(40))
    assert ids(shelf(young, old), "V09") == (["v2"] if caught else [])
    assert ids(shelf(old, vendor("v2", email=later, made_on=ago(40), payee=Payee(checked=True))), "V09") == []


def test_who_was_there_first_is_never_the_look_alike() -> None:
    old = vendor("v2", email="ap@larkspur.example", made_on=ago(2_000))
    (finding,) = found(shelf(vendor(email="ap@larkspvr.example", made_on=ago(40)), old), "V09")
    assert finding.subject.id == "v1" and finding.touches == ("1", "2")
    assert finding.reason == "larkspvr.example looks like larkspur.example, and is another address."


def test_domains_are_compared_without_case_and_without_what_stands_before_them() -> None:
    assert domain_of(" Pay@Larkspur.Example ") == "larkspur.example"
    assert domain_of("pay@localhost") is None and domain_of(None) is None
    assert looks_like("acme.com", "acme.org") and not looks_like("acme.com", "acme.com")


def test_fraud_checks_are_marked_and_never_overridden() -> None:
    assert {rule.id for rule in RULES.values() if rule.fraud} == {
        "B05", "B06", "B07", "B09", "B25", "V04", "V06", "V07", "V09", "X02", "X04", "X08",
    }  # fmt: skip
    of = shelf(vendor(payee=CHANGED, made_on=ago(4), first_paid_on=None))
    assert {finding.overridable for finding in examine(of, LINKS) if finding.rule.fraud} == {False}
