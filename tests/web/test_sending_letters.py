"""Sending a client's letter by the API and from the digest page: what it will do is said before, and a week has one."""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.kernel.scope import Scope
from tests.support.mail import TestServer, mail_server
from tests.web.conftest import Site
from tests.web.serving import Answer

TO = "iris@owner.example"


@dataclass(frozen=True)
class Desk:
    """A client with an owner who gets its letter, an auditor who may look, and a mail server."""

    site: Site
    mail: TestServer

    @property
    def path(self) -> str:
        return f"/api/v1/businesses/{self.site.client.slug}/letters"

    def post(self, body: object, who: str | None = "ottilie") -> Answer:
        named = {"Interlock-Person": who} if who else {}
        return self.site.ask("POST", self.path, headers=self.site.bearer() | named, body=json.dumps(body))

    def press(self, who: str | None = "ottilie", **fields: object) -> Answer:
        """The page's own form, as a browser sends it."""
        slug = self.site.client.slug
        shown = self.site.page(f"/b/{slug}/digest")
        token = shown.text.split('name="csrf_token" value="')[1].split('"')[0]
        cookie = shown.headers["Set-Cookie"].split(";")[0] + (f"; interlock_person={who}" if who else "")
        form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html", "Cookie": cookie}
        return self.site.ask("POST", f"/b/{slug}/digest", headers=form, body=urlencode({"csrf_token": token} | fields))


@pytest.fixture(scope="module")
def desk(stand_in: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("mail")
    site, before = stand_in, stand_in.house.settings
    business, now = site.client, site.house.clock.now()
    with site.house.database.writing(Scope(business.firm_id)) as session:
        people = PeopleService(session, business.firm_id)
        people.add("ottilie", "Ottilie Fenwick", side="client", email=None, now=now, actor="a test")
        people.add("piet", "Piet Lorimer", side="firm", email=None, now=now, actor="a test")
        people.grant(business.business_id, "ottilie", "client_owner", now=now, actor="a test")
        people.grant(business.business_id, "piet", "reviewer", now=now, actor="a test")
    with site.house.database.writing(Scope(business.firm_id, business.business_id)) as session:
        owner = PeopleService(session, business.firm_id).acting(business.business_id, "ottilie")
        text = f'[digest]\nto = ["{TO}"]\n'
        PolicyService(session, business.firm_id).write(business, text, reason="letters", by=owner, now=now)
    with mail_server(folder) as server:
        site.house.settings = dataclasses.replace(before, smtp_url=server.url, mail_from="letters@firm.example")
        yield Desk(site, server)
        site.house.settings = before


def test_a_letter_is_sent_once_and_then_only_with_a_reason(desk: Desk) -> None:
    seen = len(desk.mail.messages())
    assert TO in desk.site.ask("GET", f"{desk.path}/outlook").json()["words"]
    done = desk.post({}).json()
    assert done["to"] == [TO] and "was taken by the mail server" in done["words"], done
    after = len(desk.mail.messages())
    assert after == seen + done["now"]
    for _ in range(2):
        again = desk.post({}).json()
        assert not again["now"] and "a client gets one a week" in again["words"], again
    assert len(desk.mail.messages()) == after, "sent twice by asking twice"
    outlook = desk.site.ask("GET", f"{desk.path}/outlook").json()
    assert outlook["act"] == "another" and "needs a reason" in outlook["words"]
    another = desk.press(act="another", number=outlook["number"], reason="A figure changed")
    assert (another.status, another.headers["Location"]) == (303, f"/b/{desk.site.client.slug}/digest#send")
    twice = desk.press(act="another", number=outlook["number"], reason="A figure changed")
    assert twice.status == 303, "pressed twice"
    assert len(desk.mail.messages()) == after + 1, "two presses of one button made one letter"
    shown = desk.site.page(f"/b/{desk.site.client.slug}/digest").text
    assert "Send another" in shown and f"({outlook['number']} of its week)" in shown
    papers = [paper(desk, done["dated"], number) for number in ("", "?number=1", f"?number={outlook['number']}")]
    assert papers[0] == papers[2] != papers[1], "without a number it is the newest of its day"
    with pytest.raises(HTTPError, match="404"):
        paper(desk, done["dated"], "?number=9")


def paper(desk: Desk, dated: str, number: str) -> bytes:
    with urlopen(f"{desk.site.url}/b/{desk.site.client.slug}/digest/{dated}.pdf{number}", timeout=30) as answer:
        said: bytes = answer.read()
    assert said.startswith(b"%PDF-")
    return said


@pytest.mark.parametrize(
    "body",
    [
        {"again": "perhaps"},
        {"another": {}},
        {"another": {"reason": ""}},
        {"another": {"reason": "x" * 501}},
        {"another": {"reason": "r", "number": 1}},
        {"another": {"reason": "r", "number": 10}},
        {"another": {"reason": "r", "number": "two"}},
        {"to": ["somebody@else.example"]},
        [],
        "send",
        None,
    ],
)
def test_what_can_not_be_read_sends_nothing(desk: Desk, body: object) -> None:
    before = len(desk.mail.messages())
    answer = desk.post(body)
    assert (answer.status, answer.json()["code"]) == (422, "bad_input"), answer.text
    assert len(desk.mail.messages()) == before


def test_who_may_not_sends_nothing(desk: Desk) -> None:
    before = len(desk.mail.messages())
    nobody, auditor, stranger = desk.post({}, None), desk.post({}, "piet"), desk.post({}, "zoltan")
    assert (nobody.status, nobody.json()["code"]) == (403, "who")
    assert auditor.status == 403 and "may not send letters" in auditor.json()["message"]
    assert stranger.status in {403, 404}
    refused = desk.press("piet", act="send", number=1)
    assert refused.status == 403 and "may not send letters" in refused.text
    assert desk.press(None, act="send", number=1).status == 403
    assert desk.press(act="burn", number=1).status == 422
    assert desk.press(act="send", number=0).status == 422
    assert len(desk.mail.messages()) == before


def test_a_client_nobody_knows(desk: Desk) -> None:
    path = "/api/v1/businesses/nobody/letters"
    sent = desk.site.ask("POST", path, headers=desk.site.bearer() | {"Interlock-Person": "ottilie"}, body="{}")
    assert (sent.status, sent.json()["code"]) == (404, "not_found")
    assert desk.site.ask("GET", f"{path}/outlook").status == 404


def test_without_a_mail_server_the_page_says_so_before(desk: Desk) -> None:
    kept, house = desk.site.house.settings, desk.site.house
    house.settings = dataclasses.replace(kept, smtp_url=None)
    try:
        assert "Mail is not set up" in desk.site.ask("GET", f"{desk.path}/outlook").json()["against"]
        assert "Mail is not set up" in desk.site.page(f"/b/{desk.site.client.slug}/digest").text
        refused = desk.post({})
        assert (refused.status, refused.json()["code"]) == (409, "mail_not_set_up"), refused.text
    finally:
        house.settings = kept
