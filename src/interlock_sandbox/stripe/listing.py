"""Lists: newest first, filtered, a page at a time after or before an object (stripe.md §1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import within
from interlock_sandbox.stripe.refusal import StripeRefusal, gone
from interlock_sandbox.stripe.store import SPOKEN, Account, Object, page

USUAL = 10
MOST = 100
PAGED = "limit:int starting_after ending_before created:range"
MANUAL = "Balance transaction history can only be filtered on automatic transfers, not manual."

Filter = Callable[[Account, Object, object], bool]


def listed(kind: str, filters: dict[str, Filter], call: Call) -> Object:
    """One page of a kind."""
    if kind == "balance_transaction":
        _check_payout(call)
    rows = [each for each in call.account.sorted(kind) if not each.get("deleted")]
    for name, passes in filters.items():
        if call.get(name) is not None:
            rows = [each for each in rows if passes(call.account, each, call.sent[name])]
    return paged(call, kind, rows)


def paged(call: Call, kind: str, rows: list[Object], url: str | None = None) -> Object:
    limit = call.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        raise StripeRefusal(
            f"This value must be {'less' if limit > MOST else 'greater'} than or equal to {MOST if limit > MOST else 1}.",
            code="parameter_invalid_integer", param="limit",
        )  # fmt: skip
    after, before = call.get("starting_after"), call.get("ending_before")
    if after and before:
        raise StripeRefusal("Give `starting_after` or `ending_before`, not both.", param="starting_after")
    places = {each["id"]: place for place, each in enumerate(rows)}
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor and cursor not in places and call.account.find(kind, cursor) is None:
            raise gone(SPOKEN.get(kind, kind), cursor, name)
    first, end = 0, len(rows)
    url = url or f"/v1/{PLURAL[kind]}"
    if after:
        first = places.get(after, -1) + 1
    if before:
        end = places.get(before, len(rows))
        first = max(0, end - limit)
        return page(url, rows[first:end], first > 0)
    return page(url, rows[first : first + limit], end > first + limit)


def same(field: str, account: Account, each: Object, wanted: object) -> bool:
    del account
    return bool(each.get(field) == wanted)


def _created(account: Account, each: Object, wanted: object) -> bool:
    del account
    assert isinstance(wanted, int | dict)
    return within(each.get("created", each.get("date")), wanted)


def _between(field: str, account: Account, each: Object, wanted: object) -> bool:
    del account
    assert isinstance(wanted, int | dict)
    return within(each.get(field), wanted)


def _of_payment(account: Account, each: Object, wanted: object) -> bool:
    """``payment[type]`` with ``payment[payment_intent]`` or ``payment[payment_record]``."""
    del account
    assert isinstance(wanted, dict)
    return all(each["payment"].get(name) == value for name, value in wanted.items())


def _of_payout(account: Account, each: Object, wanted: object) -> bool:
    return account.payout_of.get(each["id"]) == wanted


def _check_payout(call: Call) -> None:
    if call.get("payout") and not call.account.get("payout", call.sent["payout"], "payout")["automatic"]:
        raise StripeRefusal(MANUAL, param="payout")


def _of_type(account: Account, each: Object, wanted: object) -> bool:
    del account
    stem = str(wanted).removesuffix("*")
    return bool(each["type"].startswith(stem) if stem != wanted else each["type"] == wanted)


def _among(account: Account, each: Object, wanted: object) -> bool:
    del account
    assert isinstance(wanted, list)
    return each["type"] in wanted


PLURAL = {
    "account": "accounts",
    "customer": "customers", "invoice": "invoices", "invoiceitem": "invoiceitems", "invoice_payment": "invoice_payments",
    "payment_intent": "payment_intents", "charge": "charges", "refund": "refunds", "dispute": "disputes",
    "payout": "payouts", "balance_transaction": "balance_transactions", "payment_link": "payment_links",
    "product": "products", "price": "prices", "event": "events", "webhook_endpoint": "webhook_endpoints",
    "payment_method": "payment_methods",
}  # fmt: skip
TYPED: dict[str, tuple[str, Filter]] = {
    "created": (":range", _created), "due_date": (":range", partial(_between, "due_date")),
    "arrival_date": (":range", partial(_between, "arrival_date")), "payment": (":map", _of_payment),
    "payout": ("", _of_payout), "active": (":bool", partial(same, "active")), "types": (":list", _among),
}  # fmt: skip
FILTERS = {
    "customer": "email created", "invoice": "customer status collection_method created due_date",
    "invoiceitem": "customer invoice created", "invoice_payment": "invoice payment status created",
    "payment_intent": "customer created", "charge": "customer payment_intent created",
    "refund": "charge payment_intent created", "dispute": "charge payment_intent created",
    "payout": "status destination arrival_date created", "balance_transaction": "payout source type currency created",
    "payment_link": "active", "product": "active created", "price": "active product currency created",
    "event": "type types created", "webhook_endpoint": "", "payment_method": "customer type",
}  # fmt: skip


def _route(kind: str) -> Route:
    names = FILTERS[kind].split()
    filters = {name: TYPED[name][1] if name in TYPED else partial(same, name) for name in names}
    if kind == "event":
        filters["type"] = _of_type
    spoken = " ".join(name + (TYPED[name][0] if name in TYPED else "") for name in names)
    return Route(
        "GET", PLURAL[kind], partial(listed, kind, filters), f"{spoken} limit:int starting_after ending_before"
    )


ROUTES = [_route(kind) for kind in FILTERS]
