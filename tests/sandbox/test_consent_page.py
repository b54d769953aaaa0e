"""The consent page, as a browser and as an app meet it."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from interlock_sandbox.grants import ACCOUNTING
from interlock_sandbox.qbo.consent_page import Choice, consent_page

Call = Callable[..., requests.Response]
REALM = "9341450000000042"
BACK = "http://127.0.0.1:8123/connect/qbo/back"


class Form(HTMLParser):
    """The page's form: hidden fields, and the companies offered."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.realms: list[str] = []
        self.buttons: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "input" and found["type"] == "hidden":
            self.hidden[found["name"]] = found["value"]
        elif tag == "input" and found["type"] == "radio":
            self.realms.append(found["value"])
        elif tag == "button":
            self.buttons.append(found["value"])
        assert tag not in {"script", "style"}, "the page must do without scripts and inline styles"
        assert "style" not in found and not any(name.startswith("on") for name in found)


@pytest.fixture
def asks(clients: dict[str, Any]) -> dict[str, str]:
    """The query an app sends its user to the page with."""
    return {
        "client_id": clients["client_id"], "scope": ACCOUNTING, "redirect_uri": BACK, "response_type": "code",
        "state": "s&t=1",
    }  # fmt: skip


@pytest.fixture
def show(url: str, http: requests.Session) -> Call:
    return lambda query: http.get(f"{url}/connect/oauth2", params=query, allow_redirects=False, timeout=10)


@pytest.fixture
def press(url: str, http: requests.Session) -> Call:
    return lambda form: http.post(f"{url}/connect/oauth2", data=form, allow_redirects=False, timeout=10)


def landed(answer: requests.Response) -> dict[str, str]:
    """The query of the app's address that a redirect leads to."""
    assert answer.status_code == 302, answer.text
    target = urlsplit(answer.headers["Location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == BACK
    return {name: values[0] for name, values in parse_qs(target.query).items()}


def test_connecting_a_company_from_page_to_books(
    show: Call, press: Call, asks: dict[str, str], token_call: Call, api: Call, control: Call
) -> None:
    page = show(asks)
    form = Form(page.text)
    assert (page.status_code, form.realms, form.buttons) == (200, [REALM, "9341450000000043"], ["connect", "cancel"])
    assert "Sandbox of QuickBooks" in page.text
    back = landed(press({**form.hidden, "realm": REALM, "decision": "connect"}))
    assert (back["state"], back["realmId"]) == ("s&t=1", REALM)
    assert len(back["code"]) <= 512
    elsewhere = token_call(grant_type="authorization_code", code=back["code"], redirect_uri="http://127.0.0.1/else")
    assert elsewhere.json()["error"] == "invalid_grant"
    tokens = token_call(grant_type="authorization_code", code=back["code"], redirect_uri=BACK).json()
    assert "realmId" not in tokens
    assert api("GET", "companyinfo/1", token=tokens["access_token"]).status_code == 200
    told = control("GET", "/grants", params={"realm": REALM}).json()["grants"][-1]
    assert (told["scopes"], told["refreshes"]) == ([ACCOUNTING], 0)


def test_a_code_lasts_ten_minutes(
    show: Call, press: Call, asks: dict[str, str], token_call: Call, control: Call
) -> None:
    form = Form(show(asks).text).hidden
    code = landed(press({**form, "realm": REALM, "decision": "connect"}))["code"]
    control("POST", "/clock/advance", json={"seconds": 601, "live": False})
    assert token_call(grant_type="authorization_code", code=code, redirect_uri=BACK).json()["error"] == "invalid_grant"


def test_cancel_is_access_denied(show: Call, press: Call, asks: dict[str, str]) -> None:
    form = Form(show(asks).text).hidden
    assert landed(press({**form, "decision": "cancel"})) == {"error": "access_denied", "state": "s&t=1"}


@pytest.mark.parametrize("scope", ["com.intuit.quickbooks.payment", f"{ACCOUNTING} everything", ""])
def test_an_unknown_scope_goes_back_to_the_app(show: Call, asks: dict[str, str], scope: str) -> None:
    back = landed(show({**asks, "scope": scope}))
    assert (back["error"], back["state"]) == ("invalid_scope", "s&t=1")


def test_everything_asked_for_is_told(show: Call, press: Call, asks: dict[str, str], control: Call) -> None:
    form = Form(show(asks).text).hidden
    press({**form, "decision": "cancel"})
    press({**form, "realm": REALM, "decision": "connect"})
    show({**asks, "scope": "com.intuit.quickbooks.payment"})
    show({**asks, "client_id": "somebody"})
    told = control("GET", "/grants/asked").json()["asked"]
    assert [(each["outcome"], each["realm_id"], each["scopes"]) for each in told] == [
        ("shown", None, [ACCOUNTING]),
        ("access_denied", None, [ACCOUNTING]),
        ("connected", REALM, [ACCOUNTING]),
        ("invalid_scope", None, ["com.intuit.quickbooks.payment"]),
    ]


def test_another_response_type_goes_back_to_the_app(show: Call, asks: dict[str, str]) -> None:
    assert landed(show({**asks, "response_type": "token"}))["error"] == "unsupported_response_type"


def test_openid_scopes_are_recorded(
    show: Call, press: Call, asks: dict[str, str], token_call: Call, control: Call
) -> None:
    form = Form(show({**asks, "scope": f"openid {ACCOUNTING} email"}).text).hidden
    code = landed(press({**form, "realm": REALM, "decision": "connect"}))["code"]
    assert token_call(grant_type="authorization_code", code=code, redirect_uri=BACK).status_code == 200
    told = control("GET", "/grants", params={"realm": REALM}).json()["grants"][-1]
    assert told["scopes"] == ["openid", ACCOUNTING, "email"]


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "somebody"}, {"redirect_uri": "https://books.example.com/back"}, {"redirect_uri": ""},
        {"redirect_uri": "http://127.0.0.1@books.example.com/"}, {"redirect_uri": "http://127.0.0.1:port/"},
        {"redirect_uri": "javascript:alert(1)"}, {"state": ""},
    ],
)  # fmt: skip
def test_a_stranger_is_redirected_nowhere(
    show: Call, press: Call, asks: dict[str, str], change: dict[str, str]
) -> None:
    for answer in (show({**asks, **change}), press({**asks, **change, "realm": REALM, "decision": "connect"})):
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "can’t be connected" in answer.text


