"""Stripe stops asking: voided for good, or given up; and where no Stripe is connected nothing can be ordered at all."""

import pytest

from interlock.app.stripe import disconnect_stripe
from interlock.domains.ar.services.invoice_management_service import NotNow
from interlock.kernel.errors import BadInput
from interlock.rails.registry import CapabilityParked
from tests.orders.counter import Counter


def test_a_voided_invoice_is_asked_for_by_nobody_and_may_be_asked_for_anew(counter: Counter) -> None:
    owed = counter.owed("610.00")
    counter.sent(owed)
    counter.sync()
    order = counter.decide(counter.prepare("void", owed), "approve", by="odell")
    counter.undo_passes()
    counter.work()
    assert counter.now(order).state == "standing", counter.now(order).why
    assert [each["status"] for each in counter.at_stripe(owed)] == ["void"]
    counter.sync()
    assert (counter.open_balance(owed).rail_minor, counter.open_balance(owed).why_not) == (None, None)
    again = counter.sent(owed)
    assert again.state == "standing", again.why
    assert sorted(each["status"] for each in counter.at_stripe(owed)) == ["open", "void"]


def test_given_up_it_may_still_be_paid_so_it_is_not_asked_for_twice(counter: Counter) -> None:
    owed = counter.owed("620.00")
    counter.sent(owed)
    counter.sync()
    order = counter.decide(counter.prepare("uncollectible", owed), "approve")
    counter.undo_passes()
    counter.sandbox.fault("cut_after_commit", path="/mark_uncollectible", method="POST", count=1)
    counter.work()
    counter.hours_pass(1)
    counter.work()
    assert counter.now(order).state == "standing", counter.now(order).why
    counter.sync()
    with pytest.raises(NotNow, match="asks for it already"):
        counter.prepare("invoice", owed)


def test_what_was_never_asked_for_can_not_be_given_up(counter: Counter) -> None:
    with pytest.raises(BadInput, match="asks nobody"):
        counter.prepare("void", counter.owed("630.00"))


def test_without_stripe_nothing_is_ordered(counter: Counter) -> None:
    owed = counter.owed("640.00")
    disconnect_stripe(counter.house, counter.client.business, actor="a test")
    with pytest.raises(CapabilityParked, match="Stripe"):
        counter.prepare("invoice", owed)
