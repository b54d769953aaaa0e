"""The JSON API: the same view models as the pages, exact amounts, bounded pages, errors with a code."""

import json
from typing import Any

import pytest

from tests.web.conftest import Site


def _get(site: Site, path: str) -> Any:
    answer = site.ask("GET", f"/api/v1{path}")
    assert answer.status == 200, answer.text
    return answer.json()


def _of_client(site: Site, path: str) -> Any:
    return _get(site, f"/businesses/{site.client.slug}/{path}")


def _open_bill(site: Site, at: int) -> dict[str, Any]:
    """A bill of this test's own: each test here takes another."""
    bills: list[dict[str, Any]] = _of_client(site, "bills")["bills"]
    return [bill for bill in bills if not bill["held"]][at]


def test_the_seeds_keys_stand(site: Site) -> None:
    tray, console, digest = (_of_client(site, name) for name in ("tray", "console", "digest"))
    assert {"bills_with_issues", "invoices_with_issues", "sync_status"} <= tray.keys()
    assert {"bills_last_sync", "invoices_last_sync"} <= tray["sync_status"].keys()
    assert {"bills_ready", "invoices_ready"} <= console.keys()
    assert {"bills_with_issues_count", "invoices_with_issues_count"} <= digest["hygiene_summary"].keys()
    assert {"bills_ready_count", "invoices_ready_count"} <= digest["decision_summary"].keys()
    assert {"current_balances", "hygiene_data", "decision_data"} <= digest.keys()


def test_amounts_are_exact_text_and_instants_are_utc(site: Site) -> None:
    portfolio = _get(site, "/portfolio")
    cash = portfolio["clients"][0]["book_cash"]["amount"]
    assert isinstance(cash["amount"], str) and cash["amount"][-3] == "." and cash["currency"] == "USD"
    assert portfolio["as_of"].endswith("Z")


def test_a_business_is_named_by_id_slug_or_name(site: Site) -> None:
    by_slug = _of_client(site, "balances")
    assert _get(site, f"/businesses/{site.client.business_id}/balances") == by_slug
    assert _get(site, f"/businesses/{site.client.name.replace(' ', '%20').replace('&', '%26')}/balances") == by_slug


