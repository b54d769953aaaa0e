"""What becomes of an invoice whose answer is lost: looked up by its key, completed, never made or e-mailed twice."""

import pytest

from interlock.domains.ar.policy.orders import TRIES_MOST
from interlock.kernel.errors import BadInput
from tests.orders.counter import Counter

PATHS = ("/v1/invoices", "/v1/invoiceitems", "/finalize", "/send")


@pytest.mark.parametrize("path", PATHS)
def test_cut_off_anywhere_it_is_one_invoice_and_one_mail(counter: Counter, path: str) -> None:
    owed = counter.owed(f"4{PATHS.index(path)}1.00")
    order = counter.decide(counter.prepare("invoice", owed), "approve")
    counter.undo_passes()
    counter.sandbox.fault("cut_after_commit", path=path, method="POST", count=1)
    counter.work()
    assert counter.row(order).todo == "look_up", "an unknown outcome is to be looked up before anything else"
    held = counter.open_balance(owed)
    assert held.why_not is not None, "while nobody knows, the two ledgers can't agree"
    counter.hours_pass(1)
    counter.work()
    assert counter.now(order).state == "standing", counter.now(order).why
    (there,) = counter.at_stripe(owed)
    assert there["status"] == "open" and counter.mailed(there["id"]) == 1


def test_found_unfinished_after_it_was_paid_in_the_books_it_is_not_sent(counter: Counter) -> None:
    owed = counter.owed("451.00")
    order = counter.decide(counter.prepare("invoice", owed), "approve")
    counter.undo_passes()
    counter.sandbox.fault("cut_after_commit", path="/v1/invoiceitems", method="POST", count=1)
    counter.work()
    line = {"Amount": "451.00", "LinkedTxn": [{"TxnId": owed, "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": "34"}, "TotalAmt": "451.00", "Line": [line]}
    counter.sandbox.create(counter.client.realm_id, "Payment", body)
    counter.hours_pass(1)
    counter.sync()
    counter.work()
    stopped, (there,) = counter.now(order), counter.at_stripe(owed)
    assert stopped.state == "refused" and there["id"] in (stopped.why or ""), stopped.why
    assert there["status"] == "draft" and counter.mailed(there["id"]) == 0, "a customer who paid was asked again"


def test_while_stripe_is_down_it_waits_then_asks_a_person_who_says(counter: Counter) -> None:
    owed = counter.owed("461.00")
    order = counter.decide(counter.prepare("invoice", owed), "approve")
    counter.undo_passes()
    counter.sandbox.fault("down", path="/v1/invoices")
    counter.work()
    assert counter.row(order).todo == "look_up", "it isn't known that nothing stands there"
    counter.tried(order, TRIES_MOST)
    counter.hours_pass(5)
    counter.work()
    lost = counter.now(order)
    assert lost.state == "unknown" and lost.needs, f"{lost.state}: nobody is asked"
    counter.sandbox.calm()
    with pytest.raises(BadInput, match="what you saw"):
        counter.decide(order, "not_made")
    assert counter.decide(order, "not_made", comment="no invoice there").state == "refused"
    assert counter.at_stripe(owed) == [] and counter.work() == 0
