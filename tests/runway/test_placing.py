"""Cash to come gets its days: each by a rule that is said, none twice, and what can't be placed is counted."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.firm.policy.values import EssentialPolicy, PayRunPolicy
from interlock.runway.services.calculators.behaviour import Habits, Paid, habits_of
from interlock.runway.services.calculators.flows import Flow, LeftOut
from interlock.runway.services.calculators.placing import (
    RULES,
    CardOwed,
    Committed,
    OpenBill,
    OpenInvoice,
    PayoutDue,
    Placed,
    PlacedSeries,
    Recurs,
    Variance,
    Waiting,
    Written,
    assumed_minor,
    bills,
    bills_to_come,
    committed,
    confirmed,
    deposits_in_transit,
    in_flight,
    invoices,
    missed,
    payouts,
    sales_to_come,
    takings_to_come,
    together,
    unconfirmed,
    undeposited,
)
from interlock.runway.services.calculators.recurring import Movement, detect
from interlock.runway.services.calculators.spendable import OnItsWay

TODAY = date(2026, 11, 24)  # a Tuesday; Thursday is Thanksgiving
TOMORROW = date(2026, 11, 25)
UNTIL = TODAY + timedelta(days=91)
PAY_RUNS = PayRunPolicy(days=(1, 3), lead_workdays=2)
ESSENTIAL = EssentialPolicy(vendors=(("Flour  Mill", "supplier"),))


def habits(*late: int) -> Habits:
    """Everybody's, a payment each."""
    on = TODAY - timedelta(days=20)
    return habits_of([Paid("c1", on - timedelta(days=days), on, 10_000) for days in late], TODAY)


PROMPT = habits(*[0] * 10)


def invoice(id_: str = "1", minor: int = 500_00, **said: Any) -> OpenInvoice:
    known: dict[str, Any] = {"due": date(2026, 12, 1), "currency": "USD", "customer_id": "c1", **said}
    return OpenInvoice(id=id_, number=f"N{id_}", customer="Acme", dated=date(2026, 11, 1), minor=minor, **known)


def bill(id_: str = "7", minor: int = 300_00, **said: Any) -> OpenBill:
    known: dict[str, Any] = {"vendor": "Quill Legal", "due": date(2026, 12, 9), "currency": "USD", **said}
    return OpenBill(id=id_, number=f"B{id_}", vendor_id="v1", dated=date(2026, 11, 9), minor=minor, **known)


def recurs(category: str = "payroll", **said: Any) -> Recurs:
    known: dict[str, Any] = {
        "recurring_id": "r1",
        "signature": "journal_entry:accounts:19,20",
        "name": "Payroll",
        "inflow": False,
        "cadence": "biweekly",
        "days": (4,),
        "anchor": date(2026, 11, 20),
        "amount_minor": 14_000_00,
        "currency": "USD",
        **said,
    }
    return Recurs(category=category, **known)


def confirm(
    *items: Recurs, seen: Sequence[date] = (date(2026, 11, 20),), cards: Sequence[CardOwed] = (), today: date = TODAY
) -> PlacedSeries:
    by_signature = {each.signature: seen for each in items}
    return confirmed(items, by_signature, cards, ESSENTIAL, PAY_RUNS, today, today + timedelta(days=35), "USD")


def one(placed: Placed) -> Flow:
    (flow,) = placed.flows
    return flow


def test_an_open_invoice_comes_when_its_customer_pays() -> None:
    flow = one(invoices([invoice()], habits(*[6] * 6, *[11] * 4), TODAY, "USD"))
    assert (flow.minor, flow.likely, flow.late) == (500_00, date(2026, 12, 7), date(2026, 12, 14))
    assert (flow.kind, flow.standing, flow.label, flow.assumed) == ("receipt", "sure", "Acme N1", False)
    assert flow.because == "due 1 Dec; pays 6 days late at the median, 11 days late at p80, of 10 payments"
    assert (flow.source.book, flow.source.kind, flow.source.id, flow.source.number) == ("qbo", "invoice", "1", "N1")


def test_an_overdue_invoice_says_that_its_date_is_an_assumption_and_how_much_rests_on_it() -> None:
    placed = invoices([invoice(due=date(2026, 11, 2)), invoice("2")], PROMPT, TODAY, "USD")
    assert [flow.assumed for flow in placed.flows] == [True, False]
    assert assumed_minor(placed.flows) == (500_00, 0)


