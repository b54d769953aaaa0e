"""Money set aside: what it does to what can be spent, in which order it is served, and what ends it."""

import pytest

from interlock.domains.bank.plan_models import Earmark
from interlock.domains.bank.services.earmark_service import EarmarkService
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.runway.consuming import consume_earmarks
from tests.cash.test_two_truths import cash, client
from tests.matching.client import ACTOR, WitnessedClient, bank_line, rail_bill
from tests.matching.conftest import transport
from tests.runway import said

__all__ = ["client", "transport"]


def make(client: WitnessedClient, name: str, category: str, cents: int, **more: str) -> str:
    with client.books.firm.database.writing(client.books.scope) as session:
        service = EarmarkService(session, client.books.scope, "USD")
        return service.create(name, category, cents, now=client.now, actor=ACTOR, **more).earmark_id  # type: ignore[arg-type]


def release(client: WitnessedClient, earmark_id: str, reason: str = "Paid by the owner") -> None:
    with client.books.firm.database.writing(client.books.scope) as session:
        EarmarkService(session, client.books.scope, "USD").release(
            earmark_id, reason=reason, now=client.now, actor=ACTOR
        )


def settle(client: WitnessedClient) -> int:
    """What follows a sync, as far as earmarks are concerned."""
    client.match()
    with client.books.firm.database.writing(client.books.scope) as session:
        return consume_earmarks(session, client.books.business, client.now)


def kept(client: WitnessedClient) -> list[tuple[str, str, int]]:
    """Name, state and what is left of each, as they are served."""
    with client.books.firm.database.reading(client.books.scope) as session:
        found: list[Earmark] = list(EarmarkService(session, client.books.scope, "USD").earmarks(active_only=False))
        return [(each.name, each.state, each.amount_minor - each.consumed_minor) for each in found]


def spendable(client: WitnessedClient) -> str:
    can = cash(client).spendable
    assert can is not None and can.spendable is not None
    return can.spendable.amount


def test_what_is_set_aside_and_what_is_restricted_cannot_be_spent(client: WitnessedClient) -> None:
    assert spendable(client) == "95000.00"
    make(client, "Payroll of 4 December", "payroll", 3_000_000)
    make(client, "Tenants' deposits", "restricted", 500_000)
    can = cash(client).spendable
    assert can is not None
    assert (can.earmarked.amount, can.restricted.amount) == ("30000.00", "5000.00")
    assert spendable(client) == "60000.00"


def test_the_waterfall_serves_payroll_before_tax_and_tax_before_suppliers(client: WitnessedClient) -> None:
    for category in ("supplier", "tax", "restricted", "payroll"):
        make(client, category, category, 1_000)
    assert [name for name, _, _ in kept(client)] == ["restricted", "payroll", "tax", "supplier"]


def test_a_person_gives_it_back_once_and_says_why(client: WitnessedClient) -> None:
    made = make(client, "Sales tax", "tax", 64_000)
    with pytest.raises(BadInput):
        release(client, made, " ")
    release(client, made)
    assert kept(client) == [("Sales tax", "released", 64_000)]
    assert spendable(client) == "95000.00"
    with pytest.raises(Refused):
        release(client, made)
    assert [line.action for line in client.log("earmark.")] == ["earmark.made", "earmark.released"]


def test_its_vendors_payment_consumes_it_when_the_bank_shows_it(client: WitnessedClient) -> None:
    make(client, "Copperfield", "supplier", 60_000, vendor_id="v1")
    client.books.say(said.bill("7", 50_000, open_cents=0), said.bill_payment("70", 50_000, "7"))
    assert settle(client) == 0, "time and a record in the books consume nothing"
    client.state(bank_line("L1", -50_000, said.TODAY))
    assert settle(client) == 1
    assert kept(client) == [("Copperfield", "active", 10_000)]
    assert settle(client) == 0, "a payment consumes once"
    assert kept(client) == [("Copperfield", "active", 10_000)]


def test_one_payment_serves_two_earmarks_no_further_than_it_goes(client: WitnessedClient) -> None:
    make(client, "Freight", "supplier", 30_000, vendor_id="v1")
    make(client, "More freight", "other", 30_000, vendor_id="v1")
    client.books.say(said.bill("7", 50_000, open_cents=0), said.bill_payment("70", 50_000, "7"))
    client.state(bank_line("L1", -50_000, said.TODAY))
    assert settle(client) == 2
    assert sorted(kept(client)) == [("Freight", "consumed", 0), ("More freight", "active", 10_000)]


def test_a_payment_that_books_and_rail_both_state_consumes_once(client: WitnessedClient) -> None:
    make(client, "Copperfield", "supplier", 90_000, vendor_id="v1")
    client.books.say(said.bill("7", 50_000, open_cents=0), said.bill_payment("70", 50_000, "7"))
    client.state(rail_bill("r1", 50_000), bank_line("L1", -50_000, said.TODAY))
    settle(client)
    assert kept(client) == [("Copperfield", "active", 40_000)]


def test_an_earlier_payment_and_another_vendors_consume_nothing(client: WitnessedClient) -> None:
    client.books.say(
        said.bill_payment("70", 50_000, "7"), said.purchase("80", 40_000, dated=said.TODAY, vendor_id="v2")
    )
    make(client, "Copperfield", "supplier", 60_000, vendor_id="v1")
    client.state(bank_line("L1", -50_000), bank_line("L2", -40_000, said.TODAY))
    assert settle(client) == 0
    assert kept(client) == [("Copperfield", "active", 60_000)]


@pytest.mark.parametrize(
    ("category", "cents", "more"),
    [("wages", 1_000, {}), ("tax", 0, {}), ("restricted", 1_000, {"vendor_id": "v1"})],
    ids=["no such category", "no amount", "restricted for somebody"],
)
def test_what_cannot_be_set_aside_is_refused_in_words(
    client: WitnessedClient, category: str, cents: int, more: dict[str, str]
) -> None:
    with pytest.raises(BadInput):
        make(client, "Something", category, cents, **more)
    assert kept(client) == []


def test_it_is_for_no_recurring_item_that_there_is_not(client: WitnessedClient) -> None:
    with pytest.raises(NotFound):
        make(client, "Rent", "rent", 1_000, recurring_id="rec_none")
