"""Bills: what the ledger says of them, what is ours about them, and which can be decided on. Nothing here moves money.

QuickBooks' limits stand: it has no approval state and no scheduled payment for bills, and a BillPayment there is a record,
not a movement. A bill is open while its balance is not zero.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill, BillAnnotation
from interlock.domains.ap.ports import BlocksBills
from interlock.domains.ap.witness_models import BillLink, RailBill
from interlock.domains.firm.annotations import Annotation, hold_in_words, in_log, is_held
from interlock.domains.firm.services.business_service import business_of
from interlock.infra import translog
from interlock.kernel.errors import NotFound
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED
from interlock.rails.ports import LedgerAnswer, SyncsLedger


class BillService:
    """Bills of one business, within the session's transaction. ``today`` is the client's own date."""

    def __init__(
        self, db: Session, business_id: str, *, qbo_sync: SyncsLedger, today: date, findings: BlocksBills | None = None
    ) -> None:
        self.db = db
        self.business_id = business_id
        self.qbo_sync = qbo_sync
        self._today = today
        self._findings = findings

    def get_bill(self, bill_id: str) -> Bill:
        """One standing bill; ``NotFound`` otherwise."""
        found = self.db.get(Bill, (self.business_id, bill_id))
        if found is None or found.buried_at is not None:
            raise NotFound(f"There is no bill {bill_id!r} in these books.")
        return found

    def get_open_bills(self) -> Sequence[Bill]:
        """Bills with a balance, by due date; those without one last."""
        query = select(Bill).where(
            Bill.business_id == self.business_id, Bill.buried_at.is_(None), Bill.balance_minor != 0
        )
        return self.db.scalars(query.order_by(Bill.due.is_(None), Bill.due, Bill.id)).all()

    def get_payment_ready_bills(self) -> Sequence[Bill]:
        """Unpaid, with an amount and a due date (but nothing executes them)."""
        return [bill for bill in self.get_open_bills() if bill.balance_minor > 0 and bill.due is not None]

    def get_bills_by_vendor(self, vendor_name: str) -> Sequence[Bill]:
        """All standing bills of the vendor so named, newest first."""
        query = select(Bill).where(
            Bill.business_id == self.business_id, Bill.buried_at.is_(None), Bill.vendor_name == vendor_name
        )
        return self.db.scalars(query.order_by(Bill.dated.desc(), Bill.id)).all()

    def get_bills_ready_for_decision(self) -> Sequence[Bill]:
        """Open, not held, and without a finding that stops money or that only a fix in the books resolves."""
        blocked = self.get_blocked_bills()
        return [bill for bill in self.get_open_bills() if bill.id not in blocked]

    def count_bills_ready_for_decision(self) -> int:
        """How many those are, without reading any of them whole."""
        query = select(Bill.id).where(
            Bill.business_id == self.business_id, Bill.buried_at.is_(None), Bill.balance_minor != 0
        )
        blocked = self.get_blocked_bills()
        return sum(bill_id not in blocked for bill_id in self.db.scalars(query))

    def get_blocked_bills(self) -> Mapping[str, str]:
        """Open bills that can't be decided on, and why, in words: held ones, and those with a stopping finding."""
        blocked = dict(self._findings.blocked_bills()) if self._findings else {}
        for bill_id, annotation in self.annotations().items():
            if is_held(annotation, self._today):
                blocked[bill_id] = hold_in_words(annotation)
        return blocked

    def seen_at_rail(self, bill_id: str) -> Sequence[tuple[RailBill, BillLink]]:
        """The same bill at the paying rail, by its links, what was called off there apart; more than one is to be looked at."""
        query = (
            select(RailBill, BillLink)
            .join(BillLink, (BillLink.business_id == RailBill.business_id) & (BillLink.rail_id == RailBill.id))
            .where(
                BillLink.business_id == self.business_id,
                BillLink.ledger_id == bill_id,
                BillLink.state == LINKED,
                RailBill.buried_at.is_(None),
                RailBill.archived_at.is_(None),
            )
        )
        return [(row.RailBill, row.BillLink) for row in self.db.execute(query.order_by(RailBill.id))]

    def annotations(self) -> dict[str, BillAnnotation]:
        """What is ours about bills, by bill id."""
        query = select(BillAnnotation).where(BillAnnotation.business_id == self.business_id)
        return {annotation.bill_id: annotation for annotation in self.db.scalars(query)}

    def annotate(self, bill_id: str, change: Annotation, *, now: datetime, actor: str) -> BillAnnotation:
        """Change note, category or hold, with its log line; the ledger is not touched."""
        self.get_bill(bill_id)
        changes = change.changes()
        annotation = self.db.get(BillAnnotation, (self.business_id, bill_id))
        scope = Scope(business_of(self.db, self.business_id).firm_id, self.business_id)
        if annotation is None:
            annotation = BillAnnotation(firm_id=scope.firm_id, business_id=self.business_id, bill_id=bill_id)
            self.db.add(annotation)
        for field, value in changes.items():
            setattr(annotation, field, value)
        annotation.changed_by, annotation.changed_at = actor, now
        self.db.flush()
        body = {"bill_id": bill_id, "changes": in_log(changes)}
        translog.append(self.db, scope, now=now, actor=actor, action="bill.annotated", body=body)
        return annotation

    def sync_bills_from_qbo(self) -> LedgerAnswer:
        """Bring the mirror up to date, then answer from it."""
        self.qbo_sync.sync()
        return self.qbo_sync.get_bills()
