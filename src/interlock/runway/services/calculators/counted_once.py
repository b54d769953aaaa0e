"""Several books state the same money: here each movement of cash to come is counted once (product-map §2.3). Pure.

A bill that is approved and already instructed leaves once; a receipt that a payout brings is not deposited as well; an invoice that
was paid at the collecting rail is no receipt to come. Amounts are minor units of home currency, above zero.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from interlock.runway.services.calculators.placing import OpenInvoice, PayoutDue, Waiting
from interlock.runway.services.calculators.spendable import OnItsWay

SAME_DEPOSIT_DAYS = 6
"""How far apart the books and a rail may date the same payout."""
SAME_CHARGE_DAYS = 3

_RAIL = "paying"
Key = tuple[str, str]


class Approved(Struct, frozen=True, gc=False):
    """An approved payment of a bill: ``minor`` in cash, ``credit_minor`` by vendor credits applied first. ``gone``: released, and

    off what the path starts from already, while the books still have the bill open.
    """

    intent_id: str
    bill_id: str
    minor: int
    credit_minor: int
    pay_on: date
    gone: bool = False


class Brought(Struct, frozen=True, gc=False):
    """What of a payout a charge brings. ``receipts``: the ledger's payments of the invoices it paid, by kind and id."""

    payout_id: str
    gross_minor: int
    on: date | None
    receipts: tuple[Key, ...] = ()


class Deposited(Struct, frozen=True, gc=False):
    """Money that the books have on a bank's account; ``takes``: receipts in it, each with its amount."""

    key: Key
    dated: date
    minor: int
    takes: tuple[tuple[Key, int], ...] = ()


def payables(
    balances: Mapping[str, int], on_their_way: Iterable[OnItsWay], approved: Iterable[Approved]
) -> tuple[dict[str, int], dict[str, int]]:
    """What of each bill is spoken for, and what of each approved payment is still to leave.

    ``balances``: what the books have open, from which their own payments are taken off already; a rail's instruction that they
    don't have comes off an approval of the same bill first, since it is what was approved.
    """
    instructed: dict[str, int] = defaultdict(int)
    for payment in on_their_way:
        if payment.book == _RAIL:
            for bill_id, minor in payment.pays:
                instructed[bill_id] += minor
    spoken: dict[str, int] = dict(instructed)
    served = dict(instructed)
    leaving: dict[str, int] = {}
    for each in sorted(approved, key=lambda one: (one.pay_on, one.intent_id)):
        done = min(served.get(each.bill_id, 0), each.minor)
        served[each.bill_id] = served.get(each.bill_id, 0) - done
        left = max(balances.get(each.bill_id, 0) - spoken.get(each.bill_id, 0), 0)
        still = min(each.minor - done, left)
        if still > 0 and not each.gone:
            leaving[each.intent_id] = still
        credit = min(each.credit_minor, left - still)
        spoken[each.bill_id] = spoken.get(each.bill_id, 0) + still + credit
    return spoken, leaving


def covered(
    invoices: Iterable[OpenInvoice], open_there: Mapping[str, int], credits: Mapping[str, int]
) -> dict[str, int]:
    """What of each open invoice is no receipt to come. ``open_there``: by invoice, what the collecting rail or the bank leaves open

    of it (less than the books where it was paid there and isn't recorded); ``credits``: by customer, payments and credit memos not
    applied yet, which will be, to what is due first.
    """
    rest = dict(credits)
    found: dict[str, int] = {}
    for each in sorted(invoices, key=lambda one: (one.due or one.dated, one.id)):
        paid = max(each.minor - open_there[each.id], 0) if each.id in open_there else 0
        applied = min(rest.get(each.customer_id or "", 0), each.minor - paid)
        if applied:
            rest[each.customer_id or ""] -= applied
        if paid + applied:
            found[each.id] = paid + applied
    return found


def not_brought(waiting: Sequence[Waiting], brought: Iterable[Brought]) -> list[Waiting]:
    """Receipts in Undeposited Funds that no payout brings: by the invoice both are of, else of the same amount within days."""
    left = {(each.kind, each.id): each for each in waiting}
    alone: list[Brought] = []
    for each in brought:
        for key in each.receipts:
            left.pop(key, None)
        if not each.receipts:
            alone.append(each)
    for each in alone:
        same = (
            key
            for key, one in sorted(left.items(), key=lambda item: (item[1].dated, item[0]))
            if each.on is not None
            and one.minor == each.gross_minor
            and abs((one.dated - each.on).days) <= SAME_CHARGE_DAYS
        )
        found = next(same, None)
        if found is not None:
            del left[found]
    return list(left.values())


def in_transit(
    deposits: Sequence[Deposited], payouts: Sequence[PayoutDue], brought: Sequence[Brought]
) -> dict[Key, int]:
    """What of each deposit that no bank shows is money of its own: what a payout under way brings is the payout's."""
    brings = {key for each in brought for key in each.receipts}
    rest = {each.key: each.minor - sum(minor for key, minor in each.takes if key in brings) for each in deposits}
    for each in deposits:
        if each.key in brings:
            rest[each.key] = 0
    touched = {each.key for each in deposits if rest[each.key] != each.minor}
    for payout in payouts:
        found = _same(payout, [each for each in deposits if each.key not in touched])
        if found is not None:
            touched.add(found.key)
            rest[found.key] = 0
    return {key: minor for key, minor in rest.items() if minor > 0}


def not_in_the_books(
    payouts: Sequence[PayoutDue], deposits: Sequence[Deposited], brought: Sequence[Brought]
) -> list[PayoutDue]:
    """Where the path starts from the books: payouts less what the books have on a bank's account already."""
    left = list(deposits)
    by_receipt = {key: minor for each in deposits for key, minor in (*each.takes, (each.key, each.minor))}
    found: list[PayoutDue] = []
    for payout in payouts:
        same = _same(payout, left)
        if same is not None:
            left.remove(same)
            continue
        recorded = sum(
            by_receipt.get(key, 0) for each in brought if each.payout_id == payout.id for key in set(each.receipts)
        )
        rest = payout.minor - recorded if recorded else payout.minor
        found.append(PayoutDue(payout.id, payout.arrives_on, payout.currency, rest))
    return found


def _same(payout: PayoutDue, deposits: Sequence[Deposited]) -> Deposited | None:
    near = [
        each
        for each in deposits
        if each.minor == payout.minor and abs((each.dated - payout.arrives_on).days) <= SAME_DEPOSIT_DAYS
    ]
    return min(near, key=lambda each: (abs((each.dated - payout.arrives_on).days), each.key), default=None)
