"""Bills are proposed and approved by whom the rules allow, within what the guardrail allows, and taken back in time."""

import json
from datetime import date, timedelta

import pytest

from interlock.domains.ap.services.deciding import PaymentBlocked, PaymentWarned
from interlock.domains.firm.policy.values import ApprovalPolicy, Policy
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.runway.services.calculators.guardrail_values import Stop
from tests.deciding.clients import NEXT_RUN, RUN, Desk, Overriding
from tests.runway import said


def test_a_bill_is_approved_in_full_by_one_person(desk: Desk) -> None:
    with desk.acting("wren") as service:
        done = service.approve_bill_for_payment([desk.wish("b1"), desk.wish("b2")], comment="As every month")
    assert desk.states() == {"b1": "approved", "b2": "approved"}
    (decision,) = desk.decisions()
    assert (decision.act, decision.outcome, decision.comment) == ("approve", "allow", "As every month")
    assert done.judged is not None and done.judged.outcome == "allow"
    (line,) = desk.log("payment.")
    assert line.action == "payment.approved" and line.actor == "Wren Halloran [wren]"
    assert [each["bill_id"] for each in json.loads(line.body)["subjects"]] == ["b1", "b2"]


def test_who_proposed_a_payment_does_not_approve_it(desk: Desk) -> None:
    with desk.acting("wren") as service:
        service.propose([desk.wish("b1")])
    with pytest.raises(Refused, match="prepared a payment"), desk.acting("wren") as service:
        service.approve_bill_for_payment([desk.wish("b1")])
    with desk.acting("ines") as service:
        service.approve_bill_for_payment([desk.wish("b1")])
    assert desk.states() == {"b1": "approved"}
    assert sorted(each.act for each in desk.decisions()) == ["approve", "propose"]


def test_who_chooses_a_part_has_prepared_it(desk: Desk) -> None:
    with pytest.raises(Refused, match="prepared a payment"), desk.acting("wren") as service:
        service.approve_bill_for_payment([desk.wish("b1", 100_000)])
    assert desk.states() == {} and desk.decisions() == []


def test_a_bookkeeper_proposes_and_does_not_approve(desk: Desk) -> None:
    with desk.acting("bo") as service:
        service.propose([desk.wish("b1")])
    with pytest.raises(Refused, match="may not approve payments here"), desk.acting("bo") as service:
        service.approve_bill_for_payment([desk.wish("b2")])
    with pytest.raises(Refused, match="Say who decides"), desk.acting(None) as service:
        service.approve_bill_for_payment([desk.wish("b2")])
    assert desk.states() == {"b1": "proposed"}


def test_a_large_payment_takes_two_people_and_the_client(desk: Desk) -> None:
    with desk.acting("wren") as service:
        service.approve_bill_for_payment([desk.wish("b3")])
    assert desk.states() == {"b3": "half"}
    for who, why in (("wren", "approved this already"), ("ines", "has to be the client's own")):
        with pytest.raises(Refused, match=why), desk.acting(who) as service:
            service.approve_bill_for_payment([desk.wish("b3")])
    with desk.acting("mara") as service:
        service.approve_bill_for_payment([desk.wish("b3")])
    assert desk.states() == {"b3": "approved"}
    assert {each.side for each in desk.yeses()} == {"firm", "client"}


def test_parts_of_a_bill_count_together_towards_the_limit(desk: Desk) -> None:
    for part in (400_000, 400_000):
        with desk.acting("bo") as service:
            service.propose([desk.wish("b3", part, NEXT_RUN if desk.states() else RUN)])
        waiting = next(each for each in desk.intents().values() if each.state == "proposed")
        with desk.acting("wren") as service:
            done = service.approve_bill_for_payment(intent_ids=[waiting.intent_id])
        desk.books.firm.wait(minutes=1)
    assert done.intents[0].state == "half"


def test_bills_of_one_vendor_within_days_count_together_approved_one_by_one(desk: Desk) -> None:
    """Two bills under the limit that are above it together are not two small payments (check B25)."""
    desk.books.say(said.bill("near", 300_000))
    for bill_id, state in (("b1", "approved"), ("near", "half")):
        with desk.acting("ines") as service:
            done = service.approve_bill_for_payment([desk.wish(bill_id)])
        assert done.intents[0].state == state
        desk.books.firm.wait(minutes=1)
    with desk.acting("odell") as service:
        service.approve_bill_for_payment([desk.wish("near")])
    assert desk.states() == {"b1": "approved", "near": "approved"}


def test_bills_of_one_vendor_within_days_count_together_in_one_batch(desk: Desk) -> None:
    desk.books.say(said.bill("near", 300_000))
    with desk.acting("ines") as service:
        service.approve_bill_for_payment([desk.wish("b1"), desk.wish("near")])
    assert desk.states() == {"b1": "half", "near": "half"}
    with desk.acting("odell") as service:
        service.approve_bill_for_payment([desk.wish("b1"), desk.wish("near")])
    assert desk.states() == {"b1": "approved", "near": "approved"}


