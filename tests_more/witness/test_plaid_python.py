"""Plaid's own Python client drives every call of our Plaid; PyJWT, which shares no code with us, checks the webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any

import jwt
import plaid  # type: ignore[import-untyped]
import pytest
import requests
from jwt.algorithms import ECAlgorithm
from plaid.api import plaid_api  # type: ignore[import-untyped]

Control = Callable[..., dict[str, Any]]
WAIT_SECONDS = 20
PRODUCTS = ["transactions", "auth", "identity"]


class Ear:
    """An app's webhook address."""

    def __init__(self) -> None:
        self.came: Queue[tuple[str, bytes]] = Queue()
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()
                ear.came.put((self.headers["Plaid-Verification"], body))

            def log_message(self, *said: Any) -> None:
                """Nothing on stderr."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/plaid"

    def hear(self, code: str) -> tuple[str, bytes, dict[str, Any]]:
        """The next webhook with this code."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                token, raw = self.came.get(timeout=max(0.01, end - time.monotonic()))
            except Empty:
                pytest.fail(f"no {code} came within {WAIT_SECONDS} s; look at GET /control/notices")
            said = json.loads(raw)
            if said["webhook_code"] == code:
                return token, raw, said


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def logins(control: Control) -> list[dict[str, Any]]:
    """The first login of each client, with the client's realm."""
    clients = control("GET", "/rails")["clients"]
    return [{**client["plaid"]["logins"][0], "realm": client["realm_id"]} for client in clients]


@pytest.fixture
def api(url: str, control: Control) -> Iterator[Any]:
    """plaid-python at our address."""
    seen = control("GET", "/plaid")
    keys = {"clientId": seen["client_id"], "secret": seen["secret"], "plaidVersion": "2020-09-14"}
    with plaid.ApiClient(plaid.Configuration(host=f"{url}/plaid", api_key=keys)) as client:
        yield plaid_api.PlaidApi(client)


def asked(name: str, **fields: Any) -> Any:
    """A request model of plaid-python by its name, nested models from plain values."""
    module = __import__(f"plaid.model.{re.sub(r'(?<!^)(?=[A-Z])', '_', name).lower()}", fromlist=[name])
    return plaid.model_utils.deserialize_model(
        fields, getattr(module, name), ["asked"], True, plaid.Configuration(), spec_property_naming=True
    )


def create_link(api: Any, ear: Ear | None = None, **more: Any) -> Any:
    hook = {} if ear is None else {"webhook": ear.url}
    usual = {"products": PRODUCTS} if not {"access_token", "products"} & set(more) else {}
    return api.link_token_create(
        asked(
            "LinkTokenCreateRequest", client_name="Interlock", language="en", country_codes=["US"],
            user={"client_user_id": "business-1"}, transactions={"days_requested": 730},
            hosted_link={"completion_redirect_uri": "http://127.0.0.1:9/done"}, **usual, **hook, **more,
        )
    )  # fmt: skip


def agree(hosted: str, login: str) -> requests.Response:
    """What a person does on the page: pick the login, leave all accounts ticked, agree."""
    page = requests.get(hosted, params={"login": login}, timeout=10)
    ticked = re.findall(r'name="account" value="([^"]+)" checked', page.text)
    form = [("decision", "agree"), ("login", login), *(("account", each) for each in ticked)]
    return requests.post(hosted, data=form, allow_redirects=False, timeout=10)


def linked(api: Any, login: str, ear: Ear | None = None) -> Any:
    """An Item by way of the page: the exchange's answer."""
    link = create_link(api, ear)
    assert agree(link.hosted_link_url, login).status_code == 303
    found = api.link_token_get(asked("LinkTokenGetRequest", link_token=link.link_token))
    token = found.link_sessions[0].results.item_add_results[0].public_token
    return api.item_public_token_exchange(asked("ItemPublicTokenExchangeRequest", public_token=token))


def told(refused: Any) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(refused.value.body)
    return {**said, "http": refused.value.status}


def whole_sync(api: Any, token: str, cursor: str = "", count: int = 500) -> tuple[dict[str, Any], list[str], str]:
    """All pages after a cursor: transactions added by id, ids removed, the cursor to keep."""
    added: dict[str, Any] = {}
    removed: list[str] = []
    while True:
        page = api.transactions_sync(
            asked("TransactionsSyncRequest", access_token=token, cursor=cursor, count=count)
        )  # fmt: skip
        added |= {each.transaction_id: each for each in [*page.added, *page.modified]}
        removed += [each.transaction_id for each in page.removed]
        cursor = page.next_cursor
        if not page.has_more:
            return added, removed, cursor


