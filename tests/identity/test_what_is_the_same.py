"""Exact keys and likenesses, as values: what links by itself, and what is left to a person."""

from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.firm.identity import Thing, exact_pairs, suggested_pairs
from interlock.domains.firm.likeness import (
    account_blocks,
    account_score,
    document_blocks,
    document_score,
    party_blocks,
    party_score,
)
from interlock.domains.firm.naming import key_of, likeness, named_in, same_name

_RULES = {"ledger_id": "the rail says so", "email": "name and address"}


def vendor(id_: str, name: str, **more: str) -> Thing:
    return Thing(id_, name, {key: more[key] for key in ("ledger_id", "email") if key in more}, email=more.get("email"))


def test_a_claim_that_is_alone_on_both_sides_links() -> None:
    pairs = exact_pairs(
        [vendor("r1", "Copperfield", ledger_id="7")], [vendor("7", "Copperfield Freight", ledger_id="7")], _RULES
    )
    assert [(pair.rail_id, pair.ledger_id, pair.rule) for pair in pairs] == [("r1", "7", "ledger_id")]


def test_two_that_claim_the_same_link_neither_and_are_both_asked_about() -> None:
    rail = [vendor("r1", "Copperfield", ledger_id="7"), vendor("r2", "Copperfield Freight Co", ledger_id="7")]
    ledger = [vendor("7", "Copperfield Freight", ledger_id="7")]
    assert exact_pairs(rail, ledger, _RULES) == []
    asked = suggested_pairs(rail, ledger, party_score, party_blocks)
    assert {(pair.rail_id, pair.score >= 90) for pair in asked} == {("r1", True), ("r2", True)}
    assert "and of others too" in asked[0].why[0]


def test_a_later_second_claim_does_not_link_by_itself() -> None:
    rail = [vendor("r1", "Copperfield"), vendor("r2", "Copperfield Freight", ledger_id="7")]
    ledger = [vendor("7", "Copperfield Freight", ledger_id="7")]
    linked = frozenset({("r1", "7")})
    assert exact_pairs(rail, ledger, _RULES, linked=linked) == []
    (asked,) = suggested_pairs(rail, ledger, party_score, party_blocks, linked=linked)
    assert (asked.rail_id, asked.score) == ("r2", 60)
    assert "already linked to another" in asked.why


def test_a_persons_no_outlasts_every_key() -> None:
    rail, ledger = [vendor("r1", "Quill Legal", ledger_id="7")], [vendor("7", "Quill Legal", ledger_id="7")]
    apart = frozenset({("r1", "7")})
    assert exact_pairs(rail, ledger, _RULES, apart=apart) == []
    assert suggested_pairs(rail, ledger, party_score, party_blocks, apart=apart) == []


def test_an_alike_name_is_suggested_and_an_unlike_one_is_not() -> None:
    ledger = [
        vendor("7", "Copperfield Freight"),
        vendor("8", "Hollis Print Works"),
        vendor("9", "Freight Forwarders Union"),
    ]
    asked = suggested_pairs([vendor("r1", "Copperfield Freight, Inc.")], ledger, party_score, party_blocks)
    assert [(pair.ledger_id, pair.score) for pair in asked] == [("7", 92)]


def test_bills_are_alike_by_total_number_party_and_date() -> None:
    mine = Thing("rb", "88120, Copperfield", number="88120", party="Copperfield Freight", minor=5_000, currency="USD")
    right = Thing(
        "1", "88120, Copperfield", number="0088120", party="Copperfield Freight Inc", minor=5_000, currency="USD"
    )
    off = Thing("2", "88120, Copperfield", number="88120", party="Copperfield Freight", minor=5_100, currency="USD")
    other = Thing("3", "70001, Quill", number="70001", party="Quill Legal", minor=5_000, currency="USD")
    asked = suggested_pairs([mine], [right, off, other], document_score, document_blocks)
    assert [pair.ledger_id for pair in asked] == ["1"]
    points, why = document_score(mine, off)
    assert "the totals differ" in why
    assert points < document_score(mine, right)[0]


def test_an_account_is_suggested_by_ending_and_balance() -> None:
    mine = Thing("b1", "Plus Banking", number="4821", minor=90_000, currency="USD", kind="Bank")
    theirs = [
        Thing("1", "Operating 4821", minor=70_000, currency="USD", kind="Bank"),
        Thing("2", "Reserve", minor=90_000, currency="USD", kind="Bank"),
        Thing("3", "Card 4821", minor=90_000, currency="USD", kind="Credit Card"),
    ]
    asked = suggested_pairs([mine], theirs, account_score, account_blocks)
    assert [pair.ledger_id for pair in asked] == ["1", "2"]


_IDS = st.sampled_from(("1", "2", "3", "4"))


@given(
    st.lists(st.tuples(_IDS, _IDS), max_size=6), st.lists(st.tuples(_IDS, _IDS), max_size=6), st.permutations(range(6))
)
def test_each_side_is_linked_once_and_order_does_not_matter(
    mine: list[tuple[str, str]], theirs: list[tuple[str, str]], order: list[int]
) -> None:
    rail = [vendor(f"r{at}", "x", ledger_id=claim, email=mail) for at, (claim, mail) in enumerate(mine)]
    ledger = [vendor(f"l{at}", "x", ledger_id=claim, email=mail) for at, (claim, mail) in enumerate(theirs)]
    pairs = exact_pairs(rail, ledger, _RULES)
    assert len({pair.rail_id for pair in pairs}) == len(pairs) == len({pair.ledger_id for pair in pairs})
    for pair in pairs:
        value = next(each for each in rail if each.id == pair.rail_id).keys[pair.rule]
        assert sum(each.keys[pair.rule] == value for each in rail) == 1, "a key shared by two proves nothing"
        assert sum(each.keys[pair.rule] == value for each in ledger) == 1
    shuffled = [rail[at] for at in order if at < len(rail)], [ledger[at] for at in order if at < len(ledger)]
    assert set(exact_pairs(*shuffled, _RULES)) == set(pairs)


def test_names_and_numbers_are_compared_as_people_read_them() -> None:
    assert same_name("Copperfield Freight, Inc.", "COPPERFIELD FREIGHT")
    assert not same_name("", None)
    assert likeness("Café Léon", "Cafe Leon LLC") == 100
    assert named_in("Copperfield Freight", "ACH DEBIT COPPERFIELD FREI 0921")
    assert not named_in("Copperfield Freight", "ACH DEBIT FREIGHTLINE")
    assert key_of("INV-0042") == "inv0042"
    assert key_of(" 0042 ") == "42"
    assert key_of("--") is None
