"""From an approved payment to its instruction: which way it goes, what is told to the paying rail, and what is waited for.

What is missing for an instruction is said in words (``CannotInstruct``); nothing is guessed.
"""

from datetime import UTC, date, datetime, time
from typing import ClassVar

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.ap.policy.course import Course
from interlock.domains.ap.services.paying_setup import Method, Paying
from interlock.domains.bank.witness_models import AccountLink
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.clock import local_date, zone
from interlock.kernel.errors import InterlockError
from interlock.kernel.workdays import add_workdays
from interlock.rails.identity import LINKED

LATE_WORKDAYS = 5
LATE_CHECK_WORKDAYS = 10
"""Workdays after which a payment that nothing shows is late (check X05); a check has to be posted and paid in first."""
_LATE_AT = time(17)


class CannotInstruct(InterlockError):
    """Something is missing that the paying rail needs to be told. Nothing was changed."""

    code: ClassVar[str] = "cannot_instruct"
    status: ClassVar[int] = 409


class Instruction(Struct, frozen=True):
    """What a payment is released with. ``json``: sent to the paying rail under the intent's id; ``None`` outside.

    ``account_id``: the ledger's account it is paid from, where that is known.
    """

    course: Course
    method: Method | None
    json: str | None = None
    arrives_on: date | None = None
    account_id: str | None = None


class Instructs:
    """Makes instructions for one business on one day, the way it pays now."""

    def __init__(self, db: Session, business: Business, paying: Paying, policy: Policy, now: datetime) -> None:
        self._db = db
        self._business = business
        self._paying = paying
        self._policy = policy
        self._today = local_date(now, business.time_zone)

    def instruction(self, intent: PaymentIntent, bill: Bill) -> Instruction:
        """The instruction of one payment; ``CannotInstruct`` says what it lacks."""
        del bill
        method = self._paying.method
        late = self._late_after(max(intent.pay_on, self._today), method)
        return Instruction(Course(way="outside", expects_bank=self._bank_shows(None), late_after=late), method)

    def _late_after(self, day: date, method: Method) -> datetime:
        last = add_workdays(day, LATE_CHECK_WORKDAYS if method == "check" else LATE_WORKDAYS)
        return datetime.combine(last, _LATE_AT, zone(self._business.time_zone)).astimezone(UTC)

    def _bank_shows(self, account_id: str | None) -> bool:
        """Whether a bank is linked to the account that is paid from, or, where that isn't known, to any."""
        linked = select(AccountLink.ledger_id).where(
            AccountLink.business_id == self._business.business_id, AccountLink.state == LINKED
        )
        if account_id is not None:
            linked = linked.where(AccountLink.ledger_id == account_id)
        return self._db.scalars(linked.limit(1)).first() is not None
