"""An account is read whole once, and then only what happened; the mirror says what Stripe says, to the cent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interlock.infra.db import Database
from interlock.rails.facts import Fact
from interlock.rails.witnesses import (
    Charge,
    Dispute,
    InvoiceReceipt,
    Payout,
    PayoutPart,
    RailCustomer,
    RailInvoice,
    Refund,
)
from tests.rails.stripe.at_stripe import Client, with_stripe
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox

Takes = Callable[[int], Client]

_LISTS: dict[type[Fact], str] = {
    RailCustomer: "customers",
    RailInvoice: "invoices",
    InvoiceReceipt: "invoice_payments",
    Charge: "charges",
    Refund: "refunds",
    Dispute: "disputes",
    Payout: "payouts",
}
_SAYS: dict[type[Fact], Callable[[Any], tuple[Any, ...]]] = {
    RailCustomer: lambda row: (row["name"], row["metadata"].get("qbo_customer_id")),
    RailInvoice: lambda row: (row["status"], row["total"], row["amount_paid"], row["amount_remaining"]),
    InvoiceReceipt: lambda row: (row["status"], row["invoice"], row["amount_requested"], row["amount_paid"]),
    Charge: lambda row: (row["status"], row["amount"], row["amount_refunded"], row["disputed"], row["payment_intent"]),
    Refund: lambda row: (row["status"], row["amount"], row["charge"]),
    Dispute: lambda row: (row["status"], row["amount"], row["charge"]),
    Payout: lambda row: (row["status"], row["amount"], row["automatic"]),
}
_HELD: dict[type[Fact], Callable[[Any], tuple[Any, ...]]] = {
    RailCustomer: lambda row: (row.name, row.ledger_id),
    RailInvoice: lambda row: (row.state, row.total_minor, row.paid_minor, row.open_minor),
    InvoiceReceipt: lambda row: (row.state, row.invoice_id, row.requested_minor, row.paid_minor),
    Charge: lambda row: (row.state, row.amount_minor, row.refunded_minor, row.disputed, row.payment_id),
    Refund: lambda row: (row.state, row.amount_minor, row.charge_id),
    Dispute: lambda row: (row.state, row.amount_minor, row.charge_id),
    Payout: lambda row: (row.state, row.amount_minor, row.automatic),
}


def assert_mirrors(client: Client) -> None:
    """Everything Stripe lists stands in the mirror as it says it, and nothing else does."""
    for kind, path in _LISTS.items():
        theirs = {row["id"]: _SAYS[kind](row) for row in client.there(path)}
        ours = {id_: _HELD[kind](row) for id_, row in client.rows(kind).items()}
        assert ours == theirs, f"{path} differ"
    movements = {row["id"]: row["net"] for row in client.there("balance_transactions") if row["type"] != "payout"}
    parts = {id_: row.net_minor for id_, row in client.rows(PayoutPart).items()}
    assert parts.items() <= movements.items(), "a movement that Stripe doesn't show"


@pytest.fixture
def client(takes: Takes) -> Client:
    return takes(0).connect()


def test_everything_is_read_once_and_each_payout_is_taken_apart(client: Client) -> None:
    report = client.sync()
    assert report.mode == "full"
    assert_mirrors(client)
    assert len(client.rows(Charge)) > 5, "the account has a past"
    payouts = client.rows(Payout)
    assert payouts, "the account has paid out"
    for row in client.there("payouts"):
        found = client.unbundle(row["id"])
        assert found.attributed == (row["reconciliation_status"] == "completed"), found.why_not
        assert all(part.rest is not None for part in found.parts)
    assert client.actions()[-1] == "sync.finished"


def test_a_second_sync_reads_only_what_happened(client: Client) -> None:
    first = client.sync()
    quiet = client.sync()
    assert quiet.mode == "changes"
    assert quiet.calls <= 3, "events, payouts that may change, movements: nothing else needs asking"
    assert all(each.upserted == 0 for each in quiet.entities)
    open_invoice = next(each for each in client.rows(RailInvoice).values() if each.state == "open")
    client.happens("pay", invoice=open_invoice.id, method="card")
    then = client.sync()
    assert then.mode == "changes" and then.calls < first.calls
    assert client.rows(RailInvoice)[open_invoice.id].state == "paid"
    assert_mirrors(client)


def test_everything_that_can_happen_is_followed(client: Client) -> None:
    client.sync()
    card = client.happens("pay", amount=20_000, method="card")["charge"]["id"]
    bank = client.happens("pay", amount=30_000, method="ach")["charge"]["id"]
    contested = client.happens("pay", amount=40_000, method="card")["charge"]["id"]
    client.happens("pay", amount=50_000, method="card", goes_wrong="card_declined")
    client.sync()
    assert client.rows(Charge)[bank].state == "pending", "a bank debit is under way for days"
    client.by_hand("refunds", charge=card, amount="5000")
    client.at(f"charges/{bank}/fail", code="insufficient_funds")
    dispute = client.at(f"charges/{contested}/dispute")["dispute"]["id"]
    client.sync()
    assert client.rows(Charge)[card].refunded_minor == 5_000
    assert client.rows(Charge)[bank].state == "failed" and client.rows(Charge)[bank].failure
    assert client.rows(Charge)[contested].disputed and client.rows(Dispute)[dispute].answer_by is not None
    client.at(f"disputes/{dispute}/lost")
    client.sync()
    assert client.rows(Dispute)[dispute].state == "lost"
    assert_mirrors(client)


def test_what_is_deleted_there_is_buried_here(client: Client) -> None:
    customer = client.by_hand("customers", name="Brindle Books", email="office@brindle.example")["id"]
    draft = client.by_hand("invoices", customer=customer, collection_method="send_invoice", days_until_due="9")["id"]
    client.sync()
    assert draft in client.rows(RailInvoice) and customer in client.rows(RailCustomer)
    client.remove(f"invoices/{draft}")
    client.remove(f"customers/{customer}")
    client.sync()
    assert draft not in client.rows(RailInvoice) and customer not in client.rows(RailCustomer)
    client.sync(full=True)
    assert_mirrors(client)


def test_many_changes_of_one_hour_come_from_lists(client: Client) -> None:
    client.sync()
    for _ in range(40):
        client.happens("pay", amount=7_500, method="card")
    report = client.sync()
    assert report.calls < 12, f"{report.calls} calls for 40 charges: never one for each"
    assert_mirrors(client)


def test_on_either_database(database: Database, sandbox: Sandbox, tmp_path: Path) -> None:
    house = with_stripe(house_over(database, sandbox, tmp_path), sandbox)
    try:
        account = sandbox.clients()[2]
        business, _ = take_on(house, account)
        client = Client(house, sandbox, business, account.realm_id).connect()
        assert client.sync().mode == "full"
        client.happens("pay", amount=6_100, method="card")
        assert client.sync().mode == "changes"
        assert client.sync(full=True).mode == "full"
        assert_mirrors(client)
    finally:
        house.end_calls()
