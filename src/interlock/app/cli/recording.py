"""``interlock recording``: whether a client's QuickBooks may be written to, and the switch."""

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.groups import ShowsByDefault

if TYPE_CHECKING:
    from interlock.runway.services.experiences.recording import RecordingExperience

recording = typer.Typer(
    cls=ShowsByDefault,
    no_args_is_help=True,
    help="Whether Interlock may write in a client's QuickBooks what already happened.",
)

Business = Annotated[str, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")]
Json = Annotated[bool, typer.Option("--json", help="Only JSON, for programs.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(recording, name="recording")


@recording.callback()
def _recording() -> None:
    """Whether Interlock may write in a client's QuickBooks what already happened."""


@recording.command("show")
def show(business: Business, as_json: Json = False) -> None:
    """How the switch stands."""
    from interlock.app.cli.desk import answer, reading

    with reading(business) as at:
        answer(at.recording.get_recording_experience(), _print, as_json=as_json)


@recording.command("on")
def switch_on(business: Business, as_json: Json = False) -> None:
    """Let Interlock record payments that have already been made. It moves no money."""
    _turn(business, on=True, as_json=as_json)


@recording.command("off")
def switch_off(business: Business, as_json: Json = False) -> None:
    """Back to only reading, from now on."""
    _turn(business, on=False, as_json=as_json)


def _turn(business: str, *, on: bool, as_json: bool) -> None:
    from interlock.app.cli.desk import answer, writing
    from interlock.app.cli.house import actor

    with writing(business) as at:
        at.recording.switch(on, actor())
        answer(at.recording.get_recording_experience(), _print, as_json=as_json)


def _print(shown: "RecordingExperience") -> None:
    from interlock.app.cli.paper import out

    paper = out()
    paper.print(shown.ask)
    paper.print(shown.say)
    if not shown.on and shown.state == "off":
        paper.print(f"To let it: {shown.command}")
    elif shown.on:
        paper.print(f"To stop it: {shown.command}")
