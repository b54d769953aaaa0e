"""The guardrail: what is allowed, warned of and blocked, and what clears it."""

from itertools import combinations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.domains.firm.policy.values import FloorPolicy, HorizonPolicy, LimitPolicy, Policy
from interlock.runway.services.calculators.flows import Flow, FlowKind, Plan, Start
from interlock.runway.services.calculators.guardrail import judge, question_of
from interlock.runway.services.calculators.guardrail_values import (
    Cash,
    Limits,
    Low,
    Outcome,
    Question,
    Spent,
    Stop,
    Verdict,
    Wanted,
)
from tests.runway.movements import TODAY, cash, day, flow, question, wanted

ACME = wanted("Acme Hosting", 4_200_00, 7)
QUILL = wanted("Quill Legal", 8_150_00, 9)
PAYROLL = cash("payroll", -54_133_50, 23, place=0)
DUPLICATE = Stop("B05", "critical", "Exact duplicate of 88120, paid on 3 Nov.", overridable=False)
HARD: dict[Outcome, int] = {"allow": 0, "warn": 1, "block": 2}


def bindings(verdict: Verdict) -> list[str]:
    return [reason.binding for reason in verdict.reasons]


def test_a_batch_is_blocked_on_the_day_that_breaks_the_floor_and_told_what_clears_it() -> None:
    must = [wanted(f"Payment {at}", 7_103_30, 9, must_pay=True, place=2) for at in range(5)]
    verdict = judge(question(150_000_00, *must, ACME, QUILL, moving=(PAYROLL,), floor_minor=60_000_00))
    assert verdict.outcome == "block"
    assert (verdict.before, verdict.after) == (Low(95_866_50, day(23)), Low(48_000_00, day(23)))
    assert (verdict.shortfall_minor, verdict.breach_before, verdict.breach_after) == (12_000_00, None, day(23))
    assert set(verdict.drop) == {ACME.bill_id, QUILL.bill_id}
    assert (verdict.drop_minor, verdict.drop_proven) == (12_350_00, True)
    assert verdict.words == (
        "Blocked: 12,000.00 below floor on 17 Dec."
        " Dropping Acme Hosting 4,200.00 and Quill Legal 8,150.00 clears it, with 350.00 to spare."
    )


def test_a_batch_that_stays_above_the_floor_every_day_is_allowed() -> None:
    verdict = judge(question(130_000_00, ACME, QUILL, moving=(PAYROLL,), floor_minor=60_000_00))
    assert (verdict.outcome, verdict.reasons, verdict.drop) == ("allow", (), ())
    assert verdict.words == "Allowed: lowest 63,516.50 on 17 Dec, 3,516.50 above the floor."


def test_it_is_the_sum_of_the_batch_that_counts() -> None:
    def outcome(*bills: Wanted) -> Outcome:
        return judge(question(10_000_00, *bills)).outcome

    assert (outcome(ACME), outcome(QUILL), outcome(ACME, QUILL)) == ("allow", "allow", "block")


def test_where_only_late_customers_break_the_floor_it_is_a_warning() -> None:
    receipt = cash("invoice", 10_000_00, 5, 12)
    verdict = judge(question(2_000_00, ACME, moving=(receipt,), floor_minor=1_000_00))
    assert (verdict.outcome, verdict.breach_after) == ("warn", day(7))
    assert verdict.words.startswith("Warning: 3,200.00 below floor on 1 Dec if customers pay late")
    assert verdict.drop == (ACME.bill_id,)


def test_money_that_comes_after_the_day_of_payment_does_not_help() -> None:
    late = cash("sales", 90_000_00, 20)
    assert judge(question(3_000_00, ACME, moving=(late,))).outcome == "block"
    assert judge(question(3_000_00, wanted("Acme Hosting", 4_200_00, 21), moving=(late,))).outcome == "allow"


def test_where_the_floor_is_broken_anyway_no_drop_is_offered() -> None:
    verdict = judge(question(50_000_00, ACME, moving=(PAYROLL,)))
    assert (verdict.outcome, verdict.drop, verdict.breach_before) == ("block", (), day(23))
    assert "Cash is below zero on 17 Dec without this too, so no drop clears it." in verdict.words


