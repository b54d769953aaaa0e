"""A vendor whose payee changed: seen on the page, called back through the API, cleared by a second person on the page."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import delete, select, update

from interlock.app.settling import settle
from interlock.domains.ap.decision_models import PayeeCallback, VendorPayee
from interlock.domains.ap.models import Bill, Vendor
from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.scope import Scope
from tests.web.conftest import Site
from tests.web.serving import Answer

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@dataclass
class Case:
    """One vendor with open bills at a served client, its e-mail changed behind everybody's back."""

    site: Site
    slug: str
    vendor_id: str
    bills: set[str]

    def api(self, method: str, path: str, body: Any = None, *, who: str | None = None) -> Answer:
        headers = self.site.bearer()
        headers["Idempotency-Key"] = f"a test {datetime.now(UTC).timestamp()} {path}"
        if who is not None:
            headers["Interlock-Person"] = who
        sent = None if body is None else json.dumps(body)
        return self.site.ask(method, f"/api/v1/businesses/{self.slug}/{path}", headers=headers, body=sent)

    def form(self, who: str, **fields: str) -> Answer:
        shown = self.site.page(f"/b/{self.slug}/payees")
        token = shown.text.split('name="csrf_token" value="')[1].split('"')[0]
        cookie = shown.headers["Set-Cookie"].split(";")[0]
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        headers["Cookie"] = f"{cookie}; interlock_person={who}"
        body = urlencode({"csrf_token": token, **fields})
        return self.site.ask("POST", f"/b/{self.slug}/payees", headers=headers, body=body)

    def standing(self) -> str:
        found = {each["vendor_id"]: each for each in self.api("GET", "payees").json()["payees"]}
        return str(found[self.vendor_id]["standing"]) if self.vendor_id in found else "quiet"


@pytest.fixture
def case(stand_in: Site) -> Iterator[Case]:
    client, house = stand_in.client, stand_in.house
    scope = Scope(client.firm_id, client.business_id)
    with house.database.writing(Scope(client.firm_id)) as session:
        people = PeopleService(session, client.firm_id)
        known = {each.handle for each in people.people()}
        for handle in ("robin", "wren"):
            if handle not in known:
                people.add(handle, f"{handle.title()} Fenwick", side="firm", email=None, now=NOW, actor="a test")
    with house.database.writing(scope) as session:
        people = PeopleService(session, client.firm_id)
        held = {person.handle for person, _ in people.at(client.business_id)}
        for handle, role in (("robin", "bookkeeper"), ("wren", "controller")):
            if handle not in held:
                people.grant(client.business_id, handle, role, now=NOW, actor="a test")
        owed = select(Bill).where(Bill.business_id == client.business_id, Bill.balance_minor > 0)
        bills = session.scalars(owed.order_by(Bill.id)).all()
        vendor_id = bills[0].vendor_id or ""
        mine = {bill.id for bill in bills if bill.vendor_id == vendor_id}
        was = session.scalars(select(Vendor.email).where(Vendor.id == vendor_id)).one()
    _say(stand_in, vendor_id, "new-address@elsewhere.example")
    yield Case(stand_in, client.slug, vendor_id, mine)
    with house.database.writing(scope) as session:  # as if nobody had ever looked, for whoever comes next
        session.execute(delete(PayeeCallback))
        session.execute(delete(VendorPayee))
    _say(stand_in, vendor_id, was)


def _say(site: Site, vendor_id: str, email: str | None) -> None:
    scope = Scope(site.client.firm_id, site.client.business_id)
    with site.house.database.writing(scope) as session:
        session.execute(update(Vendor).where(Vendor.id == vendor_id).values(email=email))
    settle(site.house.database, site.house.clock, site.client)


CALL = {"number_called": "+1 207 555 0131", "number_from": "contract", "spoke_to": "Nell Abara"}


def test_a_change_is_shown_recorded_and_cleared_by_a_second_person(case: Case) -> None:
    assert case.standing() == "changed"
    page = case.site.page(f"/b/{case.slug}/payees").text
    assert "new-address@elsewhere.example" in page and "Nobody has called the vendor back yet." in page
    console = case.api("GET", "console").text
    assert "V04 payee details changed" in console
    made = case.api("POST", f"payees/{case.vendor_id}/callbacks", CALL, who="robin")
    assert made.status == 201 and "a second person clears it" in made.json()["words"]
    callback_id = made.json()["callback_id"]
    own = case.api("POST", f"callbacks/{callback_id}/clear", {}, who="robin")
    assert own.status == 403 and "may not clear" in own.text
    cleared = case.form("wren", act="clear", callback_id=callback_id)
    assert (cleared.status, cleared.headers["Location"]) == (303, f"/b/{case.slug}/payees")
    assert case.standing() == "resting", "nothing is paid for two workdays"
    assert "Cleared, resting" in case.site.page(f"/b/{case.slug}/payees").text


def test_nobody_records_without_a_name_and_no_number_from_the_message(case: Case) -> None:
    nameless = case.api("POST", f"payees/{case.vendor_id}/callbacks", CALL)
    assert (nameless.status, nameless.json()["code"]) == (403, "who")
    lured = case.form("robin", act="record", vendor_id=case.vendor_id, **{**CALL, "number_from": "the message itself"})
    assert lured.status == 403 and "came with the change" in lured.text
    assert case.standing() == "changed"


def test_a_refused_call_leaves_the_vendor_stopped(case: Case) -> None:
    made = case.api("POST", f"payees/{case.vendor_id}/callbacks", CALL, who="robin").json()
    refused = case.api("POST", f"callbacks/{made['callback_id']}/refuse", {"comment": "Nobody there"}, who="wren")
    assert refused.status == 200 and refused.json()["cleared"] is False
    assert case.standing() == "changed"


def test_banks_are_asked_only_where_one_is_linked(case: Case) -> None:
    answer = case.api("POST", "balances/refresh", who="wren")
    assert answer.status == 409 and "no bank linked" in answer.text
