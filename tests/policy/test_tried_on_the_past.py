"""A policy tried on what was paid: the past rebuilt from the books, two policies' verdicts on it, and what would flip."""

from datetime import date, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.bank.services.recurring_service import RecurringService, Series
from interlock.domains.firm.policy.inherit import in_force
from interlock.domains.firm.policy.text import read_policy
from interlock.domains.firm.policy.values import Policy
from interlock.runway.services.calculators.behaviour import Paid
from interlock.runway.services.calculators.past_payments import (
    Past,
    PastBill,
    PastInvoice,
    PastPayment,
    PastVerdict,
    judged,
    opening,
)
from interlock.runway.services.calculators.placing import OpenBill, OpenInvoice, Recurs
from interlock.runway.services.experiences.policy_dry_run import DryRunView
from tests.policy.conftest import Alder
from tests.runway import said

TODAY = date(2026, 11, 24)
PAID_ON = date(2026, 11, 12)  # a Thursday
SINCE = date(2026, 10, 1)


def policy(text: str = "") -> Policy:
    return in_force(None, read_policy(text, "USD"))


def paid(id_: str, cents: int, *, on: date = PAID_ON, vendor: str = "Copperfield Freight") -> PastPayment:
    return PastPayment(id_, None, on, vendor, vendor, cents)


def past(*payments: PastPayment, cash: int = 10_000_00, moved: dict[date, int] | None = None) -> Past:
    """Nothing else moved than these payments, and ``cash`` is what the bank accounts hold now."""
    by_day = {} if moved is None else dict(moved)
    for each in payments:
        by_day[each.dated] = by_day.get(each.dated, 0) - each.minor
    return Past(TODAY, "USD", cash, by_day, payments)


def outcomes(of: Past, text: str) -> dict[str, str]:
    (verdicts,) = judged(of, [policy(text)], SINCE)
    return {each.payment.id: each.outcome for each in verdicts}


def test_the_cash_of_a_morning_is_walked_back_from_now() -> None:
    of = past(paid("a", 700_00), moved={date(2026, 11, 20): 300_00, PAID_ON: 50_00})
    assert opening(of, TODAY) == 10_000_00
    assert opening(of, date(2026, 11, 20)) == 9_700_00
    assert opening(of, date(2026, 11, 13)) == 9_700_00
    assert opening(of, PAID_ON) == 9_700_00 - 50_00 + 700_00


def test_a_payment_over_a_limit_would_have_been_blocked_and_says_by_which() -> None:
    of = past(paid("small", 500_00), paid("large", 900_00))
    now, tried = judged(of, [policy(), policy('[limits]\npayment = "600"\n')], SINCE)
    assert [each.outcome for each in now] == ["allow", "allow"]
    assert {each.payment.id: each.outcome for each in tried} == {"small": "allow", "large": "block"}
    assert "over the limit of 600.00" in next(each.why for each in tried if each.payment.id == "large")


def test_what_was_paid_within_the_week_before_counts_towards_its_limit() -> None:
    first, second = paid("a", 400_00, on=PAID_ON - timedelta(days=6)), paid("b", 400_00)
    assert outcomes(past(first, second), '[limits]\nweek = "700"\n') == {"a": "allow", "b": "block"}
    longer_ago = paid("a", 400_00, on=PAID_ON - timedelta(days=7))
    assert outcomes(past(longer_ago, second), '[limits]\nweek = "700"\n') == {"a": "allow", "b": "allow"}


def test_of_a_day_below_its_floor_only_what_had_to_be_dropped_is_blocked() -> None:
    of = past(paid("a", 1_000_00), paid("b", 4_000_00), cash=6_000_00)  # 11,000 that morning
    assert outcomes(of, '[floor]\nabsolute = "7000"\n') == {"a": "block", "b": "allow"}
    assert outcomes(of, '[floor]\nabsolute = "7000.01"\n') == {"a": "allow", "b": "block"}
    assert outcomes(of, '[floor]\nabsolute = "12000"\n') == {"a": "block", "b": "block"}


