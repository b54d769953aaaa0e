"""Decisions as they are kept: their append-only rows, and what they were made from. The lock they are made under is the firm’s."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.approval_content import BillContent, canonical, read_content
from interlock.domains.ap.decision_models import Decision, DecisionInputs
from interlock.domains.ap.ports import Judged
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.deciding_lock import (
    take_decision_lock as take_decision_lock,
)  # what decides here takes it from here
from interlock.infra.db.bulk import among
from interlock.kernel.errors import NotFound
from interlock.kernel.ids import new_id
from interlock.kernel.scope import Scope


class Overriding(Struct, frozen=True):
    """That a person approves against the guardrail: why, and until when the payment may be released on their word."""

    reason: str
    until: datetime


def keep_decision(
    db: Session,
    scope: Scope,
    *,
    act: str,
    subjects: Sequence[dict[str, Any]],
    by: Acting | None,
    actor: str,
    now: datetime,
    comment: str | None = None,
    for_person: str | None = None,
    judged: Judged | None = None,
    overriding: Overriding | None = None,
) -> Decision:
    """Write one decision and, where it was judged, what it was judged from. ``by``: ``None`` for the system itself."""
    made = Decision(
        firm_id=scope.firm_id,
        business_id=scope.business_id,
        decision_id=new_id("dec", now),
        act=act,
        subjects=json.dumps(list(subjects), separators=(",", ":"), sort_keys=True),
        person_id=by.person_id if by else None,
        for_person=for_person,
        actor=actor,
        comment=comment,
        decided_at=now,
        override_reason=overriding.reason if overriding else None,
        override_until=overriding.until if overriding else None,
    )
    if judged is not None:
        made.outcome, made.verdict, made.engine = judged.outcome, judged.verdict.decode(), judged.engine
        made.policy_id, made.firm_policy_id = judged.policy_id, judged.firm_policy_id
        made.inputs_digest = keep_inputs(db, scope, judged.question)
    db.add(made)
    db.flush()
    return made


def keep_inputs(db: Session, scope: Scope, said: bytes) -> str:
    """Keep bytes under their SHA-256, once; to be called under the decision lock."""
    digest = hashlib.sha256(said).hexdigest()
    if db.get(DecisionInputs, (scope.business_id, digest)) is None:
        db.add(
            DecisionInputs(
                firm_id=scope.firm_id, business_id=scope.business_id, digest=digest, compressed=zlib.compress(said, 6)
            )
        )
        db.flush()
    return digest


def keep_content(db: Session, scope: Scope, content: BillContent) -> str:
    """Keep what an approval binds to, so that a change can be said with both values; returns its hash."""
    return keep_inputs(db, scope, canonical(content))


def inputs_of(db: Session, business_id: str, digest: str) -> bytes:
    """What was kept under ``digest``; ``NotFound`` when there is nothing, or something else than its name says."""
    found = db.get(DecisionInputs, (business_id, digest))
    said = zlib.decompress(found.compressed) if found else None
    if said is None or hashlib.sha256(said).hexdigest() != digest:
        raise NotFound(
            f"The inputs {digest[:12]} of this decision are not what they were; its verdict can't be replayed."
        )
    return said


def kept_contents(db: Session, business_id: str, hashes: Iterable[str]) -> dict[str, BillContent]:
    """Contents by hash; those that weren't kept are not there."""
    query = select(DecisionInputs).where(
        DecisionInputs.business_id == business_id, among(db, DecisionInputs.digest, sorted(set(hashes)))
    )
    return {each.digest: read_content(zlib.decompress(each.compressed)) for each in db.scalars(query)}


def find_decision(db: Session, business_id: str, decision_id: str) -> Decision:
    """One decision; ``NotFound`` otherwise."""
    found = db.get(Decision, (business_id, decision_id))
    if found is None:
        raise NotFound(f"There is no decision {decision_id!r} here.")
    return found


def subjects_of(decision: Decision) -> list[dict[str, Any]]:
    """What a decision was about: ``bill_id`` each, ``intent_id``, ``amount_minor`` and ``pay_on`` where it has them."""
    found: list[dict[str, Any]] = json.loads(decision.subjects)
    return found