def test_bills_are_filtered_by_vendor_state_and_due_date(site: Site) -> None:
    everything = _of_client(site, "bills?which=all&most=1000")
    open_ones = _of_client(site, "bills?most=1000")
    assert 0 < open_ones["count"] < everything["count"]
    assert all(float(bill["balance"]["amount"]) for bill in open_ones["bills"])
    vendor = open_ones["bills"][0]["party_name"]
    theirs = _of_client(site, f"bills?vendor={vendor.replace(' ', '%20').replace('&', '%26')}")
    assert {bill["party_name"] for bill in theirs["bills"]} == {vendor}
    dues = sorted(bill["due"] for bill in open_ones["bills"] if bill["due"])
    middle = dues[len(dues) // 2]
    before = _of_client(site, f"bills?most=1000&due_to={middle}")
    after = _of_client(site, f"bills?most=1000&due_from={middle}")
    assert before["count"] == sum(due <= middle for due in dues)
    assert after["count"] == sum(due >= middle for due in dues)


def test_pages_of_bills_add_up_to_all_of_them(site: Site) -> None:
    seen: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = _of_client(site, f"bills?which=all&most=90&offset={offset}")
        seen += [bill["id"] for bill in page["bills"]]
        offset = page["next_offset"]
    assert len(seen) == len(set(seen)) == page["count"], "pages must hold each bill once"


@pytest.mark.parametrize(
    "wrong",
    [
        "bills?most=0",
        "bills?most=1001",
        "bills?offset=-1",
        "bills?which=some",
        "bills?due_from=soon",
        "invoices?most=x",
        "log?most=1001",
        "log?before=0",
        "aging/payables?as_of=today",
    ],
)
def test_bounds_are_refused_by_name(site: Site, wrong: str) -> None:
    answer = site.ask("GET", f"/api/v1/businesses/{site.client.slug}/{wrong}")
    assert answer.status == 422
    body = answer.json()
    assert set(body) == {"code", "message"} and body["code"] == "bad_input"
    assert wrong.split("?")[1].split("=")[0] in body["message"], "the message must name the parameter"


@pytest.mark.parametrize("body", [r'{"names": ["Half \ud800"]}', r'{"names": ["Alder"], "half \ud800": 1}'])
def test_half_a_character_is_refused_like_anything_that_does_not_fit(site: Site, body: str) -> None:
    """A lone surrogate stands in valid JSON, and no answer can say it back."""
    answer = site.ask("POST", "/api/v1/connect/qbo", headers=site.bearer(), body=body)
    assert (answer.status, answer.json()["code"]) == (422, "bad_input"), answer.text


def test_one_bill_comes_with_lines_links_findings_and_lineage(site: Site) -> None:
    one = _of_client(site, f"bills/{_open_bill(site, 0)['id']}")
    assert one["lines"] and one["lineage"]["sha256"] and one["lineage"]["payload"]["Id"] == one["bill"]["id"]
    assert "deeplinkcompanyid=" in one["bill"]["link"]


def test_a_hold_keeps_a_bill_from_the_ready_ones_and_leaves_a_line(site: Site) -> None:
    bill = next(each for each in _of_client(site, "console")["bills_ready"])
    path = f"/api/v1/businesses/{site.client.slug}/bills/{bill['id']}/annotation"
    before = _of_client(site, "log")["head"]["seq"]
    held = site.ask(
        "POST", path, headers=site.bearer(), body='{"hold_reason": "not delivered", "held_until": "2099-01-01"}'
    )
    assert held.status == 200, held.text
    assert held.json()["held"] and held.json()["blocked"].startswith("Held until 1 Jan")
    console = _of_client(site, "console")
    assert bill["id"] not in {each["id"] for each in console["bills_ready"]}
    assert bill["id"] in {each["id"] for each in console["bills_blocked"]}
    log = _of_client(site, "log")
    assert log["head"]["seq"] == before + 1
    assert log["lines"][0]["action"] == "bill.annotated"
    noted = site.ask("POST", path, headers=site.bearer(), body='{"note": "Asked them"}')
    assert noted.json()["held"], "a field left out stays as it was"
    lifted = site.ask("POST", path, headers=site.bearer(), body='{"hold_reason": null}')
    assert not lifted.json()["held"] and lifted.json()["note"] == "Asked them"
    assert _of_client(site, "log/verify")["holds"]


def test_an_invoice_is_annotated_too(site: Site) -> None:
    invoice = _of_client(site, "invoices")["invoices"][0]
    path = f"/api/v1/businesses/{site.client.slug}/invoices/{invoice['id']}/annotation"
    answer = site.ask("POST", path, headers=site.bearer(), body='{"category": "retainer"}')
    assert answer.status == 200 and answer.json()["category"] == "retainer"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{}", "Nothing to change"),
        ('{"held_until": "2099-01-01"}', "reason"),
        ('{"note": 5}', "note"),
        ('{"approved": true}', "approved"),
        ('{"category": "' + "x" * 81 + '"}', "category"),
        ("not json", "JSON"),
        ("[]", "dict"),
    ],
)
def test_a_bad_annotation_changes_nothing(site: Site, body: str, says: str) -> None:
    bill = _open_bill(site, 3)
    before = _of_client(site, "log")["head"]
    path = f"/api/v1/businesses/{site.client.slug}/bills/{bill['id']}/annotation"
    answer = site.ask("POST", path, headers=site.bearer(), body=body)
    assert answer.status == 422 and answer.json()["code"] == "bad_input"
    assert says in answer.json()["message"]
    assert _of_client(site, "log")["head"] == before


def test_a_sync_says_what_it_did(site: Site) -> None:
    answer = site.ask("POST", f"/api/v1/businesses/{site.client.slug}/sync", headers=site.bearer(), body="{}")
    assert answer.status == 200
    done = answer.json()
    assert done["mode"] == "changes" and done["calls"] >= 1 and done["business_id"] == site.client.business_id


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/businesses/nobody/tray", 404, "not_found"),
        ("GET", "/businesses/{slug}/bills/999999", 404, "not_found"),
        ("POST", "/businesses/nobody/sync", 404, "not_found"),
        ("POST", "/businesses/{slug}/bills/999999/annotation", 404, "not_found"),
        ("POST", "/portfolio", 405, "method_not_allowed"),
    ],
)
def test_errors_have_a_code_and_a_sentence(site: Site, method: str, path: str, status: int, code: str) -> None:
    answer = site.ask(
        method,
        f"/api/v1{path.format(slug=site.client.slug)}",
        headers=site.bearer(),
        body=json.dumps({"note": "x"}) if method == "POST" else None,
    )
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "message"} and answer.headers["content-type"] == "application/json"
