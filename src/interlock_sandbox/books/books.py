"""The books of one company: QuickBooks' objects over double entry.

Everything dated is passed in: ``at`` is an aware UTC instant and stamps the change. Amounts are ``Decimal``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from interlock_sandbox.books import lists
from interlock_sandbox.books.clean import cleaned, display_name
from interlock_sandbox.books.document import common
from interlock_sandbox.books.fault import BooksFault, business, missing, not_found, stale
from interlock_sandbox.books.merging import checked, merge_into
from interlock_sandbox.books.posting import Change, enter, leave, reenter
from interlock_sandbox.books.record import Body, Record, Tombstone
from interlock_sandbox.books.register import Register, side_of_type
from interlock_sandbox.books.schema import SPECS, EntitySpec
from interlock_sandbox.books.wire import deleted_stub, wire, wire_bytes

FIRST_SALES_NUMBER = 1001
OTHER_USER = "the bookkeeper"
SWEPT_BY = frozenset({"Payment", "SalesReceipt", "RefundReceipt"})


class Books(Register):
    """One company. ``create``, ``update``, ``delete`` and ``void`` take and give QuickBooks' shapes or raise BooksFault."""

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
        kept = cleaned(spec, {**merged, **sent}, self.find)
        if spec.shelf == "single":
            record.body = {**record.body, **kept}
            self.touch(record, at, token=True)
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
        self.tell("Delete", record, at)
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
        change.edited(record, "Void")
        change.commit()
        return wire(self, record)

    def merge(self, entity: str, wanted: Body, *, at: datetime) -> Body:
        """Merge ``loser`` into ``winner`` (ids in ``wanted``, see merging.Merge); answers the winner."""
        at = self._moment(at)
        merge = checked(self, self._spec(entity).name, wanted)
        merge_into(self, merge, at)
        return wire(self, merge.winner)

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

    # --- how ------------------------------------------------------------------------------------------------

    def _spec(self, entity: str) -> EntitySpec:
        spec = SPECS.get(entity)
        if spec is None:
            raise BooksFault("500", "Unsupported Operation", f"Operation {entity} is not supported.")
        return spec

    def _moment(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("at must be an aware instant")
        moment = max(at.astimezone(UTC).replace(microsecond=0), self.floor)
        self._at = max(self._at, moment)
        return moment

    def _current(self, entity: str, body: Body) -> Record:
        if "Id" not in body:
            raise missing("Id")
        record = self.find(entity, str(body["Id"]))
        if record is None:
            raise not_found()
        if "SyncToken" not in body:
            raise missing("SyncToken")
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

    def _update_list(self, record: Record, body: Body, at: datetime) -> None:
        lists.prepare_list(self, record.entity, body)
        if record.body.get("Active") is False and body["Active"] is False and body == record.body:
            return
        self._claim(record.entity, body, record)
        if body.get("ParentRef", {}).get("value") in set(self.family(record)):
            raise business("A list element cannot be its own parent.")
        if record.entity == "Account" and self.side_of(record.id) != side_of_type(body["AccountType"]):
            raise business("A receivable or payable account keeps its type.")
        self._unique.pop(lists.unique_key(record.entity, record.body), None)
        old_parent = record.body.get("ParentRef", {}).get("value")
        if old_parent is not None:
            self._children[(record.entity, old_parent)].remove(record.id)
        before = display_name(record)
        record.body = body
        self._unique[lists.unique_key(record.entity, body)] = record
        self._adopt(record)
        self.touch(record, at, token=True)
        self._refile(record)
        if display_name(record) != before:
            self._rename(record)

    def _create_document(self, entity: str, body: Body, at: datetime, refuse_duplicate: bool) -> Record:
        document = self.documents[entity]
        common(self, body, at)
        document.prepare(body)
        if document.numbered:
            self._number(entity, body, refuse_duplicate)
        number = self._sequences.get("txn", 0) + 1
        record = Record(entity, number, body, at)
        change = Change(self, at)
        enter(self, record, change)
        self._sequences["txn"] = number
        self._shelve(record)
        self.tell("Create", record, at)
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


def _drop_line(body: Body, txn_id: str) -> None:
    """Take the line that paid a voided document off a payment."""
    body["Line"] = [
        line for line in body.get("Line", []) if all(link.get("TxnId") != txn_id for link in line.get("LinkedTxn", []))
    ]
