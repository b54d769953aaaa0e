"""How fast banks are read: balances and new lines of many businesses.

    python -m bench.banks [--businesses 100] [--accounts 3] [--lines 500] [--at-once 4]

Each business has one login. Its first reading is not counted; the second brings ``--lines`` new lines for each account. Plaid
is a process of its own on this machine, so it shares the cores.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.measuring import Run, against, headline, peak_mib, tell
from interlock.app import bank_taking
from interlock.app.house import House
from interlock.app.opening import open_house
from interlock.app.plaid import plaid_sync
from interlock.app.settings import read_settings
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails.links import LinkedBank

_AIM_SECONDS = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--businesses", type=int, default=100)
    parser.add_argument("--accounts", type=int, default=3)
    parser.add_argument("--lines", type=int, default=500, help="new ones for each account")
    parser.add_argument("--at-once", type=int, default=4, help="businesses read side by side")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        _banks(asked.lines, asked.accounts) as url,
        _house(Path(name), url) as house,
    ):
        clients = [_client(house, number) for number in range(asked.businesses)]
        _read(house, clients, asked.at_once)
        headline(f"{asked.businesses} businesses, {asked.accounts} accounts each, {asked.lines} new lines an account")
        run = _read(house, clients, asked.at_once)
        tell("balances and lines, with pages, log, cursor", [run])
        lines = asked.businesses * asked.accounts * (asked.lines + 1)
        if run.rows != lines:
            raise SystemExit(f"{run.rows:,} rows came in, not {lines:,}")
        against("wall seconds", run.wall, f"< {_AIM_SECONDS:.0f}", holds=run.wall < _AIM_SECONDS)


def _read(house: House, clients: list[Business], at_once: int) -> Run:
    began, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(at_once) as pool:
        reports = list(pool.map(lambda client: plaid_sync(house, client).sync(), clients))
    rows = sum(entity.rows for report in reports for entity in report.entities)
    calls = sum(report.calls for report in reports)
    return Run(rows, time.perf_counter() - began, time.process_time() - cpu, peak_mib(), calls)


def _client(house: House, number: int) -> Business:
    """A client with one bank login, given as if somebody had been at the bank's page."""
    now = house.clock.now()
    with house.database.writing(SystemScope("the bench's clients")) as session:
        firm = the_firm(session, "Bench & Co", now)
        client = BusinessService(session, firm.firm_id).take_on(
            f"Client {number}", home_currency="USD", time_zone="UTC", control_start=now.date(), now=now, actor="bench"
        )
        session.flush()
        session.expunge(client)
    bank = LinkedBank(f"item-{number}", f"access-{number}", "ins_1", "Bench Bank", None)
    scope = Scope(client.firm_id, client.business_id)
    weighed = bank_taking.weigh(house, scope, [bank])
    with house.database.writing(scope) as session:
        bank_taking.take(house, session, scope, weighed, "bench")
    return client


@contextmanager
def _house(folder: Path, url: str) -> Iterator[House]:
    settings = read_settings({"HOME": str(folder), "INTERLOCK_DATABASE_URL": f"sqlite:///{folder / 'interlock.db'}"})
    settings = replace(settings, plaid_api_url=url, plaid_client_id="bench", plaid_secret="bench")
    with open_house(settings, limited=False) as house:
        yield house


@contextmanager
def _banks(lines: int, accounts: int) -> Iterator[str]:
    command = [sys.executable, "-m", "bench.bank_wire", str(lines), str(accounts)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


if __name__ == "__main__":
    main()
