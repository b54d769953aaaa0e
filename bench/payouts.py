"""How long it takes to take a mirrored payout apart.

    python -m bench.payouts [--charges 1000] [--payouts 30] [--times 5]

The client has other payouts of the same size, so that the right rows have to be found among many. No call is made to anyone.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from bench.measuring import against, headline
from interlock.domains.ar.services.payout_service import PayoutService, UnbundledPayout
from interlock.domains.stripe import mapper
from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import upgrade
from interlock.kernel.scope import Scope
from interlock.rails.witnesses import Charge, InvoiceReceipt, Payout, PayoutPart, RailInvoice
from tests.rails.stripe import shapes
from tests.rails.stripe.deposits import keep

_AIM_SECONDS = 1.0
_SCOPE = Scope("firm", "client")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--charges", type=int, default=1_000, help="in each payout")
    parser.add_argument("--payouts", type=int, default=30)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'interlock.db'}")
        upgrade(database)
        for place in range(asked.payouts):
            _keep(database, place, asked.charges)
        headline(f"Taking apart 1 payout of {asked.charges:,} charges, among {asked.payouts}")
        times = [_taken_apart(database, f"po_{asked.payouts // 2}", asked.charges) for _ in range(asked.times)]
        print(f"first {times[0]:.3f} s, median {statistics.median(times):.3f} s, slowest {max(times):.3f} s")
        against("slowest, seconds", max(times), f"< {_AIM_SECONDS}", holds=max(times) < _AIM_SECONDS)
        database.close()


def _keep(database: Database, place: int, charges: int) -> None:
    """A payout whose charges paid an invoice each, every tenth one two, and every fiftieth was given back in part."""
    names = [f"{place}_{n}" for n in range(charges)]
    amounts = {name: 5_000 + 7 * n for n, name in enumerate(names)}
    rows = [
        shapes.movement(f"txn_{name}", amounts[name], 175, {"id": f"ch_{name}", "object": "charge"}) for name in names
    ]
    rows += [
        shapes.movement(
            f"txn_re_{name}", -1_000, 0, {"id": f"re_{name}", "object": "refund", "charge": f"ch_{name}"}, type="refund"
        )
        for name in names[::50]
    ]
    receipts = []
    for n, name in enumerate(names):
        halves = [amounts[name] - 2_000, 2_000] if n % 10 == 0 else [amounts[name]]
        receipts += [
            mapper.receipt(shapes.receipt(f"inpay_{name}_{i}", f"in_{name}_{i}", f"pi_{name}", half))
            for i, half in enumerate(halves)
        ]
    parts = [mapper.part(row, f"po_{place}") for row in rows]
    net = sum(each.net_minor for each in parts)
    with database.writing(_SCOPE) as session:
        keep(session, _SCOPE, PayoutPart, parts)
        keep(
            session,
            _SCOPE,
            Charge,
            [mapper.charge(shapes.charge(f"ch_{name}", f"pi_{name}", amounts[name])) for name in names],
        )
        keep(session, _SCOPE, InvoiceReceipt, receipts)
        keep(session, _SCOPE, RailInvoice, [mapper.invoice(shapes.invoice(each.invoice_id)) for each in receipts])
        keep(session, _SCOPE, Payout, [mapper.payout(shapes.payout(f"po_{place}", net), net)])


def _taken_apart(database: Database, payout_id: str, charges: int) -> float:
    began = time.perf_counter()
    with database.reading(_SCOPE) as session:
        found: UnbundledPayout = PayoutService(session, "client").unbundle(payout_id)
    seconds = time.perf_counter() - began
    explained = sum(1 for part in found.parts if part.gross.minor > 0 and part.rest is not None and not part.rest)
    if not found.attributed or explained != charges:
        raise SystemExit(f"{payout_id}: {explained} of {charges} charges explained; {found.why_not}")
    return seconds


if __name__ == "__main__":
    main()
