"""The guardrail's word at a release: on all that is to be let go jointly, and what is left of it when it says no to the whole.

What it names to be dropped is refused and the rest is asked about again. An override given at the approval counts as long as it was
given for, against what it was given over, and for that payment alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision, IntentApproval, PaymentIntent
from interlock.domains.ap.ports import Judged, ReleaseGate
from interlock.domains.ap.services.deciding import PaymentWarned
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among

_ROUNDS_MOST = 4
_SEVERITY = ("allow", "warn", "block")


class _Reason(Struct, frozen=True):
    binding: str
    words: str
    bill_ids: tuple[str, ...] = ()
    overridable: bool = True


class _Verdict(Struct, frozen=True):
    """What of a kept verdict matters here."""

    reasons: tuple[_Reason, ...] = ()
    drop: tuple[str, ...] = ()


class Gated(Struct, frozen=True):
    """``refused``: why, by intent; ``judged``: the strictest verdict that anything passed with, or that stopped all."""

    refused: dict[str, str]
    judged: Judged | None = None


class Gating:
    """One release's questions to the gate. ``asks``: a warning was acknowledged."""

    def __init__(
        self, db: Session, business: Business, gate: ReleaseGate, now: datetime, *, asks: bool, by_schedule: bool
    ) -> None:
        self._db = db
        self._business = business
        self._gate = gate
        self._now = now
        self._acknowledged = asks
        self._by_schedule = by_schedule
        self._out: list[PaymentIntent] = []
        self._refused: dict[str, str] = {}

    def let_pass(self, intents: Sequence[PaymentIntent]) -> Gated:
        """Those without an override first, on top of everything else that is approved; then those with one."""
        overridden = self._overridden(intents)
        plain = [each for each in intents if each.intent_id not in overridden]
        special = [each for each in intents if each.intent_id in overridden]
        said = [judged for each in (plain, special) if each and (judged := self._rounds(each, overridden))]
        passed = [each for each, went in said if went] or [each for each, _ in said]
        strictest = max(passed, key=lambda each: _SEVERITY.index(each.outcome), default=None)
        return Gated(self._refused, strictest)

    def _rounds(
        self, intents: Sequence[PaymentIntent], overridden: dict[str, frozenset[str]]
    ) -> tuple[Judged, bool] | None:
        """The last verdict, and whether anything went with it."""
        left, judged = list(intents), None
        for _ in range(_ROUNDS_MOST):
            if not left:
                break
            judged = self._gate.verdict(left, self._now, tuple(self._out))
            stopped = self._stopped(judged, left, overridden)
            if not stopped:
                return judged, True
            self._refused |= stopped
            self._out += [each for each in left if each.intent_id in stopped]
            left = [each for each in left if each.intent_id not in stopped]
        if judged is not None:
            self._refused |= {each.intent_id: f"The guardrail blocks it: {judged.words}" for each in left}
        return None if judged is None else (judged, False)

    def _stopped(
        self, judged: Judged, left: Sequence[PaymentIntent], overridden: dict[str, frozenset[str]]
    ) -> dict[str, str]:
        if judged.outcome == "allow":
            return {}
        if judged.outcome == "warn":
            return self._warned(judged, [each for each in left if each.intent_id not in overridden])
        verdict = msgspec.json.decode(judged.verdict, type=_Verdict)
        dropped = [each for each in left if each.bill_id in verdict.drop] or list(left)
        return self._uncovered(judged, verdict, dropped, overridden) or self._uncovered(
            judged, verdict, left, overridden
        )

    @staticmethod
    def _uncovered(
        judged: Judged, verdict: _Verdict, intents: Sequence[PaymentIntent], overridden: dict[str, frozenset[str]]
    ) -> dict[str, str]:
        """Those whose approval wasn't given over all that now stands against them."""
        stopped = {}
        for each in intents:
            reasons = [one for one in verdict.reasons if not one.bill_ids or each.bill_id in one.bill_ids]
            given = overridden.get(each.intent_id, frozenset())
            if not reasons or not all(one.overridable and one.binding in given for one in reasons):
                own = next((one.words for one in reasons if one.bill_ids), judged.words)
                stopped[each.intent_id] = f"The guardrail blocks it: {own.rstrip('.')}."
        return stopped

    def _warned(self, judged: Judged, left: Sequence[PaymentIntent]) -> dict[str, str]:
        if self._acknowledged or not left:
            return {}
        if self._by_schedule:
            why = f"The guardrail warns, and a person has to acknowledge it: {judged.words}"
            return {each.intent_id: why for each in left}
        raise PaymentWarned(judged, f"{judged.words} Acknowledge the warning to release; nothing was changed.")

    def _overridden(self, intents: Sequence[PaymentIntent]) -> dict[str, frozenset[str]]:
        """What constraints each payment's approvals override still, by intent."""
        query = (
            select(IntentApproval.intent_id, Decision.verdict)
            .join(
                Decision,
                (Decision.business_id == IntentApproval.business_id)
                & (Decision.decision_id == IntentApproval.decision_id),
            )
            .where(
                IntentApproval.business_id == self._business.business_id,
                IntentApproval.withdrawn_at.is_(None),
                among(self._db, IntentApproval.intent_id, sorted({each.intent_id for each in intents})),
                Decision.override_until > self._now,
                Decision.verdict.is_not(None),
            )
        )
        found: dict[str, frozenset[str]] = defaultdict(frozenset)
        for intent_id, verdict in self._db.execute(query):
            reasons = msgspec.json.decode(verdict or b"{}", type=_Verdict).reasons
            found[intent_id] |= {each.binding for each in reasons if each.overridable}
        return dict(found)
