"""Payouts: automatic ones take along all that is available; a manual one takes an amount nobody can attribute (§4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.balance import available, balance_of, business_days_after, entered
from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import merged
from interlock_sandbox.stripe.refusal import StripeRefusal, wrong_state
from interlock_sandbox.stripe.store import Account, Object, stamp

ARRIVAL_HOUR = 10
LEAVES_AFTER = timedelta(hours=3)
RECONCILED_AFTER = timedelta(hours=2)


def run(account: Account, at: datetime) -> Object | None:
    """The schedule's payout of everything available, if that is anything at all."""
    account.tried = at
    taken = [row for row, since in account.waiting.items() if since <= stamp(at)]
    net = sum(account.get("balance_transaction", row)["net"] for row in taken)
    if net == 0:
        return None
    return paid_out(account, net, at, taken)


def paid_out(account: Account, amount: int, at: datetime, taken: list[str] | None) -> Object:
    """Begin a payout; ``taken`` are the rows an automatic one is made of."""
    arrival = business_days_after(at, account.arrival_days)
    payout = shapes.payout(account, at, amount, arrival, automatic=taken is not None)
    account.add(payout)
    row = shapes.balance_transaction(
        account, at, "payout", -amount, payout["id"], at, description=payout["description"]
    )
    payout["balance_transaction"] = row["id"]
    if taken is None:
        entered(account, row)
    else:
        account.add(row)
        for each in [*taken, row["id"]]:
            account.payout_of[each] = payout["id"]
            account.waiting.pop(each, None)
    if taken is not None:
        account.emit("balance.available", balance_of(account, at), at)
    account.emit("payout.created", payout, at)
    account.expect(at + LEAVES_AFTER, {"act": "payout leaves", "payout": payout["id"]})
    account.expect(arrival + timedelta(hours=ARRIVAL_HOUR), {"act": "payout arrives", "payout": payout["id"]})
    return payout


def leaves(account: Account, payout: Object, at: datetime) -> None:
    payout |= {"status": "in_transit", "trace_id": {"status": "supported", "value": trace(account, payout)}}
    account.emit("payout.updated", payout, at, {"status": "pending"})


def trace(account: Account, payout: Object) -> str:
    """The reference its deposit carries at the bank."""
    return str(int.from_bytes(account.named("trace", payout["id"]).encode()))[-15:]


def arrives(account: Account, payout: Object, at: datetime) -> None:
    before = {"status": payout["status"]}
    payout |= {"status": "paid", "trace_id": {"status": "supported", "value": trace(account, payout)}}
    account.forget(payout=payout["id"])
    account.emit("payout.updated", payout, at, before)
    account.emit("payout.paid", payout, at)
    if payout["reconciliation_status"] == "in_progress":
        account.expect(at + RECONCILED_AFTER, {"act": "payout reconciles", "payout": payout["id"]})


def reconciles(account: Account, payout: Object, at: datetime) -> None:
    payout["reconciliation_status"] = "completed"
    account.forget(act="payout reconciles", payout=payout["id"])
    account.emit("payout.reconciliation_completed", payout, at)


def failed(account: Account, payout: Object, at: datetime, code: str) -> None:
    """It came back from the bank: its amount is on the balance again and goes with a later payout."""
    row = shapes.balance_transaction(account, at, "payout_failure", payout["amount"], payout["id"], at)
    message = f"The bank returned this payout: {code.replace('_', ' ')}."
    payout |= {"status": "failed", "failure_code": code, "failure_message": message}
    payout["failure_balance_transaction"] = entered(account, row)["id"]
    unsettled = payout["reconciliation_status"] == "in_progress"
    account.forget(payout=payout["id"])
    if unsettled:
        account.expect(at + RECONCILED_AFTER, {"act": "payout reconciles", "payout": payout["id"]})
    account.emit("payout.failed", payout, at)


def create(call: Call) -> Object:
    amount, (free, _) = call.sent["amount"], available(call.account, call.at)
    if amount <= 0:
        raise StripeRefusal("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if call.sent["currency"].lower() != "usd":
        raise StripeRefusal("Sorry, you don't have any external accounts in that currency.", param="currency")
    if amount > free:
        raise StripeRefusal(
            "You have insufficient funds in your Stripe account for this transfer.", code="balance_insufficient"
        )
    payout = paid_out(call.account, amount, call.at, None)
    payout["metadata"] = merged({}, call.get("metadata", {}))
    payout["description"] = call.get("description", payout["description"])
    payout["statement_descriptor"] = call.get("statement_descriptor")
    return payout


def cancel(call: Call) -> Object:
    payout = call.account.get("payout", call.id)
    if payout["automatic"]:
        raise wrong_state("Automatic payouts can't be canceled.", "payout_not_cancelable")
    if payout["status"] != "pending":
        raise wrong_state(
            f"Payouts can be canceled while they are pending; this one is {payout['status']}.", "payout_not_cancelable"
        )
    row = shapes.balance_transaction(call.account, call.at, "payout_cancel", payout["amount"], payout["id"], call.at)
    payout |= {"status": "canceled", "failure_balance_transaction": entered(call.account, row)["id"]}
    call.account.forget(payout=payout["id"])
    call.account.emit("payout.canceled", payout, call.at)
    return payout


def retrieve(call: Call) -> Object:
    return call.account.get("payout", call.id)


def update(call: Call) -> Object:
    payout = call.account.get("payout", call.id)
    payout["metadata"] = merged(payout["metadata"], call.get("metadata", {}))
    return payout


ROUTES = [
    Route(
        "POST",
        "payouts",
        create,
        "amount!:int currency! description metadata:map method statement_descriptor destination source_type",
    ),
    Route("GET", "payouts/{}", retrieve),
    Route("POST", "payouts/{}", update, "metadata:map"),
    Route("POST", "payouts/{}/cancel", cancel),
]
