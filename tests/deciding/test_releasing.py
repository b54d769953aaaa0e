"""Approved payments are let go by whom the rules allow, row by row, once everything true at the approval is still true."""

import json
from datetime import UTC, datetime

import pytest

from interlock.domains.ap.services.payment_steps import course_of
from interlock.kernel.errors import NotFound, Refused
from interlock.runway.services.calculators.guardrail_values import Stop
from tests.deciding.clients import NEXT_RUN, Desk
from tests.runway import said


def test_an_approved_payment_is_let_go_to_be_paid_outside(desk: Desk) -> None:
    (intent_id,) = desk.approved("b1")
    done = desk.release("mara", [intent_id], comment="Check run")
    (row,) = done.rows
    assert (row.outcome, row.way, row.why) == ("released", "outside", None)
    assert desk.states() == {"b1": "released"}
    paid = desk.disbursements()["b1"]
    assert (paid.stage, paid.amount_minor, paid.instruction, paid.steps) == ("to_pay", 400_000, None, 1)
    assert course_of(paid).expects_bank is False, "no bank is linked here, so none can show it"
    # Five workdays after 24 Nov with Thanksgiving between is 2 Dec; 17:00 in New York.
    assert paid.due_at == datetime(2026, 12, 2, 22, tzinfo=UTC) and paid.todo == "watch"
    decision = desk.decisions()[-1]
    assert (decision.act, decision.outcome, decision.comment) == ("release", "allow", "Check run")
    assert decision.decision_id == done.decision_id == paid.decision_id
    (line,) = desk.log("payment.released")
    assert line.actor == "Mara Finch [mara]"
    assert json.loads(line.body)["intent_id"] == intent_id


def test_a_payment_is_not_let_go_twice(desk: Desk) -> None:
    (intent_id,) = desk.approved("b1")
    desk.release("mara", [intent_id])
    again = desk.release("odell", [intent_id])
    assert again.decision_id is None and again.rows[0].why == "It was released already."
    assert len(desk.log("payment.released")) == 1


def test_nothing_is_let_go_while_the_approval_can_be_undone(desk: Desk) -> None:
    with desk.acting("ines") as service:
        service.approve_bill_for_payment([desk.wish("b1")])
    intent_id = desk.intents()["b1"].intent_id
    (row,) = desk.release("mara", [intent_id]).rows
    assert row.outcome == "refused" and "can still be undone until" in (row.why or "")
    desk.books.firm.wait(seconds=10)
    assert desk.release("mara", [intent_id]).rows[0].outcome == "released"


def test_only_who_may_release_does(desk: Desk) -> None:
    (intent_id,) = desk.approved("b1")
    for who, why in (("ines", "may not release payments here"), ("bo", "may not release"), ("wren", "engagement")):
        with pytest.raises(Refused, match=why):
            desk.release(who, [intent_id])
    assert desk.states() == {"b1": "approved"} and desk.log("payment.released") == []


def test_above_the_first_limit_who_approved_does_not_release(desk: Desk) -> None:
    (small,) = desk.approved("b2")
    (large,) = desk.approved("b3", by=("wren", "mara"))
    done = desk.release("mara", [large, small])
    assert [(row.bill_id, row.outcome) for row in done.rows] == [("b3", "refused"), ("b2", "released")], done.rows
    assert "who approved a payment doesn't release it" in (done.rows[0].why or "")
    assert desk.release("odell", [large]).rows[0].outcome == "released"


def test_one_bad_row_stops_no_other(desk: Desk) -> None:
    ids = desk.approved("b1", "b2")
    desk.books.say(said.bill("b1", 420_000))
    done = desk.release("mara", ids)
    assert [row.outcome for row in done.rows] == ["refused", "released"]
    assert "Total" in (done.rows[0].why or "") or "amount" in (done.rows[0].why or ""), done.rows[0].why
    refused = json.loads(desk.decisions()[-1].subjects)[1]
    assert refused["bill_id"] == "b1" and refused["refused"] == done.rows[0].why


def test_a_held_bill_stays_until_the_hold_is_lifted(desk: Desk) -> None:
    (intent_id,) = desk.approved("b1")
    with desk.acting("bo") as service:
        service.hold(["b1"], "Not delivered")
    (row,) = desk.release("mara", [intent_id]).rows
    assert row.why == "Held: Not delivered."


def test_a_payment_waits_for_its_day(desk: Desk) -> None:
    (intent_id,) = desk.approved("b1", on=NEXT_RUN)
    (row,) = desk.release("mara", [intent_id]).rows
    assert row.outcome == "refused" and "from that morning on" in (row.why or "")
    desk.books.firm.clock.at = datetime(2026, 12, 1, 13, tzinfo=UTC)
    assert desk.release("mara", [intent_id]).rows[0].outcome == "released"


def test_what_the_guardrail_names_is_refused_and_the_rest_goes(desk: Desk) -> None:
    ids = desk.approved("b1", "b2")
    desk.cash, desk.floor = 500_000, 100_000
    done = desk.release("mara", ids)
    assert [row.outcome for row in done.rows] == ["released", "refused"], done.rows
    assert "The guardrail blocks it" in (done.rows[1].why or "")
    assert done.judged is not None and done.judged.outcome == "allow"


def test_a_stop_that_came_after_the_approval_stops_the_release(desk: Desk) -> None:
    ids = desk.approved("b1", "b2")
    desk.stops = {"b1": (Stop("V04", "critical", "Payee details changed", overridable=False),)}
    done = desk.release("mara", ids)
    assert [row.outcome for row in done.rows] == ["refused", "released"]
    assert "Payee details changed" in (done.rows[0].why or "")


def test_nothing_is_written_where_nothing_goes(desk: Desk) -> None:
    (intent_id,) = desk.approved("b1")
    desk.cash = 0
    before = len(desk.decisions())
    done = desk.release("mara", [intent_id])
    assert done.decision_id is None and done.judged is not None and done.judged.outcome == "block"
    assert len(desk.decisions()) == before and desk.disbursements() == {}


def test_a_payment_that_isnt_here_changes_nothing(desk: Desk) -> None:
    (intent_id,) = desk.approved("b1")
    with pytest.raises(NotFound):
        desk.release("mara", [intent_id, "int_0"])
    assert desk.states() == {"b1": "approved"}
