"""``interlock keys``: which keys seal the secrets in the database, and putting a new one in place."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from interlock.app.rotation import Keys, Rotated

V = TypeVar("V")

keys = typer.Typer(no_args_is_help=True, help="The keys that seal tokens in the database.")

Json = Annotated[bool, typer.Option("--json", help="Only JSON, for programs.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


@keys.callback()
def _keys() -> None:
    """The keys that seal tokens in the database."""


@keys.command("show")
def show(as_json: Json = False) -> None:
    """Fingerprints, and how many secrets each key seals; never a key."""
    from interlock.app.cli.house import opened
    from interlock.app.rotation import show_keys

    with opened() as house:
        found = show_keys(house)
    _answer(found, _print_keys, as_json=as_json)


@keys.command("rotate")
def rotate(
    new_key: Annotated[
        Path | None,
        typer.Option("--new-key", metavar="FILE", help="A file that holds the new key; one is made otherwise."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put a new key in place and seal everything with it. Old keys stay readable; nothing has to stop."""
    from interlock.app import rotation
    from interlock.app.cli.house import actor, opened
    from interlock.app.opening import read_key_file
    from interlock.kernel.errors import NotFound

    if new_key is not None and not new_key.exists():
        raise NotFound(f"There is no file {new_key}; nothing was changed.")
    given = None if new_key is None else read_key_file(new_key).strip()
    with opened() as house:
        done = rotation.rotate(house, actor=actor(), given=given)
    _answer(done, _print_rotated, as_json=as_json)


@keys.command("forget")
def forget(as_json: Json = False) -> None:
    """Take old keys that seal nothing out of the key file. Backups made under them then need a copy of their key."""
    from interlock.app import rotation
    from interlock.app.cli.house import actor, opened

    with opened() as house:
        dropped = rotation.forget_old(house, actor=actor())
    _answer({"forgotten": dropped}, _print_forgotten, as_json=as_json)


@keys.command("new")
def new() -> None:
    """Print a fresh key, for an installation that keeps its key in the environment. It is stored nowhere."""
    from interlock.infra.crypto import new_key

    typer.echo(new_key())


def _answer(found: V, on_paper: "Callable[[V], None]", *, as_json: bool) -> None:
    if as_json:
        from interlock.app.cli.json_out import write

        write(found)
    else:
        on_paper(found)


def _print_keys(found: "Keys") -> None:
    from interlock.app.cli.paper import Sheet, out, plural

    sheet = Sheet("Key", ">Seals", "Use")
    for key in found.keys:
        use = "seals" if key.seals else "opens only" if key.at_hand else "is missing: put it back"
        sheet.add(key.fingerprint, f"{key.values}", use)
    paper = out()
    paper.print(f"Keys are kept in {found.kept_in}.")
    paper.print(sheet)
    if found.left_behind:
        paper.print(f"\n{plural(found.left_behind, 'secret')} under an old key: run `interlock keys rotate`.")


def _print_rotated(done: "Rotated") -> None:
    from interlock.app.cli.paper import plural

    under = f", which {', '.join(done.old)} sealed before" if done.old else ""
    typer.echo(f"Key {done.fingerprint} now seals {plural(done.values, 'secret')}{under}.")
    typer.echo("Old keys stay readable, for backups made under them; `interlock keys forget` drops them.")


def _print_forgotten(done: "dict[str, tuple[str, ...]]") -> None:
    dropped = done["forgotten"]
    typer.echo(f"Forgotten: {', '.join(dropped)}." if dropped else "There is no old key to forget.")
