"""A customer is asked through Stripe once, for what is open in the books, after one prepared it and another approved it."""

import pytest

from interlock.domains.ar.services.invoice_management_service import NotNow
from interlock.kernel.errors import BadInput, Refused
from tests.orders.counter import Counter


def test_an_open_invoice_is_made_sent_and_agreed_on_by_both_ledgers(counter: Counter) -> None:
    owed = counter.owed("120.00")
    order = counter.prepare("invoice", owed)
    assert counter.work() == 0, "it went out before anybody approved it"
    counter.decide(order, "approve")
    assert counter.work() == 0, "it went out while the approval could still be undone"
    counter.undo_passes()
    assert counter.work() == 1
    done, (there,) = counter.now(order), counter.at_stripe(owed)
    assert (done.state, done.rail_id, done.url) == ("standing", there["id"], there["hosted_invoice_url"]), done.why
    assert (there["total"], there["status"], counter.mailed(there["id"])) == (12_000, "open", 1)
    before = counter.open_balance(owed)
    assert (before.rail_minor, before.why_not) == (12_000, None), "what was just made isn't known until it is read"
    counter.sync()
    after = counter.open_balance(owed)
    assert (after.rail_minor, after.rail_invoice_id, after.ask_minor) == (12_000, there["id"], 12_000), after.why_not
    assert counter.work() == 0
    assert counter.prove_the_log() == ["order.prepared", "order.said_yes", "order.begun", "order.made"]


def test_who_prepared_it_does_not_approve_it_and_a_bookkeeper_never(counter: Counter) -> None:
    order = counter.prepare("invoice", counter.owed(), by="wren")
    with pytest.raises(Refused, match="prepared"):
        counter.decide(order, "approve", by="wren")
    with pytest.raises(Refused, match="may not approve"):
        counter.decide(order, "approve", by="bo")
    assert counter.decide(order, "approve", by="odell").state == "approved"


def test_an_approval_is_taken_back_before_it_goes_out(counter: Counter) -> None:
    owed = counter.owed()
    order = counter.decide(counter.prepare("invoice", owed), "approve")
    counter.decide(order, "withdraw")
    counter.undo_passes()
    assert counter.work() == 0 and counter.at_stripe(owed) == []
    with pytest.raises(BadInput, match="withdrawn"):
        counter.decide(order, "approve")


def test_what_was_paid_in_the_books_meanwhile_stops_it(counter: Counter) -> None:
    owed = counter.owed("90.00")
    order = counter.decide(counter.prepare("invoice", owed), "approve")
    line = {"Amount": "40.00", "LinkedTxn": [{"TxnId": owed, "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": "34"}, "TotalAmt": "40.00", "Line": [line]}
    counter.sandbox.create(counter.client.realm_id, "Payment", body)
    counter.sync()
    counter.undo_passes()
    counter.work()
    stopped = counter.now(order)
    assert stopped.state == "voided" and "90.00 is 50.00" in (stopped.why or "").replace("USD ", ""), stopped.why
    assert counter.at_stripe(owed) == []


def test_no_second_invoice_while_one_stands_or_is_ordered(counter: Counter) -> None:
    owed = counter.owed()
    order = counter.prepare("invoice", owed)
    with pytest.raises(NotNow, match="stands already"):
        counter.prepare("invoice", owed)
    counter.decide(order, "approve")
    counter.undo_passes()
    counter.work()
    with pytest.raises(NotNow, match="asks for it already"):
        counter.prepare("invoice", owed)
    counter.sync()
    with pytest.raises(NotNow, match="asks for it already"):
        counter.prepare("invoice", owed)
    assert len(counter.at_stripe(owed)) == 1


def test_never_while_the_two_ledgers_disagree(counter: Counter) -> None:
    """Paid through Stripe and not in the books: asked again, the customer would pay twice."""
    owed = counter.owed("150.00")
    first = counter.sent(owed)
    counter.pays(first.rail_id or "")
    counter.sync()
    seen = counter.open_balance(owed)
    assert (seen.ledger_minor, seen.collected_minor, seen.ask_minor) == (15_000, 15_000, 0), seen.why_not
    with pytest.raises(NotNow, match="paid through Stripe"):
        counter.prepare("invoice", owed)


def test_money_on_its_way_is_not_asked_for_again(counter: Counter) -> None:
    owed = counter.owed("75.00")
    first = counter.sent(owed)
    counter.pays(first.rail_id or "", method="ach")
    counter.sync()
    seen = counter.open_balance(owed)
    assert (seen.in_flight_minor, seen.ask_minor) == (7_500, 0), seen
    with pytest.raises(NotNow, match="on its way"):
        counter.prepare("void", owed)


def test_asked_for_by_hand_at_stripe_beside_us_is_seen(counter: Counter) -> None:
    owed = counter.owed("60.00")
    by_hand = counter.client.by_hand(
        "invoices", customer=counter.rail_customer, collection_method="send_invoice", days_until_due="14",
        **{"metadata[qbo_invoice_id]": owed},
    )  # fmt: skip
    counter.client.by_hand(
        "invoiceitems", customer=counter.rail_customer, invoice=by_hand["id"], amount="6100", currency="usd"
    )
    counter.client.by_hand(f"invoices/{by_hand['id']}/finalize")
    counter.sync()
    seen = counter.open_balance(owed)
    assert seen.why_not is not None and "61.00" in seen.why_not, "the two ledgers differ and nobody says so"
    with pytest.raises(NotNow, match=r"61\.00"):
        counter.prepare("invoice", owed)
