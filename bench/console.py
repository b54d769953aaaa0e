"""How long the console of a client with many open bills takes, and how much of it goes over the wire.

    python -m bench.console [--bills 2000] [--times 30] [--url postgresql+psycopg://…]

Over a real socket, from the mirror of one synced client. Warm: nothing has changed since the last page. Decided: the first page
after somebody commented on a bill, so that the cash path is read anew. Synced: the first one after a sync that another process
made and that brought a changed bill, so that the books are read and checked anew.
"""

import argparse
import gzip
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from bench.installation import connected, house_for
from bench.measuring import against, headline
from bench.world import Served, firm_of
from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.domains.ap.models import Bill, PayableLine
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.scope import Scope
from tests.web import serving

TODAY = date(2026, 11, 24)
_AIM_MILLISECONDS, _AIM_KILOBYTES = 150.0, 100.0
_DUE_DAYS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bills", type=int, default=2_000, help="open ones, beside those the client has")
    parser.add_argument("--times", type=int, default=30, help="how often the page is asked for")
    parser.add_argument("--url", help="the database; a new SQLite file unless given")
    asked = parser.parse_args()
    with firm_of(1) as world, tempfile.TemporaryDirectory() as name:
        realm, client = next(iter(world.names.items()))
        folder = Path(name)
        database_url = asked.url or f"sqlite:///{folder / 'interlock.db'}"
        with house_for(world, database_url, folder, limited=False) as house:
            business = connected(house, client, realm, world.refresh_tokens()[realm])
            house.sync_of(business).sync()
            owe(world, realm, lines_of(house, business), asked.bills)
            house.sync_of(business).sync()
            person = staffed(house, business)
            with serving.served(create_app(house), local_token(house.settings.key_file)) as at:
                bill_id = some_bill(house, business, asked.bills)

                def sync(number: int) -> None:
                    body = {"Id": bill_id, "DueDate": (TODAY + timedelta(days=number)).isoformat()}
                    world.control("POST", f"companies/{realm}/update", {"entity": "Bill", "body": body})
                    house.sync_of(business).sync()

                measure(at, business, person, bill_id, asked.times, sync)


def measure(
    at: serving.Served, business: Business, person: str, bill_id: str, times: int, sync: Callable[[int], None]
) -> None:
    path = f"/b/{business.slug}/console"

    def page() -> str:
        answer = at.page(path)
        if answer.status != 200:
            raise SystemExit(f"{path} was answered {answer.status}.")
        return answer.text

    def change() -> None:
        place = f"/api/v1/businesses/{business.slug}/bills/{bill_id}/comment"
        who = {**at.bearer(), "Interlock-Person": person}
        said = at.ask("POST", place, headers=who, body=json.dumps({"comment": "Looked at"}))
        if said.status != 200:
            raise SystemExit(f"The comment was answered {said.status}: {said.text}")

    first = milliseconds(page)
    warm = [milliseconds(page) for _ in range(times)]
    decided, synced = [], []
    for number in range(times):
        change()
        decided.append(milliseconds(page))
        sync(number)
        synced.append(milliseconds(page))
    kilobytes = len(gzip.compress(page().encode(), 6)) / 1000
    headline(f"{path}, {times} times each")
    print(f"first since the start: {first:.0f} ms")
    for name, taken in (("warm", warm), ("decided", decided), ("synced", synced)):
        value = statistics.median(taken)
        what = f"{name}, median ms ({min(taken):.0f} to {max(taken):.0f})"
        against(what, value, f"< {_AIM_MILLISECONDS:g}", holds=value < _AIM_MILLISECONDS)
    against("compressed, kB", kilobytes, f"< {_AIM_KILOBYTES:g}", holds=kilobytes < _AIM_KILOBYTES)


def lines_of(house: House, business: Business) -> Sequence[tuple[str, str]]:
    """Vendor and account of the lines of the client's own bills, by id."""
    own = (Bill.business_id == PayableLine.business_id) & (Bill.id == PayableLine.document_id)
    query = select(Bill.vendor_id, PayableLine.account_id).join(PayableLine, own).distinct()
    with house.database.reading(Scope(business.firm_id, business.business_id)) as session:
        found = session.execute(query.where(PayableLine.document_kind == "bill", PayableLine.account_id.is_not(None)))
        return sorted((vendor, account) for vendor, account in found if vendor and account)


def owe(world: Served, realm: str, lines: Sequence[tuple[str, str]], bills: int) -> None:
    """So many more open bills of the client's vendors, each of its own amount, due over the next weeks."""
    for at in range(bills):
        vendor, account = lines[at % len(lines)]
        line = {
            "Amount": 100 + at,
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}},
        }
        body = {
            "VendorRef": {"value": vendor},
            "DocNumber": f"K-{at:05}",
            "TxnDate": (TODAY - timedelta(days=1 + at % 25)).isoformat(),
            "DueDate": (TODAY + timedelta(days=at % _DUE_DAYS)).isoformat(),
            "Line": [line],
        }
        world.control("POST", f"companies/{realm}/create", {"entity": "Bill", "body": body})


def staffed(house: House, business: Business) -> str:
    """A person who may comment, by handle."""
    now, handle = house.clock.now(), "wren"
    with house.database.writing(Scope(business.firm_id)) as session:
        people = PeopleService(session, business.firm_id)
        people.add(handle, "Wren Halloran", side="firm", email=None, now=now, actor="bench")
        people.grant(business.business_id, handle, "controller", now=now, actor="bench")
    return handle


def some_bill(house: House, business: Business, least: int) -> str:
    """An open bill's id; there are at least so many of them."""
    with house.database.reading(Scope(business.firm_id, business.business_id)) as session:
        open_ones = select(Bill.id).where(Bill.business_id == business.business_id, Bill.balance_minor > 0)
        found = session.scalars(open_ones.order_by(Bill.id)).all()
    if len(found) < least:
        raise SystemExit(f"{len(found)} bills are open, not {least}.")
    print(f"{len(found):,} open bills")
    return found[0]


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


if __name__ == "__main__":
    main()
