"""A business's orders to its collecting rail done in a process of their own, to be killed: ``python -m

tests.support.killable_orders SETTINGS BUSINESS SECONDS MOMENT``. Its clock is ``SECONDS`` ahead. At ``MOMENT`` it kills itself.
Prints ``collecting`` when it begins and ``done`` at its end.
"""

import json
import os
import signal
import sys
from pathlib import Path

from interlock.app.opening import open_house
from interlock.app.settings import Settings
from tests.support.clock import MovedClock
from tests.support.striking import watched_orders


def main() -> None:
    settings, business_id, seconds, at_moment = sys.argv[1:]
    said = json.loads(Path(settings).read_text())
    clock = MovedClock()
    clock.wait(seconds=float(seconds))

    def strike(moment: str) -> None:
        if moment == at_moment:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_house(Settings(**{**said, "key_file": Path(said["key_file"])}), limited=False) as house:
        house.clock, house.patience = clock, 0.0
        with watched_orders(house, strike) as work:
            print("collecting", flush=True)
            work.run_due(business_id)
    print("done", flush=True)


if __name__ == "__main__":
    main()
