"""Every table of the product, and a plain row for any of them."""

import importlib
import pkgutil
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, MetaData, String, Table

import interlock
from interlock.infra.db.base import Base
from interlock.infra.db.types import Instant

_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def whole_schema() -> MetaData:
    """The models' metadata with every module imported, so that no slice's tables are forgotten."""
    for module in pkgutil.walk_packages(interlock.__path__, "interlock."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return Base.metadata


def row_for(table: Table, *, firm_id: str, business_id: str, token: str) -> dict[str, Any]:
    """A row of ``table``; ``token`` (short) keeps it apart from others."""
    known = {"firm_id": firm_id, "business_id": business_id}
    if table.name == "translog":
        known["chain"] = business_id
    return {column.name: known.get(column.name, _value(column, token)) for column in table.columns}


def _value(column: Column[Any], token: str) -> Any:
    kind = column.type
    if isinstance(kind, Instant):
        return _AT
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Date):
        return date(2026, 11, 24)
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, LargeBinary):
        return token.encode()
    if isinstance(kind, String):
        return token[: kind.length]
    raise AssertionError(f"say in tests/support/schema.py what a plain {column} of type {kind!r} is")
