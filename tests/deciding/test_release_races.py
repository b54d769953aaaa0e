"""Two who release the same payment, and a release beside a change of its bill: one of them wins, whole."""

import threading
from collections.abc import Callable

from interlock.domains.ap.services.releasing import PaymentResult
from interlock.domains.firm.policy.values import ApprovalPolicy, Policy
from interlock.infra import translog
from tests.deciding.clients import Desk
from tests.runway import said

_ROUNDS = {"postgresql": 200, "sqlite": 20}
_BESIDE_ROUNDS = 12
_CENTS = 1_000


def racing(desk: Desk, rounds: int) -> list[str]:
    """As many approved payments as there are rounds; one person may release any of them."""
    desk.policy = Policy(approvals=ApprovalPolicy(one_person_minor=100_000_000, client_side_minor=200_000_000))
    bills = [f"r{number:03}" for number in range(rounds)]
    desk.books.say(*(said.bill(each, _CENTS) for each in bills))
    return desk.approved(*bills)


def both(*acts: Callable[[], object]) -> list[object]:
    """Begun at the same moment; each one's result, or what it raised."""
    gate = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(at: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[at] = act()
        except Exception as trouble:  # noqa: BLE001 - a thread's result; the test fails on it below
            results[at] = trouble

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return list(results)


def test_of_two_who_release_one_payment_one_does(desk: Desk) -> None:
    intents = racing(desk, _ROUNDS[desk.books.firm.database.dialect])
    for number, intent_id in enumerate(intents):
        done = both(
            lambda intent_id=intent_id: desk.release("mara", [intent_id]),  # type: ignore[misc]
            lambda intent_id=intent_id: desk.release("odell", [intent_id]),  # type: ignore[misc]
        )
        assert all(isinstance(each, PaymentResult) for each in done), f"round {number}: {done}"
        outcomes = sorted(each.rows[0].outcome for each in done if isinstance(each, PaymentResult))
        assert outcomes == ["refused", "released"], f"round {number}: {done}"
    assert len(desk.log("payment.released")) == len(intents) == len(desk.disbursements())
    _whole(desk)


def test_a_release_beside_a_change_of_its_bill_is_one_or_the_other(desk: Desk) -> None:
    intents = racing(desk, _BESIDE_ROUNDS)
    for bill_id, intent_id in zip(sorted(desk.intents()), intents, strict=True):
        desk.books.say(said.bill(bill_id, _CENTS + 1))
        done = both(
            lambda intent_id=intent_id: desk.release("mara", [intent_id]),  # type: ignore[misc]
            desk.settle,
        )
        assert isinstance(done[0], PaymentResult), done
        assert done[0].rows[0].outcome == "refused", f"{bill_id} changed before anybody released it: {done}"
        assert desk.states()[bill_id] == "voided", "the settling beside it ends the approval"
    assert desk.disbursements() == {}
    _whole(desk)


def test_what_is_released_first_is_voided_by_no_settling(desk: Desk) -> None:
    for intent_id in racing(desk, _BESIDE_ROUNDS):
        done = both(lambda intent_id=intent_id: desk.release("mara", [intent_id]), desk.settle)  # type: ignore[misc]
        assert isinstance(done[0], PaymentResult) and done[0].rows[0].outcome == "released", done
    assert "voided" not in desk.states().values()
    _whole(desk)


def _whole(desk: Desk) -> None:
    with desk.books.firm.database.reading(desk.books.scope) as session:
        lines = list(translog.lines(session, desk.books.business.business_id))
    assert translog.verify(lines)[1] == [], "the chain must stay whole"
