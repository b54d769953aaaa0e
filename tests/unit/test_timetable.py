"""When a business is read next: minutes while somebody looks, calm otherwise, and a month's budget always lasts."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from heapq import heapify, heappop, heappush
from random import Random

import pytest

from interlock.kernel.clock import zone
from interlock.rails.meter import (
    MONTHLY_READS,
    Room,
    Stage,
    after_hint,
    forecast,
    next_proof,
    stage,
    timetable,
)

NOON = datetime(2026, 11, 10, 18, 0, tzinfo=UTC)  # Tuesday, noon in Chicago
CHICAGO = "America/Chicago"
ROOMY = Room(used=20_000, budget=MONTHLY_READS, businesses=12)


def due(room: Room, now: datetime = NOON, looked: timedelta | None = None) -> timedelta:
    looked_at = None if looked is None else now - looked
    return timetable(room, now=now, looked_at=looked_at, business_id="biz_alder", time_zone=CHICAGO) - now


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_fresh_in_minutes_while_somebody_looks_and_calm_when_nobody_does() -> None:
    assert due(ROOMY, looked=minutes(1)) == minutes(3)
    assert due(ROOMY, looked=minutes(14)) == minutes(3)
    assert minutes(25) <= due(ROOMY, looked=minutes(16)) <= minutes(40)
    assert minutes(25) <= due(ROOMY) <= minutes(40)


def test_more_businesses_on_the_same_budget_are_read_less_often() -> None:
    waits = [due(Room(0, MONTHLY_READS, number)) for number in (12, 200, 400, 600, 5_000)]
    assert waits == sorted(waits)
    assert waits[1] < timedelta(hours=2)
    assert timedelta(hours=20) < waits[-1] <= timedelta(hours=24), "a day is the longest anybody waits"


def test_nights_are_calmer_than_days() -> None:
    crowd = Room(100_000, MONTHLY_READS, 200)
    late_evening = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)  # 22:00 in Chicago
    assert due(crowd, late_evening) >= due(crowd) * 1.5
    early = datetime(2026, 11, 11, 11, 30, tzinfo=UTC)  # 05:30: the day's first read comes with the day
    assert due(crowd, early) < due(crowd, late_evening)


def test_as_the_budget_nears_its_end_reads_become_rare_and_then_stop() -> None:
    def at(share: float) -> Room:
        return Room(int(MONTHLY_READS * share), MONTHLY_READS, 12)

    assert [stage(at(share), NOON) for share in (0.5, 0.79, 0.8, 0.949, 0.95, 0.999, 1.0, 1.3)] == [
        Stage.PLENTY,
        Stage.PLENTY,
        Stage.SLOWER,
        Stage.SLOWER,
        Stage.HINTS_ONLY,
        Stage.HINTS_ONLY,
        Stage.ASKED_ONLY,
        Stage.ASKED_ONLY,
    ]
    assert due(at(0.85), looked=minutes(1)) == minutes(10)
    assert due(at(0.85)) > due(at(0.5))
    assert due(at(0.96), looked=minutes(1)) == timedelta(hours=24), "one a day as a backstop, whoever looks"
    first = NOON + due(at(1.0), looked=minutes(1))
    assert first >= datetime(2026, 12, 1, tzinfo=UTC), "nothing by itself before the budget is new"
    assert first < datetime(2026, 12, 1, 6, tzinfo=UTC)


def test_at_eighty_percent_late_in_the_month_nobody_has_to_slow_down() -> None:
    assert stage(Room(425_000, MONTHLY_READS, 200), datetime(2026, 11, 28, tzinfo=UTC)) is Stage.PLENTY


def test_a_plan_that_allows_nothing_reads_nothing_by_itself() -> None:
    assert stage(Room(0, 0, 3), NOON) is Stage.ASKED_ONLY


def test_a_notice_is_followed_up_at_once_and_a_burst_of_them_by_one_read() -> None:
    def follow(room: Room, since_sync: timedelta | None, looked: timedelta | None = None) -> timedelta | None:
        found = after_hint(
            room,
            now=NOON,
            last_sync=None if since_sync is None else NOON - since_sync,
            looked_at=None if looked is None else NOON - looked,
        )
        return None if found is None else found - NOON

    soon = follow(ROOMY, timedelta(hours=1))
    assert soon is not None
    assert soon < minutes(1)
    assert follow(ROOMY, None) == soon
    later = follow(ROOMY, minutes(1))
    assert later is not None
    assert minutes(4) <= later <= minutes(15)
    assert follow(ROOMY, minutes(1), looked=minutes(1)) == minutes(2), "whoever looks sees it sooner"
    assert follow(Room(480_000, MONTHLY_READS, 12), minutes(10)) == minutes(50)
    assert follow(Room(500_000, MONTHLY_READS, 12), timedelta(hours=1)) is None


def test_proofs_come_at_night_each_business_at_its_own_moment_and_seldom_when_reads_are_short() -> None:
    moments = {next_proof(ROOMY, now=NOON, business_id=f"biz_{number}", time_zone=CHICAGO) for number in range(20)}
    assert len(moments) == 20
    for moment in moments:
        assert 1 <= moment.astimezone(zone(CHICAGO)).hour < 5
        assert timedelta(0) < moment - NOON < timedelta(days=1)
    short = next_proof(Room(480_000, MONTHLY_READS, 12), now=NOON, business_id="biz_0", time_zone=CHICAGO)
    assert timedelta(days=6) < short - NOON < timedelta(days=8)
    gone = next_proof(Room(500_000, MONTHLY_READS, 12), now=NOON, business_id="biz_0", time_zone=CHICAGO)
    assert gone >= datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("used", "on"),
    [
        (0, None),
        (150_000, None),
        (164_000, date(2026, 11, 30)),
        (330_000, date(2026, 11, 15)),
        (500_000, date(2026, 11, 10)),
    ],
)
def test_a_forecast_names_the_day_the_reads_run_out(used: int, on: date | None) -> None:
    found = forecast(used, MONTHLY_READS, NOON)
    assert found.exhausted_on == on
    assert f"{used:,} of 500,000" in found.words
    if on is not None and used < MONTHLY_READS:
        assert f"{on.day} November" in found.words


def test_a_forecast_in_the_first_hours_of_a_month_does_not_cry_wolf() -> None:
    first_hour = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
    assert forecast(9_000, MONTHLY_READS, first_hour).exhausted_on is None, "a first sync of many is not a daily habit"


READS_A_SYNC, READS_A_PROOF, READS_A_LISTING = 1.3, 22, 60


@dataclass
class Firm:
    """A month of an office, purely: people who look, books that change, and what all of it reads."""

    businesses: int
    budget: int = MONTHLY_READS
    random: Random = field(default_factory=lambda: Random(7))
    reads: float = 0
    stages: list[Stage] = field(default_factory=list)
    longest_calm: timedelta = timedelta(0)
    longest_looking: timedelta = timedelta(0)

    def live(self, *, lookers: int, changes_a_day: int) -> None:
        """From the first of the month, when everything is listed for the first time, to its end."""
        begins, ends = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
        self.reads = self.businesses * READS_A_LISTING
        last_sync = dict.fromkeys(range(self.businesses), begins)
        due_at = {number: begins + timedelta(hours=2 * self.random.random()) for number in range(self.businesses)}
        proof_at = {number: self.next_proof(number, begins) for number in range(self.businesses)}
        queue = [(due_at[number], number) for number in range(self.businesses)]
        hints = [
            (begins + timedelta(days=day, hours=14 + 9 * self.random.random()), number)
            for number in range(self.businesses)
            for day in range(30)
            if (begins + timedelta(days=day)).weekday() < 5
            for _ in range(changes_a_day)
        ]
        events = [(moment, number, "due") for moment, number in queue]
        events += [(moment, number, "hint") for moment, number in hints]
        heapify(events)
        while events:
            now, number, kind = heappop(events)
            if now >= ends:
                break
            looked_at = now if number < lookers and now.weekday() < 5 and 14 <= now.hour < 23 else None
            room = Room(round(self.reads), self.budget, self.businesses)
            if kind == "hint":
                follow = after_hint(room, now=now, last_sync=last_sync[number], looked_at=looked_at)
                if follow is not None and follow < due_at[number]:
                    due_at[number] = follow
                    heappush(events, (follow, number, "due"))
                continue
            if now != due_at[number]:
                continue  # moved since: another entry stands for it
            self.stages.append(stage(room, now))
            waited = now - last_sync[number]
            if looked_at is not None:
                self.longest_looking = max(self.longest_looking, min(waited, timedelta(hours=9)))
            self.longest_calm = max(self.longest_calm, waited)
            self.reads += READS_A_SYNC
            if now >= proof_at[number]:
                self.reads += READS_A_PROOF
                proof_at[number] = self.next_proof(number, now)
            last_sync[number] = now
            due_at[number] = timetable(
                room, now=now, looked_at=looked_at, business_id=f"biz_{number}", time_zone=CHICAGO
            )
            heappush(events, (due_at[number], number, "due"))

    def next_proof(self, number: int, now: datetime) -> datetime:
        room = Room(round(self.reads), self.budget, self.businesses)
        return next_proof(room, now=now, business_id=f"biz_{number}", time_zone=CHICAGO)


def test_two_hundred_businesses_fit_a_month_of_the_free_tier_with_room() -> None:
    firm = Firm(200)
    firm.live(lookers=10, changes_a_day=10)
    assert firm.reads < MONTHLY_READS * 0.9, f"{firm.reads:,.0f} reads leave no room"
    assert firm.reads > MONTHLY_READS * 0.4, "the budget is there to be used: fresher books are affordable"
    assert Stage.HINTS_ONLY not in firm.stages
    assert firm.longest_calm < timedelta(hours=9), "nobody's books grow old, not even over a night"


def test_a_crowd_too_large_for_its_budget_still_ends_the_month_within_it() -> None:
    firm = Firm(60, budget=45_000)
    firm.live(lookers=8, changes_a_day=10)
    assert Stage.HINTS_ONLY in firm.stages, "make the crowd larger: this one never came near its budget"
    assert firm.reads < firm.budget * 1.01, f"{firm.reads:,.0f} reads"
