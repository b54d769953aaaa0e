"""Until people can sign in: this machine may look, our own forms may change, everybody else is turned away."""

import asyncio
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from interlock.app.gate import Application, Gate, Message, Receive, Send, Turned
from interlock.app.local_token import TokenBroken, local_token, token_file
from interlock.app.web import PortTaken, listening
from interlock.kernel.errors import Refused
from tests.web.conftest import Site

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _first_page(site: Site) -> tuple[str, str]:
    """The cookie that a browser's first page sets, and the token in that page's forms."""
    page = site.page(f"/b/{site.client.slug}/tray")
    cookie = page.headers["set-cookie"].split(";")[0]
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    return cookie, token


def _sync_path(site: Site) -> str:
    return f"/b/{site.client.slug}/sync"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_loopback_names_with_the_serving_port_are_answered(site: Site, name: str) -> None:
    answer = site.ask("GET", "/api/v1/health", headers={"Host": f"{name}:{site.port}"})
    assert answer.status == 200, "a loopback name must be answered; look at app/gate.py"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", ""]
)
def test_an_unknown_host_is_refused_so_that_no_foreign_name_can_be_pointed_here(site: Site, host: str) -> None:
    answer = site.ask("GET", "/api/v1/portfolio", headers={"Host": host.format(port=site.port)})
    assert (answer.status, answer.json()["code"]) == (421, "unknown_host")


def test_a_person_who_comes_by_a_wrong_name_reads_where_to_go(site: Site) -> None:
    answer = site.ask("GET", "/", headers={"Host": "evil.example", "Accept": "text/html"})
    assert answer.status == 421
    assert f"http://127.0.0.1:{site.port}" in answer.text, "the page must name the right address"
    assert site.client.name not in answer.text, "a refused page must show nothing of a client"


def test_two_hosts_in_one_request_are_refused(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as raw:
        raw.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nHost: evil.example\r\n\r\n".encode())
        assert raw.recv(64).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "header",
    ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via", "CF-Connecting-IP"],
)
@pytest.mark.parametrize("path", ["/", "/api/v1/portfolio", "/static/tokens.css", "/oauth/qbo/callback/more"])
def test_a_forwarded_request_sees_nothing(site: Site, header: str, path: str) -> None:
    answer = site.ask("GET", path, headers={header: "203.0.113.9"})
    assert (answer.status, answer.json()["code"]) == (403, "not_from_outside")


@pytest.mark.parametrize("path", ["/webhooks/qbo", "/oauth/qbo/callback?code=1&state=2"])
def test_from_outside_only_webhooks_and_callbacks_are_looked_up(site: Site, path: str) -> None:
    public = {"Host": "desk.example.com"}
    assert site.ask("GET", path, headers=public).status not in {403, 421}, "these paths answer whoever comes"
    assert site.ask("POST", "/webhooks/square", headers=public, body="{}").status == 404
    assert site.ask("GET", "/", headers=public).status == 403, "the public address must not show pages"


@pytest.mark.parametrize("path", ["ramp/biz_nobody", "stripe/biz_nobody", "stripe", "plaid"])
def test_rails_reach_their_addresses_from_outside_and_are_believed_nothing(site: Site, path: str) -> None:
    answer = site.ask("POST", f"/webhooks/{path}", headers={"Host": "desk.example.com"}, body="{}")
    said = (answer.status, answer.json()["code"])
    assert said in {(401, "bad_signature"), (503, "webhooks_not_configured")}, "without its secret nothing is believed"


def _altered(signed: str) -> str:
    """Another signature: not by its last letter, of which some bits say nothing."""
    at = len(signed) - 5
    return signed[:at] + ("A" if signed[at] != "A" else "B") + signed[at + 1 :]


def test_a_change_needs_the_forms_token(site: Site) -> None:
    cookie, token = _first_page(site)
    for headers, body in (
        (FORM, ""),
        (FORM, f"csrf_token={token}"),
        ({**FORM, "Cookie": cookie}, ""),
        ({**FORM, "Cookie": cookie}, "csrf_token=made.up"),
        ({**FORM, "Cookie": _altered(cookie)}, f"csrf_token={_altered(token)}"),
        ({"Content-Type": "text/plain", "Cookie": cookie}, f"csrf_token={token}"),
    ):
        answer = site.ask("POST", _sync_path(site), headers=headers, body=body)
        assert (answer.status, answer.json()["code"]) == (403, "csrf_refused"), f"let through: {headers} {body}"


