"""Payments, refunds, disputes, payouts and payment links by the SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

Control = Callable[..., dict[str, Any]]
Lacking = Callable[..., list[str]]
Drafted = Callable[..., Any]


def test_cards_that_pay_and_cards_that_do_not(api: Any) -> None:
    intent = api.payment_intents.create(
        {"amount": 5_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    )
    assert (intent.status, intent.amount_received) == ("succeeded", 5_000)
    with pytest.raises(stripe.CardError) as declined:
        api.payment_intents.create(
            {"amount": 5_000, "currency": "usd", "payment_method": "pm_card_visa_chargeDeclined", "confirm": True}
        )
    assert (declined.value.code, declined.value.http_status) == ("card_declined", 402)
    waiting = api.payment_intents.create({"amount": 5_000, "currency": "usd"})
    assert waiting.status == "requires_payment_method"
    assert api.payment_intents.cancel(waiting.id, {"cancellation_reason": "abandoned"}).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        api.payment_intents.cancel(intent.id)


def test_a_bank_debit_processes_for_days_and_may_still_come_back(api: Any, control: Control) -> None:
    debit = {"amount": 70_000, "currency": "usd", "payment_method": "pm_usBankAccount", "confirm": True}
    intent = api.payment_intents.create(debit)
    charge = api.charges.retrieve(intent.latest_charge)
    assert (intent.status, charge.status, charge.balance_transaction) == ("processing", "pending", None)
    control("POST", f"/stripe/charges/{charge.id}/clear")
    cleared = api.charges.retrieve(charge.id, {"expand": ["balance_transaction"]})
    assert (cleared.status, cleared.balance_transaction.type, cleared.balance_transaction.fee) == (
        "succeeded",
        "payment",
        500,
    )
    control("POST", f"/stripe/charges/{charge.id}/return", json={"reason": "insufficient_funds"})
    dispute = api.disputes.list({"charge": charge.id}).data[0]
    assert (dispute.status, api.charges.retrieve(charge.id).disputed) == ("lost", True)
    other = api.payment_intents.create(debit)
    control("POST", f"/stripe/charges/{other.latest_charge}/fail", json={"code": "account_closed"})
    assert api.payment_intents.retrieve(other.id).last_payment_error.code == "account_closed"


def test_refunds_up_to_what_was_charged(api: Any, control: Control, lacking: Lacking) -> None:
    intent = api.payment_intents.create(
        {"amount": 9_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    )
    part = api.refunds.create({"payment_intent": intent.id, "amount": 2_000, "reason": "requested_by_customer"})
    assert lacking(part, stripe.Refund) == []
    assert part.status == "succeeded"
    rest = api.refunds.create({"charge": intent.latest_charge})
    assert rest.amount == 7_000
    with pytest.raises(stripe.InvalidRequestError) as over:
        api.refunds.create({"charge": intent.latest_charge, "amount": 1})
    assert over.value.code == "charge_already_refunded"
    assert [each.id for each in api.refunds.list({"charge": intent.latest_charge}).data] == [rest.id, part.id]
    control("POST", f"/stripe/refunds/{part.id}/fail")
    failed = api.refunds.retrieve(part.id)
    assert failed.status == "failed"
    back = api.balance_transactions.retrieve(failed.failure_balance_transaction)
    assert back.net == 2_000
    assert api.charges.retrieve(intent.latest_charge).amount_refunded == 7_000


@pytest.mark.parametrize(("outcome", "rows"), [("won", 2), ("lost", 1), ("closed", 1)])
def test_disputes(api: Any, control: Control, outcome: str, rows: int, lacking: Lacking) -> None:
    intent = api.payment_intents.create(
        {"amount": 8_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    )
    id_ = control("POST", f"/stripe/charges/{intent.latest_charge}/dispute")["dispute"]["id"]
    dispute = api.disputes.retrieve(id_)
    assert lacking(dispute, stripe.Dispute) == []
    assert dispute.status == "needs_response"
    with pytest.raises(stripe.InvalidRequestError):
        api.refunds.create({"charge": intent.latest_charge})
    if outcome == "closed":
        api.disputes.close(id_)
    else:
        control("POST", f"/stripe/disputes/{id_}/{outcome}")
    ended = api.disputes.retrieve(id_)
    assert ended.status == ("won" if outcome == "won" else "lost")
    assert len(ended.balance_transactions) == rows
    assert sum(each.net for each in ended.balance_transactions) == (0 if outcome == "won" else -9_500)


def test_a_payout_by_hand_needs_a_balance_and_can_be_called_off(api: Any) -> None:
    free = api.balance.retrieve().available[0].amount
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        api.payouts.create({"amount": max(free, 0) + 1, "currency": "usd"})
    assert too_much.value.code == "balance_insufficient"


def test_payment_links(api: Any, lacking: Lacking) -> None:
    product = api.products.create({"name": "Tasting"})
    price = api.prices.create({"product": product.id, "unit_amount": 2_500, "currency": "usd"})
    link = api.payment_links.create({"line_items": [{"price": price.id, "quantity": 2}], "metadata": {"k": "v"}})
    for made, kind in ((product, stripe.Product), (price, stripe.Price), (link, stripe.PaymentLink)):
        assert lacking(made, kind) == []
    assert link.active and link.url.startswith("https://")
    items = api.payment_links.line_items.list(link.id).data
    assert [(each.quantity, each.amount_total) for each in items] == [(2, 5_000)]
    assert api.payment_links.update(link.id, {"active": False}).active is False
    assert api.payment_links.retrieve(link.id).active is False
