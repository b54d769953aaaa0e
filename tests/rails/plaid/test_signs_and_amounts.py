"""Plaid counts money out as positive, we count money in; amounts keep their every cent (C09)."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.plaid import wire
from interlock.domains.plaid.mapper import accounts_page, line_fact, lines_page, minor
from interlock.kernel.money import MoneyError
from interlock.rails.witnesses import BankAccount, BankLine

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
ITEM = wire.Item("item1", "ins_1", "Alder Bank")
CENTS = st.integers(-(10**13), 10**13)


def line(amount: str, **more: object) -> bytes:
    body = {"transaction_id": "t1", "account_id": "a1", "date": "2026-11-20", "pending": False, "name": "CHECK 1041"}
    said = {**body, "iso_currency_code": "USD", **more, "amount": msgspec.Raw(amount.encode())}
    return msgspec.json.encode(said)


def account(kind: str, current: str, available: str = "null", **more: object) -> msgspec.Raw:
    balances = {"current": msgspec.Raw(current.encode()), "available": msgspec.Raw(available.encode())}
    body = {"account_id": "a1", "name": "Operating", "type": kind, "mask": "4821"}
    return msgspec.Raw(msgspec.json.encode({**body, "balances": {**balances, "iso_currency_code": "USD", **more}}))


def only_account(row: msgspec.Raw) -> BankAccount:
    (fact,) = accounts_page([row], ITEM, observed_at=NOW, live=False, as_of=NOW).facts
    assert isinstance(fact, BankAccount)
    return fact


def only_line(raw: bytes) -> BankLine:
    (fact,) = lines_page([msgspec.Raw(raw)], NOW).facts
    assert isinstance(fact, BankLine)
    return fact


@given(CENTS)
def test_a_line_is_the_exact_opposite_of_what_plaid_says(cents: int) -> None:
    said = format(Decimal(cents).scaleb(-2), "f")
    assert only_line(line(said)).amount_minor == -cents


@given(CENTS, st.sampled_from(["credit", "loan"]))
def test_what_is_owed_is_below_zero_and_what_is_held_above(cents: int, owed: str) -> None:
    said = format(Decimal(cents).scaleb(-2), "f")
    assert only_account(account(owed, said)).current_minor == -cents
    assert only_account(account("depository", said)).current_minor == cents


@given(st.lists(CENTS, min_size=1, max_size=30))
def test_the_sum_of_lines_is_what_the_balance_moved_by(moves: list[int]) -> None:
    before = 10**14
    held = [only_line(line(format(Decimal(-move).scaleb(-2), "f"))) for move in moves]
    after = only_account(account("depository", format(Decimal(before + sum(moves)).scaleb(-2), "f")))
    assert before + sum(each.amount_minor for each in held) == after.current_minor


@given(st.integers(-(10**11), 10**11))
def test_a_doubles_own_dust_is_no_cent(cents: int) -> None:
    assert minor(Decimal(repr(cents / 100)), "USD") == cents


def test_a_digit_too_many_is_named_and_not_rounded_away() -> None:
    with pytest.raises(MoneyError):
        minor(Decimal("12.345"), "USD")
    page = lines_page([msgspec.Raw(line("12.345")), msgspec.Raw(line("1.00", transaction_id="t2"))], NOW)
    assert [each.id for each in page.facts] == ["t2"]
    assert [each.id for each in page.unread] == ["t1"], "the row that can't be kept is named"


def test_an_available_balance_that_a_bank_never_computes_stays_unknown() -> None:
    found = only_account(account("depository", "120.50"))
    assert (found.available_minor, found.current_minor) == (None, 12050)


def test_points_and_coins_are_no_currency() -> None:
    row = account("depository", "5", iso_currency_code=None, unofficial_currency_code="BTC")
    page = accounts_page([row], ITEM, observed_at=NOW, live=False, as_of=NOW)
    assert page.facts == () and "BTC" in page.unread[0].sentence


def test_the_chain_from_pending_to_posted_is_kept() -> None:
    posted = only_line(line("9.99", pending_transaction_id="p1", check_number="1041", authorized_date="2026-11-18"))
    assert (posted.pending, posted.pending_id, posted.check_number) == (False, "p1", "1041")


def test_new_words_and_members_are_passed_over() -> None:
    raw = line("1.00", payment_channel="by pigeon", merchant_entity_id={"new": "shape"}, counterparties=None)
    fact = line_fact(msgspec.json.decode(raw, type=wire.Transaction), raw)
    assert fact.channel == "by pigeon" and fact.raw == raw


def test_the_same_balance_seen_later_is_news() -> None:
    first = accounts_page([account("depository", "1")], ITEM, observed_at=NOW, live=False, as_of=NOW)
    later = accounts_page([account("depository", "1")], ITEM, observed_at=NOW.replace(hour=20), live=True, as_of=NOW)
    assert first.digests != later.digests, "else the row would keep saying that it was seen at the earlier hour"
