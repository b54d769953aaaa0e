"""What every decision about bills has in common: who decides, at which client, under which policy, and how it is kept."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from msgspec import Struct
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision
from interlock.domains.ap.models import Bill
from interlock.domains.ap.ports import Judged
from interlock.domains.ap.services.decision_records import Overriding, keep_decision, take_decision_lock
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.pay_run_times import is_run
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.roles import Right
from interlock.domains.firm.segregation import Facts, refusal
from interlock.infra import translog
from interlock.kernel.clock import local_date
from interlock.kernel.errors import BadInput, InterlockError, NotFound, Refused
from interlock.kernel.scope import Scope
from interlock.kernel.workdays import is_workday

COMMENT_CHARACTERS = 2_000
BATCH_MOST = 500
PAY_DAYS_AHEAD = 366


class PaymentBlocked(InterlockError):
    """The guardrail says no. ``judged`` is all it said; nothing was changed."""

    code: ClassVar[str] = "guardrail_blocked"
    status: ClassVar[int] = 409

    def __init__(self, judged: Judged, sentence: str) -> None:
        super().__init__(sentence)
        self.judged = judged


class PaymentWarned(PaymentBlocked):
    """The guardrail warns, and nobody has acknowledged it yet. Nothing was changed."""

    code: ClassVar[str] = "guardrail_warning"


class ContentChanged(InterlockError):
    """What was to be approved isn't what was proposed any more. Nothing was changed; the next settling voids it."""

    code: ClassVar[str] = "changed_since"
    status: ClassVar[int] = 409


class IntentNow(Struct, frozen=True):
    """An intent as a decision left it."""

    intent_id: str
    bill_id: str
    amount_minor: int
    currency: str
    pay_on: date
    state: str


class Decided(Struct, frozen=True):
    """What a decision did. ``undo_until``: how long its maker can take it back; ``None`` where that can't be done."""

    decision_id: str
    act: str
    intents: tuple[IntentNow, ...] = ()
    judged: Judged | None = None
    undo_until: datetime | None = None


class DecidesOnBills:
    """One person's decisions at one client, within the session's transaction. ``acting``: ``None`` may only look."""

    def __init__(
        self, db: Session, business: Business, *, policy: Policy, acting: Acting | None, now: datetime
    ) -> None:
        self.db = db
        self.business = business
        self.policy = policy
        self.acting = acting
        self.now = now
        self.scope = Scope(business.firm_id, business.business_id)
        self.today = local_date(now, business.time_zone)

    @property
    def person(self) -> Acting:
        """Who decides; ``Refused`` when nobody is named."""
        if self.acting is None:
            raise Refused("Say who decides; nothing was changed.")
        return self.acting

    @property
    def undo_until(self) -> datetime:
        return self.now + timedelta(seconds=self.policy.approvals.undo_seconds)

    def begin(self) -> None:
        """The first thing of every decision: from here on nobody else decides at this client until we are done."""
        take_decision_lock(self.db, self.scope.business_id or "")

    def may(self, right: Right, about: str | None = None, facts: Facts | None = None) -> None:
        """``Refused`` with the rule's own sentence when the person may not do this. ``about``: which bill, in a batch."""
        said = refusal(right, self.person, self.policy, facts or Facts(now=self.now))
        if said is not None:
            raise Refused(f"{about}: {said}" if about else said)

    def bill(self, bill_id: str) -> Bill:
        """A standing bill; ``NotFound`` otherwise."""
        found = self.db.get(Bill, (self.scope.business_id, bill_id))
        if found is None or found.buried_at is not None:
            raise NotFound(f"There is no bill {bill_id!r} in these books.")
        return found

    def pay_day(self, day: date, about: str) -> None:
        """``BadInput`` unless something can be paid on ``day``: a day of a pay run, today or later."""
        if day < self.today:
            raise BadInput(f"{about}: {_day(day)} has passed; choose the next pay run.")
        if day > self.today + timedelta(days=PAY_DAYS_AHEAD):
            raise BadInput(f"{about}: {_day(day)} is more than a year away; choose an earlier pay run.")
        if not is_workday(day):
            raise BadInput(f"{about}: on {_day(day)} no bank moves money; choose a pay run.")
        if not is_run(day, self.policy.pay_runs):
            raise BadInput(f"{about}: {_day(day)} is no day of a pay run here; choose the next one.")

    def keep(
        self,
        act: str,
        subjects: Sequence[dict[str, Any]],
        *,
        action: str,
        comment: str | None = None,
        for_person: str | None = None,
        judged: Judged | None = None,
        overriding: Overriding | None = None,
        before_log: Callable[[Decision], None] | None = None,
    ) -> Decision:
        """The decision's row and its line in the log; last in the transaction. An override has a line of its own before it."""
        made = keep_decision(
            self.db,
            self.scope,
            act=act,
            subjects=subjects,
            by=self.person,
            actor=self.person.actor,
            now=self.now,
            comment=comment,
            for_person=for_person,
            judged=judged,
            overriding=overriding,
        )
        if before_log is not None:
            before_log(made)
        self._tell(made, list(subjects), action, judged, overriding)
        return made

    def _tell(
        self,
        made: Decision,
        subjects: list[dict[str, Any]],
        action: str,
        judged: Judged | None = None,
        overriding: Overriding | None = None,
    ) -> None:
        body: dict[str, Any] = {"decision_id": made.decision_id, "subjects": subjects}
        if made.comment:
            body["comment"] = made.comment
        if made.for_person:
            body["for_person"] = made.for_person
        if judged is not None:
            body |= {"outcome": judged.outcome, "verdict": judged.words, "inputs": made.inputs_digest}
            body |= {"policy": judged.policy_id, "firm_policy": judged.firm_policy_id, "engine": judged.engine}
        entries = [(action, body)]
        if overriding is not None and judged is not None:
            over = {"decision_id": made.decision_id, "verdict": judged.words, "reason": overriding.reason}
            entries.insert(0, ("guardrail.overridden", {**over, "until": overriding.until.isoformat()}))
        translog.append_many(self.db, self.scope, now=self.now, actor=made.actor, entries=entries)


def tidied(words: str | None, *, needed: str | None = None) -> str | None:
    """Free text within bounds, or ``None``. ``needed``: what it is, where it may not be left out."""
    said = (words or "").strip()
    if len(said) > COMMENT_CHARACTERS:
        raise BadInput(f"At most {COMMENT_CHARACTERS} characters; this has {len(said)}.")
    if not said and needed is not None:
        raise BadInput(f"Say {needed}.")
    return said or None


def called(bill: Bill) -> str:
    """A bill in a sentence: ``Copperfield Freight 88120``."""
    return " ".join(said for said in (bill.vendor_name or "Nobody named", bill.number) if said)


def one_batch(ids: Sequence[str]) -> list[str]:
    """Ids in order, each once; ``BadInput`` for none, or for more than a batch holds."""
    found = list(dict.fromkeys(ids))
    if not found:
        raise BadInput("Name at least one bill.")
    if len(found) > BATCH_MOST:
        raise BadInput(f"At most {BATCH_MOST} bills in one go; these are {len(found)}.")
    return found


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
