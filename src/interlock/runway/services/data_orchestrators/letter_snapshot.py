"""What a client's letter tells beside tray and console: what was decided, where its payments are, letters made before."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision, PaymentIntent
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import SETTLED
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.services.balance_service import bank_balances
from interlock.domains.bank.witness_models import BankLine
from interlock.domains.firm.letter_times import LETTERS_MOST, number_of
from interlock.domains.firm.timetable import Letter, LetterSending
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.accuracy import WEEKS_KEPT, Basis, Forecast
from interlock.runway.services.data_orchestrators.moved_snapshot import read_moved
from interlock.runway.services.data_orchestrators.payments_snapshot import Counted

TOLD_ACTS = ("approve", "release", "reject", "hold", "void")
NO_FORECAST = "null"
"""What a letter keeps that was made before the books were read."""
_FORECASTS_MOST = WEEKS_KEPT + 5
_MATCHED_TRANSFERS = ("transfer_in", "transfer_out")


class Decided(Struct, frozen=True):
    """One decision of the time told of. ``minor``: of its payments in sum, in home currency."""

    act: str
    actor: str
    count: int
    minor: int


class LetterNow(Struct, frozen=True):
    """A letter that was made, and what became of its mail."""

    letter_id: str
    dated: date
    made_at: datetime
    recipients: tuple[str, ...]
    seq: int
    head: str
    digest: str
    sending_at: datetime | None
    sent_at: datetime | None
    trouble: str | None

    @property
    def number(self) -> int:
        """Which of its week's letters it is, from 1."""
        return number_of(self.letter_id)

    @property
    def unknown(self) -> bool:
        """Whether it was taken isn't known."""
        return self.sending_at is not None and self.sent_at is None


class LetterSnapshot:
    """Reads one business."""

    def __init__(self, db: Session, scope: Scope, home: str) -> None:
        self._db = db
        self._scope = scope
        self._home = home

    def decided(self, since: datetime) -> Sequence[Decided]:
        """Decisions from ``since`` on, oldest first; what was undone since isn't one."""
        query = select(Decision.decision_id, Decision.act, Decision.actor, Decision.subjects).where(
            Decision.business_id == self._scope.business_id, Decision.decided_at >= since
        )
        rows = self._db.execute(query.order_by(Decision.decided_at, Decision.decision_id)).all()
        told = [(row.decision_id, row.act, row.actor, json.loads(row.subjects)) for row in rows]
        undone = {str(each.get("undone")) for _, act, _, subjects in told if act == "undo" for each in subjects}
        return [
            _decided(act, actor, subjects)
            for id_, act, actor, subjects in told
            if act in TOLD_ACTS and id_ not in undone
        ]

    def payments(self, since: datetime) -> Sequence[Counted]:
        """Payments that something happened to from ``since`` on, and all that something is waited for, by place."""
        row, intent = Disbursement, PaymentIntent
        released = select(row.stage, row.currency, func.count(), func.sum(row.amount_minor)).where(
            row.business_id == self._scope.business_id,
            or_(row.changed_at >= since, row.stage.not_in(sorted(SETTLED))),
        )
        approved = select(intent.currency, func.count(), func.sum(intent.amount_minor)).where(
            intent.business_id == self._scope.business_id, intent.state == "approved"
        )
        return [
            *(
                Counted("approved", code, count, int(minor))
                for code, count, minor in self._db.execute(approved.group_by(intent.currency))
            ),
            *(
                Counted(stage, code, count, int(minor))
                for stage, code, count, minor in self._db.execute(released.group_by(row.stage, row.currency))
            ),
        ]

    def closed_since(self, since: datetime) -> int:
        """Payments that both the bank and the books have shown, the later of them from ``since`` on."""
        query = select(func.count()).where(
            Disbursement.business_id == self._scope.business_id,
            Disbursement.stage == "closed",
            Disbursement.changed_at >= since,
        )
        return self._db.scalars(query).one()

    def last_letter(self) -> LetterNow | None:
        """The newest letter that was made."""
        return next(iter(self._letters(1)), None)

    def letter(self, letter_id: str) -> LetterNow | None:
        return next(iter(self._letters(1, Letter.letter_id == letter_id)), None)

    def letters_from(self, day: date) -> Sequence[LetterNow]:
        """Letters of ``day`` and after, the newest first; of a week, when it is the day it began."""
        return list(self._letters(LETTERS_MOST, Letter.dated >= day))

    def forecasts(self) -> Sequence[Forecast]:
        """What letters forecast when they were made, the newest first."""
        query = select(Letter.forecast).where(
            Letter.business_id == self._scope.business_id, Letter.forecast != NO_FORECAST
        )
        found = self._db.scalars(query.order_by(Letter.dated.desc()).limit(_FORECASTS_MOST))
        return [msgspec.json.decode(each, type=Forecast) for each in found]

    def happened(self, basis: Basis, since: date, today: date) -> Sequence[tuple[date, int]]:
        """What moved from ``since`` to the day before ``today``, in home currency, in above zero, transfers between own

        accounts left out: as the bank posted it, or (where the path started from the books) as the books have it.
        """
        if basis == "bank":
            return list(self._posted(since, today))
        moved = read_moved(self._db, self._scope, self._home, today)
        return [(each.day, each.minor) for each in moved if each.nature != "transfer" and since <= each.day < today]

    def _posted(self, since: date, today: date) -> Iterator[tuple[date, int]]:
        accounts = [
            each.id
            for each in bank_balances(self._db, str(self._scope.business_id), None)
            if each.deposit and each.currency == self._home
        ]
        between = (
            select(BankMatchPart.match_id)
            .where(BankMatchPart.business_id == self._scope.business_id, BankMatchPart.active)
            .where(BankMatchPart.kind.in_(_MATCHED_TRANSFERS))
        )
        own = select(BankMatchPart.ref_id).where(
            BankMatchPart.business_id == self._scope.business_id,
            BankMatchPart.active,
            BankMatchPart.kind == "bank_line",
            BankMatchPart.match_id.in_(between),
        )
        query = select(BankLine.dated, BankLine.amount_minor).where(
            BankLine.business_id == self._scope.business_id,
            BankLine.buried_at.is_(None),
            BankLine.pending.is_(False),
            BankLine.dated >= since,
            BankLine.dated < today,
            among(self._db, BankLine.account_id, accounts),
            BankLine.id.not_in(own),
        )
        yield from ((row.dated, row.amount_minor) for row in self._db.execute(query))

    def _letters(self, most: int, *which: ColumnElement[bool]) -> Iterator[LetterNow]:
        query = (
            select(Letter, LetterSending)
            .outerjoin(
                LetterSending,
                (LetterSending.business_id == Letter.business_id) & (LetterSending.letter_id == Letter.letter_id),
            )
            .where(Letter.business_id == self._scope.business_id, *which)
        )
        newest = query.order_by(Letter.dated.desc(), Letter.letter_id.desc())
        for made, sending in self._db.execute(newest.limit(most)):
            yield LetterNow(
                letter_id=made.letter_id,
                dated=made.dated,
                made_at=made.made_at,
                recipients=tuple(json.loads(made.recipients)),
                seq=made.seq,
                head=made.head,
                digest=made.digest,
                sending_at=sending.sending_at if sending else None,
                sent_at=sending.sent_at if sending else None,
                trouble=sending.trouble if sending else None,
            )


def _decided(act: str, actor: str, subjects: Sequence[dict[str, Any]]) -> Decided:
    done = [each for each in subjects if not each.get("refused")]
    return Decided(act, actor, len(done), sum(int(each.get("amount_minor") or 0) for each in done))
