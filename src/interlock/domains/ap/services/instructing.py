"""From an approved payment to its instruction: which way it goes, what is told to the paying rail, and what is waited for.

What is missing for an instruction is said in words (``CannotInstruct``); nothing is guessed.
"""

from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import ClassVar

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.ap.policy.course import Course
from interlock.domains.ap.services.movements import funding_accounts
from interlock.domains.ap.services.paying_setup import PAYING_RAIL, Method, Paying, PayingSetupService
from interlock.domains.ap.witness_models import FundingAccount, RailVendor, VendorLink
from interlock.domains.bank.witness_models import AccountLink, BankAccount
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.clock import local_date, zone
from interlock.kernel.errors import InterlockError
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.kernel.workdays import add_workdays
from interlock.rails.connections import Connection
from interlock.rails.errors import spoken
from interlock.rails.identity import LINKED
from interlock.rails.moves import BillHandOff, PaymentInstruction

LATE_WORKDAYS = 5
LATE_CHECK_WORKDAYS = 10
"""Workdays after which a payment that nothing shows is late (check X05); a check has to be posted and paid in first."""
UNDER_WAY_WORKDAYS: dict[Method, int] = {"ach": 3, "wire": 1, "check": 6}
"""Workdays from leaving to arriving (ramp.md §3); one more is left, for what is sent a day later than it was released."""
_SPARE_WORKDAYS = 1
_LATE_AT = time(17)
_LONGEST_NUMBER = 20
_THERE: dict[Method, str] = {"ach": "ach", "wire": "domestic_wire"}
_SPOKEN: dict[Method, str] = {"ach": "ACH", "wire": "wire", "check": "check"}
_RAIL = spoken(PAYING_RAIL)
_LEDGER = "qbo"


class CannotInstruct(InterlockError):
    """Something is missing that the paying rail needs to be told. Nothing was changed."""

    code: ClassVar[str] = "cannot_instruct"
    status: ClassVar[int] = 409


