"""The gate at a release: guardrail and checks over the rows of the release's own transaction (``ap.ports.ReleaseGate``)."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from msgspec.structs import replace
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.ports import Judged, Wish
from interlock.domains.ap.services.bill_content import credits_of
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.services.policy_service import InForce
from interlock.kernel.clock import local_date
from interlock.runway.judging import Judge
from interlock.runway.services.calculators.checks import examine
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.data_orchestrators.books_snapshot import read_books


class ReleaseJudge:
    """Every check is run again under the lock, with the bank's balance no older than a release lets it be (C03)."""

    def __init__(self, db: Session, business: Business, in_force: InForce, links: Links, now: datetime) -> None:
        self._db = db
        self._business = business
        self._in_force = in_force
        self._links = links
        self._now = now
        self._today = local_date(now, business.time_zone)

    def verdict(self, intents: Sequence[PaymentIntent], now: datetime, refused: Sequence[PaymentIntent] = ()) -> Judged:
        """On these jointly. One whose day has passed is judged as paid today."""
        wishes = [
            Wish(
                each.bill_id,
                each.amount_minor,
                max(each.pay_on, self._today),
                credits_of(each),
                each.intent_id,
            )
            for each in intents
        ]
        judge = Judge(self._db, self._business, self._in_force, now, lambda: self._findings, aside=refused)
        return judge.judge(wishes)

    @cached_property
    def _findings(self) -> tuple[Finding, ...]:
        books = read_books(self._db, self._business, self._today, self._now)
        return examine(replace(books, policy=at_release(books.policy)), self._links)


def at_release(policy: Policy) -> Policy:
    """The policy with what it asks of balances at a release."""
    minutes = policy.freshness.release_minutes
    return replace(policy, freshness=replace(policy.freshness, approval_minutes=minutes))
