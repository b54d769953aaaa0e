"""The same acts at a terminal and through the API."""

import io
import json
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock.app.cli.commands import app as commands
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.kernel.errors import InterlockError
from tests.rails.plaid.at_the_bank import Client, agree
from tests.rails.plaid.conftest import Takes
from tests.web.serving import Served, served


class Terminal:
    """Runs commands against a client's installation, in this process."""

    def __init__(self, client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._client, self._patch, self._capsys = client, monkeypatch, capsys
        settings = client.house.settings
        for name, value in {
            "DATABASE_URL": settings.database_url,
            "QBO_API_URL": settings.qbo_api_url,
            "QBO_TOKEN_URL": settings.qbo_token_url,
            "PLAID_API_URL": settings.plaid_api_url,
            "PLAID_CLIENT_ID": settings.plaid_client_id or "",
            "PLAID_SECRET": settings.plaid_secret or "",
        }.items():
            monkeypatch.setenv(f"INTERLOCK_{name}", value)

    def run(self, *words: str, typed: str = "", expect: int = 0) -> str:
        """What the command said; ``typed`` is on its standard input."""
        self._patch.setattr(sys, "stdin", io.StringIO(typed))
        self._capsys.readouterr()
        try:
            code = commands(list(words), standalone_mode=False) or 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = self._capsys.readouterr()
        assert code == expect, f"`interlock {' '.join(words)}` ended with {code}: {said.err or said.out}"
        return said.out


@pytest.fixture
def at(takes: Takes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[Client, Terminal]:
    client = takes(0)
    return client, Terminal(client, monkeypatch, capsys)


def test_the_address_is_printed_and_the_command_finishes_what_a_person_did_there(at: tuple[Client, Terminal]) -> None:
    client, terminal = at
    slug = client.business.slug
    said = terminal.run("connect", "plaid", slug, "--no-wait")
    url = next(line for line in said.splitlines() if line.startswith("http"))
    agree(url, client.logins_there[0])
    (link,) = client.banks.begun(slug)
    assert client.banks.finish(link.link_id).standing == "connected"
    terminal.run("sync", slug, "--rail", "plaid")
    assert client.lines()

    mask = client.logins_there[0]["accounts"][0]["mask"]
    found = json.loads(terminal.run("verify", slug, mask, "--json"))
    assert (found["found"], found["owner"]) == ("verified", "matches")
    assert "exists and takes payments" in terminal.run("verify", slug)

    bank = client.logins_there[0]["institution"]
    assert "new token" in terminal.run("connect", "plaid", slug, "--new-token", bank)
    terminal.run("sync", slug, "--rail", "plaid")
    assert "is unlinked, at Plaid too" in terminal.run("disconnect", "plaid", slug, "--bank", bank)
    assert "unlinked" in terminal.run("disconnect", "plaid", slug)
    assert client.logins() == []


def test_a_public_token_is_taken_from_standard_input_and_never_from_the_command(at: tuple[Client, Terminal]) -> None:
    client, terminal = at
    slug = client.business.slug
    token = brought(client)
    with pytest.raises(Exception, match="isn't given in the command itself"):
        terminal.run("connect", "plaid", slug, "--public-token", token)
    assert "is linked" in terminal.run("connect", "plaid", slug, "--public-token", "-", typed=f"{token}\n")
    assert len(client.logins()) == 1
    with pytest.raises(InterlockError, match="INVALID_PUBLIC_TOKEN"):
        terminal.run("connect", "plaid", slug, "--public-token", "-", typed=f"{token}\n")


def brought(client: Client) -> str:
    """A public token from a Link of somebody's own."""
    keys = client.house.settings
    body = {
        "institution_id": client.logins_there[0]["institution_id"],
        "initial_products": ["transactions"],
        "options": {"override_username": client.realm_id},
    }
    headers = {"PLAID-CLIENT-ID": keys.plaid_client_id or "", "PLAID-SECRET": keys.plaid_secret or ""}
    asked = urllib.request.Request(
        f"{keys.plaid_api_url}/sandbox/public_token/create", json.dumps(body).encode(), headers, method="POST"
    )
    with urllib.request.urlopen(asked) as answer:
        return str(json.load(answer)["public_token"])


@pytest.fixture
def site(takes: Takes) -> Iterator[tuple[Client, Served]]:
    client = takes(2)
    with served(create_app(client.house), local_token(client.house.settings.key_file)) as running:
        yield client, running


def test_a_program_links_reads_checks_and_unlinks(site: tuple[Client, Served]) -> None:
    client, served_at = site
    base = f"/api/v1/businesses/{client.business.slug}"

    def ask(method: str, path: str, body: Any = None, status: int = 200) -> Any:
        sent = None if body is None else json.dumps(body)
        answer = served_at.ask(method, base + path, headers=served_at.bearer(), body=sent)
        assert answer.status == status, f"{method} {path} answered {answer.status}: {answer.text[:300]}"
        return answer.json()

    assert ask("GET", "/banks")["logins"] == []
    link = ask("POST", "/banks/links", {}, 201)
    agree(link["url"], client.logins_there[0])
    done = ask("POST", f"/banks/links/{link['link_id']}/finish", {})
    assert (done["standing"], done["url"]) == ("connected", None)
    client.sync.sync()
    (login,) = ask("GET", "/banks")["logins"]
    account = login["accounts"][0]
    assert account["current"]["currency"] == "USD" and account["check"] is None
    found = ask("POST", f"/accounts/{account['account_id']}/verify", {"owner": "Somebody Else LLC"}, 201)
    assert found["owner"] == "differs"
    assert len(ask("GET", "/verifications")["checks"]) == 1
    assert ask("POST", "/banks/ask", {}) == {"unanswered": []}
    assert all(each["live"] for each in ask("GET", "/banks")["logins"][0]["accounts"])
    assert ask("POST", f"/banks/{login['item_id']}/unlink", {})["told"] is True
    ask("POST", f"/banks/links/{link['link_id']}x/finish", {}, 404)


def test_a_made_up_return_is_nobodys(site: tuple[Client, Served]) -> None:
    _, served_at = site
    answer = served_at.page("/oauth/plaid/callback?state=made-up")
    assert answer.status == 404 and "saved" in answer.text


def test_no_token_shows_anywhere(site: tuple[Client, Served]) -> None:
    client, served_at = site
    client.link()
    client.sync.sync()
    pages = [served_at.page(f"/b/{client.business.slug}/{name}").text for name in ("banks", "connection", "log")]
    pages.append(json.dumps([line.body for line in client.log()]))
    assert not [page for page in pages if "access-sandbox" in page or "public-sandbox" in page]
    raw = Path(urllib.parse.urlsplit(client.house.settings.database_url).path).read_bytes()
    assert b"access-sandbox" not in raw, "tokens are sealed in the database too"