def test_rent_goes_while_cash_reaches_for_it_although_the_floor_is_broken_anyway() -> None:
    rent = cash("rent", -9_000_00, 7, place=2, bill="rent")
    asked = question(
        20_000_00, wanted("Rent", 9_000_00, 7, must_pay=True, place=2), moving=(PAYROLL, rent), floor_minor=40_000_00
    )
    verdict = judge(asked)
    assert verdict.outcome == "warn"
    assert verdict.before == verdict.after
    assert verdict.words.startswith("Warning: 83,133.50 below floor on 17 Dec (first on 24 Nov) with or without it")
    with_another = judge(msgspec.structs.replace(asked, wanted=(*asked.wanted, ACME)))
    assert with_another.outcome == "block"
    assert "judge what must be paid alone: Rent 9,000.00" in with_another.words


def test_rent_is_blocked_when_payroll_before_it_takes_the_cash() -> None:
    payroll, rent = cash("payroll", -18_000_00, 3, place=0), cash("rent", -9_000_00, 7, place=2, bill="rent")
    verdict = judge(
        question(20_000_00, wanted("Rent", 9_000_00, 7, must_pay=True, place=2), moving=(payroll, rent), floor_minor=1)
    )
    assert verdict.outcome == "block"
    assert bindings(verdict) == ["floor", "essentials"]
    essentials = verdict.reasons[1]
    assert essentials.words == "Rent 9,000.00 is 7,000.00 short on 1 Dec"
    assert (essentials.on, essentials.shortfall_minor) == (day(7), 7_000_00)


def test_payroll_is_not_held_back_by_rent_that_ranks_after_it() -> None:
    payroll = cash("payroll", -18_000_00, 9, place=0, bill="payroll")
    rent = cash("rent", -9_000_00, 7, place=2)
    bill = wanted("Payroll", 18_000_00, 9, must_pay=True, place=0)
    verdict = judge(question(20_000_00, bill, moving=(payroll, rent)))
    assert verdict.outcome == "warn"
    assert verdict.reasons[-1].words == "Rent 9,000.00 is 7,000.00 short on 3 Dec"


def test_a_bill_that_must_be_paid_does_not_go_earlier_into_a_broken_floor() -> None:
    rent = cash("rent", -9_000_00, 20, place=2, bill="rent")
    early = question(
        9_500_00, wanted("Rent", 9_000_00, 2, must_pay=True, place=2), moving=(rent,), floor_minor=2_000_00
    )
    assert judge(early).outcome == "block", "days that held before don't hold any more"


def test_a_stopped_bill_binds_first_and_can_not_be_overridden_where_it_is_fraud() -> None:
    stopped = wanted("Copperfield Freight", 100_00, 2, stops=(DUPLICATE,))
    verdict = judge(question(1_000_00, ACME, stopped, troubles=("The bank's balance is nine hours old.",)))
    assert bindings(verdict) == ["check", "inputs", "floor"]
    assert [reason.overridable for reason in verdict.reasons] == [False, True, True]
    assert verdict.reasons[0].bill_ids == (stopped.bill_id,)
    assert verdict.words == (
        "Blocked: Copperfield Freight: Exact duplicate of 88120, paid on 3 Nov, and 2 other reasons."
    )
    assert verdict.drop == (), "unfit inputs clear nothing"


def test_every_limit_is_a_reason_of_its_own() -> None:
    bills = (wanted("Acme", 4_000_00, 2, vendor="a"), wanted("Acme again", 3_000_00, 2, vendor="a"))
    verdict = judge(
        question(
            90_000_00,
            *bills,
            limits=Limits(payment_minor=3_500_00, vendor_week_minor=7_500_00, day_minor=6_000_00, week_minor=9_000_00),
            spent=Spent(
                by_vendor_minor={"a": 1_000_00}, by_day_minor={day(2).isoformat(): 500_00}, week_minor=2_500_00
            ),
        )
    )
    assert [(reason.binding, reason.shortfall_minor) for reason in verdict.reasons] == [
        ("payment", 500_00),
        ("vendor_week", 500_00),
        ("day", 1_500_00),
        ("week", 500_00),
    ]
    assert verdict.reasons[0].bill_ids == ("acme",)
    assert verdict.reasons[1].bill_ids == ("acme", "acme again")
    assert verdict.reasons[2].on == day(2)
    assert verdict.drop == ("acme",)


