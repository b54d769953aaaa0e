"""``interlock path`` and ``interlock explain``: the dated cash path, and every figure of it taken apart."""

from typing import Annotated

import typer

from interlock.app.cli.views import Client, Json

_MOST_WEEKS = 53


def add_to(app: typer.Typer) -> None:
    app.command("path")(path)
    app.command("explain")(explain)


def path(
    business: Client,
    weeks: Annotated[
        int | None, typer.Option("--weeks", min=1, max=_MOST_WEEKS, help="Only the first so many weeks of the table.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Will the client stay above its floor: the dated cash path by week, likely and at the low side."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.path import path as show

    with reading(business) as at:
        view = at.path.get_path_experience()
    answer(view, lambda each: show(each, weeks), as_json=as_json)


def explain(
    business: Client,
    figure: Annotated[
        str,
        typer.Argument(
            metavar="FIGURE",
            help="available, in_flight, earmarked, restricted, spendable, floor, low_point, headroom, path_runway, "
            "buffer_days, static_runway, week:2026-12-14:receipts, balance:2026-12-17:low, …",
        ),
    ],
    as_json: Json = False,
) -> None:
    """One figure taken apart: formula, inputs with sources and rules, what is left out, as-of."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.path import explained as show

    with reading(business) as at:
        view = at.path.explain(figure)
    answer(view, show, as_json=as_json)
