"""Invoices by the SDK: every move they may and may not make, and the ways they are paid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

Control = Callable[..., dict[str, Any]]
Lacking = Callable[..., list[str]]
Drafted = Callable[..., Any]


def test_an_invoice_from_draft_to_paid_elsewhere(api: Any, drafted: Drafted) -> None:
    draft = drafted()
    assert (draft.status, draft.number, draft.hosted_invoice_url, draft.total) == ("draft", None, None, 12_345)
    open_ = api.invoices.finalize_invoice(draft.id)
    assert open_.status == "open"
    assert open_.number and open_.hosted_invoice_url and open_.status_transitions.finalized_at
    assert api.invoices.send_invoice(draft.id).status == "open"
    paid = api.invoices.pay(draft.id, {"paid_out_of_band": True, "expand": ["payments"]})
    assert (paid.status, paid.amount_remaining, paid.amount_paid_off_stripe) == ("paid", 0, 12_345)
    kinds = {each.payment.type: each.status for each in paid.payments.data}
    assert kinds == {"payment_record": "paid", "payment_intent": "canceled"}


def test_an_invoice_paid_by_card_shows_its_payment(api: Any, drafted: Drafted) -> None:
    invoice = api.invoices.send_invoice(drafted().id)
    paid = api.invoices.pay(
        invoice.id, {"payment_method": "pm_card_visa", "expand": ["payments.data.payment.payment_intent"]}
    )
    assert paid.status == "paid"
    assert paid.payments is None or paid.payments.data
    payments = api.invoice_payments.list({"invoice": invoice.id}).data
    assert [(each.status, each.amount_paid, each.is_default) for each in payments] == [("paid", 12_345, True)]
    intent = api.payment_intents.retrieve(
        payments[0].payment.payment_intent, {"expand": ["latest_charge.balance_transaction"]}
    )
    assert intent.status == "succeeded"
    assert intent.latest_charge.balance_transaction.net == 12_345 - (358 + 30)


def test_an_invoice_whose_card_is_declined_stays_open(api: Any, drafted: Drafted) -> None:
    invoice = api.invoices.finalize_invoice(drafted().id)
    with pytest.raises(stripe.CardError):
        api.invoices.pay(invoice.id, {"payment_method": "pm_card_chargeDeclinedInsufficientFunds"})
    tried = api.invoices.retrieve(invoice.id)
    assert (tried.status, tried.attempted, tried.attempt_count, tried.amount_remaining) == ("open", True, 1, 12_345)


def test_an_invoice_paid_by_bank_debit_is_paid_when_the_debit_clears(
    api: Any, control: Control, drafted: Drafted
) -> None:
    invoice = api.invoices.finalize_invoice(drafted().id)
    control("POST", f"/stripe/{_realm(api, control)}/pay", json={"invoice": invoice.id, "method": "ach"})
    with pytest.raises(stripe.InvalidRequestError):
        api.invoices.void_invoice(invoice.id)
    assert api.invoices.retrieve(invoice.id).status == "open"
    payment = api.invoice_payments.list({"invoice": invoice.id}).data[0]
    charge = api.payment_intents.retrieve(payment.payment.payment_intent).latest_charge
    control("POST", f"/stripe/charges/{charge}/clear")
    assert api.invoices.retrieve(invoice.id).status == "paid"


def _realm(api: Any, control: Control) -> str:
    account = api.accounts.retrieve_current().id
    return next(str(each["realm_id"]) for each in control("GET", "/stripe")["accounts"] if each["account"] == account)


ALLOWED = {
    "draft": {"finalize": "open", "send": "open", "pay": "paid", "delete": "gone"},
    "open": {"send": "open", "pay": "paid", "void": "void", "mark_uncollectible": "uncollectible"},
    "uncollectible": {"pay": "paid", "void": "void"},
    "paid": {"send": "paid"},
    "void": {},
}
MOVES = ("finalize", "send", "pay", "void", "mark_uncollectible", "delete")


def moved(api: Any, move: str, id_: str) -> str:
    if move == "delete":
        assert api.invoices.delete(id_).deleted
        return "gone"
    if move == "pay":
        return str(api.invoices.pay(id_, {"payment_method": "pm_card_visa"}).status)
    names = {"finalize": "finalize_invoice", "send": "send_invoice", "void": "void_invoice"}
    return str(getattr(api.invoices, names.get(move, move))(id_).status)


@pytest.mark.parametrize("state", list(ALLOWED))
def test_every_move_an_invoice_may_and_may_not_make(api: Any, state: str, drafted: Drafted) -> None:
    to = {"open": ["finalize"], "uncollectible": ["finalize", "mark_uncollectible"], "paid": ["finalize", "pay"],
          "void": ["finalize", "void"]}  # fmt: skip
    for move in MOVES:
        id_ = drafted().id
        for step in to.get(state, []):
            moved(api, step, id_)
        if move in ALLOWED[state]:
            assert moved(api, move, id_) == ALLOWED[state][move], f"{move} on {state}"
            continue
        with pytest.raises(stripe.InvalidRequestError):
            moved(api, move, id_)
        assert api.invoices.retrieve(id_).status == state, f"{move} on {state} was refused and still changed it"


def test_one_payment_pays_two_invoices(api: Any, drafted: Drafted) -> None:
    first, second = (api.invoices.finalize_invoice(drafted(amount).id) for amount in (4_000, 6_000))
    intent = api.payment_intents.create({"amount": 10_000, "currency": "usd", "payment_method": "pm_card_visa"})
    for invoice in (first, second):
        api.invoices.attach_payment(invoice.id, {"payment_intent": intent.id})
    api.payment_intents.confirm(intent.id)
    found = api.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": intent.id}}).data
    assert sorted((each.invoice, each.amount_paid) for each in found) == sorted([(first.id, 4_000), (second.id, 6_000)])
    assert {api.invoices.retrieve(each.id).status for each in (first, second)} == {"paid"}
