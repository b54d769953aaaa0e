"""Documents that change without their time moving: only what they are linked to tells (qbo.md §12)."""

from typing import Any

from interlock.rails import facts
from tests.rails.bookkeeping import Books

_AMOUNT = "80.00"


def _sales_receipt(books: Books, customer: str) -> str:
    line = {"Amount": _AMOUNT, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": _item(books)}
    made = books.create("SalesReceipt", CustomerRef={"value": customer}, TxnDate="2026-11-20", Line=[line])
    return str(made["Id"])


def _item(books: Books) -> dict[str, Any]:
    return {"ItemRef": {"value": next(row["Id"] for row in books.world("Item"))}, "Qty": 1, "UnitPrice": _AMOUNT}


def test_a_payment_swept_into_a_deposit_changes_though_its_time_does_not(books: Books) -> None:
    payment = books.receipt(books.customer("Swept Once"))
    books.settle()
    before = books.row(facts.Payment, payment)
    deposit = books.deposit(("Payment", payment, _AMOUNT))
    report = books.sync()
    after = books.row(facts.Payment, payment)
    assert (after.version, after.updated_at) == (before.version, before.updated_at), "the trap itself"
    assert books.links(facts.Payment, payment) == {("deposit", deposit)}
    assert report.calls == 2, "one for the changes, one for what the deposit took in"
    assert books.differences() == []


def test_a_sales_receipt_is_swept_too(books: Books) -> None:
    receipt = _sales_receipt(books, books.customer("Swept Sale"))
    books.settle()
    deposit = books.deposit(("SalesReceipt", receipt, _AMOUNT))
    books.sync()
    assert books.links(facts.SalesReceipt, receipt) == {("deposit", deposit)}
    assert books.differences() == []


def test_a_deposit_that_is_deleted_lets_its_payments_go(books: Books) -> None:
    payment = books.receipt(books.customer("Let Go"))
    deposit = books.deposit(("Payment", payment, _AMOUNT))
    books.settle()
    assert books.links(facts.Payment, payment) == {("deposit", deposit)}
    books.delete("Deposit", deposit)
    books.sync()
    assert books.links(facts.Payment, payment) == set()
    assert books.differences() == []


def test_a_deposit_edited_so_that_a_payment_leaves_it(books: Books) -> None:
    customer = books.customer("Leaves")
    stays, leaves = books.receipt(customer), books.receipt(customer)
    deposit = books.deposit(("Payment", stays, _AMOUNT), ("Payment", leaves, _AMOUNT))
    books.settle()
    books.update("Deposit", deposit, Line=books.deposit_lines(("Payment", stays, _AMOUNT)))
    books.sync()
    assert books.links(facts.Payment, leaves) == set()
    assert books.links(facts.Payment, stays) == {("deposit", deposit)}
    assert books.differences() == []


def test_a_payment_moved_from_one_deposit_to_another(books: Books) -> None:
    customer = books.customer("Moves")
    moves, stays = books.receipt(customer), books.receipt(customer)
    first = books.deposit(("Payment", moves, _AMOUNT), ("Payment", stays, _AMOUNT))
    books.settle()
    books.update("Deposit", first, Line=books.deposit_lines(("Payment", stays, _AMOUNT)))
    second = books.deposit(("Payment", moves, _AMOUNT))
    books.sync()
    assert books.links(facts.Payment, moves) == {("deposit", second)}
    assert books.links(facts.Payment, stays) == {("deposit", first)}
    assert books.differences() == []


def test_a_deposit_made_between_the_listings_of_payments_and_of_deposits(books: Books) -> None:
    """The payment is listed before, the deposit after: the deposit is no change any more, and the payment never says."""
    payment = books.receipt(books.customer("Between"))
    books.settle()
    line = books.deposit_lines(("Payment", payment, _AMOUNT))
    body = {"DepositToAccountRef": {"value": books.account("Bank")}, "TxnDate": "2026-11-23", "Line": line}
    rigged = {"operation": "create", "entity": "Deposit", "body": body}
    books.control("edits-between-pages", {"entity": "Payment", "after": 1, "changes": [rigged]})
    books.sync(full=True)
    ((linked, _),) = books.links(facts.Payment, payment)
    assert linked == "deposit"
    assert books.differences() == []


def test_a_deposit_deleted_between_the_listings_of_payments_and_of_deposits(books: Books) -> None:
    payment = books.receipt(books.customer("Deleted Between"))
    deposit = books.deposit(("Payment", payment, _AMOUNT))
    books.minutes_pass()
    rigged = {"operation": "delete", "entity": "Deposit", "id": deposit}
    books.control("edits-between-pages", {"entity": "Payment", "after": 1, "changes": [rigged]})
    books.sync(full=True)
    assert books.row(facts.Deposit, deposit) is None, "it was never seen, so nothing of ours names its payments"
    assert books.links(facts.Payment, payment) == set()
    assert books.differences() == []


def test_a_payment_that_drops_an_invoice_leaves_no_allocation_behind(books: Books) -> None:
    customer = books.customer("Drops")
    line = {"Amount": _AMOUNT, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": _item(books)}
    invoices = [
        str(books.create("Invoice", CustomerRef={"value": customer}, TxnDate="2026-11-20", Line=[line])["Id"])
        for _ in range(2)
    ]
    pays = [{"Amount": _AMOUNT, "LinkedTxn": [{"TxnId": id_, "TxnType": "Invoice"}]} for id_ in invoices]
    made = books.create("Payment", CustomerRef={"value": customer}, TotalAmt="160.00", TxnDate="2026-11-21", Line=pays)
    books.settle()
    books.update("Payment", made["Id"], Line=pays[:1], TotalAmt="160.00")
    books.sync()
    assert books.links(facts.Payment, made["Id"]) == {("invoice", invoices[0])}
    assert books.row(facts.Payment, made["Id"]).unapplied_minor == 80_00
    assert books.row(facts.Invoice, invoices[1]).balance_minor == 80_00
    assert books.differences() == []


def test_a_deposit_seen_again_within_the_overlap_costs_nothing_more(books: Books) -> None:
    payment = books.receipt(books.customer("Seen Again"))
    books.settle()
    books.deposit(("Payment", payment, _AMOUNT))
    assert books.sync().calls == 2
    again = books.sync()
    assert [each.entity for each in again.entities if each.rows], "the deposit is told again"
    assert again.calls == 1, "and what it holds is known"
