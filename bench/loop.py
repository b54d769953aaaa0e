"""How fast released payments are moved on, let go, and shown on the board.

    python -m bench.loop [--payments 400] [--rounds 3] [--board 100000]

The loop: payments of eight clients that wait to be sent, sent by a worker's tick and queue to a rail that answers at once, so that
only our part is measured: beside the same number of queued works that do one empty transaction each and nothing else, by the same
queue in the same process (the ceiling). A pay run: 200 approved bills let go in one transaction. The board: its page's model.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import func, insert, select, text

from bench.measuring import against, headline
from interlock.app.build import RailBuild
from interlock.app.house import House
from interlock.app.opening import found_installation, make_vault
from interlock.app.settings import read_settings
from interlock.app.worker import Workers
from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import Course
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import upgrade
from interlock.infra.durable.queue import Durable
from interlock.infra.transport import Transport
from interlock.kernel.clock import SystemClock
from interlock.kernel.ids import new_id
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails.moves import BillHandOff, HandsOffBills, Instructed
from interlock.runway.releasing_desk import releasing
from tests.payments.paying import Paying
from tests.runway import said
from tests.runway.conftest import FirmBooks
from tests.support.paying import Payments
from tests.support.postgres import PostgresServer

CLIENTS, PAY_RUN, A_CLIENTS_BOARD = 8, 200, 100_000
SHARE_AIM, PAY_RUN_AIM, BOARD_AIM = 0.5, 2.0, 150.0
_EVERYBODY = SystemScope("a measurement")
_DAY = date(2026, 11, 24)
_PATIENCE_SECONDS = 600


class AtOnce(HandsOffBills):
    """A rail of the measurement's own: whatever it is asked is done when it is asked."""

    async def hand_off_bill(self, bill: BillHandOff) -> Instructed:
        return Instructed(bill.key, f"there-{bill.key}"[:40], "approval_pending", None, False)

    async def find_hand_off(self, key: str) -> Instructed | None:
        raise AssertionError(f"nothing gets lost here, and yet {key} is looked up")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--board", type=int, default=A_CLIENTS_BOARD)
    asked = parser.parse_args()
    with PostgresServer.started() as server:
        for dialect in ("sqlite", "postgresql"):
            with tempfile.TemporaryDirectory() as folder:
                database = _database(dialect, Path(folder), server)
                headline(f"The loop on {dialect}: {asked.payments} payments of {CLIENTS} clients, each sent once")
                the_loop(database, Path(folder), asked.payments, asked.rounds)
            with tempfile.TemporaryDirectory() as folder:
                database = _database(dialect, Path(folder), server)
                headline(f"A pay run and the board on {dialect}")
                paying = _paying(database)
                pay_run(paying)
                board(paying, asked.board)
                database.close()


def the_loop(database: Database, folder: Path, many: int, rounds: int) -> None:
    with _house(database, folder) as house:
        desks = [Payments(house, scope) for scope in _clients(house)]
        ceilings, rates = [], []
        for _ in range(rounds):
            ceilings.append(many / _empty(house, desks, many))
            rates.append(many / _sent(house, desks, many))
    print(f"{'queued works of one empty transaction':46} {max(ceilings):8.1f} a second", flush=True)
    print(f"{'payments sent: two transactions, steps, log':46} {max(rates):8.1f} a second", flush=True)
    share = max(rates) / max(ceilings)
    against("share of the ceiling", share, f">= {SHARE_AIM}", holds=share >= SHARE_AIM)


def _empty(house: House, desks: Sequence[Payments], many: int) -> float:
    """Seconds for ``many`` works that do nothing, from the first's queueing to the last's end."""
    done = _Count(many)

    def work(business_id: str, _run_id: str) -> None:
        scope = next(desk.scope for desk in desks if desk.business_id == business_id)
        with house.database.writing(scope) as session:
            session.execute(text("SELECT 1"))
        done.one()

    queue = Durable(house.database, f"bench-{new_id('run', house.clock.now())}", {"empty": work})
    queue.launch()
    began = time.perf_counter()
    for number in range(many):
        run_id = f"empty:{new_id('run', house.clock.now())}:{number}"
        queue.enqueue("empty", desks[number % len(desks)].business_id, run_id, lane=None)
    done.wait()
    took = time.perf_counter() - began
    queue.wait_idle(_PATIENCE_SECONDS)
    queue.close()
    return took


