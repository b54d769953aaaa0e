"""Money given back leaves: two people above the limit, a third releases it, and it goes once whatever happens to the answer."""

import pytest

from interlock.domains.ar.services.invoice_management_service import NotNow
from interlock.kernel.errors import BadInput, Refused
from tests.orders.counter import Counter


def paid(counter: Counter, amount: str) -> tuple[str, str]:
    """An invoice asked for and paid through Stripe: the invoice, the charge."""
    owed = counter.owed(amount)
    charge = counter.pays(counter.sent(owed).rail_id or "")
    counter.sync()
    return owed, charge


def test_a_small_refund_is_approved_released_and_given_once(counter: Counter) -> None:
    _, charge = paid(counter, "310.00")
    order = counter.decide(counter.refund(charge, "110.00"), "approve", by="odell")
    assert counter.work() == 0, "money left before anybody released it"
    with pytest.raises(BadInput, match="undone"):
        counter.decide(order, "release", by="mara")
    counter.undo_passes()
    assert counter.work() == 0
    with pytest.raises(Refused, match="engagement"):
        counter.decide(order, "release", by="wren")
    counter.decide(order, "release", by="mara")
    assert counter.work() == 1
    assert counter.now(order).state == "standing", counter.now(order).why
    (given,) = counter.refunds(charge)
    assert given["amount"] == 11_000
    counter.sync()
    assert counter.work() == 0
    with pytest.raises(NotNow, match=r"200\.00 is left"):
        counter.refund(charge, "200.01")


def test_above_the_limit_two_approve_and_who_approved_does_not_release(counter: Counter) -> None:
    _, charge = paid(counter, "9000.00")
    order = counter.refund(charge)
    assert counter.decide(order, "approve", by="wren").state == "half"
    with pytest.raises(Refused, match="approved this already"):
        counter.decide(order, "approve", by="wren")
    assert counter.decide(order, "approve", by="odell").state == "approved"
    counter.undo_passes()
    with pytest.raises(Refused, match="doesn't release"):
        counter.decide(order, "release", by="odell")
    counter.decide(order, "release", by="mara")
    counter.work()
    assert [each["amount"] for each in counter.refunds(charge)] == [900_000]


def test_parts_count_together_towards_the_limit(counter: Counter) -> None:
    _, charge = paid(counter, "8000.00")
    counter.decide(counter.refund(charge, "4000.00"), "approve", by="wren")
    second = counter.decide(counter.refund(charge, "4000.00"), "approve", by="wren")
    assert second.state == "half", "two parts of one payment stayed under the limit that both together are above"


def test_a_disputed_payment_is_not_given_back_as_well(counter: Counter) -> None:
    _, charge = paid(counter, "330.00")
    order = counter.decide(counter.refund(charge), "approve")
    counter.undo_passes()
    counter.decide(order, "release", by="mara")
    counter.client.at(f"charges/{charge}/dispute")
    counter.sync()
    counter.work()
    stopped = counter.now(order)
    assert stopped.state == "voided" and "disputes" in (stopped.why or ""), stopped.why
    assert counter.refunds(charge) == []


def test_an_answer_that_is_lost_is_looked_up_and_nothing_is_given_twice(counter: Counter) -> None:
    _, charge = paid(counter, "340.00")
    order = counter.decide(counter.refund(charge), "approve")
    counter.undo_passes()
    counter.decide(order, "release", by="mara")
    counter.sandbox.fault("cut_after_commit", path="/v1/refunds", method="POST", count=1)
    counter.work()
    assert (counter.row(order).state, counter.row(order).todo) == ("committed", "look_up"), counter.row(order).why
    counter.hours_pass(1)
    counter.work()
    assert counter.now(order).state == "standing", counter.now(order).why
    assert len(counter.refunds(charge)) == 1
