"""Bills for Ramp's own people to decide on, and payments that are called back while they can be."""

from contextlib import nullcontext
from typing import Any

import pytest

from interlock.rails.errors import OutcomeUnknown, Rejected
from tests.rails.ramp.at_ramp import Client


def hand_off(client: Client, order: Any) -> Any:
    return client.run(client.rail.hand_off_bill(order))


def drafts(client: Client, key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.elsewhere("GET", f"bills/drafts?remote_id={key}")["data"]
    return found


def test_a_bill_that_is_handed_off_waits_for_their_approval_and_pays_nothing(client: Client) -> None:
    order = client.hand_off(55_010)
    done = hand_off(client, order)
    (there,) = client.under(order.key)
    assert (done.state, done.found, done.rail_id) == ("approval_pending", False, there["id"])
    assert there["amount"]["amount"] == 55_010 and there["payment"] is None and drafts(client, order.key) == []


def test_handed_off_again_it_is_found(client: Client) -> None:
    order = client.hand_off()
    first, second = hand_off(client, order), hand_off(client, order)
    assert (second.found, second.rail_id) == (True, first.rail_id) and len(client.under(order.key)) == 1


def test_a_key_that_was_used_for_another_vendor_is_not_this_bills(client: Client) -> None:
    order = client.hand_off()
    hand_off(client, order)
    vendors = [each["id"] for each in client.elsewhere("GET", "vendors?page_size=100&is_active=true")["data"]]
    other = next(each for each in vendors if each != order.vendor_id)
    with pytest.raises(OutcomeUnknown, match="was asked for"):
        hand_off(client, client.hand_off(key=order.key, vendor_id=other))
    assert len(client.under(order.key)) == 1


def test_a_draft_whose_answer_got_lost_is_found_and_submitted(client: Client) -> None:
    order = client.hand_off()
    client.sandbox.fault("cut_after_commit", path="/bills/drafts", method="POST", count=1)
    assert hand_off(client, order).state == "approval_pending"
    assert (len(client.under(order.key)), drafts(client, order.key)) == (1, [])


def test_a_submission_whose_answer_got_lost_is_found(client: Client) -> None:
    order = client.hand_off()
    client.sandbox.fault("cut_after_commit", path="/submit", method="POST", count=1)
    assert hand_off(client, order).found and len(client.under(order.key)) == 1


def test_one_that_was_cut_off_between_the_two_is_completed_and_not_made_twice(client: Client) -> None:
    order = client.hand_off()
    client.sandbox.fault("drop", path="/submit", method="POST", count=1)
    with pytest.raises(OutcomeUnknown) as raised:
        hand_off(client, order)
    assert raised.value.key == order.key and len(drafts(client, order.key)) == 1
    done = hand_off(client, order)
    assert (done.state, len(client.under(order.key)), drafts(client, order.key)) == ("approval_pending", 1, [])


def test_a_draft_that_stands_while_nobody_lets_us_submit_it_is_never_nothing(client: Client) -> None:
    """Ramp turns the submission away for now: people there may submit the draft, so its bill isn't free to be paid again."""
    order, sendings = client.hand_off(), iter((True, False))
    rail = client.patient([], alone=lambda _key: nullcontext(lambda: next(sendings)))
    with pytest.raises(OutcomeUnknown, match="stands in Ramp and wasn't submitted"):
        client.run(rail.hand_off_bill(order))
    assert (len(drafts(client, order.key)), client.under(order.key)) == (1, [])


def test_a_draft_that_never_arrived_stays_unknown(client: Client) -> None:
    order = client.hand_off()
    client.sandbox.fault("drop", path="/bills/drafts", method="POST", count=1)
    with pytest.raises(OutcomeUnknown):
        hand_off(client, order)
    assert (drafts(client, order.key), client.under(order.key)) == ([], [])


def test_two_drafts_under_one_key_are_left_to_a_person(client: Client) -> None:
    order = client.hand_off()
    body = {"vendor_id": order.vendor_id, "remote_id": order.key}
    made = [client.elsewhere("POST", "bills/drafts", body)["id"] for _ in range(2)]
    with pytest.raises(OutcomeUnknown) as raised:
        hand_off(client, order)
    assert all(each in raised.value.sentence for each in made)


def test_a_draft_that_lacks_something_says_what_and_that_it_stands_there(client: Client) -> None:
    """A draft of this key that somebody emptied at Ramp's screen."""
    order = client.hand_off()
    made = client.elsewhere("POST", "bills/drafts", {"vendor_id": order.vendor_id, "remote_id": order.key})["id"]
    with pytest.raises(Rejected, match="stands in Ramp and isn't complete") as raised:
        hand_off(client, order)
    assert made in raised.value.sentence and "invoice_number" in raised.value.sentence


def test_a_payment_is_called_back_before_it_leaves(client: Client) -> None:
    done = client.pay(client.instruction())
    client.run(client.rail.cancel_payment(done.rail_id))
    assert client.bill_there(done.rail_id)["status_summary"] == "ARCHIVED"
    client.run(client.rail.cancel_payment(done.rail_id))  # twice is once


def test_a_cancelling_whose_answer_got_lost_is_read_back(client: Client) -> None:
    done = client.pay(client.instruction())
    client.sandbox.fault("cut_after_commit", path="/v1/bills", method="DELETE", count=1)
    client.run(client.rail.cancel_payment(done.rail_id))
    assert client.bill_there(done.rail_id)["status_summary"] == "ARCHIVED"


def test_a_cancelling_that_never_arrived_is_not_believed(client: Client) -> None:
    done = client.pay(client.instruction())
    client.sandbox.fault("drop", path="/v1/bills", method="DELETE")
    with pytest.raises(OutcomeUnknown) as raised:
        client.run(client.rail.cancel_payment(done.rail_id))
    assert raised.value.key == done.rail_id and "payment_scheduled" in raised.value.sentence
    assert client.bill_there(done.rail_id)["status_summary"] == "PAYMENT_SCHEDULED"


@pytest.mark.parametrize(("complete", "said"), [(False, "in flight"), (True, "Paid bills cannot be archived")])
def test_too_late_is_refused_in_ramps_words(client: Client, complete: bool, said: str) -> None:
    done = client.pay(client.instruction())
    client.at_screen(done.rail_id, "pay", complete=complete)
    with pytest.raises(Rejected, match=said):
        client.run(client.rail.cancel_payment(done.rail_id))


def test_part_of_a_batch_is_too_late_too(client: Client) -> None:
    two = [client.pay(client.instruction()).rail_id for _ in range(2)]
    client.sandbox.control("POST", f"ramp/{client.realm_id}/batch", {"bills": two, "complete": False})
    with pytest.raises(Rejected, match="batch"):
        client.run(client.rail.cancel_payment(two[0]))


def test_a_bill_that_is_not_there_cannot_be_cancelled(client: Client) -> None:
    with pytest.raises(Rejected, match="does not exist"):
        client.run(client.rail.cancel_payment("00000000-0000-4000-8000-000000000000"))
