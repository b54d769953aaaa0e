"""What goes wrong with a bank's lines: they move while they are read, come late, are posted, corrected, taken back."""

import json
from dataclasses import replace
from typing import Any

import pytest

from interlock.app.plaid import rail_for
from interlock.domains.plaid.client import PlaidClient
from interlock.domains.plaid.keys import VerificationKeys
from interlock.domains.plaid.pacing import Pacer
from interlock.domains.plaid.rail import Linking, PlaidRail
from interlock.rails import items
from interlock.rails.errors import RailError, Unavailable
from tests.rails.meddler import meddling
from tests.rails.plaid.at_the_bank import Client
from tests.rails.plaid.conftest import Takes


def test_lines_that_move_while_they_are_read_are_read_again_from_the_first_cursor(takes: Takes) -> None:
    client = takes(0)
    client.link()
    item_id = client.logins()[0].item_id
    with meddling(client.sandbox.url) as between:
        moved: list[str] = []

        def once(path: str, body: bytes) -> bytes:
            if path.endswith("/transactions/sync") and not moved:
                moved.append(path)
                bank(client, -1234, "MOVED MEANWHILE")
            return body

        between.change = once
        changes = client.house.transport.run(small_pages(client, between.url).bank_lines(item_id, None))
    told = [line for page in changes.pages for line in page.facts]
    truth = [line for lines in client.truth().values() for line in lines]
    assert len(told) == len({line.id for line in told}) == len(truth)
    assert "MOVED MEANWHILE" in {getattr(line, "name", "") for line in told}
    assert len(between.asked) > 2, "one page, then the whole loop again"


def test_lines_that_never_hold_still_are_left_for_later_and_nothing_is_kept(takes: Takes) -> None:
    client = takes(0)
    client.link()
    item_id = client.logins()[0].item_id
    with meddling(client.sandbox.url) as between:

        def always(path: str, body: bytes) -> bytes:
            if path.endswith("/transactions/sync"):
                bank(client, -1, "RESTLESS")
            return body

        between.change = always
        with pytest.raises(Unavailable):
            client.house.transport.run(small_pages(client, between.url).bank_lines(item_id, None))
        assert len(between.asked) <= 2 * 5, "a bound on how often it begins again"


def test_a_pending_line_is_posted_and_the_chain_is_kept(takes: Takes) -> None:
    client = takes(1)
    client.link()
    bank(client, -4500, "ORCHARD SUPPLY", pending=True)
    look(client)
    client.sync.sync()
    (pending,) = [line for line in client.lines() if line.name == "ORCHARD SUPPLY"]
    assert pending.pending and pending.amount_minor == -4500

    client.sandbox.control("POST", "clock/advance", {"days": 2})
    client.sync.sync()
    (posted,) = [line for line in client.lines() if line.name == "ORCHARD SUPPLY"]
    assert (posted.pending, posted.pending_id, posted.amount_minor) == (False, pending.id, -4500)
    assert "mirror.deleted" in client.actions(), "the pending line is buried, not forgotten"


def test_a_line_corrected_or_taken_back_by_the_bank(takes: Takes) -> None:
    client = takes(2)
    client.link()
    first = bank(client, 70_00, "DEPOSIT A")
    second = bank(client, 80_00, "DEPOSIT B")
    look(client)
    client.sync.sync()
    client.sandbox.control("POST", f"bank/{client.realm_id}/lines/{first}/amend", {"amount_minor": 71_00})
    client.sandbox.control("POST", f"bank/{client.realm_id}/lines/{second}/remove", {})
    look(client)
    client.sync.sync()
    held = {line.name: line.amount_minor for line in client.lines() if line.name.startswith("DEPOSIT ")}
    assert held.get("DEPOSIT A") == 71_00 and "DEPOSIT B" not in held


