"""C10 and C12: cash that runs out within fourteen days, and a payroll that didn't happen."""

from datetime import date

from interlock.runway.services.calculators.cash_ahead import CashAhead, Missing, Overdrawn
from interlock.runway.services.calculators.checks import examine
from interlock.runway.services.calculators.finding import Finding
from tests.runway.entries import LINKS, TODAY, ago, books


def found(rule: str, ahead: CashAhead | None) -> list[Finding]:
    return [each for each in examine(books(cash_ahead=ahead), LINKS) if each.rule.id == rule]


def test_an_overdrawn_account_is_found_by_its_name() -> None:
    ahead = CashAhead((Overdrawn("b1", "Larkfield Bank", "Everyday ··4821 at Larkfield Bank", -25_000),))
    (finding,) = found("C10", ahead)
    assert finding.title == "Everyday ··4821 at Larkfield Bank is overdrawn by 250.00"
    assert (finding.severity, finding.stake.minor) == ("high", 25_000)


def test_cash_that_falls_below_zero_within_fourteen_days_is_found_with_its_day() -> None:
    ahead = CashAhead(below_on=ago(-9), lowest_minor=-1_200_000, lowest_on=ago(-11))
    (finding,) = found("C10", ahead)
    assert finding.title == "Cash falls below zero on 3 Dec"
    assert "12,000.00 missing by 5 Dec" in finding.reason


def test_cash_that_lasts_is_no_finding() -> None:
    assert found("C10", CashAhead()) == []
    assert found("C10", CashAhead(below_on=ago(-15), lowest_minor=-1, lowest_on=ago(-15))) == []
    assert found("C10", None) == []


def test_a_payroll_that_did_not_happen_is_found_with_its_day() -> None:
    missing = Missing("rec_1", "Payroll", date(2026, 11, 20), 3_000_000, True)
    (finding,) = found("C12", CashAhead(missing=(missing,)))
    assert finding.title == "No payroll since it was due on 20 Nov"
    assert "as somebody confirmed it" in finding.reason
    assert finding.stake.minor == 3_000_000


def test_another_day_or_amount_is_another_state_of_the_finding() -> None:
    missing = Missing("rec_1", "Payroll", TODAY, 3_000_000, False)
    later = Missing("rec_1", "Payroll", ago(-1), 3_000_000, False)
    first, second = (found("C12", CashAhead(missing=(each,)))[0].inputs_hash for each in (missing, later))
    assert first != second
