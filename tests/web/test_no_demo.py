"""The demo's control page is only a demo's: any other installation has no such page and no such calls."""

import json

import pytest

from tests.web.conftest import Site

CALLS = [
    ("GET", "/api/v1/demo", None),
    ("POST", "/api/v1/demo/clock", {"minutes": 5}),
    ("POST", "/api/v1/demo/acts", {"business": "b", "intent_id": "i", "act": "bank_posts"}),
    ("POST", "/api/v1/demo/catch-up", {"business": "b"}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_an_installation_that_is_no_demo_has_no_control_calls(
    site: Site, method: str, path: str, body: dict[str, object] | None
) -> None:
    sent = None if body is None else json.dumps(body)
    answer = site.ask(method, path, headers=site.bearer(), body=sent)
    assert (answer.status, answer.json()["code"]) == (404, "not_found")


def test_nor_a_page_nor_a_way_to_it(site: Site) -> None:
    assert site.page("/demo").status == 404
    assert 'href="/demo"' not in site.page("/").text


def test_its_form_is_refused_without_a_token_like_any_other(site: Site) -> None:
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    assert site.ask("POST", "/demo", headers=sent, body="do=minutes&minutes=5").status == 403
