"""What a batch would do, as people see it: every figure is the judged question's own, in words, in numbers and drawn."""

import re
from datetime import date

import msgspec
import pytest

from interlock.domains.ap.ports import Judged
from interlock.runway.services.calculators.drawing import Size
from interlock.runway.services.calculators.guardrail import judge
from interlock.runway.services.calculators.guardrail_values import Cash, FloorTerms, Question, Stop, Wanted
from interlock.runway.services.experiences.before_after import SLIM, WIDE, draw
from interlock.runway.services.experiences.impact import ImpactView, impact_of

TODAY = date(2026, 11, 24)
PAYROLL = Cash("p1", "Payroll", -38_412_75, date(2026, 12, 17), date(2026, 12, 17), essential=True, place=0)


def wanted(bill_id: str, label: str, minor: int, *stops: Stop) -> Wanted:
    return Wanted(bill_id, label, f"v-{bill_id}", minor, TODAY, date(2026, 11, 27), stops=stops)


def asked(*bills: Wanted, start: int = 110_000_00, cash: tuple[Cash, ...] = (PAYROLL,)) -> ImpactView:
    question = Question(TODAY, "USD", 35, start, cash, bills, FloorTerms(absolute_minor=60_000_00))
    verdict = judge(question)
    overridable = bool(verdict.reasons) and all(each.overridable for each in verdict.reasons)
    said = msgspec.json.encode(question), msgspec.json.encode(verdict)
    return impact_of(Judged(verdict.outcome, overridable, verdict.words, *said, verdict.engine, None, None))


def test_a_block_names_date_shortfall_and_what_to_drop_and_shows_the_path_without_it() -> None:
    shown = asked(wanted("1", "Acme Hosting AH-7714", 4_200_00), wanted("2", "Quill Legal 2291", 19_000_00))
    assert shown.outcome == "block"
    assert shown.short == "Blocked: 11,612.75 below floor on 17 Dec"
    assert [(each.label, each.amount.amount) for each in shown.drop] == [("Quill Legal 2291", "19000.00")]
    assert shown.after_drop is not None
    assert shown.after_drop.amount.amount == "67387.25", "110,000 less payroll and the one bill that stays"
    assert shown.after.headroom.amount == "-11612.75"
    (payroll,) = shown.essentials
    assert (payroll.held_before, payroll.held_after) == (True, False)


def test_the_path_ends_where_start_and_movements_add_up_to() -> None:
    receipt = Cash("r", "Mossgate", 5_000_00, date(2026, 12, 1), date(2026, 12, 20))
    shown = asked(wanted("1", "Acme Hosting", 4_200_00), cash=(PAYROLL, receipt))
    assert len(shown.path) == 36
    assert shown.path[-1].before.money.minor == 110_000_00 - 38_412_75 + 5_000_00
    assert shown.path[-1].after.money.minor == shown.path[-1].before.money.minor - 4_200_00
    assert min(point.after.money.minor for point in shown.path) == shown.after.amount.money.minor


def test_nothing_selected_still_says_where_the_cash_goes() -> None:
    shown = asked()
    assert (shown.count, shown.total.amount, shown.short) == (0, "0.00", "Nothing selected")
    assert shown.words == "Nothing selected: lowest 71,587.25 on 17 Dec, 11,587.25 above floor."
    under = asked(start=50_000_00)
    assert "the floor is broken already" in under.words


def test_what_nobody_can_override_is_said_so() -> None:
    stop = Stop("B05", "critical", "duplicate of 88-120", overridable=False)
    shown = asked(wanted("1", "Copperfield Freight", 1_260_00, stop))
    assert (shown.outcome, shown.overridable) == ("block", False)
    assert [each.overridable for each in shown.reasons] == [False]


@pytest.mark.parametrize("size", [WIDE, SLIM])
def test_the_drawing_is_the_same_for_the_same_path_and_its_title_says_what_it_shows(size: Size) -> None:
    shown = asked(wanted("1", "Acme & Sons", 25_000_00))
    drawn = draw(shown, size)
    assert drawn == draw(asked(wanted("1", "Acme & Sons", 25_000_00)), size)
    assert "After: lowest 46,587.25 on 17 Dec" in drawn
    assert 'class="breach"' in drawn and "style=" not in drawn, "pages allow no inline style"
    numbers = [float(each) for each in re.findall(r"[HVM ](-?\d+\.\d+)", drawn)]
    assert all(-1 <= each <= 520 for each in numbers), "nothing is drawn outside the picture"
    assert 'class="breach"' not in draw(asked(wanted("1", "Acme", 1_000_00)), size)
