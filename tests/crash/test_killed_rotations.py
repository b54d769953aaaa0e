"""SIGKILL at any moment of a key rotation: whoever runs reads on, whoever starts opens everything, and a rotation ends it."""

import dataclasses
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from interlock.app.opening import open_house
from interlock.app.rotation import rotate, show_keys
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.kernel.scope import Scope
from tests.support.sealed import settle_in

_KILLS = max(int(os.environ.get("INTERLOCK_KILLS", "20")) // 5, 4)
_LONGEST_SECONDS = 0.6


def test_a_rotation_killed_at_a_random_moment_leaves_everything_readable(database: Database, tmp_path: Path) -> None:
    office = settle_in(database, tmp_path, clients=12)
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({**dataclasses.asdict(office.settings), "key_file": str(office.settings.key_file)}))
    chance = random.Random(20_261_124)
    with open_house(office.settings) as running:
        for _ in range(_KILLS):
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.rotating", str(file)], stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            assert process.stdout.readline() == "rotating\n", f"it ended with {process.wait()} before it began"
            strikes = time.monotonic() + chance.uniform(0.0, _LONGEST_SECONDS)
            while time.monotonic() < strikes:
                office.opens_everything(running)
            process.kill()
            process.wait()
            process.stdout.close()
            with open_house(office.settings) as started:
                office.opens_everything(started)
        rotate(running, actor="a test")
        assert show_keys(running).left_behind == 0
        firm = office.scopes[0].firm_id
        with running.database.reading(Scope(firm)) as session:
            assert translog.verify(translog.lines(session, firm))[1] == []
