"""SIGKILL around the mail server's answers and at any moment: never two mails of one stage, and what isn't known is said."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.chasing.conftest import Chase
from tests.runway import said
from tests.support.mail import HOLD, WAIT_SECONDS

_RANDOM_KILLS = max(int(os.environ.get("INTERLOCK_KILLS", "20")) // 10, 2)
_LONGEST_SECONDS = 0.8
_LATE_CUSTOMERS = 6


@pytest.mark.parametrize("step", ["greet", "to", "data", "end"])
def test_killed_while_the_mail_server_is_about_to_answer(chase: Chase, tmp_path: Path, step: str) -> None:
    chase.begin()
    chase.server.does = {step: HOLD}
    process = _chasing(chase, tmp_path)
    try:
        assert chase.server.reached.wait(WAIT_SECONDS), f"the message never came to the server's {step!r}"
    finally:
        process.kill()
        process.wait()
    chase.server.usual()
    taken = len(chase.sent())
    assert taken == (step == "end")
    assert chase.days_pass(8) == [], "what may have been sent was sent again"
    (row,) = chase.rows()
    assert (row.stage, row.state) == ("gentle", "unknown")
    assert chase.log("reminder.") == ["reminder.begun", "reminder.unknown"]
    chase.act(lambda service: service.say_of_message(row.reminder_id, "sent" if taken else "not_sent"))
    chase.days_pass(1)
    stages = [each.stage for each in chase.rows() if each.state == "sent"]
    assert stages == (["gentle", "firm"] if taken else ["gentle"]), "the chase goes on from what the person said"


def test_killed_at_any_moment_each_stage_is_mailed_once_or_somebody_is_told(chase: Chase, tmp_path: Path) -> None:
    for number in range(_LATE_CUSTOMERS):
        customer = f"late{number}"
        chase.client.say(
            said.customer(customer, f"Late {number}"), said.invoice(f"x{number}", 10_000, customer_id=customer)
        )
    chase.begin()
    chance = random.Random(20_261_125)
    for _ in range(_RANDOM_KILLS):
        process = _chasing(chase, tmp_path)
        strikes = time.monotonic() + chance.uniform(0.0, _LONGEST_SECONDS)
        while time.monotonic() < strikes and process.poll() is None:
            chase.rows()  # whoever reads meanwhile reads on
        process.kill()
        process.wait()
    chase.run()
    rows, ids = chase.rows(), Counter(str(each["Message-ID"]) for each in chase.sent())
    assert len(rows) == _LATE_CUSTOMERS + 1, "each late invoice has its one message"
    assert max(ids.values()) == 1, f"mailed twice: {[each for each, times in ids.items() if times > 1]}"
    for row in rows:
        assert row.state in ("sent", "unknown"), f"the message about {row.invoice_id} is lost: {row.state}"
        if row.state == "sent":
            assert ids[row.message_id] == 1, f"the message about {row.invoice_id} is called sent and never came"
    assert len({(row.invoice_id, row.round, row.stage) for row in rows}) == len(rows)
    assert sum(row.state == "unknown" for row in rows) <= _RANDOM_KILLS, "a kill leaves one message in doubt at most"


def _chasing(chase: Chase, folder: Path) -> subprocess.Popen[str]:
    """A process that has begun on what is due; the calendar finds it again when the one before was killed."""
    file, now = chase.written_down(folder), chase.now.isoformat()
    command = [sys.executable, "-m", "tests.support.chasing", str(file), chase.business_id, now]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None, "it was asked for"
    with process.stdout:
        assert process.stdout.readline() == "chasing\n", f"it ended with {process.wait()} before it began"
    return process
