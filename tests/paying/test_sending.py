"""A released payment is sent once: whatever ends the call, or the process, it is looked up by its key and never sent again."""

from dataclasses import replace

from interlock.domains.ap.workflows.payment_work import PaymentWork
from tests.rails.ramp.at_ramp import Client
from tests.support.clock import MovedClock
from tests.support.paying import Payments, always, new_intent


def test_it_is_made_at_the_rail_under_the_intents_id(client: Client, payments: Payments, work: PaymentWork) -> None:
    (intent,) = payments.release(client.instruction(123_456, key=new_intent(client.house)))
    assert work.run_due(payments.business_id) == 1
    (there,) = client.under(intent)
    row = payments.row(intent)
    assert (row.stage, row.rail_id, row.todo, row.attempt) == ("under_way", there["id"], "watch", 1)
    assert there["amount"]["amount"] == 123_456
    assert payments.steps(intent) == ["SendBegun", "SendMade"]
    assert work.run_due(payments.business_id) == 0, "what was sent is not due any more"
    payments.prove_the_log()


def test_an_answer_that_got_lost_is_looked_up_after_a_while(
    client: Client, payments: Payments, work: PaymentWork, clock: MovedClock
) -> None:
    order = client.instruction(key=new_intent(client.house))
    payments.release(order)
    client.sandbox.fault("cut_after_commit", path="/v1/bills", method="POST", count=1)
    replace(work, opens=always(client.going_blind())).run_due(payments.business_id)
    assert payments.row(order.key).stage == "unknown"
    client.sandbox.calm()
    assert work.run_due(payments.business_id) == 0, "a look before its time would say nothing"
    clock.wait(minutes=2)
    assert work.run_due(payments.business_id) == 1
    assert (payments.row(order.key).stage, len(client.under(order.key))) == ("under_way", 1)
    payments.prove_the_log()


def test_what_never_arrived_is_looked_for_three_times_and_then_a_person_is_asked(
    client: Client, payments: Payments, work: PaymentWork, clock: MovedClock
) -> None:
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)))
    client.sandbox.fault("drop", path="/v1/bills", method="POST", count=1)
    assert work.run_due(payments.business_id) == 1
    for span in ({"minutes": 2}, {"minutes": 10}, {"hours": 1}):
        clock.wait(**span)
        assert work.run_due(payments.business_id) == 1
    row = payments.row(intent)
    assert (row.stage, row.todo, row.needs_person, client.under(intent)) == ("unknown", None, True, [])
    assert row.why == "Nothing is there under our key."
    clock.wait(days=1)
    assert work.run_due(payments.business_id) == 0, "nothing is sent again by itself, however long it waits"
    payments.prove_the_log()
