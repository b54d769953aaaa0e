"""Figures on paper: the conventions accountants read by."""

import io

import pytest
from rich.console import Console

from interlock.app.cli.paper import Sheet, figure
from interlock.kernel.money import Money


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (123_450, "USD", "1,234.50 "),
        (-123_450, "USD", "(1,234.50)"),
        (0, "USD", "–   "),
        (1_234, "JPY", "1,234 "),
        (0, "JPY", "– "),
        (-1_234, "KWD", "(1.234)"),
    ],
)
def test_a_figure_leaves_room_for_the_parenthesis_it_lacks(minor: int, currency: str, said: str) -> None:
    assert figure(Money(minor, currency)) == said


def printed(sheet: Sheet, width: int) -> list[str]:
    paper = Console(file=io.StringIO(), width=width)
    paper.print(sheet)
    assert isinstance(paper.file, io.StringIO)
    return paper.file.getvalue().splitlines()


@pytest.fixture
def sheet() -> Sheet:
    made = Sheet("Client", ">Cash, USD", ">Owed", "State")
    made.add("Quill Legal", figure(Money(1_234_56, "USD")), figure(Money(0, "USD")), "Nothing stops money")
    made.add("Harbor & Finch", figure(Money(-99_00, "USD")), figure(Money(7_00, "USD")), "2 bills overdue")
    made.total("2 clients", figure(Money(1_135_56, "USD")), figure(Money(7_00, "USD")), "")
    return made


def test_decimal_points_stand_under_each_other_and_totals_under_a_rule(sheet: Sheet) -> None:
    rows = printed(sheet, 100)
    figures = [row for row in rows if "." in row]
    assert len({row.index(".") for row in figures}) == 1, "cash does not align at the decimal point:\n" + "\n".join(
        rows
    )
    assert rows[2].index("–") == figures[1].rindex("."), "a dash stands where the decimal point would"
    ruled = rows[rows.index(figures[-1]) - 1]
    assert set(ruled.split()) and set(ruled) <= {"─", " "} and ruled.startswith(" "), "a rule stands above sums only"


def test_a_screen_too_narrow_for_columns_gets_an_entry_for_each_row(sheet: Sheet) -> None:
    rows = printed(sheet, 34)
    assert [row.strip() for row in rows if not row.startswith(" ")] == ["Quill Legal", "Harbor & Finch", "2 clients"]
    assert any(row.split() == ["Cash,", "USD", "(99.00)"] for row in rows), "no figure is lost on a narrow screen"
