"""How facts become rows: one shelf per kind, a few ``executemany`` calls a page, never an ORM object.

A slice declares its shelves; ``SliceMirror`` stores and buries on them; ``ComposedMirror`` puts the slices together
in a fixed order. Columns are the fact's fields, in order, so nothing maps a name twice.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy import Index, LargeBinary, String, Text, bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from interlock.infra.db.base import Scoped
from interlock.infra.db.bulk import Bulk, among
from interlock.infra.db.types import Instant, Whole
from interlock.kernel.scope import Scope
from interlock.rails import mirror_ties
from interlock.rails.facts import EDITION, KINDS, Customer, Fact, Line, Link, Page, Vendor
from interlock.rails.ports import Comparison, Ties
from interlock.rails.totals import LedgerTotals

# Bulk changes meet no loaded objects, so there is nothing to bring in step.
_UNSYNCED = {"synchronize_session": False}
_OURS = ("firm_id", "business_id", "listing", "digest", "buried_at")
_ANY_PARTY = "party"
_astuple = msgspec.structs.astuple
# Beside its payload's digest, this tells a row from another: a mapper that is mended writes its rows again.
_WRITTEN_BY = EDITION.to_bytes(2, "big")
_SHA_BYTES = 32
# The name a document's reference carries (qbo.md §10): a job's includes its customer's.
_NAME_OF_PARTY: dict[type[Fact], str] = {Vendor: "name", Customer: "full_name"}


class MirroredRow(Scoped):
    """Columns every mirrored row has. ``listing``: the full listing that last showed it; ``buried_at``: its tombstone;

    ``raw``: the payload it came from, loaded only when its lineage is asked for.
    """

    id: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-90)
    version: Mapped[str] = mapped_column(String(20), sort_order=-89)
    created_at: Mapped[datetime | None] = mapped_column(Instant, sort_order=-88)
    updated_at: Mapped[datetime | None] = mapped_column(Instant, sort_order=-87)
    listing: Mapped[int] = mapped_column(Whole, sort_order=-86)
    digest: Mapped[bytes] = mapped_column(LargeBinary, sort_order=-85)
    buried_at: Mapped[datetime | None] = mapped_column(Instant, sort_order=-84)
    # Last in the row: SQLite then reads the columns before it without touching the payload's pages.
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, sort_order=100)


class LineRow(Scoped):
    """A document's line; see ``facts.Line``. The document is named by its kind and id."""

    document_kind: Mapped[str] = mapped_column(String(20), primary_key=True, sort_order=-90)
    document_id: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-89)
    position: Mapped[int] = mapped_column(Whole, primary_key=True, autoincrement=False, sort_order=-88)
    line_id: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    amount_minor: Mapped[int] = mapped_column(Whole)
    description: Mapped[str | None] = mapped_column(Text)
    account_id: Mapped[str | None] = mapped_column(String(40))
    item_id: Mapped[str | None] = mapped_column(String(40))
    party_id: Mapped[str | None] = mapped_column(String(40))
    party_kind: Mapped[str | None] = mapped_column(String(20))
    posting: Mapped[str | None] = mapped_column(String(10))

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return ({"sqlite_with_rowid": False},)


class LinkRow(Scoped):
    """What a document is applied to; see ``facts.Link``."""

    document_kind: Mapped[str] = mapped_column(String(20), primary_key=True, sort_order=-90)
    document_id: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-89)
    position: Mapped[int] = mapped_column(Whole, primary_key=True, autoincrement=False, sort_order=-88)
    linked_kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    linked_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    amount_minor: Mapped[int | None] = mapped_column(Whole)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "business_id", "linked_kind", "linked_id"), {"sqlite_with_rowid": False})


