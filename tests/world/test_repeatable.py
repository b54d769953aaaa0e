"""The same seed gives the same books on any machine; another seed gives others; time can be moved in any steps."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import date, timedelta

from interlock_sandbox.world import Client, Firm, advance, build, build_large

AS_OF = date(2026, 11, 24)


def fingerprint(client: Client) -> str:
    """A digest of every row of a client's books, as the wire would carry it, and of what was deleted."""
    digest = hashlib.sha256()
    for entity in client.books.shelves:
        for record in client.books.records(entity).values():
            digest.update(client.books.raw(record))
    digest.update(repr(client.books.tombstones).encode())
    return digest.hexdigest()


def prints(firm: Firm) -> list[str]:
    return [fingerprint(client) for client in firm.clients]


def test_the_same_seed_gives_identical_books() -> None:
    assert prints(build(11, 2, AS_OF)) == prints(build(11, 2, AS_OF))


def test_another_seed_or_another_day_gives_other_books() -> None:
    first = prints(build(11, 2, AS_OF))
    assert not set(first) & set(prints(build(12, 2, AS_OF)))
    assert not set(first) & set(prints(build(11, 2, AS_OF + timedelta(days=1))))


def test_a_client_is_the_same_however_many_others_there_are() -> None:
    assert prints(build(11, 1, AS_OF)) == prints(build(11, 2, AS_OF))[:1]


def test_books_do_not_depend_on_the_process_that_builds_them() -> None:
    script = (
        "from datetime import date\n"
        "from interlock_sandbox.world import build\n"
        "import hashlib\n"
        "books = build(11, 1, date(2026, 11, 24)).clients[0].books\n"
        "rows = (books.raw(r) for e in books.shelves for r in books.records(e).values())\n"
        "print(hashlib.sha256(b''.join(rows)).hexdigest())\n"
    )

    def run(hash_seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert run("1") == run("2"), "something iterates over a set or a hash"


def test_moving_on_in_one_step_or_day_by_day_gives_the_same_books() -> None:
    at_once, daily = build(5, 2, AS_OF), build(5, 2, AS_OF)
    end = AS_OF + timedelta(days=30)
    for client in at_once.clients:
        advance(client, AS_OF, end)
    for client in daily.clients:
        for offset in range(30):
            advance(client, AS_OF + timedelta(days=offset), AS_OF + timedelta(days=offset + 1))
    assert prints(at_once) == prints(daily)


def test_more_clients_than_characters_still_all_differ() -> None:
    from interlock_sandbox.world.build import profile_of

    profiles = [profile_of(index) for index in range(300)]
    assert len({profile.name for profile in profiles}) == 300


def test_a_large_company_has_the_rows_asked_for_and_balances() -> None:
    (client,) = build_large(3, AS_OF, 4_000).clients
    counts = {entity: len(client.books.records(entity)) for entity in client.books.shelves}
    assert sum(counts.values()) == 4_000
    assert sum(client.books.ledger.totals.values()) == 0
    assert min(counts[kind] for kind in ("Bill", "BillPayment", "Invoice", "Payment", "Deposit", "Purchase")) > 50
    open_bills = sum(bill["Balance"] > 0 for bill in client.books.rows("Bill"))
    assert 0 < open_bills < counts["Bill"] / 4
    assert prints(build_large(3, AS_OF, 4_000)) == [fingerprint(client)]