def _sent(house: House, desks: Sequence[Payments], many: int) -> float:
    """Seconds until ``many`` payments that were just released are sent."""
    done = _Count(many)
    workers = Workers(house, ended=lambda _business_id: done.one())
    workers.start()
    workers.settled.wait(_PATIENCE_SECONDS)
    began = time.perf_counter()
    for at, desk in enumerate(desks):
        desk.release(*(_order(house, number) for number in range(at, many, len(desks))), way="hand_off")
    workers.wake()
    done.wait()
    took = time.perf_counter() - began
    workers.stop(_PATIENCE_SECONDS)
    left = [row.intent_id for desk in desks for row in desk.rows() if row.stage != "waiting"]
    assert not left, f"{len(left)} payments were not sent"
    return took


def pay_run(paying: Paying) -> None:
    """Approved by one person, let go by another: everything is judged again, row by row and jointly."""
    bills = [f"b{number}" for number in range(PAY_RUN)]
    intents = [each.intent_id for each in paying.approve(*bills)]
    desk = paying.books.firm.desk
    began = time.perf_counter()
    with desk.writing(paying.books.name) as at:
        done = releasing(at, at.acting("mara")).release(intents, balance="", acknowledge_warning=True)
    took = time.perf_counter() - began
    gone = sum(row.outcome == "released" for row in done.rows)
    assert gone == PAY_RUN, next(row.why for row in done.rows if row.outcome != "released")
    against(f"{gone} bills let go in one transaction, s", took, f"< {PAY_RUN_AIM}", holds=took < PAY_RUN_AIM)


def board(paying: Paying, many: int) -> None:
    """Payments at every stage, and as many that were never released."""
    _fill(paying, many)
    desk = paying.books.firm.desk

    def look() -> None:
        with desk.reading(paying.books.name) as at:
            shown = at.payments.get_payments_experience()
        assert shown.sums, f"the board's places don't sum to what was approved: off by {shown.off_by}"

    taken = _timed(look, 15)
    with paying.books.firm.database.reading(paying.books.scope) as session:
        rows = session.execute(select(func.count()).select_from(Disbursement)).scalar_one()
    middle = statistics.median(taken)
    against(f"the board over {rows:,} payments, median ms", middle, f"< {BOARD_AIM:.0f}", holds=middle < BOARD_AIM)


def _fill(paying: Paying, many: int) -> None:
    """Rows as they stand at the end of their ways, written in bulk: how they came there is not measured."""
    now, owner = paying.books.firm.clock.now(), paying.books.business
    settled = Course("outside", True, now, cleared=True, recorded=True)
    waiting = Course("outside", True, now + timedelta(days=5))
    courses = {
        course.stage: course
        for course in (
            settled,
            waiting,
            msgspec.structs.replace(settled, recorded=False),
            msgspec.structs.replace(waiting, late=True),
        )
    }
    stages = [settled.stage] * 96 + [stage for stage in courses if stage != settled.stage]
    common = {"firm_id": owner.firm_id, "business_id": owner.business_id, "currency": "USD", "pay_on": _DAY}
    with paying.books.firm.database.writing(paying.books.scope) as session:
        for first in range(0, many, 5_000):
            numbers = range(first, min(first + 5_000, many))
            session.execute(insert(PaymentIntent), [_intent(number, common, now) for number in numbers])
            session.execute(
                insert(Disbursement),
                [_disbursement(number, courses[stages[number % len(stages)]], common, now) for number in numbers],
            )


