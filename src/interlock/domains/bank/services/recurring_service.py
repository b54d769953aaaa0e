"""What recurs, as people decided it: each series that the books show is confirmed or refused by a person, once.

A confirmed series is cash to come; a refused one is not suggested again. Each act leaves a line.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.bank.plan_models import RecurringItem
from interlock.infra import translog
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.kernel.ids import new_id
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope

CONFIRMED, REFUSED, ENDED = "confirmed", "refused", "ended"
CADENCES = ("weekly", "biweekly", "semimonthly", "monthly", "quarterly")
OUTGOING = ("payroll", "tax", "rent", "utilities", "debt", "card", "recurring")
INCOMING = ("sales", "recurring")
NAME_CHARACTERS = 120
REASON_CHARACTERS = 500
_EVIDENCE_MOST = 24


class Series(Struct, frozen=True):
    """A series as the books show it. ``days``: the weekday (0 is Monday), or days of the month (31 is its last);

    ``amount_minor`` is above zero; ``evidence``: kind and id of the movements it was told from, latest first.
    """

    signature: str
    name: str
    category: str
    inflow: bool
    cadence: str
    days: tuple[int, ...]
    anchor: date
    amount_minor: int
    currency: str
    evidence: tuple[tuple[str, str], ...] = ()


class Corrected(Struct, frozen=True):
    """What a person says otherwise than the books; ``None`` leaves it."""

    name: str | None = None
    category: str | None = None
    amount_minor: int | None = None


class RecurringService:
    """Recurring items of one business, within the session's transaction."""

    def __init__(self, db: Session, scope: Scope) -> None:
        assert scope.business_id is not None, "what recurs belongs to one business"
        self.db = db
        self.scope = scope

    def confirmed(self) -> Sequence[RecurringItem]:
        """Those that are cash to come, by name."""
        return [each for each in self.decided() if each.state == CONFIRMED]

    def decided(self) -> Sequence[RecurringItem]:
        """Every series that a person decided on, ended and refused ones too, by name."""
        query = select(RecurringItem).where(RecurringItem.business_id == self.scope.business_id)
        return self.db.scalars(query.order_by(RecurringItem.name, RecurringItem.recurring_id)).all()

    def signatures(self) -> frozenset[str]:
        """Series that wait for nobody: detection may show them again, and nobody is asked."""
        query = select(RecurringItem.signature).where(RecurringItem.business_id == self.scope.business_id)
        return frozenset(self.db.scalars(query))

    def find(self, recurring_id: str) -> RecurringItem:
        """One item; ``NotFound`` otherwise."""
        found = self.db.get(RecurringItem, (self.scope.business_id, recurring_id))
        if found is None:
            raise NotFound(f"There is no recurring item {recurring_id!r} of this client.")
        return found

    def decide(
        self,
        signature: str,
        *,
        found: Series,
        confirm: bool,
        now: datetime,
        actor: str,
        corrected: Corrected | None = None,
        reason: str | None = None,
    ) -> RecurringItem:
        """A person's yes or no to a series of the books. One that stands confirmed is ended or changed, not confirmed again;

        a refused or ended one may be confirmed after all.
        """
        if found.signature != signature:
            raise BadInput(f"The books show no series {signature!r} any more; look at the suggestions again.")
        terms = _terms(found, corrected or Corrected())
        item = self._of(signature)
        if item is not None and item.state == CONFIRMED:
            raise Refused(f"{item.name} is confirmed already; change its amount, or end it.")
        if item is not None and item.state == REFUSED and not confirm:
            raise Refused(f"{item.name} was refused before.")
        if item is None:
            item = RecurringItem(
                firm_id=self.scope.firm_id,
                business_id=self.scope.business_id,
                recurring_id=new_id("rec", now),
                signature=signature,
            )
            self.db.add(item)
        item.name, item.category, item.amount_minor = terms
        item.inflow, item.cadence, item.anchor, item.currency = (
            found.inflow,
            found.cadence,
            found.anchor,
            found.currency,
        )
        item.days = json.dumps(list(found.days))
        item.evidence = json.dumps([list(each) for each in found.evidence[:_EVIDENCE_MOST]])
        item.state, item.decided_by, item.decided_at = CONFIRMED if confirm else REFUSED, actor, now
        said = {} if reason is None else {"reason": _reason(reason)}
        self._log("recurring.confirmed" if confirm else "recurring.refused", item, now, actor, said)
        return item

    def change(self, recurring_id: str, corrected: Corrected, *, now: datetime, actor: str) -> RecurringItem:
        """Another amount, name or category of a confirmed item."""
        item = self._standing(recurring_id, "changed")
        if corrected == Corrected():
            raise BadInput("Nothing to change: give an amount, a name or a category.")
        before = {
            "name": item.name,
            "category": item.category,
            "amount": str(Money(item.amount_minor, item.currency).amount),
        }
        item.name, item.category, item.amount_minor = _terms(series_of(item), corrected)
        item.decided_by, item.decided_at = actor, now
        self._log("recurring.changed", item, now, actor, {"before": before})
        return item

    def end(self, recurring_id: str, *, reason: str, now: datetime, actor: str) -> RecurringItem:
        """It comes no more; only a confirmed one can end."""
        item = self._standing(recurring_id, "ended")
        why = _reason(reason)
        item.state, item.decided_by, item.decided_at = ENDED, actor, now
        self._log("recurring.ended", item, now, actor, {"reason": why})
        return item

    def _standing(self, recurring_id: str, act: str) -> RecurringItem:
        item = self.find(recurring_id)
        if item.state != CONFIRMED:
            raise Refused(f"{item.name} is {item.state}; only a confirmed item can be {act}.")
        return item

    def _of(self, signature: str) -> RecurringItem | None:
        query = select(RecurringItem).where(
            RecurringItem.business_id == self.scope.business_id, RecurringItem.signature == signature
        )
        return self.db.scalars(query).first()

    def _log(self, action: str, item: RecurringItem, now: datetime, actor: str, more: Mapping[str, Any]) -> None:
        self.db.flush()
        body = {
            "recurring": item.recurring_id,
            "signature": item.signature,
            "name": item.name,
            "category": item.category,
            "inflow": item.inflow,
            "cadence": item.cadence,
            "days": json.loads(item.days),
            "amount": str(Money(item.amount_minor, item.currency).amount),
            "currency": item.currency,
            **more,
        }
        translog.append(self.db, self.scope, now=now, actor=actor, action=action, body=body)


