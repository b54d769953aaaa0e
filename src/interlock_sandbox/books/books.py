"""The books of one company: QuickBooks' objects over double entry.

Everything dated is passed in: ``at`` is an aware UTC instant and stamps the change. Amounts are ``Decimal``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from interlock_sandbox.books import lists
from interlock_sandbox.books.banking import Deposit, JournalEntry, Purchase, Transfer
from interlock_sandbox.books.chart import KINDS, STANDARD
from interlock_sandbox.books.clean import cleaned, display_name, renamed
from interlock_sandbox.books.company import company_info, preferences
from interlock_sandbox.books.document import Document, common
from interlock_sandbox.books.fault import BooksFault, business, not_found, stale
from interlock_sandbox.books.ledger import Ledger
from interlock_sandbox.books.openitems import OpenItem, OpenItems, Side
from interlock_sandbox.books.payables import Bill, PurchaseOrder, VendorCredit
from interlock_sandbox.books.posting import Change, enter, leave, reenter
from interlock_sandbox.books.receivables import CreditMemo, Estimate, Invoice, RefundReceipt, SalesReceipt
from interlock_sandbox.books.record import Body, Link, Record, Tombstone
from interlock_sandbox.books.schema import SPECS, EntitySpec
from interlock_sandbox.books.settlements import BillPayment, Payment
from interlock_sandbox.books.wire import deleted_stub, wire, wire_bytes

FIRST_SALES_NUMBER = 1001
OTHER_USER = "the bookkeeper"
_DOCUMENTS: list[Document] = [
    Bill(), VendorCredit(), PurchaseOrder(), BillPayment(), Invoice(), CreditMemo(), SalesReceipt(), RefundReceipt(),
    Estimate(), Payment(), Deposit(), Purchase(), Transfer(), JournalEntry(),
]  # fmt: skip
DOCUMENTS: dict[str, Document] = {document.entity: document for document in _DOCUMENTS}
SWEPT_BY = frozenset({"Payment", "SalesReceipt", "RefundReceipt"})


class Books:
    """One company. ``create``, ``update``, ``delete`` and ``void`` take and give QuickBooks' shapes or raise BooksFault."""

    def __init__(
        self, realm_id: str, name: str, home_currency: str = "USD", *, opened: date = date(2020, 1, 1)
    ) -> None:
        self.realm_id = realm_id
        self.name = name
        self.home_currency = home_currency
        self.documents = DOCUMENTS
        self.ledger = Ledger()
        self.open_items = OpenItems()
        self.shelves: dict[str, dict[str, Record]] = {entity: {} for entity in SPECS}
        self.tombstones: list[Tombstone] = []
        self.versions: dict[str, int] = dict.fromkeys(SPECS, 0)
        self.entering: str | None = None
        self._at = datetime(opened.year, opened.month, opened.day, 16, tzinfo=UTC)
        self._sequences: dict[str, int] = {}
        self._unique: dict[tuple[str, str], Record] = {}
        self._standard: dict[str, str] = {}
        self._sides: dict[str, Side] = {}
        self._children: dict[tuple[str, str], list[str]] = {}
        self._numbers: dict[str, int] = {}
        self._put("CompanyInfo", company_info(name, opened.isoformat()), self._at)
        self._put("Preferences", preferences(home_currency), self._at)

    # --- commands ---------------------------------------------------------------------------------------------

    def create(self, entity: str, body: Body, *, at: datetime, refuse_duplicate_number: bool = False) -> Body:
        """Create from QuickBooks' write shape; answers the full object."""
        spec = self._spec(entity)
        at = self._moment(at)
        if spec.shelf == "single":
            raise BooksFault("500", "Unsupported Operation", f"Operation create is not supported for {entity}.")
        fresh = cleaned(spec, body, self.find)
        if spec.shelf == "list":
            record = self._create_list(entity, fresh, at)
        else:
            record = self._create_document(entity, fresh, at, refuse_duplicate_number)
        return wire(self, record)

    def update(self, entity: str, body: Body, *, at: datetime, sparse: bool = False) -> Body:
        """Full update (what is left out becomes empty) or sparse (only what is sent changes); needs Id and SyncToken."""
        spec = self._spec(entity)
        at = self._moment(at)
        record = self._current(entity, body)
        merged = {key: value for key, value in record.body.items() if sparse and key in spec.known}
        sent = {key: value for key, value in body.items() if key != "sparse"}
        kept = cleaned(spec, {**merged, **sent}, self.find_even_inactive if sparse else self.find)
        if spec.shelf == "single":
            record.body = {**record.body, **kept}
            self._touch(record, at, token=True)
        elif spec.shelf == "list":
            self._update_list(record, kept, at)
        else:
            self._update_document(record, kept, at)
        return wire(self, record)

    def delete(self, entity: str, body_or_id: Body | str, *, at: datetime) -> Body:
        """Hard-delete a transaction; answers the stub. List entities are made inactive by ``update`` instead."""
        at = self._moment(at)
        record = self._addressed(entity, body_or_id)
        if self._spec(entity).shelf != "transaction":
            raise BooksFault("500", "Unsupported Operation", f"Operation delete is not supported for {entity}.")
        self._refuse_if_deposited(record)
        if self.open_items.paid_on.get(record.id):
            raise business(f"{entity} {record.id} is linked to other transactions; unlink them first.")
        change = Change(self, at)
        leave(self, record, change)
        del self.shelves[entity][record.id]
        self.versions[entity] += 1
        tombstone = Tombstone(entity, record.id, at)
        self.tombstones.append(tombstone)
        change.commit()
        return deleted_stub(tombstone, with_time=False)

    def void(self, entity: str, body_or_id: Body | str, *, at: datetime) -> Body:
        """Void an Invoice, Payment, SalesReceipt or BillPayment: amounts 0, note 'Voided', what it paid is open again."""
        at = self._moment(at)
        record = self._addressed(entity, body_or_id)
        if not self._spec(entity).voidable:
            raise BooksFault("500", "Unsupported Operation", f"Operation void is not supported for {entity}.")
        self._refuse_if_deposited(record)
        change = Change(self, at)
        for application in self.open_items.release(record.id):
            payer = self.find(application.payer.entity, application.payer.txn_id)
            if payer is not None:
                _drop_line(payer.body, record.id)
                change.edited(payer)
            change.unlink(record, application.payer.txn_id)
        reenter(self, record, self.documents[entity].void(record.body), change)
        record.voided = True
        change.edited(record)
        change.commit()
        return wire(self, record)

    # --- reading ----------------------------------------------------------------------------------------------

    def get(self, entity: str, ref_id: str) -> Body:
        """The full object, or fault 610."""
        record = self.find(self._spec(entity).name, ref_id)
        if record is None:
            raise not_found()
        return wire(self, record)

    def rows(self, entity: str) -> Iterator[Body]:
        """Every object of an entity in order of creation, inactive ones included."""
        for record in self.shelves[self._spec(entity).name].values():
            yield wire(self, record)

    def records(self, entity: str) -> dict[str, Record]:
        """The stored records by id; read only."""
        return self.shelves[entity]

    def raw(self, record: Record) -> bytes:
        """A record as JSON bytes, cached."""
        return wire_bytes(self, record)

    @property
    def latest(self) -> datetime:
        """The last instant that stamped a change."""
        return self._at

    def find(self, entity: str, ref_id: str) -> Record | None:
        shelf = self.shelves.get(entity)
        return shelf.get(ref_id) if shelf else None

    find_even_inactive = find

    # --- what documents ask -----------------------------------------------------------------------------------

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

    # --- how ------------------------------------------------------------------------------------------------

    def _spec(self, entity: str) -> EntitySpec:
        spec = SPECS.get(entity)
        if spec is None:
            raise BooksFault("500", "Unsupported Operation", f"Operation {entity} is not supported.")
        return spec

    def _moment(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("at must be an aware instant")
        moment = at.astimezone(UTC).replace(microsecond=0)
        self._at = max(self._at, moment)
        return moment

    def _current(self, entity: str, body: Body) -> Record:
        if "Id" not in body:
            raise BooksFault("2020", "Required param missing, need to supply the required value for the API",
                             "Required parameter Id is missing in the request", element="Id")  # fmt: skip
        record = self.find(entity, str(body["Id"]))
        if record is None:
            raise not_found()
        if "SyncToken" not in body:
            raise BooksFault("2020", "Required param missing, need to supply the required value for the API",
                             "Required parameter SyncToken is missing in the request", element="SyncToken")  # fmt: skip
        if str(body["SyncToken"]) != str(record.token):
            raise stale(OTHER_USER)
        return record

    def _addressed(self, entity: str, body_or_id: Body | str) -> Record:
        if isinstance(body_or_id, dict):
            return self._current(self._spec(entity).name, body_or_id)
        record = self.find(self._spec(entity).name, body_or_id)
        if record is None:
            raise not_found()
        return record

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

    def _touch(self, record: Record, at: datetime, *, token: bool) -> None:
        record.updated = at
        record.raw = None
        record.token += 1 if token else 0
        self.versions[record.entity] += 1

    def _create_list(self, entity: str, body: Body, at: datetime) -> Record:
        lists.prepare_list(self, entity, body)
        self._claim(entity, body, None)
        record = self._put(entity, body, at)
        self._unique[lists.unique_key(entity, body)] = record
        self._adopt(record)
        return record

    def _update_list(self, record: Record, body: Body, at: datetime) -> None:
        lists.prepare_list(self, record.entity, body)
        if record.body.get("Active") is False and body["Active"] is False and body == record.body:
            return
        self._claim(record.entity, body, record)
        self._unique.pop(lists.unique_key(record.entity, record.body), None)
        old_parent = record.body.get("ParentRef", {}).get("value")
        if old_parent is not None:
            self._children[(record.entity, old_parent)].remove(record.id)
        before = display_name(record)
        record.body = body
        self._unique[lists.unique_key(record.entity, body)] = record
        self._adopt(record)
        self._touch(record, at, token=True)
        if display_name(record) != before:
            self._rename(record)

    def _claim(self, entity: str, body: Body, owner: Record | None) -> None:
        holder = self._unique.get(lists.unique_key(entity, body))
        if holder is not None and holder is not owner:
            raise BooksFault("6240", "Duplicate Name Exists Error", "The name supplied already exists. : null")

    def _adopt(self, record: Record) -> None:
        parent = record.body.get("ParentRef", {}).get("value")
        if parent is not None:
            self._children.setdefault((record.entity, parent), []).append(record.id)
        if record.entity == "Account":
            kind = record.body["AccountType"]
            self._sides.pop(record.id, None)
            if kind in {"Accounts Receivable", "Accounts Payable"}:
                self._sides[record.id] = "AR" if kind == "Accounts Receivable" else "AP"

    def _rename(self, record: Record) -> None:
        """References show the current name at once, without counting as a change of the referring object."""
        targets = frozenset({record.entity})
        for shelf in self.shelves.values():
            for other in shelf.values():
                if other is not record and renamed(other.body, targets, record.id, display_name(record)):
                    other.raw = None

    def _create_document(self, entity: str, body: Body, at: datetime, refuse_duplicate: bool) -> Record:
        document = self.documents[entity]
        common(self, body, at)
        document.prepare(self, body)
        if document.numbered:
            self._number(entity, body, refuse_duplicate)
        number = self._sequences.get("txn", 0) + 1
        record = Record(entity, number, body, at)
        change = Change(self, at)
        enter(self, record, change)
        self._sequences["txn"] = number
        self._shelve(record)
        change.commit()
        return record

    def _update_document(self, record: Record, body: Body, at: datetime) -> None:
        change = Change(self, at)
        common(self, body, record.created)
        reenter(self, record, body, change, prepare=True)
        change.edited(record)
        change.commit()

    def _number(self, entity: str, body: Body, refuse_duplicate: bool) -> None:
        """Sales forms share one sequence of numbers; orders have their own."""
        series = "PurchaseOrder" if entity == "PurchaseOrder" else "sales"
        upcoming = self._numbers.get(series, FIRST_SALES_NUMBER)
        given = body.setdefault("DocNumber", str(upcoming))
        if refuse_duplicate:
            self._refuse_duplicate(entity, given)
        if given.isdigit() and len(given) < 10:
            self._numbers[series] = max(upcoming, int(given) + 1)

    def _refuse_duplicate(self, entity: str, given: str) -> None:
        for record in self.shelves[entity].values():
            if record.body.get("DocNumber") == given:
                detail = (
                    "Duplicate Document Number Error : You must specify a different number. This number has already "
                    f"been used. DocNumber={given} is assigned to TxnType={entity} with TxnId={record.id}"
                )
                raise BooksFault("6140", "Duplicate Document Number Error", detail, element="")

    def _refuse_if_deposited(self, record: Record) -> None:
        if record.entity in SWEPT_BY and self.deposit_of(record) is not None:
            raise BooksFault(
                "6540", "Deposited Transaction cannot be changed",
                "If you want to change or delete this transaction, you must edit the deposit it appears on and remove it.",
                element="",
            )  # fmt: skip

    def account_kind(self, account: str) -> Any:
        """Type, classification and shown sign of an account."""
        return KINDS[self.shelves["Account"][account].body["AccountType"]]


def _drop_line(body: Body, txn_id: str) -> None:
    """Take the line that paid a voided document off a payment."""
    body["Line"] = [
        line for line in body.get("Line", []) if all(link.get("TxnId") != txn_id for link in line.get("LinkedTxn", []))
    ]
