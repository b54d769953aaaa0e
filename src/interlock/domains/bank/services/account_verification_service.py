"""Whether an account exists and is whose it is said to be: asked of the bank, kept as evidence, never as a yes.

What comes back is what one bank said on one day of an account that somebody logged in to. It says nothing of an account nobody
linked, and a score is a likelihood.
"""

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.bank.match_models import AccountCheck
from interlock.domains.bank.witness_models import BankAccount
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.kernel.clock import Clock
from interlock.kernel.errors import BadInput, NotFound
from interlock.kernel.ids import new_id
from interlock.kernel.scope import Scope
from interlock.rails import items
from interlock.rails.errors import Rejected
from interlock.rails.links import AccountEvidence, OwnerClaim, OwnerEvidence, VerifiesAccounts, VerifiesOwners

T = TypeVar("T")

STRONG = 85
PARTIAL = 70
"""Scores of a name, 0 to 100: strong from the one, partial from the other, below that it doesn't match (plaid.md §5)."""

_NAME_CHARACTERS = 200
_CHECKS_MOST = 200

Owner = Literal["matches", "partly", "differs", "not compared"]


class VerifyingRail(VerifiesAccounts, VerifiesOwners, Protocol):
    """A rail that does both."""


class Verification(msgspec.Struct, frozen=True):
    """One check. ``found`` and ``said`` of the account, ``owner`` of the name claimed; ``words``: both in a sentence.

    ``equal_to``: other accounts of this business with the very same numbers, by what was checked before.
    """

    check_id: str
    account_id: str
    account: str
    institution: str
    mask: str | None
    found: str
    said: str
    tokenised: bool
    owner: Owner
    claim: OwnerClaim | None
    scores: dict[str, int | None]
    checked_by: str
    checked_at: datetime
    words: str
    equal_to: tuple[str, ...] = ()


class AccountVerificationService:
    """Checks accounts of one business. ``run`` waits for a rail's answer; ``opens`` gives the rail, or raises what is missing."""

    def __init__(
        self,
        db: Database,
        scope: Scope,
        *,
        rail: str,
        opens: Callable[[], VerifyingRail],
        run: Callable[[Coroutine[Any, Any, Any]], Any],
        clock: Clock,
    ) -> None:
        self._db = db
        self._scope = scope
        self._rail = rail
        self._opens = opens
        self._run = run
        self._clock = clock

    def verify(self, account_id: str, claim: OwnerClaim, *, actor: str) -> Verification:
        """Ask whether the account exists and how well ``claim`` agrees with its owner on file, and keep what was said.

        What the bank doesn't offer is kept as unknown; a broken login raises, and nothing is kept.
        """
        if not claim.name.strip() or len(claim.name) > _NAME_CHARACTERS:
            raise BadInput(f"Say who is said to own the account, in at most {_NAME_CHARACTERS} characters.")
        with self._db.reading(self._scope) as session:
            account = self._account(session, account_id)
            items.find(session, self._scope, self._rail, account.item_id)
            item_id = account.item_id
            session.expunge_all()
        rail = self._opens()
        exists = self._exists(rail, item_id, account_id)
        owner, silent = self._owner(rail, item_id, account_id, claim)
        return self._kept(account, exists, owner, silent, claim, actor)

    def checks(self, account_id: str | None = None) -> Sequence[Verification]:
        """What was found before, newest first; of one account, or of all."""
        with self._db.reading(self._scope) as session:
            query = select(AccountCheck).where(AccountCheck.business_id == self._scope.business_id)
            if account_id is not None:
                query = query.where(AccountCheck.account_id == account_id)
            rows = session.scalars(query.order_by(AccountCheck.checked_at.desc()).limit(_CHECKS_MOST)).all()
            accounts = {
                each.account_id: session.get(BankAccount, (self._scope.business_id, each.account_id)) for each in rows
            }
            return [verification_of(row, accounts[row.account_id]) for row in rows]

    def _exists(self, rail: VerifiesAccounts, item_id: str, account_id: str) -> AccountEvidence:
        try:
            found: list[AccountEvidence] = self._run(rail.accounts_evidence(item_id))
        except Rejected as refused:
            return AccountEvidence(account_id, "unknown", refused.sentence, None, None, False)
        missing = AccountEvidence(account_id, "unknown", "the bank gives no numbers of it", None, None, False)
        return next((each for each in found if each.account_id == account_id), missing)

    def _owner(
        self, rail: VerifiesOwners, item_id: str, account_id: str, claim: OwnerClaim
    ) -> tuple[OwnerEvidence, str | None]:
        nothing = OwnerEvidence(account_id, None, None, None, None, None)
        try:
            found: list[OwnerEvidence] = self._run(rail.owners_evidence(item_id, claim))
        except Rejected as refused:
            return nothing, refused.sentence
        return next((each for each in found if each.account_id == account_id), nothing), None

    def _kept(
        self,
        account: BankAccount,
        exists: AccountEvidence,
        owner: OwnerEvidence,
        silent: str | None,
        claim: OwnerClaim,
        actor: str,
    ) -> Verification:
        now = self._clock.now()
        row = AccountCheck(
            firm_id=self._scope.firm_id,
            business_id=str(self._scope.business_id),
            check_id=new_id("check", now),
            account_id=account.id,
            rail=self._rail,
            found=exists.found,
            said=exists.said,
            tokenised=exists.tokenised,
            digest=exists.digest,
            claim=msgspec.json.encode(claim).decode(),
            name_score=owner.name_score,
            evidence=msgspec.json.encode(_evidence(owner, silent)).decode(),
            checked_by=actor,
            checked_at=now,
        )
        with self._db.writing(self._scope) as session:
            equal = self._same_numbers(session, row)
            session.add(row)
            session.flush()
            made = msgspec.structs.replace(verification_of(row, account), equal_to=equal)
            body = {
                "rail": self._rail,
                "account": account.id,
                "check": row.check_id,
                "found": row.found,
                "said": row.said,
                "claimed": claim.name,
                "owner": made.owner,
                "name_score": owner.name_score,
            }
            translog.append(session, self._scope, now=now, actor=actor, action="account.checked", body=body)
        return made

    def _same_numbers(self, session: Session, row: AccountCheck) -> tuple[str, ...]:
        if row.digest is None:
            return ()
        query = select(AccountCheck.account_id).where(
            AccountCheck.business_id == row.business_id,
            AccountCheck.digest == row.digest,
            AccountCheck.account_id != row.account_id,
        )
        return tuple(sorted(set(session.scalars(query.limit(_CHECKS_MOST)))))

    def _account(self, session: Session, account_id: str) -> BankAccount:
        found = session.get(BankAccount, (self._scope.business_id, account_id))
        if found is None or found.firm_id != self._scope.firm_id or found.buried_at is not None:
            raise NotFound("This business has no such bank account; `interlock balances` shows them.")
        return found


