"""What happens at Stripe without a call: by the clock, or because a customer, a bank or a card network did something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from interlock_sandbox.stripe import disputes, payments, payouts, refunds
from interlock_sandbox.stripe.invoicing import collect, finalized
from interlock_sandbox.stripe.methods import made
from interlock_sandbox.stripe.shapes import payment_intent
from interlock_sandbox.stripe.store import Account, Object

Happening = Callable[[Account, Object, datetime], None]


def happen(account: Account, act: Object, at: datetime) -> None:
    """``act`` names one of ``HAPPENINGS``."""
    HAPPENINGS[act["act"]](account, act, at)


def _payout_leaves(account: Account, act: Object, at: datetime) -> None:
    payouts.leaves(account, account.get("payout", act["payout"]), at)


def _payout_arrives(account: Account, act: Object, at: datetime) -> None:
    payouts.arrives(account, account.get("payout", act["payout"]), at)


def _payout_reconciles(account: Account, act: Object, at: datetime) -> None:
    payouts.reconciles(account, account.get("payout", act["payout"]), at)


def _payout_fails(account: Account, act: Object, at: datetime) -> None:
    """``code``: account_closed, no_account, …; ``arrived``: whether it had been paid."""
    payouts.failed(account, account.get("payout", act["payout"]), at, act["code"])


def _debit_clears(account: Account, act: Object, at: datetime) -> None:
    payments.succeed(account, account.get("charge", act["charge"]), at)


def _debit_fails(account: Account, act: Object, at: datetime) -> None:
    account.forget(charge=act["charge"])
    payments.fail(account, account.get("charge", act["charge"]), at, act.get("code", "insufficient_funds"))


def _invoice_finalizes(account: Account, act: Object, at: datetime) -> None:
    """What advances by itself becomes final, and is collected when it is to be charged and there is a way to."""
    invoice = account.get("invoice", act["invoice"])
    finalized(account, invoice, at)
    usual = account.get("customer", invoice["customer"])["invoice_settings"]["default_payment_method"]
    if invoice["collection_method"] == "charge_automatically" and invoice["status"] == "open" and usual:
        collect(account, invoice, account.get("payment_method", usual), at)
    elif invoice["collection_method"] == "send_invoice":
        account.emit("invoice.sent", invoice, at)


def _invoice_overdue(account: Account, act: Object, at: datetime) -> None:
    invoice = account.get("invoice", act["invoice"])
    if invoice["status"] == "open":
        account.emit("invoice.overdue", invoice, at)


def _customer_pays(account: Account, act: Object, at: datetime) -> None:
    """At an invoice's page (``invoice``) or without one (``customer``, ``amount``), by ``method`` (its kind)."""
    customer = act["customer"]
    method = made(account, at, act["method"], act.get("odd", ""), customer)
    if customer:
        name = account.get("customer", customer)
        method["billing_details"] |= {"name": name["name"], "email": name["email"]}
    if act.get("invoice"):
        collect(account, account.get("invoice", act["invoice"]), method, at)
        return
    intent = account.add(
        payment_intent(account, at, act["amount"], customer=customer, description=act.get("description"),
                       payment_method_types=[act["method"]])
    )  # fmt: skip
    account.emit("payment_intent.created", intent, at)
    payments.attempt(account, intent, method, at)


def _dispute_opens(account: Account, act: Object, at: datetime) -> None:
    disputes.opened(account, account.get("charge", act["charge"]), at, act["reason"])


def _dispute_won(account: Account, act: Object, at: datetime) -> None:
    disputes.won(account, account.get("dispute", act["dispute"]), at)


def _dispute_lost(account: Account, act: Object, at: datetime) -> None:
    disputes.lost(account, account.get("dispute", act["dispute"]), at)


def _debit_returns(account: Account, act: Object, at: datetime) -> None:
    """A debit that had succeeded is sent back by the customer's bank: a dispute that is lost as soon as it is opened."""
    disputes.lost(account, disputes.opened(account, account.get("charge", act["charge"]), at, act["reason"]), at)


def _refund_arrives(account: Account, act: Object, at: datetime) -> None:
    refunds.arrived(account, account.get("refund", act["refund"]), at)


def _refund_fails(account: Account, act: Object, at: datetime) -> None:
    refunds.failed(account, account.get("refund", act["refund"]), at, act["reason"])


def _key_rolls(account: Account, act: Object, at: datetime) -> None:
    """The key of this ``name`` is no longer good; another takes its place."""
    del at
    old = account.keys[act["name"]]
    account.revoked.add(old)
    account.keys[act["name"]] = f"{old[:8]}{account.named('key', act['name'], len(account.revoked), length=24)}"


def _access_ends(account: Account, act: Object, at: datetime) -> None:
    """The client takes the platform's access away (or, ``back``, gives it again)."""
    account.deauthorized = not act.get("back", False)
    kind = "account.application.deauthorized" if account.deauthorized else "account.application.authorized"
    account.emit(kind, {"id": f"ca_{account.named('application')}", "object": "application", "name": "Interlock"}, at)


HAPPENINGS: dict[str, Happening] = {
    "payout leaves": _payout_leaves, "payout arrives": _payout_arrives, "payout reconciles": _payout_reconciles,
    "payout fails": _payout_fails, "debit clears": _debit_clears, "debit fails": _debit_fails,
    "debit returns": _debit_returns, "invoice finalizes": _invoice_finalizes, "invoice overdue": _invoice_overdue,
    "customer pays": _customer_pays, "dispute opens": _dispute_opens, "dispute won": _dispute_won,
    "dispute lost": _dispute_lost, "dispute lapses": _dispute_lost, "refund arrives": _refund_arrives,
    "refund fails": _refund_fails, "key rolls": _key_rolls, "access ends": _access_ends,
}  # fmt: skip
