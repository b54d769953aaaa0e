"""At the terminal: a client is proved complete, totals say whether they are QuickBooks', and notices say what became of them."""

import json
from typing import Any

import pytest

from tests.cli.terminal import Terminal
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="module")
def client(office: Terminal) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(office.run("business", "list", "--json").out)["businesses"][0]
    return found


def test_a_client_is_proved_and_the_costs_are_said(office: Terminal, client: dict[str, Any]) -> None:
    said = office.run("prove", client["slug"], "--json").json()
    assert (said["settled"], said["tied"]["tied"], said["mended"]) == (True, True, {})
    assert said["calls"] >= 6
    out = office.run("prove", client["slug"]).out
    assert "Tied to QuickBooks’ own counts, agings and balance sheet, as of " in out
    assert "Not compared: Equity" in out


@pytest.mark.parametrize("command", ["tray", "console", "digest", "bills", "invoices", "balances", "aging"])
def test_every_view_with_totals_says_whether_they_are_quickbooks(
    office: Terminal, client: dict[str, Any], command: str
) -> None:
    assert office.run(command, client["slug"], "--json").json()["tied"]["tied"] is True
    assert "Tied to QuickBooks" in office.run(command, client["slug"]).out


def test_the_portfolio_says_it_of_every_client(office: Terminal) -> None:
    rows = office.run("portfolio", "--json").json()["clients"]
    for row in rows:
        tray = office.run("tray", row["business"]["slug"], "--json").json()
        off_control = any(each["rule"] == "X15" for each in tray["other_findings"])
        assert row["tied"]["tied"] is not off_control, row["business"]["name"]
        assert row["tied"] == tray["tied"], "every view says the same"


def test_an_inbox_without_notices_says_so(office: Terminal, client: dict[str, Any]) -> None:
    for arguments in (("inbox", client["slug"]), ("inbox",)):
        assert office.run(*arguments, "--json").json()["notices"] == []
        assert "QuickBooks has told us nothing yet" in office.run(*arguments).out


def test_a_client_that_nobody_knows_cannot_be_proved(office: Terminal) -> None:
    assert "There is no business" in office.refused("prove", "nobody-of-this-name")


def test_the_doctor_says_that_notices_are_turned_away_and_what_mends_it(office: Terminal, sandbox: Sandbox) -> None:
    del sandbox
    found = {item["what"]: item for item in office.run("doctor", "--json").json()["items"]}
    assert found["Webhooks"]["state"] == "watch"
    assert "INTERLOCK_QBO_WEBHOOK_TOKEN" in found["Webhooks"]["mend"]
