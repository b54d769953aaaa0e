"""Money set aside (product-map §2.1): made and released by people, consumed by the payment it was for, and given back when that

payment turns out not to be one. Each act leaves a line.

An earmark lowers what can be spent and leaves the cash path alone. One of category ``restricted`` is money that isn't ours to
spend at all (held in trust, pledged): it is taken off the path's start as well, and only a person ends it.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, get_args

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.bank.plan_models import Earmark, RecurringItem
from interlock.infra import translog
from interlock.infra.translog import LogLine
from interlock.kernel.clock import local_date
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.kernel.ids import new_id
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope

Category = Literal["payroll", "tax", "rent", "utilities", "debt", "supplier", "other", "restricted"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
ACTIVE, CONSUMED, RELEASED = "active", "consumed", "released"
RESTRICTED: Category = "restricted"
NAME_CHARACTERS = 120
REASON_CHARACTERS = 500
LISTED_MOST = 1_000
_CONSUMED, _GIVEN_BACK = "earmark.consumed", "earmark.given_back"
_CONSUMER = "matching"


class Reserved(Struct, frozen=True):
    """What active earmarks hold back, in minor units of home currency."""

    earmarked_minor: int = 0
    restricted_minor: int = 0


class ClearedPayment(Struct, frozen=True, gc=False):
    """A payment of the books or of a rail that a posted bank line shows; ``minor`` is above zero, ``on`` is the line's day.

    ``line_id``: that line, which two books may both state; ``signature``: of the series it belongs to, as the recurring item
    it is one of has it.
    """

    kind: str
    id: str
    line_id: str
    minor: int
    on: date
    vendor_id: str | None = None
    signature: str | None = None


class Consumption(Struct, frozen=True, order=True, gc=False):
    """That a payment, shown by a bank line, consumed an earmark."""

    earmark_id: str
    kind: str
    id: str
    line_id: str


class EarmarkService:
    """Earmarks of one business, within the session's transaction."""

    def __init__(self, db: Session, scope: Scope, home_currency: str) -> None:
        assert scope.business_id is not None, "money is set aside at one business"
        self.db = db
        self.scope = scope
        self._home = home_currency

    def earmarks(self, *, active_only: bool = True, order: Sequence[str] = CATEGORIES) -> Sequence[Earmark]:
        """In the order of the waterfall (``order``: its categories, first served first), then by the day it is needed on;

        restricted money comes first and ended ones last.
        """
        query = select(Earmark).where(Earmark.business_id == self.scope.business_id)
        if active_only:
            query = query.where(Earmark.state == ACTIVE)
        found = self.db.scalars(query.order_by(Earmark.made_at.desc(), Earmark.earmark_id).limit(LISTED_MOST)).all()
        return sorted(found, key=lambda each: (each.state != ACTIVE, *_served(each, order)))

    def find(self, earmark_id: str) -> Earmark:
        """One earmark; ``NotFound`` otherwise."""
        found = self.db.get(Earmark, (self.scope.business_id, earmark_id))
        if found is None:
            raise NotFound(f"There is no earmark {earmark_id!r} of this client.")
        return found

    def reserved(self) -> Reserved:
        """What is held back now: of each active earmark what no payment has consumed."""
        return reserved(self.db, self.scope)

    def create(
        self,
        name: str,
        category: str,
        amount_minor: int,
        *,
        now: datetime,
        actor: str,
        needed_on: date | None = None,
        recurring_id: str | None = None,
        vendor_id: str | None = None,
    ) -> Earmark:
        """Set money aside. ``BadInput`` for what can't be; ``NotFound`` for a recurring item of somebody else."""
        said = " ".join(name.split())
        if not said or len(said) > NAME_CHARACTERS:
            raise BadInput(f"Give the earmark a name of at most {NAME_CHARACTERS} characters: what the money is for.")
        if category not in CATEGORIES:
            raise BadInput(f"There is no earmark category {category!r}; use one of {', '.join(CATEGORIES)}.")
        if amount_minor <= 0:
            raise BadInput("An earmark sets aside an amount above zero.")
        if category == RESTRICTED and (recurring_id or vendor_id):
            raise BadInput("Restricted money is for no payment; leave out the vendor and the recurring item.")
        if recurring_id is not None and self.db.get(RecurringItem, (self.scope.business_id, recurring_id)) is None:
            raise NotFound(f"There is no recurring item {recurring_id!r} of this client.")
        made = Earmark(
            firm_id=self.scope.firm_id,
            business_id=self.scope.business_id,
            earmark_id=new_id("ear", now),
            name=said,
            category=category,
            amount_minor=amount_minor,
            currency=self._home,
            needed_on=needed_on,
            recurring_id=recurring_id,
            vendor_id=vendor_id,
            state=ACTIVE,
            consumed_minor=0,
            made_by=actor,
            made_at=now,
        )
        self.db.add(made)
        self._log("earmark.made", made, now, actor, needed_on=needed_on.isoformat() if needed_on else None)
        return made

    def release(self, earmark_id: str, *, reason: str, now: datetime, actor: str) -> Earmark:
        """A person gives the money back to what can be spent; ``Refused`` once it is no longer set aside."""
        found = self.find(earmark_id)
        if found.state != ACTIVE:
            raise Refused(f"This earmark is {found.state}, so there is nothing to release.")
        why = " ".join(reason.split())
        if not why or len(why) > REASON_CHARACTERS:
            raise BadInput(f"Say why it is released, in at most {REASON_CHARACTERS} characters.")
        found.state, found.ended_by, found.ended_at = RELEASED, actor, now
        self._log("earmark.released", found, now, actor, reason=why)
        return found

    def consume(self, cleared: Sequence[ClearedPayment], *, now: datetime, time_zone: str) -> int:
        """Let payments consume what was set aside for them: their vendor's or their recurring item's earmarks, first in the

        waterfall first, each payment once and up to its amount. How many earmarks changed. A payment that the bank showed
        before the day an earmark was made is another one.
        """
        waiting = [each for each in self.earmarks() if each.vendor_id or each.recurring_id]
        if not waiting or not cleared:
            return 0
        signatures = self._signatures(each.recurring_id for each in waiting if each.recurring_id)
        left = _one_a_line(cleared, {each.line_id for each in self.consumptions()})
        entries: list[tuple[str, dict[str, Any]]] = []
        for earmark in waiting:
            since = local_date(earmark.made_at, time_zone)
            for payment in [each for each in left if left[each] and each.on >= since]:
                if not _is_for(payment, earmark, signatures):
                    continue
                took = min(left[payment], earmark.amount_minor - earmark.consumed_minor)
                if took <= 0:
                    break
                left[payment] -= took
                entries.append(self._take(earmark, payment, took, now))
        self.db.flush()
        if entries:
            translog.append_many(self.db, self.scope, now=now, actor=_CONSUMER, entries=entries)
        return len({body["earmark"] for _, body in entries})

    def consumptions(self) -> Mapping[Consumption, int]:
        """What payments consumed and didn't give back, in minor units above zero; the log is where that stands.

        Nothing is read where no earmark has lost anything.
        """
        touched = select(Earmark.earmark_id).where(
            Earmark.business_id == self.scope.business_id, Earmark.consumed_minor > 0
        )
        if self.db.scalars(touched.limit(1)).first() is None:
            return {}
        query = select(LogLine.action, LogLine.body).where(
            LogLine.chain == self.scope.business_id, LogLine.action.in_((_CONSUMED, _GIVEN_BACK))
        )
        left: dict[Consumption, int] = defaultdict(int)
        for action, text in self.db.execute(query):
            body = json.loads(text)
            minor = Money.of(body["amount"], body["currency"]).minor
            kind, id_ = body["payment"]
            consumed = Consumption(body["earmark"], kind, id_, body["line"])
            left[consumed] += minor if action == _CONSUMED else -minor
        return {each: minor for each, minor in left.items() if minor > 0}

    def give_back(self, gone: Mapping[Consumption, int], *, now: datetime) -> int:
        """Bring back what payments consumed that are none any more: their match was taken apart, or their money came back.

        ``gone``: of ``consumptions``. How many earmarks changed. One that a person has ended since stays ended.
        """
        entries: list[tuple[str, dict[str, Any]]] = []
        for consumed, minor in sorted(gone.items()):
            earmark = self.find(consumed.earmark_id)
            earmark.consumed_minor -= minor
            if earmark.consumed_minor == 0:
                earmark.consumed_kind, earmark.consumed_id = None, None
            if earmark.state == CONSUMED:
                earmark.state, earmark.ended_by, earmark.ended_at = ACTIVE, None, None
            payment = ClearedPayment(consumed.kind, consumed.id, consumed.line_id, minor, date.min)
            entries.append((_GIVEN_BACK, _said(earmark, payment, minor)))
        self.db.flush()
        if entries:
            translog.append_many(self.db, self.scope, now=now, actor=_CONSUMER, entries=entries)
        return len({body["earmark"] for _, body in entries})

    def _take(self, earmark: Earmark, payment: ClearedPayment, took: int, now: datetime) -> tuple[str, dict[str, Any]]:
        earmark.consumed_kind, earmark.consumed_id = payment.kind, payment.id
        earmark.consumed_minor += took
        if earmark.consumed_minor >= earmark.amount_minor:
            earmark.state, earmark.ended_by, earmark.ended_at = CONSUMED, _CONSUMER, now
        return _CONSUMED, _said(earmark, payment, took)

    def _signatures(self, recurring_ids: Any) -> Mapping[str, str]:
        query = select(RecurringItem.recurring_id, RecurringItem.signature).where(
            RecurringItem.business_id == self.scope.business_id, RecurringItem.recurring_id.in_(sorted(recurring_ids))
        )
        return {row.recurring_id: row.signature for row in self.db.execute(query)}

    def _log(self, action: str, earmark: Earmark, now: datetime, actor: str, **more: Any) -> None:
        self.db.flush()
        body = {
            "earmark": earmark.earmark_id,
            "name": earmark.name,
            "category": earmark.category,
            "amount": str(Money(earmark.amount_minor, earmark.currency).amount),
            "currency": earmark.currency,
            **{name: value for name, value in more.items() if value is not None},
        }
        translog.append(self.db, self.scope, now=now, actor=actor, action=action, body=body)


