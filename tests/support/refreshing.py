"""A worker that refreshes one connection's grant: ``python -m tests.support.refreshing SETTINGS BUSINESS FIRM TIMES``.

Its clock runs a million times too fast (the same in all such processes), so that every token it is given has ended a moment
later. Prints ``ready``, waits for a line, and prints what went wrong, if anything did.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from interlock.app.house import House, StoredGrant
from interlock.app.opening import open_house
from interlock.app.settings import Settings
from interlock.domains.qbo.grant import App, Tokens
from interlock.infra.transport import Usage
from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import Scope

_TIMES_TOO_FAST = 1_000_000


def racing_now() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=time.monotonic() % 100_000 * _TIMES_TOO_FAST)


def tokens_of(house: House, scope: Scope) -> Tokens:
    settings = house.settings
    app = App(*settings.qbo_app(), settings.qbo_token_url, settings.qbo_api_url)
    return Tokens(app, house.transport, StoredGrant(house, scope), racing_now)


def main() -> None:
    said = json.loads(Path(sys.argv[1]).read_text())
    settings = Settings(**{**said, "key_file": Path(said["key_file"])})
    with open_house(settings, limited=False) as house:
        print("ready", flush=True)
        sys.stdin.readline()
        usage = Usage()
        try:
            while usage.calls < int(sys.argv[4]):
                # An object of its own each time, as each sync has one: only the store says what stands.
                house.transport.run(tokens_of(house, Scope(sys.argv[3], sys.argv[2])).access(usage))
        except InterlockError as trouble:
            print(f"after {usage.calls} refreshes: {trouble.sentence}", flush=True)


if __name__ == "__main__":
    main()
