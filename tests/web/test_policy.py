"""A policy on its page and behind the API: read by all, tried by those who draft, put in force by the owner."""

import json
from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest

from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.past_payments import opening
from interlock.runway.services.data_orchestrators.policy_past import read_past
from tests.web.conftest import Site
from tests.web.serving import Answer

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
_HANDED = (("opal", "client", "client_owner"), ("cole", "firm", "controller"), ("bea", "firm", "bookkeeper"))


@pytest.fixture
def slug(stand_in: Site) -> str:
    """A client with an owner, a controller and a bookkeeper."""
    client, house = stand_in.client, stand_in.house
    with house.database.writing(Scope(client.firm_id)) as session:
        people = PeopleService(session, client.firm_id)
        known = {each.handle for each in people.people()}
        for handle, side, role in _HANDED:
            if handle not in known:
                people.add(handle, f"{handle.title()} Fenwick", side=side, email=None, now=NOW, actor="a test")
            if handle not in {person.handle for person, _ in people.at(client.business_id)}:
                people.grant(client.business_id, handle, role, now=NOW, actor="a test")
    return client.slug


def ask(site: Site, method: str, path: str, who: str | None, **body: object) -> Answer:
    headers = {**site.bearer(), **({"Interlock-Person": who} if who else {})}
    return site.ask(method, path, headers=headers, body=json.dumps(body) if body else None)


def current(site: Site, slug: str) -> int:
    found: int = ask(site, "GET", f"/api/v1/businesses/{slug}/policy", None).json()["version"]
    return found


def test_the_api_puts_a_text_in_force_for_the_owner_alone(stand_in: Site, slug: str) -> None:
    path, base = f"/api/v1/businesses/{slug}/policy", current(stand_in, slug)
    wanted = {"text": f"[floor]\nbuffer_days = {base + 1}\n", "reason": "two weeks", "base_version": base}
    assert ask(stand_in, "PUT", path, None, **wanted).json()["code"] == "who"
    refused = ask(stand_in, "PUT", path, "cole", **wanted)
    assert (refused.status, refused.json()["code"]) == (403, "refused")
    made = ask(stand_in, "PUT", path, "opal", **wanted)
    assert (made.status, made.json()["version"], made.json()["changes"][0]["path"]) == (
        200,
        base + 1,
        "floor.buffer_days",
    )
    again = ask(stand_in, "PUT", path, "opal", **{**wanted, "text": "[floor]\nbuffer_days = 300\n"})
    assert (again.status, again.json()["code"]) == (409, "busy")
    broken = ask(stand_in, "PUT", path, "opal", text="[floor]\nbuffer = 1\n", reason="x", base_version=base + 1)
    assert (broken.status, broken.json()["code"]) == (422, "policy_broken")
    assert "line 2" in broken.json()["message"].lower()


def test_the_api_checks_and_tries_a_draft_without_changing_anything(stand_in: Site, slug: str) -> None:
    path, base = f"/api/v1/businesses/{slug}/policy", current(stand_in, slug)
    checked = ask(stand_in, "POST", f"{path}/check", None, text="[floor]\nbuffer = 1\n").json()
    assert (checked["fits"], checked["faults"][0]["line"]) == (False, 2)
    tried = ask(stand_in, "POST", f"{path}/dry-run", None, text='[limits]\npayment = "1"\n', days=120).json()
    assert tried["flips_count"] > 0
    assert sum(each["after"] for each in tried["outcomes"]) == tried["payments"]
    assert ask(stand_in, "POST", f"{path}/dry-run", None, text="", days=9_999).status == 422
    assert current(stand_in, slug) == base


def test_the_firms_own_is_written_by_who_proposes_there(stand_in: Site, slug: str) -> None:
    base = ask(stand_in, "GET", "/api/v1/policy", None).json()["version"]
    said = {"text": f"[horizon]\nguardrail_days = {36 + base}\n", "reason": "house rules", "base_version": base}
    assert ask(stand_in, "PUT", "/api/v1/policy", "opal", **said).status == 403
    assert ask(stand_in, "PUT", "/api/v1/policy", None, **said).json()["code"] == "who"
    assert ask(stand_in, "PUT", "/api/v1/policy", "cole", **said).json()["version"] == base + 1
    values = ask(stand_in, "GET", f"/api/v1/businesses/{slug}/policy", None).json()["values"]
    whose = {each["path"]: each["from_words"] for each in values}
    assert whose["horizon.guardrail_days"] == f"firm version {base + 1}"
    assert ask(stand_in, "POST", "/api/v1/policy/check", None, text="x = 1\n").json()["fits"] is False