class Shelf:
    """Where facts of one kind stand: a model whose columns carry the names of the fact's fields.

    ``party`` (vendor, customer, or party for either) names whom its documents are with, as ``<party>_id`` and
    ``<party>_name``: a rename moves no time of theirs, so the new name is brought to them when the party's own row comes.
    """

    def __init__(self, kind: type[Fact], model: type[Any], *, party: str | None = None) -> None:
        self.kind = kind
        self.model = model
        self.party = party
        fields = kind.__struct_fields__
        self.has_lines = "lines" in fields
        own = [name for name in fields if name not in {"lines", "links"}]
        if own[-1] != "raw":
            raise TypeError(f"{kind.__name__} must end with its raw payload.")
        self.bulk = Bulk(model.__table__, [*_OURS, *own])

    def columns(self, facts: Sequence[Fact]) -> list[Sequence[Any]]:
        """The facts' fields, each over all of them."""
        values: list[Sequence[Any]] = list(zip(*map(_astuple, facts), strict=True))
        return [*values[:-3], values[-1]] if self.has_lines and values else values


class SliceMirror:
    """The mirror of one business slice: its shelves, and the tables its documents' lines and links go to."""

    def __init__(
        self, shelves: Sequence[Shelf], lines: type[LineRow] | None = None, links: type[LinkRow] | None = None
    ) -> None:
        self.shelves = {shelf.kind: shelf for shelf in shelves}
        self.line_model, self.link_model = lines, links
        key = ("firm_id", "business_id", "document_kind", "document_id")
        if lines is not None and links is not None:
            self._lines = Bulk(_table(lines), (*key, *Line.__struct_fields__))
            self._links = Bulk(_table(links), (*key, *Link.__struct_fields__))

    def store_new(self, session: Session, scope: Scope, page: Page, listing: int) -> bool:
        """Write a page of rows never seen before; ``False``, and nothing written, when one of them was."""
        shelf = self.shelves[page.kind]
        try:
            with session.begin_nested():
                shelf.bulk.insert_columns(session, self._columns(scope, shelf, page.facts, _digests(page), listing))
                if shelf.has_lines:
                    self._add_details(session, scope, page.kind.entity, page.facts)
        except IntegrityError:
            return False
        return True

    def store(self, session: Session, scope: Scope, page: Page, listing: int) -> int:
        shelf = self.shelves[page.kind]
        latest = {fact.id: fact for fact in page.facts}
        known = self._known(session, scope, shelf, list(latest))
        digests = _digests(page)
        changed = [fact for id_, fact in latest.items() if known.get(id_) != digests[id_]]
        shelf.bulk.upsert_columns(session, self._columns(scope, shelf, changed, digests, listing))
        model = shelf.model
        seen_again = [id_ for id_ in latest if known.get(id_) == digests[id_]]
        if seen_again:
            these = (model.business_id == scope.business_id, among(session, model.id, seen_again))
            session.execute(update(model).where(*these).values(listing=listing), execution_options=_UNSYNCED)
        if shelf.has_lines:
            self._drop_details(session, scope, page.kind.entity, [fact.id for fact in changed if fact.id in known])
            self._add_details(session, scope, page.kind.entity, changed)
        return len(changed)

    def new_names(self, session: Session, scope: Scope, page: Page) -> dict[str, str]:
        """Of a page of parties, those we know under another name: id to the new name."""
        model, column = self.shelves[page.kind].model, _NAME_OF_PARTY[page.kind]
        said = {fact.id: getattr(fact, column) for fact in page.facts}
        known = select(model.id, getattr(model, column)).where(
            model.business_id == scope.business_id, among(session, model.id, list(said))
        )
        return {id_: said[id_] for id_, name in session.execute(known) if name != said[id_]}

    def rename(self, session: Session, scope: Scope, kind: type[Fact], names: dict[str, str]) -> None:
        """Bring parties' new names to the documents that are with them."""
        for shelf in self.shelves.values():
            if shelf.party not in (kind.entity, _ANY_PARTY):
                continue
            table = shelf.model.__table__
            these = [table.c.business_id == scope.business_id, table.c[f"{shelf.party}_id"] == bindparam("party")]
            if shelf.party == _ANY_PARTY:
                these.append(table.c.party_kind == kind.entity)
            change = update(table).where(*these).values({f"{shelf.party}_name": bindparam("said")})
            session.connection().execute(change, [{"party": id_, "said": name} for id_, name in names.items()])

    def bury(self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str], now: datetime) -> list[str]:
        model = self.shelves[kind].model
        standing = (model.business_id == scope.business_id, model.buried_at.is_(None), among(session, model.id, ids))
        buried = list(session.scalars(select(model.id).where(*standing)))
        session.execute(update(model).where(*standing).values(buried_at=now), execution_options=_UNSYNCED)
        return buried

    def unseen(self, session: Session, scope: Scope, kind: type[Fact], listing: int) -> list[str]:
        if listing <= 1:
            return []  # before the first listing there was nothing
        model = self.shelves[kind].model
        query = select(model.id).where(
            model.business_id == scope.business_id, model.buried_at.is_(None), model.listing < listing
        )
        return list(session.scalars(query))

    def standing(
        self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str]
    ) -> dict[str, datetime | None]:
        model = self.shelves[kind].model
        query = select(model.id, model.updated_at).where(
            model.business_id == scope.business_id, model.buried_at.is_(None), among(session, model.id, ids)
        )
        return {row.id: row.updated_at for row in session.execute(query)}

    def distrust(self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str]) -> None:
        model = self.shelves[kind].model
        these = (model.business_id == scope.business_id, among(session, model.id, ids))
        session.execute(update(model).where(*these).values(digest=b""), execution_options=_UNSYNCED)

    def latest_day(self, session: Session, scope: Scope) -> date | None:
        days = []
        for shelf in self.shelves.values():
            if "dated" in shelf.kind.__struct_fields__:
                model = shelf.model
                query = select(func.max(model.dated)).where(
                    model.business_id == scope.business_id, model.buried_at.is_(None)
                )
                days.append(session.execute(query).scalar_one())
        return max((day for day in days if day is not None), default=None)

    def count(self, session: Session, scope: Scope, kind: type[Fact]) -> int:
        model = self.shelves[kind].model
        return session.execute(
            select(func.count())
            .select_from(model)
            .where(model.business_id == scope.business_id, model.buried_at.is_(None))
        ).scalar_one()

    def rows(self, session: Session, scope: Scope, kind: type[Fact]) -> Sequence[Any]:
        model = self.shelves[kind].model
        query = (
            select(model).where(model.business_id == scope.business_id, model.buried_at.is_(None)).order_by(model.id)
        )
        return session.scalars(query).all()

    def _known(self, session: Session, scope: Scope, shelf: Shelf, ids: list[str]) -> dict[str, bytes | None]:
        """Digests of what we hold; ``None`` for a buried row, which any showing of it changes."""
        model = shelf.model
        query = select(model.id, model.digest, model.buried_at).where(
            model.business_id == scope.business_id, among(session, model.id, ids)
        )
        return {id_: None if buried else digest for id_, digest, buried in session.execute(query)}

    def _columns(
        self, scope: Scope, shelf: Shelf, facts: Sequence[Fact], digests: dict[str, bytes], listing: int
    ) -> list[Sequence[Any]]:
        if not facts:
            return []
        whose = [[same] * len(facts) for same in (scope.firm_id, scope.business_id, listing)]
        nowhere_buried = [None] * len(facts)
        return [*whose, [digests[fact.id] for fact in facts], nowhere_buried, *shelf.columns(facts)]

    def _drop_details(self, session: Session, scope: Scope, entity: str, ids: Sequence[str]) -> None:
        for model in (self.line_model, self.link_model):
            assert model is not None, f"{entity} has lines, and its slice no table for them"
            if ids:
                these = (model.business_id == scope.business_id, model.document_kind == entity)
                session.execute(
                    delete(model).where(*these, among(session, model.document_id, ids)), execution_options=_UNSYNCED
                )

    def _add_details(self, session: Session, scope: Scope, entity: str, facts: Sequence[Any]) -> None:
        for bulk, name in ((self._lines, "lines"), (self._links, "links")):
            parts = [part for fact in facts for part in getattr(fact, name)]
            if parts:
                whose = [[same] * len(parts) for same in (scope.firm_id, scope.business_id, entity)]
                documents = [fact.id for fact in facts for _ in getattr(fact, name)]
                bulk.insert_columns(session, [*whose, documents, *zip(*map(_astuple, parts), strict=True)])


