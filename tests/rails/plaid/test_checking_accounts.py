"""Whether an account exists and is whose it is said to be: asked, kept as evidence, logged."""

import json

import pytest
from sqlalchemy import select

from interlock.app import bank_taking
from interlock.app.verifying import Verifying
from interlock.domains.bank.match_models import AccountCheck
from interlock.domains.plaid import evidence, wire
from interlock.kernel.errors import InterlockError, NotFound
from interlock.rails.links import OwnerClaim, PostalAddress, account_digest
from tests.rails.plaid.conftest import Takes


def test_an_account_exists_and_its_owner_matches(takes: Takes) -> None:
    client = takes(0)
    client.link()
    client.sync.sync()
    mask = client.logins_there[0]["accounts"][0]["mask"]
    found = Verifying(client.house).verify(client.business.slug, mask, None, actor="a test")
    assert (found.found, found.owner, found.tokenised) == ("verified", "matches", False)
    assert "account.checked" in client.actions()
    (kept,) = Verifying(client.house).checks(client.business.slug)
    assert kept.words == found.words and kept.checked_by == "a test"


def test_another_name_differs_and_no_number_is_kept(takes: Takes) -> None:
    client = takes(0)
    client.link()
    client.sync.sync()
    there = client.logins_there[0]["accounts"][0]
    found = Verifying(client.house).verify(
        client.business.slug, there["mask"], OwnerClaim("Thornfield Salvage LLC"), actor="a test"
    )
    assert found.owner == "differs" and (found.scores["name"] or 0) < 70
    bank = client.sandbox.control("GET", f"bank/{client.realm_id}/accounts")["accounts"]
    number = next(each["number"] for each in bank if each["mask"] == there["mask"])
    with client.house.database.reading(client.scope) as session:
        (row,) = session.scalars(select(AccountCheck))
        kept = json.dumps({name: str(getattr(row, name)) for name in ("claim", "evidence", "said", "digest")})
        assert row.digest is not None and len(row.digest) == 32
    assert number not in kept, "account numbers are digested, never kept"


def test_a_tokenised_number_is_flagged_and_compared_with_nothing(takes: Takes) -> None:
    client = takes(1)
    client.link(0)
    client.sync.sync()
    mask = client.logins_there[0]["accounts"][0]["mask"]
    found = Verifying(client.house).verify(client.business.slug, mask, None, actor="a test")
    assert (found.found, found.tokenised, found.equal_to) == ("tokenised", True, ())
    with client.house.database.reading(client.scope) as session:
        (row,) = session.scalars(select(AccountCheck))
        assert row.digest is None, "a substitute's digest would pass for a number's"


def test_what_a_bank_does_not_offer_is_unknown_not_failed(takes: Takes) -> None:
    client = takes(1)
    client.link(1)
    client.sync.sync()
    mask = client.logins_there[1]["accounts"][0]["mask"]
    found = Verifying(client.house).verify(client.business.slug, mask, None, actor="a test")
    assert found.found == "unknown", "a card has no numbers for payments"


def test_a_broken_login_keeps_no_evidence(takes: Takes) -> None:
    client = takes(2)
    client.link()
    client.sync.sync()
    client.sandbox.control("POST", f"plaid/items/{client.logins()[0].item_id}/trouble", {})
    mask = client.logins_there[0]["accounts"][0]["mask"]
    with pytest.raises(InterlockError, match="ITEM_LOGIN_REQUIRED"):
        Verifying(client.house).verify(client.business.slug, mask, None, actor="a test")
    assert Verifying(client.house).checks(client.business.slug) == []


def test_an_account_of_nobody_is_not_found(takes: Takes) -> None:
    client = takes(2)
    with pytest.raises(NotFound, match="no bank account"):
        Verifying(client.house).verify(client.business.slug, "0000", None, actor="a test")


def test_a_token_is_exchanged_for_a_new_one_and_the_old_is_dead(takes: Takes) -> None:
    client = takes(3)
    client.link()
    item_id = client.logins()[0].item_id
    sealed = client.logins()[0].sealed
    bank_taking.rotate_token(client.house, client.scope, item_id, "a test")
    assert client.logins()[0].sealed != sealed and "bank.token_rotated" in client.actions()
    client.sync.sync()
    assert client.lines(), "the new token reads"


def test_a_word_of_plaids_that_we_dont_know_proves_nothing() -> None:
    assert evidence.found_by("verified_by_pigeon", "verified") == "unknown"
    assert evidence.found_by("database_insights_pass_with_caution", "verified") == "unknown"
    assert evidence.found_by("pending_manual_verification", "verified") == "pending"
    assert evidence.found_by("verification_expired", "verified") == "failed"


def test_the_same_numbers_are_told_equal_and_others_not() -> None:
    one = account_digest("021000021", "1111222233330000", "firm")
    assert one == account_digest("0210 00021", "1111-2222-3333-0000", "firm")
    assert one != account_digest("021000021", "1111222233330001", "firm")
    assert one != account_digest("021000021", "1111222233330000", "another firm")


def test_only_what_can_be_compared_is_sent() -> None:
    at = PostalAddress("1 Mill Lane", "Ashby", "VT", "05401")
    sent = evidence.claimed(OwnerClaim("Alder & Ash", phone="802 555 0100", address=at))
    assert sent["legal_name"] == "Alder & Ash" and "phone_number" not in sent and "email_address" not in sent
    assert sent["address"]["postal_code"] == "05401"
    assert evidence.claimed(OwnerClaim("A", phone="+18025550100"))["phone_number"] == "+18025550100"


def test_no_score_is_no_match() -> None:
    answer = wire.MatchAnswer((wire.MatchedAccount("a1"), wire.MatchedAccount("a2", wire.NameScore(91, True))))
    nothing, strong = evidence.of_owners(answer)
    assert (nothing.name_score, strong.name_score, strong.business_name) == (None, 91, True)
