"""A worker that reads one company as fast as it may: ``python -m tests.support.calling SETTINGS BUSINESS FIRM REALM SECONDS``.

Says ``reading`` after its first read; after a line on standard input it reads ``SECONDS`` longer and says how many it made.
"""

import asyncio
import json
import sys
from pathlib import Path

from interlock.app.house import StoredGrant
from interlock.app.opening import open_house
from interlock.app.settings import Settings
from interlock.domains.qbo.client import QBOClient
from interlock.kernel.scope import Scope

_SIDE_BY_SIDE = 6


async def read_on(client: QBOClient, seconds: float) -> int:
    """Read without an end; after a line on standard input, ``seconds`` longer. Reads made since that line."""
    loop = asyncio.get_running_loop()
    made = 0

    async def one() -> None:
        nonlocal made
        while True:
            await client.query("SELECT COUNT(*) FROM Vendor")
            made += 1

    tasks = [asyncio.ensure_future(one()) for _ in range(_SIDE_BY_SIDE)]
    while not made and not any(task.done() for task in tasks):
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=0.05)
    print("reading", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    before = made
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=seconds)
    counted = made - before
    for task in tasks:
        task.cancel()
    for trouble in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(trouble, Exception):
            raise trouble
    return counted


def main() -> None:
    said = json.loads(Path(sys.argv[1]).read_text())
    with open_house(Settings(**{**said, "key_file": Path(said["key_file"])})) as house:
        house.patience = 1.0  # throttled, it ends and says so
        rail = house.qbo_rail(sys.argv[4], "USD", StoredGrant(house, Scope(sys.argv[3], sys.argv[2])))
        print(house.transport.run(read_on(rail._client, float(sys.argv[5]))), flush=True)


if __name__ == "__main__":
    main()