class Proves(Protocol):
    """The mirror's own side of a proof of completeness, summed over all slices (wiring knows them)."""

    def compare(self, session: Session, scope: Scope, theirs: LedgerTotals) -> Comparison: ...
    def keep(self, session: Session, scope: Scope, comparison: Comparison) -> None: ...


class ComposedMirror:
    """All slices as one ``ports.Mirror``. Every kind of fact stands on exactly one shelf; ``proofs`` where it is a ledger's."""

    def __init__(
        self, slices: Sequence[SliceMirror], proofs: Proves | None = None, kinds: Sequence[type[Fact]] = KINDS
    ) -> None:
        self._slices = tuple(slices)
        self._by_kind = {kind: part for part in slices for kind in part.shelves}
        homeless = [kind.__name__ for kind in kinds if kind not in self._by_kind]
        if homeless:
            raise TypeError(f"No slice keeps {', '.join(homeless)}.")
        self._proofs = proofs

    def store(self, session: Session, scope: Scope, page: Page, listing: int, *, fresh: bool = False) -> int:
        part = self._by_kind[page.kind]
        if fresh and part.store_new(session, scope, page, listing):
            return len(page.facts)
        names = part.new_names(session, scope, page) if page.kind in _NAME_OF_PARTY else {}
        if names:
            for each in self._slices:
                each.rename(session, scope, page.kind, names)
        return part.store(session, scope, page, listing)

    def bury(self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str], now: datetime) -> list[str]:
        return self._by_kind[kind].bury(session, scope, kind, ids, now)

    def unseen(self, session: Session, scope: Scope, kind: type[Fact], listing: int) -> list[str]:
        return self._by_kind[kind].unseen(session, scope, kind, listing)

    def ties(self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str]) -> Ties:
        return mirror_ties.ties(session, scope, self._slices, kind, ids)

    def referring(
        self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str]
    ) -> dict[type[Fact], list[str]]:
        return mirror_ties.referring(session, scope, self._slices, kind, ids)

    def standing(
        self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str]
    ) -> dict[str, datetime | None]:
        return self._by_kind[kind].standing(session, scope, kind, ids)

    def distrust(self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str]) -> None:
        self._by_kind[kind].distrust(session, scope, kind, ids)

    def latest_day(self, session: Session, scope: Scope) -> date | None:
        days = [part.latest_day(session, scope) for part in self._slices]
        return max((day for day in days if day is not None), default=None)

    def count(self, session: Session, scope: Scope, kind: type[Fact]) -> int:
        return self._by_kind[kind].count(session, scope, kind)

    def rows(self, session: Session, scope: Scope, kind: type[Fact]) -> Sequence[Any]:
        return self._by_kind[kind].rows(session, scope, kind)

    def compare(self, session: Session, scope: Scope, totals: LedgerTotals) -> Comparison:
        assert self._proofs is not None, "only a ledger has totals to be held against"
        return self._proofs.compare(session, scope, totals)

    def keep_proof(self, session: Session, scope: Scope, comparison: Comparison) -> None:
        assert self._proofs is not None, "only a ledger has totals to be held against"
        self._proofs.keep(session, scope, comparison)


def _digests(page: Page) -> dict[str, bytes]:
    return {fact.id: payload + _WRITTEN_BY for fact, payload in zip(page.facts, page.digests, strict=True)}


def payload_hash(digest: bytes) -> str:
    """The SHA-256 of a row's payload in hex, from the row's ``digest``."""
    return digest[:_SHA_BYTES].hex()


def page_root(page: Page) -> str:
    """The root hash of a page: SHA-256 over the SHA-256 of each payload, in order, in hex."""
    return hashlib.sha256(b"".join(page.digests)).hexdigest()


def _table(model: type[Any]) -> Any:
    return model.__table__
