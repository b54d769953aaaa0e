"""SIGKILL at any moment of a sync loses nothing and doubles nothing: the next sync ends with the mirror equal to the world."""

import dataclasses
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.kernel.scope import Scope
from tests.support.house import house_over, take_on
from tests.support.mirror import differences, read_mirror
from tests.support.sandbox import Sandbox
from tests.support.world import read_all, read_world, witness

_KILLS = int(os.environ.get("INTERLOCK_KILLS", "20"))
_ROWS = 6_000
_SEED = 20_261_124


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One company, large enough that a sync has a middle."""
    with Sandbox.started(tmp_path_factory.mktemp("large"), extra=("--rows", str(_ROWS))) as running:
        yield running


@pytest.fixture
def house(database: Database, large: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = house_over(database, large, tmp_path)
    yield made
    made.transport.close()


def syncing(house: House, scope: Scope, folder: Path, *, full: bool) -> "subprocess.Popen[str]":
    """A sync in its own process, up to the moment it begins."""
    file = folder / "settings.json"
    file.write_text(json.dumps({**dataclasses.asdict(house.settings), "key_file": str(house.settings.key_file)}))
    command = [sys.executable, "-m", "tests.support.killable", str(file), str(scope.business_id), scope.firm_id]
    process = subprocess.Popen([*command, *(["full"] if full else [])], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.strip() == "syncing", f"the sync process ended with {process.wait()} before it began"
    return process


def finished_within(process: "subprocess.Popen[str]", seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_twenty_kills_at_random_moments_end_with_the_mirror_equal_to_the_world(
    house: House, large: Sandbox, tmp_path: Path
) -> None:
    chance = random.Random(_SEED)
    (client,) = large.clients()
    business, scope = take_on(house, client)
    books = witness(large, client.realm_id)
    bills = read_all(books, "Bill")
    killed, round_, window = 0, 0, 0.4
    while killed < _KILLS:
        round_ += 1
        assert round_ <= 5 * _KILLS, "syncs end before they can be killed: make the company larger"
        # What somebody does in the books meanwhile must arrive as well: an edit and, now and then, a deletion.
        victim = bills.pop(chance.randrange(len(bills)))
        large.update(client.realm_id, "Bill", {"Id": victim["Id"], "PrivateNote": f"round {round_}"})
        process = syncing(house, scope, tmp_path, full=round_ % 2 == 0)
        if finished_within(process, chance.uniform(0.0, window)):
            window *= 0.8  # a faster machine: strike earlier
        else:
            process.kill()
            killed += 1
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        with house.database.reading(scope) as session:
            breaks = translog.verify(translog.lines(session, business.business_id))[1]
        assert breaks == [], "a kill must never leave a torn log"
    house.sync_of(business).sync()
    assert differences(read_world(books, business.home_currency), read_mirror(house.database, scope))[:20] == []


def test_a_deletion_during_a_killed_listing_is_not_lost(house: House, large: Sandbox, tmp_path: Path) -> None:
    (client,) = large.clients()
    business, scope = take_on(house, client)
    house.sync_of(business).sync()
    vendor = read_all(witness(large, client.realm_id), "Vendor")[0]["Id"]
    account = next(
        row["Id"] for row in read_all(witness(large, client.realm_id), "Account") if row["AccountType"] == "Expense"
    )
    made = large.create(
        client.realm_id,
        "Bill",
        {
            "VendorRef": {"value": vendor},
            "TxnDate": "2026-11-20",
            "Line": [
                {
                    "Amount": "12.00",
                    "DetailType": "AccountBasedExpenseLineDetail",
                    "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}},
                }
            ],
        },
    )["object"]
    house.sync_of(business).sync()
    process = syncing(house, scope, tmp_path, full=True)
    large.delete(client.realm_id, "Bill", made["Id"])
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    house.sync_of(business).sync()
    assert made["Id"] not in read_mirror(house.database, scope)["bill"]
