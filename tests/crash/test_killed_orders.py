"""SIGKILL at every boundary of an order to Stripe: one invoice, one mail, one refund, and the row knows which it is."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from interlock.domains.ar.collecting_models import CollectionOrder
from interlock.infra.db import Database
from interlock.runway.services.experiences.order_views import OrderView
from tests.orders.counter import Counter
from tests.rails.stripe.at_stripe import Client, with_stripe
from tests.support.clock import clock_of
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.support.striking import Moments, settings_file, watched_orders

_KILLS = int(os.environ.get("INTERLOCK_ORDER_KILLS", "12")) // 2
"""On each of the two databases, invoices and refunds in turn; from 80 in all on, every boundary is among them."""
_SEED = int(os.environ.get("INTERLOCK_ORDER_SEED", f"{datetime.now(UTC):%Y%m%d}"))
"""Other boundaries every day; a failure names it."""
_SIGKILLED = -9
_LATER = timedelta(days=365)
_WAITS: tuple[dict[str, float], ...] = ({"minutes": 11}, {"hours": 1}, {"hours": 4})
"""Longer than anything is waited for by itself after a kill."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=1) as running:
        yield running


@pytest.fixture
def counter(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[Counter]:
    house = with_stripe(house_over(database, sandbox, tmp_path), sandbox)
    taken = sandbox.clients()[0]
    business, _ = take_on(house, taken)
    yield Counter.opened(Client(house, sandbox, business, taken.realm_id).connect())
    house.transport.close()


def test_killed_at_its_boundaries_an_order_is_done_once(counter: Counter, tmp_path: Path) -> None:
    asking, giving = asked(counter, _KILLS // 2 + 1), given(counter, _KILLS // 2 + 1)
    put_off(counter)
    for orders in (asking, giving):
        first, *rest = orders
        boundaries = moments(counter, first)
        random.Random(f"{_SEED} {counter.house.database.dialect} {first.act}").shuffle(boundaries)
        for number, order in enumerate(rest):
            moment = boundaries[number % len(boundaries)]
            about = f"{order.act} killed at {moment}; again with INTERLOCK_ORDER_SEED={_SEED}"
            make_due(counter, order)
            assert killed_at(counter, moment, tmp_path), f"{about}: that moment never came"
            finish(counter)
            stands_once(counter, order, about)
    assert counter.prove_the_log().count("order.made") == len(asking) + len(giving)


def asked(counter: Counter, count: int) -> list[OrderView]:
    """Invoices to be asked for, approved."""
    owed = [counter.owes(f"{500 + n}.00") for n in range(count)]
    counter.sync()
    made = [counter.decide(counter.prepare("invoice", each), "approve") for each in owed]
    counter.undo_passes()
    return made


def given(counter: Counter, count: int) -> list[OrderView]:
    """Payments to be given back, released."""
    paid = [
        str(counter.client.happens("pay", amount=30_000 + n, customer=counter.rail_customer)["charge"]["id"])
        for n in range(count)
    ]
    counter.sync()
    made = [counter.decide(counter.refund(each, "20.00"), "approve") for each in paid]
    counter.undo_passes()
    return [counter.decide(each, "release", by="mara") for each in made]


def moments(counter: Counter, order: OrderView) -> list[str]:
    """Every moment of doing one that nothing strikes."""
    seen = Moments([])
    make_due(counter, order)
    with watched_orders(counter.house, seen) as work:
        assert work.run_due(counter.business_id) == 1
    stands_once(counter, order, "not killed at all")
    assert len(seen.seen) >= 6, "there are fewer boundaries than two commits and a request have"
    return seen.seen


def killed_at(counter: Counter, moment: str, folder: Path) -> bool:
    """Whether the process was killed there; it ends well where that moment doesn't come."""
    settings, ahead = settings_file(counter.house, folder), clock_of(counter.house).offset.total_seconds()
    command = [
        sys.executable,
        "-m",
        "tests.support.killable_orders",
        str(settings),
        counter.business_id,
        str(ahead),
        moment,
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) in {(_SIGKILLED, "collecting\n"), (0, "collecting\ndone\n")}, done
    return done.returncode == _SIGKILLED


def finish(counter: Counter) -> None:
    """Others go on; both ledgers are read meanwhile, as they would be."""
    for span in _WAITS:
        clock_of(counter.house).wait(**span)
        counter.work()
    counter.sync()


def stands_once(counter: Counter, order: OrderView, about: str) -> None:
    now = counter.now(order)
    assert now.state == "standing", f"{about}: {now.state}, {now.why}"
    if order.act == "refund":
        back = counter.refunds(order.charge_id or "")
        assert [each["id"] for each in back] == [now.rail_id], f"{about}: given back {len(back)} times"
        return
    there = counter.at_stripe(order.invoice_id or "")
    assert [each["id"] for each in there] == [now.rail_id], f"{about}: {len(there)} invoices stand at Stripe"
    assert there[0]["status"] == "open", f"{about}: it was never finalised"
    assert counter.mailed(there[0]["id"]) == 1, (
        f"{about}: its customer was written to {counter.mailed(there[0]['id'])} times"
    )


def put_off(counter: Counter) -> None:
    """All of them wait, to be struck one at a time."""
    _due(counter, counter.house.clock.now() + _LATER)


def make_due(counter: Counter, order: OrderView) -> None:
    _due(counter, counter.house.clock.now() - timedelta(seconds=1), order)


def _due(counter: Counter, at: datetime, order: OrderView | None = None) -> None:
    rows = update(CollectionOrder).where(
        CollectionOrder.business_id == counter.business_id, CollectionOrder.todo.is_not(None)
    )
    if order is not None:
        rows = rows.where(CollectionOrder.order_id == order.order_id)
    with counter.house.database.writing(counter.client.scope) as session:
        session.execute(rows.values(due_at=at))
