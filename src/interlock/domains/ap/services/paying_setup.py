"""How a business pays its bills: a person's choice among three honest ways. Without one it pays outside."""

from typing import Literal, cast

from msgspec import Struct
from sqlalchemy.orm import Session

from interlock.domains.ap.payment_models import PayingSetup
from interlock.domains.ap.policy.course import Way
from interlock.domains.firm.models import Business

Method = Literal["ach", "check", "wire"]


class Paying(Struct, frozen=True):
    """The way in force. ``method``: how the money goes, where we say it; outside it only tells how long to wait for the bank.

    ``funding_account_id``: the paying rail's account to pay from.
    """

    way: Way = "outside"
    method: Method = "ach"
    funding_account_id: str | None = None


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
        return Paying(cast(Way, row.way), cast(Method, row.method), row.funding_account_id)
