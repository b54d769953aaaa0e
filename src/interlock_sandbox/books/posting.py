"""Entering a document into the ledger and taking it out, and working out whom that touches."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from interlock_sandbox.books.amounts import cents
from interlock_sandbox.books.document import Settles, open_items
from interlock_sandbox.books.fault import BooksFault, business
from interlock_sandbox.books.ledger import Entry, Posting
from interlock_sandbox.books.openitems import Application, OpenItem
from interlock_sandbox.books.record import Body, Operation, Record

if TYPE_CHECKING:
    from interlock_sandbox.books.register import Register

PAYERS = frozenset({"Payment", "BillPayment"})
# Being paid counts as an edit of these; being linked only moves the time of those; a sweep shows nowhere (qbo.md §12).
EDITED_WHEN_PAID = frozenset({"Bill", "Invoice", "VendorCredit", "CreditMemo"})
UNTOUCHED_BY_LINKS = frozenset({"Payment", "SalesReceipt", "RefundReceipt", "BillPayment", "JournalEntry"})
CONTENT_FIXED_WHEN_DEPOSITED = ("TotalAmt", "DepositToAccountRef", "CustomerRef", "TxnDate")


class Change:
    """Everything one command touches; at commit, what really differs gets its time and, if due, its token."""

    def __init__(self, books: Register, at: datetime) -> None:
        self.books = books
        self.at = at
        self._before: dict[Record, object] = {}
        self._edited: dict[Record, Operation] = {}

    def note(self, record: Record | None) -> None:
        """Remember how a record looks before the change."""
        if record is not None and record not in self._before:
            self._before[record] = self._look(record)

    def note_account(self, account: str) -> None:
        self.note(self.books.shelves["Account"].get(account))

    def note_party(self, side: str, party: str) -> None:
        entity = "Customer" if side == "AR" else "Vendor"
        record = self.books.shelves[entity].get(party)
        self.note(record)
        while record is not None and "ParentRef" in record.body and entity == "Customer":
            record = self.books.shelves[entity].get(record.body["ParentRef"]["value"])
            self.note(record)

    def edited(self, record: Record, word: Operation = "Update") -> None:
        """This record itself was changed by the command."""
        self._edited[record] = word

    def link(self, target: Record, txn_id: str, kind: str) -> None:
        self.note(target)
        target.back_links = [*target.back_links, (txn_id, kind)]

    def unlink(self, target: Record, txn_id: str) -> None:
        self.note(target)
        target.back_links = [link for link in target.back_links if link[0] != txn_id]

    def commit(self) -> None:
        books = self.books
        for record, word in self._edited.items():
            books.touch(record, self.at, token=True, word=word)
        for record, before in self._before.items():
            if record in self._edited or self._look(record) == before:
                continue
            if record.entity in UNTOUCHED_BY_LINKS:
                record.raw = None
            else:
                books.touch(record, self.at, token=record.entity in EDITED_WHEN_PAID)
            if record.entity == "Account":
                self._parents_show(record)

    def _parents_show(self, record: Record) -> None:
        accounts = self.books.shelves["Account"]
        parent = record.body.get("ParentRef", {}).get("value")
        while parent is not None and parent in accounts:
            accounts[parent].raw = None
            parent = accounts[parent].body.get("ParentRef", {}).get("value")

    def _look(self, record: Record) -> object:
        books = self.books
        if record.entity == "Account":
            # Income and expense accounts show no balance, so nothing about them changes.
            return books.ledger.total(record.id) if books.account_kind(record.id).shown_as else 0
        if record.entity == "Customer":
            return books.customer_balances(record.id)
        if record.entity == "Vendor":
            return books.open_items.balance("AP", record.id)
        return (tuple(record.back_links), tuple(item.open for item in books.open_items.by_txn.get(record.id, ())))


def enter(books: Register, record: Record, change: Change) -> None:
    """Post a new document, apply what it pays, link what it names. All checks come before the first effect."""
    body = record.body
    document = books.documents[record.entity]
    home = document.home_postings(body)
    items = _items(books, record, body, home)
    uses = document.settles(body)
    targets = _targets(books, record, body, uses)
    _note_all(change, home, items)
    books.ledger.post(record.id, Entry(body["TxnDate"], record.entity, tuple(home)))
    for item in items:
        books.open_items.add(item)
    _apply(books, record, uses, targets, change)
    _link(books, record, change)


def leave(books: Register, record: Record, change: Change) -> None:
    """Take a document out of the ledger; what it paid is open again, what it linked is free."""
    entry = books.ledger.entries.get(record.id)
    items = list(books.open_items.by_txn.get(record.id, ()))
    _note_all(change, list(entry.postings) if entry else [], items)
    _withdraw(books, record, change)
    for item in items:
        books.open_items.remove(item)
    _unlink(books, record, change)
    if entry is not None:
        books.ledger.retract(record.id)


def reenter(books: Register, record: Record, body: Body, change: Change, *, prepare: bool = False) -> None:
    """Replace a document's body and effects; on a fault everything is as before."""
    document = books.documents[record.entity]
    old_body, old_entry = record.body, books.ledger.entries[record.id]
    old_items = [_copy(item) for item in books.open_items.by_txn.get(record.id, ())]
    _note_all(change, list(old_entry.postings), old_items)
    old_uses = [Settles(a.target.txn_id, a.target.entity, abs(a.cents)) for a in _withdraw(books, record, change)]
    _unlink(books, record, change)
    books.ledger.retract(record.id)
    books.entering = record.id
    try:
        if prepare:
            document.prepare(body)
            _deposited_stays(books, record, body)
            if document.numbered:
                body.setdefault("DocNumber", old_body.get("DocNumber", ""))
        home = document.home_postings(body)
        items = _items(books, record, body, home)
        uses = document.settles(body)
        _targets(books, record, body, uses)
        _keeps_what_was_paid(books, record, items)
    except BaseException:  # whatever refused it: the old state is put back before anybody sees
        _settle_in(books, record, old_body, list(old_entry.postings), old_items, old_uses, change)
        raise
    finally:
        books.entering = None
    _settle_in(books, record, body, home, items, uses, change)


