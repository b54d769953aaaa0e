"""The mirror's rows as plain dictionaries, to hold against the world."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from interlock.domains.ap.mirror import MIRROR as PAYABLES
from interlock.domains.ar.mirror import MIRROR as RECEIVABLES
from interlock.domains.bank.mirror import MIRROR as LEDGER
from interlock.domains.firm.mirror import MIRROR as COMPANY
from interlock.infra.db import Database
from interlock.kernel.scope import Scope
from interlock.rails import facts
from interlock.rails.mirror import SliceMirror

Row = dict[str, Any]
_OURS = {"firm_id", "business_id", "id", "listing", "digest", "buried_at", "raw"}


def read_mirror(database: Database, scope: Scope) -> dict[str, dict[str, Row]]:
    """Entity to id to columns, with ``lines`` and ``links``; what is buried is left out."""
    found: dict[str, dict[str, Row]] = {}
    for part in (COMPANY, LEDGER, PAYABLES, RECEIVABLES):
        for kind in part.shelves:
            if kind is not facts.Preferences:
                found[kind.entity] = _rows(database, scope, part, kind)
    return found


def _rows(database: Database, scope: Scope, part: SliceMirror, kind: type[facts.Fact]) -> dict[str, Row]:
    shelf = part.shelves[kind]
    with database.reading(scope) as session:
        table = shelf.model.__table__
        query = select(table).where(table.c.business_id == scope.business_id, table.c.buried_at.is_(None))
        rows = {
            row["id"]: {name: _plain(name, value) for name, value in row.items() if name not in _OURS}
            for row in session.execute(query).mappings()
        }
        if shelf.has_lines:
            for detail, model in (("lines", part.line_model), ("links", part.link_model)):
                for row in rows.values():
                    row[detail] = []
                table = model.__table__  # type: ignore[union-attr]
                skipped = {"firm_id", "business_id", "document_kind", "document_id"}
                query = select(table).where(
                    table.c.business_id == scope.business_id, table.c.document_kind == kind.entity
                )
                for line in session.execute(query).mappings():
                    if line["document_id"] in rows:
                        rows[line["document_id"]][detail].append(
                            tuple(value for name, value in line.items() if name not in skipped)
                        )
            for row in rows.values():
                row["lines"] = sorted(row["lines"], key=repr)
                row["links"] = sorted(row["links"], key=repr)
    return rows


def _plain(name: str, value: Any) -> Any:
    if name == "exchange_rate" and value is not None:
        return Decimal(value)
    return value.isoformat() if name in {"dated", "due"} and value is not None else value


def differences(world: dict[str, dict[str, Row]], mirror: dict[str, dict[str, Row]]) -> list[str]:
    """Each difference in words; empty when the mirror is the world."""
    said: list[str] = []
    for entity, rows in world.items():
        ours = mirror[entity]
        said += [f"{entity} {id_} is missing here" for id_ in rows.keys() - ours.keys()]
        said += [f"{entity} {id_} is not in the world" for id_ in ours.keys() - rows.keys()]
        for id_ in rows.keys() & ours.keys():
            for column in rows[id_].keys() | ours[id_].keys():
                theirs, mine = rows[id_].get(column, "no such column"), ours[id_].get(column, "no such column")
                if theirs != mine:
                    said.append(f"{entity} {id_} {column}: world {theirs!r}, here {mine!r}")
    return sorted(said)
