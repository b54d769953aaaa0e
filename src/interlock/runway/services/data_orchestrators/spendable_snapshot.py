"""What one client can spend, from the mirror."""

from datetime import datetime

from sqlalchemy.orm import Session

from interlock.domains.bank.services.balance_service import bank_balances
from interlock.domains.firm.models import Business
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.spendable import Spendable
from interlock.runway.services.data_orchestrators.cash_snapshot import read_cash


def read_spendable(db: Session, business: Business, now: datetime) -> Spendable | None:
    """What can be spent; ``None`` where no bank is linked."""
    scope = Scope(business.firm_id, business.business_id)
    banks = bank_balances(db, business.business_id, now)
    return read_cash(db, scope, banks, business.home_currency, now).spendable
