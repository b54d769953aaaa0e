"""Releasing at a terminal, how a client pays, and what people say of a payment: each by a named person, each refusal in words."""

from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.cli.test_deciding import PEOPLE, payable

LONG_UNDO = "[approvals]\nundo_seconds = 3600\n"


@pytest.fixture(scope="module")
def client(office: Terminal, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A client with a controller and an owner, whose approvals can be undone for an hour."""
    slug: str = office.run("portfolio", "--json").json()["clients"][0]["business"]["slug"]
    for handle, name, of_client, role in PEOPLE:
        office.run("people", "add", handle, name, *(("--client",) if of_client else ()))
        office.run("people", "grant", slug, handle, role)
    file: Path = tmp_path_factory.mktemp("policy") / "policy.toml"
    file.write_text(LONG_UNDO)
    office.run("policy", "set", str(file), "--business", slug, "--as", "iris", "--reason", "Time to think")
    return slug


def test_a_payment_that_can_be_undone_is_refused_and_ends_with_three(office: Terminal, client: str) -> None:
    bill = payable(office, client)
    made = office.run("approve", client, bill["id"], "--as", "iris", "--acknowledge", "--json").json()
    payment = made["subjects"][0]["intent_id"]
    said = office.run("release", client, payment, "--as", "iris", expect=3)
    assert "0 payments released" in said.out and "1 refused" in said.out
    assert "can still be undone until" in " ".join(said.out.split())
    assert "No bank was asked" in said.out
    told = office.run("release", client, payment, "--as", "iris", "--json", expect=3).json()
    assert told["decision_id"] is None and told["rows"][0]["outcome"] == "refused"
    nothing = office.refused("payment", "say", client, payment, "take-back", "--comment", "Twice", "--as", "iris")
    assert "isn't released" in nothing


def test_what_is_to_be_released_is_named_or_all_that_is_due(office: Terminal, client: str) -> None:
    assert "--due" in office.run("release", client, "--as", "iris", expect=2).err
    assert "--due" in office.run("release", client, "int_1", "--due", "--as", "iris", expect=2).err
    assert "There is no payment" in office.refused("release", client, "int_1", "--as", "iris")
    assert "take-back" in office.run("payment", "say", client, "int_1", "paid", "--as", "iris", expect=2).err


def test_who_may_not_release_does_not(office: Terminal, client: str) -> None:
    assert "engagement letter" in office.refused("release", client, "int_1", "--as", "wren")


def test_a_client_pays_outside_until_a_person_says_otherwise(office: Terminal, client: str) -> None:
    said = office.run("paying", "show", client).out
    assert "Pay outside." in said and "Ramp isn’t connected." in said
    for way in (("hand-off",), ("create", "--no-accounting")):
        assert "Connect Ramp first" in office.refused("paying", way[0], client, *way[1:], "--as", "iris")
    chosen = office.run("paying", "outside", client, "--method", "check", "--as", "iris", "--json").json()
    assert (chosen["way"], chosen["method"], chosen["changed_by"]) == ("outside", "check", "Iris Fenwick")
    assert "ach" in office.run("paying", "outside", client, "--method", "cash", "--as", "iris", expect=2).err
