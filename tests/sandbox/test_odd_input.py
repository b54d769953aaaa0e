"""Whatever is sent, the answer is an object or a fault, and the books stay in balance."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from interlock_sandbox.books import Books, BooksFault
from interlock_sandbox.qbo.query import QueryEngine

AT = datetime(2026, 3, 2, 18, tzinfo=UTC)
Path = tuple[str | int, ...]


def furnished() -> tuple[Books, dict[str, dict[str, Any]]]:
    """Books with one of everything, and a body that would be accepted for each entity."""
    books = Books("7", "Odd Input Ltd", opened=date(2026, 1, 1))
    for name, kind in (("Bank", "Bank"), ("Card", "Credit Card"), ("Cost", "Expense"), ("Sales", "Income")):
        books.create("Account", {"Name": name, "AccountType": kind}, at=AT)
    books.create("Vendor", {"DisplayName": "V"}, at=AT)
    books.create("Customer", {"DisplayName": "C"}, at=AT)
    vendor, customer = {"VendorRef": {"value": "1"}}, {"CustomerRef": {"value": "2"}}
    cost = {
        "Amount": Decimal("5.00"), "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "3"}},
    }  # fmt: skip
    sale = {"Amount": 5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"UnitPrice": 5, "Qty": 1}}
    bill = books.create("Bill", {**vendor, "Line": [cost]}, at=AT)["Id"]
    invoice = books.create("Invoice", {**customer, "Line": [sale]}, at=AT)["Id"]
    receipt = books.create("Payment", {**customer, "TotalAmt": 9}, at=AT)["Id"]
    journal = [
        {
            "Amount": 3, "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": posting, "AccountRef": {"value": "3"}},
        }
        for posting in ("Debit", "Credit")
    ]  # fmt: skip
    return books, {
        "Account": {"Name": "Extra", "AccountType": "Expense"},
        "Vendor": {"DisplayName": "Another", "PrimaryEmailAddr": {"Address": "a@example.com"}},
        "Customer": {"DisplayName": "Job", "ParentRef": {"value": "2"}},
        "Item": {"Name": "Thing", "IncomeAccountRef": {"value": "4"}},
        "Term": {"Name": "Net 10", "DueDays": 10},
        "PaymentMethod": {"Name": "Check"},
        "Bill": {**vendor, "TxnDate": "2026-03-01", "Line": [cost], "DocNumber": "A"},
        "VendorCredit": {**vendor, "Line": [cost]},
        "PurchaseOrder": {**vendor, "Line": [cost]},
        "BillPayment": {
            **vendor, "PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}, "TotalAmt": 5,
            "Line": [{"Amount": 5, "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}],
        },
        "Invoice": {**customer, "Line": [sale], "TxnTaxDetail": {"TotalTax": Decimal("0.40")}},
        "Estimate": {**customer, "Line": [sale]},
        "CreditMemo": {**customer, "Line": [sale]},
        "SalesReceipt": {**customer, "Line": [sale]},
        "RefundReceipt": {**customer, "Line": [sale], "DepositToAccountRef": {"value": "1"}},
        "Payment": {
            **customer, "TotalAmt": 5, "Line": [{"Amount": 5, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}],
        },
        "Deposit": {
            "DepositToAccountRef": {"value": "1"},
            "Line": [{"Amount": 9, "LinkedTxn": [{"TxnId": receipt, "TxnType": "Payment"}]}],
            "CashBack": {"AccountRef": {"value": "3"}, "Amount": 1},
        },
        "Purchase": {
            "PaymentType": "Cash", "AccountRef": {"value": "1"}, "Line": [cost],
            "EntityRef": {"value": "1", "type": "Vendor"},
        },
        "Transfer": {"FromAccountRef": {"value": "1"}, "ToAccountRef": {"value": "2"}, "Amount": 4},
        "JournalEntry": {"Line": journal},
    }  # fmt: skip


ENTITIES = sorted(furnished()[1])
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**14), st.decimals(allow_nan=True, allow_infinity=True), st.text(max_size=6),
    st.sampled_from(["1", "2", "3", "-4", "2026-02-30", "USD", "EUR", "Bill", "VendorCredit", "SalesItemLineDetail"]),
    st.just([]),
    st.just({}), st.just([{}]), st.just([1]), st.just({"value": "99"}), st.just({"value": ["1"]}), st.just({"value": 1}),
)  # fmt: skip


def paths(body: Any, here: Path = ()) -> Iterator[Path]:
    """Every place in a body."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield (*here, key)
            yield from paths(value, (*here, key))
    elif isinstance(body, list):
        for number, value in enumerate(body):
            yield (*here, number)
            yield from paths(value, (*here, number))


def spoiled(body: dict[str, Any], path: Path, junk: Any) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = junk
    return changed


def outcome(act: Callable[[], dict[str, Any]]) -> str:
    try:
        act()
    except BooksFault as fault:
        return fault.code
    return "accepted"


def test_unspoiled_bodies_are_accepted() -> None:
    books, bodies = furnished()
    for entity, body in bodies.items():
        assert outcome(lambda entity=entity, body=body: books.create(entity, body, at=AT)) == "accepted", entity  # type: ignore[misc]


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(ENTITIES), st.data())
def test_spoiled_bodies_are_accepted_or_refused(entity: str, data: st.DataObject) -> None:
    books, bodies = furnished()
    path = data.draw(st.sampled_from(list(paths(bodies[entity]))))
    body = spoiled(bodies[entity], path, data.draw(JUNK))
    if data.draw(st.booleans()):
        outcome(lambda: books.create(entity, body, at=AT))
    else:
        made = books.create(entity, bodies[entity], at=AT)
        sparse = data.draw(st.booleans())
        outcome(lambda: books.update(entity, {**body, "Id": made["Id"], "SyncToken": "0"}, at=AT, sparse=sparse))
    assert sum(books.ledger.totals.values()) == 0
    assert all(list(books.rows(kind)) is not None for kind in ENTITIES)


WORDS = st.sampled_from(
    ["select", "*", "count(*)", "from", "Bill", "Vendor", "where", "Id", "TotalAmt", "DocNumber", "Active", "Balance", "=", "<",
     ">=",
     "in", "like", "(", ")", ",", "'1'", "'a%'", "true", "12.5", "and", "or", "orderby", "DESC", "startposition",
     "maxresults", "0", "7", "\\'", "'", "MetaData.LastUpdatedTime", "'2026-01-01T00:00:00-08:00'", "TxnDate"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=14), st.booleans())
def test_any_statement_is_answered_or_refused(words: list[str], begin_well: bool) -> None:
    books, _ = furnished()
    start = "select * from Bill where " if begin_well else ""
    engine = QueryEngine(books)
    text = start + " ".join(words)

    def ask() -> dict[str, Any]:
        return {"answer": engine.answer(text, AT)}

    assert outcome(ask) in {"accepted", "4000", "4001"}
