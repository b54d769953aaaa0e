"""``interlock policy``: what is in force and whose word it is, a file checked, compared, tried on the past, put in force."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.groups import ShowsByDefault
from interlock.app.cli.people import As
from interlock.app.cli.views import Json

if TYPE_CHECKING:
    from interlock.runway.services.experiences.policy import PolicyExperiences

policy = typer.Typer(cls=ShowsByDefault, no_args_is_help=True, help="The rules a client is paid by: policy BUSINESS.")

_NOT_A_POLICY = 2
_THROUGH = "command line"
Client = Annotated[str | None, typer.Argument(metavar="[BUSINESS]", help="Id, short name or name of a client.")]
At = Annotated[str | None, typer.Option("--business", metavar="BUSINESS", help="At this client.")]
OfFirm = Annotated[bool, typer.Option("--firm", help="The firm's own policy, which every client inherits.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A policy's text, TOML.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(policy, name="policy")


@policy.callback()
def _policy() -> None:
    """Policies are texts: a client's speaks over its firm's, and that over Interlock's defaults."""


@policy.command("show")
def show(
    business: Client = None,
    firm: OfFirm = False,
    text: Annotated[bool, typer.Option("--text", help="Only the text, to edit it.")] = False,
    as_json: Json = False,
) -> None:
    """What is in force, value by value, and whose word each is."""
    from interlock.app.cli.desk import answer
    from interlock.app.cli.showing.policy import show as show_it

    with _of(business, firm) as at:
        view = at.get_policy_experience(None)
    if text:
        typer.echo(view.text, nl=False)
        return
    answer(view, show_it, as_json=as_json)


@policy.command("history")
def history(business: Client = None, firm: OfFirm = False, as_json: Json = False) -> None:
    """Every version: who wrote it, when, why, and what it changed."""
    from interlock.app.cli.desk import answer
    from interlock.app.cli.showing.policy import versions

    with _of(business, firm) as at:
        view = at.get_policy_experience(None)
    answer(view, versions, as_json=as_json)


@policy.command("check")
def check(file: File, business: At = None, firm: OfFirm = False, as_json: Json = False) -> None:
    """Whether a file is a policy: 0 when it is, 2 with every fault's line when it isn't."""
    from interlock.app.cli.desk import answer
    from interlock.app.cli.showing.policy import check_of

    said = _text(file)
    if business or firm:
        with _of(business, firm) as at:
            view = at.check(said)
    else:
        from interlock.runway.services.experiences.policy import check_alone

        view = check_alone(said)
    answer(view, lambda each: check_of(each, str(file)), as_json=as_json)
    if not view.fits:
        raise typer.Exit(_NOT_A_POLICY)


@policy.command("diff")
def diff(
    one: File,
    other: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Another text to compare it with.")] = None,
    business: At = None,
    firm: OfFirm = False,
    as_json: Json = False,
) -> None:
    """What differs between two files, or between what is in force and a file."""
    from interlock.app.cli.desk import answer
    from interlock.app.cli.showing.policy import check_of
    from interlock.kernel.errors import BadInput
    from interlock.runway.services.experiences.policy import compare

    if other is not None:
        view = compare(_text(one), _text(other))
    elif business or firm:
        with _of(business, firm) as at:
            view = at.check(_text(one))
    else:
        raise BadInput("Compare with what? Give a second file, --business BUSINESS, or --firm.")
    answer(view, lambda each: check_of(each, str(other or one)), as_json=as_json)
    if not view.fits:
        raise typer.Exit(_NOT_A_POLICY)


@policy.command("set")
def set_policy(
    file: File,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the version.")],
    as_person: As,
    business: At = None,
    firm: OfFirm = False,
    base_version: Annotated[
        int | None,
        typer.Option("--base", metavar="VERSION", help="The version you started from; refused if it moved on."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put a file in force at a client, or (--firm) at every client that inherits it."""
    from interlock.app.cli.desk import answer, desk_of, writing
    from interlock.app.cli.house import opened
    from interlock.app.cli.showing.policy import written

    said = _text(file)
    _one_of(business, firm)
    if business is not None:
        with writing(business) as at:
            by = at.acting(as_person, through=_THROUGH)
            view = at.policy.write(said, reason=reason, by=by, base_version=base_version)
    else:
        with opened() as house, desk_of(house).firm_writing() as desk:
            by = desk.acting(as_person, through=_THROUGH)
            view = desk.policy.write(said, reason=reason, by=by, base_version=base_version)
    answer(view, written, as_json=as_json)


@policy.command("propose")
def propose(
    file: File,
    business: Annotated[str, typer.Option("--business", metavar="BUSINESS", help="At this client.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; shown to whoever puts it in force.")],
    as_person: As,
    as_json: Json = False,
) -> None:
    """Hand a file to the client's owner: it waits on the policy page, and changes nothing in force."""
    from interlock.app.cli.desk import answer, writing
    from interlock.app.cli.showing.policy import proposed

    said = _text(file)
    with writing(business) as at:
        view = at.policy.propose(said, reason=reason, by=at.acting(as_person, through=_THROUGH))
    answer(view, proposed, as_json=as_json)


@policy.command("dry-run")
def dry_run(
    file: File,
    business: Annotated[str, typer.Argument(metavar="BUSINESS", help="Whose past.")],
    since: Annotated[str, typer.Option(metavar="DAYS", help="How far back: 90d.")] = "90d",
    as_json: Json = False,
) -> None:
    """Which past payments a file would have judged otherwise than the policy in force, and the dollars."""
    from datetime import timedelta

    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.policy import dry_run as show_it

    said, days = _text(file), _days(since)
    with reading(business) as at:
        view = at.dry_run(said, at.today - timedelta(days=days))
    answer(view, show_it, as_json=as_json)


@contextmanager
def _of(business: str | None, of_firm: bool) -> Iterator["PolicyExperiences"]:
    """A client's policy or the firm's, read-only."""
    from interlock.app.cli.desk import firm, reading

    _one_of(business, of_firm)
    if business is not None:
        with reading(business) as at:
            yield at.policy
    else:
        with firm() as desk:
            yield desk.policy


def _one_of(business: str | None, of_firm: bool) -> None:
    from interlock.kernel.errors import BadInput

    if (business is None) != of_firm:
        raise BadInput("Say whose policy: a client's (--business BUSINESS where a file comes first), or --firm.")


def _text(file: Path) -> str:
    from interlock.kernel.errors import BadInput

    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not a text in UTF-8.") from None
    except OSError as trouble:
        raise BadInput(f"{file} can't be read: {trouble.strerror}.") from None


def _days(since: str) -> int:
    from interlock.kernel.errors import BadInput
    from interlock.runway.services.experiences.policy_dry_run import MOST_DAYS

    number = since.removesuffix("d")
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= MOST_DAYS:
        raise BadInput(f"--since is a number of days, 1d to {MOST_DAYS}d: 90d.")
    return int(number)