class Instruction(Struct, frozen=True):
    """What a payment is released with. ``json``: sent to the paying rail under the intent's id; ``None`` outside.

    ``method``: ``None`` where the rail's own people choose it; ``account_id``: the ledger's account it is paid from, where that is
    known.
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
        self._now = now
        self._today = local_date(now, business.time_zone)
        self._shown: dict[str | None, bool] = {}

    def instruction(self, intent: PaymentIntent, bill: Bill) -> Instruction:
        """The instruction of one payment; ``CannotInstruct`` says what it lacks."""
        if self._paying.way == "outside":
            return self._outside(intent)
        if not self._setup.connected():
            raise CannotInstruct(f"{_RAIL} isn't connected; connect it, or pay outside.")
        vendor = self._vendor(bill)
        if self._paying.way == "hand_off":
            return self._hand_off(intent, bill, vendor)
        return self._create(intent, bill, vendor)

    def _outside(self, intent: PaymentIntent) -> Instruction:
        late = self._late_after(max(intent.pay_on, self._today))
        return Instruction(
            Course(way="outside", expects_bank=self._bank_shows(None), late_after=late), self._paying.method
        )

    def _hand_off(self, intent: PaymentIntent, bill: Bill, vendor: RailVendor) -> Instruction:
        """The rail's own people decide how and when; what is theirs to choose isn't said."""
        told = BillHandOff(
            key=intent.intent_id,
            vendor_id=vendor.id,
            entity_id=self._entity(),
            amount=Money(intent.amount_minor, intent.currency),
            number=_number(bill),
            dated=bill.dated,
            due=bill.due or bill.dated,
            memo=_memo(intent),
        )
        account = self._ledger_account
        return Instruction(
            Course(
                way="hand_off",
                expects_bank=self._bank_shows(account),
                late_after=self._late_after(self._arrival()),
            ),
            None,
            json=msgspec.json.encode(told).decode(),
            account_id=account,
        )

    def _create(self, intent: PaymentIntent, bill: Bill, vendor: RailVendor) -> Instruction:
        reasons = self._against_create
        if reasons:
            raise CannotInstruct(f"{' '.join(reasons)} Nothing is created to pay while that is so.")
        source, account, arrives = self._source(bill), self._ledger_account, self._arrival()
        records = self._records
        if records and account is None:
            raise CannotInstruct(f"Which QuickBooks account {source.name} of {_RAIL} is isn't known; link it first.")
        told = PaymentInstruction(
            key=intent.intent_id,
            vendor_id=vendor.id,
            vendor_account_id=self._payee_account(vendor),
            funding_account_id=source.id,
            entity_id=self._entity(),
            method=self._paying.method,
            amount=Money(intent.amount_minor, intent.currency),
            number=_number(bill),
            dated=bill.dated,
            due=bill.due or bill.dated,
            arrives_on=arrives,
            memo=_memo(intent),
        )
        return Instruction(
            Course(
                way="create",
                expects_bank=self._bank_shows(account),
                records=records,
                late_after=self._late_after(arrives),
            ),
            self._paying.method,
            json=msgspec.json.encode(told).decode(),
            arrives_on=arrives,
            account_id=account,
        )

    @cached_property
    def _setup(self) -> PayingSetupService:
        return PayingSetupService(self._db, self._business)

    @cached_property
    def _against_create(self) -> tuple[str, ...]:
        return self._setup.against_create()

    @cached_property
    def _records(self) -> bool:
        """Whether writing payments down in the ledger is switched on."""
        found = self._db.get(Connection, (self._business.business_id, _LEDGER))
        return found is not None and found.records

    @cached_property
    def _ledger_account(self) -> str | None:
        """The ledger's account that the chosen funding account is."""
        scope = Scope(self._business.firm_id, self._business.business_id)
        return funding_accounts(self._db, scope).get(self._paying.funding_account_id or "")

    @cached_property
    def _funding(self) -> FundingAccount | None:
        return next(
            (each for each in self._setup.funding_accounts() if each.id == self._paying.funding_account_id), None
        )

    def _source(self, bill: Bill) -> FundingAccount:
        if self._funding is None:
            raise CannotInstruct(f"{_RAIL} no longer has the account that bills are paid from here; choose another.")
        if self._funding.currency != bill.currency:
            raise CannotInstruct(
                f"{self._funding.name} is in {self._funding.currency} and the bill in {bill.currency}."
            )
        return self._funding

    def _entity(self) -> str:
        """Whose bill it is there: the funding account's entity, or the only one that pays bills."""
        if self._funding is not None and self._funding.entity_id is not None:
            return self._funding.entity_id
        entities = {each.entity_id for each in self._setup.funding_accounts()} - {None}
        if len(entities) != 1:
            raise CannotInstruct(f"Whose bill it is at {_RAIL} isn't clear; choose the account that pays.")
        return str(entities.pop())

    def _vendor(self, bill: Bill) -> RailVendor:
        query = (
            select(RailVendor)
            .join(
                VendorLink,
                (VendorLink.business_id == RailVendor.business_id) & (VendorLink.rail_id == RailVendor.id),
            )
            .where(
                VendorLink.business_id == self._business.business_id,
                VendorLink.rail == PAYING_RAIL,
                VendorLink.ledger_id == bill.vendor_id,
                VendorLink.state == LINKED,
                RailVendor.buried_at.is_(None),
            )
        )
        found = self._db.scalars(query.order_by(RailVendor.id)).all()
        name = bill.vendor_name or "the vendor"
        if not found:
            raise CannotInstruct(f"Which vendor of {_RAIL} {name} is isn't known; link the two first.")
        if len(found) > 1:
            raise CannotInstruct(f"{len(found)} vendors of {_RAIL} are linked to {name}; keep one of the links.")
        if not found[0].active:
            raise CannotInstruct(f"{name} is not active in {_RAIL}.")
        return found[0]

    def _payee_account(self, vendor: RailVendor) -> str | None:
        """Its account there for this method, the default first; a check needs its address instead."""
        method = self._paying.method
        if method == "check":
            if not vendor.address:
                raise CannotInstruct(f"{_RAIL} has no address to send {vendor.name} a check to.")
            return None
        accounts = [each.split() for each in (vendor.accounts or "").split("; ") if each]
        fitting = [each for each in accounts if len(each) > 1 and each[1] == _THERE[method]]
        chosen = [each for each in fitting if "default" in each] or fitting
        if not chosen:
            raise CannotInstruct(f"{_RAIL} has no account to pay {vendor.name} to by {_SPOKEN[method]}.")
        if len(chosen) > 1:
            raise CannotInstruct(
                f"{vendor.name} has {len(chosen)} accounts in {_RAIL} and none is the default; make one of them it there."
            )
        return chosen[0][0]

    def _arrival(self) -> date:
        """A workday far enough away: by the method and by the policy. The rail reckons in UTC, so the later of two dates counts."""
        days = max(self._policy.pay_runs.lead_workdays, UNDER_WAY_WORKDAYS[self._paying.method] + _SPARE_WORKDAYS)
        return add_workdays(add_workdays(max(self._today, self._now.astimezone(UTC).date()), 0), days)

    def _late_after(self, day: date) -> datetime:
        last = add_workdays(day, LATE_CHECK_WORKDAYS if self._paying.method == "check" else LATE_WORKDAYS)
        return datetime.combine(last, _LATE_AT, zone(self._business.time_zone)).astimezone(UTC)

    def _bank_shows(self, account_id: str | None) -> bool:
        """Whether a bank is linked to the account that is paid from, or, where that isn't known, to any. Asked once for each."""
        if account_id not in self._shown:
            self._shown[account_id] = self._asked_shown(account_id)
        return self._shown[account_id]

    def _asked_shown(self, account_id: str | None) -> bool:
        linked = (
            select(AccountLink.ledger_id)
            .join(
                BankAccount,
                (BankAccount.business_id == AccountLink.business_id) & (BankAccount.id == AccountLink.rail_id),
            )
            .where(
                AccountLink.business_id == self._business.business_id,
                AccountLink.state == LINKED,
                BankAccount.buried_at.is_(None),
            )
        )
        if account_id is not None:
            linked = linked.where(AccountLink.ledger_id == account_id)
        return self._db.scalars(linked.limit(1)).first() is not None


def _number(bill: Bill) -> str:
    """As the vendor knows it; the rail takes no longer ones."""
    return (bill.number or bill.id)[:_LONGEST_NUMBER]


def _memo(intent: PaymentIntent) -> str:
    return f"Approved in Interlock, {intent.intent_id}"
