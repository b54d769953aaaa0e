"""``interlock db upgrade``, ``backup``, ``restore`` and ``doctor``."""

from pathlib import Path
from typing import Annotated

import typer

db = typer.Typer(no_args_is_help=True, help="The database itself.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(db, name="db")
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("doctor")(doctor)


@db.callback()
def _db() -> None:
    """The database itself."""


@db.command("upgrade")
def upgrade() -> None:
    """Bring the schema to this build's; harmless when it is there."""
    from interlock.app.settings import read_settings
    from interlock.infra.db import migrate, open_database
    from interlock.infra.durable import store

    database = open_database(read_settings().database_url)
    try:
        changed = migrate.upgrade(database)
        changed = store.prepare(database) or changed
        where = database.path or database.url.render_as_string(hide_password=True)
    finally:
        database.close()
    typer.echo(f"{where} is {'now' if changed else 'already'} at this build's schema ({migrate.newest()}).")


def backup(
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="A new folder, or an empty one.")],
    without_key: Annotated[
        bool, typer.Option("--without-key", help="Leave the secret key out; keep it elsewhere.")
    ] = False,
) -> None:
    """Copy database, key and the log's heads into a folder."""
    from interlock.app import backup as backups
    from interlock.app.cli.paper import plural
    from interlock.app.settings import read_settings
    from interlock.kernel.clock import SystemClock

    settings = read_settings()
    manifest = backups.back_up(settings, to, now=SystemClock().now(), with_key=not without_key)
    lines = sum(head.seq for head in manifest.heads)
    typer.echo(
        f"{to / backups.DATABASE}: the database, with {plural(lines, 'log line')} in {plural(len(manifest.heads), 'chain')}."
    )
    if manifest.key is None:
        typer.echo(
            "The secret key was left out. Without it nothing in this backup can connect again: keep it elsewhere."
        )
    else:
        typer.echo(f"{to / backups.KEY}: the secret key. Whoever holds both can use the connections; keep them apart.")


def restore(
    folder: Annotated[Path, typer.Argument(metavar="FROM", help="A folder made by interlock backup.")],
) -> None:
    """Put a proven backup where there is no database."""
    from interlock.app import backup as backups
    from interlock.app.cli.paper import plural
    from interlock.app.settings import read_settings

    settings = read_settings()
    done = backups.restore(settings, folder)
    chains = plural(len(done.manifest.heads), "chain")
    typer.echo(
        f"The backup of {done.manifest.made_at} is in place: its key opens it, and {plural(done.lines, 'line')} in {chains} hold."
    )
    if done.upgraded:
        typer.echo("It came from an older Interlock and was brought to this build's schema.")
    if done.key_placed:
        typer.echo(f"The secret key is at {settings.key_file}.")
    typer.echo("Connections may ask to be connected again: a token used since the backup is no longer good.")


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Only JSON, for programs.")] = False) -> None:
    """Look at what an installation needs; say what mends it."""
    from interlock.app.cli.json_out import write
    from interlock.app.cli.paper import Sheet, out
    from interlock.app.doctor import examine
    from interlock.app.settings import read_settings

    items = examine(read_settings())
    broken = sum(item.state == "broken" for item in items)
    if as_json:
        write({"healthy": not broken, "items": items})
    else:
        sheet = Sheet("State", "What", "Found", "To mend it")
        for item in items:
            sheet.add(item.state.capitalize(), item.what, item.found, item.mend)
        paper = out()
        paper.print(sheet)
        paper.print("\nNothing is broken." if not broken else f"\n{broken} of {len(items)} broken.")
    if broken:
        raise typer.Exit(1)
