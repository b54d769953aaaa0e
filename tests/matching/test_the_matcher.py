"""The matcher as a bookkeeper would have it: certain pairs are kept, doubtful ones are asked about."""

from datetime import timedelta

from interlock.domains.bank.matching.matcher import match
from interlock.domains.bank.matching.values import LEDGER, PAYING, Outcome
from tests.matching.values import check, day, line, paid


def pairs(outcome: Outcome) -> list[tuple[str, tuple[str, ...], str]]:
    return sorted((each.line_id, tuple(id_ for _, id_ in each.movements), each.rule) for each in outcome.groups)


def suggested(outcome: Outcome) -> set[tuple[str, tuple[str, ...]]]:
    return {(each.line_id, tuple(id_ for _, id_ in each.movements)) for each in outcome.suggestions}


def test_one_line_and_one_payment_alone_with_their_amount_are_one() -> None:
    found = match([line("L1", -50_000), line("L2", -900)], [paid("1", 50_000), paid("2", 901)])
    assert pairs(found) == [("L1", ("1",), "exact")]
    assert not found.suggestions, "a cent apart is not the same amount, so nobody is asked"


def test_two_payments_alike_are_asked_about_and_not_chosen() -> None:
    found = match([line("L1", -50_000)], [paid("1", 50_000, 9), paid("2", 50_000, 10)])
    assert found.groups == ()
    assert suggested(found) == {("L1", ("1",)), ("L1", ("2",))}
    assert found.suggestions[0].movements == (("bill_payment", "2"),), "the nearer one is named first"


def test_two_lines_alike_leave_one_payment_open() -> None:
    found = match([line("L1", -50_000), line("L2", -50_000)], [paid("1", 50_000)])
    assert found.groups == ()
    assert suggested(found) == {("L1", ("1",)), ("L2", ("1",))}


def test_the_name_on_a_line_tells_two_payments_apart() -> None:
    lines = [line("L1", -50_000, text="QUILL LEGAL LLP WEB PMT"), line("L2", -50_000, text="COPPERFIELD FREI")]
    found = match(lines, [paid("1", 50_000), paid("2", 50_000, party="Quill Legal LLP")])
    assert pairs(found) == [("L1", ("2",), "exact"), ("L2", ("1",), "exact")]


def test_a_line_that_names_somebody_else_is_only_suggested() -> None:
    found = match([line("L1", -50_000, counterparty="Hollis Print Works")], [paid("1", 50_000)])
    assert found.groups == ()
    (only,) = found.suggestions
    assert "names Hollis Print Works, not Copperfield Freight" in only.why[0]


def test_check_numbers_decide_also_among_many_of_one_amount() -> None:
    checks = [check("1", 50_000, "1181"), check("2", 50_000, "1182"), check("3", 50_000, "1183")]
    lines = [line("L1", -50_000, 20, check_number="01182"), line("L2", -50_000, 21, check_number="1183")]
    found = match(lines, checks)
    assert pairs(found) == [("L1", ("2",), "reference"), ("L2", ("3",), "reference")]


def test_a_check_without_its_number_on_the_line_is_one_of_the_last_weeks() -> None:
    old, recent = check("1", 50_000, "1181", dated=day(1) - timedelta(90)), check("2", 50_000, "1190")
    assert pairs(match([line("L1", -50_000)], [old, recent])) == [("L1", ("2",), "exact")]
    late = line("L1", -50_000, check_number="1181")
    assert pairs(match([late], [old, recent])) == [("L1", ("1",), "reference")], "with its number it may be old"


def test_another_checks_number_rules_a_pair_out() -> None:
    found = match([line("L1", -50_000, check_number="2001")], [check("1", 50_000, "1181")])
    assert found == Outcome((), ())


def test_a_trace_is_stronger_than_a_likely_date() -> None:
    found = match(
        [line("L1", -50_000, reference="TRN*1*021000029461773*X")],
        [paid("1", 50_000, references=("021000029461773",)), paid("2", 50_000, 12)],
    )
    assert pairs(found) == [("L1", ("1",), "reference")]