def test_a_bank_is_linked_on_the_hosted_page(api: Any, ear: Ear, logins: list[dict[str, Any]]) -> None:
    link = create_link(api, ear)
    assert link.link_token.startswith("link-sandbox-")
    back = agree(link.hosted_link_url, logins[0]["login"])
    assert (back.status_code, back.headers["Location"]) == (303, "http://127.0.0.1:9/done")

    found = api.link_token_get(asked("LinkTokenGetRequest", link_token=link.link_token))
    session = found.link_sessions[0]
    result = session.results.item_add_results[0]
    assert result.institution.institution_id == logins[0]["institution_id"]
    assert [each.mask for each in result.accounts] == [each["mask"] for each in logins[0]["accounts"]]

    _, _, finished = ear.hear("SESSION_FINISHED")
    assert (finished["webhook_type"], finished["status"]) == ("LINK", "SUCCESS")
    assert finished["public_tokens"] == [result.public_token], "the webhook and /link/token/get must name one token"
    made = api.item_public_token_exchange(asked("ItemPublicTokenExchangeRequest", public_token=result.public_token))
    assert made.access_token.startswith("access-sandbox-")
    _, _, ready = ear.hear("SYNC_UPDATES_AVAILABLE")
    assert (ready["item_id"], ready["historical_update_complete"]) == (made.item_id, True)
    with pytest.raises(plaid.ApiException) as refused:
        api.item_public_token_exchange(asked("ItemPublicTokenExchangeRequest", public_token=result.public_token))
    assert told(refused)["error_code"] == "INVALID_PUBLIC_TOKEN"


def test_somebody_who_leaves_links_nothing(api: Any, ear: Ear) -> None:
    link = create_link(api, ear)
    assert requests.get(link.hosted_link_url, timeout=10).status_code == 200
    left = requests.post(link.hosted_link_url, data={"decision": "leave"}, allow_redirects=False, timeout=10)
    assert left.status_code == 303
    session = api.link_token_get(asked("LinkTokenGetRequest", link_token=link.link_token)).link_sessions[0]
    assert session.finished_at is not None and session.results.item_add_results == []
    assert ear.hear("SESSION_FINISHED")[2]["status"] == "EXITED"
    assert requests.get(link.hosted_link_url, timeout=10).status_code == 200, "they may come back"
    sessions = api.link_token_get(asked("LinkTokenGetRequest", link_token=link.link_token)).link_sessions
    assert [each.finished_at is None for each in sessions] == [False, True], "a second visit is a second session"


def test_balances_numbers_and_owners(api: Any, logins: list[dict[str, Any]], control: Control) -> None:
    token = linked(api, logins[0]["login"]).access_token
    cached = api.accounts_get(asked("AccountsGetRequest", access_token=token))
    fresh = api.accounts_balance_get(asked("AccountsBalanceGetRequest", access_token=token))
    truth = control("GET", f"/bank/{logins[0]['realm']}/accounts")["accounts"]
    held = [each for each in truth if each["institution_id"] == logins[0]["institution_id"]]
    assert [Decimal(str(each.balances.current)) * 100 for each in fresh.accounts] == [
        each["current_minor"] for each in held
    ]
    assert [each.account_id for each in cached.accounts] == [each.account_id for each in fresh.accounts]

    numbers = api.auth_get(asked("AuthGetRequest", access_token=token)).numbers.ach
    assert [(each.account, each.routing) for each in numbers] == [
        (each["number"], each["routing"]) for each in held if each["kind"] != "credit card"
    ]
    owners = api.identity_get(asked("IdentityGetRequest", access_token=token)).accounts[0].owners
    assert owners[0].names == held[0]["owners"]
    user = {"legal_name": held[0]["owners"][0], "phone_number": "+14155550000"}
    match = api.identity_match(asked("IdentityMatchRequest", access_token=token, user=user)).accounts[0]
    assert (match.legal_name.score, match.legal_name.is_business_name_detected) == (100, True)
    assert match.phone_number.score == 0 and match.balances.current is None


def test_a_tokenised_number_is_not_the_real_one(api: Any, logins: list[dict[str, Any]], control: Control) -> None:
    login = next(each for each in logins if each["institution"] == "Tamarind Federal")
    token = linked(api, login["login"]).access_token
    number = api.auth_get(asked("AuthGetRequest", access_token=token)).numbers.ach[0]
    real = control("GET", f"/bank/{login['realm']}/accounts")["accounts"][0]["number"]
    assert number.is_tokenized_account_number and number.account != real


def test_the_sum_of_all_lines_is_the_change_of_the_balance(
    api: Any, logins: list[dict[str, Any]], control: Control
) -> None:
    """Positive is money out: what a feed with the other sign could never satisfy."""
    token = linked(api, logins[0]["login"]).access_token
    added, removed, _ = whole_sync(api, token, count=137)
    assert removed == []
    checking = api.accounts_balance_get(asked("AccountsBalanceGetRequest", access_token=token)).accounts[0]
    moved = sum(
        -Decimal(str(each.amount))
        for each in added.values()
        if each.account_id == checking.account_id and not each.pending
    )
    realm = logins[0]["realm"]
    lines = control("GET", f"/bank/{realm}/lines", params={"account": "1"})["lines"]
    assert moved * 100 == sum(each["amount_minor"] for each in lines if not each["pending"])
    assert sum(1 for each in added.values() if each.account_id == checking.account_id) == len(lines)


