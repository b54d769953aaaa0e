"""Records in processes of their own, to be raced or killed, each forked from one that has imported everything.

Reads jobs from stdin, a line of JSON each. A job's process says ``PID ready`` once its house is open, waits for SIGUSR1, records,
and says ``PID`` with the document's id or the error's code.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interlock.app.house import House, StoredGrant
from interlock.app.opening import open_house
from interlock.app.permits import StoredPermit
from interlock.app.settings import Settings
from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import Scope
from interlock.rails.connections import Connection
from tests.recording.kinds import BILL, INVOICE
from tests.recording.prompting import Prompted, disturb

READING_HANGS_SECONDS = 8.0


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("recorders can be had", flush=True)
    for line in sys.stdin:
        if os.fork() == 0:
            _record(json.loads(line))
            os._exit(0)


def _record(job: dict[str, Any]) -> None:
    settings = Settings(**{**job["settings"], "key_file": Path(job["settings"]["key_file"])})
    kind = BILL if job["kind"] == BILL.entity else INVOICE
    with open_house(settings, limited=False) as house:
        rail = house.qbo_rail(*_company(house, job))
        _say("ready")
        signal.sigwait({signal.SIGUSR1})
        try:
            _say(house.transport.run(kind.record(rail, kind.paid(job["key"], job["owed"]))).document_id)
        except InterlockError as trouble:
            _say(trouble.code)


def _company(house: House, job: dict[str, Any]) -> tuple[str, str, StoredGrant, Prompted]:
    scope = Scope(*job["scope"])
    with house.database.reading(scope) as session:
        realm_id = session.get_one(Connection, (scope.business_id, "qbo")).external_id
    world = house.settings.qbo_api_url
    # Asked the second time, the record is about to be sent: from then on reading back takes its time.
    hang: dict[int, Callable[[], object]] = (
        {2: lambda: disturb(world, "latency", path="WHERE+Id+IN", seconds=READING_HANGS_SECONDS)} if job["hang"] else {}
    )
    return realm_id, "USD", StoredGrant(house, scope), Prompted(StoredPermit(house.database, scope), hang)


def _say(words: str) -> None:
    os.write(1, f"{os.getpid()} {words}\n".encode())


if __name__ == "__main__":
    main()
