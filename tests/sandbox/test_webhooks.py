"""Webhooks as Intuit sends them: signed, in order, batched, retried; and what goes wrong with them on purpose."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest
import requests

from interlock_sandbox.__main__ import main
from interlock_sandbox.sandbox import Firm, Sandbox, World, Write
from interlock_sandbox.webhooks.bodies import signature
from interlock_sandbox.webhooks.courier import Courier
from interlock_sandbox.webhooks.outbox import Endpoint
from tests.support.sandbox import Sandbox as Process

Call = Callable[..., requests.Response]
REALM = "9341450000000042"
OTHER_REALM = "9341450000000043"
TOKEN = "b5771f19b12ddb4bcdb9f08bdc50bc63878a"
WAIT_SECONDS = 20


class Ear:
    """A webhook address: what came, and what it answers."""

    def __init__(self) -> None:
        self.came: Queue[tuple[dict[str, str], bytes]] = Queue()
        self.statuses: list[int] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                ear.may_answer.wait(WAIT_SECONDS)
                self.send_response(ear.statuses.pop(0) if ear.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()
                ear.came.put(({name.lower(): value for name, value in self.headers.items()}, body))

            def log_message(self, *said: Any) -> None:
                """Nothing on stderr."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/qbo"

    def hear(self) -> tuple[dict[str, str], bytes]:
        try:
            return self.came.get(timeout=WAIT_SECONDS)
        except Empty:
            pytest.fail(f"no webhook came within {WAIT_SECONDS} s; look at GET /control/webhooks")

    def events(self) -> Any:
        return json.loads(self.hear()[1])


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
def registered(control: Call, ear: Ear) -> Callable[..., None]:
    def register(shape: str = "cloudevents") -> None:
        answer = control("POST", "/webhooks", json={"url": ear.url, "verifier_token": TOKEN, "shape": shape})
        assert answer.status_code == 200, answer.text

    return register


def vendor(control: Call, name: str, realm: str = REALM) -> str:
    sent = {"entity": "Vendor", "body": {"DisplayName": name}}
    return str(control("POST", f"/companies/{realm}/create", json=sent).json()["object"]["Id"])


def signed_well(headers: dict[str, str], body: bytes) -> bool:
    digest = hmac.new(TOKEN.encode(), body, hashlib.sha256).digest()
    return headers["intuit-signature"] == base64.b64encode(digest).decode()


def test_intuits_own_test_vector() -> None:
    body = (
        b'{"eventNotifications":[{"realmId":"1185883450","dataChangeEvent":{"entities":[{"name":"Customer","id":"1",'
        b'"operation":"Create","lastUpdated":"2015-10-05T14:42:19-0700"}]}}]}'
    )
    assert signature(body, TOKEN) == "JC2GUwciPmRBwEO7WvrRmKqu9tGOKL8FFallocTFi8Q="


def test_a_change_arrives_signed_as_a_cloud_event(control: Call, ear: Ear, registered: Callable[..., None]) -> None:
    vendor(control, "Before Anybody Listened")
    registered()
    made = vendor(control, "Tollgate Glue")
    headers, body = ear.hear()
    assert signed_well(headers, body)
    assert headers["intuit-notification-schema-version"] == "0.1"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert {"intuit-created-time", "intuit-t-id", "user-agent"} <= set(headers)
    (event,) = json.loads(body)
    assert (event["type"], event["intuitentityid"], event["intuitaccountid"]) == ("qbo.vendor.created.v1", made, REALM)
    assert (event["specversion"], event["data"]) == ("1.0", {})
    assert len(event["time"].rpartition(".")[2]) == len("123456789Z"), "time has nanoseconds"


