"""The same order on the invoice's page, in the API and on the command line, refusals in the same words."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

from interlock.app.cli.commands import app
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from tests.orders.counter import Counter
from tests.support.commands import environment_of
from tests.web.serving import Answer, Served, served


class Desk:
    """A person at the counter's pages, and a program at its API."""

    def __init__(self, site: Served, counter: Counter) -> None:
        self.site, self.counter = site, counter
        self.slug = counter.client.business.slug

    def form(self, who: str, path: str, shown: str, **fields: str) -> Answer:
        page = self.site.page(f"/b/{self.slug}/{shown}")
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        headers["Cookie"] = f"{page.headers['Set-Cookie'].split(';')[0]}; interlock_person={who}"
        body = urlencode({"csrf_token": token, **fields})
        return self.site.ask("POST", f"/b/{self.slug}/{path}", headers=headers, body=body)

    def api(self, method: str, path: str, body: Any = None, who: str = "wren") -> Answer:
        headers = {**self.site.bearer(), "Interlock-Person": who}
        sent = None if body is None else json.dumps(body)
        return self.site.ask(method, f"/api/v1/businesses/{self.slug}/{path}", headers=headers, body=sent)

    def command(self, *said: str) -> Any:
        return CliRunner().invoke(app, said, env=environment_of(self.counter.house.settings))


@pytest.fixture
def desk(counter: Counter) -> Iterator[Desk]:
    house = counter.house
    with served(create_app(house), local_token(house.settings.key_file)) as site:
        yield Desk(site, counter)


def test_prepared_on_the_page_approved_by_the_api_and_paid_by_its_link(desk: Desk) -> None:
    owed = desk.counter.owed("210.00")
    made = desk.form("bo", f"invoices/{owed}/orders", f"invoices/{owed}", act="invoice")
    assert made.status == 303, made.text
    order_id = made.headers["Location"].rsplit("/", 1)[1]
    shown = desk.site.page(f"/b/{desk.slug}/orders/{order_id}")
    assert "Approve it, or take it back." in shown.text, shown.text
    mine = desk.api("POST", f"orders/{order_id}/approve", {}, who="bo")
    assert (mine.status, mine.json()["code"]) == (403, "refused"), mine.text
    done = desk.api("POST", f"orders/{order_id}/approve", {"comment": "as agreed"})
    assert (done.status, done.json()["order"]["state"]) == (200, "approved"), done.text
    none = desk.api("GET", f"invoices/{owed}/payment-link")
    assert (none.status, none.json()["code"]) == (409, "order_refused"), none.text
    desk.counter.undo_passes()
    desk.counter.work()
    desk.counter.sync()
    link = desk.api("GET", f"invoices/{owed}/payment-link").json()["url"]
    assert link == desk.counter.at_stripe(owed)[0]["hosted_invoice_url"]
    assert link in desk.site.page(f"/b/{desk.slug}/invoices/{owed}").text
    listed = desk.api("GET", "orders?shown=all").json()["orders"]
    assert [each["state"] for each in listed if each["order_id"] == order_id] == ["standing"]
    again = desk.form("bo", f"invoices/{owed}/orders", f"invoices/{owed}", act="invoice")
    assert again.status == 409 and "asks for it already" in again.text, "the page doesn't say why it was refused"


def test_hostile_requests_change_nothing(desk: Desk) -> None:
    owed = desk.counter.owed("220.00")
    for path, body, status in (
        (f"invoices/{owed}/orders", {"act": "refund"}, 422),
        (f"invoices/{owed}/orders", {"act": "invoice", "amount": "1.00"}, 422),
        ("invoices/nothing/orders", {"act": "invoice"}, 404),
        ("refunds", {"charge_id": "ch_none", "reason": "duplicate"}, 404),
        ("refunds", {"charge_id": "x" * 100, "reason": "duplicate"}, 422),
        ("orders/ord_none/approve", {}, 404),
        ("orders/ord_none/send", {}, 422),
    ):
        said = desk.api("POST", path, body)
        assert said.status == status, f"{path} {body}: {said.status} {said.text}"
    nobody = desk.site.ask(
        "POST",
        f"/api/v1/businesses/{desk.slug}/invoices/{owed}/orders",
        headers=desk.site.bearer(),
        body='{"act": "invoice"}',
    )
    assert nobody.status == 403 and nobody.json()["code"] == "who", nobody.text
    assert desk.counter.prove_the_log() == []


def test_a_request_sent_twice_is_one_order(desk: Desk) -> None:
    owed = desk.counter.owed("230.00")
    headers = {**desk.site.bearer(), "Interlock-Person": "bo"}
    path = f"/api/v1/businesses/{desk.slug}/invoices/{owed}/orders"
    first, second = (desk.site.ask("POST", path, headers=headers, body='{"act": "invoice"}') for _ in range(2))
    assert first.status == second.status == 201, second.text
    assert first.json()["order"]["order_id"] == second.json()["order"]["order_id"]
    assert desk.counter.prove_the_log() == ["order.prepared"]


def test_the_command_line_prepares_approves_and_shows_the_same(desk: Desk) -> None:
    owed = desk.counter.owed("240.00")
    made = desk.command("invoices", "ask", desk.slug, owed, "--as", "bo", "--json")
    assert made.exit_code == 0, made.output
    order_id = json.loads(made.stdout)["order"]["order_id"]
    refused = desk.command("orders", "approve", desk.slug, order_id, "--as", "bo")
    assert refused.exit_code != 0, "a bookkeeper approved it on the command line"
    done = desk.command("orders", "approve", desk.slug, order_id, "--as", "wren")
    assert done.exit_code == 0 and "Approved" in done.output, done.output
    shown = json.loads(desk.command("orders", desk.slug, "--json").stdout)
    told = desk.api("GET", "orders").json()
    assert [each["order_id"] for each in shown["orders"]] == [each["order_id"] for each in told["orders"]] == [order_id]
    held = desk.command("invoices", "collecting", desk.slug, owed)
    assert "240.00" in held.output and order_id in held.output, held.output