def reserved(db: Session, scope: Scope) -> Reserved:
    """See ``EarmarkService.reserved``; earmarks are always in home currency."""
    query = select(Earmark.category, Earmark.amount_minor - Earmark.consumed_minor).where(
        Earmark.business_id == scope.business_id, Earmark.state == ACTIVE
    )
    earmarked = restricted = 0
    for category, minor in db.execute(query):
        if category == RESTRICTED:
            restricted += minor
        else:
            earmarked += minor
    return Reserved(earmarked, restricted)


def _said(earmark: Earmark, payment: ClearedPayment, minor: int) -> dict[str, Any]:
    """What the log says of a payment and the earmark that it consumed, or gives back to."""
    return {
        "earmark": earmark.earmark_id,
        "name": earmark.name,
        "payment": [payment.kind, payment.id],
        "line": payment.line_id,
        "amount": str(Money(minor, earmark.currency).amount),
        "currency": earmark.currency,
        "rest": str(Money(earmark.amount_minor - earmark.consumed_minor, earmark.currency).amount),
    }


def _served(earmark: Earmark, order: Sequence[str]) -> tuple[int, date, datetime, str]:
    known = {category: place for place, category in enumerate(order)}
    place = -1 if earmark.category == RESTRICTED else known.get(earmark.category, len(known))
    return place, earmark.needed_on or date.max, earmark.made_at, earmark.earmark_id


def _one_a_line(cleared: Sequence[ClearedPayment], spent: set[str]) -> dict[ClearedPayment, int]:
    """What each payment can still consume. Where the books state the same line as a rail or we, they are the ones to tell."""
    by_line: dict[str, set[bool]] = {}
    for each in cleared:
        by_line.setdefault(each.line_id, set()).add(_beside_the_books(each))
    ordered = sorted(cleared, key=lambda each: (each.on, each.kind, each.id))
    return {
        each: each.minor
        for each in ordered
        if each.line_id not in spent and not (_beside_the_books(each) and False in by_line[each.line_id])
    }


def _beside_the_books(payment: ClearedPayment) -> bool:
    return payment.kind in {"rail_bill", "disbursement"}


def _is_for(payment: ClearedPayment, earmark: Earmark, signatures: Mapping[str, str]) -> bool:
    if earmark.recurring_id is not None and payment.signature is not None:
        return signatures.get(earmark.recurring_id) == payment.signature
    return earmark.vendor_id is not None and earmark.vendor_id == payment.vendor_id
