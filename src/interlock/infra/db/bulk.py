"""Many rows at once: statements of many rows on SQLite, ``COPY`` through a staging table on PostgreSQL.

Rows are tuples in the order of ``columns``. Nothing is compiled per call, and only columns whose type needs it (dates and
instants on SQLite) pay for a conversion, a whole column at once; a column that holds nothing is left out. On SQLite a
statement inserts a hundred rows in one step: the driver lets other threads run during a step; a step a row would hand the
interpreter to and fro.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Date, LargeBinary, Table, Text, any_, func, literal, select
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import InstrumentedAttribute, Session

from interlock.infra.db.types import Instant, date_texts, instant_texts

_COPY_FROM_ROWS = 100
_ROWS_A_STATEMENT = 100

Row = Sequence[Any]
Process = Callable[[Iterable[Any]], Iterable[Any]]


class Bulk:
    """Inserts into one table; on a key that exists, replaces the row (``upsert``) or fails (``insert``)."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        missing = [name for name in columns if name not in table.c]
        if missing:
            raise TypeError(f"{table.name} has no column {', '.join(missing)}.")
        self._table = table
        self._columns = tuple(columns)
        # A staging table lives as long as its connection, so another list of columns needs another one.
        self._stage = f"stage_{table.name}_{zlib.crc32(','.join(columns).encode()):08x}"
        self._processors: dict[str, dict[str, Process]] = {}
        self._may_be_left_out = {
            name for name in columns if table.c[name].nullable and table.c[name].server_default is None
        }

    def upsert(self, session: Session, rows: Sequence[Row]) -> None:
        self.upsert_columns(session, list(zip(*rows, strict=True)))

    def insert(self, session: Session, rows: Sequence[Row]) -> None:
        self.insert_columns(session, list(zip(*rows, strict=True)))

    def upsert_columns(self, session: Session, columns: Sequence[Sequence[Any]]) -> None:
        """As ``upsert``, given column by column: cheaper where that is how they come."""
        key = [column.name for column in self._table.primary_key]
        rest = [name for name in self._columns if name not in key]
        sets = ", ".join(f"{name} = excluded.{name}" for name in rest)
        self._write(session, columns, f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}")

    def insert_columns(self, session: Session, columns: Sequence[Sequence[Any]]) -> None:
        self._write(session, columns, "")

    def _write(self, session: Session, given: Sequence[Sequence[Any]], on_conflict: str) -> None:
        if not given or not given[0]:
            return
        rows = len(given[0])
        connection = session.connection()
        columns, ready = self._ready(given, connection.dialect)
        names = ", ".join(columns)
        into = f"INSERT INTO {self._table.name} ({names})"
        if connection.dialect.name != "postgresql":
            marks = f"({', '.join('?' * len(columns))})"
            flat = tuple(chain.from_iterable(zip(*ready, strict=True)))
            wide = len(columns) * _ROWS_A_STATEMENT
            whole = rows // _ROWS_A_STATEMENT * wide
            if whole:
                many = f"{into} VALUES {', '.join([marks] * _ROWS_A_STATEMENT)}{on_conflict}"
                connection.exec_driver_sql(many, [flat[at : at + wide] for at in range(0, whole, wide)])
            if len(flat) > whole:
                rest = [flat[at : at + len(columns)] for at in range(whole, len(flat), len(columns))]
                connection.exec_driver_sql(f"{into} VALUES {marks}{on_conflict}", rest)
        elif rows < _COPY_FROM_ROWS:
            marks = ", ".join(["%s"] * len(columns))
            connection.exec_driver_sql(f"{into} VALUES ({marks}){on_conflict}", list(zip(*ready, strict=True)))
        else:
            self._copy(connection, names, zip(*ready, strict=True))
            connection.exec_driver_sql(f"{into} SELECT {names} FROM {self._stage}{on_conflict}")
            connection.exec_driver_sql(f"TRUNCATE {self._stage}")

    def _copy(self, connection: Connection, names: str, rows: Iterable[Row]) -> None:
        # A table under row-level security takes no COPY; a private staging table does, and the INSERT is then checked.
        connection.exec_driver_sql(
            f"CREATE TEMP TABLE IF NOT EXISTS {self._stage} ON COMMIT DELETE ROWS"
            f" AS SELECT {', '.join(self._columns)} FROM {self._table.name} WITH NO DATA"
        )
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {self._stage} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def _ready(self, given: Sequence[Sequence[Any]], dialect: Dialect) -> tuple[list[str], list[Iterable[Any]]]:
        """The columns that hold anything, as the driver takes them. A column left out is NULL all the same."""
        processors = self._processors.get(dialect.name)
        if processors is None:
            processors = self._processors[dialect.name] = self._find_processors(dialect)
        names: list[str] = []
        ready: list[Iterable[Any]] = []
        for name, values in zip(self._columns, given, strict=True):
            if name in self._may_be_left_out and values.count(None) == len(values):
                continue
            names.append(name)
            ready.append(processors[name](values) if name in processors else values)
        return names, ready

    def _find_processors(self, dialect: Dialect) -> dict[str, Process]:
        found: dict[str, Process] = {}
        for name in self._columns:
            kind = self._table.c[name].type
            if isinstance(kind, Boolean | LargeBinary):
                continue  # both drivers take these as they are
            if dialect.name == "sqlite" and isinstance(kind, Instant):
                found[name] = instant_texts
                continue
            if dialect.name == "sqlite" and isinstance(kind, Date):
                found[name] = date_texts
                continue
            process = kind.dialect_impl(dialect).bind_processor(dialect)
            if process is not None:
                found[name] = partial(_each, process)
        return found


def _each(process: Callable[[Any], Any], column: Iterable[Any]) -> list[Any]:
    return [None if value is None else process(value) for value in column]


def among(
    session: Session, column: ColumnElement[Any] | InstrumentedAttribute[Any], values: Sequence[str]
) -> ColumnElement[bool]:
    """``column IN values`` as one bound value, however many there are, so that the statement is compiled once."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import ARRAY  # slow to load, and where it is used it is loaded already

        return column == any_(literal(list(values), ARRAY(Text)))
    return column.in_(select(func.json_each(json.dumps(values)).table_valued("value").c.value))
