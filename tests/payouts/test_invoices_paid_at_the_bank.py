"""A bank line pays an open invoice before anybody enters it: it is found, it stops the chase, and the books' word replaces it."""

from datetime import date

from interlock.domains.firm.policy.values import Policy
from interlock.rails import facts
from interlock.runway.services.data_orchestrators.plan_snapshot import read_plan
from tests.payouts.paying_out import PaidClient
from tests.runway import said

MADE = date(2026, 11, 2)


def owes(client: PaidClient, id_: str, cents: int, **more: object) -> facts.Invoice:
    made = said.invoice(id_, cents, dated=MADE, customer_name="Tessellate Tiles", **more)  # type: ignore[arg-type]
    client.there.books.say(made)
    return made


def test_its_number_on_the_line_finds_it_and_the_tray_says_what_to_enter(client: PaidClient) -> None:
    owes(client, "4711", 12_000)
    client.bank_shows("l1", 12_000, name="TESSELLATE INV 4711", counterparty=None)
    assert client.there.groups() == [("bank_line:l1", "invoice:4711")]
    (found,) = client.findings("A16")
    assert found.title == "Invoice 4711 is paid at the bank" and "120.00" in found.reason
    assert found.documents("invoice") == ("4711",) and found.stops, "it is chased although it is paid"


def test_the_books_word_takes_the_line_over(client: PaidClient) -> None:
    owes(client, "4711", 12_000)
    client.bank_shows("l1", 12_000, name="TESSELLATE INV 4711", counterparty=None)
    client.there.books.say(said.payment("p1", 12_000, dated=date(2026, 11, 24)))
    client.there.match()
    assert client.there.groups() == [("bank_line:l1", "payment:p1")], "the invoice still claims the line"
    assert client.findings("A16") == []


def test_an_invoice_that_is_settled_lets_its_line_go(client: PaidClient) -> None:
    owes(client, "4711", 12_000)
    client.bank_shows("l1", 12_000, name="TESSELLATE INV 4711", counterparty=None)
    owes(client, "4711", 12_000, open_cents=0)
    client.there.match()
    assert client.there.groups() == [] and client.findings("A16") == []
    assert [line.action for line in client.there.log("match.")] == ["match.made", "match.broken"]


def test_several_are_suggested_and_a_person_says_yes(client: PaidClient) -> None:
    for id_, cents in (("4711", 12_000), ("4712", 7_050), ("4713", 900)):
        owes(client, id_, cents)
    client.bank_shows("l1", 12_900, name="TESSELLATE TILES ACH", counterparty=None)
    assert client.there.groups() == []
    (pair,) = client.there.groups("suggested")
    assert pair == ("bank_line:l1", "invoice:4711", "invoice:4713")
    client.there.person("confirm", client.there.match_of("bank_line:l1", "suggested"))
    (found,) = client.findings("A16")
    assert found.documents("invoice") == ("4711", "4713") and found.stake.minor == 12_900


def test_cash_that_is_at_the_bank_is_not_expected_once_more(client: PaidClient) -> None:
    owes(client, "4711", 12_000)
    owes(client, "4712", 7_000)
    assert expected(client) == {"4711": 12_000, "4712": 7_000}
    client.bank_shows("l1", 12_000, name="TESSELLATE INV 4711", counterparty=None)
    assert expected(client) == {"4712": 7_000}, "the bank has it, and the plan still waits for it"
    client.there.person("undo", client.there.match_of("bank_line:l1"))
    assert expected(client) == {"4711": 12_000, "4712": 7_000}


def expected(client: PaidClient) -> dict[str, int]:
    """What the client's plan waits for from open invoices."""
    books = client.there.books
    with books.firm.database.reading(books.scope) as session:
        plan = read_plan(session, books.business, Policy(), client.there.now)
    return {each.source.id: each.minor for each in plan.flows if each.source.kind == "invoice"}


def test_an_undone_pair_is_not_made_again(client: PaidClient) -> None:
    owes(client, "4711", 12_000)
    client.bank_shows("l1", 12_000, name="TESSELLATE INV 4711", counterparty=None)
    client.there.person("undo", client.there.match_of("bank_line:l1"))
    client.there.match()
    assert client.there.groups() == [] and client.findings("A16") == []
