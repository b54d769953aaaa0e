"""Approvals hold for what was approved: a changed bill loses them, racing approvers never both pass, records stay."""

import threading
from datetime import date

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from interlock.domains.ap.services.bill_content import standing_intents
from interlock.domains.ap.services.deciding import ContentChanged, PaymentBlocked
from interlock.domains.firm.policy.values import FloorPolicy, Policy
from interlock.kernel.errors import BadInput, Refused
from interlock.rails.facts import Bill
from interlock.runway.replaying import replay
from tests.deciding.clients import Desk
from tests.runway import said
from tests.support.at_once import at_once

_ROUNDS = 200


def approve(desk: Desk, bill_id: str, who: str = "wren") -> str:
    with desk.acting(who) as service:
        return service.approve_bill_for_payment([desk.wish(bill_id)]).decision_id


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (said.bill("b1", 400_000, due=date(2026, 12, 8)), "Due date moved from 3 Dec 2026 to 8 Dec 2026."),
        (said.bill("b1", 490_000), "Total went from 4,000.00 to 4,900.00; line 1 went from 4,000.00 to 4,900.00."),
        (said.bill("b1", 400_000, number="N-9"), "Document number changed from N-b1 to N-9."),
        (said.bill("b1", 400_000, account_id=said.ASK), "Line 1’s account changed from Supplies to Ask My Accountant."),
        (said.bill("b1", 400_000, voided=True), "The bill was voided."),
        (said.bill("b1", 400_000, open_cents=100_000), "Paid elsewhere: 1,000.00 of the bill is open"),
    ],
)
def test_a_changed_bill_loses_its_approval(desk: Desk, changed: Bill, why: str) -> None:
    approve(desk, "b1")
    approve(desk, "b2")
    desk.books.say(changed)
    business = desk.books.business
    with desk.books.firm.database.reading(desk.books.scope) as session:
        seen = {each.intent.bill_id: each.state for each in standing_intents(session, business, said.NOW)}
    assert seen == {"b1": "voided", "b2": "approved"}, "a reader sees it before anything has settled"
    assert desk.settle() == 1
    assert desk.states() == {"b1": "voided", "b2": "approved"}
    assert why in (desk.intents()["b1"].ended_why or "")
    assert [each.intent_id for each in desk.yeses()] == [desk.intents()["b2"].intent_id]
    (line,) = desk.log("payment.voided")
    assert why in line.body
    assert desk.settle() == 0


def test_a_changed_vendor_address_is_a_changed_payee(desk: Desk) -> None:
    approve(desk, "b1")
    desk.books.say(msgspec.structs.replace(said.vendor("v1", "Copperfield Freight"), email="new@example.com", raw=b"1"))
    assert desk.settle() == 1
    assert desk.intents()["b1"].ended_why == "The payee’s e-mail changed from none to new@example.com."


def test_a_deleted_bill_loses_its_approval(desk: Desk) -> None:
    approve(desk, "b1")
    desk.books.delete(Bill, "b1")
    assert desk.settle() == 1 and desk.intents()["b1"].ended_why == "The bill was deleted."


def test_paying_what_was_approved_voids_nothing(desk: Desk) -> None:
    approve(desk, "b1")
    desk.books.firm.wait(minutes=5)
    entered = desk.books.firm.clock.now()
    paid = msgspec.structs.replace(said.bill_payment("p1", 400_000, "b1", dated=said.TODAY), created_at=entered)
    desk.books.say(said.bill("b1", 400_000, open_cents=0), paid)
    assert desk.settle() == 1
    intent = desk.intents()["b1"]
    assert intent.state == "recorded" and "Paid as approved" in (intent.ended_why or "")
    assert [line.action for line in desk.log("payment.")] == ["payment.approved", "payment.recorded"]


def test_a_proposal_that_changed_is_not_approved(desk: Desk) -> None:
    with desk.acting("bo") as service:
        service.propose([desk.wish("b1")])
    desk.books.say(said.bill("b1", 400_000, due=date(2026, 12, 8)))
    with pytest.raises(ContentChanged, match="Due date moved"), desk.acting("wren") as service:
        service.approve_bill_for_payment([desk.wish("b1")])


def test_two_approvals_that_fit_only_singly_never_both_pass(desk: Desk) -> None:
    """Two connections at once, again and again."""
    desk.cash, desk.floor = 450_000, 0
    rounds = _ROUNDS if desk.books.firm.database.dialect == "postgresql" else 20
    wishes = [desk.wish("b1"), desk.wish("b2")]
    for _ in range(rounds):
        start = threading.Barrier(2)
        passed: list[int] = []

        def decide(mine: int, start: threading.Barrier = start, passed: list[int] = passed) -> None:
            start.wait()
            try:
                with desk.acting(("wren", "ines")[mine]) as service:
                    service.approve_bill_for_payment([wishes[mine]])
            except PaymentBlocked:
                return
            passed.append(mine)

        at_once(2, decide)
        assert len(passed) == 1
        with desk.acting("odell") as service:
            service.reject([("b1", "b2")[passed[0]]])


def test_two_racing_approvers_never_both_count_as_the_second(desk: Desk) -> None:
    rounds = _ROUNDS if desk.books.firm.database.dialect == "postgresql" else 20
    wish = desk.wish("b3")
    for _ in range(rounds):
        with desk.acting("wren") as service:
            service.approve_bill_for_payment([wish])
        start = threading.Barrier(2)
        passed: list[int] = []

        def decide(mine: int, start: threading.Barrier = start, passed: list[int] = passed) -> None:
            start.wait()
            try:
                with desk.acting(("odell", "mara")[mine]) as service:
                    service.approve_bill_for_payment([wish])
            except (Refused, BadInput):
                return
            passed.append(mine)

        at_once(2, decide)
        assert len(passed) == 1 and len(desk.yeses()) == 2
        with desk.acting("ines") as service:
            service.reject(["b3"])


def test_one_person_on_two_connections_is_one_person(desk: Desk) -> None:
    wish, passed = desk.wish("b3"), []

    def decide(mine: int) -> None:
        try:
            with desk.acting("odell") as service:
                service.approve_bill_for_payment([wish])
        except Refused:
            return
        passed.append(mine)

    at_once(4, decide)
    assert len(passed) == 1 and desk.states() == {"b3": "half"}


@pytest.mark.parametrize("table", ["decision", "decision_inputs"])
@pytest.mark.parametrize("attack", ["UPDATE {} SET firm_id = 'x'", "DELETE FROM {}"])
def test_what_was_decided_cannot_be_changed(desk: Desk, table: str, attack: str) -> None:
    approve(desk, "b1")
    why = "permission denied" if desk.books.firm.database.dialect == "postgresql" else "append-only"
    with pytest.raises(DBAPIError, match=why), desk.acting("wren") as service:
        service.db.execute(text(attack.format(table)))


def test_a_verdict_is_replayed_byte_for_byte(desk: Desk) -> None:
    decision_id = approve(desk, "b1")
    business = desk.books.business
    with desk.books.firm.database.reading(desk.books.scope) as session:
        again = replay(session, business, decision_id)
        assert again.identical and again.differences == () and again.outcome_now == "allow"
        stricter = Policy(floor=FloorPolicy(absolute_minor=9_900_000))
        other = replay(session, business, decision_id, stricter)
    assert not other.identical and (other.outcome_then, other.outcome_now) == ("allow", "block")
    assert "floor_minor" in {each.field for each in other.differences}
