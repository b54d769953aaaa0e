"""The time in tests: the rails' own, so that a test says the same on whatever day it runs."""

from datetime import UTC, datetime, timedelta

from interlock.app.house import House
from tests.support.sandbox import Sandbox


class MovedClock:
    """Wall time and an offset, moved on by the test."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    @classmethod
    def of(cls, sandbox: Sandbox) -> "MovedClock":
        """What the sandbox believes it is, by what it was moved so far; whoever moves it on later moves both.

        Whole seconds, as a process that follows the sandbox takes it.
        """
        return cls(timedelta(seconds=int(sandbox.control("GET", "clock")["offset_seconds"])))

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def wait(self, **span: float) -> None:
        self.offset += timedelta(**span)


def clock_of(house: House) -> MovedClock:
    """The clock of a test's house, to be moved on."""
    assert isinstance(house.clock, MovedClock), "this house follows another clock; make it with house_over"
    return house.clock
