"""At the terminal: money is set aside and given back."""

from tests.cli.terminal import Terminal


def test_money_is_set_aside_and_given_back(desk: tuple[Terminal, str]) -> None:
    terminal, slug = desk
    said = terminal.run("earmark", "add", slug, "Sales tax", "6480.00", "--category", "tax", "--as", "wren").out
    earmark = said.split()[-1]
    assert "USD 6,480.00" in said
    assert "Sales tax" in terminal.run("earmark", "list", slug).out
    refused = terminal.refused("earmark", "release", slug, earmark, "--reason", "Paid", "--as", "robin")
    assert "may not" in refused or "confirm what recurs" in refused
    terminal.run("earmark", "release", slug, earmark, "--reason", "Paid", "--as", "wren")
    assert terminal.run("earmark", "list", slug, "--json").json()["active"] == []


def test_what_recurs_is_confirmed_once_and_ended(desk: tuple[Terminal, str]) -> None:
    terminal, slug = desk
    suggested = terminal.run("recurring", "list", slug, "--json").json()["suggestions"]
    assert suggested, "the books show something that recurs"
    signature = suggested[0]["signature"]
    said = terminal.run("recurring", "confirm", slug, signature, "--amount", "250.00", "--as", "wren").out
    assert said.startswith("Confirmed: ") and "250.00" in said
    kept = terminal.run("recurring", "list", slug, "--json").json()
    assert signature not in {each["signature"] for each in kept["suggestions"]}
    assert "confirmed already" in terminal.refused("recurring", "confirm", slug, signature, "--as", "wren")
    recurring_id = said.split()[-1]
    terminal.run("recurring", "end", slug, recurring_id, "--reason", "It is over", "--as", "wren")
    past = terminal.run("recurring", "list", slug, "--json").json()["past"]
    assert [each["state"] for each in past if each["recurring_id"] == recurring_id] == ["ended"]
