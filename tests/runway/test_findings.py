"""What all findings share: order, hash, links with the company pinned, dollars counted once, clean dollars."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.money import Money
from interlock.runway.services.calculators.books import CustomerEntry, VendorEntry
from interlock.runway.services.calculators.checks import CATALOGUE, RULES, examine
from interlock.runway.services.calculators.clean_dollars import clean_dollars, unclean
from interlock.runway.services.calculators.finding import SEVERITIES
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.readiness import stopped
from interlock.runway.services.calculators.stakes import stakes
from tests.runway.entries import LINKS, ago, bill, books, credit, found, invoice, paid

SEVERITY_OF = {
    "critical": "B05 V04 C03 C09 X02 X04 X06 X07 X09 X12 X14 X16 A11",
    "high": "B01 B03 B06 B09 B10 B13 B22 B25 V02 V06 V09 A01 A02 A05 C02 C04 C07 C08 C10 C12 X01 X03 X05 X08 X13 X15 X17 X18 X19 "
    "A04 A09 A10 A13 A16 X21",
    "medium": "B02 B04 B07 B15 V03 V07 A03 A06 A07 C01 C05 C06 X10 A12 A14 A15 C11 X11 X20",
    "low": "A08",
}


def test_the_catalogue_holds_the_checks_with_their_severities() -> None:
    wanted = {rule: severity for severity, rules in SEVERITY_OF.items() for rule in rules.split()}
    assert {rule.id: rule.severity for rule, _ in CATALOGUE} == wanted
    assert len(CATALOGUE) == 68


def test_findings_come_by_severity_then_dollars_with_other_currencies_after_home() -> None:
    shelf = books(
        bill("1", 100_00, due=None),
        bill("2", 900_00, due=None),
        bill("3", 5_000_00, due=None, currency="EUR"),
        bill("4", 10_00, number="77"),
        paid("5", 10_00, number="77"),
        bill("6", 70_000_00, due=ago(400)),
    )
    order = [(finding.rule.id, finding.subject.id) for finding in examine(shelf, LINKS)]
    assert order == [("B05", "4"), ("B01", "2"), ("B01", "1"), ("B01", "3"), ("B02", "6")]


def test_a_finding_is_known_again_until_what_it_rests_on_changes() -> None:
    def mark(**more: Any) -> str:
        return found(books(bill(due=None, **more)), "B01")[0].inputs_hash

    assert mark() == mark(number="renumbered"), "the number is nothing B01 looks at"
    assert mark() != mark(dated=ago(20))


def test_links_pin_the_company_and_there_are_none_without_one() -> None:
    assert Links("4620816365001").to("bill", "145") == (
        "https://app.qbo.intuit.com/app/login?pagereq=bill%3FtxnId%3D145&deeplinkcompanyid=4620816365001"
    )
    assert Links("1", "https://app.sandbox.qbo.intuit.com/").to("customer", "4") == (
        "https://app.sandbox.qbo.intuit.com/app/login?pagereq=customerdetail%3FnameId%3D4&deeplinkcompanyid=1"
    )
    assert Links(None).to("bill", "145") is None
    assert Links("1").to("account", "3") is None


def test_what_stops_a_decision_and_what_the_console_settles() -> None:
    shelf = books(
        bill("1", due=None),
        bill("2", 900_00, number=None),
        bill("3", vendor_id="v2"),
        vendors={
            "v1": VendorEntry("v1", "Copperfield", True, first_paid_on=ago(900)),
            "v2": VendorEntry("v2", "Kestrel", True, first_paid_on=ago(900)),
        },
        vendor_credits=(credit("vendor_credit", "41", 600, "v2"),),
    )
    assert list(stopped(examine(shelf, LINKS), "bill")) == ["1"], "B04 is medium, B22 is settled by using the credit"


def test_the_worst_reason_is_said_first_and_the_others_counted() -> None:
    shelf = books(bill("2", due=None, number="77"), paid("1", number="77"))
    (reason,) = stopped(examine(shelf, LINKS), "bill").values()
    assert reason.startswith("B05 exact duplicate: same vendor and number as 77")
    assert reason.endswith("(and 1 more)")


def test_one_dollar_counts_once_however_many_findings_touch_it() -> None:
    nobody = {"c1": CustomerEntry("c1", "Mossgate", None, "USD", 0)}
    findings = examine(books(invoices=(invoice(cents=800, email_status="NotSet"),), customers=nobody), LINKS)
    assert [finding.rule.id for finding in findings] == ["A01", "A02"]
    assert stakes(findings) == [Money(800, "USD")]


def test_dollars_under_a_high_finding_are_not_clean_even_where_the_console_settles_it() -> None:
    shelf = books(bill("1", 400), bill("2", 600), vendor_credits=(credit("vendor_credit", "4", 100, "v1"),))
    assert unclean(examine(shelf, LINKS), "bill") == {"1", "2"}
    assert RULES["B22"].console_resolves


def test_clean_dollars_of_nothing_are_not_a_hundred_percent() -> None:
    assert clean_dollars([], set()).percent is None


@pytest.mark.parametrize(
    ("dirty", "percent", "fix_first"),
    [(set(), "100.0", ()), ({"c"}, "90.0", ("c",)), ({"a", "c"}, "40.0", ("a", "c")), ({"d"}, "99.9", ())],
)
def test_fix_these_to_reach_ninety_five(dirty: set[str], percent: str, fix_first: tuple[str, ...]) -> None:
    clean = clean_dollars([("a", 5_000), ("b", 3_999), ("c", 1_000), ("d", 1)], dirty)
    assert (clean.percent, clean.fix_first) == (Decimal(percent), fix_first)


@given(st.lists(st.tuples(st.integers(1, 10**9), st.booleans()), max_size=20))
def test_fixing_what_is_named_reaches_the_target_and_no_less_would_do(rows: list[tuple[int, bool]]) -> None:
    documents = [(str(at), minor) for at, (minor, _) in enumerate(rows)]
    dirty = {str(at) for at, (_, is_dirty) in enumerate(rows) if is_dirty}
    clean = clean_dollars(documents, dirty)
    if clean.percent is None:
        assert not rows
        return
    after = clean_dollars(documents, dirty - set(clean.fix_first))
    assert after.percent is not None and after.percent >= 95
    if clean.fix_first:
        without_last = clean_dollars(documents, dirty - set(clean.fix_first[:-1]))
        assert without_last.percent is not None and without_last.percent < 95


def test_severities_have_an_order() -> None:
    assert SEVERITIES.index("critical") < SEVERITIES.index("high") < SEVERITIES.index("medium")
