"""A lock keeps another process out, and is gone with the process that held it, however that ended."""

import threading
from datetime import UTC, datetime

import pytest

from interlock.domains.firm.models import Firm
from interlock.infra.db import Database
from interlock.infra.locks import held
from interlock.kernel.errors import Busy
from interlock.kernel.scope import SystemScope
from tests.support.at_once import at_once
from tests.support.lock_holder import another_process_holds

EVERYTHING = SystemScope("tests look at everything")
NAME = "sync:biz_alder"


def take(database: Database, name: str = NAME, *, wait: bool = False) -> bool:
    with held(database, name, wait=wait):
        return True


def test_while_another_process_holds_it_we_are_told_so_and_other_names_are_free(database: Database) -> None:
    with another_process_holds(database, NAME):
        with pytest.raises(Busy, match="Another sync of the same business") as refusal:
            take(database)
        assert "biz_alder" not in refusal.value.sentence
        assert take(database, "sync:biz_birch")
        assert take(database, "token refresh:biz_alder")
    assert take(database), "the other process ended, so the lock is free"


def test_a_killed_process_holds_nothing(database: Database) -> None:
    with another_process_holds(database, NAME) as process:
        process.kill()
        process.wait()
        assert take(database, wait=True)
        assert take(database)


def test_whoever_waits_gets_it_when_the_other_ends(database: Database) -> None:
    got = threading.Event()

    def wait_for_it() -> None:
        with held(database, NAME, wait=True):
            got.set()

    with another_process_holds(database, NAME):
        waiting = threading.Thread(target=wait_for_it)
        waiting.start()
        assert not got.wait(0.3), "somebody else still holds it"
    assert got.wait(30)
    waiting.join()


def test_threads_of_one_process_keep_each_other_out_too(database: Database) -> None:
    inside: list[int] = []

    def work(number: int) -> None:
        for _ in range(10):
            with held(database, NAME, wait=True):
                inside.append(number)
                assert inside == [number], "two threads held one lock at the same time"
                inside.remove(number)

    at_once(4, work)
    assert take(database)


def test_a_block_that_fails_lets_go(database: Database) -> None:
    def fails() -> None:
        with held(database, NAME):
            raise LookupError("in the middle")

    with pytest.raises(LookupError):
        fails()
    assert take(database)


def test_a_lock_does_not_keep_anybody_from_reading_or_writing(database: Database) -> None:
    with another_process_holds(database, NAME), database.writing(EVERYTHING) as session:
        session.add(Firm(firm_id="a", name="a", created_at=datetime(2026, 11, 24, tzinfo=UTC)))
    with database.reading(EVERYTHING) as session:
        assert session.get(Firm, "a") is not None
