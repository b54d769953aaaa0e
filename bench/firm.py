"""A round of incremental syncs over a firm's clients, after a day on which one row in a hundred changed."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.installation import connected, house_for, rows_of
from bench.measuring import Run, against, headline
from bench.world import Served
from interlock.app.house import House
from interlock.domains.firm.models import Business
from interlock.kernel.errors import InterlockError
from interlock.rails.ports import SyncReport

_SIDE_BY_SIDE = 4
_FIRM = 200
_ROUND_SECONDS = 120.0


def a_round(served: Served) -> None:
    """All clients once: calls each, and how long two hundred of them take at this pace."""
    with tempfile.TemporaryDirectory() as folder:
        house = house_for(served, f"sqlite:///{Path(folder) / 'interlock.db'}", Path(folder), limited=True)
        with house:
            tokens = served.refresh_tokens()
            businesses = {realm: connected(house, name, realm, tokens[realm]) for realm, name in served.names.items()}
            first = _synced(house, list(businesses.values()))
            changed = sum(_change(served, house, realm, business) for realm, business in businesses.items())
            began, cpu = time.perf_counter(), time.process_time()
            reports = _synced(house, list(businesses.values()))
            run = Run(sum(map(rows_of, reports)), time.perf_counter() - began, time.process_time() - cpu)
    calls = [report.calls for report in reports]
    firm_seconds = run.wall / len(reports) * _FIRM
    headline(f"A round of {len(reports)} clients, {changed} of {sum(map(rows_of, first)):,} rows changed")
    print(
        f"{run.wall:.2f} s wall, {run.cpu / len(reports) * 1e3:.1f} ms CPU a client, {run.rows} rows read,"
        f" calls a client: {min(calls)} to {max(calls)}, {sum(calls) / len(calls):.2f} on average"
    )
    against("most calls a client", max(calls), "1, or 2 where deposits changed", holds=max(calls) <= 2)
    against(
        f"seconds for {_FIRM} clients at this pace",
        firm_seconds,
        f"< {_ROUND_SECONDS:.0f}",
        holds=firm_seconds < _ROUND_SECONDS,
    )


def _synced(house: House, businesses: list[Business]) -> list[SyncReport]:
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as workers:
        return list(workers.map(lambda business: house.sync_of(business).sync(), businesses))


def _change(served: Served, house: House, realm: str, business: Business) -> int:
    """Edit a hundredth of a client's rows, bills and invoices in turn, as a bookkeeper would."""
    sync = house.sync_of(business)
    bills, invoices = sync.get_bills()["rows"], sync.get_invoices()["rows"]
    wanted = max((len(bills) + len(invoices)) // 100, 1)
    changed = 0
    for entity, row in [("Bill", bill) for bill in bills] + [("Invoice", invoice) for invoice in invoices]:
        if changed == wanted:
            break
        body = {"Id": row.id, "SyncToken": row.version, "PrivateNote": "looked at"}
        if _accepts(served, realm, entity, body):
            changed += 1
    return changed


def _accepts(served: Served, realm: str, entity: str, body: dict[str, str]) -> bool:
    try:
        served.control("POST", f"companies/{realm}/update", {"entity": entity, "body": body})
    except (OSError, InterlockError):  # some may not be edited: in a closed period, say
        return False
    return True
