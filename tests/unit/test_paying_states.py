"""What a bill's state at the paying rail says of its money: one answer for every state there is."""

from dataclasses import dataclass
from datetime import date

import pytest

from interlock.domains.ramp.mapper import BILL_STATES
from interlock.rails.paying_states import debits_the_bank, may_have_left, may_still_go_out, paid, under_way
from interlock.rails.witnesses import UNKNOWN

DAY = date(2026, 11, 24)


@dataclass(frozen=True)
class There:
    state: str
    payment_state: str = "open"
    starts_on: date | None = DAY
    arrives_on: date | None = None


@pytest.mark.parametrize("state", sorted(BILL_STATES | {UNKNOWN}))
def test_the_answers_for_a_state_agree(state: str) -> None:
    bill = There(state)
    assert not (paid(bill) and may_still_go_out(bill)), "what is paid does not go out once more"
    if under_way(state):
        assert may_have_left(state), "money under way may show at the bank"
        assert paid(bill) or may_still_go_out(bill), "what is under way goes out, or has gone"


@pytest.mark.parametrize(
    "state", ["approval_rejected", "blocked", "payment_error", "archived", "payment_not_instructed"]
)
def test_what_was_refused_or_failed_is_not_about_to_be_paid(state: str) -> None:
    assert not may_still_go_out(There(state))
    assert not under_way(state)


def test_a_bill_without_a_day_has_no_payment_instructed() -> None:
    assert not may_still_go_out(There("payment_scheduled", starts_on=None))


def test_what_we_do_not_know_may_be_under_way_and_is_not_paid() -> None:
    assert under_way(UNKNOWN) and may_still_go_out(There(UNKNOWN)) and not paid(There(UNKNOWN))


def test_a_rails_own_card_leaves_no_debit_at_the_bank() -> None:
    assert not debits_the_bank("one_time_card")
    assert debits_the_bank("ach") and debits_the_bank(None) and debits_the_bank("fed_now")