def test_a_registered_address_is_known(show: Call, press: Call, asks: dict[str, str], control: Call) -> None:
    there = "https://books.example.com/back?from=qbo"
    assert control("POST", "/redirects", json={"uri": there}).json() == {"redirects": [there]}
    page = show({**asks, "redirect_uri": there})
    assert "form-action 'self' https://books.example.com" in page.headers["Content-Security-Policy"]
    answer = press({**Form(page.text).hidden, "realm": REALM, "decision": "connect"})
    assert answer.headers["Location"].startswith(f"{there}&code=")


@pytest.mark.parametrize("realm", ["", "1"])
def test_no_company_chosen_asks_again(show: Call, press: Call, asks: dict[str, str], realm: str) -> None:
    form = Form(show(asks).text).hidden
    again = press({**form, "realm": realm, "decision": "connect"})
    assert (again.status_code, Form(again.text).hidden) == (400, form)
    assert "Choose a company first." in again.text


def test_the_page_allows_nothing_but_its_own_style(show: Call, asks: dict[str, str], url: str) -> None:
    page = show(asks)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert policy.endswith("form-action 'self' http://127.0.0.1:8123")
    style = requests.get(f"{url}/connect/consent.css", timeout=10)
    assert (style.status_code, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")


def test_names_are_text_and_not_markup() -> None:
    page = consent_page(
        firm="Quill & <b>Ledger</b>", choices=[Choice(REALM, '"><script>alert(1)</script>')], scopes=[ACCOUNTING],
        target="http://127.0.0.1", hidden={"state": '"><script>'},
    )  # fmt: skip
    assert Form(page).hidden == {"state": '"><script>'}
    assert "<b>" not in page