def test_bills_of_one_vendor_weeks_apart_or_of_two_vendors_do_not_count_together(desk: Desk) -> None:
    books = desk.books
    books.say(
        said.vendor("v2", "Lowmarsh Ink"),
        said.bill("later", 300_000, dated=date(2026, 11, 3) + timedelta(days=6)),
        said.bill("other", 300_000, vendor_id="v2", vendor_name="Lowmarsh Ink"),
    )
    for bill_id in ("b1", "later", "other"):
        with desk.acting("ines") as service:
            service.approve_bill_for_payment([desk.wish(bill_id)])
    assert set(desk.states().values()) == {"approved"}


def test_a_stand_in_cannot_be_the_second_person(desk: Desk) -> None:
    id_, now = desk.books.business.business_id, desk.books.firm.clock.now()
    with desk.acting("odell") as service:
        service.people.delegate(
            id_,
            service.person,
            "mara",
            limit_minor=9_000_000,
            reason="Away",
            starts_at=now,
            ends_at=now + timedelta(days=3),
            now=now,
        )
        odell = service.person.person_id
    with desk.acting("odell") as service:
        service.approve_bill_for_payment([desk.wish("b3")])
    with pytest.raises(Refused, match="stand in for has approved this already"), desk.acting("mara") as service:
        service.approve_bill_for_payment([desk.wish("b3")], for_person=odell)
    with pytest.raises(Refused, match="nobody has made you stand in"), desk.acting("wren") as service:
        service.approve_bill_for_payment([desk.wish("b1")], for_person=odell)
    assert desk.states() == {"b3": "half"}


def test_a_block_changes_nothing_and_says_what_it_said(desk: Desk) -> None:
    desk.cash, desk.floor = 600_000, 100_000
    with pytest.raises(PaymentBlocked) as refused, desk.acting("wren") as service:
        service.approve_bill_for_payment([desk.wish("b1"), desk.wish("b2")])
    assert refused.value.judged.outcome == "block" and "below floor" in str(refused.value)
    assert not isinstance(refused.value, PaymentWarned)
    assert (desk.states(), desk.decisions(), desk.log("payment.")) == ({}, [], [])


def test_an_override_takes_a_right_a_reason_and_an_end(desk: Desk) -> None:
    desk.cash, desk.floor = 450_000, 100_000
    ends = desk.books.firm.clock.now() + timedelta(days=1)
    with pytest.raises(Refused, match="override the guardrail"), desk.acting("mara") as service:
        service.approve_bill_for_payment([desk.wish("b1")], override=Overriding("Carrier stops", ends))
    for reason, until in (("", ends), ("Carrier stops", ends + timedelta(days=30))):
        with pytest.raises(BadInput), desk.acting("wren") as service:
            service.approve_bill_for_payment([desk.wish("b1")], override=Overriding(reason, until))
    with desk.acting("wren") as service:
        service.approve_bill_for_payment([desk.wish("b1")], override=Overriding("Carrier stops", ends))
    (decision,) = desk.decisions()
    assert (decision.outcome, decision.override_reason, decision.override_until) == ("block", "Carrier stops", ends)
    (line,) = desk.log("guardrail.overridden")
    assert json.loads(line.body)["reason"] == "Carrier stops"
    desk.books.firm.wait(days=2)
    assert desk.settle() == 1
    assert "override ran out" in (desk.intents()["b1"].ended_why or "")


def test_nobody_overrides_a_fraud_check(desk: Desk) -> None:
    desk.stops["b1"] = (Stop("V04", "critical", "V04 payee details changed", overridable=False),)
    override = Overriding("I know them", desk.books.firm.clock.now() + timedelta(days=1))
    with pytest.raises(PaymentBlocked, match="Nobody can override"), desk.acting("odell") as service:
        service.approve_bill_for_payment([desk.wish("b1")], override=override)
    assert desk.states() == {}


def test_what_is_asked_must_be_open_and_payable(desk: Desk) -> None:
    asked = (
        (desk.wish("b1", 400_001), "is open"),
        (desk.wish("b1", 0), "is open"),
        (desk.wish("b1", on=date(2026, 11, 23)), "has passed"),
        (desk.wish("b1", on=date(2026, 11, 28)), "no bank moves money"),
        (desk.wish("b1", on=date(2026, 11, 27)), "no day of a pay run"),
        (desk.wish("b1", 300_000, credits=(("vc1", 100_001),)), "can't be paid of it|is free"),
        (desk.wish("b1", 300_000, credits=(("nobody", 100_000),)), "no vendor credit"),
    )
    for wish, why in asked:
        with pytest.raises(BadInput, match=why), desk.acting("bo") as service:
            service.propose([wish])
    assert desk.states() == {}