def test_a_limit_used_up_already_keeps_every_bill_back() -> None:
    asked = question(90_000_00, ACME, limits=Limits(week_minor=1_000_00), spent=Spent(week_minor=5_000_00))
    assert judge(asked).drop == (ACME.bill_id,)


def test_open_credit_of_the_vendor_is_named_once_for_all_its_bills() -> None:
    bills = [wanted(f"Kestrel {at}", 900_00, 2, vendor="k", open_credit_minor=600_00) for at in (1, 2)]
    (reason,) = judge(question(90_000_00, *bills)).reasons
    assert (reason.binding, reason.shortfall_minor, reason.bill_ids) == ("credit", 600_00, ("kestrel 1", "kestrel 2"))
    assert "600.00 of the vendor's credit is open" in reason.words


def test_what_is_paid_after_the_horizon_is_said_to_be_judged_again() -> None:
    verdict = judge(question(0, wanted("Far", 10_00, 36)))
    assert verdict.outcome == "allow"
    assert verdict.words.endswith("Paid after the 35 days looked at, so judged again at release: Far 10.00.")


def test_an_amount_that_is_not_above_zero_is_no_payment() -> None:
    with pytest.raises(ValueError, match="above zero"):
        judge(question(0, wanted("Odd", -10_00, 3)))


def plan(*flows: Flow, troubles: tuple[str, ...] = ()) -> Plan:
    start = Start("bank", 10_000_00, (), None, "Cash at the bank.")
    return Plan(TODAY, "USD", start, flows, essential_per_day_minor=100_00, troubles=troubles)


def kind_of(name: FlowKind, *, forecast: bool = False, bill: str | None = None, on: int = 4) -> Flow:
    return msgspec.structs.replace(
        flow(name, -100, on, kind=name, bill=bill), standing="forecast" if forecast else "sure"
    )


def test_a_question_holds_what_is_sure_and_not_what_is_only_drawn() -> None:
    flows = (
        kind_of("committed", bill="one"),
        kind_of("rent", bill="two"),
        kind_of("bill", forecast=True, bill="three"),
    )
    policy = Policy(
        floor=FloorPolicy(absolute_minor=5, buffer_days=14, covenant_minor=7), limits=LimitPolicy(day_minor=9)
    )
    asked = question_of(plan(*flows, troubles=("No.",)), policy, [ACME], Spent(week_minor=3))
    assert [(each.key, each.bill_id) for each in asked.cash] == [("committed", None), ("rent", "two")]
    assert (asked.floor.buffer_days, asked.floor.essential_per_day_minor, asked.floor.covenant_minor) == (14, 100_00, 7)
    assert (asked.limits.day_minor, asked.spent.week_minor, asked.troubles) == (9, 3, ("No.",))
    assert (asked.start_minor, asked.horizon_days, asked.wanted) == (10_000_00, 35, (ACME,))


def test_the_horizon_reaches_over_the_next_two_payrolls() -> None:
    policy = Policy(horizon=HorizonPolicy(guardrail_days=20))
    payrolls = [kind_of("payroll", on=on) for on in (12, 26, 40)]
    assert question_of(plan(*payrolls), policy, [], Spent()).horizon_days == 26
    assert question_of(plan(kind_of("payroll", on=200)), policy, [], Spent()).horizon_days == 91


# --- whatever the batch ----------------------------------------------------------------------------------------------