def test_what_recurs_stands_in_the_path_of_every_day() -> None:
    wages = Recurs("r1", "purchase:party:9", "Payroll", "payroll", False, "monthly", (20,), PAID_ON, 8_000_00, "USD")
    of = past(paid("a", 3_000_00))  # 13,000 that morning
    floor = '[floor]\nabsolute = "4000"\n'
    assert outcomes(of, floor) == {"a": "allow"}
    assert outcomes(msgspec.structs.replace(of, recurring=(wages,)), floor) == {"a": "block"}


def test_what_customers_owed_then_is_expected_as_they_had_paid_until_then() -> None:
    owed = OpenInvoice("i1", None, "c1", "Mossgate", date(2026, 10, 20), date(2026, 11, 13), "USD", 5_000_00)
    habit = tuple(
        Paid("c1", date(2026, month, 1), date(2026, month, 2), 1_000_00) for month in range(3, 11)
    )  # a day late, always
    of = past(paid("a", 9_000_00), cash=0)  # 9,000 that morning, nothing after paying
    floor = '[floor]\nabsolute = "0"\n'
    with_receipt = msgspec.structs.replace(of, invoices=(PastInvoice(owed),), paid=habit)
    (verdict,) = judged(with_receipt, [policy(floor)], SINCE)[0]
    assert verdict.outcome == "allow"
    later = msgspec.structs.replace(with_receipt, invoices=(PastInvoice(owed, ((TODAY, 5_000_00),)),))
    assert outcomes(later, floor) == {"a": "allow"}, "that it was paid since doesn't make it paid then"


def test_an_essential_bill_left_open_that_day_is_in_its_path() -> None:
    rent = OpenBill("b1", None, "v9", "Foundry Lane", date(2026, 11, 1), date(2026, 11, 20), "USD", 6_000_00)
    of = msgspec.structs.replace(past(paid("a", 3_000_00), cash=7_000_00), bills=(PastBill(rent),))
    text = '[floor]\nabsolute = "2000"\n'
    assert outcomes(of, text) == {"a": "allow"}
    assert outcomes(of, text + '[essential.vendors]\n"Foundry Lane" = "rent"\n') == {"a": "block"}
    settled = msgspec.structs.replace(of, bills=(PastBill(rent, ((PAID_ON, 6_000_00),)),))
    assert outcomes(settled, text + '[essential.vendors]\n"Foundry Lane" = "rent"\n') == {"a": "allow"}


def test_how_many_people_it_would_have_taken_is_told_too() -> None:
    (verdicts,) = judged(
        past(paid("a", 300_00), paid("b", 299_99)), [policy('[approvals]\none_person = "299.99"\n')], SINCE
    )
    assert {each.payment.id: each.people for each in verdicts} == {"a": 2, "b": 1}


@given(
    st.lists(st.tuples(st.integers(1, 900_000), st.integers(0, 40)), max_size=12),
    st.integers(-1_000_000, 3_000_000),
    st.integers(0, 900_000),
)
def test_the_same_policy_flips_nothing_and_every_payment_is_judged_once(
    sums: list[tuple[int, int]], cash: int, floor: int
) -> None:
    payments = [paid(str(at), cents, on=TODAY - timedelta(days=ago)) for at, (cents, ago) in enumerate(sums)]
    text = f'[floor]\nabsolute = "{floor // 100}.{floor % 100:02}"\n[limits]\nday = "5000"\n'
    one, other = judged(past(*payments, cash=cash), [policy(text), policy(text)], SINCE)
    assert one == other
    assert sorted(each.payment.id for each in one) == sorted(each.id for each in payments)
    assert all(isinstance(each, PastVerdict) and bool(each.why) == (each.outcome != "allow") for each in one)