def test_a_vendors_credit_is_applied_first(desk: Desk) -> None:
    with desk.acting("wren") as service:
        service.approve_bill_for_payment([desk.wish("b1", 300_000, credits=(("vc1", 100_000),))])
    intent = desk.intents()["b1"]
    assert (intent.state, intent.amount_minor, json.loads(intent.credits)) == ("approved", 300_000, [["vc1", 100_000]])
    with pytest.raises(BadInput, match="of the credit"), desk.acting("bo") as service:
        service.propose([desk.wish("b2", 200_000, credits=(("vc1", 100_000),))])


def test_an_approval_is_undone_by_its_maker_within_the_window(desk: Desk) -> None:
    with desk.acting("bo") as service:
        service.propose([desk.wish("b2")])
    with desk.acting("wren") as service:
        done = service.approve_bill_for_payment([desk.wish("b1"), desk.wish("b2")])
    with pytest.raises(Refused, match="Only who decided"), desk.acting("ines") as service:
        service.undo(done.decision_id)
    desk.books.firm.wait(seconds=9)
    with desk.acting("wren") as service:
        service.undo(done.decision_id)
    assert desk.states() == {"b1": "withdrawn", "b2": "proposed"} and desk.yeses() == []
    with desk.acting("wren") as service:
        again = service.approve_bill_for_payment([desk.wish("b2")])
    desk.books.firm.wait(seconds=11)
    with pytest.raises(BadInput, match="has passed"), desk.acting("wren") as service:
        service.undo(again.decision_id)


def test_payments_are_rejected_withdrawn_and_moved(desk: Desk) -> None:
    with desk.acting("bo") as service:
        service.propose([desk.wish("b1"), desk.wish("b2")])
    with desk.acting("bo") as service:
        service.schedule(desk.intents()["b1"].intent_id, NEXT_RUN)
        service.withdraw(["b2"])
    assert desk.intents()["b1"].pay_on == NEXT_RUN
    with desk.acting("ines") as service:
        service.reject(["b1"], "Not delivered")
    assert desk.states() == {"b1": "rejected", "b2": "withdrawn"}
    with pytest.raises(NotFound), desk.acting("ines") as service:
        service.reject(["b1"])
    assert sorted(each.act for each in desk.decisions()) == ["propose", "reject", "schedule", "withdraw"]


def test_a_hold_is_kept_lifted_and_undone(desk: Desk) -> None:
    with desk.acting("bo") as service:
        done = service.hold(["b1"], "Not delivered", date(2026, 12, 2))
    with desk.acting("bo") as service:
        service.undo(done.decision_id)
    with pytest.raises(BadInput, match="is not held"), desk.acting("bo") as service:
        service.release(["b1"])
    with desk.acting("bo") as service:
        service.snooze(["b1"], date(2026, 12, 2))
        service.wake(["b1"])
        service.comment("b1", "They said Friday")
    assert sorted(each.act for each in desk.decisions()) == ["comment", "hold", "snooze", "undo", "wake"]
    assert [line.action for line in desk.log("bill.")] == ["bill.held", "bill.snoozed", "bill.woken", "bill.commented"]


def test_the_eve_of_a_bank_holiday_stands_in_for_its_pay_run(desk: Desk) -> None:
    with desk.acting("bo") as service:
        service.propose([desk.wish("b1", on=date(2026, 11, 25))])
    assert desk.states() == {"b1": "proposed"}


def test_who_loosened_the_policy_waits_before_using_it(desk: Desk) -> None:
    """What the policy before one's own change would have asked a second yes for."""
    earlier = Policy(approvals=ApprovalPolicy(one_person_minor=100_000))
    with pytest.raises(Refused, match="Your own change of the policy"), desk.acting("wren", earlier) as service:
        service.approve_bill_for_payment([desk.wish("b1")])
    with desk.acting("ines") as service:
        service.approve_bill_for_payment([desk.wish("b1")])
    assert desk.states() == {"b1": "approved"}


def test_one_credit_is_not_applied_twice_in_a_batch(desk: Desk) -> None:
    asked = [desk.wish(each, 200_000, credits=(("vc1", 100_000),)) for each in ("b1", "b2")]
    with pytest.raises(BadInput, match=r"0\.00 of the credit 'vc1' is free"), desk.acting("bo") as service:
        service.propose(asked)
    assert desk.states() == {}
    halves = [desk.wish(each, 200_000, credits=(("vc1", 50_000),)) for each in ("b1", "b2")]
    with desk.acting("bo") as service:
        service.propose(halves)
    intents = [each.intent_id for each in desk.intents().values()]
    with desk.acting("wren") as service:  # asked about again they take no more than they have
        service.approve_bill_for_payment(intent_ids=intents, acknowledge_warning=True)
    assert set(desk.states().values()) <= {"approved", "half"}
