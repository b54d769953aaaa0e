"""What the SDK reads: every object in the shape of its class, lists without loss, payouts to the cent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import stripe

Control = Callable[..., dict[str, Any]]
Lacking = Callable[..., list[str]]
Drafted = Callable[..., Any]


def test_every_object_has_the_shape_the_sdk_knows(api: Any, lacking: Lacking) -> None:
    """No field the class requires lacks, and none stands there that it dropped (``charge`` on an invoice, …)."""
    kinds = {
        "customers": stripe.Customer, "invoices": stripe.Invoice, "invoice_items": stripe.InvoiceItem,
        "invoice_payments": stripe.InvoicePayment, "payment_intents": stripe.PaymentIntent, "charges": stripe.Charge,
        "payouts": stripe.Payout, "balance_transactions": stripe.BalanceTransaction,
    }  # fmt: skip
    for name, kind in kinds.items():
        rows = getattr(api, name).list({"limit": 100}).data
        assert rows, f"the history has no {name}"
        for row in rows:
            assert lacking(row, kind, name) == []
    assert lacking(api.accounts.retrieve_current(), stripe.Account, "account") == []
    for line in api.invoices.list({"limit": 1}).data[0].lines.data:
        assert lacking(line, stripe.InvoiceLineItem, "line") == []


def test_lists_are_paged_by_the_sdk_without_loss(api: Any) -> None:
    whole = [each.id for each in api.invoices.list({"limit": 100}).data]
    paged = [each.id for each in api.invoices.list({"limit": 3}).auto_paging_iter()]
    assert len(whole) > 6
    assert paged == whole
    back = api.invoices.list({"limit": 2, "ending_before": whole[4]})
    assert [each.id for each in back.data] == whole[2:4]
    assert back.has_more
    opened = api.invoices.list({"status": "open", "limit": 100}).data
    assert {each.status for each in opened} == {"open"}
    since = api.invoices.list({"created": {"gte": opened[0].created}, "limit": 100}).data
    assert all(each.created >= opened[0].created for each in since)


def test_a_payout_is_taken_apart_to_the_cent_and_to_its_invoices(api: Any) -> None:
    payouts = [each for each in api.payouts.list({"status": "paid", "limit": 100}).data if each.automatic]
    assert payouts, "no automatic payout has arrived in the history"
    paid_invoices = 0
    for payout in payouts:
        assert payout.reconciliation_status == "completed"
        query = {"payout": payout.id, "limit": 100, "expand": ["data.source"]}
        rows = list(api.balance_transactions.list(query).auto_paging_iter())
        own = [row for row in rows if row.type == "payout"]
        others = [row for row in rows if row.type != "payout"]
        assert [row.net for row in own] == [-payout.amount]
        assert sum(row.net for row in others) == payout.amount
        for row in others:
            assert row.net == row.amount - row.fee == row.amount - sum(each.amount for each in row.fee_details)
            assert row.fee == (row.amount * 29 + 500) // 1000 + 30, "a card costs 2.9 % and 30 cents"
            found = api.invoice_payments.list(
                {"payment": {"type": "payment_intent", "payment_intent": row.source.payment_intent}}
            )
            for each in found.data:
                assert api.invoices.retrieve(each.invoice).status == "paid"
                paid_invoices += 1
    assert paid_invoices, "no charge of a payout leads to an invoice"
