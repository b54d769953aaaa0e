"""What people and banks do to matches afterwards changes what payments are, and what was set aside for them."""

from interlock.kernel.errors import Refused
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.experiences.matches import MatchesService
from tests.matching.client import ACTOR, bank_line
from tests.runway import said
from tests.support.at_once import at_once
from tests.witnessing.payments import Payments, day
from tests.witnessing.test_money_comes_back import earmarks, set_aside

_ROUNDS = 6


def person(payments: Payments, act: str, *given: object) -> None:
    """What a person does on the page of matches."""
    with payments.books.firm.database.writing(payments.books.scope) as session:
        links = Links(None)
        service = MatchesService(session, payments.books.business, links=links, now=payments.now)
        getattr(service, act)(*given, actor=ACTOR)


def test_a_match_that_a_person_undoes_clears_no_more_and_gives_back_its_earmark(payments: Payments) -> None:
    set_aside(payments, 300_000)
    paid = payments.release("b1")
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    assert (payments.stage(paid), earmarks(payments)) == ("cleared", [("consumed", 0)])
    match_id = payments.match_of("bank_line:L1")
    person(payments, "undo", match_id)
    assert (payments.stage(paid), earmarks(payments)) == ("to_pay", [("active", 300_000)])
    payments.settle()
    assert payments.stage(paid) == "to_pay", "what a person took apart isn't put together again by itself"
    person(payments, "by_hand", "L1", [("disbursement", paid)])
    assert payments.stage(paid) == "cleared"
    payments.settle()
    assert earmarks(payments) == [("consumed", 0)]
    payments.verify()


def test_a_bank_that_is_linked_anew_shows_the_same_money_under_other_ids(payments: Payments) -> None:
    paid = payments.release("b1")
    payments.state(bank_line("L1", -400_000, day(25)))
    payments.settle()
    payments.state(payments.bank_account("b2", "Everyday Checking", item_id="item-2"))
    payments.gone(type(payments.bank_account("b1", "Everyday Checking")), "b1")
    payments.link_account("b2", said.CHECKING)
    payments.state(bank_line("M1", -400_000, day(25), account_id="b2"))
    payments.settle()
    row = payments.row(paid)
    assert (row.stage, row.line_id) == ("cleared", "M1")
    assert payments.steps(paid) == ["BankShowed", "BankTookBack", "BankShowed"]


def test_two_equal_payments_of_one_day_take_a_line_each_or_a_person_says_which(payments: Payments) -> None:
    payments.books.say(said.bill("b4", 400_000, number="N-4444"), said.bill("b5", 400_000, number="N-5555"))
    first, second = payments.release("b4"), payments.release("b5")
    payments.state(bank_line("L1", -400_000, day(25)), bank_line("L2", -400_000, day(25)))
    payments.settle()
    assert (payments.stage(first), payments.stage(second)) == ("to_pay", "to_pay"), "either line may be either payment"
    person(payments, "by_hand", "L1", [("disbursement", first)])
    assert (payments.row(first).line_id, payments.row(second).line_id) == ("L1", "L2"), "then the rest is certain"


def test_one_line_of_two_equal_payments_clears_one_of_them(payments: Payments) -> None:
    payments.books.say(said.bill("b4", 400_000, number="N-4444"), said.bill("b5", 400_000, number="N-5555"))
    first, second = payments.release("b4"), payments.release("b5")
    payments.state(bank_line("L1", -400_000, day(25), reference="INV N5555"))
    payments.settle()
    assert (payments.stage(first), payments.stage(second)) == ("to_pay", "cleared")


def test_a_person_and_a_sync_that_match_the_same_at_once_wait_for_each_other(payments: Payments) -> None:
    cents = [10_000 + at for at in range(_ROUNDS)]
    payments.books.say(*(said.bill(f"c{each}", each) for each in cents))
    refusals: list[str] = []
    for each in cents:
        paid = payments.release(f"c{each}")
        payments.state(bank_line(f"L{each}", -each, day(25)))

        def match(mine: int, line_id: str = f"L{each}", paid: str = paid) -> None:
            if mine == 0:
                payments.settle()
                return
            try:
                person(payments, "by_hand", line_id, [("disbursement", paid)])
            except Refused as refusal:
                refusals.append(str(refusal))

        at_once(2, match)
        assert payments.stage(paid) == "cleared"
    assert all("by now" in each for each in refusals), "where the sync was first, the person is told so"
    assert payments.steps(paid) == ["BankShowed"]
    payments.verify()
