"""The mirror keeps what the ledger last said: once, whole, and only for the business it said it of."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from interlock.domains.ap.mirror import MIRROR as PAYABLES
from interlock.domains.ap.models import Bill, PayableLine, PayableLink
from interlock.domains.ar.mirror import MIRROR as RECEIVABLES
from interlock.domains.bank.mirror import MIRROR as LEDGER
from interlock.domains.firm.mirror import MIRROR as COMPANY
from interlock.infra.db import Database
from interlock.kernel.scope import Scope
from interlock.rails import facts, mirror
from interlock.rails.facts import Fact
from interlock.rails.mirror import ComposedMirror, page_root
from interlock.rails.ports import Ties
from tests.support.ledger_facts import SAID_AT, bill, page, term
from tests.support.proofs import AlwaysTies

ALDER, BIRCH = Scope("firm_a", "biz_alder"), Scope("firm_a", "biz_birch")
LATER = SAID_AT + timedelta(hours=1)


def store(database: Database, *stated: Fact, listing: int = 1, scope: Scope = ALDER) -> int:
    with database.writing(scope) as session:
        mirror = COMPANY if isinstance(stated[0], facts.Term) else PAYABLES
        return mirror.store(session, scope, page(*stated), listing)


def bury(database: Database, *ids: str, scope: Scope = ALDER) -> list[str]:
    with database.writing(scope) as session:
        return PAYABLES.bury(session, scope, facts.Bill, ids, LATER)


def standing(database: Database, scope: Scope = ALDER) -> Sequence[Any]:
    with database.reading(scope) as session:
        rows = PAYABLES.rows(session, scope, facts.Bill)
        assert PAYABLES.count(session, scope, facts.Bill) == len(rows)
        return rows


def details(database: Database, model: type[Any], scope: Scope = ALDER) -> list[tuple[Any, ...]]:
    with database.reading(scope) as session:
        query = select(model.document_id, model.position, model.amount_minor).where(
            model.business_id == scope.business_id
        )
        return sorted(tuple(found) for found in session.execute(query))


def test_storing_the_same_page_again_changes_nothing(database: Database) -> None:
    stated = [bill("1"), bill("2", lines=0)]
    assert store(database, *stated) == 2
    first = details(database, PayableLine), details(database, PayableLink)
    assert store(database, *stated) == 0
    assert (details(database, PayableLine), details(database, PayableLink)) == first
    assert first[0] == [("1", 0, 12_500), ("1", 1, 12_500)]
    assert [row.id for row in standing(database)] == ["1", "2"]


def test_every_field_comes_back_as_it_was_said(database: Database) -> None:
    said = bill("1", number=None, note="Ünïcode „naïve” 🌲", due=None, exchange_rate="0.00651", currency="JPY")
    store(database, said)
    (row,) = standing(database)
    for field in set(facts.Bill.__struct_fields__) - {"lines", "links", "raw"}:
        assert getattr(row, field) == getattr(said, field), field
    with database.reading(ALDER) as session:
        assert session.scalars(select(Bill.raw)).one() == said.raw


def test_rows_said_to_be_new_are_stored_as_any_others_whether_they_are_or_not(database: Database) -> None:
    whole = ComposedMirror([COMPANY, LEDGER, PAYABLES, RECEIVABLES], AlwaysTies())

    def store_new(*stated: Fact) -> int:
        with database.writing(ALDER) as session:
            return whole.store(session, ALDER, page(*stated), 1, fresh=True)

    assert store_new(bill("1"), bill("2")) == 2
    assert store_new(bill("2"), bill("3", minor=300), bill("1", minor=7, version="1", lines=1)) == 2
    assert store_new(bill("4"), bill("4", minor=400, version="1")) == 1, "said twice on one page"
    assert {row.id: row.total_minor for row in standing(database)} == {"1": 7, "2": 12_500, "3": 300, "4": 400}
    assert [line for line in details(database, PayableLine) if line[0] == "1"] == [("1", 0, 7)]


def test_only_what_is_new_or_different_counts(database: Database) -> None:
    store(database, bill("1"), bill("2"), bill("3"))
    assert store(database, bill("1"), bill("2", minor=999, version="1"), bill("4")) == 2
    assert {row.id: row.total_minor for row in standing(database)} == {"1": 12_500, "2": 999, "3": 12_500, "4": 12_500}


def test_a_changed_documents_lines_and_links_are_replaced_and_its_neighbours_are_not(database: Database) -> None:
    store(database, bill("1", lines=3), bill("2", lines=2))
    store(database, bill("1", minor=700, version="1", lines=1))
    assert details(database, PayableLine) == [("1", 0, 700), ("2", 0, 12_500), ("2", 1, 12_500)]
    assert details(database, PayableLink) == [("1", 0, 700), ("2", 0, 12_500)]
    store(database, bill("1", minor=700, version="2", lines=0))
    assert details(database, PayableLine) == [("2", 0, 12_500), ("2", 1, 12_500)]


def test_a_document_said_twice_on_one_page_is_as_it_was_said_last(database: Database) -> None:
    assert store(database, bill("1", minor=100), bill("1", minor=200, version="1", lines=1)) == 1
    assert [row.total_minor for row in standing(database)] == [200]
    assert details(database, PayableLine) == [("1", 0, 200)]


def test_a_buried_row_is_not_shown_and_comes_back_whole_when_it_is_said_again(database: Database) -> None:
    store(database, bill("1"), bill("2"))
    assert bury(database, "1", "404") == ["1"]
    assert bury(database, "1") == [], "what is buried already was not standing"
    assert [row.id for row in standing(database)] == ["2"]
    assert store(database, bill("1")) == 1, "said again unchanged, it still changes: it stands again"
    assert [(row.id, row.buried_at) for row in standing(database)] == [("1", None), ("2", None)]
    assert details(database, PayableLine)[:2] == [("1", 0, 12_500), ("1", 1, 12_500)]


def test_what_a_full_listing_did_not_show_is_named(database: Database) -> None:
    store(database, bill("1"), bill("2"), bill("3"), listing=1)
    store(database, bill("1"), bill("2", minor=5, version="1"), bill("4"), listing=2)
    with database.reading(ALDER) as session:
        assert PAYABLES.unseen(session, ALDER, facts.Bill, 2) == ["3"], "an unchanged row was seen too"
        assert PAYABLES.unseen(session, ALDER, facts.Bill, 1) == []
    bury(database, "3")
    with database.reading(ALDER) as session:
        assert PAYABLES.unseen(session, ALDER, facts.Bill, 2) == []


def test_businesses_with_the_same_ids_do_not_touch_each_other(database: Database) -> None:
    store(database, bill("1"), bill("2"), scope=ALDER)
    store(database, bill("1", minor=50), scope=BIRCH)
    bury(database, "1", scope=ALDER)
    store(database, bill("1", minor=60, version="1", lines=0), scope=BIRCH)
    assert [(row.id, row.total_minor) for row in standing(database, BIRCH)] == [("1", 60)]
    assert [row.id for row in standing(database, ALDER)] == ["2"]
    assert details(database, PayableLine, ALDER)[0] == ("1", 0, 12_500)


def test_who_links_to_whom_is_found_from_both_ends(database: Database) -> None:
    store(database, bill("1"), bill("2"), bill("3"))
    whole = ComposedMirror([COMPANY, LEDGER, PAYABLES, RECEIVABLES], AlwaysTies())
    with database.reading(ALDER) as session:
        outward = whole.ties(session, ALDER, facts.Bill, ["1", "3", "404"]).outward
        inward = whole.ties(session, ALDER, facts.PurchaseOrder, ["po-2", "po-404"]).inward
        assert whole.ties(session, BIRCH, facts.Bill, ["1"]) == Ties(frozenset(), frozenset())
    assert {(tie.id, tie.linked_kind, tie.linked_id) for tie in outward} == {
        ("1", "purchase_order", "po-1"),
        ("3", "purchase_order", "po-3"),
    }
    assert {(tie.kind, tie.id) for tie in inward} == {("bill", "2")}


def test_who_names_a_vendor_or_an_account_is_found_and_what_is_buried_is_not(database: Database) -> None:
    store(database, bill("1"), bill("2"), bill("3"))
    bury(database, "2", scope=ALDER)
    whole = ComposedMirror([COMPANY, LEDGER, PAYABLES, RECEIVABLES], AlwaysTies())
    with database.reading(ALDER) as session:
        assert whole.referring(session, ALDER, facts.Vendor, ["v1"]) == {facts.Bill: ["1", "3"]}
        assert whole.referring(session, ALDER, facts.Vendor, ["v404"]) == {}
        assert whole.referring(session, BIRCH, facts.Vendor, ["v1"]) == {}


def test_a_mended_mapper_writes_its_rows_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The payload is the same, what we make of it is not: the edition tells."""
    store(database, bill("1"))
    assert store(database, bill("1")) == 0
    monkeypatch.setattr(mirror, "_WRITTEN_BY", (facts.EDITION + 1).to_bytes(2, "big"))
    assert store(database, bill("1")) == 1
    assert store(database, bill("1")) == 0


