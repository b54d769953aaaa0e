"""A payment's evidence stands by itself: made from a client's rows, checked without them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from interlock.app.evidence import Anchor
from interlock.app.payment_evidence import examine_bundle, read_bundle
from interlock.infra import translog
from interlock.infra.translog.chain import Line, line_hash
from interlock.kernel.errors import BadInput, NotFound
from interlock.runway.evidence_bundle import Bundle, as_file, read_file, sealed
from tests.evidence.conftest import Paying


def test_an_approved_payment_has_its_decision_its_verdict_and_its_lines(paying: Paying) -> None:
    paying.approve()
    found = examine_bundle(paying.bundle())
    assert found.holds, f"{found.broken}"
    assert found.says == "USD 4,000.00 for bill 145: was not released."
    assert any("1 verdict of the guardrail: computed again, the same" in each for each in found.proven)
    assert any("Approved: USD 4,000.00" in each for each in found.proven)
    assert any("not released" in each for each in found.unproven)


def test_a_closed_payment_is_proven_from_its_approval_to_both_witnesses(paying: Paying) -> None:
    paying.approve()
    paying.let_go()
    paying.seen()
    bundle = read_file(as_file(paying.bundle()))
    assert bundle == paying.bundle(), "a bundle read back is the bundle"
    found = examine_bundle(bundle)
    assert found.holds, f"{found.broken}"
    assert found.says == "USD 4,000.00 for bill 145: stands at closed."
    assert "3 steps of the payment: each as its line of the log says." in found.proven
    assert "The loop over those steps again: closed, as it says." in found.proven
    assert {(each.book, each.kind) for each in bundle.seen} == {
        ("qbo", "bill"),
        ("plaid", "bank_line"),
        ("qbo", "bill_payment"),
    }


def test_a_return_is_in_the_evidence_with_the_line_it_came_back_with(paying: Paying) -> None:
    paying.approve()
    paying.let_go()
    paying.seen()
    paying.comes_back()
    bundle = paying.bundle()
    found = examine_bundle(bundle)
    assert found.holds, f"{found.broken}"
    assert "stands at returned" in found.says
    assert [each.id for each in bundle.seen if each.kind == "bank_line"] == ["plaid-line-1", "plaid-line-2"]


def test_a_payment_made_at_the_rail_has_its_instruction_and_the_rails_own_words(paying: Paying) -> None:
    paying.approve()
    paying.made_at_the_rail()
    paying.rail_says(400_000)
    bundle = paying.bundle()
    found = examine_bundle(bundle)
    assert found.holds, f"{found.broken}"
    assert found.says == "USD 4,000.00 for bill 145: stands at executed."
    (rail,) = (each for each in bundle.seen if each.book == "ramp")
    assert not any(rail.id in each for each in found.unproven), f"{found.unproven}"
    assert bundle.standing is not None and bundle.standing.instruction in bundle.texts
    forged = replace(
        bundle, texts={each: text for each, text in bundle.texts.items() if each != bundle.standing.instruction}
    )
    assert "the instruction is missing" in examine_bundle(sealed(forged)).broken


def test_another_amount_at_the_rail_is_told_and_not_called_a_forgery(paying: Paying) -> None:
    paying.approve()
    paying.made_at_the_rail()
    paying.rail_says(390_000)
    found = examine_bundle(paying.bundle())
    assert found.holds, f"{found.broken}"
    assert "stands at mismatched" in found.says


def test_an_anchor_kept_elsewhere_shows_a_log_that_was_written_anew(paying: Paying) -> None:
    paying.approve()
    with paying.desk.books.firm.database.reading(paying.desk.books.scope) as session:
        seq, head = translog.head(session, paying.desk.books.business.business_id)
    anchor = Anchor(paying.desk.books.business.business_id, seq, head, "2026-11-24T17:05:00+00:00", "Alder & Wren")
    paying.let_go()
    bundle = paying.bundle()
    assert any("1 anchored head kept elsewhere" in each for each in examine_bundle(bundle, [anchor]).proven)
    forged = written_anew(bundle, lambda line: {**line, "actor": "Mara Finch [mara]"})
    assert examine_bundle(forged, [anchor]).broken
    assert any("No anchor was given" in each for each in examine_bundle(bundle).unproven)


def written_anew(bundle: Bundle, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Bundle:
    """By somebody who can write the whole log: every line changed, every hash and the seal made to fit again."""
    lines: list[Line] = []
    prev = bundle.lines[0].prev
    for line in bundle.lines:
        was = {name: getattr(line, name) for name in ("chain", "seq", "at", "actor", "action", "body")}
        said = {**change(was), "prev": prev}
        prev = line_hash(**said)
        lines.append(Line(**said, hash=prev))
    decisions = tuple(replace(each, actor="Mara Finch [mara]") for each in bundle.decisions)
    steps = tuple(replace(each, actor="Mara Finch [mara]") for each in bundle.steps)
    return sealed(replace(bundle, lines=tuple(lines), head=prev, decisions=decisions, steps=steps))


def test_a_file_that_is_no_bundle_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text('{"format": "something else"}')
    with pytest.raises(BadInput, match="is no payment's evidence"):
        read_bundle(file)
    with pytest.raises(NotFound, match="There is no file"):
        read_bundle(tmp_path / "nowhere.json")
