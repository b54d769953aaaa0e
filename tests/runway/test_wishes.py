"""What a person asks for becomes exact wishes: the whole rest, a part, credits first, a day; nonsense is refused by name."""

from collections.abc import Callable
from datetime import date

import pytest

from interlock.domains.ap.ports import Wish
from interlock.kernel.errors import BadInput
from interlock.runway.services.data_orchestrators.console_rows import ConsoleBill
from interlock.runway.services.experiences.wishes import Ask, bounded, parsed, wishes_of
from tests.runway import said
from tests.runway.conftest import ClientBooks

TODAY = date(2026, 11, 24)
RUN = date(2026, 12, 1)


@pytest.fixture
def bill(client: ClientBooks) -> ConsoleBill:
    """4,200.00, due 3 December; its vendor has a credit of 600.00 open."""
    client.say(said.bill("1", 4_200_00), said.vendor_credit("41", 600_00))
    with client.firm.desk.reading(client.name) as desk:
        found = desk.console.get_bill("1")
    assert found is not None
    return found


def test_all_that_is_left_is_paid_with_the_bills_own_run(bill: ConsoleBill) -> None:
    assert wishes_of(bill, Ask("1"), None, TODAY) == (Wish("1", 4_200_00, RUN),)


def test_a_part_on_a_chosen_day(bill: ConsoleBill) -> None:
    asked = Ask("1", "1,680.00", date(2026, 12, 15))
    assert wishes_of(bill, asked, None, TODAY) == (Wish("1", 1_680_00, date(2026, 12, 15)),)
    assert wishes_of(bill, Ask("1"), date(2026, 12, 8), TODAY)[0].pay_on == date(2026, 12, 8), "the batch's day"


def test_credits_reduce_what_is_paid(bill: ConsoleBill) -> None:
    assert wishes_of(bill, Ask("1", credits=("41",)), None, TODAY) == (Wish("1", 3_600_00, RUN, (("41", 600_00),)),)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (Ask("1", "5000"), "between 0.01 and 4,200.00"),
        (Ask("1", "0"), "between 0.01"),
        (Ask("1", "-5"), "between 0.01"),
        (Ask("1", "1.005"), "no amount of USD"),
        (Ask("1", "much"), "no amount of USD"),
        (Ask("1", credits=("99",)), "no open credit"),
        (Ask("1", "500", credits=("41",)), "cover"),
    ],
)
def test_what_cannot_be_paid_is_refused_by_name(bill: ConsoleBill, asked: Ask, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        wishes_of(bill, asked, None, TODAY)


def test_a_foreign_bill_is_not_decided_here(client: ClientBooks) -> None:
    client.say(said.bill("7", 70_00, currency="EUR"))
    with client.firm.desk.reading(client.name) as desk:
        foreign = desk.console.get_bill("7")
    assert foreign is not None and not foreign.selectable
    with pytest.raises(BadInput, match="EUR"):
        wishes_of(foreign, Ask("7"), None, TODAY)


def test_a_command_names_bills_and_parts() -> None:
    assert parsed(["12", "13=40.00"]) == (Ask("12"), Ask("13", "40.00"))


@pytest.mark.parametrize("odd", [["=4"], ["12="], [""]])
def test_what_a_command_cannot_mean_is_refused(odd: list[str]) -> None:
    with pytest.raises(BadInput, match="neither a bill's id"):
        parsed(odd)


@pytest.mark.parametrize(
    "batch", [lambda: [Ask("1"), Ask("1")], lambda: [Ask(str(each)) for each in range(501)]], ids=["twice", "too many"]
)
def test_a_batch_has_each_bill_once_and_an_end(batch: Callable[[], list[Ask]]) -> None:
    with pytest.raises(BadInput):
        bounded(batch())
