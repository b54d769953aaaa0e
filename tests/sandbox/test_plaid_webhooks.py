"""Plaid's webhooks: retried with a fresh signature, lost, doubled; a restart keeps everything and sends nothing twice."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import jwt
import pytest
import requests
from jwt.algorithms import ECAlgorithm

from interlock_sandbox.parties import Step
from interlock_sandbox.plaid.party import Plaid
from interlock_sandbox.sandbox import Sandbox, World, open_sandbox
from tests.support.plaid_app import PlaidApp

Call = Callable[..., requests.Response]
REALM = "9341450000000042"
LOGIN = f"{REALM}:ins_910001"


class Ear:
    """An app's webhook address; ``statuses`` are its next answers, then 200."""

    def __init__(self) -> None:
        self.came: Queue[tuple[str, bytes]] = Queue()
        self.statuses: list[int] = []
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                ear.came.put((self.headers["Plaid-Verification"], body))
                self.send_response(ear.statuses.pop(0) if ear.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *said: Any) -> None:
                """Nothing on stderr."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/plaid"


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
def options() -> dict[str, Any]:
    """Webhooks go when the test says so."""
    return {"posts": False}


@pytest.fixture
def app(url: str, control: Call) -> PlaidApp:
    seen = control("GET", "/plaid").json()
    return PlaidApp(url, seen["client_id"], seen["secret"])


def deliver(control: Call) -> list[tuple[str, int | None]]:
    """Attempts until nothing waits or one fails: code and status of each."""
    made: list[tuple[str, int | None]] = []
    while not made or made[-1][1] == 200:
        line = control("POST", "/notices/deliver", json={"party": "plaid"}).json()["attempt"]
        if line is None:
            break
        made.append((line["body"]["webhook_code"], line["status"]))
    return made


def public_key(app: PlaidApp, token: str) -> Any:
    key = app.call("/webhook_verification_key/get", key_id=jwt.get_unverified_header(token)["kid"])["key"]
    return ECAlgorithm.from_jwk({name: key[name] for name in ("kty", "crv", "x", "y")})


def claims(app: PlaidApp, token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(
        token, public_key(app, token), algorithms=["ES256"], options={"verify_iat": False}
    )  # fmt: skip
    return found


def test_what_linking_tells(app: PlaidApp, control: Call, ear: Ear) -> None:
    app.link(LOGIN, webhook=ear.url)
    assert deliver(control) == [("ITEM_ADD_RESULT", 200), ("SESSION_FINISHED", 200), ("SYNC_UPDATES_AVAILABLE", 200)]
    assert deliver(control) == [], "what was delivered is not sent again"


def test_a_retry_is_signed_anew(app: PlaidApp, control: Call, ear: Ear, sandbox: Sandbox) -> None:
    _, item_id = app.link(LOGIN)
    ear.statuses = [500, 503]
    act = {"act": "webhook", "item": item_id, "webhook": ear.url}
    sandbox.act("plaid", Step(sandbox.clock.now(), act))
    assert deliver(control) == [("WEBHOOK_UPDATE_ACKNOWLEDGED", 500)]
    first, body = ear.came.get(timeout=10)
    (waiting,) = sandbox.notices.waiting("plaid")
    assert (waiting.due_at - waiting.at).total_seconds() >= 30
    control("POST", "/clock/advance", json={"seconds": 40})
    assert deliver(control) == [("WEBHOOK_UPDATE_ACKNOWLEDGED", 503)]
    second, same = ear.came.get(timeout=10)
    assert same == body and claims(app, second)["iat"] >= claims(app, first)["iat"] + 40
    assert deliver(control) == [("WEBHOOK_UPDATE_ACKNOWLEDGED", 200)]


def test_given_up_within_a_day(app: PlaidApp, control: Call, ear: Ear, sandbox: Sandbox) -> None:
    access_token, _ = app.link(LOGIN)
    ear.statuses = [500] * 10
    began = sandbox.clock.now()
    app.call("/item/webhook/update", access_token=access_token, webhook=ear.url)
    while waiting := sandbox.notices.waiting("plaid"):
        seconds = max(0.0, (waiting[0].due_at - sandbox.clock.now()).total_seconds()) + 1
        control("POST", "/clock/advance", json={"seconds": seconds, "live": False})
        assert deliver(control), "what is due must be attempted"
        ear.came.get(timeout=10)
    assert len(ear.statuses) == 3, "seven attempts, each pause four times the one before"
    assert (sandbox.clock.now() - began).total_seconds() < 86_400


def test_lost_doubled_and_wrongly_signed(app: PlaidApp, control: Call, ear: Ear) -> None:
    access_token, _ = app.link(LOGIN)
    control("POST", "/notices/distort", json={"party": "plaid", "duplicate": 1})
    app.call("/item/webhook/update", access_token=access_token, webhook=ear.url)
    assert deliver(control) == [("WEBHOOK_UPDATE_ACKNOWLEDGED", 200)] * 2
    control("POST", "/notices/distort", json={"party": "plaid", "drop": 1, "bad_signature": 1})
    for _ in range(2):
        fired = {"webhook_type": "ITEM", "webhook_code": "NEW_ACCOUNTS_AVAILABLE"}
        app.call("/sandbox/item/fire_webhook", access_token=access_token, **fired)
    deliver(control)
    came = [ear.came.get(timeout=10) for _ in range(3)]
    assert ear.came.empty(), "one of four was lost on the way"

    good = [claims(app, token)["request_body_sha256"] == hashlib.sha256(body).hexdigest() for token, body in came]
    assert good == [True, True, False], "the last one's signature must not fit its bytes"


def test_everything_is_as_it_was_after_a_restart(tmp_path: Path, build: Callable[[World], Any], ear: Ear) -> None:
    world = World(1, 2, date(2026, 6, 15))
    first = open_sandbox(world, tmp_path / "again", build)
    item_id = _live_a_little(first, ear.url)
    before = _state(first, item_id)
    first.journal.close()
    second = open_sandbox(world, tmp_path / "again", build)
    assert _state(second, item_id) == before
    second.journal.close()


def _live_a_little(sandbox: Sandbox, hook: str) -> str:
    """Link, exchange, look, break, deliver one of the webhooks, wait a day."""
    plaid = sandbox.parties["plaid"]
    assert isinstance(plaid, Plaid)

    def act(act: str, **more: Any) -> None:
        sandbox.act("plaid", Step(sandbox.clock.now(), {"act": act, **more}))

    act("link", wanted={"products": ["transactions"], "webhook": hook, "client_name": "Interlock"})
    link = next(iter(plaid.links.values()))
    held = [account.id for account in plaid.bank.accounts(REALM)]
    act("finish", link=link.token, realm=REALM, institution="ins_910001", accounts=held)
    act("exchange", public_token=link.sessions[0].public_token)
    sandbox.catch_up()
    item = next(iter(plaid.items.values()))
    bank_act = {"act": "line", "realm": REALM, "account": "1", "amount_minor": -5, "name": "X", "posted_at": None}
    moment = sandbox.clock.now()
    sandbox.act("bank", Step(moment, {**bank_act, "posted_at": moment.isoformat(), "pending_at": None}))
    sandbox.advance(86_400)
    act("trouble", item=item.id, code="ITEM_LOGIN_REQUIRED")
    act("rotate", item=item.id)
    done = {"act": "done", "numbers": [sandbox.notices.waiting("plaid")[0].number]}
    sandbox.act("notices", Step(sandbox.clock.now(), done))
    return item.id


def _state(sandbox: Sandbox, item_id: str) -> Any:
    plaid = sandbox.parties["plaid"]
    assert isinstance(plaid, Plaid)
    waiting = [(each.number, each.body, each.at) for each in sandbox.notices.waiting("plaid")]
    assert waiting, "something must still wait to be sent"
    return plaid.items[item_id], plaid.links, plaid.public_tokens, plaid.by_access, waiting
