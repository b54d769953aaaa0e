"""Invoices are asked for once, whatever happens to the answer: made, sent, voided, given up, and money given back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from interlock.app.stripe import connect_stripe
from interlock.domains.stripe.rail import StripeRail
from interlock.kernel.money import Money
from interlock.rails.errors import OutcomeUnknown, Rejected, Unauthorised
from interlock.rails.moves import Instructed, InvoiceOrder, RefundOrder
from interlock.rails.witnesses import UNKNOWN, RailInvoice
from tests.rails.stripe.at_stripe import Client

Takes = Callable[[int], Client]


@pytest.fixture
def client(takes: Takes) -> Client:
    return takes(3).connect()


@pytest.fixture
def customer(client: Client) -> str:
    return str(client.by_hand("customers", name="Marlow Tiles", email="pay@marlow.example")["id"])


@pytest.fixture(params=["finalize", "send", "void", "mark_uncollectible"])
def step(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def order(client: Client, customer: str, key: str, minor: int = 45_000, age_hours: int = 0) -> InvoiceOrder:
    now = client.house.clock.now()
    return InvoiceOrder(
        key=f"{client.business.business_id}-{key}",
        committed_at=now - timedelta(hours=age_hours),
        customer_id=customer,
        ledger_id="145",
        ledger_number="1034",
        amount=Money(minor, "USD"),
        due=now.date() + timedelta(days=14),
        description="Tiles, second floor",
    )


def invoices_of(client: Client, customer: str) -> list[dict[str, Any]]:
    return client.there("invoices", customer=customer)


def do(client: Client, work: Any) -> Any:
    return client.house.transport.run(work)


def test_from_draft_to_sent(client: Client, customer: str) -> None:
    ordered, rail = order(client, customer, "plain"), client.rail
    made: Instructed = do(client, rail.create_invoice(ordered))
    assert (made.state, made.found, made.key) == ("draft", False, ordered.key)
    sent = do(client, rail.send_invoice(made.rail_id, f"{ordered.key}-send"))
    assert (sent.state, sent.found) == ("open", False) and sent.url
    (there,) = invoices_of(client, customer)
    assert (there["total"], there["auto_advance"], there["collection_method"]) == (45_000, False, "send_invoice")
    assert there["metadata"]["qbo_invoice_id"] == "145"
    client.sync()
    held = client.rows(RailInvoice)[made.rail_id]
    assert held.sent and held.order_key == ordered.key and held.ledger_number == "1034"


def test_what_is_overdue_can_still_be_asked_for(client: Client, customer: str) -> None:
    late = order(client, customer, "late")
    made = do(client, client.rail.create_invoice(_due(late, late.due - timedelta(days=60))))
    assert made.state == "draft"


def _due(ordered: InvoiceOrder, day: Any) -> InvoiceOrder:
    return msgspec.structs.replace(ordered, due=day)


def test_sent_again_it_is_the_same_invoice(client: Client, customer: str) -> None:
    ordered = order(client, customer, "twice")
    first, second = (do(client, client.rail.create_invoice(ordered)) for _ in range(2))
    assert first.rail_id == second.rail_id and len(invoices_of(client, customer)) == 1
    for _ in range(2):
        do(client, client.rail.send_invoice(first.rail_id, "send-twice"))
    sent = [
        each for each in client.there("events", type="invoice.sent") if each["data"]["object"]["id"] == first.rail_id
    ]
    assert len(sent) == 1, "the customer was written to twice"


@pytest.mark.parametrize("path", ["/v1/invoices", "/v1/invoiceitems"])
def test_an_answer_that_is_lost_is_found_by_key(client: Client, customer: str, path: str) -> None:
    ordered = order(client, customer, f"lost{path.count('m')}")
    client.sandbox.fault("cut_after_commit", path=path, method="POST", count=1)
    with pytest.raises(OutcomeUnknown) as unknown:
        do(client, client.rail.create_invoice(ordered))
    assert unknown.value.key == ordered.key
    found = do(client, client.rail.find_invoice(ordered))
    assert found is not None and found.found
    if path == "/v1/invoices":
        assert found.state == UNKNOWN, "a draft without its line isn't the invoice that was ordered"
    made = do(client, client.rail.create_invoice(ordered))
    assert made.rail_id == found.rail_id and made.state == "draft"
    (there,) = invoices_of(client, customer)
    assert there["total"] == 45_000, "it was doubled, or left half done"


@pytest.mark.parametrize(("breaks", "stands"), [("before", False), ("after", True)])
def test_a_failure_of_stripes_own_is_looked_up_not_repeated(
    client: Client, customer: str, breaks: str, stands: bool
) -> None:
    """Stripe repeats a 500 under its key for a day, whether or not it did something."""
    ordered = order(client, customer, f"500-{breaks}")
    client.at("trouble", breaks=[breaks])
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            do(client, client.rail.create_invoice(ordered))
    found = do(client, client.rail.find_invoice(ordered))
    assert (found is not None) == stands
    assert len(invoices_of(client, customer)) == int(stands)


def test_what_stands_under_an_old_order_is_found_whole(client: Client, customer: str) -> None:
    ordered = order(client, customer, "half")
    draft_first = client.by_hand(
        "invoices",
        customer=customer,
        collection_method="send_invoice",
        days_until_due="9",
        **{"metadata[interlock_key]": ordered.key},
    )
    client.by_hand("invoiceitems", customer=customer, invoice=draft_first["id"], amount="45000", currency="usd")
    aged = order(client, customer, "half", age_hours=30)
    made = do(client, client.rail.create_invoice(aged))
    assert made.found and made.rail_id == draft_first["id"], "an order older than a day is looked up"
    assert invoices_of(client, customer)[0]["total"] == 45_000


def test_an_order_older_than_a_day_is_never_sent(client: Client, customer: str) -> None:
    aged = order(client, customer, "aged", age_hours=24)
    with pytest.raises(Rejected) as refused:
        do(client, client.rail.create_invoice(aged))
    assert refused.value.reason == "order_expired" and invoices_of(client, customer) == []


def test_one_key_for_two_orders_is_unknown_not_refused(client: Client, customer: str) -> None:
    do(client, client.rail.create_invoice(order(client, customer, "same")))
    other = str(client.by_hand("customers", name="Somebody Else", email="x@else.example")["id"])
    with pytest.raises(OutcomeUnknown):
        do(client, client.rail.create_invoice(order(client, other, "same")))
    assert invoices_of(client, other) == []


def test_each_step_survives_a_lost_answer(client: Client, customer: str, step: str) -> None:
    ordered = order(client, customer, f"step-{step}")
    invoice_id = do(client, client.rail.create_invoice(ordered)).rail_id
    if step in {"void", "mark_uncollectible"}:
        do(client, client.rail.send_invoice(invoice_id, f"{step}-first"))

    def act(rail: StripeRail) -> Any:
        if step == "void":
            return rail.void_invoice(invoice_id, f"{ordered.key}-end")
        if step == "mark_uncollectible":
            return rail.mark_uncollectible(invoice_id, f"{ordered.key}-end")
        return rail.send_invoice(invoice_id, f"{ordered.key}-end")

    client.sandbox.fault("cut_after_commit", path=f"/{step}", method="POST", count=1)
    with pytest.raises(OutcomeUnknown) as unknown:
        do(client, act(client.rail))
    assert unknown.value.key == f"{ordered.key}-end"
    again = do(client, act(client.rail))
    wanted = {"void": "void", "mark_uncollectible": "uncollectible"}.get(step, "open")
    assert again.state == wanted
    events = client.there("events")
    sent = [each for each in events if each["type"] == "invoice.sent" and each["data"]["object"]["id"] == invoice_id]
    assert len(sent) == 1, "the customer was written to twice, or not at all"


def test_a_sending_that_was_lost_long_ago_is_seen_among_events(client: Client, customer: str) -> None:
    """The mark was never left and the key is forgotten: what Stripe says it sent under our key still counts."""
    invoice_id = do(client, client.rail.create_invoice(order(client, customer, "long"))).rail_id
    client.sandbox.fault("cut_after_commit", path="/send", method="POST", count=1)
    with pytest.raises(OutcomeUnknown):
        do(client, client.rail.send_invoice(invoice_id, "long-ago"))
    client.later(days=3, live=False)
    again = do(client, client.rail.send_invoice(invoice_id, "long-ago"))
    assert again.found
    sent = [each for each in client.there("events", type="invoice.sent") if each["data"]["object"]["id"] == invoice_id]
    assert len(sent) == 1


def test_moves_that_stripe_doesnt_have_are_refused_without_asking(client: Client, customer: str) -> None:
    draft = do(client, client.rail.create_invoice(order(client, customer, "moves"))).rail_id
    with pytest.raises(Rejected, match="draft"):
        do(client, client.rail.void_invoice(draft, "k-void"))
    do(client, client.rail.send_invoice(draft, "k-send"))
    do(client, client.rail.mark_uncollectible(draft, "k-give-up"))
    assert do(client, client.rail.mark_uncollectible(draft, "k-give-up")).found
    with pytest.raises(Rejected, match="uncollectible"):
        do(client, client.rail.send_invoice(draft, "k-send-again"))
    assert do(client, client.rail.void_invoice(draft, "k-void-now")).state == "void"


def refund(client: Client, charge: str, key: str, minor: int, age_hours: int = 0) -> RefundOrder:
    return RefundOrder(
        key=f"{client.business.business_id}-{key}",
        committed_at=client.house.clock.now() - timedelta(hours=age_hours),
        charge_id=charge,
        amount=Money(minor, "USD"),
        reason="requested_by_customer",
    )


def test_money_is_given_back_once(client: Client) -> None:
    charge = client.happens("pay", amount=20_000, method="card")["charge"]["id"]
    ordered = refund(client, charge, "back", 6_000)
    client.sandbox.fault("cut_after_commit", path="/v1/refunds", method="POST", count=1)
    with pytest.raises(OutcomeUnknown):
        do(client, client.rail.refund_payment(ordered))
    found = do(client, client.rail.find_refund(ordered))
    assert found is not None and found.found
    assert do(client, client.rail.refund_payment(ordered)).rail_id == found.rail_id
    client.later(days=2, live=False)
    late = refund(client, charge, "back", 6_000, age_hours=48)
    assert do(client, client.rail.refund_payment(late)).rail_id == found.rail_id
    assert [each["amount"] for each in client.there("refunds", charge=charge)] == [6_000], "given back twice"


def test_more_than_was_charged_cant_be_given_back(client: Client) -> None:
    charge = client.happens("pay", amount=20_000, method="card")["charge"]["id"]
    with pytest.raises(Rejected):
        do(client, client.rail.refund_payment(refund(client, charge, "much", 20_001)))
    assert do(client, client.rail.find_refund(refund(client, charge, "much", 20_001))) is None


def test_a_restricted_key_that_may_not_refund_says_so(client: Client) -> None:
    charge = client.happens("pay", amount=20_000, method="card")["charge"]["id"]
    connect_stripe(client.house, client.business, actor="a test", key=client.told["restricted_key"])
    with pytest.raises(Unauthorised, match="may not"):
        do(client, client.rail.refund_payment(refund(client, charge, "restricted", 500)))