def test_one_debit_is_the_whole_of_a_batch() -> None:
    batch = [paid(str(n), cents, batch="run 7", book=PAYING) for n, cents in enumerate((10_000, 20_000, 5_050))]
    found = match([line("L1", -35_050)], [*batch, paid("9", 35_051)])
    assert pairs(found) == [("L1", ("0", "1", "2"), "sum")]
    assert match([line("L1", -30_000)], batch).groups == (), "a part of a batch is not the batch"


def test_a_batch_without_one_of_its_members_is_not_the_batch() -> None:
    batch = [paid(str(n), cents, batch="run 7") for n, cents in enumerate((10_000, 20_000, 5_050))]
    found = match([line("L1", -30_000)], batch, taken=frozenset({("bill_payment", "2")}))
    assert found.groups == ()
    assert suggested(found) == {("L1", ("0", "1"))}, "a person may say so all the same"


def test_a_line_that_the_books_explain_is_not_suggested_to_a_rail_out_of_time() -> None:
    rail = paid("r1", 50_000, 1, book=PAYING, kind="rail_bill", first=day(1), last=day(3))
    found = match([line("L1", -50_000)], [paid("1", 50_000), rail])
    assert pairs(found) == [("L1", ("1",), "exact")]
    assert found.suggestions == ()


def test_a_sum_that_no_batch_vouches_for_is_asked_about() -> None:
    found = match([line("L1", -30_000)], [paid("1", 10_000), paid("2", 20_000), paid("3", 7_000)])
    assert found.groups == ()
    assert suggested(found) == {("L1", ("1", "2"))}


def test_each_book_may_state_the_same_money_once() -> None:
    found = match([line("L1", -50_000)], [paid("1", 50_000), paid("r1", 50_000, book=PAYING, kind="rail_bill")])
    assert sorted((each.book, each.line_id) for each in found.groups) == [(LEDGER, "L1"), (PAYING, "L1")]
    again = match([line("L1", -50_000)], [paid("2", 50_000)], served=frozenset({(LEDGER, "L1")}))
    assert again == Outcome((), ()), "a line that serves a group of the ledger serves no second one"


def test_accounts_currencies_signs_and_dates_keep_things_apart() -> None:
    debit = line("L1", -50_000)
    others = [
        paid("1", 50_000, account_id="2"),
        paid("2", 50_000, currency="CAD"),
        paid("3", -50_000),
        paid("4", 50_000, first=day(20), last=day(22)),
    ]
    found = match([debit], others)
    assert found.groups == ()
    assert suggested(found) == {("L1", ("4",))}, "only the dates may be wrong; nothing else may be"


def test_a_movement_without_an_account_is_matched_on_whichever_has_it() -> None:
    payout = paid("po_1", -90_000, account_id=None, kind="payout")
    elsewhere = line("L2", 90_000, account_id="2")
    assert pairs(match([line("L1", 90_000)], [payout])) == [("L1", ("po_1",), "exact")]
    assert match([line("L1", 90_000), elsewhere], [payout]).groups == ()


def test_what_a_person_refused_is_neither_kept_nor_suggested_again() -> None:
    apart = frozenset({("L1", frozenset({("bill_payment", "1")}))})
    found = match([line("L1", -50_000)], [paid("1", 50_000)], apart=apart)
    assert found == Outcome((), ())
    other = match([line("L1", -50_000)], [paid("1", 50_000), paid("2", 50_000)], apart=apart)
    assert pairs(other) == [("L1", ("2",), "exact")], "what is left alone after a person's no is certain"


def test_what_is_certain_leaves_the_rest_certain() -> None:
    lines = [line("L1", -50_000, check_number="1181"), line("L2", -50_000)]
    found = match(lines, [check("1", 50_000, "1181", 10), paid("2", 50_000)])
    assert pairs(found) == [("L1", ("1",), "reference"), ("L2", ("2",), "exact")]
