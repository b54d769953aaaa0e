"""From a document of the books to what the bank saw of it: at most one line for each account it moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from interlock_sandbox.bank.model import BankAccount, BankLine, digits, hashed
from interlock_sandbox.bank.timing import Way, moments, not_before
from interlock_sandbox.books import Books
from interlock_sandbox.books.ledger import Posting
from interlock_sandbox.books.record import Record

MOVES_MONEY = (
    "BillPayment", "Purchase", "Deposit", "Payment", "SalesReceipt", "Transfer", "RefundReceipt", "JournalEntry",
)  # fmt: skip
OPENING = "OPEN"
Names = dict[tuple[str, str], str]
BANK_FEES = frozenset({"Account maintenance"})


class Paper(NamedTuple):
    """A document as it was first written: later edits don't reach the bank. ``known_at`` is ``None`` in the history."""

    entity: str
    id: str
    body: dict[str, Any]
    postings: tuple[Posting, ...]
    party: str | None
    known_at: datetime | None = None

    @property
    def source(self) -> str:
        return f"{self.entity}/{self.id}"

    @property
    def opening(self) -> bool:
        """The entry that says what was in the accounts when the books began."""
        return self.entity == "JournalEntry" and self.body.get("DocNumber") == OPENING

    @property
    def day(self) -> date:
        dated = date.fromisoformat(self.body["TxnDate"])
        return dated if self.known_at is None else max(dated, self.known_at.date())


class History(NamedTuple):
    """The books as they stand at the opening, cheap to take and read only when a bank is first asked.

    Bodies and postings are never changed in place by an edit, so what is held here stays as it was.
    """

    documents: list[tuple[Record, dict[str, Any], tuple[Posting, ...]]]
    names: Names

    def papers(self) -> Iterator[Paper]:
        """Everything that moved money, in order of entry."""
        for record, body, postings in sorted(self.documents, key=lambda document: document[0].number):
            yield Paper(record.entity, record.id, body, postings, _party(body, self.names))


def history_of(books: Books) -> History:
    """What the books hold now."""
    entries = books.ledger.entries
    documents = [
        (record, record.body, entries[record.id].postings)
        for entity in MOVES_MONEY
        for record in books.records(entity).values()
        if record.id in entries
    ]
    return History(documents, names_of(books))


def names_of(books: Books) -> Names:
    """Whom the books deal with."""
    return {
        (entity, record.id): str(record.body.get("DisplayName") or "")
        for entity in ("Vendor", "Customer")
        for record in books.records(entity).values()
    }


def paper_of(books: Books, record: Record, known_at: datetime) -> Paper | None:
    """A document that was just written, if it moves money."""
    entry = books.ledger.entries.get(record.id)
    if record.entity not in MOVES_MONEY or entry is None:
        return None
    return Paper(record.entity, record.id, record.body, entry.postings, _party(record.body, names_of(books)), known_at)


def lines_of(seed: int, paper: Paper, accounts: Mapping[str, BankAccount]) -> Iterator[BankLine]:
    """What the bank sees of a document; ``accounts`` by the books' account id."""
    moved: dict[str, int] = {}
    for posting in paper.postings:
        if posting.account in accounts:
            moved[posting.account] = moved.get(posting.account, 0) + posting.cents
    for account_id, cents in moved.items():
        if cents:
            yield _line(seed, paper, accounts[account_id], cents)


def _line(seed: int, paper: Paper, account: BankAccount, cents: int) -> BankLine:
    way = _way(paper, account)
    key = (seed, account.realm, paper.id)
    made = moments(way, paper.day, *key)
    if paper.known_at is not None:
        made = not_before(made, paper.known_at)
    number = str(paper.body.get("DocNumber", "")) if way == "check" else None
    return BankLine(
        id=hashed("line", *key, account.id, length=24),
        account=account.id,
        amount_minor=cents,
        currency=account.currency,
        name=_name(paper, way, cents, number),
        pending_at=made.pending_at,
        posted_at=made.posted_at,
        dated=(made.pending_at or made.posted_at).date(),
        check_number=number,
        reference=digits("trace", *key, length=15) if way == "ach" else None,
        counterparty=paper.party if way in {"ach", "card", "debit card"} else None,
        source=paper.source,
    )


def _way(paper: Paper, account: BankAccount) -> Way:
    body = paper.body
    number = str(body.get("DocNumber", ""))
    if paper.entity == "Transfer":
        return "transfer"
    if account.credit:
        return "card"
    if paper.entity == "BillPayment" or (paper.entity == "Purchase" and body.get("PaymentType") == "Check"):
        return "check" if number.isdigit() else "ach"
    if paper.entity == "Purchase":
        if body.get("PrivateNote") in BANK_FEES:
            return "fee"
        return "debit card" if "EntityRef" in body else "ach"
    if paper.entity == "JournalEntry":
        return "ach"
    return "debit card" if paper.entity == "RefundReceipt" else "deposit"


def _name(paper: Paper, way: Way, cents: int, number: str | None) -> str:
    note = str(paper.body.get("PrivateNote") or "").upper()
    party = (paper.party or "").upper()
    if way == "check":
        return f"CHECK {number}"
    if way == "fee":
        return "MONTHLY MAINTENANCE FEE"
    if way == "transfer":
        return f"{'TRANSFER FROM' if cents > 0 else 'TRANSFER TO'} OWN ACCOUNT {note}".strip()
    if way == "deposit":
        return _deposit_name(paper, party)
    if way == "ach":
        word = "CREDIT" if cents > 0 else "DEBIT"
        return f"ACH {word} {party or note or 'PAYROLL'}"
    return party or note or "CARD PURCHASE"


def _deposit_name(paper: Paper, party: str) -> str:
    if paper.entity in {"Payment", "SalesReceipt"}:
        return f"ACH CREDIT {party}".strip()
    methods = {
        line.get("DepositLineDetail", {}).get("PaymentMethodRef", {}).get("name") for line in paper.body.get("Line", [])
    }
    if methods & {"Visa", "MasterCard", "American Express", "Discover"}:
        return "MERCHANT SERVICES DEPOSIT"
    return "REMOTE CHECK DEPOSIT" if "Check" in methods else "DEPOSIT"


def _party(body: dict[str, Any], names: Names) -> str | None:
    for field, entity in (("VendorRef", "Vendor"), ("CustomerRef", "Customer")):
        if field in body:
            return names.get((entity, str(body[field].get("value")))) or None
    ref = body.get("EntityRef")
    return names.get((str(ref.get("type", "Vendor")), str(ref.get("value")))) or None if isinstance(ref, dict) else None