def verification_of(row: AccountCheck, account: BankAccount | None) -> Verification:
    """A kept check as it is shown."""
    evidence = msgspec.json.decode(row.evidence, type=dict[str, Any])
    claim = msgspec.json.decode(row.claim, type=OwnerClaim) if row.claim else None
    owner = _owner_by(row.name_score)
    return Verification(
        check_id=row.check_id,
        account_id=row.account_id,
        account=account.name if account else "An account no longer shared",
        institution=account.institution if account else "",
        mask=account.mask if account else None,
        found=row.found,
        said=row.said,
        tokenised=row.tokenised,
        owner=owner,
        claim=claim,
        scores={part: evidence.get(part) for part in ("name", "email", "phone", "address")},
        checked_by=row.checked_by,
        checked_at=row.checked_at,
        words=f"{_ACCOUNT_WORDS.get(row.found, _ACCOUNT_WORDS['unknown'])} {_owner_words(owner, claim, row, evidence)}",
    )


_ACCOUNT_WORDS = {
    "verified": "The account exists and takes payments.",
    "tokenised": "The account exists and takes payments; its number is the bank's substitute, which can be compared with nothing.",
    "pending": "The bank has not finished verifying the account.",
    "failed": "The bank does not vouch for the account.",
    "unknown": "Whether the account takes payments could not be found out.",
}


def _owner_words(owner: Owner, claim: OwnerClaim | None, row: AccountCheck, evidence: dict[str, Any]) -> str:
    name = claim.name if claim else "the name given"
    if owner == "not compared":
        silent = evidence.get("silent")
        return f"Its owner could not be compared with {name}{': ' + silent if silent else '.'}"
    if owner == "matches":
        return f"The owner on file matches {name} ({row.name_score} of 100)."
    if owner == "partly":
        return f"The owner on file agrees with {name} only in part ({row.name_score} of 100); look at who owns it."
    return f"The owner on file is not {name} ({row.name_score} of 100)."


def _owner_by(score: int | None) -> Owner:
    if score is None:
        return "not compared"
    return "matches" if score >= STRONG else "partly" if score >= PARTIAL else "differs"


def _evidence(owner: OwnerEvidence, silent: str | None) -> dict[str, Any]:
    return {
        "name": owner.name_score,
        "email": owner.email_score,
        "phone": owner.phone_score,
        "address": owner.address_score,
        "business_name": owner.business_name,
        "silent": silent,
    }