def test_a_pending_line_posts_under_a_new_id(api: Any, logins: list[dict[str, Any]], control: Control) -> None:
    realm = logins[0]["realm"]
    made = linked(api, logins[0]["login"])
    _, _, cursor = whole_sync(api, made.access_token)
    line = {"account": "1", "amount_minor": -12_345, "name": "ACH DEBIT TESTED", "pending": True, "posts_in_days": 1}
    control("POST", f"/bank/{realm}/lines", json=line)
    api.transactions_refresh(asked("TransactionsRefreshRequest", access_token=made.access_token))
    added, _, cursor = whole_sync(api, made.access_token, cursor)
    (pending,) = [each for each in added.values() if each.name == "ACH DEBIT TESTED"]
    assert (pending.amount, pending.pending, pending.pending_transaction_id) == (123.45, True, None)
    control("POST", "/clock/advance", json={"days": 1.01, "live": False})
    added, removed, _ = whole_sync(api, made.access_token, cursor)
    (posted,) = [each for each in added.values() if each.name == "ACH DEBIT TESTED"]
    assert posted.pending_transaction_id == pending.transaction_id != posted.transaction_id
    assert pending.transaction_id in removed and not posted.pending


def test_lines_that_move_between_two_pages_break_the_loop(
    api: Any, logins: list[dict[str, Any]], control: Control
) -> None:
    made = linked(api, logins[0]["login"])
    first = api.transactions_sync(asked("TransactionsSyncRequest", access_token=made.access_token, count=100))
    assert first.has_more
    control("POST", f"/bank/{logins[0]['realm']}/lines", json={"account": "1", "amount_minor": 5, "name": "MOVED"})
    control("POST", f"/plaid/items/{made.item_id}/look")
    with pytest.raises(plaid.ApiException) as refused:
        api.transactions_sync(
            asked("TransactionsSyncRequest", access_token=made.access_token, cursor=first.next_cursor)
        )  # fmt: skip
    assert told(refused)["error_code"] == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
    added, _, _ = whole_sync(api, made.access_token)
    assert "MOVED" in {each.name for each in added.values()}, (
        "starting again from the first cursor must show everything"
    )


