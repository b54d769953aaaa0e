"""Holding bills, letting them sleep, and speaking about them: each act one decision and one line in the log."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from interlock.domains.ap.decision_models import Decision
from interlock.domains.ap.models import BillAnnotation
from interlock.domains.ap.services.deciding import Decided, DecidesOnBills, called, one_batch, tidied
from interlock.domains.firm.annotations import Annotation, is_held
from interlock.kernel.errors import BadInput

_SNOOZE_DAYS_MOST = 366


class BillHolds(DecidesOnBills):
    """Who may propose payments may also hold a bill back; a held or sleeping bill is not approved (``Judge``)."""

    def hold(self, bill_ids: Sequence[str], reason: str, until: date | None = None) -> Decided:
        """Hold bills back, until a day or until released."""
        said = tidied(reason, needed="why it is held")
        if until is not None and until <= self.today:
            raise BadInput("A hold ends on a day to come.")
        changes = Annotation(hold_reason=said, held_until=until).changes()
        return self._annotate("hold", "bill.held", bill_ids, changes, said)

    def release(self, bill_ids: Sequence[str], comment: str | None = None) -> Decided:
        """End the hold of bills; ``BadInput`` for one that isn't held."""
        self.begin()
        for bill_id in one_batch(bill_ids):
            annotation = self._annotation(bill_id)
            if annotation is None or not is_held(annotation, self.today):
                raise BadInput(f"{called(self.bill(bill_id))} is not held; nothing was changed.")
        changes = {"hold_reason": None, "held_until": None}
        return self._annotate("release_hold", "bill.hold_released", bill_ids, changes, tidied(comment))

    def snooze(self, bill_ids: Sequence[str], until: date, comment: str | None = None) -> Decided:
        """Put bills out of sight until a day."""
        if not self.today < until <= self.today + timedelta(days=_SNOOZE_DAYS_MOST):
            raise BadInput("A bill sleeps until a day to come, within a year.")
        return self._annotate("snooze", "bill.snoozed", bill_ids, {"snoozed_until": until}, tidied(comment))

    def wake(self, bill_ids: Sequence[str], comment: str | None = None) -> Decided:
        """Bring sleeping bills back."""
        return self._annotate("wake", "bill.woken", bill_ids, {"snoozed_until": None}, tidied(comment))

    def comment(self, target: str, words: str) -> Decided:
        """Say something about a bill, for those who decide after you; it stays with what is decided."""
        self.begin()
        self.may("propose")
        bill = self.bill(target)
        said = tidied(words, needed="what you want to say")
        made = self.keep("comment", [{"bill_id": bill.id}], action="bill.commented", comment=said)
        return Decided(made.decision_id, "comment")

    def _annotate(
        self, act: str, action: str, bill_ids: Sequence[str], changes: dict[str, Any], comment: str | None
    ) -> Decided:
        self.begin()
        self.may("propose")
        subjects: list[dict[str, Any]] = []
        for bill_id in one_batch(bill_ids):
            self.bill(bill_id)
            annotation = self._annotation(bill_id)
            if annotation is None:
                annotation = BillAnnotation(
                    firm_id=self.scope.firm_id, business_id=self.scope.business_id, bill_id=bill_id
                )
                self.db.add(annotation)
            was = {field: _plain(getattr(annotation, field)) for field in changes}
            subjects.append({"bill_id": bill_id, **{name: _plain(said) for name, said in changes.items()}, "was": was})
            for field, said in changes.items():
                setattr(annotation, field, said)
            annotation.changed_by, annotation.changed_at = self.person.actor, self.now
        self.db.flush()
        made = self.keep(act, subjects, action=action, comment=comment)
        return Decided(made.decision_id, act, undo_until=self.undo_until)

    def put_back(self, decision: Decision, subjects: Sequence[dict[str, Any]]) -> None:
        """Undo one of the acts above, bill by bill, where nobody has said something else meanwhile."""
        for subject in subjects:
            annotation = self._annotation(subject["bill_id"])
            if annotation is None or annotation.changed_at != decision.decided_at:
                raise BadInput(f"{called(self.bill(subject['bill_id']))} was changed since; nothing was undone.")
            for field, said in subject["was"].items():
                setattr(annotation, field, _day(said) if field in {"held_until", "snoozed_until"} else said)
            annotation.changed_by, annotation.changed_at = self.person.actor, self.now
        self.db.flush()

    def _annotation(self, bill_id: str) -> BillAnnotation | None:
        return self.db.get(BillAnnotation, (self.scope.business_id, bill_id))


def _plain(value: date | str | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None
