"""The outside world with busy banks: three accounts a client, and as many lines held back as a day is to bring.

    python -m bench.bank_world --data FOLDER --clients 100 --lines 500

What a client's bank shows is half its books' past, made up to ``--lines`` by lines that no books know; ``POST /control/bench/day``
lets the other half come, made up likewise, and answers how many lines that were.
"""

import argparse
import asyncio
import gc
import json
import signal
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from aiohttp import web

from interlock_sandbox.bank.accounts import account_of
from interlock_sandbox.bank.bank import Bank, Vault
from interlock_sandbox.bank.model import BankLine, hashed
from interlock_sandbox.control_form import json_answer
from interlock_sandbox.parties import Step
from interlock_sandbox.plaid.party import Plaid
from interlock_sandbox.sandbox import Sandbox, World, open_sandbox
from interlock_sandbox.server import make_app
from interlock_sandbox.world import build

ACCOUNTS = 3
_SEED = 7


class BusyBanks:
    """The banks of a sandbox, the later half of what they saw taken out until it is let come."""

    def __init__(self, sandbox: Sandbox, lines: int) -> None:
        bank, plaid = sandbox.parties["bank"], sandbox.parties["plaid"]
        assert isinstance(bank, Bank) and isinstance(plaid, Plaid)
        self.sandbox, self.bank, self.plaid, self.lines = sandbox, bank, plaid, lines
        self.coming: dict[str, list[BankLine]] = {}
        now = sandbox.clock.now()
        for index, (realm, vault) in enumerate(bank.vaults.items()):
            if len(vault.accounts) < ACCOUNTS:
                vault.accounts.append(account_of(_SEED, index, vault.books, None, "savings", "Rainy Day Reserve"))
            bank.accounts(realm)  # reads the past
            self.coming[realm] = self._held_back(vault, now)

    async def day(self, request: web.Request) -> web.Response:
        """What was held back comes, and Plaid looks at every bank."""
        del request
        brought = 0
        for realm, lines in self.coming.items():
            self.bank.vaults[realm].lines |= {line.id: line for line in lines}
            brought += len(lines)
            lines.clear()
        for item in self.plaid.items.values():
            if item.access_token is not None and not item.removed:
                self.sandbox.act(
                    "plaid", Step(self.sandbox.clock.now(), {"act": "look", "item": item.id, "whole": True})
                )
        return json_answer({"lines": brought})

    def _held_back(self, vault: Vault, now: datetime) -> list[BankLine]:
        """The newer half of what is posted by now; what isn't posted yet is left out, so that a day's number is exact."""
        posted = sorted(
            (line for line in vault.lines.values() if line.posted(now) and line.removed_at is None),
            key=lambda line: (line.dated, line.id),
        )
        half = min(len(posted) // 2, self.lines)
        newer, older = posted[-half:], posted[-2 * half : -half]
        since = newer[0].dated
        older += _unknown(vault, "before", self.lines - half, since - timedelta(days=90))
        newer += _unknown(vault, "after", self.lines - half, since)
        vault.lines.clear()
        vault.lines.update({line.id: line for line in older})
        return newer


def _unknown(vault: Vault, when: str, count: int, since: date) -> Iterator[BankLine]:
    """Card charges and fees that nobody wrote in any books, one a place and day, of amounts of their own."""
    for number in range(count):
        account = vault.accounts[number % ACCOUNTS]
        dated = since + timedelta(days=number % 60)
        posted = datetime.fromisoformat(f"{dated.isoformat()}T10:00:00+00:00")
        yield BankLine(
            id=hashed("bench", vault.books.realm_id, when, number, length=24),
            account=account.id,
            amount_minor=-(1_003 + 17 * number),
            currency=account.currency,
            name=f"POS PURCHASE 00{number} MARLOW CORNER STORE",
            pending_at=None,
            posted_at=posted,
            dated=dated,
            counterparty=None if number % 3 else "Marlow Corner Store",
            source="bench",
        )


async def _serve(sandbox: Sandbox, banks: BusyBanks) -> None:
    app = make_app(sandbox, posts=False)
    app.add_routes([web.post("/control/bench/day", banks.day)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"url": f"http://127.0.0.1:{runner.addresses[0][1]}"}), flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--lines", type=int, default=500)
    asked = parser.parse_args()
    world = World(_SEED, asked.clients, date(2026, 11, 24))
    sandbox = open_sandbox(world, asked.data, lambda made: build(made.seed, made.clients, made.as_of))
    banks = BusyBanks(sandbox, asked.lines)
    gc.collect()
    gc.freeze()
    asyncio.run(_serve(sandbox, banks))


if __name__ == "__main__":
    main()
