"""A payout is followed until nothing about it changes any more: made, at the bank, told what it holds, and failed after all."""

import urllib.error
from collections.abc import Callable, Iterator

import pytest

from interlock.rails.witnesses import Charge, Payout, PayoutPart
from tests.rails.stripe.at_stripe import Client
from tests.support.sandbox import Sandbox

Takes = Callable[[int], Client]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One of its own: what is paid out when depends on everything that happened to an account's balance before."""
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=3) as running:
        yield running


@pytest.fixture
def client(takes: Takes) -> Client:
    return takes(2).connect()


def paid_out(client: Client, *amounts: int) -> str:
    """Customers pay, days pass, and Stripe pays out by its schedule; the payout's id, as soon as it is made."""
    before = {row["id"] for row in client.there("payouts")}
    for amount in amounts:
        client.happens("pay", amount=amount, method="card")
    for _ in range(30):
        client.later(seconds=6 * 3600)
        new = [row["id"] for row in client.there("payouts") if row["id"] not in before]
        if new:
            return str(new[0])
    raise AssertionError("a week went by and nothing was paid out; look at the account's schedule in the sandbox")


def paid_out_by_hand(client: Client, amount: int) -> str:
    """Somebody pays out by hand, as soon as enough is available between two payouts of the schedule."""
    for _ in range(40):
        client.happens("pay", amount=30_000, method="card")
        client.later(seconds=6 * 3600)
        try:
            return str(client.by_hand("payouts", amount=str(amount), currency="usd")["id"])
        except urllib.error.HTTPError as refused:
            refused.close()
    raise AssertionError("nothing became available in ten days; look at the account's schedule in the sandbox")


def test_from_made_to_taken_apart(client: Client) -> None:
    client.sync()
    before = set(client.rows(PayoutPart))
    payout_id = paid_out(client, 12_000, 34_500)
    client.sync()
    made = client.unbundle(payout_id)
    assert not made.attributed and "hasn't finished" in (made.why_not or "")
    waiting = {id_: row for id_, row in client.rows(PayoutPart).items() if id_ not in before}
    assert {row.payout_id for row in waiting.values()} == {None}, "nobody knows yet what went out with it"
    client.at(f"payouts/{payout_id}/paid")
    client.sync()
    assert client.unbundle(payout_id).state == "paid"
    client.later(days=2)
    client.sync()
    found = client.unbundle(payout_id)
    assert found.attributed and found.state == "paid", found.why_not
    assert sum(part.net.minor for part in found.parts) == found.amount.minor
    assert {part.part_id for part in found.parts} >= set(waiting), "what waited went out with it"


def test_paid_may_become_failed_and_its_money_waits_again(client: Client) -> None:
    payout_id = paid_out(client, 21_000)
    client.at(f"payouts/{payout_id}/paid")
    client.sync()
    assert client.rows(Payout)[payout_id].state == "paid"
    client.later(days=2, live=False)
    client.at(f"payouts/{payout_id}/fail", code="account_closed")
    report = client.sync()
    assert report.mode == "changes"
    found = client.unbundle(payout_id)
    assert found.state == "failed" and not found.arrived and found.failure
    back = [row for row in client.rows(PayoutPart).values() if row.source_id == payout_id and row.payout_id is None]
    assert [row.net_minor for row in back] == [found.amount.minor], "the money came back and waits for the next payout"


def test_what_may_still_change_is_read_again_and_not_written_again(client: Client) -> None:
    payout_id = paid_out(client, 18_000)
    client.later(days=4)
    client.sync()
    assert client.unbundle(payout_id).attributed
    calls = client.sync().calls
    again = client.sync()
    assert again.calls == calls <= 3, "the parts of a payout that is settled were read again"
    assert all(each.upserted == 0 for each in again.entities), "what didn't change was written again"


def test_a_quiet_account_is_not_read_whole_again(takes: Takes) -> None:
    client = takes(0).connect()
    client.sync()
    for _ in range(3):
        client.later(days=20, live=False)
        assert client.sync().mode == "changes", "nothing happened for long, and we asked all the while"
    client.happens("pay", amount=2_500, method="card")
    assert client.sync().mode == "changes"
    assert any(each.amount_minor == 2_500 for each in client.rows(Charge).values())


def test_a_long_absence_is_met_by_reading_everything(client: Client) -> None:
    client.sync()
    assert client.sync().mode == "changes"
    client.later(days=31, live=False)
    assert client.sync().mode == "full", "Stripe keeps events for 30 days only"
    assert client.sync().mode == "changes"


def test_what_is_paid_out_by_hand_says_that_nobody_knows(takes: Takes) -> None:
    client = takes(1).connect()
    by_hand = paid_out_by_hand(client, 1_234)
    client.sync()
    found = client.unbundle(by_hand)
    assert not found.attributed and "by hand" in (found.why_not or "") and not found.parts
    assert by_hand not in {row.payout_id for row in client.rows(PayoutPart).values()}
