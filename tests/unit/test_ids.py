"""Ids sort by the time they were made, are unique, and can be read aloud."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.ids import new_id

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
instants = st.integers(631_152_000_000, 10_413_792_000_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC))


@given(earlier=instants, apart=st.timedeltas(timedelta(milliseconds=1), timedelta(days=9000)))
def test_an_id_made_later_sorts_later(earlier: datetime, apart: timedelta) -> None:
    assert new_id("bill", earlier) < new_id("bill", earlier + apart), "ids must sort by time to the millisecond"


def test_ids_of_one_instant_are_unique() -> None:
    made = {new_id("biz", NOW) for _ in range(20_000)}
    assert len(made) == 20_000


@given(now=instants)
def test_an_id_is_its_kind_and_letters_nobody_misreads(now: datetime) -> None:
    kind, _, rest = new_id("biz", now).partition("_")
    assert kind == "biz"
    assert len(rest) == 26
    assert not set(rest) - set("0123456789abcdefghjkmnpqrstvwxyz"), "Crockford's alphabet has no i, l, o or u"
