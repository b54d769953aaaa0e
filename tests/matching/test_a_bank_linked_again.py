"""A bank unlinked and linked again shows the same money under other ids: it is matched once, on the login that stands."""

from datetime import date

import pytest

from interlock.domains.bank.services.balance_service import bank_balances
from interlock.rails import connections, items
from interlock.rails.items import LinkedItem
from interlock.runway.identity import identity_service
from interlock.runway.services.data_orchestrators.cash_snapshot import read_cash
from interlock.runway.services.data_orchestrators.witnessed_snapshot import read_witnessed
from tests.matching.client import ACTOR, WitnessedClient, bank_line
from tests.runway import said

_LONG_AGO = date(2026, 3, 2)
_SAVINGS = "9"


def _login(client: WitnessedClient, item_id: str) -> None:
    scope = client.books.scope
    with client.books.firm.database.writing(scope) as session:
        session.add(
            LinkedItem(
                firm_id=scope.firm_id,
                business_id=scope.business_id,
                rail="plaid",
                item_id=item_id,
                institution="Larkfield Bank",
                state=items.WORKING,
                sealed=b"sealed",
                linked_at=client.now,
            )
        )


def _unlinked(client: WitnessedClient, item_id: str) -> None:
    with client.books.firm.database.writing(client.books.scope) as session:
        items.remove(session, client.books.scope, "plaid", item_id, client.now, ACTOR)


@pytest.fixture
def matched(client: WitnessedClient) -> WitnessedClient:
    """Two payments that the first login's lines show, one of them long ago."""
    _login(client, "item-1")
    client.books.say(
        said.bill("7", 50_000, open_cents=0),
        said.bill_payment("70", 50_000, "7"),
        said.bill("8", 20_000, open_cents=0),
        said.bill_payment("80", 20_000, "8", dated=_LONG_AGO),
    )
    client.state(bank_line("L1", -50_000), bank_line("L2", -20_000, _LONG_AGO))
    assert client.match().kept == 2
    return client


def _again(client: WitnessedClient, **account: str) -> None:
    _login(client, "item-2")
    client.state(client.bank_account("b2", "Everyday Checking", item_id="item-2", **account))
    client.state(bank_line("M1", -50_000, account_id="b2"), bank_line("M2", -20_000, _LONG_AGO, account_id="b2"))


def test_unlinked_alone_it_keeps_what_was_matched(matched: WitnessedClient) -> None:
    _unlinked(matched, "item-1")
    matched.match()
    assert matched.groups() == [("bank_line:L1", "bill_payment:70"), ("bank_line:L2", "bill_payment:80")]


def test_linked_again_the_lines_of_the_login_that_stands_are_matched(matched: WitnessedClient) -> None:
    _unlinked(matched, "item-1")
    _again(matched)
    matched.link_account("b2", said.CHECKING)
    matched.match()
    assert matched.groups() == [("bank_line:M1", "bill_payment:70"), ("bank_line:M2", "bill_payment:80")]
    scope = matched.books.scope
    with matched.books.firm.database.reading(scope) as session:
        banks = bank_balances(session, str(scope.business_id), matched.now)
        cash = read_cash(session, scope, banks, "USD", matched.now)
    assert [(each.truths.bank_account_id, each.lines) for each in cash.drifts] == [("b2", ())]


def test_lines_of_the_login_before_are_asked_about_no_more(matched: WitnessedClient) -> None:
    _unlinked(matched, "item-1")
    _again(matched)
    matched.link_account("b2", said.CHECKING)
    matched.match()
    books, firm = matched.books, matched.books.firm
    with firm.database.writing(books.scope) as session:
        connections.connect(
            session,
            books.scope,
            firm._vault,
            rail="plaid",
            external_id=books.business.business_id,
            grant=connections.Keys("name", "secret"),
            now=matched.now,
            actor=ACTOR,
        )
    with firm.database.reading(books.scope) as session:
        seen = read_witnessed(session, books.business, matched.now.date(), matched.now)
    assert seen is not None and [(each.id, each.matched) for each in seen.lines] == [("M1", True)]


def test_the_banks_own_lasting_id_links_it_again_by_itself(client: WitnessedClient) -> None:
    _login(client, "item-1")
    client.state(client.bank_account("b1", "Everyday Checking", lasting_id="lasting-1"))
    _unlinked(client, "item-1")
    _again(client, lasting_id="lasting-1", mask="0000")
    client.match()
    assert [line.body for line in client.log("identity.linked") if '"rail_id":"b2"' in line.body]


def test_two_logins_that_both_stand_are_left_to_a_person(matched: WitnessedClient) -> None:
    """A second link to the same ledger account is no reason to take anything apart: what is linked twice is shown as that."""
    _again(matched)
    matched.link_account("b2", said.CHECKING)
    matched.match()
    assert ("bank_line:L1", "bill_payment:70") in matched.groups()


def test_accounts_that_were_linked_crosswise_and_put_right_leave_no_match_across_them(matched: WitnessedClient) -> None:
    """Both accounts stay linked, so line and payment both stand: only their account says that they no longer belong together."""
    matched.books.say(said.account(_SAVINGS, "Savings", "Bank", cents=0, sub_kind="Savings"))
    matched.state(matched.bank_account("b2", "Rainy Day Fund", mask="7705"))
    with matched.books.firm.database.writing(matched.books.scope) as session:
        links = identity_service(session, matched.books.scope, "account")
        links.undo("b1", said.CHECKING, now=matched.now, actor=ACTOR)
    matched.link_account("b1", _SAVINGS)
    matched.link_account("b2", said.CHECKING)
    matched.match()
    assert ("bank_line:L1", "bill_payment:70") not in matched.groups(), (
        "a line of one account clears no other's payment"
    )
