"""A business's due payments, done in a process of their own, to be killed: ``python -m tests.support.killable_payments SETTINGS

BUSINESS SECONDS [MOMENT [SIGNAL]]``. Its clock is ``SECONDS`` ahead. At ``MOMENT`` it kills itself, or does ``SIGNAL`` to itself.
Prints ``paying`` when it begins and ``done`` at its end.
"""

import json
import os
import signal
import sys
from pathlib import Path

from interlock.app.opening import open_house
from interlock.app.settings import Settings
from tests.support.clock import MovedClock
from tests.support.striking import watched


def main() -> None:
    said = json.loads(Path(sys.argv[1]).read_text())
    clock = MovedClock()
    clock.wait(seconds=float(sys.argv[3]))

    def strike(moment: str) -> None:
        if sys.argv[4:5] == [moment]:
            os.kill(os.getpid(), signal.Signals[sys.argv[5] if sys.argv[5:] else "SIGKILL"])

    with open_house(Settings(**{**said, "key_file": Path(said["key_file"])}), limited=False) as house:
        house.clock, house.patience = clock, 0.0
        with watched(house, strike) as work:
            print("paying", flush=True)
            work.run_due(sys.argv[2])
    print("done", flush=True)


if __name__ == "__main__":
    main()
