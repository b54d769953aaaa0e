"""How fast a delivery of notices is acknowledged: over HTTP, verified, kept and the syncs it asks for brought forward.

``python -m bench.webhooks [--deliveries 400] [--events 100] [--busy]``. With ``--busy`` another thread writes all the while, as a
sync that stores its pages does. Intuit waits three seconds.
"""

import argparse
import statistics
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import text

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.opening import found_installation, make_vault
from interlock.app.settings import read_settings
from interlock.app.web import create_app
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from interlock.infra.transport import Transport
from interlock.kernel.clock import SystemClock
from tests.web.serving import served
from tests.webhooks.linking import ALDER, EVERYTHING, link
from tests.webhooks.saying import TOKEN, cloud_event, events, signed

_WRITE_SECONDS = 0.03  # what storing a page of a thousand rows holds the database for


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=400)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--busy", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _house(Path(folder)) as house:
        link(house.database, ALDER)
        stop = threading.Event()
        writer = threading.Thread(target=_write, args=(house, stop), daemon=True)
        if asked.busy:
            writer.start()
        with served(create_app(house), local_token(house.settings.key_file)) as at:
            times = []
            for run in range(asked.deliveries):
                told = [cloud_event(f"{run}-{n}", ALDER.realm, "bill.updated", str(n)) for n in range(asked.events)]
                body = events(*told)
                headers = {"intuit-signature": signed(body)}
                began = time.perf_counter()
                answer = at.ask("POST", "/webhooks/qbo", headers=headers, body=body)
                times.append((time.perf_counter() - began) * 1000)
                if answer.status != 200:
                    raise SystemExit(f"A delivery was answered {answer.status}: {answer.text}")
        stop.set()
    times.sort()
    beside = ", while another thread writes" if asked.busy else ""
    print(
        f"{asked.deliveries} deliveries of {asked.events} events{beside}: median {statistics.median(times):.1f} ms, "
        f"99th of a hundred {times[int(len(times) * 0.99) - 1]:.1f} ms, slowest {times[-1]:.1f} ms"
    )


def _house(folder: Path) -> House:
    settings = read_settings(
        {"INTERLOCK_DATABASE_URL": f"sqlite:///{folder / 'interlock.db'}", "INTERLOCK_QBO_WEBHOOK_TOKEN": TOKEN}
    )
    database = open_database(settings.database_url)
    upgrade(database)
    vault, clock = make_vault(settings), SystemClock()
    found_installation(database, vault, demo=False, clock_url=None, now=clock.now())
    return House(settings, database, vault, clock, Transport())


def _write(house: House, stop: threading.Event) -> None:
    while not stop.is_set():
        with house.database.writing(EVERYTHING) as session:
            session.execute(text("UPDATE installation SET demo = demo"))
            time.sleep(_WRITE_SECONDS)
        time.sleep(_WRITE_SECONDS)


if __name__ == "__main__":
    main()
