"""SIGKILL around the mail server's answers and at any moment: never two mails of one letter, and what isn't known is said."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.letters.conftest import Post
from tests.support.mail import HOLD, WAIT_SECONDS

_RANDOM_KILLS = max(int(os.environ.get("INTERLOCK_KILLS", "20")) // 10, 2)
_LONGEST_SECONDS = 0.8


@pytest.mark.parametrize("step", ["greet", "to", "data", "end"])
def test_killed_while_the_mail_server_is_about_to_answer(post: Post, tmp_path: Path, step: str) -> None:
    post.is_due()
    post.server.does = {step: HOLD}
    process = _mailing(post, tmp_path)
    try:
        assert post.server.reached.wait(WAIT_SECONDS), f"the letter's mail never came to its {step!r}"
    finally:
        process.kill()
        process.wait()
    post.server.usual()
    taken = len(post.server.messages())
    assert taken == (step == "end")
    post.work()
    post.is_due()
    post.work()
    assert len(post.server.messages()) == taken, "what may have been sent was sent again"
    last = post.letters.last()
    assert last is not None and last.unknown
    assert post.log() == ["letter.made", "letter.sending", "letter.unknown"]
    post.letters.send(last.letter_id, "Odell Marsh", again=True)
    assert len(post.server.messages()) == taken + 1
    assert len({each["Message-ID"] for each in post.server.messages()}) == 1


def test_killed_at_any_moment_a_letter_is_mailed_once_or_somebody_is_told(post: Post, tmp_path: Path) -> None:
    chance = random.Random(20_261_124)
    for week in range(_RANDOM_KILLS):
        post.is_due()
        before = len(post.server.messages())
        process = _mailing(post, tmp_path)
        strikes = time.monotonic() + chance.uniform(0.0, _LONGEST_SECONDS)
        while time.monotonic() < strikes and process.poll() is None:
            post.letters.last()  # whoever reads meanwhile reads on
        process.kill()
        process.wait()
        post.work()
        last = post.letters.last()
        assert last is not None and (last.sent_at is not None or last.unknown), f"week {week}: the letter is lost"
        sent = len(post.server.messages()) - before
        assert sent == 1 if last.sent_at is not None else sent <= 1, f"week {week}: mailed {sent} times"
        post.client.firm.wait(days=7)
    assert post.log().count("letter.made") == _RANDOM_KILLS


def _mailing(post: Post, folder: Path) -> subprocess.Popen[str]:
    """A process that has begun on the letter that is due."""
    file, now = post.written_down(folder), post.client.firm.clock.now().isoformat()
    command = [sys.executable, "-m", "tests.support.mailing", str(file), post.business_id, now]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "mailing\n", f"it ended with {process.wait()} before it began"
    return process
