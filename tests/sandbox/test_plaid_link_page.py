"""Hosted Link: a person picks a login and accounts and agrees, or leaves; the page needs no script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.support.plaid_app import PlaidApp

Call = Callable[..., requests.Response]
REALM = "9341450000000042"
LOGIN = f"{REALM}:ins_910001"
BACK = "http://127.0.0.1:9/banks/done"


@pytest.fixture
def app(url: str, control: Call) -> PlaidApp:
    seen = control("GET", "/plaid").json()
    return PlaidApp(url, seen["client_id"], seen["secret"])


def pressed(hosted: str, form: list[tuple[str, str]]) -> requests.Response:
    return requests.post(hosted, data=form, allow_redirects=False, timeout=10)


def test_each_rail_lists_what_is_needed_for_linking(control: Call) -> None:
    first, second = control("GET", "/rails").json()["clients"]
    assert first["realm_id"] == REALM and first["plaid"]["logins"][0]["login"] == LOGIN
    assert [each["name"] for each in first["plaid"]["logins"][0]["accounts"]] == ["Checking", "Card", "Tax Reserve"]
    assert second["plaid"]["client_id"] == first["plaid"]["client_id"]


def test_two_steps_without_a_script(app: PlaidApp) -> None:
    begun = app.begin(hosted_link={"completion_redirect_uri": BACK})
    banks = requests.get(begun["hosted_link_url"], timeout=10)
    assert LOGIN in banks.text and "Larkfield Bank" in banks.text and "<script" not in banks.text
    policy = banks.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and policy.endswith("form-action 'self' http://127.0.0.1:9")
    accounts = requests.get(begun["hosted_link_url"], params={"login": LOGIN}, timeout=10).text
    assert accounts.count('type="checkbox"') == 3 and "See balances and transactions" in accounts
    style = re.search(r'href="([^"]+\.css)"', accounts)
    assert style is not None and requests.get(app.url + style.group(1), timeout=10).status_code == 200


def test_only_what_was_ticked_is_seen(app: PlaidApp, control: Call) -> None:
    begun = app.begin(hosted_link={"completion_redirect_uri": BACK})
    accounts = control("GET", f"/bank/{REALM}/accounts").json()["accounts"]
    form = [("decision", "agree"), ("login", LOGIN), ("account", accounts[1]["id"]), ("account", "of somebody else")]
    answer = pressed(begun["hosted_link_url"], form)
    assert (answer.status_code, answer.headers["Location"]) == (303, BACK)
    made = app.call("/item/public_token/exchange", public_token=app.public_token(begun["link_token"]))
    shown = app.call("/accounts/get", access_token=made["access_token"])["accounts"]
    assert [each["name"] for each in shown] == ["Card"]


def test_nothing_ticked_is_asked_again(app: PlaidApp) -> None:
    hosted = app.begin()["hosted_link_url"]
    nothing = pressed(hosted, [("decision", "agree"), ("login", LOGIN)])
    assert nothing.status_code == 400 and "Choose at least one account" in nothing.text
    nobody = pressed(hosted, [("decision", "agree"), ("login", f"{REALM}:ins_910002")])
    assert nobody.status_code == 400 and "Choose a login first" in nobody.text
    assert app.agree(hosted, LOGIN).status_code == 200, "without a redirect address the page itself says it is done"


def test_whoever_leaves_links_nothing_and_may_come_back(app: PlaidApp, control: Call) -> None:
    begun = app.begin(hosted_link={"completion_redirect_uri": BACK})
    assert app.call("/link/token/get", link_token=begun["link_token"])["link_sessions"] == []
    assert pressed(begun["hosted_link_url"], [("decision", "leave")]).headers["Location"] == BACK
    (session,) = app.call("/link/token/get", link_token=begun["link_token"])["link_sessions"]
    assert session["exit"] is not None and session["results"]["item_add_results"] == []
    assert control("GET", "/plaid").json()["items"] == []
    app.agree(begun["hosted_link_url"], LOGIN)
    left, agreed = app.call("/link/token/get", link_token=begun["link_token"])["link_sessions"]
    assert left["link_session_id"] == session["link_session_id"] != agreed["link_session_id"]
    assert agreed["exit"] is None and len(agreed["results"]["item_add_results"]) == 1
    assert pressed(begun["hosted_link_url"], [("decision", "agree"), ("login", LOGIN)]).status_code == 410


@pytest.mark.parametrize("lifetime", [{}, {"url_lifetime_seconds": 900}])
def test_a_session_does_not_wait_for_ever(app: PlaidApp, control: Call, lifetime: dict[str, Any]) -> None:
    begun = app.begin(hosted_link=lifetime)
    control("POST", "/clock/advance", json={"seconds": 4 * 3600 + 1 if not lifetime else 901})
    assert requests.get(begun["hosted_link_url"], timeout=10).status_code == 410
    assert pressed(begun["hosted_link_url"], [("decision", "agree"), ("login", LOGIN)]).status_code == 410
    assert requests.get(f"{app.url}/plaid/link/nobody", timeout=10).status_code == 404


def test_a_public_token_is_good_for_half_an_hour(app: PlaidApp, control: Call) -> None:
    begun = app.begin()
    app.agree(begun["hosted_link_url"], LOGIN)
    token = app.public_token(begun["link_token"])
    control("POST", "/clock/advance", json={"seconds": 1801})
    expected = (400, "INVALID_INPUT", "INVALID_PUBLIC_TOKEN")
    assert app.refused("/item/public_token/exchange", public_token=token) == expected


def test_one_bank_may_be_asked_for(app: PlaidApp) -> None:
    hosted = app.begin(institution_id="ins_910004")["hosted_link_url"]
    assert LOGIN not in requests.get(hosted, timeout=10).text


def test_a_bank_that_is_down_takes_no_new_logins(app: PlaidApp, control: Call) -> None:
    control("POST", "/plaid/institutions/ins_910001", json={"down": "INSTITUTION_DOWN"})
    begun = app.begin()
    assert app.agree(begun["hosted_link_url"], LOGIN).status_code == 400
    control("POST", "/plaid/institutions/ins_910001", json={"down": None})
    assert app.agree(begun["hosted_link_url"], LOGIN).status_code == 200


def test_in_update_mode_accounts_are_added_and_dropped(app: PlaidApp, control: Call) -> None:
    access_token, item_id = app.link(LOGIN)
    added, _, cursor = app.sync(access_token)
    accounts = control("GET", f"/bank/{REALM}/accounts").json()["accounts"]
    again = app.begin(access_token=access_token)
    assert pressed(again["hosted_link_url"], [("decision", "agree"), ("account", accounts[0]["id"])]).status_code == 200
    _, removed, _ = app.sync(access_token, cursor)
    reserve = [each["transaction_id"] for each in added if each["name"] == "INTEREST PAID"]
    assert removed == reserve and reserve, "lines of an account that is no longer shown are taken back"
    token = app.public_token(again["link_token"])
    same = app.call("/item/public_token/exchange", public_token=token)
    assert (same["access_token"], same["item_id"]) == (access_token, item_id)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"client_name": ""}, "MISSING_FIELDS"),
        ({"client_name": "A name of more than thirty letters"}, "INVALID_FIELD"),
        ({"products": []}, "MISSING_FIELDS"),
        ({"products": ["balance"]}, "INVALID_FIELD"),
        ({"products": ["transfer"]}, "INVALID_PRODUCT"),
        ({"country_codes": []}, "MISSING_FIELDS"),
        ({"user": {}}, "MISSING_FIELDS"),
        ({"webhook": "nowhere"}, "INVALID_FIELD"),
        ({"hosted_link": {"completion_redirect_uri": "javascript:alert(1)"}}, "INVALID_FIELD"),
        ({"transactions": {"days_requested": 731}}, "INVALID_FIELD"),
        ({"access_token": "access-sandbox-nobody", "products": None}, "INVALID_ACCESS_TOKEN"),
    ],
)
def test_a_link_token_is_refused(app: PlaidApp, wanted: dict[str, Any], code: str) -> None:
    usual: dict[str, Any] = {
        "client_name": "Interlock", "language": "en", "country_codes": ["US"], "user": {"client_user_id": "b-1"},
        "products": ["transactions"],
    }  # fmt: skip
    assert app.refused("/link/token/create", **{**usual, **wanted})[2] == code
