"""``interlock db upgrade``."""

import typer

db = typer.Typer(no_args_is_help=True, help="The database itself.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(db, name="db")


@db.callback()
def _db() -> None:
    """The database itself."""


@db.command("upgrade")
def upgrade() -> None:
    """Bring the schema to this build's; harmless when it is there."""
    from interlock.app.settings import read_settings
    from interlock.infra.db import migrate, open_database

    database = open_database(read_settings().database_url)
    try:
        changed = migrate.upgrade(database)
        where = database.path or database.url.render_as_string(hide_password=True)
    finally:
        database.close()
    typer.echo(f"{where} is {'now' if changed else 'already'} at this build's schema ({migrate.newest()}).")
