"""A client's vendors, bills, customers, invoices and accounts on two sides: linked by keys, or by a person; reversible."""

import pytest

from interlock.domains.ap.witness_models import BillLink, VendorLink
from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.kernel.errors import NotFound, Refused
from interlock.rails import witnesses
from interlock.runway.identity import identity_service, link_business
from tests.matching.client import ACTOR, WitnessedClient, rail_bill, stated
from tests.matching.conftest import transport
from tests.runway import said
from tests.runway.conftest import FirmBooks

__all__ = ["transport"]


@pytest.fixture
def client(database: Database, transport: Transport) -> WitnessedClient:
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(
        *said.chart(cash=90_000),
        said.preferences(),
        said.vendor("v1", "Copperfield Freight"),
        said.vendor("v2", "Quill Legal"),
        said.customer("c1", "Mossgate Schools"),
        said.bill("7", 50_000, number="88120"),
        said.invoice("2040", 20_000),
    )
    return WitnessedClient(books)


def linking(client: WitnessedClient) -> int:
    with client.books.firm.database.writing(client.books.scope) as session:
        return link_business(session, client.books.scope, client.now)


def person(client: WitnessedClient, act: str, kind: str, rail_id: str, ledger_id: str) -> None:
    with client.books.firm.database.writing(client.books.scope) as session:
        service = identity_service(session, client.books.scope, kind)
        getattr(service, act)(rail_id, ledger_id, now=client.now, actor=ACTOR)


def pairs(client: WitnessedClient, kind: str) -> list[tuple[str, str, str, bool]]:
    with client.books.firm.database.reading(client.books.scope) as session:
        links = identity_service(session, client.books.scope, kind).links()
        return [(each.row.rail_id, each.row.ledger_id, each.row.rule, each.twice) for each in links]


def asked(client: WitnessedClient, kind: str) -> list[tuple[str, str]]:
    with client.books.firm.database.reading(client.books.scope) as session:
        found = identity_service(session, client.books.scope, kind).suggestions()
        return [(pair.rail_id, pair.ledger_id) for pair, _, _ in found]


def _vendor(id_: str, name: str, ledger_id: str | None = None) -> witnesses.RailVendor:
    return stated(witnesses.RailVendor, id_, name=name, active=True, ledger_id=ledger_id)


def test_a_bill_links_by_number_total_and_its_linked_vendor(client: WitnessedClient) -> None:
    client.state(
        _vendor("rv1", "Copperfield (Ramp)", "v1"), rail_bill("r1", 50_000, number="88120", vendor_name="C. F.")
    )
    assert linking(client) == 2
    assert pairs(client, "vendor") == [("rv1", "v1", "ledger_id", False)]
    assert pairs(client, "bill") == [("r1", "7", "number", False)]
    assert [line.action for line in client.log("identity.")] == ["identity.linked"] * 2
    assert linking(client) == 0, "what is linked is not linked again"


def test_the_rails_own_word_comes_first(client: WitnessedClient) -> None:
    client.books.say(said.bill("8", 50_000, number="88121"))
    client.state(rail_bill("r1", 50_000, number="88120", ledger_id="8"))
    linking(client)
    assert pairs(client, "bill") == [("r1", "8", "ledger_id", False)]


def test_an_invoice_links_by_the_number_it_carries(client: WitnessedClient) -> None:
    carried = {"currency": "USD", "total_minor": 20_000, "paid_minor": 0, "open_minor": 20_000, "state": "open"}
    off = {**carried, "total_minor": 19_000}
    more = {"sent": True, "paid_out_of_band": False, "customer_name": "Mossgate Schools"}
    client.state(stated(witnesses.RailInvoice, "in_1", ledger_number="2040", number="ABC-1", **carried, **more))
    client.state(stated(witnesses.RailInvoice, "in_2", ledger_number="2040", number="ABC-2", **off, **more))
    linking(client)
    assert pairs(client, "invoice") == [("in_1", "2040", "ledger_number", False)], "another total is another invoice"


