"""A sender that is suspended until its payment was given up and paid anew: once it goes on, it sends nothing."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from interlock.app.paying import payment_work
from interlock.domains.ap.policy.happenings import PersonSaid
from interlock.infra.db import Database
from tests.crash.payments_killed import THINGS, Ground, Thing, ground_over
from tests.support.paying import always
from tests.support.sandbox import Sandbox

_CREATING, _HANDING_OFF = THINGS[:2]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=1) as running:
        yield running


@pytest.fixture
def ground(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[Ground]:
    made = ground_over(database, sandbox, tmp_path)
    yield made
    made.house.end_calls()


def stopped(ground: Ground, moment: str) -> "subprocess.Popen[str]":
    """A sender that was suspended at that moment, as a machine that fell asleep would."""
    process = ground.process(moment, "SIGSTOP")
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), f"it ended with {status} instead of being suspended at {moment}"
    return process


def goes_on(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGCONT)
    assert process.stdout is not None
    assert (process.stdout.read(), process.wait(60)) == ("done\n", 0), "once awake it ends well"
    process.stdout.close()


def given_up(ground: Ground, intent: str) -> None:
    """Nobody finds it, and a person says so."""
    ground.finish()
    assert ground.payments.row(intent).needs_person, "after its look-ups a person is asked"
    ground.payments.take(intent, PersonSaid("not_made"))
    assert ground.payments.intent_state(intent) == "reopened"


@pytest.mark.parametrize("moment", ["commit 1 after", "request 1 before"])
@pytest.mark.parametrize("thing", [_CREATING, _HANDING_OFF], ids=lambda thing: thing.name)
def test_what_was_given_up_and_paid_anew_is_not_sent_by_who_was_asleep(
    ground: Ground, thing: Thing, moment: str
) -> None:
    """Before it took the key for itself, and between its looking and its sending."""
    intent = thing.prepare(ground)
    process = stopped(ground, moment)
    given_up(ground, intent)
    anew = thing.prepare(ground)
    payment_work(ground.house).run_due(ground.payments.business_id)
    goes_on(process)
    there = {each: [*ground.client.under(each), *ground.drafts(each)] for each in (intent, anew)}
    assert there[intent] == [], "what a person had given up was sent all the same"
    assert len(there[anew]) == 1
    assert (ground.payments.row(intent).stage, ground.payments.intent_state(intent)) == ("refused", "reopened")
    ground.payments.prove_the_log()


def test_what_may_not_be_sent_any_more_begins_anew_where_nobody_gave_it_up(ground: Ground) -> None:
    """All of us slept: no look-up was made and nobody was asked, and certainly nothing was sent."""
    intent, slept = _CREATING.prepare(ground), list[float]()
    too_late = ground.client.patient(slept, alone=lambda _key: nullcontext(lambda: False))
    work = payment_work(ground.house)
    assert replace(work, opens=always(too_late)).run_due(ground.payments.business_id) == 1
    row = ground.payments.row(intent)
    assert (row.stage, ground.payments.steps(intent), slept) == ("to_send", ["SendBegun", "NotSent"], [])
    assert ground.client.under(intent) == []
    ground.finish()
    assert (ground.payments.row(intent).stage, len(ground.client.under(intent))) == ("under_way", 1)
    ground.payments.prove_the_log()
