"""Whoever stands in for another gains no yes that either of them lacks: not alone, not in a ring, not down a chain."""

from datetime import date, timedelta

import pytest

from interlock.kernel.errors import Refused
from tests.deciding.clients import NEXT_RUN, RUN, Desk


def stand_in(desk: Desk, giver: str, to: str, limit: int = 9_000_000) -> str:
    """``to`` may approve in ``giver``'s place for three days; the giver's id."""
    now = desk.books.firm.clock.now()
    with desk.acting(giver) as service:
        service.people.delegate(
            desk.books.business.business_id,
            service.person,
            to,
            limit_minor=limit,
            reason="Away",
            starts_at=now,
            ends_at=now + timedelta(days=3),
            now=now,
        )
        return service.person.person_id


def propose(desk: Desk, who: str, bill_id: str) -> None:
    with desk.acting(who) as service:
        service.propose([desk.wish(bill_id)])


def approve(desk: Desk, who: str, bill_id: str, instead_of: str | None = None) -> None:
    with desk.acting(who) as service:
        service.approve_bill_for_payment([desk.wish(bill_id)], for_person=instead_of)
    desk.books.firm.wait(minutes=1)


def test_what_one_prepared_the_other_does_not_approve_in_their_place(desk: Desk) -> None:
    odell = stand_in(desk, "odell", "mara")
    propose(desk, "odell", "b1")
    with pytest.raises(Refused, match="stand in for prepared this payment"):
        approve(desk, "mara", "b1", odell)
    approve(desk, "mara", "b1")
    assert desk.states() == {"b1": "approved"}, "in her own name she may"


def test_what_one_prepared_oneself_is_not_approved_in_anothers_place(desk: Desk) -> None:
    odell = stand_in(desk, "odell", "mara")
    propose(desk, "mara", "b1")
    with pytest.raises(Refused, match="Who prepared a payment"):
        approve(desk, "mara", "b1", odell)
    assert desk.states() == {"b1": "proposed"}


def test_two_who_stand_in_for_each_other_are_still_two(desk: Desk) -> None:
    odell, mara = stand_in(desk, "odell", "mara"), stand_in(desk, "mara", "odell")
    approve(desk, "mara", "b3", odell)
    assert desk.states() == {"b3": "half"}
    for who, instead_of in (("mara", None), ("mara", odell), ("odell", None), ("odell", mara)):
        with pytest.raises(Refused, match="approved this already"):
            approve(desk, who, "b3", instead_of)
    approve(desk, "ines", "b3")
    assert desk.states() == {"b3": "approved"}, "a third person is a second yes"


def test_a_ring_of_two_brings_nobodys_own_proposal_through(desk: Desk) -> None:
    odell, mara = stand_in(desk, "odell", "mara"), stand_in(desk, "mara", "odell")
    propose(desk, "odell", "b1")
    for who, instead_of in (("odell", mara), ("mara", odell)):
        with pytest.raises(Refused, match="prepared"):
            approve(desk, who, "b1", instead_of)
    assert desk.states() == {"b1": "proposed"}


def test_a_place_that_was_given_cannot_be_handed_on(desk: Desk) -> None:
    """Wren gives to Ines. Ines may act for Wren, and whoever acts for Ines may not act for Wren by that."""
    now, id_ = desk.books.firm.clock.now(), desk.books.business.business_id
    with desk.acting("wren") as service:
        service.people.grant(id_, "bo", "controller", now=now, actor="a test")
    wren = stand_in(desk, "wren", "ines")
    stand_in(desk, "ines", "bo")
    with pytest.raises(Refused, match="nobody has made you stand in"):
        approve(desk, "bo", "b1", wren)
    assert desk.states() == {}


def test_who_may_not_any_more_lends_nothing(desk: Desk) -> None:
    odell = stand_in(desk, "odell", "mara")
    with desk.acting("wren") as service:
        service.people.revoke(
            desk.books.business.business_id, "odell", "client_owner", now=desk.books.firm.clock.now(), actor="a test"
        )
    with pytest.raises(Refused, match="no role at this client"):
        approve(desk, "mara", "b1", odell)


def test_parts_of_a_bill_do_not_slip_under_the_limit_one_by_one(desk: Desk) -> None:
    odell = stand_in(desk, "odell", "mara", limit=300_000)

    def approve_part(cents: int, on: date) -> None:
        with desk.acting("bo") as service:
            made = service.propose([desk.wish("b1", cents, on)])
        desk.books.firm.wait(minutes=1)
        with desk.acting("mara") as service:
            service.approve_bill_for_payment(intent_ids=[made.intents[0].intent_id], for_person=odell)

    approve_part(250_000, RUN)
    with pytest.raises(Refused, match="doesn't reach that far"):
        approve_part(150_000, NEXT_RUN)
    assert len(desk.yeses()) == 1