def test_the_classic_shape_groups_by_company(control: Call, ear: Ear, registered: Callable[..., None]) -> None:
    registered("classic")
    control("POST", "/webhooks/distort", json={"mix_realms": True, "delay_seconds": 3600})
    for number in range(3):
        vendor(control, f"Supplier {number}")
    vendor(control, "Wick & Sons", OTHER_REALM)
    control("POST", "/webhooks/deliver")
    told = ear.events()["eventNotifications"]
    assert [one["realmId"] for one in told] == [REALM, OTHER_REALM]
    entities = told[0]["dataChangeEvent"]["entities"]
    assert [(one["name"], one["operation"]) for one in entities] == [("Vendor", "Create")] * 3
    spellings = {one["lastUpdated"][19:20] + str(len(one["lastUpdated"])) for one in entities}
    assert len(spellings) >= 2, f"lastUpdated comes in several spellings, here only {spellings}"


def test_paying_a_bill_tells_of_both_and_sweeping_a_payment_only_of_the_deposit(
    control: Call, ear: Ear, registered: Callable[..., None]
) -> None:
    def make(entity: str, body: dict[str, Any]) -> str:
        answer = control("POST", f"/companies/{REALM}/create", json={"entity": entity, "body": body})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["object"]["Id"])

    line = {
        "Amount": 40, "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "3"}},
    }  # fmt: skip
    bill = make("Bill", {"VendorRef": {"value": "1"}, "Line": [line]})
    payment = make("Payment", {"CustomerRef": {"value": "3"}, "TotalAmt": 12})
    registered()
    link = {"Amount": 40, "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}
    check = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}
    paid = make("BillPayment", {"VendorRef": {"value": "1"}, "TotalAmt": 40, "Line": [link], **check})
    heard = [(event["type"], event["intuitentityid"]) for event in ear.events()]
    assert heard == [("qbo.billpayment.created.v1", paid), ("qbo.bill.updated.v1", bill)]
    swept = {"Amount": 12, "LinkedTxn": [{"TxnId": payment, "TxnType": "Payment"}]}
    deposit = make("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [swept]})
    heard = [(event["type"], event["intuitentityid"]) for event in ear.events()]
    assert heard == [("qbo.deposit.created.v1", deposit)], "neither the payment nor the accounts are told of"
    control("POST", f"/companies/{REALM}/void", json={"entity": "BillPayment", "id": paid})
    assert ("qbo.billpayment.void.v1", paid) in [(each["type"], each["intuitentityid"]) for each in ear.events()]


def test_a_failing_address_holds_everything_back_until_it_answers(
    control: Call, ear: Ear, registered: Callable[..., None]
) -> None:
    ear.statuses = [500, 503]
    registered()
    first = vendor(control, "Held Up")
    assert json.loads(ear.hear()[1])[0]["intuitentityid"] == first
    assert json.loads(ear.hear()[1])[0]["intuitentityid"] == first, "the first retry comes at once"
    second = vendor(control, "Behind It")
    shown = control("GET", "/webhooks").json()
    assert [event["entity_id"] for event in shown["queue"]] == [second]
    assert [event["entity_id"] for event in shown["failing"]] == [first]
    control("POST", "/clock/advance", json={"seconds": 11, "live": False})
    assert [ear.events()[0]["intuitentityid"] for _ in range(2)] == [first, second]
    log = control("GET", "/webhooks").json()["log"]
    assert [line["status"] for line in log][:3] == [500, 503, 200]


def test_an_address_that_thinks_too_long_has_not_answered(sandbox: Sandbox, ear: Ear) -> None:
    sandbox.register_webhook(Endpoint(ear.url, TOKEN))
    sandbox.write(Write(REALM, "create", "Vendor", {"DisplayName": "Slow"}, sandbox.clock.served()))
    ear.may_answer.clear()
    line = asyncio.run(Courier(sandbox, answer_seconds=0.2).deliver())
    ear.may_answer.set()
    assert line is not None
    assert (line["status"], line["trouble"]) == (None, "no answer within 0.2 s")
    assert line["retry_at"], "it is sent again, though it arrived"


def test_duplicates_drops_and_bad_signatures(control: Call, ear: Ear, registered: Callable[..., None]) -> None:
    registered()
    control(
        "POST", "/webhooks/distort",
        json={"duplicate": 1, "drop": 1, "bad_signature": 1, "unknown_realm": 1, "delay_seconds": 3600},
    )  # fmt: skip
    for name in ("First", "Second"):
        vendor(control, name)
    ear.statuses = [401]
    for _ in range(2):
        control("POST", "/webhooks/deliver")
    refused, accepted, again = ear.hear(), ear.hear(), ear.hear()
    assert not signed_well(*refused)
    assert refused[1] == accepted[1]
    assert signed_well(*accepted)
    assert json.loads(again[1]) == json.loads(accepted[1])[:1], "a duplicate carries the same event id"
    told = {event["intuitentityid"] for event in json.loads(accepted[1])}
    assert told == {"5", "6"}, "the invented event was first in the queue and was dropped"


def test_reordering_is_the_same_for_the_same_seed(control: Call, ear: Ear, registered: Callable[..., None]) -> None:
    registered()
    control("POST", "/webhooks/distort", json={"reorder": 7, "delay_seconds": 3600})
    made = [vendor(control, f"Supplier {number}") for number in range(6)]
    control("POST", "/webhooks/deliver")
    heard = [event["intuitentityid"] for event in ear.events()]
    assert sorted(heard) == sorted(made)
    assert heard != made


def test_a_test_event_is_of_a_company_nobody_connected(
    control: Call, ear: Ear, registered: Callable[..., None], sandbox: Sandbox
) -> None:
    assert control("POST", "/webhooks/test").status_code == 409
    registered()
    control("POST", "/webhooks/test")
    (event,) = ear.events()
    assert event["intuitaccountid"] not in sandbox.companies
    control("POST", "/webhooks/test", json={"realm": REALM})
    assert ear.events()[0]["intuitaccountid"] == REALM


def test_nobody_registered_nothing_queued(control: Call, ear: Ear, registered: Callable[..., None]) -> None:
    vendor(control, "Unheard")
    assert control("GET", "/webhooks").json()["queue"] == []
    assert control("POST", "/webhooks/deliver").status_code == 409
    registered()
    control("DELETE", "/webhooks")
    vendor(control, "Unheard Too")
    assert control("GET", "/webhooks").json()["endpoint"] is None
    assert ear.came.empty()


def test_an_address_from_the_command_line_hears_what_it_missed_while_the_sandbox_was_down(
    ear: Ear, tmp_path: Path
) -> None:
    options = ("--webhook-url", ear.url, "--webhook-token", TOKEN, "--webhook-shape", "classic")

    def names(headers: dict[str, str], body: bytes) -> list[str]:
        assert signed_well(headers, body)
        told = json.loads(body)["eventNotifications"]
        return [entity["id"] for entity in told[0]["dataChangeEvent"]["entities"]]

    ear.statuses = [500] * 2
    with Process.started(tmp_path, clients=1, extra=options) as running:
        realm = running.clients()[0].realm_id
        made = running.create(realm, "Vendor", {"DisplayName": "Missed"})["object"]["Id"]
        assert [names(*ear.hear()) for _ in range(2)] == [[made]] * 2
    with Process.started(tmp_path, clients=1, extra=options):
        assert names(*ear.hear()) == [made], "what was not acknowledged is sent after the restart"


def test_an_address_that_is_none_is_refused_at_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = ["--data", str(tmp_path), "--clients", "1", "--as-of", "2026-06-15"]
    assert main([*world, "--webhook-url", "example.com", "--webhook-token", "x"], build=no_world) == 1
    assert "must begin with http" in capsys.readouterr().err
    assert not (tmp_path / "journal.jsonl").exists()


def no_world(world: World) -> Firm:
    pytest.fail(f"a world was built before the options were looked at: {world}")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/webhooks", {"url": "ftp://example.com", "verifier_token": "x"}),
        ("/webhooks", {"url": "http://127.0.0.1:1/", "verifier_token": ""}),
        ("/webhooks", {"url": "http://127.0.0.1:1/", "verifier_token": "x", "shape": "xml"}),
        ("/webhooks/distort", {"duplicate": -1}),
        ("/webhooks/distort", {"mix_realms": "yes"}),
        ("/webhooks/distort", {"earthquake": 1}),
    ],
)
def test_the_control_api_says_what_is_wrong(control: Call, path: str, body: dict[str, Any]) -> None:
    answer = control("POST", path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
