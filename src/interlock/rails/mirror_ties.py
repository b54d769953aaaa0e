"""Who names whom in the mirror: links between documents, and rows that refer to a name or an account."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.rails import facts
from interlock.rails.facts import Fact
from interlock.rails.ports import Tie, Ties

if TYPE_CHECKING:
    from interlock.rails.mirror import SliceMirror

_PARTIES = ("party_id", "parent_id")
_COLUMNS: dict[type[Fact], tuple[str, ...]] = {
    facts.Vendor: ("vendor_id", *_PARTIES),
    facts.Customer: ("customer_id", *_PARTIES),
    facts.Account: (
        "account_id", "control_account_id", "deposit_account_id", "from_account_id", "to_account_id", "parent_id",
    ),
    facts.Term: ("term_id",),
}  # fmt: skip
_LINE_COLUMN: dict[type[Fact], str] = {
    facts.Vendor: "party_id",
    facts.Customer: "party_id",
    facts.Account: "account_id",
}
NAMES = frozenset(_COLUMNS)
"""Kinds that others refer to. When one of these vanishes (a merge), who referred to it refers to another now."""


def ties(session: Session, scope: Scope, parts: Sequence["SliceMirror"], kind: type[Fact], ids: Sequence[str]) -> Ties:
    """Links of the documents ``ids`` of ``kind``, and links of others to them, whichever slice keeps them."""
    outward: set[Tie] = set()
    inward: set[Tie] = set()
    for part in parts:
        link = part.link_model
        if link is None:
            continue
        columns = (link.document_kind, link.document_id, link.linked_kind, link.linked_id)
        ours = select(*columns).where(link.business_id == scope.business_id)
        if kind in part.shelves:
            from_these = (link.document_kind == kind.entity, among(session, link.document_id, ids))
            outward |= {Tie(*row) for row in session.execute(ours.where(*from_these))}
        to_these = (link.linked_kind == kind.entity, among(session, link.linked_id, ids))
        inward |= {Tie(*row) for row in session.execute(ours.where(*to_these))}
    return Ties(frozenset(outward), frozenset(inward))


def referring(
    session: Session, scope: Scope, parts: Sequence["SliceMirror"], kind: type[Fact], ids: Sequence[str]
) -> dict[type[Fact], list[str]]:
    """Standing rows that name one of ``ids``, by their own columns or by a line's."""
    found: dict[type[Fact], list[str]] = {}
    for part in parts:
        for shelf in part.shelves.values():
            ids_here = _rows_naming(session, scope, part, shelf.kind, kind, ids)
            if ids_here:
                found[shelf.kind] = sorted(ids_here)
    return found


def _rows_naming(
    session: Session, scope: Scope, part: "SliceMirror", of: type[Fact], kind: type[Fact], ids: Sequence[str]
) -> set[str]:
    model: Any = part.shelves[of].model
    standing = (model.business_id == scope.business_id, model.buried_at.is_(None))
    columns = [getattr(model, name) for name in _COLUMNS[kind] if name in model.__table__.c]
    found: set[str] = set()
    if columns:
        naming = or_(*(among(session, column, ids) for column in columns))
        found |= set(session.scalars(select(model.id).where(*standing, naming)))
    line, line_column = part.line_model, _LINE_COLUMN.get(kind)
    if line is not None and line_column is not None and part.shelves[of].has_lines:
        on_a_line = (
            line.business_id == scope.business_id,
            line.document_kind == of.entity,
            among(session, getattr(line, line_column), ids),
        )
        query = select(line.document_id).join(
            model, (model.business_id == line.business_id) & (model.id == line.document_id)
        )
        found |= set(session.scalars(query.where(*on_a_line, *standing)))
    return found
