"""The past of the Stripe accounts: it follows from the books, and the banks have it as net payouts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from interlock_sandbox.bank.bank import Bank
from interlock_sandbox.books.amounts import cents
from interlock_sandbox.notices.notices import Notices
from interlock_sandbox.stripe.forms import nested, understood
from interlock_sandbox.stripe.party import Stripe
from interlock_sandbox.stripe.refusal import StripeRefusal
from interlock_sandbox.world import build
from interlock_sandbox.world.model import Firm

SEED = 11
AS_OF = date(2026, 9, 30)
NOON = datetime(2026, 9, 30, 20, tzinfo=UTC)
TIDY = 3


@pytest.fixture(scope="module")
def firm() -> Firm:
    return build(seed=SEED, clients=7, as_of=AS_OF)


def opened(firm: Firm) -> Stripe:
    books = [client.books for client in firm.clients]
    return Stripe(SEED, AS_OF, books, Bank(SEED, AS_OF, books), Notices())


@pytest.fixture
def party(firm: Firm) -> Stripe:
    return opened(firm)


def test_accounts_open_when_they_are_needed(party: Stripe, firm: Firm) -> None:
    realms = [client.books.realm_id for client in firm.clients]
    assert [party.told(realm) is None for realm in realms] == [False] * 5 + [True, False]
    assert party.opened == {party.platform.id}, "opening a world costs nothing per account"
    assert party.due(NOON) is None
    party.bank.lines(party.bank.accounts(realms[0])[0].id, NOON)
    assert party.by_realm[realms[0]].id in party.opened


def test_each_payout_that_arrived_is_one_line_at_the_bank(party: Stripe, firm: Firm) -> None:
    arrived = 0
    for client in firm.clients:
        realm = client.books.realm_id
        account = party.by_realm.get(realm)
        if account is None:
            continue
        past, account = party.pasts[account.id], party.account(account.id)
        lines = [line for each in party.bank.accounts(realm) for line in party.bank.lines(each.id, NOON)]
        paid = {
            payout["trace_id"]["value"]: payout["amount"]
            for payout in account.all("payout")
            if payout["status"] == "paid"
        }
        assert {line.reference: line.amount_minor for line in lines if line.counterparty == "Stripe"} == paid
        for deposit in past.deposits:
            assert not any(line.source == f"Deposit/{deposit.id}" for line in lines), "the gross deposit shows as well"
        checks = sorted(deposit.others for deposit in past.deposits if deposit.others)
        assert (
            sorted(
                line.amount_minor
                for line in lines
                if line.name == "REMOTE CHECK DEPOSIT" and line.source.startswith("bank/act")
            )
            == checks
        )
        arrived += len(paid)
    assert arrived >= 15


def test_every_charge_is_a_card_receipt_of_the_books_and_every_payout_adds_up(party: Stripe, firm: Firm) -> None:
    for client in firm.clients:
        account = party.by_realm.get(client.books.realm_id)
        if account is None:
            continue
        account = party.account(account.id)
        receipts = sorted(
            cents(client.books.records(each.entity)[each.id].body["TotalAmt"])
            for deposit in party.pasts[account.id].deposits for each in deposit.receipts
        )  # fmt: skip
        loose = [each.amount for each in party.pasts[account.id].loose]
        assert sorted(charge["amount"] for charge in account.all("charge")) == sorted([*receipts, *loose])
        for payout in account.all("payout"):
            if payout["automatic"]:
                rows = [
                    account.get("balance_transaction", id_)
                    for id_, po in account.payout_of.items()
                    if po == payout["id"]
                ]
                assert sum(row["net"] for row in rows) == 0


def test_open_invoices_stand_here_too_and_say_which_they_are(party: Stripe, firm: Firm) -> None:
    client = firm.clients[TIDY]
    account = party.account(party.by_realm[client.books.realm_id].id)
    assert not list(account.all("charge")), "the tidy client has only just begun with Stripe"
    numbers = {record.body.get("DocNumber") for record in client.books.records("Invoice").values()}
    invoices = list(account.all("invoice"))
    assert len(invoices) > 5
    known = [each for each in invoices if each["number"] in numbers or each["metadata"].get("qbo_invoice_id")]
    assert known == invoices
    customers = list(account.all("customer"))
    marked = [each for each in customers if each["metadata"].get("qbo_customer_id")]
    assert 0 < len(customers) - len(marked) < len(customers) / 2, "for a few customers nobody noted which they are"


def test_whoever_is_asked_first_the_past_is_the_same(firm: Firm) -> None:
    first, second = opened(firm), opened(firm)
    realm = firm.clients[0].books.realm_id
    first.account(first.by_realm[realm].id)
    told = []
    for party in (second, first):
        lines = [line.id for each in party.bank.accounts(realm) for line in party.bank.lines(each.id, NOON)]
        told.append((lines, party.account(party.by_realm[realm].id).objects))
    assert told[0] == told[1]


# --- forms ------------------------------------------------------------------------------------------------------


def test_bracketed_forms_are_nested() -> None:
    pairs = [
        ("metadata[1]", "a"),
        ("items[0][price]", "p"),
        ("items[1][price]", "q"),
        ("expand[]", "x"),
        ("expand[]", "y"),
    ]
    assert nested(pairs) == {
        "metadata": {"1": "a"}, "items": [{"price": "p"}, {"price": "q"}], "expand": ["x", "y"],
    }  # fmt: skip


UNREADABLE: list[tuple[dict[str, Any], str]] = [
    ({"amount": "1.5"}, "parameter_invalid_integer"),
    ({"amount": {"a": "1"}}, "parameter_invalid_integer"),
    ({"amount": "1", "flag": "yes"}, "parameter_invalid_boolean"),
    ({}, "parameter_missing"),
    ({"amount": "1", "other": "x"}, "parameter_unknown"),
]


@pytest.mark.parametrize(("sent", "code"), UNREADABLE)
def test_what_a_call_cannot_read_is_refused_by_name(sent: dict[str, Any], code: str) -> None:
    with pytest.raises(StripeRefusal) as refused:
        understood("amount!:int flag:bool", sent)
    assert refused.value.code == code
