"""What was decided, as people read it: each decision in a sentence, newest first, and the one just made with its undo window."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision, PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.firm.models import Business
from interlock.domains.firm.people_models import Person
from interlock.kernel.errors import NotFound
from interlock.kernel.money import Money
from interlock.runway.services.calculators.guardrail_values import Verdict
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.views import Amount, BusinessView, Instant, View

PAGE_MOST = 100
_IDS_A_QUERY = 500
_UNDONE_BY_MAKER = frozenset({"approve", "propose", "reject", "withdraw", "hold", "release_hold", "snooze", "wake"})
_DONE = {
    "propose": "proposed",
    "approve": "approved",
    "hold": "held",
    "release_hold": "released from hold",
    "snooze": "snoozed",
    "wake": "woken",
    "reject": "rejected",
    "withdraw": "withdrawn",
    "undo": "undone",
    "schedule": "scheduled",
    "comment": "commented on",
    "void": "voided",
    "release": "released",
    "say": "spoken of",
}


class SubjectView(View):
    """A bill that a decision is about, and what of it was decided."""

    bill_id: str
    intent_id: str | None
    label: str
    amount: Amount | None
    pay_on: date | None


class DecisionView(View):
    """One act of one person, or of Interlock itself. ``replayable``: its verdict can be computed again from what was kept."""

    decision_id: str
    act: str
    words: str
    by: str
    instead_of: str | None
    at: Instant
    comment: str | None
    outcome: str | None
    verdict: str | None
    override_reason: str | None
    override_until: Instant | None
    engine: int | None
    policy_id: str | None
    firm_policy_id: str | None
    inputs_digest: str | None
    replayable: bool
    subjects: tuple[SubjectView, ...]


class DecisionsExperience(View):
    """Decisions of a client, newest first. ``next_offset``: the page after."""

    business: BusinessView
    as_of: Instant
    decisions: tuple[DecisionView, ...]
    next_offset: int | None


class DoneView(View):
    """The decision just made, for the bar: ``7 approved, 35,516.50.``, and how long its maker can take it back."""

    decision_id: str
    words: str
    undo: bool
    seconds: int


class DecisionsService:
    """Decisions of one business, read."""

    def __init__(self, session: Session, business: Business, now: datetime, *, undo_seconds: Callable[[], int]) -> None:
        self._session = session
        self._undo_seconds = undo_seconds
        self._business = business
        self._now = now

    def get_decisions(
        self, *, bill_id: str | None = None, offset: int = 0, most: int = PAGE_MOST
    ) -> DecisionsExperience:
        """A page of them; with ``bill_id`` only those about one bill."""
        offset, most = max(offset, 0), min(max(most, 1), PAGE_MOST)
        query = select(Decision).where(Decision.business_id == self._business.business_id)
        if bill_id is not None:
            query = query.where(Decision.subjects.contains(f'"bill_id":{json.dumps(bill_id)}', autoescape=True))
        newest = query.order_by(Decision.decided_at.desc(), Decision.decision_id.desc())
        rows = self._session.scalars(newest.offset(offset).limit(most + 1)).all()
        return DecisionsExperience(
            business=BusinessView.of(self._business),
            as_of=self._now,
            decisions=self._show(rows[:most]),
            next_offset=offset + most if len(rows) > most else None,
        )

    def get_decision(self, decision_id: str) -> DecisionView:
        """One of them; ``NotFound`` otherwise."""
        found = self._session.get(Decision, (self._business.business_id, decision_id))
        if found is None:
            raise NotFound(f"There is no decision {decision_id!r} at {self._business.name}.")
        return self._show([found])[0]

    def bill_of(self, intent_id: str) -> str | None:
        """The bill that a payment decided on is of; ``None`` where there is no payment by that id."""
        found = self._session.get(PaymentIntent, (self._business.business_id, intent_id))
        return found.bill_id if found is not None else None

    def done(self, decision_id: str) -> DoneView | None:
        """How the bar says it; ``None`` for one that isn't here."""
        found = self._session.get(Decision, (self._business.business_id, decision_id))
        if found is None:
            return None
        until = self._undo_until(found)
        seconds = int((until - self._now).total_seconds()) if found.act in _UNDONE_BY_MAKER else 0
        subjects = json.loads(found.subjects)
        said = done_words(found.act, subjects, self._business.home_currency)
        return DoneView(
            decision_id=decision_id,
            words=said + _waits(found.act, subjects, self._waiting(subjects)),
            undo=seconds > 0,
            seconds=max(seconds, 0),
        )

    def _undo_until(self, decision: Decision) -> datetime:
        """Until when its maker can take it back."""
        return decision.decided_at + timedelta(seconds=self._undo_seconds())

    def _show(self, rows: Sequence[Decision]) -> tuple[DecisionView, ...]:
        names = {row.person_id: row.name for row in self._session.execute(select(Person.person_id, Person.name))}
        subjects = {row.decision_id: json.loads(row.subjects) for row in rows}
        labels = self._labels({each["bill_id"] for found in subjects.values() for each in found if "bill_id" in each})
        waiting = self._waiting([each for row in rows if row.act == "approve" for each in subjects[row.decision_id]])
        return tuple(self._view(row, subjects[row.decision_id], names, labels, waiting) for row in rows)

    def _view(
        self,
        row: Decision,
        subjects: list[dict[str, object]],
        names: Mapping[str, str],
        labels: Mapping[str, str],
        waiting: frozenset[str],
    ) -> DecisionView:
        by = names.get(row.person_id, row.actor) if row.person_id else "Interlock"
        home = self._business.home_currency
        verdict = msgspec.json.decode(row.verdict, type=Verdict).words if row.verdict else None
        return DecisionView(
            decision_id=row.decision_id,
            act=row.act,
            words=f"{by}: {done_words(row.act, subjects, home)}{_waits(row.act, subjects, waiting)}",
            by=by,
            instead_of=names.get(row.for_person, row.for_person) if row.for_person else None,
            at=row.decided_at,
            comment=row.comment,
            outcome=row.outcome,
            verdict=verdict,
            override_reason=row.override_reason,
            override_until=row.override_until,
            engine=row.engine,
            policy_id=row.policy_id,
            firm_policy_id=row.firm_policy_id,
            inputs_digest=row.inputs_digest,
            replayable=row.inputs_digest is not None and row.verdict is not None,
            subjects=tuple(_subject(each, labels, home) for each in subjects if "bill_id" in each),
        )

    def _waiting(self, subjects: Sequence[Mapping[str, object]]) -> frozenset[str]:
        """Which of these payments one person has approved and a second one hasn't."""
        ids = sorted({str(each["intent_id"]) for each in subjects if each.get("intent_id")})
        found: set[str] = set()
        for at in range(0, len(ids), _IDS_A_QUERY):
            query = select(PaymentIntent.intent_id).where(
                PaymentIntent.business_id == self._business.business_id,
                PaymentIntent.state == "half",
                PaymentIntent.intent_id.in_(ids[at : at + _IDS_A_QUERY]),
            )
            found.update(self._session.scalars(query))
        return frozenset(found)

    def _labels(self, bill_ids: set[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        ids = sorted(bill_ids)
        for at in range(0, len(ids), _IDS_A_QUERY):
            query = select(Bill.id, Bill.vendor_name, Bill.number).where(
                Bill.business_id == self._business.business_id, Bill.id.in_(ids[at : at + _IDS_A_QUERY])
            )
            for row in self._session.execute(query):
                found[row.id] = f"{row.vendor_name or 'Nobody named'} {row.number or row.id}"
        return found


def done_words(act: str, subjects: Sequence[dict[str, object]], currency: str) -> str:
    """``7 approved, 35,516.50.``"""
    said = _DONE.get(act, act.replace("_", " "))
    refused = sum("refused" in each for each in subjects)
    subjects = [each for each in subjects if "refused" not in each]
    minors = [each["amount_minor"] for each in subjects if isinstance(each.get("amount_minor"), int)]
    total = sum(each for each in minors if isinstance(each, int))
    amount = f", {Money(total, currency)}" if total else ""
    left = f" {counted(refused, 'other')} refused." if refused else ""
    return f"{counted(len(subjects), 'bill')} {said}{amount}.{left}"


def _waits(act: str, subjects: Sequence[Mapping[str, object]], waiting: frozenset[str]) -> str:
    """`` 2 wait for a second person.``: a first yes is not yet an approval."""
    number = sum(each.get("intent_id") in waiting for each in subjects) if act == "approve" else 0
    if not number:
        return ""
    return f" {number} {'waits' if number == 1 else 'wait'} for a second person."


def _subject(said: Mapping[str, object], labels: Mapping[str, str], home: str) -> SubjectView:
    bill_id, minor, pay_on = str(said["bill_id"]), said.get("amount_minor"), said.get("pay_on")
    intent_id = said.get("intent_id")
    return SubjectView(
        bill_id=bill_id,
        intent_id=str(intent_id) if intent_id else None,
        label=labels.get(bill_id, f"bill {bill_id}"),
        amount=Amount.minor(minor, home) if isinstance(minor, int) else None,
        pay_on=date.fromisoformat(str(pay_on)) if pay_on else None,
    )
