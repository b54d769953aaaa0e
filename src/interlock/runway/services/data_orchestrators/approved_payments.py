"""Payments that are approved and not released, as rows, and what a release did row by row. Read only."""

import json
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision, PaymentIntent
from interlock.infra.db.bulk import among


class Outcome(Struct, frozen=True):
    """``refused``: why it was not let go."""

    intent_id: str
    bill_id: str
    amount_minor: int
    refused: str | None


class ApprovedPayments:
    """Reads one business's."""

    def __init__(self, db: Session, business_id: str) -> None:
        self._db = db
        self._business_id = business_id

    def waiting(self, most: int) -> tuple[Sequence[PaymentIntent], int]:
        """By pay day, at most ``most``; and how many there are."""
        mine = (PaymentIntent.business_id == self._business_id, PaymentIntent.state == "approved")
        query = select(PaymentIntent).where(*mine).order_by(PaymentIntent.pay_on, PaymentIntent.intent_id).limit(most)
        count = self._db.execute(select(func.count()).select_from(PaymentIntent).where(*mine)).scalar_one()
        return self._db.scalars(query).all(), count

    def outcomes(self, decision_id: str) -> tuple[Decision, tuple[Outcome, ...]] | None:
        """What one release did; ``None`` for a decision that isn't here or is none."""
        found = self._db.get(Decision, (self._business_id, decision_id))
        if found is None or found.act != "release":
            return None
        return found, tuple(
            Outcome(str(each["intent_id"]), str(each["bill_id"]), int(each["amount_minor"]), each.get("refused"))
            for each in json.loads(found.subjects)
        )

    def currencies(self, intent_ids: Sequence[str]) -> dict[str, str]:
        """Of which currency each is."""
        query = select(PaymentIntent.intent_id, PaymentIntent.currency).where(
            PaymentIntent.business_id == self._business_id, among(self._db, PaymentIntent.intent_id, intent_ids)
        )
        return {row.intent_id: row.currency for row in self._db.execute(query)}
