"""How a business pays its bills: a person's choice among three honest ways. Without one it pays outside.

Creating to pay is off until a person says that nothing carries bills from the paying rail into the ledger, and stays refused
while anything read from either shows otherwise: the same bill would be booked twice.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar, Literal, cast, get_args

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import BillPayment
from interlock.domains.ap.payment_models import PayingSetup
from interlock.domains.ap.policy.course import Way
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.witness_models import FundingAccount, RailBill
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.segregation import Facts, refusal
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.infra import translog
from interlock.kernel.errors import BadInput, InterlockError, Refused
from interlock.kernel.scope import Scope
from interlock.rails.connections import CONNECTED, Connection
from interlock.rails.errors import spoken

PAYING_RAIL = "ramp"
Method = Literal["ach", "check", "wire"]
WAYS: tuple[Way, ...] = get_args(Way)
METHODS: tuple[Method, ...] = get_args(Method)
CHOSEN = "paying.chosen"

_NOT_SYNCED = "not_synced"
_EVIDENCE_MOST = 500
_NAMED_MOST = 3
_BY_RAIL = re.compile(rf"\b{PAYING_RAIL.capitalize()}\b")
_OURS = "[Interlock "


class CreateRefused(InterlockError):
    """Creating to pay would book bills twice here. Nothing was changed."""

    code: ClassVar[str] = "create_refused"
    status: ClassVar[int] = 409


class Paying(Struct, frozen=True):
    """The way in force. ``method``: how the money goes, where we say it; elsewhere it only tells how long to wait for the bank.

    ``funding_account_id``: the paying rail's account to pay from; ``declared_by``/``declared_at``: whose word it is, and since
    when, that nothing carries bills from the rail into the ledger.
    """

    way: Way = "outside"
    method: Method = "ach"
    funding_account_id: str | None = None
    declared_by: str | None = None
    declared_at: datetime | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None


class PayingSetupService:
    """The way of one business."""

    def __init__(self, db: Session, business: Business) -> None:
        self._db = db
        self._business = business

    def setup(self) -> Paying:
        """What was chosen last."""
        row = self._db.get(PayingSetup, self._business.business_id)
        if row is None:
            return Paying()
        return Paying(
            cast(Way, row.way),
            cast(Method, row.method),
            row.funding_account_id,
            row.no_accounting_by,
            row.no_accounting_at,
            row.changed_by,
            row.changed_at,
        )

    def funding_accounts(self) -> Sequence[FundingAccount]:
        """Accounts that the paying rail may draw on for bills, by name."""
        query = select(FundingAccount).where(
            FundingAccount.business_id == self._business.business_id,
            FundingAccount.buried_at.is_(None),
            FundingAccount.pays_bills.is_(True),
        )
        return self._db.scalars(query.order_by(FundingAccount.name, FundingAccount.id)).all()

    def connected(self) -> bool:
        """Whether the paying rail is linked and answers."""
        found = self._db.get(Connection, (self._business.business_id, PAYING_RAIL))
        return found is not None and found.state == CONNECTED

    def choose(
        self,
        way: Way,
        method: Method,
        funding_account_id: str | None,
        *,
        declares_no_accounting: bool,
        by: Acting,
        now: datetime,
    ) -> Paying:
        """Say how bills are paid from now on; what was released before goes on as it was.

        ``Refused`` for who may not release here, ``CreateRefused`` with what speaks against creating, ``BadInput`` for an account
        that isn't there. One line in the log.
        """
        take_decision_lock(self._db, self._business.business_id)
        policy = PolicyService(self._db, self._business.firm_id).in_force(self._business).policy
        said = refusal("release", by, policy, Facts(now=now))
        if said is not None:
            raise Refused(said)
        if way not in WAYS or method not in METHODS:
            raise BadInput(f"Bills are paid {', '.join(WAYS)}, by {', '.join(METHODS)}; not {way!r} by {method!r}.")
        account = None if way == "outside" else self._account(way, funding_account_id)
        if way == "create":
            self._may_create(declared=declares_no_accounting)
        was = self.setup()
        declares = way == "create"
        self._db.merge(
            PayingSetup(
                firm_id=self._business.firm_id,
                business_id=self._business.business_id,
                way=way,
                method=method,
                funding_account_id=account,
                no_accounting_by=by.person_id if declares else None,
                no_accounting_at=now if declares else None,
                changed_by=by.person_id,
                changed_at=now,
            )
        )
        self._db.flush()
        body = {"way": way, "method": method, "funding_account_id": account, "was": was.way}
        body |= {"declares": "no accounting connection or import"} if declares else {}
        scope = Scope(self._business.firm_id, self._business.business_id)
        translog.append(self._db, scope, now=now, actor=by.actor, action=CHOSEN, body=body)
        return self.setup()

    def against_create(self) -> tuple[str, ...]:
        """Why nothing may be created to pay, in sentences; empty where nothing speaks against it."""
        undeclared = () if self.setup().declared_by else (_UNDECLARED,)
        return (*undeclared, *self.evidence())

    def evidence(self) -> tuple[str, ...]:
        """What was read that shows bills or payments going from the paying rail into the ledger."""
        return tuple(said for said in (self._synced(), self._imported()) if said is not None)

    def _synced(self) -> str | None:
        query = select(RailBill.number, RailBill.id).where(
            RailBill.business_id == self._business.business_id,
            RailBill.buried_at.is_(None),
            or_(RailBill.synced != _NOT_SYNCED, RailBill.ledger_id.is_not(None)),
        )
        found = [number or id_ for number, id_ in self._db.execute(query.order_by(RailBill.id).limit(_EVIDENCE_MOST))]
        if not found:
            return None
        return f"{_RAIL} says that bills of its own stand in QuickBooks ({_some(found)})."

    def _imported(self) -> str | None:
        """Payments that something else than we wrote down for the rail."""
        query = select(BillPayment.number, BillPayment.id, BillPayment.note).where(
            BillPayment.business_id == self._business.business_id,
            BillPayment.buried_at.is_(None),
            BillPayment.note.contains(_RAIL, autoescape=True),
            BillPayment.note.not_like(f"%{_OURS}%"),
        )
        rows = self._db.execute(query.order_by(BillPayment.id).limit(_EVIDENCE_MOST))
        found = [number or id_ for number, id_, note in rows if _BY_RAIL.search(note or "")]
        if not found:
            return None
        return f"QuickBooks has bill payments whose note names {_RAIL} ({_some(found)})."

    def _may_create(self, *, declared: bool) -> None:
        reasons = (*(() if declared else (_UNDECLARED,)), *self.evidence())
        if reasons:
            why = " ".join(reasons)
            raise CreateRefused(f"{why} The same bill could be booked twice. Nothing was changed.")

    def _account(self, way: Way, wanted: str | None) -> str | None:
        if not self.connected():
            raise BadInput(f"Connect {_RAIL} first, or pay outside. Nothing was changed.")
        accounts = {each.id: each for each in self.funding_accounts()}
        if wanted is not None and wanted not in accounts:
            raise BadInput(f"{_RAIL} has no account {wanted!r} that pays bills. {_listed(accounts.values())}")
        if wanted is None and len(accounts) == 1:
            return next(iter(accounts))
        if wanted is None and way == "create":
            raise BadInput(f"Say which account of {_RAIL} pays. {_listed(accounts.values())}")
        return wanted


_RAIL = spoken(PAYING_RAIL)
_UNDECLARED = f"Nobody has declared that no accounting connection or import carries bills from {_RAIL} into QuickBooks."


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_MOST
    return ", ".join(names[:_NAMED_MOST]) + (f" and {more} more" if more > 0 else "")


def _listed(accounts: Iterable[FundingAccount]) -> str:
    said = ", ".join(f"{each.name} ({each.id})" for each in accounts)
    return f"There is {said}." if said else "It has none."
