"""Every dollar that was ever approved, by where it is now: counts and sums, and the payments of one place."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from msgspec import Struct
from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.services.payment_steps import RELEASED, REOPENED_STATE

_BEFORE = {"approved": "approved", "recorded": "recorded_before"}
"""Where the dollars of an approved payment are that was never released, by its state; of all other states ``ended``."""
_WERE_RELEASED = (RELEASED, REOPENED_STATE)


class Counted(Struct, frozen=True):
    """Payments at one place in one currency."""

    place: str
    currency: str
    count: int
    minor: int


class PaymentsSnapshot:
    """Reads one business's payments."""

    def __init__(self, db: Session, business_id: str) -> None:
        self._db = db
        self._business_id = business_id

    def by_place(self) -> list[Counted]:
        """Where every approved dollar is: at the stage of its course, or never released."""
        query = (
            select(Disbursement.stage, Disbursement.currency, func.count(), func.sum(Disbursement.amount_minor))
            .where(Disbursement.business_id == self._business_id)
            .group_by(Disbursement.stage, Disbursement.currency)
        )
        at_stages = [Counted(place, code, count, int(minor)) for place, code, count, minor in self._db.execute(query)]
        before = [
            Counted(_BEFORE.get(each.place, "ended"), each.currency, each.count, each.minor)
            for each in self._approved
            if each.place not in _WERE_RELEASED
        ]
        return [*before, *at_stages]

    def approved(self) -> list[Counted]:
        """Every dollar that was approved, whatever became of it: the decisions' own count, by state."""
        return self._approved

    def for_person(self) -> dict[str, int]:
        """How many payments wait for a person, by stage."""
        query = (
            select(Disbursement.stage, func.count())
            .where(Disbursement.business_id == self._business_id, Disbursement.needs_person)
            .group_by(Disbursement.stage)
        )
        return {row[0]: row[1] for row in self._db.execute(query)}

    def longest(self, stages: Sequence[str]) -> dict[str, datetime]:
        """When the payment that has not moved for longest took its last step, by stage."""
        parts = [
            select(Disbursement.stage, func.min(Disbursement.changed_at))
            .where(Disbursement.business_id == self._business_id, Disbursement.stage == stage)
            .group_by(Disbursement.stage)
            for stage in stages
        ]
        return {row[0]: row[1] for row in self._db.execute(union_all(*parts))} if parts else {}

    def at(self, stage: str, offset: int, most: int) -> Sequence[Disbursement]:
        """Payments at one stage, who needs a person first, then the latest change."""
        query = select(Disbursement).where(Disbursement.business_id == self._business_id, Disbursement.stage == stage)
        newest = query.order_by(Disbursement.changed_at.desc(), Disbursement.intent_id.desc())
        return self._db.scalars(newest.offset(offset).limit(most)).all()

    def needing(self, stages: Iterable[str], most: int) -> list[Disbursement]:
        """Payments at these stages that wait for a person, the longest first."""
        found: list[Disbursement] = []
        for stage in sorted(stages):
            query = select(Disbursement).where(
                Disbursement.business_id == self._business_id, Disbursement.stage == stage, Disbursement.needs_person
            )
            longest = query.order_by(Disbursement.changed_at, Disbursement.intent_id).limit(most)
            found += self._db.scalars(longest)
        return sorted(found, key=lambda row: (row.changed_at, row.intent_id))[:most]

    def unreleased(self, place: str, offset: int, most: int) -> Sequence[PaymentIntent]:
        """Payments that were approved and never released: by pay day where they can be, else the latest ending first."""
        query = select(PaymentIntent).where(
            PaymentIntent.business_id == self._business_id, PaymentIntent.approved_at.is_not(None)
        )
        if place == "ended":
            query = query.where(PaymentIntent.state.not_in((*_WERE_RELEASED, *_BEFORE)))
        else:
            query = query.where(PaymentIntent.state.in_([state for state, at in _BEFORE.items() if at == place]))
        order = (PaymentIntent.pay_on,) if place == "approved" else (PaymentIntent.ended_at.desc(),)
        return self._db.scalars(query.order_by(*order, PaymentIntent.intent_id).offset(offset).limit(most)).all()

    @cached_property
    def _approved(self) -> list[Counted]:
        query = (
            select(PaymentIntent.state, PaymentIntent.currency, func.count(), func.sum(PaymentIntent.amount_minor))
            .where(PaymentIntent.business_id == self._business_id, PaymentIntent.approved_at.is_not(None))
            .group_by(PaymentIntent.state, PaymentIntent.currency)
        )
        return [Counted(state, code, count, int(minor)) for state, code, count, minor in self._db.execute(query)]
