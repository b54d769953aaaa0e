"""How much of a bill can still be decided on, and which vendor credits can be applied first."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill, VendorCredit
from interlock.domains.ap.ports import Wish
from interlock.domains.ap.services.bill_content import credits_of
from interlock.domains.ap.services.deciding import called
from interlock.domains.firm.models import Business
from interlock.kernel.errors import BadInput
from interlock.kernel.money import Money


class Amounts:
    """Checks the wishes of one batch, each once, against what the books have open, and what stands or was asked takes of it."""

    def __init__(self, db: Session, business: Business, live: Sequence[PaymentIntent]) -> None:
        self._db = db
        self._business = business
        self._live = live
        self._asked: list[Wish] = []

    @staticmethod
    def is_all(wish: Wish, bill: Bill) -> bool:
        """Whether nobody chose a part: payment and credits together are the whole balance."""
        return wish.amount_minor + sum(minor for _, minor in wish.credits) == bill.balance_minor

    def check(self, wish: Wish, bill: Bill) -> None:
        """``BadInput`` with what is open, when the wish asks for more than that or for nothing."""
        if bill.currency != self._business.home_currency:
            raise BadInput(
                f"{called(bill)} is in {bill.currency}: the cash path is in {self._business.home_currency} alone, "
                "so the payment can't be judged here."
            )
        if bill.voided:
            raise BadInput(f"{called(bill)} is voided in the books.")
        others = [each for each in self._live if each.intent_id != wish.intent_id]
        taken = sum(
            each.amount_minor + sum(minor for _, minor in credits_of(each))
            for each in others
            if each.bill_id == bill.id
        )
        credit = sum(minor for _, minor in wish.credits)
        left = bill.balance_minor - taken
        if wish.amount_minor <= 0 or wish.amount_minor + credit > left:
            also = f", with {_sum(taken, bill)} of it in other payments that stand" if taken else ""
            raise BadInput(
                f"{called(bill)}: {_sum(bill.balance_minor, bill)} is open{also}; "
                f"{_sum(wish.amount_minor, bill)}{f' and {_sum(credit, bill)} in credits' if credit else ''} can't be paid of it."
            )
        for credit_id, minor in wish.credits:
            self._check_credit(credit_id, minor, bill, others)
        self._asked.append(wish)

    def _check_credit(self, credit_id: str, minor: int, bill: Bill, others: Sequence[PaymentIntent]) -> None:
        found = self._db.get(VendorCredit, (self._business.business_id, credit_id))
        if found is None or found.buried_at is not None or found.voided:
            raise BadInput(f"{called(bill)}: there is no vendor credit {credit_id!r} to apply.")
        if found.vendor_id != bill.vendor_id or found.currency != bill.currency:
            raise BadInput(f"{called(bill)}: the credit {credit_id!r} is another vendor's, or in another currency.")
        asked = {each.intent_id for each in self._asked if each.intent_id is not None}
        taken = [credits_of(each) for each in others if each.intent_id not in asked] + [
            each.credits for each in self._asked
        ]
        used = sum(used for each in taken for id_, used in each if id_ == credit_id)
        if minor <= 0 or minor > found.balance_minor - used:
            raise BadInput(
                f"{called(bill)}: {_sum(found.balance_minor - used, bill)} of the credit {credit_id!r} is free, "
                f"not {_sum(minor, bill)}."
            )


def _sum(minor: int, bill: Bill) -> str:
    return str(Money(minor, bill.currency))
