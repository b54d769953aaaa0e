"""At the terminal: the cash path, and every figure of it taken apart."""

from decimal import Decimal

from tests.cli.terminal import Terminal


def test_the_path_is_read_aloud_and_as_json(desk: tuple[Terminal, str]) -> None:
    terminal, slug = desk
    view = terminal.run("path", slug, "--json").json()
    assert len(view["weeks"]) == 13
    assert view["basis"] == "books", "no bank is linked here"
    out = terminal.run("path", slug).out
    assert view["ask"] in out and view["say"].split(".")[0] in out
    assert "13 weeks" in out and view["basis_words"].split(".")[0] in out
    short = terminal.run("path", slug, "--weeks", "2").out
    assert len(short.splitlines()) < len(out.splitlines())


def test_a_figure_is_the_sum_of_its_inputs(desk: tuple[Terminal, str]) -> None:
    terminal, slug = desk
    view = terminal.run("path", slug, "--json").json()
    week = view["weeks"][1]
    for name, shown in (("low_point", view["low"]), (f"week:{week['monday']}:closing", week["closing"])):
        said = terminal.run("explain", slug, name, "--json").json()
        total = sum((Decimal(each["amount"]["amount"]) for each in said["inputs"] if each["counts"]), Decimal(0))
        assert said["amount"] == shown and total == Decimal(shown["amount"])
    out = terminal.run("explain", slug, "low_point").out
    assert "Start, and every item" in out and "QuickBooks" in out


def test_a_figure_that_there_is_not_is_one_sentence(desk: tuple[Terminal, str]) -> None:
    terminal, slug = desk
    assert "There is no figure 'profit'" in terminal.refused("explain", slug, "profit")
