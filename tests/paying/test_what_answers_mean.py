"""What each end of a call means: only what certainly did nothing is tried again or refused; a draft that stands is waited for."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.domains.ap.policy.course import Stage
from interlock.domains.ap.policy.loop import SENDS_MOST
from interlock.domains.ap.workflows.payment_work import PaymentWork
from interlock.infra.transport import TransportError
from interlock.kernel.errors import Busy
from interlock.rails.errors import ContractBroken, OutcomeUnknown, Rejected, Unauthorised, Unavailable
from interlock.rails.moves import Instructed
from interlock.rails.registry import CapabilityMissing
from tests.rails.ramp.at_ramp import Client
from tests.support.clock import MovedClock
from tests.support.paying import Payments, always, new_intent


@dataclass
class Rail:
    """A rail whose acts end as the test says; it counts them. ``there``: what stands under the key."""

    ends: Callable[[], Instructed]
    there: Instructed | None = None
    acts: int = 0

    async def pay_bill(self, _order: Any) -> Instructed:
        self.acts += 1
        return self.ends()

    async def hand_off_bill(self, _order: Any) -> Instructed:
        self.acts += 1
        return self.ends()

    async def find_payment(self, _key: str) -> Instructed | None:
        return self.there

    async def find_hand_off(self, _key: str) -> Instructed | None:
        return self.there


def raises(trouble: Exception) -> Callable[[], Instructed]:
    def ends() -> Instructed:
        raise trouble

    return ends


@pytest.mark.parametrize(
    ("trouble", "stage", "happened"),
    [
        (Unavailable("ramp", "Ramp is down."), "to_send", "NotSent"),
        (Unauthorised("ramp", "Ramp no longer lets us in."), "to_send", "NotSent"),
        (CapabilityMissing("Connect Ramp first."), "to_send", "NotSent"),
        (TransportError("Interlock is ending.", sent=False), "to_send", "NotSent"),
        (Rejected("ramp", "Ramp refused the date."), "refused", "SendRefused"),
        (OutcomeUnknown("ramp", "No answer came.", "key"), "unknown", "SendLost"),
        (TransportError("No answer within 300 seconds.", sent=True), "unknown", "SendLost"),
        (ContractBroken("ramp", "Ramp's answer lacks an id."), "unknown", "SendLost"),
        (Busy("The same is being sent now."), "unknown", "SendLost"),
        (ZeroDivisionError("our own fault"), "unknown", "SendLost"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_every_end_of_a_call_has_one_meaning(
    client: Client, payments: Payments, work: PaymentWork, trouble: Exception, stage: Stage, happened: str
) -> None:
    rail = Rail(raises(trouble))
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)))
    replace(work, opens=always(rail)).run_due(payments.business_id, 1)
    row = payments.row(intent)
    assert (row.stage, payments.steps(intent), rail.acts) == (stage, ["SendBegun", happened], 1)
    assert row.why and "our own fault" not in row.why, "the reason is said in words, and none of our insides"
    assert payments.intent_state(intent) == ("reopened" if stage == "refused" else "released")
    payments.prove_the_log()


def test_what_certainly_did_nothing_is_tried_later_each_time_and_then_given_up(
    client: Client, payments: Payments, work: PaymentWork, clock: MovedClock
) -> None:
    rail = Rail(raises(Unavailable("ramp", "Ramp is down.")))
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)))
    down = replace(work, opens=always(rail))
    pauses = []
    for _ in range(SENDS_MOST):
        assert down.run_due(payments.business_id) == 1
        row = payments.row(intent)
        if row.due_at is not None:
            pauses.append(row.due_at - clock.now())
            clock.wait(seconds=(row.due_at - clock.now()).total_seconds())
    rounded = [round(pause / timedelta(minutes=1)) for pause in pauses]
    assert rounded == [2**tried for tried in range(SENDS_MOST - 1)], "a minute, and twice as long each time"
    assert (payments.row(intent).stage, rail.acts) == ("refused", SENDS_MOST)
    assert payments.intent_state(intent) == "reopened"


def test_the_rails_own_wait_is_kept(client: Client, payments: Payments, work: PaymentWork, clock: MovedClock) -> None:
    rail = Rail(raises(Unavailable("ramp", "Ramp asks us to slow down.", retry_after=900)))
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)))
    replace(work, opens=always(rail)).run_due(payments.business_id)
    due = payments.row(intent).due_at
    assert due is not None and due - clock.now() > timedelta(minutes=14)


def test_a_draft_that_the_rail_keeps_though_it_refused_it_is_waited_for(
    client: Client, payments: Payments, work: PaymentWork
) -> None:
    """It may yet be completed and paid there: reopening the bill would let it be paid twice."""
    draft = Instructed("key", "draft-1", "draft", "https://app.ramp.com/1", True)
    rail = Rail(raises(Rejected("ramp", "The draft stands in Ramp and isn't complete.")), draft)
    (intent,) = payments.release(client.hand_off(key=new_intent(client.house)), way="hand_off")
    replace(work, opens=always(rail)).run_due(payments.business_id)
    row = payments.row(intent)
    assert (row.stage, row.rail_id, row.why) == ("waiting", "draft-1", "The draft stands in Ramp and isn't complete.")
    assert payments.intent_state(intent) == "released"


def test_a_hand_off_that_was_cut_off_is_found_as_the_draft_it_left(
    client: Client, payments: Payments, work: PaymentWork, clock: MovedClock
) -> None:
    (intent,) = payments.release(client.hand_off(key=new_intent(client.house)), way="hand_off")
    client.sandbox.fault("drop", path="/submit", method="POST", count=1)
    assert work.run_due(payments.business_id) == 1
    assert payments.row(intent).stage == "unknown"
    clock.wait(minutes=2)
    assert work.run_due(payments.business_id) == 1
    row = payments.row(intent)
    assert row.stage == "waiting" and row.why == "It stands there as a draft: complete and submit it there."
    assert client.under(intent) == [], "a look-up submits nothing"


def test_a_rail_that_can_not_be_asked_is_asked_again_and_leaves_no_line_each_time(
    client: Client, payments: Payments, work: PaymentWork, clock: MovedClock
) -> None:
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)))
    lost = replace(work, opens=always(Rail(raises(OutcomeUnknown("ramp", "No answer came.", "key")))))
    lost.run_due(payments.business_id)

    class Down(Rail):
        async def find_payment(self, _key: str) -> Instructed | None:
            raise Unavailable("ramp", "Ramp is down.")

    down = replace(work, opens=always(Down(raises(AssertionError()))))
    for _ in range(6):
        due = payments.row(intent).due_at
        assert due is not None
        clock.wait(seconds=max((due - clock.now()).total_seconds(), 0))
        assert down.run_due(payments.business_id) == 1
    assert payments.steps(intent) == ["SendBegun", "SendLost"], "nothing new was heard"
    assert payments.row(intent).attempt == 7, "each look is a run of its own"
    clock.wait(hours=2)
    found = Instructed("key", "bill-1", "payment_scheduled", None, True)
    replace(work, opens=always(Rail(raises(AssertionError()), found))).run_due(payments.business_id)
    assert (payments.row(intent).stage, payments.row(intent).rail_id) == ("under_way", "bill-1")
    payments.prove_the_log()


def test_of_many_at_the_same_run_one_sends(client: Client, payments: Payments, work: PaymentWork) -> None:
    made = Instructed("key", "bill-1", "payment_scheduled", None, False)
    rail = Rail(lambda: made)
    at_once = replace(work, opens=always(rail))
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)))
    together = threading.Barrier(4)

    def run() -> None:
        together.wait(10)
        at_once.perform(payments.business_id, f"pay:{intent}:send:0")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert (rail.acts, payments.steps(intent)) == (1, ["SendBegun", "SendMade"])


def test_what_is_not_as_it_was_approved_is_not_sent(client: Client, payments: Payments, work: PaymentWork) -> None:
    order = client.instruction(key=new_intent(client.house))
    (intent,) = payments.release(order, instruction_of=client.instruction(999_999, key=order.key))
    rail = Rail(raises(AssertionError("it must not be asked")))
    replace(work, opens=always(rail)).run_due(payments.business_id)
    row = payments.row(intent)
    assert (row.stage, rail.acts) == ("refused", 0) and "its amount differs" in (row.why or "")


def test_nothing_is_made_once_something_else_carries_bills_into_the_books(
    client: Client, payments: Payments, work: PaymentWork
) -> None:
    rail = Rail(raises(AssertionError("it must not be asked")))
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)))
    seen = replace(work, opens=always(rail), against_create=lambda _db, _business: ("Ramp's own sync writes here.",))
    seen.run_due(payments.business_id)
    row = payments.row(intent)
    assert (row.stage, rail.acts, row.why) == ("refused", 0, "Ramp's own sync writes here. Nothing was sent.")
    assert payments.intent_state(intent) == "reopened"
    payments.prove_the_log()


def test_without_an_approval_that_stands_nothing_is_sent(client: Client, payments: Payments, work: PaymentWork) -> None:
    rail = Rail(raises(AssertionError("it must not be asked")))
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)), state="voided")
    replace(work, opens=always(rail)).run_due(payments.business_id)
    assert (payments.row(intent).stage, rail.acts) == ("refused", 0)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"total_minor": 999}, "The bill changed."),
        ({"voided": True}, "The bill was voided."),
        ({"buried_at": datetime(2026, 11, 24, tzinfo=UTC)}, "The bill was deleted."),
        ({"balance_minor": 1}, "0.01 of the bill is open, less than this would pay."),
    ],
    ids=["edited", "voided", "deleted", "paid otherwise"],
)
def test_a_bill_that_changes_between_the_release_and_the_sending_is_not_paid(
    client: Client, payments: Payments, work: PaymentWork, columns: dict[str, Any], why: str
) -> None:
    order = client.instruction(key=new_intent(client.house))
    (intent,) = payments.release(order)
    payments.edit_bill(order, **columns)
    rail = Rail(raises(AssertionError("it must not be asked")))
    replace(work, opens=always(rail)).run_due(payments.business_id)
    row = payments.row(intent)
    assert (row.stage, rail.acts, row.why) == ("refused", 0, f"{why} Nothing was sent.")
    assert payments.intent_state(intent) == "reopened"
    payments.prove_the_log()
