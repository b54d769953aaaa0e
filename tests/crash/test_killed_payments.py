"""SIGKILL at every boundary of what is done for a payment, and at any moment in between: none is paid twice, none is lost."""

import os
import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interlock.app.paying import payment_work
from interlock.infra.db import Database
from tests.crash.payments_killed import THINGS, Ground, ground_over, stands_once
from tests.support.sandbox import Sandbox

_RUNS = int(os.environ.get("INTERLOCK_PAYMENT_KILLS", "20")) // 2
"""On each of the two databases."""
_SEED = int(os.environ.get("INTERLOCK_PAYMENT_SEED", f"{datetime.now(UTC):%Y%m%d}"))
"""Other ones every day; a failure names it."""
_ALL_RUNS = 150
"""From so many on each database, every boundary is among them."""
_ANY_MOMENT = max(_RUNS // 3, 3)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=1) as running:
        running.control("POST", "ramp/limit", {"requests": 1_000_000})
        yield running


@pytest.fixture
def ground(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[Ground]:
    made = ground_over(database, sandbox, tmp_path)
    yield made
    made.house.transport.close()


def test_killed_at_its_boundaries_a_payment_is_made_once_and_written_down_once(ground: Ground) -> None:
    chance = random.Random(f"{_SEED} {ground.house.database.dialect}")
    boundaries = [(thing, moment) for thing in THINGS for moment in ground.moments(thing)]
    chance.shuffle(boundaries)
    assert _RUNS < _ALL_RUNS or len(boundaries) <= _RUNS - _ANY_MOMENT, (
        "every boundary is among the long run's: raise its runs"
    )
    for number in range(_RUNS - _ANY_MOMENT):
        thing, moment = boundaries[number % len(boundaries)]
        about = f"{thing.name}, killed at {moment}; again with INTERLOCK_PAYMENT_SEED={_SEED}"
        intent = thing.prepare(ground)
        assert ground.killed_at(moment), f"{about}: that moment never came"
        ground.finish()
        try:
            thing.check(ground, intent)
        except AssertionError as wrong:
            raise AssertionError(f"{about}: {wrong}") from wrong
    ground.payments.prove_the_log()


def test_killed_before_a_renewed_token_is_kept_it_waits_for_a_person_and_is_then_written_once(ground: Ground) -> None:
    """QuickBooks' first request here renews the token: its answer is lost with the process, and the old one is worth nothing."""
    recording = next(each for each in THINGS if each.name == "recording")
    ground.clock.wait(hours=2)
    intent = recording.prepare(ground)
    assert ground.killed_at("request 1 after"), (
        "recording asks QuickBooks nothing any more: choose the renewal's request"
    )
    ground.clock.wait(minutes=10)
    payment_work(ground.house).run_due(ground.payments.business_id)
    row = ground.payments.row(intent)
    assert "econnect" in (ground.asks_to_reconnect() or ""), "the connection doesn't ask for a person"
    assert row.needs_person and "econnect" in (row.why or ""), f"the payment doesn't say what it waits for: {row.why}"
    assert ground.recorded(intent) == []
    ground.reconnect()
    ground.finish()
    recording.check(ground, intent)
    ground.payments.prove_the_log()


def test_killed_at_any_moment_none_of_many_is_paid_twice_or_lost(ground: Ground, sandbox: Sandbox) -> None:
    """Ours or the rail's own process, in the middle of four payments."""
    chance, killed, rounds, window = random.Random(f"{_SEED} any {ground.house.database.dialect}"), 0, 0, 0.5
    while killed < _ANY_MOMENT:
        rounds += 1
        assert rounds <= 5 * _ANY_MOMENT, "payments are sent before they can be killed: release more of them at once"
        intents = [chance.choice(THINGS[:2]).prepare(ground) for _ in range(4)]
        process = ground.process()
        if finished_within(process, chance.uniform(0.0, window)):
            window *= 0.8  # a faster machine: strike earlier
        else:
            killed += 1
            if killed % 3 == 0:
                sandbox.kill_and_start_again()
                sandbox.control("POST", "ramp/limit", {"requests": 1_000_000})
            else:
                process.kill()
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()
        ground.finish()
        for intent in intents:
            try:
                stands_once(ground, intent)
            except AssertionError as wrong:
                raise AssertionError(f"round {rounds} of INTERLOCK_PAYMENT_SEED={_SEED}: {wrong}") from wrong
    ground.payments.prove_the_log()


def finished_within(process: "subprocess.Popen[str]", seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
