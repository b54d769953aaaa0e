"""What Auth and Identity say of an account, as evidence. Pure. Numbers are digested here and go no further (plaid.md §5)."""

import re
from typing import Any

from interlock.domains.plaid import wire
from interlock.rails.links import AccountEvidence, Found, OwnerClaim, OwnerEvidence, account_digest

AUTOMATIC = "automatically_verified"

_FOUND: dict[str, Found] = {
    AUTOMATIC: "verified",
    "manually_verified": "verified",
    "database_matched": "verified",
    "database_insights_pass": "verified",
    "database_insights_pass_with_caution": "unknown",  # only plausible: the numbers could exist
    "database_insights_fail": "failed",
    "verification_expired": "failed",
    "verification_failed": "failed",
    "unsent": "pending",
}
_E_164 = re.compile(r"\+[1-9]\d{6,14}")
_MASK_DIGITS = 4


def of_accounts(answer: wire.AuthAnswer, pepper: str) -> list[AccountEvidence]:
    """One piece of evidence an account, whether or not it takes payments."""
    numbers = {each.account_id: each for each in answer.numbers.ach}
    return [_of_account(each, numbers.get(each.account_id), pepper) for each in answer.accounts]


def _of_account(account: wire.AuthAccount, numbers: wire.NumbersACH | None, pepper: str) -> AccountEvidence:
    if numbers is None:
        said = account.verification_status or "no numbers for payments"
        return AccountEvidence(
            account.account_id, found_by(account.verification_status, "unknown"), said, account.mask, None, False
        )
    found = found_by(account.verification_status, "verified")
    tokenised = numbers.is_tokenized_account_number is True
    if tokenised and found == "verified":
        found = "tokenised"
    return AccountEvidence(
        account_id=account.account_id,
        found=found,
        said=account.verification_status or "logged in at the bank",
        mask=account.mask or (None if tokenised else numbers.account[-_MASK_DIGITS:]),
        digest=None if tokenised else account_digest(numbers.routing, numbers.account, pepper),
        tokenised=tokenised,
    )


def found_by(status: str | None, without: Found) -> Found:
    """The rail's word in ours: a word we don't know proves nothing. ``without`` one, the login itself speaks."""
    if status is None:
        return without
    return "pending" if status.startswith("pending_") else _FOUND.get(status, "unknown")


def of_owners(answer: wire.MatchAnswer) -> list[OwnerEvidence]:
    return [
        OwnerEvidence(
            account_id=each.account_id,
            name_score=each.legal_name.score if each.legal_name else None,
            email_score=_score(each.email_address),
            phone_score=_score(each.phone_number),
            address_score=_score(each.address),
            business_name=each.legal_name.is_business_name_detected if each.legal_name else None,
        )
        for each in answer.accounts
    ]


def claimed(claim: OwnerClaim) -> dict[str, Any]:
    """The ``user`` of ``/identity/match``. A phone number not in international form would only fail the call: left out."""
    user: dict[str, Any] = {"legal_name": claim.name}
    if claim.email:
        user["email_address"] = claim.email
    if claim.phone and _E_164.fullmatch(claim.phone):
        user["phone_number"] = claim.phone
    if claim.address is not None:
        at = claim.address
        user["address"] = {
            "street": at.street,
            "city": at.city,
            "region": at.region,
            "postal_code": at.postal_code,
            "country": at.country,
        }
    return user


def _score(score: wire.Score | None) -> int | None:
    return score.score if score else None
