"""Questions and verdicts as they are kept with a decision: canonical JSON, so that the same verdict has the same bytes."""

import msgspec

from interlock.domains.ap.ports import Judged
from interlock.runway.services.calculators.guardrail_values import Question, Verdict

_ENCODER = msgspec.json.Encoder(order="deterministic")


def judged_of(verdict: Verdict, question: Question, policy_id: str | None, firm_policy_id: str | None) -> Judged:
    """What payables keep of an answer, under the policy texts named."""
    return Judged(
        outcome=verdict.outcome,
        overridable=all(reason.overridable for reason in verdict.reasons),
        words=verdict.words,
        question=_ENCODER.encode(question),
        verdict=verdict_bytes(verdict),
        engine=verdict.engine,
        policy_id=policy_id,
        firm_policy_id=firm_policy_id,
    )


def verdict_bytes(verdict: Verdict) -> bytes:
    """A verdict as it is kept."""
    return _ENCODER.encode(verdict)
