"""The accounting date is the client's own; an instant without a zone has no date anywhere."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from interlock.kernel.clock import DemoClock, SystemClock, local_date, zone
from interlock.kernel.errors import BadInput


@pytest.mark.parametrize(
    ("instant", "time_zone", "day"),
    [
        (datetime(2026, 11, 24, 4, 59, tzinfo=UTC), "America/New_York", date(2026, 11, 23)),
        (datetime(2026, 11, 24, 5, 0, tzinfo=UTC), "America/New_York", date(2026, 11, 24)),
        (datetime(2026, 7, 1, 3, 59, tzinfo=UTC), "America/New_York", date(2026, 6, 30)),  # summer time
        (datetime(2026, 7, 1, 4, 0, tzinfo=UTC), "America/New_York", date(2026, 7, 1)),
        (datetime(2026, 12, 31, 10, 0, tzinfo=UTC), "Pacific/Kiritimati", date(2027, 1, 1)),
        (datetime(2026, 11, 24, 23, 30, tzinfo=timezone(timedelta(hours=-3))), "UTC", date(2026, 11, 25)),
    ],
)
def test_a_day_begins_at_the_clients_midnight(instant: datetime, time_zone: str, day: date) -> None:
    assert local_date(instant, time_zone) == day


def test_an_instant_without_a_zone_is_refused_rather_than_read_by_this_machines_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        local_date(datetime(2026, 11, 24), "UTC")  # noqa: DTZ001 - what is tested


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "America", "a\0b", "x" * 300])
def test_a_zone_that_does_not_exist_is_the_callers_mistake(name: str) -> None:
    with pytest.raises(BadInput, match="no time zone"):
        zone(name)


def test_clocks_tell_aware_instants_in_utc() -> None:
    offset = timedelta(days=200)
    wall, demo = SystemClock().now(), DemoClock(offset).now()
    assert wall.tzinfo is UTC
    assert demo.tzinfo is UTC
    assert abs(demo - wall - offset) < timedelta(seconds=10)