def test_our_own_form_is_let_through(site: Site) -> None:
    cookie, token = _first_page(site)
    origin = {"Origin": site.url, "Sec-Fetch-Site": "same-origin"}
    by_field = site.ask(
        "POST", _sync_path(site), headers={**FORM, **origin, "Cookie": cookie}, body=f"csrf_token={token}"
    )
    assert by_field.status == 303, by_field.text
    by_header = site.ask(
        "POST", _sync_path(site), headers={**FORM, "Cookie": cookie, "X-CSRF-Token": token, "Referer": f"{site.url}/"}
    )
    assert by_header.status == 303, by_header.text


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Referer": "https://evil.example/page"},
        {"Referer": "http://127.0.0.1.evil.example/"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_foreign_page_can_change_nothing_even_with_a_token(site: Site, foreign: dict[str, str]) -> None:
    cookie, token = _first_page(site)
    answer = site.ask(
        "POST", _sync_path(site), headers={**FORM, **foreign, "Cookie": cookie}, body=f"csrf_token={token}"
    )
    assert (answer.status, answer.json()["code"]) == (403, "foreign_origin")
    program = site.ask("POST", _sync_path(site), headers={**site.bearer(), **foreign}, body="{}")
    assert program.status == 403, "a bearer token doesn't excuse a foreign origin"


def test_a_program_uses_the_local_token(site: Site) -> None:
    path = f"/api/v1/businesses/{site.client.slug}/sync"
    assert site.ask("POST", path, headers=site.bearer(), body="{}").status == 200
    wrong = site.ask("POST", path, headers={"Authorization": f"Bearer {site.token}x"}, body="{}")
    assert (wrong.status, wrong.json()["code"]) == (401, "bad_token")
    basic = site.ask("POST", path, headers={"Authorization": f"Basic {site.token}"}, body="{}")
    assert basic.status == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_unsafe_method_is_guarded_wherever_it_points(site: Site, method: str) -> None:
    answer = site.ask(method, "/anything/at/all", body="{}")
    assert (answer.status, answer.json()["code"]) == (403, "csrf_refused")


def test_a_body_has_a_bound(site: Site) -> None:
    answer = site.ask("POST", _sync_path(site), headers=site.bearer(), body="a" * 70_000)
    assert (answer.status, answer.json()["code"]) == (413, "too_large")


def test_a_form_that_breaks_off_on_its_way_changes_nothing() -> None:
    """What came may be half of what was meant."""
    reached, turned = list[str](), list[Turned]()
    parts: list[Message] = [{"type": "http.request", "body": b"on=tr", "more_body": True}, {"type": "http.disconnect"}]
    came = iter(parts)

    async def application(scope: dict[str, Any], _receive: Receive, _send: Send) -> None:
        reached.append(scope["path"])

    async def receive() -> Message:
        return next(came)

    async def send(_message: Message) -> None:
        """Nobody is there to hear it."""

    def answer(_scope: dict[str, Any], refusal: Turned) -> Application:
        turned.append(refusal)
        return application_that_ends

    async def application_that_ends(*_: Any) -> None:
        """The refusal, said."""

    headers = [(b"host", b"127.0.0.1:80"), (b"authorization", b"Bearer t")]
    scope = {"type": "http", "method": "POST", "path": "/b/alder/recording", "headers": headers}
    gate = Gate(application, token="t", public_url=None, answer=answer)
    asyncio.run(gate({**scope, "server": ("127.0.0.1", 80)}, receive, send))
    assert (reached, [refusal.code for refusal in turned]) == ([], ["cut_off"])


@pytest.mark.parametrize("path", ["/", "/api/v1/portfolio", "/nothing/here", "/static/interlock.js"])
def test_every_answer_is_sealed(site: Site, path: str) -> None:
    headers = site.page(path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin", "no other site may learn what page a link was on"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")
    assert "server" not in headers, "the server doesn't name itself"


def test_the_token_cookie_stays_here(site: Site) -> None:
    cookie = site.page("/").headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and f"_{site.port}=" in cookie


def test_no_page_has_inline_script_or_style_or_an_address_elsewhere(site: Site) -> None:
    for path in ("/", f"/b/{site.client.slug}/tray", f"/b/{site.client.slug}/console", f"/b/{site.client.slug}/digest"):
        text = site.page(path).text
        assert "<style" not in text and " style=" not in text and " onclick=" not in text, path
        assert all(tag.startswith(' src="/static/') for tag in text.split("<script")[1:]), path
        assert 'href="http' not in text.replace('href="https://app.qbo.intuit.com/', ""), path


def test_the_local_token_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    key = tmp_path / "books.key"
    first = local_token(key)
    assert local_token(key) == first, "the second serve must find the same token"
    assert stat.S_IMODE(token_file(key).stat().st_mode) == 0o600
    os.chmod(token_file(key), 0o644)
    with pytest.raises(TokenBroken, match="chmod 600"):
        local_token(key)
    os.chmod(token_file(key), 0o600)
    token_file(key).write_text("\n")
    with pytest.raises(TokenBroken, match="empty"):
        local_token(key)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "desk.example.com"])
def test_serving_to_the_network_is_refused(host: str) -> None:
    with pytest.raises(Refused):
        listening(0, host)


def test_a_taken_port_is_one_clear_sentence() -> None:
    with listening(0) as first, pytest.raises(PortTaken, match="another Interlock may be running"):
        listening(first.getsockname()[1])


def test_pages_do_not_wait_for_acknowledgements() -> None:
    with listening(0) as opened:
        assert opened.proto == socket.IPPROTO_TCP, "asyncio sends at once only on a socket whose protocol is named"
