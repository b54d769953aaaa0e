"""Workers that do what is due for payments, and are interrupted: two on one payment, ended anywhere, doing again what is done."""

import random
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from interlock.domains.ap.workflows.payment_work import PaymentWork, due_payments
from tests.simulation.money.theatre import Client, MoneyTheatre
from tests.simulation.stage import Killed

T = TypeVar("T")
_RUNS_MOST = 60
_REMEMBERED = 40
_SLOW_MINUTES = 4.0
"""A call is ended after five minutes, so a look-up may come while it is still under way, and no longer than that."""


class Workers:
    """``reckless``: how likely each trouble is at each call, 0 for quiet work."""

    def __init__(self, theatre: MoneyTheatre, chance: random.Random) -> None:
        self.theatre = theatre
        self.chance = chance
        self.reckless = 0.0
        self._work: PaymentWork = replace(theatre.work, run=self._run)
        self._at: tuple[Client, str] | None = None
        self._done: list[tuple[Client, str]] = []

    def work_off(self, client: Client) -> None:
        """Do what is due, one run after the other, as the queue would hand them out."""
        for _ in range(_RUNS_MOST):
            with self.theatre.house.database.reading(client.scope) as session:
                found = due_payments(session, self.theatre.clock.now(), 1, client.business.business_id)
            if not found:
                return
            self.perform(client, found[0].run_id)
        raise AssertionError(f"{client.name}: {_RUNS_MOST} runs, and still something is due: does it make no progress?")

    def perform(self, client: Client, run_id: str) -> None:
        """One run; a worker that ends in it leaves the rest to whoever comes next."""
        before, self._at = self._at, (client, run_id)
        try:
            self._work.perform(client.business.business_id, run_id)
        except Killed:
            self.theatre.met["process ended in a run"] += 1
        finally:
            self._at = before
        self._done = [*self._done[-_REMEMBERED:], (client, run_id)]
        if self._strikes():
            self.theatre.met["run done twice"] += 1
            again, old = self.chance.choice(self._done)
            self._work_quietly(again, old)

    def _run(self, work: Coroutine[Any, Any, T], timeout: float) -> T:
        if self._strikes():
            work.close()
            raise Killed
        if self._strikes() and self._at is not None:
            self.theatre.met["two workers on one payment"] += 1
            if self._strikes(10):
                self.theatre.wait(minutes=_SLOW_MINUTES)
            client, run_id = self._at
            self._work_quietly(client, run_id)
            with self.theatre.house.database.reading(client.scope) as session:
                for due in due_payments(session, self.theatre.clock.now(), 3, client.business.business_id):
                    run_id = due.run_id
            self._work_quietly(client, run_id)
        answer = self.theatre.house.transport.run(work, timeout)
        if self._strikes():
            raise Killed
        return answer

    def _work_quietly(self, client: Client, run_id: str) -> None:
        was, self.reckless = self.reckless, 0.0
        try:
            self._work.perform(client.business.business_id, run_id)
        finally:
            self.reckless = was

    def _strikes(self, times: float = 1.0) -> bool:
        return self.chance.random() < self.reckless * times