days = st.integers(0, 40)
amounts = st.integers(1, 3_000)
bills = st.builds(
    lambda at, minor, on, must, place, stop, credit: wanted(
        f"Bill {at}",
        minor,
        on,
        vendor=f"v{at % 3}",
        must_pay=must,
        place=place if must else 99,
        stops=(DUPLICATE,) if stop else (),
        open_credit_minor=credit,
    ),
    st.integers(0, 11),
    amounts,
    days,
    st.booleans(),
    st.integers(0, 3),
    st.sampled_from([False] * 9 + [True]),
    st.sampled_from([0] * 9 + [5]),
)
coming = st.builds(lambda minor, on, more: cash(f"in {minor}", minor, on, on + more), amounts, days, days)
going = st.builds(
    lambda minor, on, place, bill: cash(f"out {minor}", -minor, on, place=place, bill=bill),
    amounts,
    days,
    st.sampled_from([None, 0, 1, 2]),
    st.sampled_from([None, "bill 1", "bill 2", "bill 3"]),
)
limits = st.builds(
    Limits,
    payment_minor=st.sampled_from([None, 2_000]),
    vendor_week_minor=st.sampled_from([None, 4_000]),
    day_minor=st.sampled_from([None, 4_000]),
    week_minor=st.sampled_from([None, 7_000]),
)
few = st.lists(bills, max_size=6, unique_by=lambda each: each.bill_id)
moving = st.lists(st.one_of(coming, going), max_size=8).map(tuple)
questions = st.builds(
    lambda start, batch, moved, floor, limit: question(start, *batch, moving=moved, floor_minor=floor, limits=limit),
    st.integers(0, 12_000),
    few,
    moving,
    st.integers(0, 2_000),
    limits,
)


@settings(max_examples=300, deadline=None)
@given(questions, amounts, days, st.sampled_from([None, 0, 3]))
def test_one_more_outflow_never_softens_a_verdict(asked: Question, minor: int, on: int, place: int | None) -> None:
    more: Cash = cash("more", -minor, on, place=place)
    harder = msgspec.structs.replace(asked, cash=(*asked.cash, more))
    before, after = judge(asked), judge(harder)
    assert HARD[after.outcome] >= HARD[before.outcome]
    assert after.after.minor <= before.after.minor


@settings(max_examples=200, deadline=None)
@given(questions, amounts, days)
def test_one_more_bill_never_softens_a_verdict(asked: Question, minor: int, on: int) -> None:
    harder = msgspec.structs.replace(asked, wanted=(*asked.wanted, wanted("One more", minor, on)))
    assert HARD[judge(harder).outcome] >= HARD[judge(asked).outcome]


@settings(max_examples=300, deadline=None)
@given(questions)
def test_what_is_left_of_a_batch_is_allowed_and_no_smaller_drop_does_it(asked: Question) -> None:
    verdict = judge(asked)
    bill_ids = [each.bill_id for each in asked.wanted]
    musts = {each.bill_id for each in asked.wanted if each.must_pay}

    def allowed(dropped: tuple[str, ...]) -> bool:
        rest = tuple(each for each in asked.wanted if each.bill_id not in dropped)
        return judge(msgspec.structs.replace(asked, wanted=rest)).outcome == "allow"

    def cost(dropped: tuple[str, ...]) -> tuple[int, int]:
        return len(dropped), sum(each.minor for each in asked.wanted if each.bill_id in dropped)

    helpful = [chosen for number in range(len(bill_ids) + 1) for chosen in combinations(bill_ids, number)]
    helpful = [chosen for chosen in helpful if allowed(chosen)]
    gentle = [chosen for chosen in helpful if not musts.intersection(chosen)] or helpful
    if not verdict.drop:
        assert verdict.outcome == "allow" or not helpful
        return
    assert verdict.drop_proven
    assert allowed(verdict.drop)
    assert cost(verdict.drop) == min(map(cost, gentle))
    assert verdict.drop_minor == cost(verdict.drop)[1]


@settings(max_examples=100, deadline=None)
@given(questions, st.randoms(use_true_random=False))
def test_a_kept_question_gets_the_same_verdict_byte_for_byte(asked: Question, shuffled: Any) -> None:
    first = msgspec.json.encode(judge(asked))
    again = msgspec.json.decode(msgspec.json.encode(asked), type=Question)
    assert msgspec.json.encode(judge(again)) == first
    ticked = list(asked.wanted)
    shuffled.shuffle(ticked)
    assert msgspec.json.encode(judge(msgspec.structs.replace(asked, wanted=tuple(ticked)))) == first


@settings(max_examples=200, deadline=None)
@given(questions)
def test_the_first_reason_says_what_the_outcome_is(asked: Question) -> None:
    verdict = judge(asked)
    assert (verdict.outcome == "allow") == (not verdict.reasons)
    if verdict.outcome == "warn":
        assert set(bindings(verdict)) <= {"floor", "essentials"}
    assert (verdict.shortfall_minor > 0) == (verdict.breach_after is not None) == ("floor" in bindings(verdict))
