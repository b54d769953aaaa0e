"""The desk over a house, as the read commands use it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from interlock.app.abilities import abilities_of
from interlock.app.cli.house import firm_id, opened
from interlock.app.house import House
from interlock.runway.desk import BusinessDesk, Desk, FirmDesk
from interlock.runway.services.views import View

V = TypeVar("V", bound=View)


def desk_of(house: House) -> Desk:
    """The firm's desk; ``NotFound`` while there is no firm."""
    reads = house.settings.qbo_monthly_reads
    can = abilities_of(house)
    return Desk(house.database, house.clock, house.sync_of, firm_id(house), monthly_reads=reads, abilities=can)


@contextmanager
def reading(business: str) -> Iterator[BusinessDesk]:
    """One business, read-only, for the length of a command."""
    with opened() as house, desk_of(house).reading(business) as at:
        yield at


@contextmanager
def writing(business: str) -> Iterator[BusinessDesk]:
    """One business, in a transaction that commits when the block ends well."""
    with opened() as house, desk_of(house).writing(business) as at:
        yield at


@contextmanager
def firm() -> Iterator[FirmDesk]:
    """The whole firm, read-only."""
    with opened() as house, desk_of(house).firm() as at:
        yield at


def answer(view: V, show: Callable[[V], None], *, as_json: bool) -> None:
    """The view on paper, or as the JSON that the API would send."""
    if as_json:
        print(view.model_dump_json(indent=2))
    else:
        show(view)
