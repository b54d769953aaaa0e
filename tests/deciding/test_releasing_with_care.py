"""What a release leaves to a person, what an override covers, and what people say of payments that were let go."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.ports import Judged, ReleaseGate
from interlock.domains.ap.services.deciding import PaymentWarned
from interlock.domains.ap.services.releasing import SCHEDULE, PaymentResult
from interlock.domains.firm.policy.values import ApprovalPolicy, EngagementPolicy
from interlock.kernel.errors import BadInput, Refused
from interlock.runway.services.calculators.guardrail_values import Stop
from tests.deciding.clients import POLICY, RUN, Desk, Overriding
from tests.runway import said


def by_schedule(desk: Desk, *intent_ids: str) -> PaymentResult:
    with desk.acting(None) as service:
        return service.execute_payment(intent_ids, gate=desk.judge(service.db), by_schedule=True)


class WarnsGate:
    """The gate of a client whose cash is just under its floor at p80."""

    def __init__(self, gate: ReleaseGate) -> None:
        self._gate = gate

    def verdict(self, intents: Sequence[PaymentIntent], now: datetime, refused: Sequence[PaymentIntent] = ()) -> Judged:
        return replace(self._gate.verdict(intents, now, refused), outcome="warn", words="Below the floor at p80.")


def overridden(desk: Desk, bill_id: str, hours: int = 24) -> str:
    """Approved over the guardrail by the controller; the intent's id."""
    until = desk.books.firm.clock.now() + timedelta(hours=hours)
    with desk.acting("wren") as service:
        service.approve_bill_for_payment(
            [desk.wish(bill_id)], override=Overriding("The carrier stops otherwise", until)
        )
    desk.books.firm.wait(minutes=1)
    return desk.intents()[bill_id].intent_id


def test_the_schedule_releases_what_is_due_and_leaves_the_large_one(desk: Desk) -> None:
    (small,) = desk.approved("b2")
    (large,) = desk.approved("b3", by=("wren", "mara"))
    done = by_schedule(desk, small, large)
    assert [row.outcome for row in done.rows] == ["released", "refused"]
    assert "Above the first limit a person releases it" in (done.rows[1].why or "")
    row, decision = desk.disbursements()["b2"], desk.decisions()[-1]
    assert row.released_by == SCHEDULE and decision.person_id is None
    assert desk.log("payment.released")[0].actor == "Interlock (pay run)"


def test_the_schedule_acknowledges_no_warning(desk: Desk) -> None:
    ids = desk.approved("b1")
    with desk.acting(None) as service:
        done = service.execute_payment(ids, gate=WarnsGate(desk.judge(service.db)), by_schedule=True)
    assert "a person has to acknowledge it" in (done.rows[0].why or "")
    assert desk.disbursements() == {} and desk.decisions()[-1].act == "approve"


def test_an_override_given_at_the_approval_counts_at_the_release(desk: Desk) -> None:
    desk.cash, desk.floor = 450_000, 100_000
    done = desk.release("mara", [overridden(desk, "b1")])
    assert done.rows[0].outcome == "released", done.rows
    assert done.judged is not None and done.judged.outcome == "block"


def test_an_override_covers_only_what_it_was_given_over(desk: Desk) -> None:
    desk.cash, desk.floor = 450_000, 100_000
    intent_id = overridden(desk, "b1")
    desk.stops = {"b1": (Stop("B06", "high", "Probable duplicate of N-7", overridable=True),)}
    (row,) = desk.release("mara", [intent_id]).rows
    assert row.outcome == "refused" and "Probable duplicate" in (row.why or "")


def test_an_override_that_ran_out_lets_nothing_go(desk: Desk) -> None:
    desk.cash, desk.floor = 450_000, 100_000
    intent_id = overridden(desk, "b1", hours=2)
    desk.books.firm.wait(hours=3)
    (row,) = desk.release("mara", [intent_id]).rows
    assert row.why == "The override ran out before the payment was released."


def test_the_controller_releases_where_the_engagement_letter_says_so(desk: Desk) -> None:
    desk.policy = replace(POLICY, approvals=replace(POLICY.approvals, controller_releases=True))
    (intent_id,) = desk.approved("b1")
    assert desk.release("wren", [intent_id]).rows[0].outcome == "released"


def test_at_a_client_that_is_attested_the_firm_releases_nothing(desk: Desk) -> None:
    approvals = ApprovalPolicy(controller_releases=True)
    desk.policy = replace(POLICY, approvals=approvals, engagement=EngagementPolicy(attest_client=True))
    (intent_id,) = desk.approved("b1", by=("mara",))
    with pytest.raises(Refused, match="attests this client"):
        desk.release("wren", [intent_id])
    assert desk.release("odell", [intent_id]).rows[0].outcome == "released"


