"""``interlock match``: bank lines and what they are, and a person's word on it."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from interlock.app.cli.groups import SHOW, ShowsByDefault
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.runway.services.experiences.matches import MatchedView

match = typer.Typer(
    cls=ShowsByDefault,
    no_args_is_help=True,
    help="Bank lines and what they are: match BUSINESS, and what a person decides of one.",
)

MatchId = Annotated[str, typer.Argument(metavar="MATCH_ID", help="As the list shows it.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(match, name="match")


@match.callback()
def _match() -> None:
    """Posted bank lines matched to what the books and the rails say moved. What is in doubt waits for a person."""


@match.command(SHOW)
def show(
    business: Client,
    which: Annotated[
        Literal["suggested", "open", "matched", "refused"], typer.Option("--which", help="Which ones.")
    ] = "suggested",
    offset: Annotated[int, typer.Option(min=0, metavar="N", help="Rows to pass over.")] = 0,
    most: Annotated[int, typer.Option(min=1, max=200, metavar="N", help="Rows at most.")] = 200,
    as_json: Json = False,
) -> None:
    """Suggestions, lines that serve nothing yet, matches, or what a person refused or undid."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.clearing import matches as show_it

    with reading(business) as at:
        answer(at.matches.get_matches_experience(which, offset=offset, most=most), show_it, as_json=as_json)


@match.command("run")
def run(business: Client, as_json: Json = False) -> None:
    """Match now what is certain, as after every sync."""
    from interlock.app.cli.desk import answer, writing

    with writing(business) as at:
        done = at.matches.run()
    answer(done, _print, as_json=as_json)


@match.command("confirm")
def confirm(business: Client, match_id: MatchId, as_json: Json = False) -> None:
    """The suggestion is right."""
    _decide("confirm", business, match_id, as_json=as_json)


@match.command("refuse")
def refuse(business: Client, match_id: MatchId, as_json: Json = False) -> None:
    """The suggestion is wrong; it is not made again."""
    _decide("refuse", business, match_id, as_json=as_json)


@match.command("undo")
def undo(business: Client, match_id: MatchId, as_json: Json = False) -> None:
    """Take a match apart, or take a refusal back."""
    _decide("undo", business, match_id, as_json=as_json)


@match.command("line")
def line(
    business: Client,
    line_id: Annotated[str, typer.Argument(metavar="LINE_ID", help="A posted bank line, as the list shows it.")],
    movements: Annotated[
        list[str], typer.Argument(metavar="KIND:ID…", help="What it is: bill_payment:131, deposit:77, rail_bill:….")
    ],
    as_json: Json = False,
) -> None:
    """Say by hand what a line is: movements of one book that equal it to the cent."""
    from interlock.app.cli.desk import answer, writing
    from interlock.app.cli.house import actor

    parts = [each.partition(":") for each in movements]
    if any(not kind or not id_ for kind, _, id_ in parts):
        raise typer.BadParameter("each is a kind and an id, like bill_payment:131.", param_hint="KIND:ID")
    with writing(business) as at:
        done = at.matches.by_hand(line_id, [(kind, id_) for kind, _, id_ in parts], actor=actor())
    answer(done, _print, as_json=as_json)


def _decide(act: str, business: str, match_id: str, *, as_json: bool) -> None:
    from interlock.app.cli.desk import answer, writing
    from interlock.app.cli.house import actor

    with writing(business) as at:
        acts = {"confirm": at.matches.confirm, "refuse": at.matches.refuse, "undo": at.matches.undo}
        done = acts[act](match_id, actor=actor())
    answer(done, _print, as_json=as_json)


def _print(done: "MatchedView") -> None:
    from interlock.app.cli.paper import out

    out().print(done.words)
