"""The world goes on: what happens when the sandbox's clock is moved forward by days."""

from __future__ import annotations

from datetime import date

from .engine import run
from .model import Client


def advance(client: Client, from_date: date, to_date: date) -> None:
    """Live the days `from_date` ≤ day < `to_date` in this client's books.

    The same steps made its history, and each day draws only on the seed, the client and the date: moving a week at once
    or day by day gives the same books. What others removed or changed meanwhile is taken as it is found; an act the
    books refuse because of that does not happen and is kept in `client.company.refused`.
    """
    run(client.company, from_date, to_date)
