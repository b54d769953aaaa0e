"""Throttled by Intuit, a worker says so to all the others; waits are bounded, tries are counted, and so are the reads that cost."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from interlock.domains.qbo.client import Throttled
from interlock.domains.qbo.pacing import BATCHES, REQUESTS, Pacer
from interlock.infra.db import Database
from interlock.infra.governor import Governor
from interlock.rails.errors import Unavailable
from tests.staying.desk import Desk

_VENDORS = "SELECT COUNT(*) FROM Vendor"


@contextmanager
def worker(desk: Desk, database: Database) -> Iterator[Pacer]:
    """Another process's pacer for the same realm."""
    governor = Governor(database)
    pacer = Pacer(
        requests=governor.source(f"qbo:{desk.realm_id}", REQUESTS),
        batches=governor.source(f"qbo:{desk.realm_id}:batch", BATCHES),
    )
    yield pacer
    desk.transport.run(pacer.close())
    governor.close()


@pytest.mark.parametrize("form", ["xml", "xml_403", "json"])
def test_one_is_throttled_and_everybody_leaves_the_company_alone(desk: Desk, database: Database, form: str) -> None:
    with worker(desk, database) as first, worker(desk, database) as second:
        one = desk.client(pacer=first, patience=10)
        other = desk.client(pacer=second, patience=10)
        desk.transport.run(one.query(_VENDORS))
        desk.transport.run(first.close())
        desk.sandbox.fault("throttle", count=1, form=form, path="/v3/")
        with pytest.raises(Throttled) as refusal:
            desk.transport.run(one.query(_VENDORS))
        assert refusal.value.retry_after == 60, "Intuit's advice, where it names no time"
        with pytest.raises(Unavailable, match="throttling this company") as told:
            desk.transport.run(other.query(_VENDORS))
        assert told.value.retry_after is not None
        assert 50 < told.value.retry_after <= 60
        assert other.usage.calls == 0, "it asked Intuit all the same"


@pytest.mark.parametrize(("named", "waits"), [(7, 7.0), (99_999_999, 900.0), (None, 60.0)])
def test_how_long_to_wait_is_intuits_to_say_within_reason(desk: Desk, named: int | None, waits: float) -> None:
    how = {} if named is None else {"retry_after": named}
    desk.sandbox.fault("throttle", count=2, path="/v3/", **how)
    pauses: list[float] = []
    desk.transport.run(desk.client(pauses).query(_VENDORS))
    assert pauses == [waits, waits]


def test_a_company_throttled_for_good_is_given_up_for_now(desk: Desk) -> None:
    desk.sandbox.fault("throttle", path="/v3/")
    pauses: list[float] = []
    client = desk.client(pauses)
    with pytest.raises(Unavailable, match="throttling"):
        desk.transport.run(client.query(_VENDORS))
    assert len(pauses) == 4, "five tries"
    for _ in range(40):
        with pytest.raises(Unavailable):
            desk.transport.run(client.query(_VENDORS))
    assert len(pauses) <= 60, "a bad day must not double a sync's calls again and again"


def test_only_reads_that_succeed_are_metered_a_batch_by_its_items(desk: Desk) -> None:
    client = desk.client()
    desk.sandbox.fault("server_error", count=2, status=503, path="/v3/")
    desk.transport.run(client.query(_VENDORS))
    assert (client.usage.calls, client.usage.metered) == (4, 1), "a refresh, two failures and a read"
    desk.transport.run(
        client.query_batch({name: f"SELECT COUNT(*) FROM {name}" for name in ("Bill", "Vendor", "Term")})
    )
    assert (client.usage.calls, client.usage.metered) == (5, 4)
    desk.transport.run(client.company_info())
    assert client.usage.metered == 5
