"""What goes wrong at Plaid: logins that lapse, banks that don't answer, limits, slow balances, histories in parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from interlock_sandbox.bank.bank import Bank
from interlock_sandbox.books import Books
from interlock_sandbox.notices.notices import Notices
from interlock_sandbox.plaid.party import Plaid
from interlock_sandbox.sandbox import Sandbox
from tests.support.plaid_app import PlaidApp

Call = Callable[..., requests.Response]
REALM = "9341450000000042"
LOGIN = f"{REALM}:ins_910001"
NOON = datetime(2026, 6, 15, 20, tzinfo=UTC)
LOGIN_REQUIRED = (400, "ITEM_ERROR", "ITEM_LOGIN_REQUIRED")


@pytest.fixture
def app(url: str, control: Call) -> PlaidApp:
    seen = control("GET", "/plaid").json()
    return PlaidApp(url, seen["client_id"], seen["secret"])


def move(control: Call, amount_minor: int, name: str, **more: Any) -> None:
    sent = {"account": "1", "amount_minor": amount_minor, "name": name, **more}
    assert control("POST", f"/bank/{REALM}/lines", json=sent).status_code == 200


def test_plaid_looks_at_the_bank_four_times_a_day(app: PlaidApp, control: Call) -> None:
    access_token, _ = app.link(LOGIN)
    _, _, cursor = app.sync(access_token)
    move(control, -900, "COFFEE")
    assert app.sync(access_token, cursor) == ([], [], cursor), "nobody has looked since"
    control("POST", "/clock/advance", json={"seconds": 6 * 3600 + 1})
    added, _, _ = app.sync(access_token, cursor)
    assert [(each["name"], each["amount"]) for each in added] == [("COFFEE", 9)], "money out is above 0"


def test_a_refresh_looks_at_once_and_cached_balances_follow(app: PlaidApp, control: Call) -> None:
    access_token, _ = app.link(LOGIN)
    _, _, cursor = app.sync(access_token)

    def checking(path: str) -> float:
        return float(app.call(path, access_token=access_token)["accounts"][0]["balances"]["current"])

    before = checking("/accounts/get")
    move(control, 12_550, "DEPOSIT")
    assert checking("/accounts/get") == before
    assert checking("/accounts/balance/get") == before + 125.5
    assert checking("/accounts/get") == before + 125.5, "a fresh balance is what is cached from then on"
    app.call("/transactions/refresh", access_token=access_token)
    assert [each["amount"] for each in app.sync(access_token, cursor)[0]] == [-125.5]


def test_a_history_may_come_in_parts(app: PlaidApp, control: Call) -> None:
    control("POST", "/plaid/settings", json={"initial_seconds": 10, "historical_seconds": 100})
    access_token, _ = app.link(LOGIN)
    first = app.call("/transactions/sync", access_token=access_token)
    assert (first["transactions_update_status"], first["next_cursor"]) == ("NOT_READY", "")
    control("POST", "/clock/advance", json={"seconds": 20})
    part = app.call("/transactions/sync", access_token=access_token)
    assert part["transactions_update_status"] == "INITIAL_UPDATE_COMPLETE"
    control("POST", "/clock/advance", json={"seconds": 100})
    whole = app.call("/transactions/sync", access_token=access_token, cursor=part["next_cursor"])
    assert whole["transactions_update_status"] == "HISTORICAL_UPDATE_COMPLETE"
    assert (
        part["added"]
        and whole["added"]
        and max(each["date"] for each in whole["added"]) < min(each["date"] for each in part["added"])
    )


def test_a_login_breaks_and_nothing_but_its_state_is_told(app: PlaidApp, control: Call) -> None:
    access_token, item_id = app.link(LOGIN)
    control("POST", f"/plaid/items/{item_id}/trouble", json={})
    for path in ("/accounts/get", "/accounts/balance/get", "/transactions/sync", "/auth/get", "/identity/get"):
        assert app.refused(path, access_token=access_token) == LOGIN_REQUIRED
    item = app.call("/item/get", access_token=access_token)["item"]
    assert item["error"]["error_code"] == "ITEM_LOGIN_REQUIRED" and item["error"]["display_message"]
    control("POST", f"/plaid/items/{item_id}/repair")
    assert app.call("/accounts/get", access_token=access_token)["accounts"]


def test_an_end_that_is_announced_comes_unless_somebody_signs_in_again(app: PlaidApp, control: Call) -> None:
    access_token, item_id = app.link(LOGIN, webhook="http://127.0.0.1:9/webhooks/plaid")
    other, other_id = app.link(LOGIN)
    for each in (item_id, other_id):
        assert control("POST", f"/plaid/items/{each}/ending", json={"days": 3}).status_code == 200
    queue = control("GET", "/notices").json()["queue"]
    (told,) = [each["body"] for each in queue if each["body"]["webhook_code"] == "PENDING_DISCONNECT"]
    ends = app.call("/item/get", access_token=access_token)["item"]["consent_expiration_time"]
    assert told["disconnect_time"] == ends is not None
    control("POST", f"/plaid/items/{other_id}/repair")
    control("POST", "/clock/advance", json={"days": 3, "live": False})
    assert app.refused("/accounts/get", access_token=access_token) == LOGIN_REQUIRED
    assert app.call("/accounts/get", access_token=other)["accounts"]


def test_the_fifth_client_s_bank_wants_a_new_login_after_a_day() -> None:
    books = [Books(f"93414500000000{number}", f"Company {number}") for number in range(10, 15)]
    plaid = Plaid(1, Bank(1, NOON.date(), books), Notices())
    for each in books:
        wanted = {"products": ["transactions"]}
        plaid.apply(
            {"act": "public", "wanted": wanted, "realm": each.realm_id, "institution": "ins_910001", "accounts": []},
            NOON,
        )
        plaid.apply({"act": "exchange", "public_token": next(reversed(plaid.public_tokens))}, NOON)
    lapsing = [item for item in plaid.items.values() if item.lapses_at is not None]
    assert [item.realm for item in lapsing] == [books[4].realm_id]
    late = NOON + timedelta(hours=25)
    while (step := plaid.due(late)) is not None:
        plaid.apply(step.act, step.at)
    assert [item.error for item in plaid.items.values()] == [None] * 4 + ["ITEM_LOGIN_REQUIRED"]


def test_a_bank_that_does_not_answer(app: PlaidApp, control: Call) -> None:
    access_token, _ = app.link(LOGIN)
    control("POST", "/plaid/institutions/ins_910001", json={"down": "INSTITUTION_NOT_RESPONDING"})
    expected = (400, "INSTITUTION_ERROR", "INSTITUTION_NOT_RESPONDING")
    assert app.refused("/accounts/balance/get", access_token=access_token) == expected
    assert app.refused("/transactions/refresh", access_token=access_token) == expected
    assert app.call("/accounts/get", access_token=access_token)["accounts"], "what is cached is still told"
    move(control, -100, "UNSEEN")
    control("POST", "/clock/advance", json={"days": 1})
    assert not [each for each in app.sync(access_token)[0] if each["name"] == "UNSEEN"]


def test_limits_a_minute_are_enforced_on_request(app: PlaidApp, control: Call) -> None:
    access_token, _ = app.link(LOGIN)
    other, _ = app.link(LOGIN)
    control("POST", "/plaid/limits", json={"enforced": True})
    for _ in range(5):
        app.call("/accounts/balance/get", access_token=access_token)
    answer = app.post("/accounts/balance/get", access_token=access_token)
    assert (answer.status_code, answer.json()["error_type"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert "Retry-After" not in answer.headers
    app.call("/accounts/balance/get", access_token=other)
    assert control("GET", "/plaid").json()["refused"] == {"/accounts/balance/get": 1}


def test_a_fresh_balance_may_take_long(app: PlaidApp, control: Call, sandbox: Sandbox) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    sandbox.disruptions.sleep = sleep
    access_token, _ = app.link(LOGIN)
    control("POST", "/plaid/settings", json={"balance_seconds": 31.5})
    app.call("/accounts/balance/get", access_token=access_token)
    app.call("/accounts/get", access_token=access_token)
    assert slept == [31.5]


def test_what_was_not_agreed_to_is_not_shown(app: PlaidApp) -> None:
    access_token, _ = app.link(LOGIN, products=["transactions"], additional_consented_products=["auth"])
    expected = (400, "INVALID_INPUT", "ADDITIONAL_CONSENT_REQUIRED")
    assert app.refused("/identity/get", access_token=access_token) == expected
    assert len(app.call("/auth/get", access_token=access_token)["numbers"]["ach"]) == 2
    assert "auth" in app.call("/item/get", access_token=access_token)["item"]["billed_products"]


def test_requests_that_make_no_sense(app: PlaidApp) -> None:
    access_token, _ = app.link(LOGIN)
    for count in (0, 501, "ten", True):
        assert app.refused("/transactions/sync", access_token=access_token, count=count)[2] == "INVALID_FIELD"
    assert app.refused("/transactions/sync", access_token=access_token, cursor="nonsense")[2] == "INVALID_FIELD"
    options = {"account_ids": ["nobody"]}
    assert app.refused("/accounts/get", access_token=access_token, options=options)[2] == "INVALID_ACCOUNT_ID"
    broken = requests.post(f"{app.url}/plaid/item/get", data=b"{", timeout=10)
    assert broken.json()["error_code"] == "INVALID_BODY"
    nobody = requests.post(f"{app.url}/plaid/item/get", json={}, timeout=10)
    assert nobody.json()["error_message"].endswith("client_id, secret")


def test_a_cursor_of_now_skips_the_history(app: PlaidApp, control: Call) -> None:
    access_token, _ = app.link(LOGIN)
    skipped = app.call("/transactions/sync", access_token=access_token, cursor="now")
    assert skipped["added"] == [] and not skipped["has_more"]
    move(control, -100, "AFTERWARDS")
    app.call("/transactions/refresh", access_token=access_token)
    assert [each["name"] for each in app.sync(access_token, skipped["next_cursor"])[0]] == ["AFTERWARDS"]


def test_a_broken_answer_after_the_act_still_did_it(app: PlaidApp, control: Call, sandbox: Sandbox) -> None:
    """What a client must survive: the token was rotated, and the answer with the new one was lost."""
    access_token, item_id = app.link(LOGIN)
    control("POST", "/faults", json={"kind": "cut_after_commit", "path": "/plaid/item/access_token", "count": 1})
    with pytest.raises(requests.ConnectionError):
        app.post("/item/access_token/invalidate", access_token=access_token)
    assert app.refused("/item/get", access_token=access_token)[2] == "INVALID_ACCESS_TOKEN"
    plaid = sandbox.parties["plaid"]
    assert isinstance(plaid, Plaid) and plaid.items[item_id].access_token != access_token
