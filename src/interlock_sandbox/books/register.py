"""What a company's books hold, and the look-ups everything else is written with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

from interlock_sandbox.books import lists
from interlock_sandbox.books.banking import Deposit, JournalEntry, Purchase, Transfer
from interlock_sandbox.books.chart import KINDS, STANDARD, AccountKind
from interlock_sandbox.books.clean import display_name, renamed
from interlock_sandbox.books.company import company_info, preferences
from interlock_sandbox.books.document import Document
from interlock_sandbox.books.fault import BooksFault
from interlock_sandbox.books.ledger import Ledger
from interlock_sandbox.books.openitems import OpenItem, OpenItems, Side
from interlock_sandbox.books.payables import Bill, PurchaseOrder, VendorCredit
from interlock_sandbox.books.receivables import CreditMemo, Estimate, Invoice, RefundReceipt, SalesReceipt
from interlock_sandbox.books.record import Body, Happened, Link, Operation, Record, Tombstone
from interlock_sandbox.books.schema import SPECS
from interlock_sandbox.books.settlements import BillPayment, Payment

DOCUMENTS: tuple[type[Document], ...] = (
    Bill, VendorCredit, PurchaseOrder, BillPayment, Invoice, CreditMemo, SalesReceipt, RefundReceipt, Estimate,
    Payment, Deposit, Purchase, Transfer, JournalEntry,
)  # fmt: skip


def side_of_type(account_type: str) -> Side | None:
    """AR or AP for the types of control accounts."""
    sides: dict[str, Side] = {"Accounts Receivable": "AR", "Accounts Payable": "AP"}
    return sides.get(account_type)


class Register:
    """Shelves of records by entity, the ledger, the open items, and what is derived from them."""

    def __init__(
        self, realm_id: str, name: str, home_currency: str = "USD", *, opened: date = date(2020, 1, 1)
    ) -> None:
        self.realm_id = realm_id
        self.name = name
        self.home_currency = home_currency
        self.documents: dict[str, Document] = {made.entity: made(self) for made in DOCUMENTS}
        self.ledger = Ledger()
        self.open_items = OpenItems()
        self.shelves: dict[str, dict[str, Record]] = {entity: {} for entity in SPECS}
        self.tombstones: list[Tombstone] = []
        self.versions: dict[str, int] = dict.fromkeys(SPECS, 0)
        self.entering: str | None = None
        self.hears: Callable[[Happened], None] | None = None
        # No change is stamped earlier: what happens now cannot hide behind a watermark taken a moment ago.
        self.floor = datetime.min.replace(tzinfo=UTC)
        self._at = datetime(opened.year, opened.month, opened.day, 16, tzinfo=UTC)
        self._sequences: dict[str, int] = {}
        self._unique: dict[tuple[str, str], Record] = {}
        self._standard: dict[str, str] = {}
        self._sides: dict[str, Side] = {}
        self._children: dict[tuple[str, str], list[str]] = {}
        self._numbers: dict[str, int] = {}
        self._put("CompanyInfo", company_info(name, opened.isoformat()), self._at)
        self._put("Preferences", preferences(home_currency), self._at)

    def find(self, entity: str, ref_id: str) -> Record | None:
        shelf = self.shelves.get(entity)
        return shelf.get(ref_id) if shelf else None

    def side_of(self, account: str) -> Side | None:
        """Whether an account is a receivable or payable control account."""
        return self._sides.get(account)

    def standard(self, role: str) -> str:
        """The id of an account QuickBooks opens by itself (chart.STANDARD), opened now if it is not there."""
        known = self._standard.get(role)
        if known is not None:
            return known
        name, kind, subtype = STANDARD[role]
        for record in self.shelves["Account"].values():
            body = record.body
            if body["AccountSubType"] == subtype and body["AccountType"] == kind and body["Active"]:
                self._standard[role] = record.id
                return record.id
        made = self._create_list("Account", {"Name": name, "AccountType": kind, "AccountSubType": subtype}, self._at)
        self._standard[role] = made.id
        return made.id

    def standard_ref(self, role: str, currency_code: str | None = None) -> Body:
        """A reference to a standard account; foreign payables and receivables have an account per currency."""
        if currency_code is None or currency_code == self.home_currency:
            account = self.shelves["Account"][self.standard(role)]
            return {"value": account.id, "name": display_name(account)}
        name, kind, subtype = STANDARD[role]
        full = f"{name} - {currency_code}"
        found = self._unique.get(("Account", full.casefold()))
        if found is None:
            body = {
                "Name": full,
                "AccountType": kind,
                "AccountSubType": subtype,
                "CurrencyRef": {"value": currency_code},
            }
            found = self._create_list("Account", body, self._at)
        return {"value": found.id, "name": full}

    def item_account(self, item_id: str, field: str) -> str:
        """The account an item posts to; items without one use the standard account."""
        item = self.shelves["Item"].get(item_id)
        if item is not None and field in item.body:
            return str(item.body[field]["value"])
        return self.standard("sales" if field == "IncomeAccountRef" else "purchases")

    def deposit_of(self, receipt: Record) -> str | None:
        """The id of the deposit that swept a receipt out of Undeposited Funds."""
        return next((txn_id for txn_id, kind in receipt.back_links if kind == "Deposit"), None)

    def family(self, record: Record) -> Iterator[str]:
        """Ids of a record and all below it."""
        yield record.id
        for child in self._children.get((record.entity, record.id), ()):
            yield from self.family(self.shelves[record.entity][child])

    def children(self, record: Record) -> list[str]:
        """Ids directly below a record."""
        return list(self._children.get((record.entity, record.id), ()))

    def family_item(self, side: Side, party: str, txn_id: str) -> OpenItem | None:
        """The open item of a document of one of the customer's jobs: a parent may pay for them."""
        owner = self.find("Customer", party) if side == "AR" else None
        if owner is None:
            return None
        below = set(self.family(owner))
        return next((item for item in self.open_items.by_txn.get(txn_id, ()) if item.party in below), None)

    def customer_balances(self, customer_id: str) -> tuple[int, int]:
        """(own, with jobs) in home cents."""
        own = self.open_items.balance("AR", customer_id)
        if ("Customer", customer_id) not in self._children:
            return own, own
        record = self.shelves["Customer"][customer_id]
        return own, sum(self.open_items.balance("AR", member) for member in self.family(record))

    def wire_links(self, record: Record) -> list[Link]:
        """LinkedTxn of a record: what it links itself (where shown in the header), then what links it."""
        document = self.documents.get(record.entity)
        if document is None:
            return []
        own = [] if record.entity == "Deposit" else document.links(record.body)
        return [*own, *record.back_links]

    def _put(self, entity: str, body: Body, at: datetime) -> Record:
        sequence = SPECS[entity].sequence
        number = self._sequences.get(sequence, 0) + 1
        self._sequences[sequence] = number
        record = Record(entity, number, body, at)
        self._shelve(record)
        return record

    def _shelve(self, record: Record) -> None:
        self.shelves[record.entity][record.id] = record
        self.versions[record.entity] += 1

    def touch(self, record: Record, at: datetime, *, token: bool, word: Operation = "Update") -> None:
        record.updated = at
        record.raw = None
        self.versions[record.entity] += 1
        if token:
            record.token += 1
            self.tell(word, record, at)

    def tell(self, word: Operation, record: Record, at: datetime, deleted_id: str | None = None) -> None:
        """Let whoever listens know of a change."""
        if self.hears is not None:
            self.hears(Happened(word, record.entity, record.id, at, deleted_id))

    def _create_list(self, entity: str, body: Body, at: datetime) -> Record:
        lists.prepare_list(self, entity, body)
        self._claim(entity, body, None)
        record = self._put(entity, body, at)
        self._unique[lists.unique_key(entity, body)] = record
        self._adopt(record)
        self.tell("Create", record, at)
        return record

    def _claim(self, entity: str, body: Body, owner: Record | None) -> None:
        holder = self._unique.get(lists.unique_key(entity, body))
        if holder is not None and holder is not owner:
            raise BooksFault("6240", "Duplicate Name Exists Error", "The name supplied already exists. : null")

    def _adopt(self, record: Record) -> None:
        parent = record.body.get("ParentRef", {}).get("value")
        if parent is not None:
            self._children.setdefault((record.entity, parent), []).append(record.id)
        if record.entity == "Account":
            side = side_of_type(record.body["AccountType"])
            if side is not None:
                self._sides[record.id] = side

    def move_below(self, child: Record, old_parent: str, new_parent: str) -> None:
        """A list element stands below another one from now on; its full name follows."""
        self._children[(child.entity, old_parent)].remove(child.id)
        self._children.setdefault((child.entity, new_parent), []).append(child.id)
        child.raw = None
        self._refile(self.shelves[child.entity][new_parent])

    def stand_in(self, old: str, new: str) -> None:
        """An account takes over from another one, its standing roles too."""
        self._standard = {role: new if account == old else account for role, account in self._standard.items()}

    def drop_listed(self, record: Record, key: tuple[str, str]) -> None:
        """Take a list element off its shelf for good (a merge does that; QuickBooks deletes none)."""
        del self.shelves[record.entity][record.id]
        self._unique.pop(key, None)
        self._children.pop((record.entity, record.id), None)
        parent = record.body.get("ParentRef", {}).get("value")
        if parent is not None:
            self._children[(record.entity, parent)].remove(record.id)
        if record.entity == "Account":
            self._sides.pop(record.id, None)
        self.versions[record.entity] += 1

    def _refile(self, record: Record) -> None:
        """What stands below a record shows its full name."""
        for child in (self.shelves[record.entity][child] for child in self.children(record)):
            full = f"{record.body['FullyQualifiedName']}:{child.body.get('DisplayName') or child.body['Name']}"
            if child.body["FullyQualifiedName"] != full:
                self._unique.pop(lists.unique_key(record.entity, child.body), None)
                child.body = {**child.body, "FullyQualifiedName": full}
                self._unique[lists.unique_key(record.entity, child.body)] = child
                child.raw = None
                self.versions[record.entity] += 1
                self._rename(child)
                self._refile(child)

    def _rename(self, record: Record) -> None:
        """References show the current name at once, without counting as a change of the referring object."""
        targets = frozenset({record.entity})
        for shelf in self.shelves.values():
            for other in shelf.values():
                if other is not record and renamed(other.body, targets, record.id, display_name(record)):
                    other.raw = None

    def account_kind(self, account: str) -> AccountKind:
        """Type, classification and shown sign of an account."""
        return KINDS[self.shelves["Account"][account].body["AccountType"]]