def test_an_account_links_by_the_ending_its_name_carries(client: WitnessedClient) -> None:
    client.books.say(said.account("11", "Operating ··4821", "Bank"), said.account("12", "Card 4821", "Credit Card"))
    client.state(client.bank_account("b1", "Everyday"), client.bank_account("b2", "Elsewhere", mask="9000"))
    linking(client)
    assert pairs(client, "account") == [("b1", "11", "mask", False)]


def test_an_account_that_only_looks_alike_waits_for_a_person(client: WitnessedClient) -> None:
    client.state(client.bank_account("b1", "Checking", current_minor=90_000))
    assert linking(client) == 0
    assert asked(client, "account") == [("b1", said.CHECKING)]
    person(client, "confirm", "account", "b1", said.CHECKING)
    assert pairs(client, "account") == [("b1", said.CHECKING, "person", False)]
    assert asked(client, "account") == []
    (line,) = client.log("identity.confirmed")
    assert line.actor == ACTOR


def test_a_funding_account_is_the_linked_bank_account_of_the_same_ending(client: WitnessedClient) -> None:
    client.state(client.bank_account("b1", "Everyday"))
    client.state(
        stated(witnesses.FundingAccount, "fa1", name="Larkfield", mask="4821", currency="USD", pays_bills=True)
    )
    assert linking(client) == 0, "an ending alone, with no linked account behind it, proves nothing"
    person(client, "confirm", "account", "b1", said.CHECKING)
    assert linking(client) == 1
    assert pairs(client, "funding_account") == [("fa1", said.CHECKING, "mask", False)]


def test_a_refused_pair_is_remembered_and_an_undone_link_stays_undone(client: WitnessedClient) -> None:
    client.state(_vendor("rv1", "Quill Legal LLP"), _vendor("rv2", "Copperfield", "v1"))
    linking(client)
    assert asked(client, "vendor") == [("rv1", "v2")]
    person(client, "refuse", "vendor", "rv1", "v2")
    assert asked(client, "vendor") == []
    person(client, "undo", "vendor", "rv1", "v2")
    assert asked(client, "vendor") == [("rv1", "v2")], "a no taken back may be asked again"
    person(client, "undo", "vendor", "rv2", "v1")
    assert linking(client) == 0
    assert pairs(client, "vendor") == [], "an exact key does not overrule a person"
    with pytest.raises(NotFound, match="Nothing was decided"):
        person(client, "undo", "vendor", "rv2", "v1")
    person(client, "confirm", "vendor", "rv2", "v1")
    assert pairs(client, "vendor") == [("rv2", "v1", "person", False)]
    assert [line.action for line in client.log("identity.")] == [
        "identity.linked", "identity.refused", "identity.undone", "identity.undone", "identity.confirmed",
    ]  # fmt: skip


def test_a_banks_account_is_linked_to_no_account_that_holds_no_money(client: WitnessedClient) -> None:
    client.state(client.bank_account("b1", "Everyday"))
    with pytest.raises(NotFound):
        person(client, "confirm", "account", "b1", said.SUPPLIES)
    assert pairs(client, "account") == []


def test_a_ledger_thing_that_is_linked_twice_is_flagged(client: WitnessedClient) -> None:
    client.state(_vendor("rv1", "Copperfield", "v1"), _vendor("rv2", "Copperfield Freight"))
    linking(client)
    person(client, "confirm", "vendor", "rv2", "v1")
    assert [(rail, twice) for rail, _, _, twice in pairs(client, "vendor")] == [("rv1", True), ("rv2", True)]
    with pytest.raises(Refused, match="linked to another already"):
        person(client, "confirm", "vendor", "rv1", "v2")


def test_a_pair_of_things_that_do_not_exist_is_not_linked(client: WitnessedClient) -> None:
    with pytest.raises(NotFound, match="no vendor 'rv9'"):
        person(client, "confirm", "vendor", "rv9", "v1")
    with pytest.raises(NotFound, match="there are account, funding_account, vendor"):
        person(client, "confirm", "kettle", "rv9", "v1")
    with client.books.firm.database.reading(client.books.scope) as session:
        assert session.query(VendorLink).count() == session.query(BillLink).count() == 0