def test_an_invoice_without_a_due_date_is_due_when_it_was_issued() -> None:
    flow = one(invoices([invoice(due=None)], PROMPT, TODAY, "USD"))
    assert flow.assumed
    assert flow.because.startswith("no due date, so due when issued; due 1 Nov, 23 days ago;")


def test_foreign_and_disputed_invoices_are_not_placed_but_counted() -> None:
    rows = [invoice(), invoice("2", currency="EUR"), invoice("3", 70_00, currency="EUR"), invoice("4", disputed=True)]
    placed = invoices(rows, PROMPT, TODAY, "USD")
    assert one(placed).source.id == "1"
    assert placed.left_out == (
        LeftOut("disputed", "USD", 1, 500_00),
        LeftOut("in a foreign currency", "EUR", 2, 570_00),
    )


def test_what_is_on_its_way_for_an_invoice_or_bill_is_not_counted_again() -> None:
    received = invoices([invoice(), invoice("2")], PROMPT, TODAY, "USD", {"1": 500_00, "2": 120_00})
    assert [(flow.source.id, flow.minor) for flow in received.flows] == [("2", 380_00)]
    paid = bills([bill(), bill("8")], PAY_RUNS, ESSENTIAL, TODAY, "USD", {"7": 300_00, "8": 100_00})
    assert [(flow.bill_id, flow.minor) for flow in paid.flows] == [("8", -200_00)]


def test_undeposited_funds_reach_the_bank_as_receipts_have() -> None:
    lags = habits_of([Paid(None, TODAY - timedelta(days=9), TODAY - timedelta(days=7), 100_00)] * 9, TODAY)
    waiting = [Waiting("payment", "5", None, "Acme", date(2026, 11, 23), "USD", 900_00)]
    flow = one(undeposited(waiting, lags, TODAY, "USD"))
    assert (flow.likely, flow.late, flow.kind, flow.assumed) == (TOMORROW, TOMORROW, "in_transit", False)
    assert flow.because == "received 23 Nov; deposited 2 days later at the median of 9 receipts"


def test_a_deposit_nobody_saw_for_weeks_is_not_counted_on() -> None:
    rows = [
        Waiting("deposit", "1", None, None, date(2026, 11, 23), "USD", 100_00),
        Waiting("deposit", "2", None, None, date(2026, 10, 1), "USD", 200_00),
        Waiting("deposit", "3", None, None, date(2026, 11, 23), "CAD", 300_00),
    ]
    placed = deposits_in_transit(rows, TODAY, "USD")
    new, old = placed.flows
    assert (new.likely, new.late) == (TOMORROW, date(2026, 12, 1))
    assert (old.likely, old.assumed) == (TOMORROW, True) and old.late > UNTIL
    assert placed.left_out == (LeftOut("in a foreign currency", "CAD", 1, 300_00),)


def test_payouts_arrive_on_the_day_their_rail_says() -> None:
    rows = [
        PayoutDue("po1", date(2026, 11, 27), "USD", 800_00),
        PayoutDue("po2", date(2026, 11, 20), "USD", 90_00),
    ]
    due, overdue = payouts(rows, TODAY, "USD").flows
    assert (due.likely, due.late, due.assumed) == (date(2026, 11, 27), date(2026, 11, 27), False)
    assert (overdue.likely, overdue.late, overdue.assumed) == (TOMORROW, date(2026, 12, 1), True)
    taken = one(payouts([PayoutDue("po3", date(2026, 11, 20), "USD", -40_00)], TODAY, "USD"))
    assert (taken.minor, taken.likely, taken.late) == (-40_00, TODAY, TODAY)


def test_what_no_bank_shows_yet_is_gone_from_today() -> None:
    check = OnItsWay("ledger", "bill_payment", "31", date(2026, 11, 2), 250_00, "Quill Legal", "1043")
    flow = one(in_flight([check], TODAY))
    assert (flow.minor, flow.likely, flow.late, flow.standing) == (-250_00, TODAY, TODAY, "sure")
    assert (flow.because, flow.bill_id) == ("paid 2 Nov, not at the bank yet", None)


