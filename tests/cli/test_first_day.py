"""A firm's first day at the terminal: clients come in, their views are read, something is written about a bill."""

import json
import re
import sys
from typing import Any

from tests.cli.terminal import Terminal
from tests.support.sandbox import Sandbox

_WORDS_ABOUT_MONEY = re.compile(r"(?<![\d,])\d{4,}\.\d\d")


def test_clients_stand_in_the_list_with_connection_and_freshness(office: Terminal, sandbox: Sandbox) -> None:
    listed = office.run("business", "list", "--json").json()["businesses"]
    assert {each["name"] for each in listed} == {client.name for client in sandbox.clients()}
    for each in listed:
        assert each["connection"]["state"] == "connected", f"{each['name']} is not connected"
        assert each["last_sync"].endswith("Z") and not each["stale"], f"{each['name']} was not synced just now"


def test_a_second_sync_is_one_call_and_says_so(office: Terminal) -> None:
    slug = first(office)["slug"]
    (sync,) = office.run("sync", slug, "--json").json()["syncs"]
    assert (sync["mode"], sync["calls"], sync["error"]) == ("changes", 1, None)
    assert sync["bytes"] > 0 and sync["seconds"] > 0
    assert "1 call," in office.run("sync", slug).out


def test_a_full_sync_reports_rows_per_entity(office: Terminal) -> None:
    (sync,) = office.run("sync", first(office)["slug"], "--full", "--json").json()["syncs"]
    by_entity = {each["entity"]: each for each in sync["entities"]}
    assert sync["mode"] == "full" and {"bill", "invoice", "vendor", "account"} <= by_entity.keys()
    assert by_entity["bill"]["rows"] > 0, "the world has bills; a full listing reads them"
    assert by_entity["bill"]["upserted"] == by_entity["bill"]["deleted"] == 0, "nothing changed since the first listing"


def test_every_read_command_answers_json_and_nothing_else(office: Terminal) -> None:
    slug = first(office)["slug"]
    for arguments, keys in (
        (("portfolio",), {"clients", "totals"}),
        (("tray", slug), {"bills_with_issues", "invoices_with_issues", "sync_status"}),
        (("console", slug), {"bills_ready", "invoices_ready", "sync_status"}),
        (
            ("digest", slug),
            {"hygiene_summary", "decision_summary", "current_balances", "hygiene_data", "decision_data"},
        ),
        (("bills", slug), {"bills", "open", "sync_status"}),
        (("invoices", slug, "--status", "paid"), {"invoices", "open", "sync_status"}),
        (("balances", slug), {"book_cash", "bank", "last_sync"}),
        (("aging", slug), {"rows", "total", "tie_out"}),
        (("aging", slug, "--receivables"), {"rows", "total", "tie_out"}),
        (("log", slug, "--after", "1"), {"head", "lines"}),
    ):
        said = office.run(*arguments, "--json")
        assert keys <= said.json().keys(), f"`{' '.join(arguments)} --json` lacks {keys - said.json().keys()}"
        assert not said.err, f"`{' '.join(arguments)} --json` talks beside its answer: {said.err}"


def test_views_on_paper_read_like_an_accountants(office: Terminal) -> None:
    slug = first(office)["slug"]
    for arguments in (
        ("portfolio",),
        ("tray", slug),
        ("console", slug),
        ("digest", slug),
        ("bills", slug),
        ("balances", slug),
    ):
        out = office.run(*arguments).out
        assert "As of " in out, f"{arguments[0]} does not say how fresh it is"
        assert not _WORDS_ABOUT_MONEY.search(out), f"{arguments[0]} shows an amount without thousands separators"
        assert "\x1b[" not in out, f"{arguments[0]} sends colours to what is no terminal"


def test_both_agings_tie_to_quickbooks(office: Terminal) -> None:
    for client in clients(office):
        for side in ((), ("--receivables",)):
            aging = office.run("aging", client["slug"], *side, "--json").json()
            assert aging["tie_out"]["tied"] is True, f"{client['name']}: {aging['tie_out']['words']}"
    out = office.run("aging", client["slug"]).out
    assert "Ties to QuickBooks' report" in out and aging["columns"][1] in out


def test_a_bill_is_held_noted_and_released_and_the_log_tells(office: Terminal) -> None:
    slug = clients(office)[1]["slug"]
    bill = next(each for each in office.run("console", slug, "--json").json()["bills_ready"] if not each["held"])
    said = office.run("bills", "hold", slug, bill["id"], "--reason", "not delivered", "--until", "2030-01-31").out
    assert "Held until 31 Jan 2030: not delivered" in said and "QuickBooks was not touched" in said
    console = office.run("console", slug, "--json").json()
    assert bill["id"] in {each["id"] for each in console["bills_blocked"]}, "a held bill is shown as blocked"
    office.run("bills", "note", slug, bill["id"], "ask the foreman")
    office.run("bills", "categorize", slug, bill["id"], "rent")
    document = office.run("bills", "release", slug, bill["id"], "--json").json()
    assert (document["held"], document["note"], document["category"]) == (False, "ask the foreman", "rent")
    lines = office.run("log", slug, "--most", "4", "--json").json()["lines"]
    assert [line["action"] for line in lines] == ["bill.annotated"] * 4, "each act leaves its own line"
    assert all(line["actor"].endswith("(command line)") for line in lines)


def test_an_invoice_is_held_too(office: Terminal) -> None:
    slug = clients(office)[2]["slug"]
    invoice = office.run("invoices", slug, "--json").json()["invoices"][0]
    office.run("invoices", "hold", slug, invoice["id"], "--reason", "disputed")
    held = {each["id"]: each for each in office.run("invoices", slug, "--json").json()["invoices"]}[invoice["id"]]
    assert held["held"] and held["hold_reason"] == "disputed"


def test_bills_can_be_asked_for_by_vendor_and_status(office: Terminal) -> None:
    slug = first(office)["slug"]
    some = office.run("bills", slug, "--status", "all", "--most", "5", "--json").json()
    assert len(some["bills"]) == 5 and some["next_offset"] == 5
    vendor = some["bills"][0]["party_name"]
    theirs = office.run("bills", slug, "--status", "all", "--vendor", vendor, "--json").json()["bills"]
    assert theirs and {each["party_name"] for each in theirs} == {vendor}


def test_the_doctor_finds_nothing_broken(office: Terminal) -> None:
    found = office.run("doctor", "--json").json()
    assert found["healthy"], [item for item in found["items"] if item["state"] == "broken"]
    assert {"Database", "Secret key", "Log", first(office)["name"]} <= {item["what"] for item in found["items"]}


def test_the_schema_is_there_already(office: Terminal) -> None:
    assert "already at this build's schema" in office.run("db", "upgrade").out


def test_help_is_quick_because_it_loads_nothing_heavy(office: Terminal) -> None:
    listing = (
        "import sys; from interlock.app.cli.commands import app; print([n for n in sys.argv[1:] if n in sys.modules])"
    )
    heavy = ("sqlalchemy", "aiohttp", "fastapi", "pydantic", "rich", "msgspec", "alembic")
    loaded = office.run_alone(*heavy, command=(sys.executable, "-c", listing)).out
    assert loaded.strip() == "[]", f"`interlock --help` would load {loaded}: import it inside the command"
    assert "sync" in office.run_alone("--help").out
    assert office.run("--version").out.startswith("interlock 0.")


def clients(office: Terminal) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(office.run("business", "list", "--json").out)["businesses"]
    return listed


def first(office: Terminal) -> dict[str, Any]:
    return clients(office)[0]
