"""A decision's verdict computed again from what was kept with it: the same bytes on the same engine, or what differs."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from interlock.domains.ap.services.decision_records import find_decision, inputs_of
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.errors import BadInput
from interlock.runway.judged import verdict_bytes
from interlock.runway.services.calculators.guardrail import judge
from interlock.runway.services.calculators.guardrail_values import (
    ENGINE,
    FloorTerms,
    Limits,
    Outcome,
    Question,
    Verdict,
)
from interlock.runway.services.views import Instant, View


class DifferenceView(View):
    """One field of the verdict that came out otherwise; values as text."""

    field: str
    then: str
    now: str


class ReplayView(View):
    """``identical``: the verdict came out byte for byte as it was kept. ``under``: as decided, or under another policy.

    ``caveat``: what this replay can't tell.
    """

    decision_id: str
    decided_at: Instant
    under: str
    engine_then: int
    engine_now: int
    identical: bool
    outcome_then: Outcome
    outcome_now: Outcome
    words_then: str
    words_now: str
    inputs_digest: str
    differences: tuple[DifferenceView, ...]
    caveat: str | None


def replay(db: Session, business: Business, decision_id: str, policy: Policy | None = None) -> ReplayView:
    """Judge a decision again; with ``policy`` under its floor, horizon and limits instead.

    ``NotFound`` for no such decision or inputs that aren't what they were, ``BadInput`` for one without a verdict.
    """
    decision = find_decision(db, business.business_id, decision_id)
    if decision.verdict is None or decision.inputs_digest is None:
        raise BadInput(f"{decision_id} was no decision that the guardrail judged; there is nothing to replay.")
    asked = msgspec.json.decode(inputs_of(db, business.business_id, decision.inputs_digest), type=Question)
    question, caveat = (asked, None) if policy is None else _under(asked, policy)
    kept = decision.verdict.encode()
    then, now = msgspec.json.decode(kept, type=Verdict), judge(question)
    return ReplayView(
        decision_id=decision_id,
        decided_at=decision.decided_at,
        under="as decided" if policy is None else "another policy",
        engine_then=decision.engine or then.engine,
        engine_now=ENGINE,
        identical=verdict_bytes(now) == kept,
        outcome_then=then.outcome,
        outcome_now=now.outcome,
        words_then=then.words,
        words_now=now.words,
        inputs_digest=decision.inputs_digest,
        differences=tuple(_differences(msgspec.json.decode(kept), msgspec.json.decode(verdict_bytes(now)))),
        caveat=caveat,
    )


def _under(asked: Question, policy: Policy) -> tuple[Question, str | None]:
    """The same question with another policy's floor, horizon and limits; findings and essentials stay as they were."""
    days = policy.horizon.guardrail_days
    question = replace(
        asked,
        horizon_days=days,
        floor=FloorTerms(
            absolute_minor=policy.floor.absolute_minor,
            buffer_days=policy.floor.buffer_days,
            essential_per_day_minor=asked.floor.essential_per_day_minor,
            covenant_minor=policy.floor.covenant_minor,
        ),
        limits=Limits(
            payment_minor=policy.limits.payment_minor,
            vendor_week_minor=policy.limits.vendor_week_minor,
            day_minor=policy.limits.day_minor,
            week_minor=policy.limits.week_minor,
        ),
    )
    caveat = "Floor, horizon and limits are replaced; what checks found and what is essential stays as it was."
    if days > asked.horizon_days:
        caveat += f" Only the cash of the first {asked.horizon_days} days was kept; nothing is known beyond."
    return question, caveat


def _differences(then: dict[str, Any], now: dict[str, Any]) -> Iterator[DifferenceView]:
    for field in sorted({*then, *now}):
        if then.get(field) != now.get(field):
            yield DifferenceView(field=field, then=_said(then.get(field)), now=_said(now.get(field)))


def _said(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