def test_small_bills_of_one_vendor_count_together_at_the_release_too(desk: Desk) -> None:
    """Approved one by one under the limit by one person; together above it, so somebody else lets them go."""
    desk.books.say(said.bill("near", 300_000))
    (first,) = desk.approved("b1", by=("mara",))
    (second,) = desk.approved("near", by=("wren", "mara"))
    rows = desk.release("mara", [first, second]).rows
    assert {row.outcome for row in rows} == {"refused"}, rows
    assert {row.outcome for row in desk.release("odell", [first, second]).rows} == {"released"}


def test_a_released_payment_takes_of_its_bill(desk: Desk) -> None:
    (intent_id,) = desk.approved("b1")
    desk.release("mara", [intent_id])
    with pytest.raises(BadInput, match="can't be paid of it"), desk.acting("ines") as service:
        service.approve_bill_for_payment([desk.wish("b1")])


def test_what_the_ledger_shows_of_a_released_payment_pays_no_other_one(desk: Desk) -> None:
    """Two halves of a bill; the first is released and paid, and the second still waits for its own release."""
    desk.books.say(said.bill("halves", 200_000, dated=RUN - timedelta(days=60)))
    ids = []
    for _ in range(2):
        with desk.acting("bo") as service:
            made = service.propose([desk.wish("halves", 100_000)])
        with desk.acting("ines") as service:
            service.approve_bill_for_payment(intent_ids=[made.intents[0].intent_id])
        ids.append(made.intents[0].intent_id)
        desk.books.firm.wait(minutes=1)
    desk.release("mara", ids[:1])
    paid = replace(said.bill_payment("p1", 100_000, "halves", dated=RUN), created_at=desk.books.firm.clock.now())
    desk.books.say(said.bill("halves", 200_000, dated=RUN - timedelta(days=60), open_cents=100_000), paid)
    desk.settle()
    with desk.acting("mara") as service:
        assert service.intent(ids[1]).state == "approved"


def test_an_approval_is_not_undone_once_it_is_released(desk: Desk) -> None:
    desk.policy = replace(POLICY, approvals=replace(POLICY.approvals, undo_seconds=0))
    with desk.acting("ines") as service:
        made = service.approve_bill_for_payment([desk.wish("b1")])
    desk.release("mara", [made.intents[0].intent_id])
    with pytest.raises(BadInput, match="is released; take that back"), desk.acting("ines") as service:
        service.undo(made.decision_id)


def test_a_payment_is_taken_back_before_money_moves(desk: Desk) -> None:
    (intent_id,) = desk.approved("b1")
    desk.release("mara", [intent_id])
    with pytest.raises(Refused, match="may not"), desk.acting("bo") as service:
        service.say(intent_id, "take_back", "Wrong account")
    with pytest.raises(BadInput, match="Say what you saw"), desk.acting("ines") as service:
        service.say(intent_id, "take_back")
    with desk.acting("ines") as service:  # who may approve may also take back
        service.say(intent_id, "take_back", "Wrong account")
    row = desk.disbursements()["b1"]
    assert (row.stage, row.why, desk.states()["b1"]) == ("cancelled", "Wrong account", "reopened")
    assert [each.act for each in desk.decisions()].count("say") == 1
    (line,) = desk.log("payment.person_said")
    assert line.actor == "Ines Aldana [ines]" and '"says":"take_back"' in line.body
    assert desk.approved("b1")[0] != intent_id, "the bill can be decided on anew"


def test_what_changes_nothing_is_said_and_not_written(desk: Desk) -> None:
    (intent_id,) = desk.approved("b1")
    with pytest.raises(BadInput, match="isn't released"), desk.acting("mara") as service:
        service.say(intent_id, "look_again")
    desk.release("mara", [intent_id])
    with pytest.raises(BadInput, match="changes nothing there"), desk.acting("mara") as service:
        service.say(intent_id, "returned", "The bank says so")
    with pytest.raises(Refused), desk.acting("ines") as service:  # only who may release says so
        service.say(intent_id, "returned", "The bank says so")
    assert "say" not in {each.act for each in desk.decisions()}


def test_a_warning_has_to_be_acknowledged(desk: Desk) -> None:
    ids = desk.approved("b1", "b2")
    with pytest.raises(PaymentWarned, match="Acknowledge the warning to release"), desk.acting("mara") as service:
        service.execute_payment(ids, gate=WarnsGate(desk.judge(service.db)))
    assert set(desk.states().values()) == {"approved"}, "nothing is changed before that"
    with desk.acting("mara") as service:
        done = service.execute_payment(ids, gate=WarnsGate(desk.judge(service.db)), acknowledge_warning=True)
    assert [row.outcome for row in done.rows] == ["released", "released"]
