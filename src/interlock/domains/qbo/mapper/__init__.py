"""Wire structs to facts, pure. ``MAPPINGS.md`` in the rail's folder says what each field comes from, and why."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, overload

import msgspec

from interlock.domains.qbo import wire
from interlock.domains.qbo.mapper import documents, names
from interlock.domains.qbo.mapper.names import preferences
from interlock.domains.qbo.mapper.parts import RAIL, Company
from interlock.kernel.money import MoneyError
from interlock.rails import facts
from interlock.rails.errors import ContractBroken

__all__ = [
    "BY_KIND",
    "BY_WIRE_NAME",
    "ENTITY_MAPS",
    "MOST_UNREADABLE",
    "RAIL",
    "Company",
    "EntityMap",
    "MappedWhenUsed",
    "id_at",
    "preferences",
    "to_fact",
    "to_facts",
]

Mapper = Callable[[Any, bytes, Company], facts.Fact]


class EntityMap(msgspec.Struct, frozen=True):
    """How one QBO entity becomes facts of one kind: its wire name, its decoder, its mapping."""

    wire_name: str
    kind: type[facts.Fact]
    decoder: msgspec.json.Decoder[Any]
    to_fact: Mapper


def _map(wire_type: type[Any], kind: type[facts.Fact], to_fact: Mapper) -> EntityMap:
    return EntityMap(wire_type.__name__, kind, msgspec.json.Decoder(wire_type), to_fact)


ENTITY_MAPS: tuple[EntityMap, ...] = (
    _map(wire.Term, facts.Term, names.term),
    _map(wire.Account, facts.Account, names.account),
    _map(wire.Vendor, facts.Vendor, names.vendor),
    _map(wire.Customer, facts.Customer, names.customer),
    _map(wire.Bill, facts.Bill, documents.bill),
    _map(wire.BillPayment, facts.BillPayment, documents.bill_payment),
    _map(wire.VendorCredit, facts.VendorCredit, documents.vendor_credit),
    _map(wire.PurchaseOrder, facts.PurchaseOrder, documents.purchase_order),
    _map(wire.Invoice, facts.Invoice, documents.invoice),
    _map(wire.Payment, facts.Payment, documents.payment),
    _map(wire.CreditMemo, facts.CreditMemo, documents.credit_memo),
    _map(wire.SalesReceipt, facts.SalesReceipt, documents.sales_receipt),
    _map(wire.RefundReceipt, facts.RefundReceipt, documents.refund_receipt),
    _map(wire.Deposit, facts.Deposit, documents.deposit),
    _map(wire.Purchase, facts.Purchase, documents.purchase),
    _map(wire.Transfer, facts.Transfer, documents.transfer),
    _map(wire.JournalEntry, facts.JournalEntry, documents.journal_entry),
)
MOST_UNREADABLE = 10  # of one answer; more, and it is the format that changed
_MEND = "Everything else was read. Open and save it in QuickBooks; if it stays, report it with the field it names."
_NUL = rb"\u0000"
_ESCAPE = b"\\"  # one byte is found much faster than six, and most rows have none
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")

BY_KIND = {entity.kind: entity for entity in ENTITY_MAPS}
BY_WIRE_NAME = {entity.wire_name: entity for entity in ENTITY_MAPS}


def to_fact(entity: EntityMap, raw: bytes, company: Company) -> facts.Fact:
    """Decode and map one payload; ``ContractBroken`` says which row lacks what."""
    try:
        return entity.to_fact(entity.decoder.decode(_storable(raw)), raw, company)
    except (msgspec.DecodeError, MoneyError) as trouble:
        raise ContractBroken(
            RAIL, f"QuickBooks sent a {entity.wire_name} {_which(raw)} we can't read: {trouble}.", entity.wire_name
        ) from trouble


def to_facts(
    entity: EntityMap, rows: Sequence[bytes], company: Company
) -> tuple[list[facts.Fact], tuple[facts.Unread, ...]]:
    """The facts of one answer's rows, and the few that can't be read, by name: one odd row stops no company.

    ``ContractBroken`` where such a row has no id, and where there are too many: then it is the format that changed, and books
    without them would look fresh and be wrong.
    """
    found: list[facts.Fact] = []
    unread: list[facts.Unread] = []
    for raw in rows:
        try:
            found.append(to_fact(entity, raw, company))
        except ContractBroken as trouble:
            id_ = _id_of(raw)
            if id_ is None or len(unread) == MOST_UNREADABLE:
                raise
            unread.append(facts.Unread(entity.kind, id_, f"{trouble.sentence} {_MEND}"))
    return found, tuple(unread)


class MappedWhenUsed(facts.Unmapped):
    """A page's facts, mapped by whoever walks them: the thread that stores them, so that the one that fetches only fetches.

    Asking for one by its place maps that one only, and raises ``ContractBroken`` as ``to_fact`` does; walking leaves out what
    can't be read, as ``to_facts`` does.
    """

    def __init__(self, entity: EntityMap, rows: Sequence[msgspec.Raw], company: Company) -> None:
        self._entity = entity
        self._rows = rows
        self._company = company
        self._facts: list[facts.Fact] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> facts.Fact: ...
    @overload
    def __getitem__(self, place: slice) -> "MappedWhenUsed": ...
    def __getitem__(self, place: int | slice) -> "facts.Fact | MappedWhenUsed":
        if isinstance(place, slice):
            return MappedWhenUsed(self._entity, self._rows[place], self._company)
        return to_fact(self._entity, bytes(self._rows[place]), self._company)

    def __iter__(self) -> Iterator[facts.Fact]:
        if self._facts is None:
            self._facts, self.unread = to_facts(self._entity, [bytes(row) for row in self._rows], self._company)
        return iter(self._facts)

    def id_at(self, place: int) -> str:
        """A row's id, whether or not the rest of it can be read."""
        raw = bytes(self._rows[place])
        found = _id_of(raw)
        return to_fact(self._entity, raw, self._company).id if found is None else found


def id_at(page: facts.Page, place: int) -> str | None:
    """The id of a page's row by its place; ``None`` where there is none."""
    if not page.facts:
        return None
    return page.facts.id_at(place) if isinstance(page.facts, MappedWhenUsed) else page.facts[place].id


def _storable(raw: bytes) -> bytes:
    """The payload with NUL characters left out of its texts: PostgreSQL keeps none. ``raw`` itself stays as received."""
    return _ENCODER.encode(_without_nul(_DECODER.decode(raw))) if _ESCAPE in raw and _NUL in raw else raw


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(part) for part in value]
    if isinstance(value, dict):
        return {name: _without_nul(part) for name, part in value.items()}
    return value


def _which(raw: bytes) -> str:
    found = _id_of(raw)
    return "without an Id" if found is None else f"(Id {found})"


def _id_of(raw: bytes) -> str | None:
    try:
        return msgspec.json.decode(raw, type=wire.Entity).id
    except msgspec.DecodeError:
        return None