def test_an_approved_payment_leaves_on_its_day_and_stands_for_its_bill() -> None:
    rows = [Committed("i1", bill(), 200_00, date(2026, 12, 3)), Committed("i2", bill("8"), 50_00, date(2026, 11, 20))]
    ahead, late = committed(rows, ESSENTIAL, TODAY, "USD").flows
    assert (ahead.minor, ahead.likely, ahead.bill_id, ahead.kind) == (-200_00, date(2026, 12, 3), "7", "committed")
    assert late.likely == TODAY


def test_an_open_bill_is_forecast_by_its_pay_run() -> None:
    flow = one(bills([bill()], PAY_RUNS, ESSENTIAL, TODAY, "USD"))
    assert (flow.minor, flow.likely, flow.late) == (-300_00, date(2026, 12, 3), date(2026, 12, 3))
    assert (flow.standing, flow.essential, flow.rule, flow.assumed) == ("forecast", False, "bill_run", False)
    assert flow.because == "due 9 Dec; pay run of 3 Dec"


def test_overdue_late_and_undated_bills_go_with_the_next_run() -> None:
    rows = [bill(due=date(2026, 11, 2)), bill(due=TOMORROW), bill(due=None)]
    flows = bills(rows, PAY_RUNS, ESSENTIAL, TODAY, "USD").flows
    assert {flow.likely for flow in flows} == {TODAY}
    assert [(flow.rule, flow.assumed) for flow in flows] == [
        ("bill_overdue_run", True),
        ("bill_late_run", False),
        ("bill_undated_run", True),
    ]
    assert flows[1].because == "due 25 Nov, no pay run arrives by then; pay run of 24 Nov"


def test_rent_and_the_vendors_a_policy_names_are_sure_and_have_their_place() -> None:
    rows = [
        bill("1", vendor="Harbour Properties", account_names=("Rent or Lease",), account_kinds=("Expense",)),
        bill("2", vendor="flour mill"),
        bill("3", account_names=("Office Supplies",), account_kinds=("Expense",)),
    ]
    rent, supplier, other = bills(rows, PAY_RUNS, ESSENTIAL, TODAY, "USD").flows
    assert (rent.standing, rent.essential, rent.place) == ("sure", True, 2)
    assert rent.because.endswith("; essential (rent)")
    assert (supplier.standing, supplier.essential, supplier.place) == ("sure", True, 5)
    assert (other.standing, other.essential, other.place) == ("forecast", False, 99)


def test_confirmed_payroll_leaves_on_each_payday_the_workday_before_where_it_must() -> None:
    placed = confirm(recurs(anchor=date(2026, 11, 27), cadence="monthly", days=(31,)), seen=())
    assert [(flow.likely, flow.minor, flow.rule) for flow in placed.flows] == [
        (date(2026, 11, 30), -14_000_00, "recurring_payday")
    ]
    fortnightly = confirm(recurs())
    assert [flow.likely for flow in fortnightly.flows] == [date(2026, 12, 4), date(2026, 12, 18)]
    assert all(
        (flow.essential, flow.place, flow.kind, flow.standing) == (True, 0, "payroll", "sure")
        for flow in fortnightly.flows
    )
    assert fortnightly.flows[0].because == "biweekly, due 4 Dec, confirmed at 14,000.00"


def test_payroll_that_was_booked_is_not_projected_beside_itself() -> None:
    entered = confirm(recurs(), seen=(date(2026, 11, 20), date(2026, 12, 3)))
    assert [flow.likely for flow in entered.flows] == [date(2026, 12, 18)]


def test_what_was_not_seen_is_expected_tomorrow_and_after_a_week_becomes_a_variance() -> None:
    late = confirm(recurs(), seen=(date(2026, 11, 6),))
    first = late.flows[0]
    assert (first.likely, first.rule, first.assumed) == (TOMORROW, "recurring_not_seen", True)
    assert late.variances == ()
    gone = confirm(recurs(), seen=(date(2026, 11, 6),), today=date(2026, 11, 28))
    assert gone.variances == (Variance("r1", "Payroll", date(2026, 11, 20), -14_000_00),)
    assert [flow.likely for flow in gone.flows] == [date(2026, 12, 4), date(2026, 12, 18), date(2026, 12, 31)]


