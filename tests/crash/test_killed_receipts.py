"""SIGKILL at every boundary of writing a collected payment down: it stands in the books once, and the row knows which it is."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from interlock.domains.ar.collecting_models import ReceiptRecord
from interlock.infra.db import Database
from interlock.rails import connections
from tests.rails.stripe.at_stripe import Client, with_stripe
from tests.recording_receipts.till import Asked, Till
from tests.support.clock import clock_of
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.support.striking import Moments, settings_file, watched_receipts

_KILLS = int(os.environ.get("INTERLOCK_RECEIPT_KILLS", "12")) // 2
"""On each of the two databases."""
_ALL_KILLS = 20
"""From so many on each database, every boundary is among them."""
_SEED = int(os.environ.get("INTERLOCK_RECEIPT_SEED", f"{datetime.now(UTC):%Y%m%d}"))
"""Other boundaries every day; a failure names it."""
_SIGKILLED = -9
_LATER = timedelta(days=365)
_WAITS: tuple[dict[str, float], ...] = ({"minutes": 11}, {"hours": 1}, {"hours": 4})
"""Longer than anything is waited for by itself after a kill."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=1) as running:
        yield running


@pytest.fixture
def till(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[Till]:
    house = with_stripe(house_over(database, sandbox, tmp_path), sandbox)
    taken = sandbox.clients()[0]
    business, _ = take_on(house, taken)
    yield Till.opened(Client(house, sandbox, business, taken.realm_id).connect())
    house.transport.close()


def test_killed_at_its_boundaries_a_payment_is_written_down_once(till: Till, tmp_path: Path) -> None:
    asked = [till.asks(f"{100 + n}.00") for n in range(_KILLS + 1)]
    for each in asked:
        till.pays(each)
    till.sync()
    put_off(till)
    first, *rest = asked
    chance, boundaries = random.Random(f"{_SEED} {till.house.database.dialect}"), moments(till, first)
    chance.shuffle(boundaries)
    assert _KILLS < _ALL_KILLS or len(boundaries) <= _KILLS, "every boundary is among the long run's: raise its kills"
    for number, each in enumerate(rest):
        moment = boundaries[number % len(boundaries)]
        about = f"killed at {moment}; again with INTERLOCK_RECEIPT_SEED={_SEED}"
        make_due(till, each)
        assert killed_at(till, moment, tmp_path), f"{about}: that moment never came"
        finish(till, each)
        stands_once(till, each, about)
    assert len([action for action in till.prove_the_log() if action == "receipt.recorded"]) == len(asked)


def moments(till: Till, asked: Asked) -> list[str]:
    """Every moment of writing one down that nothing strikes."""
    seen = Moments([])
    make_due(till, asked)
    with watched_receipts(till.house, seen) as work:
        assert work.run_due(till.business_id) == 1
    stands_once(till, asked, "not killed at all")
    assert len(seen.seen) >= 10, "there are fewer boundaries than a look, a sending and a reading back have"
    return seen.seen


def killed_at(till: Till, moment: str, folder: Path) -> bool:
    """Whether the process was killed there; it ends well where that moment doesn't come."""
    settings, ahead = settings_file(till.house, folder), clock_of(till.house).offset.total_seconds()
    command = [
        sys.executable,
        "-m",
        "tests.support.killable_receipts",
        str(settings),
        till.business_id,
        str(ahead),
        moment,
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) in {(_SIGKILLED, "recording\n"), (0, "recording\ndone\n")}, done
    return done.returncode == _SIGKILLED


def finish(till: Till, asked: Asked) -> None:
    """Others go on; who is asked to reconnect QuickBooks, since a renewed token was lost with the process, does."""
    for span in _WAITS:
        clock_of(till.house).wait(**span)
        with till.house.database.reading(till.client.scope) as session:
            lost = connections.find(session, till.client.scope, "qbo").state == connections.NEEDS_RECONNECT
        if lost:
            there = next(each for each in till.sandbox.clients() if each.realm_id == till.client.realm_id)
            take_on(till.house, there)
            make_due(till, asked)
        till.work()


def stands_once(till: Till, asked: Asked, about: str) -> None:
    row, standing = till.written(asked), till.in_books(asked)
    assert len(standing) == 1, (
        f"{about}: the payment stands in the books {len(standing)} times ({row.state}: {row.why})"
    )
    assert (row.state, row.ledger_payment_id) == ("recorded", standing[0]["Id"]), f"{about}: {row.state}, {row.why}"


def put_off(till: Till) -> None:
    """All of them wait, to be struck one at a time."""
    _due(till, till.house.clock.now() + _LATER)


def make_due(till: Till, asked: Asked) -> None:
    _due(till, till.house.clock.now() - timedelta(seconds=1), asked)


def _due(till: Till, at: datetime, asked: Asked | None = None) -> None:
    rows = update(ReceiptRecord).where(ReceiptRecord.business_id == till.business_id, ReceiptRecord.todo.is_not(None))
    if asked is not None:
        rows = rows.where(ReceiptRecord.invoice_id == asked.ledger_id)
    with till.house.database.writing(till.client.scope) as session:
        session.execute(rows.values(due_at=at))
