"""The scenes of the drill: each brings about what one guard is there for, and the judge looks on."""

from pathlib import Path

from interlock.domains.ap.policy.course import SETTLED
from tests.simulation.money.play import Play
from tests.simulation.money.theatre import Client, money_staged


def drill(folder: Path, template: Path) -> None:
    """All scenes, at a client that pays outside and at one whose bills are created in Ramp; raises where something is wrong."""
    with money_staged(1, folder, template, only=("outside", "create")) as theatre:
        play = Play(theatre, 1)
        outside, create = theatre.clients["outside"], theatre.clients["create"]
        _decisions(play, outside)
        _sending(play, create)
        _witnesses(play, outside)
        for client in (outside, create):
            play.judge.after_a_day(client)
            play.judge.sent_once(client)
            play.judge.at_the_end(client)


def _approved(play: Play, client: Client, count: int) -> None:
    for number in range(count):
        play.town.enter_bill(client, cents=10_000 + 777 * (play.town.numbers % 40), vendor=1 + number)
    play.theatre.sync(client, "qbo")
    play.theatre.ask_banks(client)
    assert play.firm.approve(client, play.firm.open_bills(client)), f"approved at {client.name}: {play.met}"
    play.judge.note_approvals(client)


def _released(play: Play, client: Client) -> list[str]:
    """Let all go that is approved; the judge is told."""
    changed = play.judge.changed(client)
    play.theatre.ask_banks(client)
    done = play.firm.release(client, [each.intent_id for each in play.firm.approved(client)])
    assert done is not None, f"a release at {client.name}: {play.met}"
    play.judge.of_release(
        client, {row.intent_id for row in done.released}, changed, sum(row.amount_minor for row in done.released)
    )
    return [row.intent_id for row in done.released]


def _decisions(play: Play, client: Client) -> None:
    """Too early, unapproved, changed, below the floor, twice."""
    _approved(play, client, 4)
    assert _released(play, client) == [], "released while the approval could still be undone"
    play.theatre.wait(minutes=1)
    play.firm.cash, play.firm.floor = 1_100_000, 1_099_000
    assert _released(play, client) == [], "released below the floor"
    play.firm.cash, play.firm.floor = 20_000_000, 1_000_000
    assert play.town.change_bill(client, play.firm.approved(client)[0].bill_id)
    assert play.theatre.sync_unsettled(client), "the process should have ended after the reading"
    intents = [each.intent_id for each in play.firm.approved(client)]
    released = _released(play, client)
    assert len(released) == 3, f"three of {intents} are as they were approved"
    again = play.firm.release(client, released, who="odell")
    assert again is None or not again.released, "released twice"
    play.theatre.sync(client, "qbo")
    play.town.enter_bill(client, cents=5_151, vendor=6)
    play.theatre.sync(client, "qbo")
    bill = play.firm.open_bills(client)[-1:]
    play.firm.release(client, play.firm.propose(client, bill))
    play.judge.after_a_day(client)


def _witnesses(play: Play, client: Client) -> None:
    """Paid and entered; paid and not entered; entered and taken out again; sent back."""
    first, second, third = play.firm.payments(client, "to_pay")
    for row in (first, second, third):
        play.town.pay_at_bank(client, [row])
    play.theatre.wait(days=1)
    _read(play, client)
    play.judge.closed_is_true(client)
    for row in (first, second):
        assert play.town.enter_payment(client, [row])
    _read(play, client)
    closed = {row.intent_id: row for row in play.firm.payments(client, "closed")}
    assert set(closed) == {first.intent_id, second.intent_id}, "the bank and the ledger show two of them"
    play.town.send_back(client, closed[first.intent_id])
    play.town.sent_back.add(first.intent_id)
    assert play.town.delete_payment(client, closed[second.intent_id])
    play.theatre.wait(days=1)
    _read(play, client)
    play.judge.closed_is_true(client)
    play.theatre.wait(days=30)
    play.workers.work_off(client)


def _sending(play: Play, client: Client) -> None:
    """A lost answer, a request that never came, one paid otherwise, one taken back, one that ends in the middle."""
    play.theatre.sync(client, "ramp")
    _approved(play, client, 5)
    play.theatre.wait(minutes=1)
    lost, dropped, otherwise, back, _ = _released(play, client)
    rows = {row.intent_id: row for row in play.firm.payments(client)}
    assert play.town.enter_payment(client, [rows[otherwise]])
    play.theatre.sync(client, "qbo")
    assert play.firm.say(client, back, "take_back"), f"what was not sent can be taken back: {play.met}"
    for intent_id, fault in ((lost, "cut_after_commit"), (dropped, "drop")):
        play.theatre.control("POST", "faults", {"kind": fault, "path": "/v1/bills", "method": "POST", "count": 1})
        blind = {"kind": "server_error", "path": "/v1/bills", "method": "GET", "status": 503, "count": 400, "after": 1}
        if intent_id == lost:
            play.theatre.control("POST", "faults", {key: blind[key] for key in blind if key != "after"})
        play.workers.perform(client, f"pay:{intent_id}:send:0")
        play.theatre.control("DELETE", "faults")
    play.theatre.wait(minutes=3)
    play.workers.perform(client, f"pay:{dropped}:send:0")
    assert not play.town.at_ramp(client, dropped), "sent by a run that was over, before anybody looked"
    play.workers.reckless = 0.4
    play.workers.work_off(client)
    play.workers.reckless = 0.0
    for _ in range(6):
        play.theatre.wait(hours=2)
        play.workers.work_off(client)
    stuck = {row.intent_id: row.todo for row in play.firm.payments(client, "unknown")}
    assert stuck.get(dropped, "look_up") is None, f"after three looks that found nothing a person is asked: {stuck}"
    play.judge.after_a_day(client)
    play.judge.sent_once(client)
    there = {bill.remote_id for bill in play.town.at_ramp(client)}
    assert not {otherwise, back} & there, "sent although it was paid otherwise, or taken back"
    for days in (2, 5, 9, 20):
        play._asked(client)
        play.theatre.wait(days=days)
        _read(play, client)
        play.workers.work_off(client)
    assert [row for row in play.firm.payments(client) if row.stage in SETTLED], "some of them are settled by then"


def _read(play: Play, client: Client) -> None:
    for rail in ("qbo", *(["ramp"] if client.at_ramp else []), "plaid"):
        assert play.theatre.sync(client, rail), f"without trouble {rail} is read"
