"""A client's due messages in a process of its own, to be killed: ``python -m tests.support.chasing SETTINGS BUSINESS NOW``.

Prints ``chasing`` when it begins and ``done`` when it has ended.
"""

import json
import sys
from datetime import datetime
from pathlib import Path

from interlock.app.chasing import chase_work
from interlock.app.opening import open_house
from interlock.app.settings import Settings
from tests.support.mailing import StoppedAt


def main() -> None:
    said = json.loads(Path(sys.argv[1]).read_text())
    with open_house(Settings(**{**said, "key_file": Path(said["key_file"])})) as house:
        house.clock = StoppedAt(datetime.fromisoformat(sys.argv[3]))
        print("chasing", flush=True)
        chase_work(house, sys.argv[2], "a run")
        print("done", flush=True)


if __name__ == "__main__":
    main()
