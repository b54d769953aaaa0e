"""Where a business keeps, in its ledger, what the collecting rail holds for it: a person's choice."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import CollectingSetup
from interlock.domains.bank.models import Account
from interlock.domains.bank.witness_models import AccountLink
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.deciding_lock import take_decision_lock
from interlock.domains.firm.models import Business
from interlock.domains.firm.segregation import Facts, refusal
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.infra import translog
from interlock.kernel.errors import BadInput, Refused
from interlock.kernel.scope import Scope
from interlock.rails.connections import Connection
from interlock.rails.identity import LINKED

CHOSEN = "collecting.chosen"
LEDGER = "qbo"
_HOLDS = frozenset({"Bank", "Other Current Asset"})
_COSTS = frozenset({"Expense", "Other Expense", "Cost of Goods Sold"})
_UNDEPOSITED = "UndepositedFunds"
_NAMED_MOST = 12


class Collecting(Struct, frozen=True):
    """The choice in force. ``clearing_account_id``: the rail's balance in the ledger; ``fee_account_id``: what it keeps for itself.

    ``records``: the switch that lets us write payments down; both it and the clearing account are needed.
    """

    clearing_account_id: str | None = None
    fee_account_id: str | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None
    records: bool = False

    @property
    def ready(self) -> bool:
        """Whether payments are written down."""
        return self.records and self.clearing_account_id is not None


class CollectingSetupService:
    """The choice of one business, within the session's transaction."""

    def __init__(self, db: Session, business: Business) -> None:
        self._db = db
        self._business = business

    def setup(self) -> Collecting:
        """What was chosen last, and how the switch stands."""
        linked = self._db.get(Connection, (self._business.business_id, LEDGER))
        records = linked is not None and linked.records
        row = self._db.get(CollectingSetup, self._business.business_id)
        if row is None:
            return Collecting(records=records)
        return Collecting(row.clearing_account_id, row.fee_account_id, row.changed_by, row.changed_at, records)

    def clearing_accounts(self) -> Sequence[Account]:
        """Accounts that may hold the rail's balance, by name: assets that are no bank's and not Undeposited Funds.

        Money of other origin lies in those: what the rail still owes could never be read off their balance.
        """
        of_banks = select(AccountLink.ledger_id).where(
            AccountLink.business_id == self._business.business_id, AccountLink.state == LINKED
        )
        query = self._accounts().where(Account.kind.in_(sorted(_HOLDS)), Account.id.not_in(of_banks))
        return [each for each in self._db.scalars(query) if each.sub_kind != _UNDEPOSITED]

    def fee_accounts(self) -> Sequence[Account]:
        """Accounts that may take what the rail keeps, by name."""
        return self._db.scalars(self._accounts().where(Account.kind.in_(sorted(_COSTS)))).all()

    def choose(
        self, clearing_account_id: str | None, fee_account_id: str | None, *, by: Acting, now: datetime
    ) -> Collecting:
        """Say it anew; ``None`` takes a choice back. What was written down before stays where it is.

        ``Refused`` for who may not propose here, ``BadInput`` for an account that can't be it. One line in the log.
        """
        take_decision_lock(self._db, self._business.business_id)
        policy = PolicyService(self._db, self._business.firm_id).in_force(self._business).policy
        said = refusal("propose", by, policy, Facts(now=now))
        if said is not None:
            raise Refused(said)
        was = self.setup()
        clearing = _one_of(self.clearing_accounts(), clearing_account_id, "hold what Stripe owes")
        fees = _one_of(self.fee_accounts(), fee_account_id, "take Stripe’s fees")
        owner = {"firm_id": self._business.firm_id, "business_id": self._business.business_id}
        row = CollectingSetup(
            **owner, clearing_account_id=clearing, fee_account_id=fees, changed_by=by.person_id, changed_at=now
        )
        self._db.merge(row)
        self._db.flush()
        before = {"clearing_account_id": was.clearing_account_id, "fee_account_id": was.fee_account_id}
        body = {"clearing_account_id": clearing, "fee_account_id": fees, "was": before}
        scope = Scope(self._business.firm_id, self._business.business_id)
        translog.append(self._db, scope, now=now, actor=by.actor, action=CHOSEN, body=body)
        return self.setup()

    def _accounts(self) -> Select[Account]:
        return (
            select(Account)
            .where(
                Account.business_id == self._business.business_id,
                Account.buried_at.is_(None),
                Account.active,
                Account.currency == self._business.home_currency,
            )
            .order_by(Account.full_name, Account.id)
        )


def _one_of(accounts: Sequence[Account], wanted: str | None, purpose: str) -> str | None:
    if wanted is None or any(each.id == wanted for each in accounts):
        return wanted
    said = ", ".join(f"{each.full_name} ({each.id})" for each in accounts[:_NAMED_MOST])
    there = f"There is {said}." if said else "There is none: make one in QuickBooks and sync."
    raise BadInput(f"No account {wanted!r} of this client can {purpose}. {there} Nothing was changed.")