def test_ids_of_nineteen_digits_are_stored_found_and_buried(database: Database) -> None:
    long = ("5000000000000503624", "5000000000000503625")
    store(database, bill(long[0]), bill(long[1]))
    assert store(database, bill(long[0]), listing=2) == 0
    whole = ComposedMirror([COMPANY, LEDGER, PAYABLES, RECEIVABLES], AlwaysTies())
    with database.reading(ALDER) as session:
        assert whole.unseen(session, ALDER, facts.Bill, 2) == [long[1]]
        assert set(whole.standing(session, ALDER, facts.Bill, long)) == set(long)
        assert {tie.linked_id for tie in whole.ties(session, ALDER, facts.Bill, [long[0]]).outward} == {f"po-{long[0]}"}
    assert bury(database, long[1]) == [long[1]]


def test_pages_of_any_size_are_stored_whole(database: Database) -> None:
    many = [bill(str(n), minor=n) for n in range(1, 1_001)]
    assert store(database, *many) == 1_000
    assert len(details(database, PayableLine)) == 2_000
    assert store(database, *many, listing=2) == 0
    assert store(database, *[bill(str(n), minor=-n, version="1", lines=1) for n in range(1, 621)], listing=2) == 620
    assert len(details(database, PayableLine)) == 620 + 2 * 380
    assert sum(row.total_minor for row in standing(database)) == sum(range(621, 1_001)) - sum(range(1, 621))


def test_kinds_without_lines_are_stored_too_and_an_empty_page_is_no_work(database: Database) -> None:
    assert store(database, term("1"), term("2")) == 2
    assert store(database, term("1", name="Net 45", version="1"), term("2")) == 1
    with database.writing(ALDER) as session:
        assert COMPANY.store(session, ALDER, facts.Page(facts.Term, (), SAID_AT), 1) == 0
    with database.reading(ALDER) as session:
        assert [row.name for row in COMPANY.rows(session, ALDER, facts.Term)] == ["Net 45", "Net 30"]


def test_a_pages_root_depends_on_every_payload_and_their_order() -> None:
    roots = {page_root(page(*stated)) for stated in ([bill("1"), bill("2")], [bill("2"), bill("1")], [bill("1")])}
    assert len(roots) == 3
    assert page_root(page(bill("1"))) == page_root(page(bill("1")))


def test_a_mirror_that_leaves_a_kind_without_a_shelf_is_not_built() -> None:
    with pytest.raises(TypeError, match=r"No slice keeps .*Account"):
        ComposedMirror([COMPANY, PAYABLES, RECEIVABLES], AlwaysTies())
