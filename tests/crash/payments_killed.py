"""Payments at each thing that is done for them, killed in the middle of it, and what must hold when others have ended it."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from interlock.app.house import House
from interlock.app.paying import payment_work
from interlock.domains.ap.policy.happenings import BankShowed, PersonSaid, SendBegun, SendMade
from interlock.infra.db import Database
from interlock.kernel.money import Money
from interlock.rails import connections
from interlock.rails.moves import BillHandOff, PaymentInstruction
from tests.rails.ramp.at_ramp import Client, with_ramp
from tests.recording.kinds import BILL, CHECKING
from tests.support.clock import MovedClock
from tests.support.house import house_over, take_on
from tests.support.paying import Payments, new_intent
from tests.support.sandbox import Sandbox
from tests.support.striking import Moments, settings_file, watched
from tests.support.world import read_all, witness

SIGKILLED = -9
_DATED = date(2026, 11, 20)
_WAITS: tuple[dict[str, float], ...] = ({}, {"minutes": 2}, {"minutes": 10}, {"hours": 1}, {"hours": 4})
"""Longer than the loop waits for anything it does by itself after a kill."""
_numbers = count(1)


@dataclass
class Ground:
    """A client with Ramp and a switch that lets us record, over one database; ``clock``: the house's."""

    house: House
    client: Client
    clock: MovedClock
    folder: Path
    payments: Payments = field(init=False)
    like: PaymentInstruction = field(init=False)

    def __post_init__(self) -> None:
        self.payments = Payments(self.house, self.client.scope)
        self.like = self.client.instruction()
        with self.house.database.writing(self.client.scope) as session:
            connections.set_records(session, self.client.scope, "qbo", True, self.clock.now(), "a test")

    def order(self, **changed: Any) -> PaymentInstruction:
        number = next(_numbers)
        fresh = {"key": new_intent(self.house), "number": f"K-{number}", "amount": Money(10_000 + number, "USD")}
        return msgspec.structs.replace(self.like, **(fresh | changed))

    def process(self, *struck: str) -> "subprocess.Popen[str]":
        """What is due, done by a process of its own, up to where it begins. ``struck``: at which moment, and by which signal."""
        command = [sys.executable, "-m", "tests.support.killable_payments", str(settings_file(self.house, self.folder))]
        command += [self.payments.business_id, str(self.clock.offset.total_seconds()), *struck]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line == "paying\n", f"the process ended with {process.wait()} before it began"
        return process

    def killed_at(self, moment: str) -> bool:
        """Whether the process was killed there; it ends well where that moment doesn't come."""
        process = self.process(moment)
        assert process.stdout is not None
        said, ended = process.stdout.read(), process.wait(60)
        process.stdout.close()
        assert (ended, said) in {(SIGKILLED, ""), (0, "done\n")}, f"it ended with {ended} at {moment}"
        return ended == SIGKILLED

    def finish(self) -> None:
        """Others go on, for as long as the loop waits for anything by itself; who is asked to reconnect QuickBooks does."""
        for span in _WAITS:
            self.clock.wait(**span)
            if self.asks_to_reconnect() is not None:
                self.reconnect()
            payment_work(self.house).run_due(self.payments.business_id)

    def asks_to_reconnect(self) -> str | None:
        """Why QuickBooks lets us in no more, as the connections page says it: a renewal was killed before it was kept."""
        with self.house.database.reading(self.client.scope) as session:
            found = connections.find(session, self.client.scope, "qbo")
            return found.trouble if found.state == connections.NEEDS_RECONNECT else None

    def reconnect(self) -> None:
        """A person goes through Intuit's consent again."""
        there = next(each for each in self.client.sandbox.clients() if each.realm_id == self.client.realm_id)
        take_on(self.house, there)

    def moments(self, thing: "Thing") -> list[str]:
        """Every moment of doing this thing once."""
        intent, seen = thing.prepare(self), Moments([])
        with watched(self.house, seen) as work:
            assert work.run_due(self.payments.business_id) == 1
        self.finish()
        thing.check(self, intent)
        return seen.seen

    def drafts(self, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.elsewhere("GET", f"bills/drafts?remote_id={key}")["data"]
        return found

    def recorded(self, intent: str) -> list[dict[str, Any]]:
        """The ledger's payments that carry our key, standing ones."""
        rows = read_all(witness(self.client.sandbox, self.client.realm_id), "BillPayment")
        return [row for row in rows if intent in (row.get("PrivateNote") or "")]


def ground_over(database: Database, sandbox: Sandbox, folder: Path) -> Ground:
    """The sandbox's first client, taken on and linked with its Ramp."""
    house, clock = with_ramp(house_over(database, sandbox, folder), sandbox), MovedClock()
    house.clock = clock
    taken = sandbox.clients()[0]
    business, _ = take_on(house, taken)
    client = Client(house, sandbox, business, taken.realm_id)
    client.link()
    return Ground(house, client, clock, folder)


@dataclass(frozen=True)
class Thing:
    """One of the things that are done for a payment: ``prepare`` makes it due, ``check`` says what must hold in the end."""

    name: str
    prepare: Callable[[Ground], str]
    check: Callable[[Ground, str], None]


def stands_once(ground: Ground, intent: str) -> None:
    """At the rail once or not at all, and the row knows which; never at both places."""
    row, bills, drafts = ground.payments.row(intent), ground.client.under(intent), ground.drafts(intent)
    there = [each["id"] for each in (*bills, *drafts)]
    assert len(there) <= 1, f"{intent} stands at Ramp {len(there)} times"
    if there:
        assert (row.rail_id, row.todo) == (there[0], "watch"), f"{intent} is at Ramp, and here it is {row.stage}"
        assert row.stage in {"waiting", "under_way"}
    else:
        assert (row.stage, row.needs_person) == ("unknown", True), f"{intent} got lost: {row.stage}, {row.todo}"
    steps = ground.payments.steps(intent)
    begun, not_sent = steps.count("SendBegun"), steps.count("NotSent")
    assert begun == 1 + not_sent, f"{intent} was sent {begun} times, and {not_sent} of them certainly did nothing"


def _called_back(ground: Ground, intent: str) -> None:
    (bill,) = ground.client.under(intent)
    row = ground.payments.row(intent)
    assert bill["archived_at"] is not None and row.todo != "cancel", f"{intent} was to be cancelled: {row.todo}"


def _written_once(ground: Ground, intent: str) -> None:
    row, standing = ground.payments.row(intent), ground.recorded(intent)
    assert len(standing) == 1, f"{intent} stands in the ledger {len(standing)} times"
    assert (row.stage, row.ledger_payment_id) == ("closed", standing[0]["Id"])


def _create(ground: Ground) -> str:
    return ground.payments.release(ground.order())[0]


def _hand_off(ground: Ground) -> str:
    order = ground.order()
    said = {name: getattr(order, name) for name in BillHandOff.__struct_fields__}
    return ground.payments.release(BillHandOff(**said), way="hand_off")[0]


def _lost(ground: Ground) -> str:
    order = ground.order()
    (intent,) = ground.payments.release(order)
    ground.payments.take(intent, SendBegun())
    ground.client.pay(order)
    ground.clock.wait(minutes=2)
    return intent


def _taken_back(ground: Ground) -> str:
    intent = _create(ground)
    payment_work(ground.house).run_due(ground.payments.business_id)
    ground.payments.take(intent, PersonSaid("take_back"))
    return intent


def _to_record(ground: Ground) -> str:
    owed = BILL.owes(ground.client.sandbox, ground.client.realm_id, "120.00")
    order = ground.order(amount=Money(12_000, "USD"))
    about = {"bill_id": owed["Id"], "vendor_id": owed["VendorRef"]["value"], "account_id": CHECKING}
    (intent,) = ground.payments.release(order, records=True, cleared_on=_DATED, **about)
    ground.payments.take(intent, SendBegun(), SendMade("under_way"), BankShowed())
    return intent


THINGS = (
    Thing("creating", _create, stands_once),
    Thing("handing off", _hand_off, stands_once),
    Thing("looking up", _lost, stands_once),
    Thing("cancelling", _taken_back, _called_back),
    Thing("recording", _to_record, _written_once),
)