def _settle_in(
    books: Register,
    record: Record,
    body: Body,
    home: list[Posting],
    items: list[OpenItem],
    uses: list[Settles],
    change: Change,
) -> None:
    """Give a withdrawn document its (new or old) body and effects."""
    record.body = body
    _note_all(change, home, items)
    targets = _targets(books, record, body, uses)
    books.ledger.post(record.id, Entry(body["TxnDate"], record.entity, tuple(home)))
    books.open_items.revise(record.id, items)
    _apply(books, record, uses, targets, change)
    _link(books, record, change)


def _items(books: Register, record: Record, body: Body, home: list[Posting]) -> list[OpenItem]:
    document = books.documents[record.entity]
    items = open_items(books, record, body, document.postings(body), home)
    if record.entity in PAYERS and not items:
        raise business("A payment needs a receivable or payable account.")
    return [
        item
        for item in items
        if item.amount or item.home or record.entity in PAYERS or record.id in books.open_items.by_txn
    ]


def _targets(books: Register, record: Record, body: Body, uses: list[Settles]) -> list[OpenItem]:
    """The items a payment pays; one document twice in a payment must fit together."""
    if not uses:
        return []
    document = books.documents[record.entity]
    party = body[document.party_field or ""]["value"]
    side = "AR" if record.entity == "Payment" else "AP"
    found: list[OpenItem] = []
    wanted: dict[OpenItem, int] = {}
    for use in uses:
        item = books.open_items.items.get((use.txn_id, side, party)) or books.family_item(side, party, use.txn_id)  # type: ignore[arg-type]
        if item is None:
            raise business(f"Transaction {use.txn_id} can't be linked.", code="620", message="Txn can't be linked")
        wanted[item] = wanted.get(item, 0) + use.cents
        if wanted[item] > abs(item.open):
            raise business(f"Transaction {use.txn_id} has less open than is applied to it.")
        found.append(item)
    return found


def _apply(books: Register, record: Record, uses: list[Settles], targets: list[OpenItem], change: Change) -> None:
    payer = books.open_items.of(record.id)
    for use, target in zip(uses, targets, strict=True):
        assert payer is not None
        paid = books.find(target.entity, target.txn_id)
        change.note(paid)
        change.note_party(target.side, target.party)
        books.open_items.apply(payer, target, use.cents)
        if paid is not None:
            change.link(paid, record.id, books.documents[record.entity].link_type)


def _withdraw(books: Register, record: Record, change: Change) -> list[Application]:
    for application in books.open_items.paid_by.get(record.id, ()):
        change.note(books.find(application.target.entity, application.target.txn_id))
        change.note_party(application.target.side, application.target.party)
    undone = books.open_items.unapply(record.id)
    for application in undone:
        paid = books.find(application.target.entity, application.target.txn_id)
        if paid is not None:
            change.unlink(paid, record.id)
    return undone


def _link(books: Register, record: Record, change: Change) -> None:
    document = books.documents[record.entity]
    for txn_id, kind in document.links(record.body):
        target = books.find(kind, txn_id)
        if target is not None:
            change.link(target, record.id, document.link_type)


def _unlink(books: Register, record: Record, change: Change) -> None:
    for txn_id, kind in books.documents[record.entity].links(record.body):
        target = books.find(kind, txn_id)
        if target is not None:
            change.unlink(target, record.id)


def _note_all(change: Change, home: list[Posting], items: list[OpenItem]) -> None:
    for posting in home:
        change.note_account(posting.account)
    for item in items:
        change.note_party(item.side, item.party)


def _keeps_what_was_paid(books: Register, record: Record, items: list[OpenItem]) -> None:
    """An edit may not take a document from under the payments on it."""
    wanted = {item.key: item for item in items}
    for application in books.open_items.applied_to(record.id):
        target = application.target
        item = wanted.get(target.key)
        if item is None or item.amount * target.amount < 0 or abs(item.amount) < abs(target.applied):
            raise business(f"{record.entity} {record.id} has payments applied to it; change or delete them first.")


def _deposited_stays(books: Register, record: Record, body: Body) -> None:
    if books.deposit_of(record) is None or record.entity == "Deposit":
        return
    for field in CONTENT_FIXED_WHEN_DEPOSITED:
        old, new = record.body.get(field), body.get(field)
        same = cents(old) == cents(new) if field == "TotalAmt" else _bare(old) == _bare(new)
        if not same:
            raise BooksFault(
                "6540",
                "Deposited Transaction cannot be changed",
                "If you want to change this transaction, you must edit the deposit it appears on and remove it first.",
                element="",
            )


def _bare(value: object) -> object:
    return value.get("value") if isinstance(value, dict) else value


def _copy(item: OpenItem) -> OpenItem:
    return OpenItem(item.txn_id, item.entity, item.side, item.party, item.date, item.due, item.amount, item.home)
