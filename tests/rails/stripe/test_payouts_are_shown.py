"""A payout taken apart is on a page, in the API and in a terminal, and says the same on each."""

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from interlock.app.cli.commands import app
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from tests.rails.stripe.at_stripe import Client
from tests.support.commands import environment_of
from tests.web.serving import served

Takes = Callable[[int], Client]


@pytest.fixture
def client(takes: Takes) -> Client:
    made = takes(0).connect()
    made.sync()
    return made


def test_the_same_on_page_api_and_terminal(client: Client) -> None:
    slug = client.business.slug
    settled = next(each for each in client.there("payouts") if each["reconciliation_status"] == "completed")
    with served(create_app(client.house), local_token(client.house.settings.key_file)) as at:
        listed = at.ask("GET", f"/api/v1/businesses/{slug}/payouts").json()
        apart = at.ask("GET", f"/api/v1/businesses/{slug}/payouts/{settled['id']}").json()
        missing = at.ask("GET", f"/api/v1/businesses/{slug}/payouts/po_nobodys")
        overview, page = at.page(f"/b/{slug}/payouts").text, at.page(f"/b/{slug}/payouts/{settled['id']}").text
    assert {each["id"] for each in listed["payouts"]} == {each["id"] for each in client.there("payouts")}
    assert (
        apart["payout"]["attributed"]
        and apart["payout"]["amount"]["amount"] == f"{Decimal(settled['amount']) / 100:.2f}"
    )
    net = sum(Decimal(each["net"]["amount"]) * 100 for each in apart["parts"])
    assert net == settled["amount"] and apart["parts_count"] == len(apart["parts"])
    assert missing.status == 404
    assert settled["id"] in overview and all(
        each["number"] or each["invoice_id"] in page for part in apart["parts"] for each in part["shares"]
    )
    environment = environment_of(client.house.settings)
    told = CliRunner().invoke(app, ["payouts", slug, settled["id"], "--json"], env=environment)
    assert told.exit_code == 0 and json.loads(told.stdout) == apart
    on_paper = CliRunner().invoke(app, ["payouts", slug], env=environment)
    assert on_paper.exit_code == 0 and settled["id"] in on_paper.stdout
    one = CliRunner().invoke(app, ["payouts", slug, settled["id"]], env=environment)
    assert one.exit_code == 0 and "made of" in one.stdout


def test_a_long_payout_is_shown_part_by_part(client: Client) -> None:
    settled = next(each for each in client.there("payouts") if each["reconciliation_status"] == "completed")
    with served(create_app(client.house), local_token(client.house.settings.key_file)) as at:
        path = f"/api/v1/businesses/{client.business.slug}/payouts/{settled['id']}"
        whole = at.ask("GET", path).json()
        first = at.ask("GET", f"{path}?most=1").json()
        rest = at.ask("GET", f"{path}?offset=1").json()
        assert at.ask("GET", f"{path}?most=1001").status == 422
    assert first["parts"] + rest["parts"] == whole["parts"] and first["totals"] == whole["totals"]
