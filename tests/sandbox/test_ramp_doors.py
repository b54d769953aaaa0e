"""Ramp's doors: tokens and what they allow, pages, refusals in its own words, and what its API does not have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ramp import API, FORM, RampDesk, ramp_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RampDesk]:
    with ramp_desk(tmp_path / "data") as opened:
        yield opened


def test_a_token_is_good_for_ten_days_and_for_its_own_client(tmp_path: Path) -> None:
    with ramp_desk(tmp_path / "two", clients=2) as desk:
        minted = desk.mint()
        assert minted.body["expires_in"] == 864_000, minted.body
        token = minted.body["access_token"]
        assert desk.ask("GET", "/business", token=token).body["id"] == desk.business.id
        assert desk.ask("GET", "/business", token=token).body["id"] != list(desk.ramp.businesses.values())[1].id
        desk.passes(days=10.1)
        assert desk.ask("GET", "/business", token=token).status == 401


def test_wrong_secrets_and_other_grants_make_no_token(desk: RampDesk) -> None:
    assert desk.mint(secret="ramp_sec_wrong").status == 401
    assert desk.mint(scope="").body["error"] == "invalid_scope"
    assert desk.mint(grant_type="password").body["error"] == "unsupported_grant_type"
    assert desk.send("POST", f"{API}/token", FORM, b"grant_type=client_credentials").status == 401
    assert not desk.ramp.tokens, "a refused request must not leave a token"


def test_a_revoked_token_is_no_good_and_a_restart_remembers(tmp_path: Path) -> None:
    with ramp_desk(tmp_path / "data") as desk:
        kept, gone = desk.mint().body["access_token"], desk.mint().body["access_token"]
        assert kept != gone
        who = desk.send("POST", f"{API}/token/revoke", FORM, f"token={gone}".encode())
        assert who.status == 401, "revoking takes the client's own credentials"
        desk.control("POST", f"/ramp/{desk.realm}/revoke")
        fresh = desk.mint().body["access_token"]
    with ramp_desk(tmp_path / "data") as desk:
        assert desk.ask("GET", "/business", token=kept).status == 401
        assert desk.ask("GET", "/business", token=fresh).status == 200


def test_scopes_are_met_at_the_call_and_at_the_token_only_by_switch(desk: RampDesk) -> None:
    refused = desk.ask("GET", "/vendors", scope="bills:read")
    assert refused.status == 403
    assert refused.body["error_v2"]["error_code"] == "DEVELOPER_7100"
    desk.settings(allowed_scopes=["bills:read"])
    assert desk.mint("vendors:read").status == 200, "a token mints for any scope"
    assert desk.ask("GET", "/vendors", scope="vendors:read").status == 403
    desk.settings(refuses_scopes_at_token=True)
    assert desk.mint("vendors:read").body["error"] == "invalid_scope"
    assert desk.mint("bills:read").status == 200


def test_pages_are_followed_to_the_end_without_a_row_twice(desk: RampDesk) -> None:
    seen: list[str] = []
    path: str | None = "/vendors?page_size=7"
    while path:
        page = desk.ask("GET", path).body
        assert len(page["data"]) <= 7
        seen += [row["id"] for row in page["data"]]
        path = page["page"]["next"]
        assert path is None or path.startswith("http://"), "page.next is a whole address"
    assert seen == list(desk.business.vendors)
    assert len(desk.ask("GET", "/bills").body["data"]) == 20, "20 rows unless told"


@pytest.mark.parametrize("size", ["1", "101", "0", "-3", "many"])
def test_a_page_size_out_of_bounds_is_refused(desk: RampDesk, size: str) -> None:
    answer = desk.ask("GET", f"/bills?page_size={size}")
    assert answer.status == 422
    assert "page_size" in answer.body["error_v2"]["additional_info"]
    assert "page_size" in answer.body["error"], "the older form stands beside it"


def test_every_answer_has_a_trace_id_and_no_other(desk: RampDesk) -> None:
    said = [desk.ask("GET", path) for path in ("/business", "/bills/none", "/nowhere", "/vendors?page_size=1")]
    ids = {answer.headers["x-trace-id"] for answer in said}
    assert [answer.status for answer in said] == [200, 404, 404, 422]
    assert len(ids) == len(said)


def test_two_hundred_requests_in_ten_seconds_and_no_more(desk: RampDesk) -> None:
    desk.control("POST", "/ramp/limit", {"requests": 3})
    assert [desk.ask("GET", "/business").status for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize(("kind", "status"), [("throttle", 429), ("server_error", 503)])
def test_planned_trouble_is_told_in_ramps_words(desk: RampDesk, kind: str, status: int) -> None:
    desk.token()
    desk.control("POST", "/faults", {"kind": kind, "status": 503, "count": 1, "path": "/ramp/developer/v1/bills"})
    answer = desk.ask("GET", "/bills")
    assert answer.status == status
    assert set(answer.body) == {"error_v2", "error"}, answer.body
    assert desk.ask("GET", "/bills").status == 200


def test_nothing_in_the_api_approves_or_releases(desk: RampDesk) -> None:
    bill = desk.bill()
    for path in ("approve", "release", "hold", "pay", "payment/release"):
        assert desk.ask("POST", f"/bills/{bill['id']}/{path}", {}).status == 404, path
    assert desk.ask("DELETE", "/bills/drafts/none").status == 405


def test_accounts_are_told_without_numbers(desk: RampDesk) -> None:
    entity = desk.ask("GET", "/entities").body["data"][0]
    paying = [each for each in entity["accounts"] if each["usage_type"] == "BILL_PAY_BANK_ACCOUNT"]
    assert paying, "a business that pays bills has an account to pay them from"
    source = desk.ask("GET", f"/bank-accounts/{paying[0]['bank_account_id']}").body
    held = desk.ramp.bank.accounts(desk.realm)
    real = next(each for each in held if each.mask == source["last_four"])
    vendor = next(each for each in desk.business.vendors.values() if each.accounts)
    payees = desk.ask("GET", f"/vendors/{vendor.id}/accounts").body["data"]
    for shown in (source, *payees):
        assert real.number not in str(shown)
        assert "account_number" not in shown
    assert desk.ask("GET", f"/vendors/{vendor.id}/accounts/{payees[0]['id']}").body == payees[0]


def test_clients_without_an_account_are_told_apart(tmp_path: Path) -> None:
    with ramp_desk(tmp_path / "data", clients=5) as desk:
        listed = desk.control("GET", "/rails").body["clients"]
        assert [each["ramp"] is None for each in listed] == [False, False, False, False, True]
        assert listed[0]["ramp"]["client_secret"] == desk.business.client_secret
