"""Deciding at a terminal: propose, approve, undo and replay, each by a named person; a block ends with 3 and its verdict."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import Terminal
from tests.support.sandbox import Sandbox

PEOPLE = (("wren", "Wren Halloran", False, "controller"), ("iris", "Iris Fenwick", True, "client_owner"))


@pytest.fixture(scope="module")
def client(office: Terminal) -> str:
    """A client with a controller and an owner."""
    slug: str = office.run("portfolio", "--json").json()["clients"][0]["business"]["slug"]
    for handle, name, of_client, role in PEOPLE:
        office.run("people", "add", handle, name, *(("--client",) if of_client else ()))
        office.run("people", "grant", slug, handle, role)
    return slug


def payable(office: Terminal, client: str) -> dict[str, Any]:
    groups = office.run("console", client, "--json").json()["groups"]
    free = [
        bill
        for group in groups
        for bill in group["bills"]
        if bill["blocked"] is None and not bill["foreign"] and not bill["intents"] and not bill["credits"]
    ]
    found: dict[str, Any] = min(free, key=lambda bill: float(bill["balance"]["amount"]))
    return found


def test_the_console_lists_bills_by_pay_run_with_their_ids(office: Terminal, client: str) -> None:
    said = office.run("console", client).out
    assert "Pay run" in said and "decide by" in said and "Id" in said
    bill = payable(office, client)
    assert bill["id"] in said


def test_impact_writes_nothing(office: Terminal, client: str) -> None:
    bill, before = payable(office, client), office.kept()
    said = office.run("impact", client, bill["id"])
    assert "Low side (p80)" in said.out and "After 1 bill" in said.out
    assert office.kept() == before


def test_propose_approve_undo_and_replay(office: Terminal, client: str) -> None:
    bill = payable(office, client)
    made = office.run("propose", client, bill["id"], "--as", "wren", "--comment", "This week", "--json").json()
    (subject,) = made["subjects"]
    assert made["act"] == "propose" and subject["intent_id"]
    own = office.refused("approve", client, subject["intent_id"], "--as", "wren")
    assert "doesn't approve it" in own
    yes = office.run("approve", client, subject["intent_id"], "--as", "iris", "--acknowledge", "--json").json()
    assert yes["outcome"] in {"allow", "warn"}
    said = office.run("replay", client, yes["decision_id"]).out
    assert "The same verdict, byte for byte." in said
    assert "approved" in office.run("decisions", client).out
    office.run("reject", client, bill["id"], "--as", "iris", "--reason", "The test is over")


def test_an_approval_ends_with_the_sync_that_brings_a_changed_bill(
    office: Terminal, client: str, sandbox: Sandbox
) -> None:
    """Nothing but the sync is run: what voids it hangs on that, for a client that has its books alone too."""
    bill = payable(office, client)
    made = office.run("approve", client, bill["id"], "--as", "iris", "--acknowledge", "--json").json()
    assert made["act"] == "approve"
    name = office.run("console", client, "--json").json()["business"]["name"]
    realm = next(each.realm_id for each in sandbox.clients() if each.name == name)
    sandbox.update(realm, "Bill", {"Id": bill["id"], "DueDate": "2027-01-15"})
    office.run("sync", client)
    newest = office.run("decisions", client, "--json").json()["decisions"][0]
    assert (newest["act"], newest["by"]) == ("void", "Interlock")
    assert "15 Jan 2027" in newest["comment"]
    assert [each["bill_id"] for each in newest["subjects"]] == [bill["id"]]


def test_a_block_ends_with_three_and_the_verdict_and_another_policy_would_say_otherwise(
    office: Terminal, client: str, tmp_path: Path
) -> None:
    bill = payable(office, client)
    policy = tmp_path / "strict.toml"
    policy.write_text('[limits]\npayment = "0.01"\n')
    office.run("policy", "set", str(policy), "--business", client, "--reason", "A test", "--as", "iris")
    blocked = office.run("impact", client, bill["id"], expect=3)
    assert blocked.out.startswith("Blocked")
    refused = office.run("approve", client, bill["id"], "--as", "wren", expect=3)
    assert refused.out.startswith("Blocked") and "Nothing was changed" in " ".join(refused.err.split())
    loose = tmp_path / "loose.toml"
    loose.write_text("")
    office.run("policy", "set", str(loose), "--business", client, "--reason", "The test is over", "--as", "iris")


def test_hold_and_snooze_need_what_they_say(office: Terminal, client: str) -> None:
    bill = payable(office, client)
    office.run("hold", client, bill["id"], "--as", "wren", expect=2)
    held = office.run("hold", client, bill["id"], "--as", "wren", "--reason", "Not delivered").out
    assert "held" in held
    assert "Held: Not delivered" in office.run("console", client, "--show", "blocked").out
    office.run("hold", client, bill["id"], "--as", "wren", "--release")
    assert "nobody called" in office.refused("hold", client, bill["id"], "--as", "nemo", "--reason", "Why")
