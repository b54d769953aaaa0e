"""Stripe beside the books: money that is earned, pays out and comes back, by the clock; answers that are remembered."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from interlock_sandbox.sandbox import Sandbox, World, open_sandbox
from interlock_sandbox.stripe.party import Stripe

Call = Callable[..., requests.Response]
Ask = Callable[..., dict[str, Any]]
REALM = "9341450000000042"
KEYS = ("object", "id")


@pytest.fixture
def party(sandbox: Sandbox) -> Stripe:
    found = sandbox.parties["stripe"]
    assert isinstance(found, Stripe)
    return found


@pytest.fixture
def call(url: str, http: requests.Session, party: Stripe) -> Call:
    """``call("POST", "customers", {"name": "Wren"}, key="once")`` with the first company's secret key."""

    def ask(method: str, path: str, form: Any = None, *, key: str | None = None, **headers: str) -> requests.Response:
        told = party.told(REALM)
        assert told is not None
        sent = {"Authorization": f"Bearer {told['secret_key']}"} | ({"Idempotency-Key": key} if key else {}) | headers
        return http.request(method, f"{url}/stripe/v1/{path}", data=form, headers=sent, timeout=10)

    return ask


@pytest.fixture
def ask(call: Call) -> Ask:
    """The same, when it must succeed."""

    def made(*words: Any, **more: Any) -> dict[str, Any]:
        answer = call(*words, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return made


def charged(ask: Ask, amount: int = 10_000, method: str = "pm_card_visa") -> dict[str, Any]:
    """A payment's charge."""
    form = {"amount": amount, "currency": "usd", "payment_method": method, "confirm": "true"}
    return ask("GET", f"charges/{ask('POST', 'payment_intents', form)['latest_charge']}")


def in_days(control: Call, days: float) -> None:
    assert control("POST", "/clock/advance", json={"seconds": int(days * 86_400), "live": False}).status_code == 200


def at_the_bank(control: Call) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = control("GET", f"/bank/{REALM}/lines", params={"account": "1"}).json()["lines"]
    return [line for line in lines if line["counterparty"] == "Stripe"]


def balance(ask: Ask) -> tuple[int, int]:
    told = ask("GET", "balance")
    return told["available"][0]["amount"], told["pending"][0]["amount"]


def rows_of(ask: Ask, payout: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ask("GET", f"balance_transactions?payout={payout['id']}&limit=100")["data"]
    return rows


def made_of(ask: Ask, payout: dict[str, Any]) -> int:
    """What a payout's other rows come to."""
    return sum(row["net"] for row in rows_of(ask, payout) if row["id"] != payout["balance_transaction"])


# --- payouts by the clock ---------------------------------------------------------------------------------------


def test_what_cards_bring_arrives_at_the_bank_as_one_net_deposit(ask: Ask, control: Call) -> None:
    for amount in (10_000, 4_550):
        charged(ask, amount)
    net = 10_000 - 320 + 4_550 - (132 + 30)
    assert balance(ask) == (0, net), "card payments are pending for two business days"
    in_days(control, 2)
    payout = ask("GET", "payouts")["data"][0]
    assert (payout["amount"], payout["automatic"], payout["status"]) == (net, True, "in_transit")
    assert balance(ask) == (0, 0)
    assert at_the_bank(control) == [], "it is on its way"
    in_days(control, 1)
    payout = ask("GET", f"payouts/{payout['id']}")
    assert (payout["status"], payout["reconciliation_status"]) == ("paid", "completed")
    (line,) = at_the_bank(control)
    assert (line["amount_minor"], line["reference"]) == (net, payout["trace_id"]["value"])
    assert made_of(ask, payout) == net
    assert [row["net"] for row in rows_of(ask, payout) if row["type"] == "payout"] == [-net]


def test_a_payout_that_comes_back_goes_with_the_next(ask: Ask, control: Call) -> None:
    charged(ask)
    in_days(control, 3)
    first = ask("GET", "payouts")["data"][0]
    assert control("POST", f"/stripe/payouts/{first['id']}/fail", json={"code": "account_closed"}).status_code == 200
    first = ask("GET", f"payouts/{first['id']}")
    assert (first["status"], first["failure_code"]) == ("failed", "account_closed")
    assert [line["amount_minor"] for line in at_the_bank(control)] == [first["amount"], -first["amount"]]
    in_days(control, 4)
    second = ask("GET", "payouts")["data"][0]
    assert second["amount"] == made_of(ask, second) == first["amount"]
    assert "payout_failure" in {row["type"] for row in rows_of(ask, second)}


def test_refunds_can_make_a_payout_a_debit(ask: Ask, control: Call) -> None:
    charge = charged(ask)
    in_days(control, 3)
    ask("POST", "refunds", {"charge": charge["id"]})
    in_days(control, 6)
    payout = ask("GET", "payouts")["data"][0]
    assert payout["amount"] == made_of(ask, payout) == -10_000
    assert [line["amount_minor"] for line in at_the_bank(control)] == [9_680, -10_000]


def test_a_payout_by_hand_is_made_called_off_and_never_attributed(ask: Ask, call: Call, control: Call) -> None:
    charged(ask, 100_000)
    charged(ask, 100_000)
    in_days(control, 1.3)
    made = ask("POST", "payouts", {"amount": 5_000, "currency": "usd"})
    assert (made["automatic"], made["reconciliation_status"]) == (False, "not_applicable")
    refused = call("GET", f"balance_transactions?payout={made['id']}")
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "payout")
    assert ask("POST", f"payouts/{made['id']}/cancel")["status"] == "canceled"
    assert call("POST", f"payouts/{made['id']}/cancel").status_code == 400


def test_bank_debits_clear_after_four_business_days(ask: Ask, control: Call) -> None:
    charge = charged(ask, 200_000, "pm_usBankAccount")
    bad = charged(ask, 3_000, "pm_usBankAccount_insufficientFunds")
    assert {charge["status"], bad["status"]} == {"pending"}
    in_days(control, 7)
    assert ask("GET", f"charges/{charge['id']}")["status"] == "succeeded"
    assert ask("GET", f"charges/{bad['id']}")["failure_code"] == "insufficient_funds"
    row = ask("GET", f"charges/{charge['id']}?expand[]=balance_transaction")["balance_transaction"]
    assert (row["type"], row["fee"]) == ("payment", 500), "0.8 %, at most five dollars"


def test_an_invoice_left_to_advance_does_so_after_an_hour(ask: Ask, control: Call) -> None:
    customer = ask("POST", "customers", {"name": "Wren", "email": "wren@fen.example"})
    form = {
        "customer": customer["id"],
        "collection_method": "send_invoice",
        "days_until_due": 3,
        "auto_advance": "true",
    }
    invoice = ask("POST", "invoices", form)
    ask("POST", "invoiceitems", {"customer": customer["id"], "invoice": invoice["id"], "amount": 900})
    in_days(control, 2 / 24)
    assert ask("GET", f"invoices/{invoice['id']}")["status"] == "open"
    in_days(control, 4)
    told = [event["type"] for event in ask("GET", "events?limit=100")["data"]]
    assert {"invoice.finalized", "invoice.sent", "invoice.overdue"} <= set(told)


def test_a_dispute_nobody_answers_is_lost(ask: Ask, control: Call) -> None:
    charge = charged(ask)
    dispute = control("POST", f"/stripe/charges/{charge['id']}/dispute").json()["dispute"]
    in_days(control, 10)
    assert ask("GET", f"disputes/{dispute['id']}")["status"] == "lost"


# --- keys -------------------------------------------------------------------------------------------------------


def test_a_key_is_remembered_for_a_day(ask: Ask, control: Call) -> None:
    first = ask("POST", "customers", {"name": "Wren"}, key="once")
    assert ask("POST", "customers", {"name": "Wren"}, key="once")["id"] == first["id"]
    in_days(control, 1)
    assert ask("POST", "customers", {"name": "Wren"}, key="once")["id"] != first["id"]


def test_cut_after_it_was_done_it_is_found_by_its_key(ask: Ask, call: Call, control: Call) -> None:
    control("POST", "/faults", json={"kind": "cut_after_commit", "count": 1, "path": "/stripe/v1/customers"})
    with pytest.raises(requests.ConnectionError):
        call("POST", "customers", {"name": "Wren", "email": "cut@fen.example"}, key="cut")
    found = ask("GET", "customers?email=cut@fen.example")["data"]
    assert [each["id"] for each in found] == [
        ask("POST", "customers", {"name": "Wren", "email": "cut@fen.example"}, key="cut")["id"]
    ]


def test_what_is_refused_before_it_begins_is_not_remembered(ask: Ask, call: Call) -> None:
    assert call("POST", "customers", {"surname": "Wren"}, key="typo").json()["error"]["code"] == "parameter_unknown"
    assert ask("POST", "customers", {"name": "Wren"}, key="typo")["name"] == "Wren"


def test_more_than_25_calls_a_second_are_refused_when_limits_hold(call: Call, control: Call, party: Stripe) -> None:
    clock = [0.0]
    party.limits.timer = lambda: clock[0]
    control("POST", "/stripe/trouble", json={"limits": True})
    answers = [call("GET", "account") for _ in range(26)]
    assert [answer.status_code for answer in answers] == [200] * 25 + [429]
    assert answers[-1].json()["error"]["code"] == "rate_limit"
    clock[0] = 1.5
    assert call("GET", "account").status_code == 200


def test_access_is_rolled_and_taken_away(url: str, ask: Ask, control: Call, party: Stripe) -> None:
    told = party.told(REALM)
    assert told is not None
    there = {"Authorization": f"Bearer {told['platform_key']}", "Stripe-Account": told["account"]}
    assert requests.get(f"{url}/stripe/v1/account", headers=there, timeout=10).json()["id"] == told["account"]
    control("POST", f"/stripe/{REALM}/access", json={"connected": False})
    gone = requests.get(f"{url}/stripe/v1/account", headers=there, timeout=10)
    assert (gone.status_code, gone.json()["error"]["code"]) == (403, "account_invalid")
    control("POST", f"/stripe/{REALM}/key", json={"name": "secret"})
    old = requests.get(f"{url}/stripe/v1/account", auth=(told["secret_key"], ""), timeout=10)
    assert (old.status_code, old.json()["error"]["code"]) == (401, "api_key_expired")
    assert ask("GET", "account")["id"] == told["account"], "the new key is good"


# --- after a restart --------------------------------------------------------------------------------------------


def everything(party: Stripe) -> dict[str, Any]:
    found = {}
    for account in party.accounts.values():
        if account.id in party.opened:
            agenda = sorted(account.agenda, key=lambda each: each[1])
            found[account.id] = (account.objects, account.waiting, account.payout_of, account.keys, agenda)
    return found


def test_a_restart_brings_back_every_account_as_it_was(
    ask: Ask, control: Call, party: Stripe, sandbox: Sandbox, tmp_path: Path, build: Callable[[World], Any]
) -> None:
    ask("POST", "webhook_endpoints", {"url": "http://127.0.0.1:9/hook", "enabled_events[]": "*"})
    charge = charged(ask)
    customer = ask("POST", "customers", {"name": "Wren", "email": "wren@fen.example"}, key="once")
    invoice = ask(
        "POST", "invoices", {"customer": customer["id"], "collection_method": "send_invoice", "days_until_due": 9}
    )
    ask("POST", "invoiceitems", {"customer": customer["id"], "invoice": invoice["id"], "amount": 900})
    ask("POST", f"invoices/{invoice['id']}/send")
    assert control("POST", f"/stripe/{REALM}/pay", json={"invoice": invoice["id"], "method": "ach"}).status_code == 200
    ask("POST", "refunds", {"charge": charge["id"], "amount": 100})
    in_days(control, 2.2)
    before, bank = everything(party), at_the_bank(control)
    waiting = len(sandbox.notices.waiting("stripe"))
    folder = tmp_path / "again"
    folder.mkdir()
    (folder / "journal.jsonl").write_bytes((tmp_path / "data" / "journal.jsonl").read_bytes())
    again = open_sandbox(World(1, 2, party.bank.as_of), folder, build)
    other = again.parties["stripe"]
    assert isinstance(other, Stripe)
    assert again.catch_up() == 0
    assert everything(other) == before
    assert len(again.notices.waiting("stripe")) == waiting > 0
    assert other.by_realm[REALM].answers == party.by_realm[REALM].answers
    assert len(at_the_bank(control)) == len(bank)
    again.journal.close()


def test_events_wait_for_the_courier_signed(ask: Ask, sandbox: Sandbox) -> None:
    endpoint = ask(
        "POST", "webhook_endpoints", {"url": "http://127.0.0.1:9/hook", "enabled_events[]": "customer.created"}
    )
    customer = ask("POST", "customers", {"name": "Wren"})
    ask("POST", f"customers/{customer['id']}", {"name": "Finch"})
    (notice,) = sandbox.notices.waiting("stripe")
    assert json.loads(notice.body)["data"]["object"]["id"] == customer["id"]
    told = dict(
        part.split("=", 1) for part in notice.manner.headers(notice.body, notice.at)["Stripe-Signature"].split(",")
    )
    signed = hmac.new(endpoint["secret"].encode(), told["t"].encode() + b"." + notice.body, hashlib.sha256).hexdigest()
    assert told["v1"] == signed
