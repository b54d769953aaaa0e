"""One payment's page: whether somebody was paid in the witnesses' words, never in ours, and every line of it in the log."""

import json

import pytest

from interlock.domains.ap.policy.happenings import (
    BankReturned,
    BankShowed,
    LedgerShowed,
    NotFound,
    PersonSaid,
    RailSaid,
    SendBegun,
    SendLost,
    SendMade,
    TimePassed,
)
from interlock.domains.ap.policy.loop import LOOK_UPS_AFTER
from interlock.kernel.errors import NotFound as NoSuch
from interlock.runway.services.experiences.payment import PaymentExperience
from tests.payments.paying import Paying
from tests.runway import said


def test_before_its_release_it_is_not_paid_and_says_who_approved_it(paying: Paying) -> None:
    (intent,) = paying.approve("b1")
    view = paying.payment(intent.intent_id)
    assert view.ask == "Has Copperfield Freight been paid?"
    assert view.say.startswith("Not yet: nothing was released. 1,000.01 is approved on 24 Nov")
    assert not view.released and not view.acts
    assert [(each.name, each.says) for each in view.witnesses] == [("Approved", "Wren Halloran")]
    (approved,) = view.happened
    assert approved.words == "Approved by Wren Halloran" and approved.log_line is not None
    (line,) = [each for each in paying.log("payment.") if each.seq == approved.log_line]
    assert intent.intent_id in line.body


def test_an_approval_that_no_longer_holds_is_not_called_one(paying: Paying) -> None:
    (intent,) = paying.approve("b1")
    paying.books.say(said.bill("b1", 999))
    assert paying.payment(intent.intent_id).say.startswith("No, and the approval no longer holds.")


def test_paid_outside_has_no_word_of_execution(paying: Paying) -> None:
    (intent,) = paying.approve("b1")
    id_ = paying.let_go(intent)
    view = paying.payment(id_)
    assert view.say.startswith("Not that anybody can see.") and "no word that it was executed" in view.say
    assert [each.name for each in view.witnesses] == ["Approved", "Bank", "QBO"]
    assert says(view) == ["take_back"]
    paying.hear(id_, BankShowed(), cleared_on=said.TODAY)
    view = paying.payment(id_)
    assert view.say.startswith("Paid, not yet in the books. The bank posted it")
    assert [(each.says, each.why_not is None) for each in view.acts] == [("take_back", False), ("returned", True)]
    paying.hear(id_, LedgerShowed(), ledger_payment_id="bp7", recorded_on=said.TODAY)
    assert paying.payment(id_).say == (
        "Yes. The bank posted 1,000.01 on 24 Nov, and QuickBooks shows it on bill N-b1 as #bp7."
    )


def test_through_the_rail_each_word_is_its_witness_own(paying: Paying) -> None:
    (intent,) = paying.approve("b1")
    id_ = paying.let_go(intent, "hand_off")
    assert paying.payment(id_).say.startswith("Not yet. It was released")
    paying.hear(id_, SendBegun(), SendMade("waiting"), rail_id="rb1", rail_url="https://ramp.example/bills/rb1")
    view = paying.payment(id_)
    assert view.say.startswith("Not yet. Ramp has 1,000.01 and waits for its people")
    rail = next(each for each in view.witnesses if each.witness == "ramp")
    assert rail.reference is not None and rail.reference.link == "https://ramp.example/bills/rb1"
    paying.hear(id_, RailSaid("paid"), executed_on=said.TODAY)
    assert paying.payment(id_).say.startswith("Ramp says so, the bank not yet.")
    paying.hear(id_, BankShowed(), LedgerShowed(), cleared_on=said.TODAY, ledger_payment_id="bp7")
    view = paying.payment(id_)
    assert view.payment.witnessed == "Ramp ✓ 24 Nov · Bank ✓ 24 Nov · QBO ✓ #bp7"
    assert view.say.startswith("Yes. Ramp paid 1,000.01 on 24 Nov, the bank posted it")


def test_a_lost_answer_is_nobodys_word_until_a_person_gives_one(paying: Paying) -> None:
    (intent,) = paying.approve("b1")
    id_ = paying.let_go(intent, "create")
    paying.hear(id_, SendBegun(), SendLost())
    assert paying.payment(id_).say.startswith("Nobody knows yet.")
    for _ in LOOK_UPS_AFTER:
        paying.books.firm.wait(hours=2)
        paying.hear(id_, NotFound())
    view = paying.payment(id_)
    times = len(LOOK_UPS_AFTER)
    assert view.say.startswith(f"Nobody knows. Ramp was asked by its key {times} times") and view.needs
    assert says(view) == ["look_again", "not_made"]


def test_late_mismatched_and_returned_say_what_is_wrong_first(paying: Paying) -> None:
    late, other, back = paying.approve("b1", "b2", "b3")
    ids = [paying.let_go(each) for each in (late, other, back)]
    paying.hear(ids[1], BankShowed(differs=True))
    paying.hear(ids[2], BankShowed(), BankReturned(), cleared_on=said.TODAY)
    paying.books.firm.wait(days=6)
    paying.hear(ids[0], TimePassed())
    first = [paying.payment(each).say.partition(".")[0] for each in ids]
    assert first == [
        "Not that anybody can see, and it is overdue",
        "Its witnesses don’t agree",
        "No longer",
    ]
    assert "proven" in says(paying.payment(ids[1])) and "proven" not in says(paying.payment(ids[0]))
    assert [each.witness for each in paying.payment(ids[2]).witnesses] == ["approved", "bank", "returned", "qbo"]


def test_every_step_names_its_line_in_the_log(paying: Paying) -> None:
    (intent,) = paying.approve("b1")
    id_ = paying.let_go(intent, "hand_off")
    paying.hear(id_, SendBegun(), SendMade("under_way"))
    paying.books.firm.wait(hours=1)
    paying.hear(id_, PersonSaid("take_back"))
    view = paying.payment(id_)
    lines = {line.seq: json.loads(line.body) for line in paying.log("payment.")}
    told = [each for each in view.happened if not each.waits]
    assert [each.words for each in told] == [
        "Approved by Wren Halloran",
        "Instruction about to be sent to Ramp",
        "Ramp took the instruction: in transit",
        "Odell Marsh took it back",
    ]
    steps = [lines[each.log_line]["step"] for each in told[1:] if each.log_line is not None]
    assert steps == [1, 2, 3], "each step's line is the one that tells it"
    assert view.happened[-1].waits and view.happened[-1].words == "Next: Ramp is asked to cancel it"


def test_a_payment_that_nobody_decided_on_is_not_there(paying: Paying) -> None:
    with pytest.raises(NoSuch, match="There is no payment 'int_none'"):
        paying.payment("int_none")


def says(view: PaymentExperience) -> list[str]:
    """What can be said of it now."""
    return [each.says for each in view.acts if each.why_not is None]
