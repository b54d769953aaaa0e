"""Payments at a terminal: the board, one payment and the pay runs, on paper and as the JSON that the API sends."""

import pytest

from tests.cli.terminal import Terminal
from tests.cli.test_deciding import PEOPLE, payable


@pytest.fixture(scope="module")
def client(office: Terminal) -> str:
    """A client with a controller and an owner."""
    slug: str = office.run("portfolio", "--json").json()["clients"][0]["business"]["slug"]
    for handle, name, of_client, role in PEOPLE:
        office.run("people", "add", handle, name, *(("--client",) if of_client else ()))
        office.run("people", "grant", slug, handle, role)
    return slug


def test_an_approved_payment_is_on_the_board_on_its_run_and_by_itself(office: Terminal, client: str) -> None:
    before = office.run("payments", client, "--json").json()
    bill = payable(office, client)
    made = office.run("approve", client, bill["id"], "--as", "iris", "--acknowledge", "--json").json()
    payment = made["subjects"][0]["intent_id"]
    board = office.run("payments", client, "--stage", "approved", "--json").json()
    assert board["sums"] and board["approved"]["rows"] == before["approved"]["rows"] + 1
    assert payment in {each["intent_id"] for each in board["payments"]}
    paper = " ".join(office.run("payments", client, "--stage", "approved").out.split())
    assert "Approved, ever" in paper and payment in paper
    one = office.run("payment", "show", client, payment, "--json").json()
    assert one["say"].startswith("Not yet: nothing was released.") and not one["released"]
    said = " ".join(office.run("payment", "show", client, payment).out.split())
    assert "been paid?" in said and "Approved by Iris Fenwick" in said
    runs = office.run("pay-run", client, "--json").json()
    rows = {row["payment"]["intent_id"]: row for run in runs["runs"] for row in run["rows"]}
    assert payment in rows
    assert "Paid outside: you pay by bank portal" in " ".join(office.run("pay-run", client).out.split())


def test_what_is_not_there_is_said(office: Terminal, client: str) -> None:
    assert "There is no stage 'paid'" in office.refused("payments", client, "--stage", "paid")
    assert "There is no payment 'int_1'" in office.refused("payment", "show", client, "int_1")
