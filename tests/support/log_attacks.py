"""Ways in which somebody might try to change a line of the log that stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError

from interlock.infra.db import Database

_COLUMNS = "firm_id, chain, seq, at, actor, action, body, prev, hash"


def write_a_line(database: Database, chain: str) -> list[Any]:
    """Write the first line of ``chain``; returns every line there is now."""
    with database.engine.begin() as connection:
        if database.dialect == "postgresql":
            connection.exec_driver_sql("SELECT set_config('interlock.system', 'on', false)")
        connection.exec_driver_sql(f"INSERT INTO translog ({_COLUMNS}) VALUES {_row(chain)}")
        return list(connection.exec_driver_sql("SELECT * FROM translog ORDER BY chain").all())


@contextmanager
def refused(what: str, *, saying: str = "append-only") -> Iterator[None]:
    """The block must be refused by the database; rolled back by whoever opened the transaction."""
    refusal: DBAPIError | None = None
    try:
        yield
    except DBAPIError as trouble:
        refusal = trouble
    assert refusal is not None, f"{what} went through; the log must refuse it"
    assert saying in str(refusal.orig), f"{what} was refused for another reason: {refusal.orig}"


def attacks_on(database: Database, chain: str) -> list[tuple[str, str]]:
    """Statements by name, each of which would change or remove a line if it went through."""
    mine = f"WHERE chain = '{chain}'"
    upsert = (
        f"INSERT INTO translog ({_COLUMNS}) VALUES {_row(chain)} ON CONFLICT (chain, seq) DO UPDATE SET actor = 'x'"
    )
    attacks = [
        ("an update", f"UPDATE translog SET body = '{{}}' {mine}"),
        ("an update of nothing new", f"UPDATE translog SET seq = seq {mine}"),
        ("a delete", f"DELETE FROM translog {mine}"),
        ("a delete of everything", "DELETE FROM translog"),
        ("an upsert", upsert),
    ]
    if database.dialect == "postgresql":
        return [*attacks, ("a truncate", "TRUNCATE translog"), ("a cascading truncate", "TRUNCATE translog CASCADE")]
    return [
        *attacks,
        ("a replace", f"INSERT OR REPLACE INTO translog ({_COLUMNS}) VALUES {_row(chain)}"),
        ("a replace by another name", f"REPLACE INTO translog ({_COLUMNS}) VALUES {_row(chain)}"),
        ("an update or replace", f"UPDATE OR REPLACE translog SET seq = 1 {mine}"),
    ]


def _row(chain: str) -> str:
    return f"('firm_a', '{chain}', 1, 'at', 'actor', 'action', 'body', 'prev', 'hash')"