def dry_run(alder: Alder, text: str, days: int = 90) -> DryRunView:
    with alder.books.firm.desk.reading(alder.books.name) as at:
        return at.dry_run(text, at.today - timedelta(days=days))


def test_on_the_books_it_says_which_payments_flip_with_dollars_and_what_it_rests_on(alder: Alder) -> None:
    alder.books.say(
        *said.chart(cash=2_000_00),
        said.bill("b1", 900_00, open_cents=0),
        said.bill("b2", 400_00, open_cents=0),
        said.bill_payment("p1", 900_00, "b1"),
        said.bill_payment("p2", 400_00, "b2"),
    )
    view = dry_run(alder, '[limits]\npayment = "600"\n')
    assert (view.payments, view.amount.amount, view.flips_count, view.flips_amount.amount) == (
        2,
        "1300.00",
        1,
        "900.00",
    )
    [flip] = view.flips
    assert (flip.payment_id, flip.before, flip.after) == ("p1", "allowed", "blocked")
    assert "limit of 600.00" in flip.why
    assert flip.link is not None and "4620816365001" in flip.link
    assert [(each.outcome, each.before, each.after) for each in view.outcomes] == [
        ("allow", 2, 1),
        ("warn", 0, 0),
        ("block", 0, 1),
    ]
    assert view.say.startswith("1 verdict would flip, USD 900.00.")
    assert any(words.startswith("Reconstructed, not recorded") for words in view.limits)
    assert any("Nothing that recurs is confirmed" in words for words in view.limits)
    assert dry_run(alder, "").say.startswith("The same as the policy in force.")


def test_an_essential_vendor_that_the_books_do_not_know_is_pointed_out(alder: Alder) -> None:
    text = '[essential.vendors]\n"copperfield  freight" = "supplier"\n"Coperfield Freight Co" = "rent"\n'
    with alder.books.firm.desk.reading(alder.books.name) as at:
        check = at.policy.check(text)
    assert check.fits
    [note] = check.notes
    assert note == (
        "The books know no vendor Coperfield Freight Co (rent); it counts from the day they do. "
        "Did you mean Copperfield Freight?"
    )


def test_on_the_books_wages_that_were_confirmed_stand_in_the_path_of_the_day(alder: Alder) -> None:
    alder.books.say(
        *said.chart(cash=2_000_00),
        said.bill("b1", 900_00, open_cents=0),
        said.bill_payment("p1", 900_00, "b1"),
        said.invoice("i1", 100_00),
    )
    floor = '[floor]\nabsolute = "1500"\n'
    assert dry_run(alder, floor).flips_count == 0
    wages = Series("purchase:party:9", "Payroll", "payroll", False, "monthly", (27,), date(2026, 10, 27), 800_00, "USD")
    with alder.books.firm.database.writing(alder.books.scope) as session:
        recurring = RecurringService(session, alder.books.scope)
        recurring.decide(wages.signature, found=wages, confirm=True, now=said.NOW, actor="Odell Marsh")
    view = dry_run(alder, floor)
    assert [(each.payment_id, each.after) for each in view.flips] == [("p1", "blocked")]
    assert "1 recurring item confirmed since, taken to have recurred then as now." in view.limits


def test_nothing_paid_is_said_so(alder: Alder) -> None:
    view = dry_run(alder, '[limits]\npayment = "1"\n')
    assert (view.payments, view.flips) == (0, ())
    assert view.say.startswith("Nothing to try it on.")


def test_a_payment_in_another_currency_is_left_out_and_counted(alder: Alder) -> None:
    mine = said.bill_payment("p1", 900_00)
    alder.books.say(*said.chart(cash=2_000_00), msgspec.structs.replace(mine, currency="EUR", exchange_rate="1.1"))
    view = dry_run(alder, '[limits]\npayment = "600"\n')
    assert view.payments == 0
    assert any(words == "Left out: 1 payment in another currency." for words in view.limits)
