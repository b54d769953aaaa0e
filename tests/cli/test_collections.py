"""At the terminal: who is asked to pay, in which words, and what people decide about it."""

from pathlib import Path
from typing import Any

from tests.cli.terminal import Terminal


def test_words_are_read_it_is_switched_on_and_invoices_are_decided_on(
    desk: tuple[Terminal, str], tmp_path: Path
) -> None:
    terminal, slug = desk

    def view() -> Any:
        return terminal.run("collections", slug, "--json").json()

    late = view()["rows"]
    assert late, "the client has late customers"
    said = terminal.run("collections", slug).out
    assert "Nobody is written to" in said and late[0]["invoice_id"] in said
    for each in view()["words"]:
        shown = terminal.run("collections", "words", slug, each["stage"]).out
        assert f"--accept {each['digest']}" in shown and "{" not in shown
        assert "may not" in terminal.refused(
            "collections", "words", slug, each["stage"], "--accept", each["digest"], "--as", "robin"
        )
        accepted = terminal.run("collections", "words", slug, each["stage"], "--accept", each["digest"], "--as", "wren")
        assert "Read and accepted." in accepted.out
    manner = ("collections", "manner", slug, "--as", "wren")
    said = terminal.run(*manner, "--on", "--sender", "Wren Halloran", "--reply-to", "wren@example.com").out
    assert said == "Customers are written to, by Wren Halloran; answers go to wren@example.com.\n"
    said = terminal.run("collections", "manner", slug, "--gap", "10", "--as", "wren").out
    assert "are written to" in said and view()["manner"]["gap_days"] == 10, "what isn't said stays as it is"

    ids = [each["invoice_id"] for each in late[:2]]
    assert "may not" in terminal.refused("collections", "pause", slug, *ids, "--as", "robin")
    assert terminal.run("collections", "pause", slug, *ids, "--as", "wren").out.strip().endswith("paused.")
    assert {each["state"] for each in view()["rows"] if each["invoice_id"] in ids} == {"paused"}
    first = ids[0]
    refused = terminal.refused("collections", "promise", slug, first, "--until", "2020-01-01", "--as", "wren")
    assert "isn't within the next year" in refused
    assert "is no part" in terminal.refused("collections", "plan", slug, first, "soon=all", "--as", "wren")
    assert "Say why" in terminal.refused("collections", "dispute", slug, first, "--why", " ", "--as", "wren")
    terminal.run("collections", "dispute", slug, first, "--why", "wrong hours", "--as", "wren")
    (row,) = [each for each in view()["rows"] if each["invoice_id"] == first]
    assert (row["state"], row["needs_person"]) == ("disputed", True) and "wrong hours" in row["next"]
    terminal.run("collections", "chase", slug, *ids, "--anew", "--as", "wren")

    text = tmp_path / "words.txt"
    text.write_text("Please pay {invoice}: {amount}.")
    terminal.run("collections", "words", slug, "firm", "--subject", "Once more", "--text", str(text), "--as", "wren")
    assert [each["accepted"] for each in view()["words"]] == [True, False, True]
    terminal.run("collections", "address", slug, "nobody@example.com", "--why", "asked", "--as", "wren")
    assert [each["address"] for each in view()["opted_out"]] == ["nobody@example.com"]
    terminal.run("collections", "address", slug, "nobody@example.com", "--again", "--as", "wren")
    assert view()["opted_out"] == []
    assert "no message" in terminal.refused("collections", "message", slug, "rem_none", "sent", "--as", "wren")
    said = terminal.run("collections", "manner", slug, "--off", "--as", "wren").out
    assert "are not written to" in said