def _intent(number: int, common: dict[str, Any], now: Any) -> dict[str, Any]:
    return {
        **common,
        "intent_id": f"int_filled_{number}",
        "bill_id": f"filled-{number}",
        "vendor_id": "v1",
        "amount_minor": 10_000 + number,
        "credits": "[]",
        "state": "released",
        "content_hash": "0" * 64,
        "prepared_by": "ledger",
        "prepared_at": now,
        "approved_at": now,
    }


def _disbursement(number: int, course: Course, common: dict[str, Any], now: Any) -> dict[str, Any]:
    return {
        **common,
        "intent_id": f"int_filled_{number}",
        "bill_id": f"filled-{number}",
        "vendor_id": "v1",
        "amount_minor": 10_000 + number,
        "way": course.way,
        "method": "ach",
        "stage": course.stage,
        "needs_person": course.needs_person,
        "course": msgspec.json.encode(course).decode(),
        "attempt": 0,
        "steps": 3,
        "released_by": "a measurement",
        "released_at": now,
        "changed_at": now,
    }


class _Count:
    """Waits until so many have ended."""

    def __init__(self, many: int) -> None:
        self._left, self._changed = many, threading.Condition()

    def one(self) -> None:
        with self._changed:
            self._left -= 1
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._left <= 0, _PATIENCE_SECONDS):
                raise SystemExit(f"{self._left} are still waited for after {_PATIENCE_SECONDS} s.")


def _timed(work: Callable[[], None], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _order(house: House, number: int) -> BillHandOff:
    return BillHandOff(
        key=new_id("int", house.clock.now()),
        vendor_id="v1",
        entity_id="e1",
        amount=Money(10_000 + number, "USD"),
        number=f"L-{number}",
        dated=_DAY,
        due=_DAY,
    )


def _database(dialect: str, folder: Path, server: PostgresServer) -> Database:
    if dialect == "postgresql":
        return open_database(server.queued_database())
    opened = open_database(f"sqlite:///{folder / 'interlock.db'}")
    upgrade(opened)
    return opened


@contextmanager
def _house(database: Database, folder: Path) -> Iterator[House]:
    url = database.url.render_as_string(hide_password=False)
    settings = replace(read_settings({"INTERLOCK_DATABASE_URL": url}), key_file=folder / "interlock.key")
    vault, clock = make_vault(settings), SystemClock()
    found_installation(database, vault, demo=False, clock_url=None, now=clock.now())
    build = (RailBuild("at once", AtOnce, lambda _house, _scope: AtOnce(), _no_sync),)
    with House(settings, database, vault, clock, Transport(), build=build) as house:
        yield house


def _no_sync(_house: House, _business: Any) -> Any:
    raise AssertionError("nothing is read here")


def _clients(house: House) -> list[Scope]:
    now = house.clock.now()
    with house.database.writing(_EVERYBODY) as session:
        firm_id = the_firm(session, "Tern & Marlow CPAs", now).firm_id
        taken = [
            BusinessService(session, firm_id).take_on(
                f"Client {number}",
                home_currency="USD",
                time_zone="America/New_York",
                control_start=date(2026, 1, 1),
                now=now,
                actor="bench",
            )
            for number in range(CLIENTS)
        ]
        return [Scope(firm_id, business.business_id) for business in taken]


def _paying(database: Database) -> Paying:
    books = FirmBooks(database, Transport()).take_on("Alder & Wren")
    days = [date(2026, 9, 1) + timedelta(days=number % 60) for number in range(PAY_RUN)]
    vendors = [said.vendor(f"v{number}", f"Vendor {number}") for number in range(PAY_RUN)]
    paid = [said.purchase(f"p{at}", 100, dated=date(2024, 6, 3), vendor_id=f"v{at}") for at in range(PAY_RUN)]
    bills = [
        said.bill(f"b{number}", 10_000 + 37 * number, vendor_id=f"v{number}", vendor_name=f"Vendor {number}", dated=day)
        for number, day in enumerate(days)
    ]
    books.say(*said.chart(cash=1_000_000_000), said.preferences(), *vendors, *paid, *bills)
    books.firm.wait(minutes=1)
    return Paying(books, cash=1_000_000_000).staffed_for_all()


if __name__ == "__main__":
    main()