def test_a_broken_login_is_told_and_mended_on_the_page(api: Any, ear: Ear, logins: list[dict[str, Any]]) -> None:
    made = linked(api, logins[0]["login"], ear)
    access = {"access_token": made.access_token}
    assert api.sandbox_item_reset_login(asked("SandboxItemResetLoginRequest", **access)).reset_login
    assert ear.hear("ERROR")[2]["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
    with pytest.raises(plaid.ApiException) as refused:
        api.accounts_get(asked("AccountsGetRequest", **access))
    assert (told(refused)["http"], told(refused)["error_type"]) == (400, "ITEM_ERROR")
    assert api.item_get(asked("ItemGetRequest", **access)).item.error.error_code == "ITEM_LOGIN_REQUIRED"

    link = create_link(api, ear, **access)
    page = requests.get(link.hosted_link_url, timeout=10).text
    ticked = re.findall(r'name="account" value="([^"]+)" checked', page)
    form = [("decision", "agree"), *(("account", each) for each in ticked)]
    assert requests.post(link.hosted_link_url, data=form, allow_redirects=False, timeout=10).status_code == 303
    assert ear.hear("LOGIN_REPAIRED")[2]["item_id"] == made.item_id
    assert api.item_get(asked("ItemGetRequest", **access)).item.error is None
    assert api.accounts_get(asked("AccountsGetRequest", **access)).accounts


def test_an_item_is_moved_rotated_and_removed(api: Any, ear: Ear, logins: list[dict[str, Any]]) -> None:
    made = linked(api, logins[0]["login"])
    access = {"access_token": made.access_token}
    updated = api.item_webhook_update(asked("ItemWebhookUpdateRequest", webhook=ear.url, **access))
    assert updated.item.webhook == ear.url
    assert ear.hear("WEBHOOK_UPDATE_ACKNOWLEDGED")[2]["new_webhook_url"] == ear.url
    fresh = api.item_access_token_invalidate(asked("ItemAccessTokenInvalidateRequest", **access)).new_access_token
    with pytest.raises(plaid.ApiException) as refused:
        api.item_get(asked("ItemGetRequest", **access))
    assert told(refused)["error_code"] == "INVALID_ACCESS_TOKEN"
    seen = api.item_get(asked("ItemGetRequest", access_token=fresh))
    assert seen.item.item_id == made.item_id and seen.status.transactions.last_successful_update is not None
    api.item_remove(asked("ItemRemoveRequest", access_token=fresh))
    with pytest.raises(plaid.ApiException) as refused:
        api.accounts_get(asked("AccountsGetRequest", access_token=fresh))
    assert told(refused)["error_code"] == "ITEM_NOT_FOUND"


def test_an_item_without_the_page(api: Any, ear: Ear, logins: list[dict[str, Any]]) -> None:
    token = api.sandbox_public_token_create(
        asked(
            "SandboxPublicTokenCreateRequest", institution_id=logins[0]["institution_id"], initial_products=PRODUCTS,
            options={"webhook": ear.url, "override_username": logins[0]["realm"]},
        )
    ).public_token  # fmt: skip
    made = api.item_public_token_exchange(asked("ItemPublicTokenExchangeRequest", public_token=token))
    fired = api.sandbox_item_fire_webhook(
        asked(
            "SandboxItemFireWebhookRequest", access_token=made.access_token, webhook_type="ITEM",
            webhook_code="NEW_ACCOUNTS_AVAILABLE",
        )
    )  # fmt: skip
    assert fired.webhook_fired and ear.hear("NEW_ACCOUNTS_AVAILABLE")[2]["item_id"] == made.item_id
    bank = api.institutions_get_by_id(
        asked("InstitutionsGetByIdRequest", institution_id=logins[0]["institution_id"], country_codes=["US"])
    ).institution
    assert bank.name == logins[0]["institution"]


def test_a_webhook_is_signed_as_plaid_signs(api: Any, ear: Ear, logins: list[dict[str, Any]], control: Control) -> None:
    linked(api, logins[0]["login"], ear)
    token, raw, said = ear.hear("SYNC_UPDATES_AVAILABLE")
    assert raw == json.dumps(said, indent=2).encode(), "the body must be indented by two, byte for byte"
    header = jwt.get_unverified_header(token)
    assert header["alg"] == "ES256"
    key = api.webhook_verification_key_get(asked("WebhookVerificationKeyGetRequest", key_id=header["kid"])).key
    public = ECAlgorithm.from_jwk(json.dumps({"kty": key.kty, "crv": key.crv, "x": key.x, "y": key.y}))
    claims = jwt.decode(token, public, algorithms=["ES256"], options={"verify_iat": False})  # type: ignore[arg-type]
    assert hmac.compare_digest(claims["request_body_sha256"], hashlib.sha256(raw).hexdigest())
    assert claims["request_body_sha256"] != hashlib.sha256(raw + b" ").hexdigest()
    assert key.expired_at is None
    assert control("POST", "/plaid/rotate-key")["signing_key"] != key.kid
    old = api.webhook_verification_key_get(asked("WebhookVerificationKeyGetRequest", key_id=header["kid"])).key
    assert old.expired_at is not None, "a key that no longer signs must say since when"


def test_what_is_wrong_with_a_request_is_said_in_plaids_words(api: Any, url: str, control: Control) -> None:
    seen = control("GET", "/plaid")
    keys = {"client_id": seen["client_id"], "secret": seen["secret"]}

    def refused(path: str, body: Any = None, **more: Any) -> tuple[int, str, str]:
        said = requests.post(f"{url}/plaid{path}", json={**keys, **(body or {})}, timeout=10, **more)
        assert said.json()["request_id"], "every answer carries a request_id"
        return said.status_code, said.json()["error_type"], said.json()["error_code"]

    assert refused("/accounts/get") == (400, "INVALID_REQUEST", "MISSING_FIELDS")
    assert refused("/accounts/get", {"access_token": "access-sandbox-x"}) == (
        400, "INVALID_INPUT", "INVALID_ACCESS_TOKEN",
    )  # fmt: skip
    assert refused("/accounts/get", {"secret": "wrong"}) == (400, "INVALID_INPUT", "INVALID_API_KEYS")
    assert refused("/nowhere") == (404, "INVALID_REQUEST", "NOT_FOUND")
    control("POST", "/faults", json={"kind": "throttle", "path": "/plaid/item/get", "count": 1})
    assert refused("/item/get", {"access_token": "x"}) == (429, "RATE_LIMIT_EXCEEDED", "RATE_LIMIT")
    control("POST", "/faults", json={"kind": "server_error", "path": "/plaid/item/get", "count": 1})
    assert refused("/item/get", {"access_token": "x"}) == (500, "API_ERROR", "INTERNAL_SERVER_ERROR")
    with pytest.raises(plaid.ApiException) as wrong:
        create_link(api, products=["balance"])
    assert told(wrong)["error_code"] == "INVALID_FIELD"
