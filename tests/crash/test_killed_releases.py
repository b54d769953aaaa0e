"""SIGKILL in the midst of a release: all of its payments are let go, each with its step, its line and one decision, or none is."""

import os
import random
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.deciding.clients import Desk
from tests.deciding.conftest import desk as desk
from tests.deciding.conftest import transport as transport
from tests.runway import said

_KILLS = max(int(os.environ.get("INTERLOCK_PAYMENT_KILLS", "20")) // 4, 4)
_SEED = int(os.environ.get("INTERLOCK_PAYMENT_SEED", f"{datetime.now(UTC):%Y%m%d}"))
_BILLS = 12
_SIGKILLED = -9


@pytest.fixture
def intents(desk: Desk) -> list[str]:
    """Twelve approved payments of as many vendors."""
    names = [f"k{number}" for number in range(_BILLS)]
    vendors = [said.vendor(f"v-{name}", f"Vendor {name}") for name in names]
    first = date(2026, 9, 1)
    desk.books.say(
        *vendors,
        *(
            said.bill(
                name, 10_000 + at, vendor_id=f"v-{name}", vendor_name=f"Vendor {name}", dated=first + timedelta(at)
            )
            for at, name in enumerate(names)
        ),
    )
    return desk.approved(*names)


def releasing(desk: Desk, intents: list[str], moment: str = "-") -> "subprocess.Popen[str]":
    """A release in its own process, up to where it begins."""
    url = desk.books.firm.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.support.killable_release", url, desk.books.business.business_id, "mara"]
    process = subprocess.Popen([*command, moment, *intents], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == "releasing\n", f"the release ended with {process.wait()} before it began"
    return process


def ended(process: "subprocess.Popen[str]") -> int:
    status = process.wait(60)
    assert process.stdout is not None
    process.stdout.close()
    return status


def all_or_none(desk: Desk, intents: list[str]) -> int:
    """How many are let go: every one of them, or none; and nothing half written."""
    made = {row.intent_id for row in desk.disbursements().values()}
    gone = {each.intent_id for each in desk.intents().values() if each.state == "released"}
    assert made == gone, "a payment and its instruction are let go together"
    assert gone in (set(), set(intents)), f"{len(gone)} of {len(intents)} were let go"
    assert len(desk.log("payment.released")) == len(gone), "one line for each payment that was let go"
    assert sum(each.act == "release" for each in desk.decisions()) == (1 if gone else 0)
    return len(gone)


@pytest.mark.parametrize(("moment", "gone"), [("commit 1 before", 0), ("commit 1 after", _BILLS)])
def test_killed_around_its_commit_it_has_happened_or_it_has_not(
    desk: Desk,
    intents: list[str],
    moment: str,
    gone: int,
) -> None:
    assert ended(releasing(desk, intents, moment)) == _SIGKILLED, f"the moment {moment!r} never came"
    assert all_or_none(desk, intents) == gone
    assert ended(releasing(desk, intents)) == 0
    assert all_or_none(desk, intents) == _BILLS, "whoever asks again lets go what wasn't, and nothing twice"


def test_killed_at_any_moment_all_are_let_go_or_none(desk: Desk, intents: list[str]) -> None:
    chance, window, killed = random.Random(f"{_SEED} releases"), 0.4, 0
    while killed < _KILLS:
        process = releasing(desk, intents)
        try:
            process.wait(chance.uniform(0.0, window))
            window *= 0.7  # it ended before it could be killed: strike earlier
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        ended(process)
        if all_or_none(desk, intents):
            break  # released, and so nothing is left to be killed
    ended(releasing(desk, intents))
    assert all_or_none(desk, intents) == _BILLS
