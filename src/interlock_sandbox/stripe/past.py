"""What an account's past is made from: card receipts of the books and what was deposited, as they are at the opening."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from interlock_sandbox.books import Books
from interlock_sandbox.books.amounts import cents
from interlock_sandbox.books.record import Record

DAYS = 90
OPENING_HOUR = 20
ENOUGH_DEPOSITS = 5
TIDY = 3
LEAST = 50
CARDS = frozenset({"Visa", "MasterCard", "American Express", "Discover"})
RECEIPTS = frozenset({"Payment", "SalesReceipt"})


class Share(NamedTuple):
    """An invoice of the books that a receipt pays in full, in cents."""

    id: str
    number: str
    dated: date
    amount: int


class Receipt(NamedTuple):
    """A card receipt of the books; ``invoices`` are empty when it pays none, or pays one in part."""

    entity: str
    id: str
    dated: date
    amount: int
    customer: str | None
    invoices: tuple[Share, ...]


class Deposit(NamedTuple):
    """A deposit of the books with card receipts in it; ``others`` are the cents that came by check."""

    id: str
    dated: date
    receipts: tuple[Receipt, ...]
    others: int


class OpenInvoice(NamedTuple):
    id: str
    number: str
    customer: str
    dated: date
    due: date
    amount: int
    words: str


class Past(NamedTuple):
    """Everything before ``opened``; nothing falls due before ``quiet_until``. ``customers`` are bodies by id."""

    opened: datetime
    quiet_until: datetime
    customers: dict[str, dict[str, Any]]
    deposits: tuple[Deposit, ...]
    loose: tuple[Receipt, ...]
    invoices: tuple[OpenInvoice, ...]


def past_of(index: int, books: Books, as_of: date, bank_account: str | None) -> Past:
    """Taken from the books at once, so that what is written in them later changes nothing of it."""
    opened = datetime.combine(as_of, time(OPENING_HOUR), UTC)
    since = (as_of - timedelta(days=DAYS)).isoformat()
    deposits: list[Deposit] = []
    if index % 12 != TIDY and bank_account is not None:
        deposits = _chosen([each for each in _deposits(books, since) if each is not None])
    loose = [
        _receipt(books, record)
        for record in books.records("Payment").values()
        if record.body["TxnDate"] >= since
        and _by_card(record.body)
        and books.deposit_of(record) is None
        and _whole(record)
    ]
    customers = {
        record.id: dict(record.body)
        for record in books.records("Customer").values()
        if _dollars(record.body) and record.body.get("Active") is not False and "PrimaryEmailAddr" in record.body
    }
    invoices = [each for each in _open(books) if each.customer in customers]
    return Past(
        opened, opened + timedelta(hours=24 - OPENING_HOUR), customers, tuple(deposits),
        () if index % 12 == TIDY else tuple(loose), tuple(invoices),
    )  # fmt: skip


def _chosen(found: list[Deposit]) -> list[Deposit]:
    """Those of card receipts alone, and of the mixed ones the latest until there are enough."""
    whole = [each for each in found if not each.others]
    mixed = [each for each in found if each.others][::-1][: max(0, ENOUGH_DEPOSITS - len(whole))]
    return sorted([*whole, *mixed], key=lambda each: (each.dated, int(each.id)))


def _deposits(books: Books, since: str) -> Iterator[Deposit | None]:
    bank = first_bank_account(books)
    for record in books.records("Deposit").values():
        body = record.body
        if body["TxnDate"] < since or not _dollars(body) or body["DepositToAccountRef"]["value"] != bank:
            continue
        receipts: list[Receipt] = []
        others = 0
        for line in body["Line"]:
            links = line.get("LinkedTxn") or []
            if not links:
                if cents(line["Amount"]) > 0:
                    break  # money that came with no receipt: not a merchant's deposit
                continue
            linked = books.find(links[0]["TxnType"], links[0]["TxnId"])
            if linked is None or linked.entity not in RECEIPTS or not _dollars(linked.body):
                break
            if _by_card(linked.body):
                receipts.append(_receipt(books, linked))
            else:
                others += cents(line["Amount"])
        else:
            if receipts:
                yield Deposit(record.id, date.fromisoformat(body["TxnDate"]), tuple(receipts), others)


def first_bank_account(books: Books) -> str | None:
    """The books' first account at a bank: where Stripe pays out to."""
    for record in books.records("Account").values():
        body = record.body
        if (
            body.get("AccountType") == "Bank"
            and body.get("AccountSubType") != "UndepositedFunds"
            and body["Name"] != "Undeposited Funds"
        ):
            return record.id
    return None


def _receipt(books: Books, record: Record) -> Receipt:
    body = record.body
    shares: list[Share] = []
    for line in body.get("Line", []):
        for link in line.get("LinkedTxn") or []:
            invoice = books.find("Invoice", link["TxnId"]) if link["TxnType"] == "Invoice" else None
            if invoice is None or cents(invoice.body["TotalAmt"]) != cents(line["Amount"]):
                continue
            number = str(invoice.body.get("DocNumber", ""))
            shares.append(Share(invoice.id, number, date.fromisoformat(invoice.body["TxnDate"]), cents(line["Amount"])))
    customer = body.get("CustomerRef", {}).get("value")
    return Receipt(
        record.entity, record.id, date.fromisoformat(body["TxnDate"]), cents(body["TotalAmt"]), customer, tuple(shares)
    )


def _open(books: Books) -> Iterator[OpenInvoice]:
    for record in books.records("Invoice").values():
        body = record.body
        item = books.open_items.of(record.id)
        if item is None or item.open < LEAST or not _dollars(body) or "DueDate" not in body:
            continue
        total = cents(body["TotalAmt"])
        if item.open != total:
            continue
        words = next((line["SalesItemLineDetail"]["ItemRef"].get("name", "") for line in body["Line"]
                      if "ItemRef" in line.get("SalesItemLineDetail", {})), "")  # fmt: skip
        yield OpenInvoice(
            record.id, str(body.get("DocNumber", "")), body["CustomerRef"]["value"], date.fromisoformat(body["TxnDate"]),
            date.fromisoformat(body["DueDate"]), total, words or "Services",
        )  # fmt: skip


def _by_card(body: dict[str, Any]) -> bool:
    return body.get("PaymentMethodRef", {}).get("name") in CARDS


def _dollars(body: dict[str, Any]) -> bool:
    return bool(body.get("CurrencyRef", {}).get("value", "USD") == "USD")


def _whole(record: Record) -> bool:
    return not record.voided and _dollars(record.body)
