"""The second lock on PostgreSQL, said once: forced row-level security, grants for the app's role, an append-only log.

The app runs as a member of ``interlock_app``, never as the owner. SQLite has no roles; there the triggers alone apply.
"""

from alembic import op

APP_ROLE = "interlock_app"

_SYSTEM = "(SELECT current_setting('interlock.system', true)) = 'on'"
# A connection that once had a scope says '' where a fresh one says NULL; neither is a firm.
_FIRM = "firm_id = (SELECT nullif(current_setting('interlock.firm', true), ''))"
_BUSINESS = "coalesce((SELECT current_setting('interlock.business', true)), '') IN ('', {column})"


def on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def make_app_role() -> None:
    """The group role that the app's login role is a member of."""
    if not on_postgresql():
        return
    op.execute(
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN "
        f"CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF; END $$"
    )
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    op.execute(f"GRANT SELECT ON alembic_version TO {APP_ROLE}")


def grant(table: str, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """What the app may do with a table that belongs to no firm."""
    if on_postgresql():
        op.execute(f"GRANT {rights} ON {table} TO {APP_ROLE}")


def scope(
    table: str, *, business_column: str | None = "business_id", rights: str = "SELECT, INSERT, UPDATE, DELETE"
) -> None:
    """Show a table's rows only to the scope of the transaction: its firm, and its business where one is set."""
    if not on_postgresql():
        return
    whose = _FIRM if business_column is None else f"{_FIRM} AND {_BUSINESS.format(column=business_column)}"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {table}_scope ON {table} USING ({_SYSTEM} OR ({whose})) WITH CHECK ({_SYSTEM} OR ({whose}))"
    )
    grant(table, rights)


def append_only(table: str, key: tuple[str, ...]) -> None:
    """Refuse every change to a row that stands. On SQLite also ``INSERT OR REPLACE``, which fires no DELETE trigger;

    the table must have no row number of SQLite's own there, or a replace could name that instead of the key.
    """
    refusal = f"{table} is append-only"
    if on_postgresql():
        op.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        )
        return
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    for name, when in (
        ("no_update", f"BEFORE UPDATE ON {table}"),
        ("no_delete", f"BEFORE DELETE ON {table}"),
        ("no_replace", f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"),
    ):
        op.execute(f"CREATE TRIGGER {table}_{name} {when} BEGIN SELECT RAISE(ABORT, '{refusal}'); END")
