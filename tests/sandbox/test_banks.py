"""The banks of the sandbox: what they hold follows from what happened, not from what the books say later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from interlock_sandbox.bank.bank import Bank, movement
from interlock_sandbox.parties import Step
from interlock_sandbox.sandbox import Sandbox, World, open_sandbox
from interlock_sandbox.world import advance
from interlock_sandbox.world import build as build_world
from interlock_sandbox.world.model import Firm
from interlock_sandbox.world.workdays import is_business_day

Call = Callable[..., requests.Response]
REALM = "9341450000000042"
AS_OF = date(2026, 9, 30)
NOON = datetime(2026, 9, 30, 20, tzinfo=UTC)
CLIENTS = 5


@pytest.fixture(scope="module")
def firm() -> Firm:
    return build_world(seed=11, clients=CLIENTS, as_of=AS_OF)


@pytest.fixture
def banks(firm: Firm) -> Bank:
    return Bank(11, AS_OF, [client.books for client in firm.clients])


@pytest.fixture
def bank(sandbox: Sandbox) -> Bank:
    found = sandbox.parties["bank"]
    assert isinstance(found, Bank)
    return found


def check(amount: str, number: str, **more: Any) -> dict[str, Any]:
    """A check for rent from the Checking account."""
    line = {
        "Amount": Decimal(amount), "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "3"}},
    }  # fmt: skip
    return {
        "AccountRef": {"value": "1"}, "PaymentType": "Check", "DocNumber": number, "Line": [line],
        "EntityRef": {"value": "1", "type": "Vendor"}, **more,
    }  # fmt: skip


def create(control: Call, entity: str, body: dict[str, Any]) -> str:
    sent = {**body, "Line": [{**line, "Amount": str(line["Amount"])} for line in body["Line"]]}
    answer = control("POST", f"/companies/{REALM}/create", json={"entity": entity, "body": sent})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["object"]["Id"])


def lines(control: Call, account: str = "1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = control("GET", f"/bank/{REALM}/lines", params={"account": account}).json()["lines"]
    return found


def test_every_account_of_the_books_is_at_a_bank(banks: Bank, firm: Firm) -> None:
    for client in firm.clients:
        held = {
            record.id
            for record in client.books.records("Account").values()
            if record.body["AccountType"] in {"Bank", "Credit Card"}
            and record.body["AccountSubType"] != "UndepositedFunds"
        }
        found = [account.qbo_account_id for account in banks.accounts(client.realm_id)]
        assert held == {each for each in found if each is not None}, f"{client.name}: the banks must mirror the chart"
        numbers = [account.number for account in banks.accounts(client.realm_id)]
        assert len(set(numbers)) == len(numbers)


def test_a_balance_is_the_ledger_less_what_is_under_way_and_what_was_planted(banks: Bank, firm: Firm) -> None:
    for client in firm.clients:
        truths = banks.truths(client.realm_id)
        for account in banks.accounts(client.realm_id):
            if account.qbo_account_id is None:
                continue
            mine = [truth for truth in truths if truth.account == account.id]
            extra = sum(truth.amount_minor for truth in mine if truth.rule in {"C04", "C06", "C07"})
            missing = sum(truth.amount_minor for truth in mine if truth.rule == "C05")
            later = [line for line in banks.vaults[client.realm_id].lines.values() if line.account == account.id]
            under_way = sum(line.amount_minor for line in later if not line.posted(NOON))
            ledger = client.books.ledger.total(account.qbo_account_id)
            current = banks.balance(account.id, NOON).current * (-1 if account.credit else 1)
            assert current == ledger - under_way - missing + extra, f"{client.name} {account.name}"


def test_lines_come_on_business_days_after_their_documents(banks: Bank, firm: Firm) -> None:
    realm = firm.clients[0].realm_id
    account = banks.accounts(realm)[0]
    shown = banks.lines(account.id, NOON)
    checks = [line for line in shown if line.check_number]
    assert len(checks) > 50 and all(line.name == f"CHECK {line.check_number}" for line in checks)
    for line in checks:
        assert line.posted_at is not None and is_business_day(line.posted_at.date())
        assert 2 <= (line.posted_at.date() - banks.vaults[realm].written[line.id]).days <= 16
    assert any(line.pending_at is not None for line in shown), "some lines must have been pending before"


def test_what_is_planted_is_there(banks: Bank, firm: Firm) -> None:
    rules = {client.slug: sorted(each.rule for each in banks.truths(client.realm_id)) for client in firm.clients}
    assert list(rules.values()) == [["C06", "C08"], ["C05", "C05"], ["C04", "C07"], [], ["C02", "C05", "C06", "C07"]]
    realm = firm.clients[1].realm_id
    for truth in banks.truths(realm):
        assert truth.qbo is not None
        record = firm.clients[1].books.find(*truth.qbo)
        assert record is not None and (AS_OF - date.fromisoformat(record.body["TxnDate"])).days > 30
        assert all(line.check_number != record.body["DocNumber"] for line in banks.lines(truth.account, NOON))


def test_the_same_seed_gives_the_same_banks(banks: Bank, firm: Firm) -> None:
    again = Bank(11, AS_OF, [client.books for client in firm.clients])
    account = banks.accounts(firm.clients[4].realm_id)[0]
    assert again.lines(account.id, NOON) == banks.lines(account.id, NOON)


def test_a_check_written_today_is_presented_days_later(control: Call) -> None:
    create(control, "Purchase", check("250.00", "3107"))
    assert not [each for each in lines(control) if each["check_number"]]
    control("POST", "/clock/advance", json={"days": 16, "live": False})
    (presented,) = [each for each in lines(control) if each["check_number"]]
    assert (presented["amount_minor"], presented["check_number"]) == (-25_000, "3107")


def test_the_books_may_change_their_mind_and_the_bank_does_not(control: Call) -> None:
    ref_id = create(control, "Purchase", check("80.00", "3108"))
    deleted = control("POST", f"/companies/{REALM}/delete", json={"entity": "Purchase", "id": ref_id})
    assert deleted.status_code == 200
    control("POST", "/clock/advance", json={"days": 16, "live": False})
    assert [each["amount_minor"] for each in lines(control) if each["check_number"]] == [-8_000]


def test_money_another_vendor_moves_is_not_moved_twice(control: Call, sandbox: Sandbox, bank: Bank) -> None:
    now = sandbox.clock.now()
    sandbox.act("bank", Step(now, movement(REALM, "1", -4_500, "RAMP PAYMENT", posted_at=now)))
    create(control, "Purchase", check("45.00", "", PrivateNote="what was paid a moment ago"))
    create(control, "Purchase", check("46.00", "", PrivateNote="Paid by Ramp"))
    ref_id = create(control, "Purchase", check("47.00", ""))
    bank.expects_not(REALM, ref_id)
    create(control, "Purchase", check("45.00", "3109"))
    control("POST", "/clock/advance", json={"days": 16, "live": False})
    moved = [each["amount_minor"] for each in lines(control) if each["amount_minor"] in {-4_500, -4_600, -4_700}]
    assert moved == [-4_500, -4_500], "the vendor's line and the one check of the same amount that came later"


def test_a_document_that_comes_before_the_money_is_not_a_second_movement(control: Call, sandbox: Sandbox) -> None:
    create(control, "Purchase", check("91.00", "3110"))
    now = sandbox.clock.now()
    sandbox.act("bank", Step(now, movement(REALM, "1", -9_100, "RAMP PAYMENT", pending_at=now, posted_at=now)))
    control("POST", "/clock/advance", json={"days": 16, "live": False})
    assert [each["name"] for each in lines(control) if each["amount_minor"] == -9_100] == ["RAMP PAYMENT"]


def test_a_pending_line_counts_for_what_is_available_only(control: Call) -> None:
    def balances() -> tuple[int, int]:
        account = control("GET", f"/bank/{REALM}/accounts").json()["accounts"][0]
        return account["available_minor"], account["current_minor"]

    available, current = balances()
    sent = {"account": "1", "amount_minor": -1_000, "name": "ACH DEBIT", "pending": True}
    line = control("POST", f"/bank/{REALM}/lines", json=sent).json()["line"]
    assert line["pending"] and balances() == (available - 1_000, current)
    control("POST", "/clock/advance", json={"days": 1.5, "live": False})
    assert balances() == (available - 1_000, current - 1_000)
    control("POST", f"/bank/{REALM}/lines/{line['id']}/amend", json={"amount_minor": -1_200, "name": "ACH DEBIT LTD"})
    assert balances() == (available - 1_200, current - 1_200)
    control("POST", f"/bank/{REALM}/lines/{line['id']}/remove")
    assert balances() == (available, current)


def test_the_banks_come_back_after_a_restart(tmp_path: Path, build: Callable[[World], Any]) -> None:
    world = World(1, 2, date(2026, 6, 15))
    first = open_sandbox(world, tmp_path / "again", build)
    now = first.clock.now()
    first.act("bank", Step(now, movement(REALM, "1", -4_500, "RAMP PAYMENT", posted_at=now, pending_at=now)))
    first.act("bank", Step(now, movement(REALM, "2", 700, "REFUND", posted_at=now + timedelta(days=2))))
    later = now + timedelta(days=20)
    before = _everything(first, later)
    first.journal.close()
    second = open_sandbox(world, tmp_path / "again", build)
    assert _everything(second, later) == before
    second.journal.close()


def _everything(sandbox: Sandbox, now: datetime) -> list[Any]:
    bank = sandbox.parties["bank"]
    assert isinstance(bank, Bank)
    held = [account for realm in sandbox.companies for account in bank.accounts(realm)]
    return [(account, bank.lines(account.id, now), bank.balance(account.id, now)) for account in held]


def test_life_goes_on_at_the_bank(tmp_path: Path) -> None:
    def lives(client: Any, first: date, end: date) -> None:
        advance(client, first, end)

    def world(asked: World) -> Firm:
        return build_world(seed=asked.seed, clients=asked.clients, as_of=asked.as_of)

    opened = open_sandbox(World(5, 1, AS_OF), tmp_path / "alive", world, lives)
    realm = next(iter(opened.companies))
    bank = opened.parties["bank"]
    assert isinstance(bank, Bank)
    account = bank.accounts(realm)[0]
    before = len(bank.lines(account.id, opened.clock.now()))
    opened.advance(14 * 86_400)
    after = bank.lines(account.id, opened.clock.now())
    assert len(after) > before + 10, "two weeks of trade must show at the bank"
    opened.journal.close()
