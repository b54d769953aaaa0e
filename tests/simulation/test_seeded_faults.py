"""Whatever goes wrong between QuickBooks and us, in whatever order: in the end the mirror is the world, nothing lost or doubled.

Each seed is one run of an hour to some months of simulated time, over the sandbox's handlers without sockets: dropped
lines, throttling storms, server errors, answers cut after they were carried out, stolen and expired tokens, skewed clocks,
edits between the pages of a listing, deletions too many for one answer, rows that fail and rows that can't be read, notices
doubled, lost and out of order, names merged without a trace, long gaps, and the process ending anywhere.
"""

import os
from pathlib import Path

import pytest

from interlock_sandbox.webhooks.outbox import Distortions
from tests.simulation.theatre import Theatre, staged
from tests.support.unreadable import without_date

SEEDS = int(os.environ.get("INTERLOCK_SIMULATIONS", "40"))
_SCENES = 14


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_seeded_run_of_faults_ends_with_the_mirror_equal_to_the_world(
    seed: int, folder: Path, template: Path
) -> None:
    with staged(seed, folder, template) as theatre:
        theatre.sync()
        for _ in range(_SCENES):
            play(theatre)
        proof = theatre.settle()
        assert theatre.off() == [], (
            f"seed {seed} met {theatre.troubles} and differs; run it alone with -k 'world-{seed}]'"
        )
        assert theatre.log_breaks() == [], f"seed {seed}: the log must verify"
        assert theatre.doubled() == 0, f"seed {seed}: nothing may stand twice"
        assert theatre.waiting_notices() == 0, f"seed {seed}: a sync answers every notice that came before it"
        assert proof.tied, (
            f"seed {seed}: {proof.located} – QuickBooks' own counts and totals must agree with the mirror"
        )


def play(theatre: Theatre) -> None:
    """One scene: some work in the books, some trouble, a sync."""
    chance = theatre.chance
    theatre.people.work(chance.randint(0, 8))
    trouble = chance.choice(TROUBLES)
    trouble(theatre)
    theatre.deliver()
    if chance.random() < 0.4:
        theatre.wait(60)
        theatre.when_due()
    else:
        theatre.sync(full=chance.random() < 0.15)
    if chance.random() < 0.3:
        theatre.calm()
    theatre.wait(chance.choice([1, 30, 300, 4_000, 90_000]))


def storm(theatre: Theatre) -> None:
    theatre.control("POST", "faults", {"kind": "throttle", "count": theatre.chance.randint(1, 6)})


def broken_server(theatre: Theatre) -> None:
    status = theatre.chance.choice([500, 502, 503])
    theatre.control("POST", "faults", {"kind": "server_error", "count": theatre.chance.randint(1, 7), "status": status})


def cut_lines(theatre: Theatre) -> None:
    theatre.control("POST", "faults", {"kind": "cut_after_commit", "count": theatre.chance.randint(1, 6)})


def garbled(theatre: Theatre) -> None:
    theatre.control("POST", "faults", {"kind": "malformed", "count": 1})


def slow(theatre: Theatre) -> None:
    theatre.control("POST", "faults", {"kind": "latency", "count": 3, "seconds": 40})


def expired(theatre: Theatre) -> None:
    theatre.control("POST", "faults", {"kind": "expire_tokens"})


def stolen(theatre: Theatre) -> None:
    """Somebody else used the refresh token: ours is dead."""
    for grant in theatre.sandbox.grants.grants.values():
        if not grant.revoked:
            events = theatre.sandbox.grants.refresh(grant.refresh_token, theatre.sandbox.clock.now())
            theatre.sandbox.record(*(events or ()))
    theatre.control("POST", "faults", {"kind": "expire_tokens"})


def skewed(theatre: Theatre) -> None:
    theatre.sandbox.skew(theatre.chance.choice([-300, -20, 15, 45, 600]))


def busy_office(theatre: Theatre) -> None:
    """Edits between and during the requests of the sync."""
    theatre.wire.meanwhile = lambda: theatre.people.work(int(theatre.chance.random() < 0.35))


def burst(theatre: Theatre) -> None:
    theatre.people.burst(theatre.chance.choice([20, 140]))


def process_ends(theatre: Theatre) -> None:
    theatre.wire.kill_at = theatre.chance.randint(1, 14)


def long_gap(theatre: Theatre) -> None:
    theatre.wait(theatre.chance.choice([20, 27, 40]) * 86_400)


def poisoned(theatre: Theatre) -> None:
    """A row that makes every query over it fail until somebody mends it."""
    entity = theatre.chance.choice(["Bill", "Invoice", "Payment", "Vendor"])
    rows = list(theatre.sandbox.companies[theatre.realm_id].records(entity))
    sent = {"entity": entity, "id": theatre.chance.choice(rows)}
    theatre.control("POST", f"companies/{theatre.realm_id}/poison", sent)


def unreadable(theatre: Theatre) -> None:
    """A few documents come without the date that none can do without."""
    entity = theatre.chance.choice(["Bill", "Invoice", "Payment", "Deposit"])
    rows = list(theatre.sandbox.companies[theatre.realm_id].records(entity))
    chosen = theatre.chance.sample(rows, min(len(rows), 3))
    theatre.wire.distort = lambda body: without_date(body, entity, *chosen)


def strange_notices(theatre: Theatre) -> None:
    """Notices doubled, lost, out of order and badly signed."""
    theatre.people.work(6)
    theatre.sandbox.outbox.distortions = Distortions(
        duplicate=theatre.chance.randint(0, 5),
        drop=theatre.chance.randint(0, 5),
        bad_signature=theatre.chance.randint(0, 2),
        reorder=theatre.chance.randint(0, 99),
        mix_realms=True,
    )


def odd_storm(theatre: Theatre) -> None:
    """A little of everything on any call."""
    kinds = ("drop", "throttle", "server_error", "cut_after_commit", "malformed", "latency")
    probability = dict.fromkeys(kinds, 0.06)
    seed = theatre.chance.randint(0, 10_000)
    theatre.control("POST", "faults", {"kind": "storm", "seed": seed, "probability": probability, "seconds": 20})


def nothing(_: Theatre) -> None:
    """A quiet scene."""


TROUBLES = [
    storm, broken_server, cut_lines, garbled, slow, expired, stolen, skewed, busy_office, burst, process_ends, long_gap,
    poisoned, unreadable, strange_notices, odd_storm, nothing,
]  # fmt: skip