def test_missing_payroll_is_noticed_after_two_days() -> None:
    assert missed(recurs(), [date(2026, 11, 6)], date(2026, 11, 22)) is None
    assert missed(recurs(), [date(2026, 11, 6)], date(2026, 11, 23)) == date(2026, 11, 20)
    assert missed(recurs(), [date(2026, 11, 19)], date(2026, 11, 23)) is None


def test_a_card_is_paid_off_once_by_what_is_owed_or_what_is_usual() -> None:
    payoff = recurs(
        "card",
        name="Card payoff",
        signature="transfer:accounts:5",
        cadence="monthly",
        days=(1,),
        anchor=date(2026, 11, 1),
        amount_minor=3_000_00,
    )
    owed = CardOwed("5", "Business Card", 4_200_00)
    first, second = confirm(payoff, seen=(date(2026, 11, 2),), cards=[owed], today=date(2026, 11, 30)).flows
    assert (first.minor, first.rule, first.kind) == (-4_200_00, "card_day", "card")
    assert (second.minor, second.rule) == (-3_000_00, "recurring_day")
    assert "owed on the card now: 4,200.00" in first.because
    small = confirm(payoff, seen=(date(2026, 11, 2),), cards=[CardOwed("5", "Business Card", 10_00)]).flows[0]
    assert small.minor == -3_000_00


def test_a_card_nobody_confirmed_a_payment_of_is_owed_all_the_same() -> None:
    flow = confirm(recurs(), cards=[CardOwed("5", "Business Card", 4_200_00)]).flows[-2]
    assert (flow.kind, flow.minor, flow.rule, flow.assumed) == ("card", -4_200_00, "card_no_day", True)
    assert flow.likely == date(2026, 12, 15)


def test_a_confirmed_bill_not_entered_yet_goes_with_its_pay_run_and_gives_way_to_the_real_one() -> None:
    rent = recurs(
        "rent",
        name="Harbour Properties",
        signature="bill:party:4",
        cadence="monthly",
        days=(16,),
        anchor=date(2026, 11, 16),
        amount_minor=4_800_00,
    )
    to_come = confirm(rent, seen=(date(2026, 11, 16),)).flows
    assert [(flow.likely, flow.rule, flow.place) for flow in to_come] == [(date(2026, 12, 10), "recurring_run", 2)]
    assert confirm(rent, seen=(date(2026, 11, 16), date(2026, 12, 16))).flows == ()


def test_confirmed_receipts_come_in() -> None:
    grant = recurs("sales", inflow=True, name="Grant", cadence="monthly", days=(5,), anchor=date(2026, 11, 5))
    flow = confirm(grant, seen=(date(2026, 11, 5),)).flows[0]
    assert (flow.minor, flow.kind, flow.essential, flow.likely) == (14_000_00, "sales", False, date(2026, 12, 7))


def test_what_recurs_in_another_currency_is_left_out() -> None:
    assert confirm(recurs(currency="GBP")).placed.left_out == (LeftOut("in a foreign currency", "GBP", 1, 14_000_00),)


def test_bills_that_keep_a_calendar_are_drawn_though_nobody_confirmed_them() -> None:
    history = [
        Movement(
            "bill",
            str(month),
            date(2026, month, 9),
            70_00,
            False,
            "3",
            "Power",
            ("17",),
            ("Supplies",),
            ("Expense",),
            None,
        )
        for month in range(3, 12)
    ]
    found = detect(history, TODAY, "USD")
    placed = unconfirmed(found, {"bill:party:3": [each.dated for each in history]}, PAY_RUNS, TODAY, UNTIL)
    assert [(flow.likely, flow.minor) for flow in placed.flows] == [
        (date(2026, 12, 3), -70_00),
        (date(2027, 1, 7), -70_00),
        (date(2027, 2, 4), -70_00),
    ]
    assert {(flow.standing, flow.kind) for flow in placed.flows} == {("forecast", "unbilled")}


def written(weekly: Sequence[int], terms: int = 30) -> list[Written]:
    """One document a week, the last one yesterday."""
    days = [TODAY - timedelta(days=1 + 7 * at) for at in range(len(weekly))]
    return [Written(day, day + timedelta(days=terms), minor) for day, minor in zip(days, weekly, strict=True)]


