"""Every approved dollar is in exactly one place of the board, whatever happened and in whatever order."""

import random
from typing import Any, get_args

import pytest

from interlock.domains.ap.policy.course import RailWord, Way
from interlock.domains.ap.policy.happenings import (
    EVENTS,
    BankReturned,
    BankShowed,
    Event,
    Found,
    LedgerShowed,
    NotSent,
    PersonSaid,
    PersonSays,
    RailSaid,
    RecordLost,
    SendMade,
    TimePassed,
)
from interlock.runway.services.experiences.payments import PaymentsExperience
from tests.payments.paying import Paying
from tests.runway import said


def test_an_approved_payment_waits_to_be_released(paying: Paying) -> None:
    assert paying.board().say.startswith("Nothing was approved yet")
    paying.approve("b1", "b2")
    view = paying.board("approved")
    assert rows(view) == {"approved": (2, "2000.03")}
    assert {each.called for each in view.payments} == {"Copperfield Freight N-b1", "Copperfield Freight N-b2"}
    assert view.say == "No payment waits for a person. Of 2,000.03 ever approved: 2,000.03 not sent yet."


def test_a_payment_made_outside_ends_when_bank_and_books_show_it(paying: Paying) -> None:
    (intent,) = paying.approve("b1")
    id_ = paying.let_go(intent)
    assert rows(paying.board()) == {"to_pay": (1, "1000.01")}
    paying.hear(id_, BankShowed(), cleared_on=said.TODAY)
    (line,) = paying.board("cleared").payments
    assert line.witnessed == "Bank ✓ 24 Nov · QBO waits", "a payment made outside has no rail to say executed"
    paying.hear(id_, LedgerShowed(), ledger_payment_id="bp7", recorded_on=said.TODAY)
    (line,) = paying.board("closed").payments
    assert line.witnessed == "Bank ✓ 24 Nov · QBO ✓ #bp7" and line.settled


def test_without_a_bank_it_ends_as_unproven_in_a_place_of_its_own(paying: Paying) -> None:
    (intent,) = paying.approve("b1")
    id_ = paying.let_go(intent, expects_bank=False)
    paying.hear(id_, LedgerShowed(), ledger_payment_id="bp7", recorded_on=said.TODAY)
    view = paying.board("unproven")
    assert rows(view) == {"unproven": (1, "1000.01")}
    assert view.payments[0].witnessed == "Bank unproven · QBO ✓ #bp7"
    assert "1,000.01 recorded without a bank’s word" in view.say


def test_what_waits_for_a_person_comes_first(paying: Paying) -> None:
    late, fine = paying.approve("b1", "b2")
    id_ = paying.let_go(late)
    paying.let_go(fine)
    paying.books.firm.wait(days=6)
    paying.hear(id_, TimePassed())
    view = paying.board()
    assert [each.intent_id for each in view.for_person] == [id_] and view.for_person_count == 1
    assert view.for_person[0].days == 0 and view.say.startswith("1 payment waits for a person.")
    by_key = {each.key: each for each in view.places}
    assert by_key["late"].people == 1 and by_key["to_pay"].people == 0 and by_key["to_pay"].still_days == 6


def test_money_that_came_back_is_told_apart_from_money_that_stayed(paying: Paying) -> None:
    came, stayed = paying.approve("b1", "b2")
    returned, cancelled = paying.let_go(came), paying.let_go(stayed)
    paying.hear(returned, BankShowed(), BankReturned())
    paying.hear(cancelled, PersonSaid("take_back"))
    assert rows(paying.board()) == {"returned": (1, "1000.01"), "cancelled": (1, "1000.02")}
    assert paying.states() == {"b1": "reopened", "b2": "reopened"}


def test_an_approval_that_ended_keeps_its_dollars_on_the_board(paying: Paying) -> None:
    paying.approve("b1", "b2", "b3")
    with paying.acting("wren") as service:
        service.reject(["b1"], "Wrong vendor")
    paying.books.say(said.bill("b2", 999))
    assert paying.settle() == 1
    view = paying.board("ended")
    assert rows(view) == {"approved": (1, "1000.03"), "ended": (2, "2000.03")}
    assert {each.why for each in view.payments} >= {"Wrong vendor"}


def test_an_approval_that_no_longer_holds_says_so_before_anything_settled_it(paying: Paying) -> None:
    paying.approve("b1")
    paying.books.say(said.bill("b1", 999))
    (line,) = paying.board("approved").payments
    assert line.needs is not None and line.needs.startswith("The approval no longer holds")


@pytest.mark.parametrize("seed", range(4))
def test_places_sum_to_what_was_approved_whatever_happens(paying: Paying, seed: int) -> None:
    chance = random.Random(seed)
    intents = paying.approve(*(f"b{each}" for each in range(1, 13)))
    total = sum(each.amount_minor for each in intents)
    ids = []
    for intent in intents[: chance.randint(6, 12)]:
        ids.append(
            paying.let_go(
                intent, chance.choice(get_args(Way)), expects_bank=chance.random() < 0.7, records=chance.random() < 0.5
            )
        )
        check(paying.board(), total)
    for _ in range(25):
        paying.books.firm.wait(hours=chance.randint(1, 30))
        paying.hear(chance.choice(ids), *(any_event(chance, paying) for _ in range(chance.randint(1, 6))))
        check(paying.board(), total)


def check(view: PaymentsExperience, total: int) -> None:
    assert view.sums and view.off_by.money.minor == 0
    assert view.placed.amount.money.minor == view.approved.amount.money.minor == total
    assert sum(each.total.amount.money.minor for each in view.places) == total
    assert sum(each.people for each in view.places) == view.for_person_count == len(view.for_person)
    for each in view.places:
        assert (each.total.rows == 0) == (each.total.amount.money.minor == 0)


def any_event(chance: random.Random, paying: Paying) -> Event:
    word: RailWord = chance.choice(get_args(RailWord))
    says: PersonSays = chance.choice(get_args(PersonSays))
    now = paying.books.firm.clock.now()
    made: dict[type[Event], Event] = {
        SendMade: SendMade(word),
        Found: Found(word),
        RailSaid: RailSaid(word, chance.random() < 0.1),
        NotSent: NotSent(now),
        RecordLost: RecordLost(now),
        PersonSaid: PersonSaid(says),
        BankShowed: BankShowed(chance.random() < 0.1),
        LedgerShowed: LedgerShowed(chance.random() < 0.1),
    }
    kind: Any = chance.choice(EVENTS)
    return made[kind] if kind in made else kind()


def rows(view: PaymentsExperience) -> dict[str, tuple[int, str]]:
    """Places that hold something: how many payments, and how much."""
    return {each.key: (each.total.rows, each.total.amount.amount) for each in view.places if each.total.rows}