def test_reading_everything_again_buries_what_the_bank_no_longer_shows(takes: Takes) -> None:
    client = takes(3)
    client.link()
    client.sync.sync()
    before = len(client.lines())
    with client.house.database.writing(client.scope) as session:
        row = items.find(session, client.scope, "plaid", client.logins()[0].item_id)
        row.cursor = None  # as if what was taken back had been told while nobody listened
    gone = bank(client, 5, "SHORT-LIVED")
    look(client)
    client.sync.sync()
    client.sandbox.control("POST", f"bank/{client.realm_id}/lines/{gone}/remove", {})
    look(client)
    report = client.sync.sync(full=True)
    assert report.mode == "full" and len(client.lines()) == before
    assert all(each.live for each in client.accounts()), "a full reading asks the banks themselves"


def test_a_cursor_that_plaid_no_longer_knows_is_given_up_for_a_reading_of_everything(takes: Takes) -> None:
    client = takes(3)
    client.link()
    client.sync.sync()
    held = {line.id for line in client.lines()}
    with client.house.database.writing(client.scope) as session:
        items.find(session, client.scope, "plaid", client.logins()[0].item_id).cursor = "of another year"
    client.sync.sync()
    assert {line.id for line in client.lines()} == held
    assert client.logins()[0].state == "working" and client.logins()[0].cursor != "of another year"


def test_a_bank_that_has_no_history_yet_is_asked_again_soon(takes: Takes) -> None:
    client = takes(0)
    client.sandbox.control("POST", "plaid/settings", {"initial_seconds": 600, "historical_seconds": 1200})
    try:
        client.link()
        client.sync.sync()
        (login,) = client.logins()
        assert client.lines() == [] and login.cursor is None and login.lines_at is None
        assert client.due_in_minutes() <= 3, "not only after hours, by the timetable"
        assert client.accounts(), "balances are there before the lines"
    finally:
        client.sandbox.control("POST", "plaid/settings", {"initial_seconds": 0, "historical_seconds": 0})
    client.sync.sync()
    assert client.lines() and client.logins()[0].cursor


def test_a_sync_that_dies_keeps_lines_and_cursor_together_or_neither(takes: Takes) -> None:
    client = takes(1)
    client.link()
    with meddling(client.sandbox.url) as between:

        def broken(path: str, body: bytes) -> bytes:
            if path.endswith("/transactions/sync"):
                said = json.loads(body)
                said["added"][-1] = {"transaction_id": "x"}
                return json.dumps(said).encode()
            return body

        between.change = broken
        mended = replace(client.house.settings, plaid_api_url=f"{between.url}/plaid")
        client.house.settings, ours = mended, client.house.settings
        with pytest.raises(RailError):
            client.sync.sync()
        client.house.settings = ours
    assert client.lines() == [] and client.logins()[0].cursor is None
    client.sync.sync()
    assert client.lines() and client.logins()[0].cursor


def bank(client: Client, amount_minor: int, name: str, *, pending: bool = False) -> str:
    """Money moves at the client's first account; the bank's id of the line."""
    account = client.logins_there[0]["accounts"][0]["id"]
    sent = {"account": account, "amount_minor": amount_minor, "name": name, "pending": pending}
    line: dict[str, Any] = client.sandbox.control("POST", f"bank/{client.realm_id}/lines", sent)["line"]
    if not pending:
        for login in client.logins():
            client.sandbox.control("POST", f"plaid/items/{login.item_id}/look", {})
    return str(line["id"])


def look(client: Client) -> None:
    """Plaid looks at the banks now."""
    for login in client.logins():
        client.sandbox.control("POST", f"plaid/items/{login.item_id}/look", {})


def small_pages(client: Client, url: str) -> PlaidRail:
    """The client's rail through somebody in between, with pages of ten lines."""
    settings = client.house.settings
    whole = rail_for(client.house, client.scope)
    plaid = PlaidClient(f"{url}/plaid", *settings.plaid_app(), client.house.transport, Pacer(limited=False))
    return PlaidRail(
        plaid, whole.secret_of, Linking("", "", None), keys=VerificationKeys(client.house.clock.now),
        now=client.house.clock.now, pepper="", page_rows=10,
    )  # fmt: skip