def test_sales_to_come_are_the_average_week_and_at_p80_what_four_of_five_reached() -> None:
    weekly = [1000_00] * 10 + [400_00, 300_00, 100_00]
    placed = sales_to_come(written(weekly), habits(*[5] * 10), TODAY, UNTIL, "USD")
    sure, rest = placed.flows[:2]
    assert (sure.minor, rest.minor) == (400_00, 830_76 - 400_00)  # 10,800.00 over thirteen weeks
    assert sure.likely == date(2027, 1, 4)  # 24 Nov and four days, thirty of terms, five late: a Saturday
    assert sure.late == sure.likely and rest.late > UNTIL
    assert {flow.standing for flow in placed.flows} == {"forecast"}
    assert max(flow.likely for flow in placed.flows) <= UNTIL


def test_takings_come_week_by_week_and_bills_to_come_by_their_pay_runs() -> None:
    takings = takings_to_come(written([700_00] * 13), TODAY, UNTIL, "USD")
    assert [flow.likely for flow in takings.flows[:2]] == [date(2026, 12, 1), date(2026, 12, 8)]
    assert sum(flow.minor for flow in takings.flows) == 13 * 700_00
    costs = bills_to_come(written([200_00] * 13, terms=15), PAY_RUNS, TODAY, UNTIL, "USD")
    assert costs.flows[0].likely == date(2026, 12, 8)  # of 28 Nov, due 13 Dec, a Sunday: there by Thursday
    assert {flow.minor for flow in costs.flows} == {-200_00}


def test_three_weeks_of_sales_are_no_pace() -> None:
    assert sales_to_come(written([900_00] * 3), PROMPT, TODAY, UNTIL, "USD") == Placed()
    assert takings_to_come([], TODAY, UNTIL, "USD") == Placed()


def test_everything_placed_names_its_rule() -> None:
    everything = together(
        (
            invoices([invoice(), invoice("2", due=date(2026, 1, 2))], PROMPT, TODAY, "USD"),
            bills([bill(), bill("8", due=None)], PAY_RUNS, ESSENTIAL, TODAY, "USD"),
            confirm(recurs(), cards=[CardOwed("5", "Card", 100)]).placed,
            sales_to_come(written([100_00, 500_00] * 6), PROMPT, TODAY, UNTIL, "USD"),
            payouts([PayoutDue("po1", TODAY, "USD", 5)], TODAY, "USD"),
        )
    )
    assert {flow.rule for flow in everything.flows} <= set(RULES)
    assert all(flow.because and flow.label and flow.source.id for flow in everything.flows)
    keys = [flow.key for flow in everything.flows]
    assert len(set(keys)) == len(keys)
    assert [flow.likely for flow in everything.flows] == sorted(flow.likely for flow in everything.flows)


amounts = st.integers(1, 10**9)
currencies = st.sampled_from(["USD", "USD", "EUR", "JPY"])
dues = st.none() | st.dates(date(2025, 1, 1), date(2028, 1, 1))


@given(
    rows=st.lists(st.tuples(amounts, currencies, dues), max_size=30),
    spoken=st.dictionaries(st.integers(0, 30).map(str), amounts, max_size=5),
)
def test_every_dollar_of_open_documents_is_placed_left_out_or_spoken_for(
    rows: list[tuple[int, str, date | None]], spoken: dict[str, int]
) -> None:
    open_invoices = [invoice(str(at), minor, currency=money, due=due) for at, (minor, money, due) in enumerate(rows)]
    open_bills = [bill(str(at), minor, currency=money, due=due) for at, (minor, money, due) in enumerate(rows)]
    rest = sum(max(minor - spoken.get(str(at), 0), 0) for at, (minor, _, _) in enumerate(rows))
    for sign, placed in (
        (1, invoices(open_invoices, PROMPT, TODAY, "USD", spoken)),
        (-1, bills(open_bills, PAY_RUNS, ESSENTIAL, TODAY, "USD", spoken)),
    ):
        assert sign * sum(flow.minor for flow in placed.flows) + sum(each.minor for each in placed.left_out) == rest
        assert all(flow.late >= flow.likely >= TODAY for flow in placed.flows)
