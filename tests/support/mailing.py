"""A due letter in a process of its own, to be killed: ``python -m tests.support.mailing SETTINGS BUSINESS NOW``.

Prints ``mailing`` when it begins and ``done`` when it has ended.
"""

import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from interlock.app.letters import letter_work
from interlock.app.opening import open_house
from interlock.app.settings import Settings


@dataclass
class StoppedAt:
    """A clock that shows what it was given."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def main() -> None:
    said = json.loads(Path(sys.argv[1]).read_text())
    with open_house(Settings(**{**said, "key_file": Path(said["key_file"])})) as house:
        house.clock = StoppedAt(datetime.fromisoformat(sys.argv[3]))
        print("mailing", flush=True)
        letter_work(house, sys.argv[2], "a run")
        print("done", flush=True)


if __name__ == "__main__":
    main()