def series_of(item: RecurringItem) -> Series:
    """An item as the series it is."""
    return Series(
        item.signature,
        item.name,
        item.category,
        item.inflow,
        item.cadence,
        tuple(json.loads(item.days)),
        item.anchor,
        item.amount_minor,
        item.currency,
        tuple((kind, id_) for kind, id_ in json.loads(item.evidence)),
    )


def _terms(found: Series, corrected: Corrected) -> tuple[str, str, int]:
    name = " ".join((corrected.name if corrected.name is not None else found.name).split())
    if not name or len(name) > NAME_CHARACTERS:
        raise BadInput(f"Give it a name of at most {NAME_CHARACTERS} characters.")
    category = corrected.category or found.category
    may_be = INCOMING if found.inflow else OUTGOING
    if category not in may_be:
        way = "in" if found.inflow else "out"
        raise BadInput(f"There is no category {category!r} of money {way}; use one of {', '.join(may_be)}.")
    if found.cadence not in CADENCES:
        raise BadInput(f"There is no cadence {found.cadence!r}; use one of {', '.join(CADENCES)}.")
    amount = found.amount_minor if corrected.amount_minor is None else corrected.amount_minor
    if amount <= 0:
        raise BadInput("What recurs has an amount above zero.")
    return name, category, amount


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not said or len(said) > REASON_CHARACTERS:
        raise BadInput(f"Say why, in at most {REASON_CHARACTERS} characters.")
    return said