def test_the_books_cash_walks_back_to_nothing_at_their_start(site: Site) -> None:
    for client in site.businesses:
        with site.house.database.reading(Scope(client.firm_id, client.business_id)) as session:
            past = read_past(session, client, date(2020, 1, 1), date(2030, 1, 1)).past
        assert past.payments and past.invoices and past.cash_minor
        assert opening(past, min(past.moved)) == 0, f"{client.name}: a movement is missing, or counted at a wrong rate"


def page(site: Site, slug: str, who: str | None, **form: object) -> Answer:
    """The page as a person sees it; with a form, what it answers when that is sent."""
    shown = site.page(f"/b/{slug}/policy")
    cookie = shown.headers["Set-Cookie"].split(";")[0] + (f"; interlock_person={who}" if who else "")
    headers = {"Accept": "text/html", "Cookie": cookie}
    if not form:
        return site.ask("GET", f"/b/{slug}/policy", headers=headers)
    token = shown.text.split('name="csrf_token" value="')[1].split('"')[0]
    sent = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    return site.ask("POST", f"/b/{slug}/policy", headers=sent, body=urlencode({"csrf_token": token, **form}))


def test_the_page_offers_each_person_what_they_may(stand_in: Site, slug: str) -> None:
    nobody, bookkeeper, controller, owner = (page(stand_in, slug, who).text for who in (None, "bea", "cole", "opal"))
    assert "choose a person at the top" in nobody and "<textarea" not in nobody
    assert "may not put a policy in force here" in bookkeeper and "<textarea" not in bookkeeper
    assert "Try it on the past" in controller and "Put in force" not in controller
    assert "may not put a policy in force here" in controller
    assert "Put in force" in owner and "may not" not in owner


def test_a_draft_is_tried_on_the_page_before_it_is_saved(stand_in: Site, slug: str) -> None:
    base = current(stand_in, slug)
    tried = page(stand_in, slug, "cole", act="dry-run", text='[limits]\r\npayment = "1"\r\n', days=120)
    assert tried.status == 200
    assert "would flip" in tried.text and "Reconstructed, not recorded" in tried.text
    assert "payment = &#34;1&#34;" in tried.text, "the draft is still there"
    assert current(stand_in, slug) == base


def test_a_controller_proposes_and_the_owner_takes_it_up(stand_in: Site, slug: str) -> None:
    base = current(stand_in, slug)
    text = f"[vendors]\ndormant_days = {400 + base}\n"
    assert "Propose it" in page(stand_in, slug, "cole").text
    done = page(stand_in, slug, "cole", act="propose", text=text, reason="fewer false alarms", base_version=base)
    assert done.status == 303
    shown = page(stand_in, slug, "opal").text
    assert "fewer false alarms" in shown and "Cole Fenwick [cole] (this machine)" in shown
    assert f"365 days → <b>{400 + base} days</b>" in shown
    assert f"dormant_days = {400 + base}" in page(stand_in, slug, "opal", act="check", text=text).text
    path = f"/api/v1/businesses/{slug}/policy"
    again = ask(stand_in, "POST", f"{path}/proposals", "bea", text=text, reason="x")
    assert (again.status, again.json()["code"]) == (403, "refused")
    made = ask(stand_in, "POST", f"{path}/proposals", "cole", text=f"{text}# once more\n", reason="x")
    assert (made.status, made.json()["check"]["fits"]) == (201, True)
    assert ask(stand_in, "GET", path, None).json()["proposal"]["reason"] == "x"
    wanted = {"text": text, "reason": "agreed", "base_version": base}
    assert ask(stand_in, "PUT", path, "opal", **wanted).status == 200
    assert ask(stand_in, "GET", path, None).json()["proposal"] is None


def test_what_fails_comes_back_with_the_draft_and_what_fits_is_in_force(stand_in: Site, slug: str) -> None:
    base = current(stand_in, slug)
    broken = page(stand_in, slug, "opal", act="set", text="[floor]\nbuffer = <1\n", reason="x", base_version=base)
    assert broken.status == 422
    assert "Line 2" in broken.text and "buffer = &lt;1" in broken.text
    refused = page(stand_in, slug, "cole", act="set", text="", reason="x", base_version=base)
    assert refused.status == 403
    text = f"[vendors]\nnew_days = {31 + base}\n"
    done = page(stand_in, slug, "opal", act="set", text=text, reason="new ones longer", base_version=base)
    assert (done.status, done.headers["Location"]) == (303, f"/b/{slug}/policy")
    shown = page(stand_in, slug, "opal").text
    assert f"Client version {base + 1}" in shown and "new ones longer" in shown
