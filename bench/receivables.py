"""How long it takes to know how customers pay, and to show whom to chase.

    python -m bench.receivables [--customers 2000] [--invoices 50000] [--times 10] [--url postgresql+psycopg://…]

A client with that many invoices of the last twelve months, each paid by one payment, but for one in twenty that is open and late.
Cold: payments are read from the mirror and every customer's profile is made. Pages: receivables and collections over a real
socket, of a client of which nothing has changed since the last page.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.installation import connected, house_for
from bench.measuring import against, headline
from bench.world import firm_of
from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.domains.ap.mirror import MIRROR as PAYABLES
from interlock.domains.ar.mirror import MIRROR as RECEIVABLES
from interlock.domains.bank.mirror import MIRROR as LEDGER
from interlock.domains.firm.mirror import MIRROR as COMPANY
from interlock.domains.firm.models import Business
from interlock.infra import translog
from interlock.kernel.scope import Scope
from interlock.rails import facts
from interlock.rails.facts import Fact, Link, Page
from interlock.rails.mirror import ComposedMirror
from interlock.runway.services.calculators.behaviour import habits_of
from interlock.runway.services.data_orchestrators.history_snapshot import read_paid
from tests.runway import said
from tests.support.proofs import AlwaysTies
from tests.web import serving

TODAY = date(2026, 11, 24)
_COLD_SECONDS, _PAGE_MILLISECONDS = 2.0, 150.0
_PAGE_ROWS = 1_000
_OPEN_ONE_IN = 20
_SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--invoices", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--url", help="the database; a new SQLite file unless given")
    asked = parser.parse_args()
    with firm_of(1) as world, tempfile.TemporaryDirectory() as name:
        realm, client = next(iter(world.names.items()))
        folder = Path(name)
        with house_for(world, asked.url or f"sqlite:///{folder / 'interlock.db'}", folder, limited=False) as house:
            business = connected(house, client, realm, world.refresh_tokens()[realm])
            house.sync_of(business).sync()
            owe(house, business, asked.customers, asked.invoices)
            measure(house, business, asked.times)


def owe(house: House, business: Business, customers: int, invoices: int) -> None:
    """Invoices and their payments, as a sync would write them."""
    chance, scope, now = random.Random(_SEED), Scope(business.firm_id, business.business_id), house.clock.now()
    mirror = ComposedMirror([COMPANY, LEDGER, PAYABLES, RECEIVABLES], AlwaysTies())
    made: dict[type[Fact], list[Fact]] = {facts.Customer: [], facts.Invoice: [], facts.Payment: []}
    made[facts.Customer] = [said.customer(f"x{at}", f"Customer {at}") for at in range(customers)]
    for at in range(invoices):
        customer, due = f"x{chance.randrange(customers)}", TODAY - timedelta(days=chance.randint(5, 330))
        cents, is_open = chance.randint(50_00, 9_000_00), at % _OPEN_ONE_IN == 0
        who: dict[str, Any] = {"customer_id": customer, "customer_name": f"Customer {customer[1:]}"}
        issued = due - timedelta(days=30)
        made[facts.Invoice].append(
            said.invoice(f"y{at}", cents, dated=issued, due=due, open_cents=cents if is_open else 0, **who)
        )
        if not is_open:
            paid_on = min(TODAY, due + timedelta(days=chance.randint(-5, 40)))
            paid = said.payment(f"z{at}", cents, dated=paid_on, customer_id=customer)
            made[facts.Payment].append(_applied(paid, f"y{at}", cents))
    with house.database.writing(scope) as session:
        for kind, several in made.items():
            for first in range(0, len(several), _PAGE_ROWS):
                mirror.store(session, scope, Page(kind, tuple(several[first : first + _PAGE_ROWS]), now), 1)
        translog.append(session, scope, now=now, actor="bench", action="sync.finished", body={"rail": "qbo"})


def _applied(payment: facts.Payment, invoice_id: str, cents: int) -> facts.Payment:
    return replace(payment, links=(Link(1, "invoice", invoice_id, cents),))


def measure(house: House, business: Business, times: int) -> None:
    scope = Scope(business.firm_id, business.business_id)

    def cold() -> int:
        with house.database.reading(scope) as session:
            paid = read_paid(session, business, TODAY)
            habits_of(paid, TODAY)
        return len(paid)

    seconds, payments = _took(cold, 3)
    headline(f"Behaviour of {payments:,} payments")
    against("profiles, cold, s", seconds, f"< {_COLD_SECONDS}", holds=seconds < _COLD_SECONDS)
    with serving.served(create_app(house), local_token(house.settings.key_file)) as at:
        for page in ("receivables", "collections"):

            def ask(path: str = f"/b/{business.slug}/{page}") -> int:
                answer = at.page(path)
                if answer.status != 200:
                    raise SystemExit(f"{path} was answered {answer.status}.")
                return len(answer.text)

            first, size = _took(ask, 1)
            warm, _ = _took(ask, times)
            headline(f"Page {page}, {size / 1_000:,.0f} KB")
            print(f"first, ms: {first * 1_000:,.0f}")
            against("warm, ms", warm * 1_000, f"< {_PAGE_MILLISECONDS}", holds=warm * 1_000 < _PAGE_MILLISECONDS)


def _took(does: Callable[[], int], times: int) -> tuple[float, int]:
    """The median, and the last result."""
    found, last = [], 0
    for _ in range(times):
        begun = time.perf_counter()
        last = does()
        found.append(time.perf_counter() - begun)
    return statistics.median(found), last


if __name__ == "__main__":
    main()
