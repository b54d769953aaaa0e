"""One payment with all that is known of it: its decisions, its steps with their lines in the log, and its witnesses' own rows."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision, IntentApproval, PaymentIntent
from interlock.domains.ap.models import Bill, BillPayment, PayableLink
from interlock.domains.ap.payment_models import Disbursement, DisbursementStep
from interlock.domains.ap.services.bill_content import endings_of
from interlock.domains.ap.witness_models import RailBill
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.models import Account
from interlock.domains.bank.witness_models import BankAccount, BankLine
from interlock.domains.firm.models import Business
from interlock.domains.firm.people_models import Person
from interlock.infra.translog import LogLine
from interlock.kernel.errors import NotFound

_DECISIONS_MOST = 100
_OWN_KIND, _RAIL_KIND, _LEDGER_KIND = "disbursement", "rail_bill", "bill_payment"


class BankSaid(Struct, frozen=True):
    """The bank's line. ``minor``: what of it is this payment; ``line_minor``: the whole of it; ``others``: in the same group."""

    line: BankLine
    account: str
    minor: int
    line_minor: int
    others: int


class LedgerSaid(Struct, frozen=True):
    payment: BillPayment
    minor: int


class Found(Struct, frozen=True):
    """``lost``: why the approval no longer stands; ``seqs``: lines of the log by step number and by decision id."""

    intent: PaymentIntent
    row: Disbursement | None
    bill: Bill | None
    lost: str | None
    approvals: tuple[IntentApproval, ...]
    decisions: tuple[Decision, ...]
    steps: tuple[DisbursementStep, ...]
    seqs: dict[int | str, int]
    names: dict[str, str]
    account: str | None
    rail: RailBill | None
    bank: BankSaid | None
    returned: BankLine | None
    ledger: LedgerSaid | None


class OnePayment:
    """Reads payments of one business, one at a time."""

    def __init__(self, db: Session, business: Business, now: datetime) -> None:
        self._db = db
        self._business = business
        self._id = business.business_id
        self._now = now

    def find(self, intent_id: str) -> Found:
        """``NotFound`` where nothing by that id was ever decided on."""
        intent = self._db.get(PaymentIntent, (self._id, intent_id))
        if intent is None:
            raise NotFound(f"There is no payment {intent_id!r} at {self._business.name}.")
        row = self._db.get(Disbursement, (self._id, intent_id))
        steps = self._steps(intent_id)
        decisions = self._decisions(intent, row)
        ending = endings_of(self._db, self._business, [intent], self._now) if intent.state == "approved" else {}
        return Found(
            intent=intent,
            row=row,
            bill=self._db.get(Bill, (self._id, intent.bill_id)),
            lost=ending[intent_id].why if intent_id in ending else None,
            approvals=self._approvals(intent_id),
            decisions=decisions,
            steps=steps,
            seqs=self._seqs(intent_id, steps, decisions),
            names={each.person_id: each.name for each in self._db.execute(select(Person.person_id, Person.name))},
            account=self._account(row),
            rail=self._rail(row),
            bank=self._bank(row),
            returned=self._line(row.returned_line_id) if row else None,
            ledger=self._ledger(row),
        )

    def _steps(self, intent_id: str) -> tuple[DisbursementStep, ...]:
        query = select(DisbursementStep).where(
            DisbursementStep.business_id == self._id, DisbursementStep.intent_id == intent_id
        )
        return tuple(self._db.scalars(query.order_by(DisbursementStep.number)))

    def _approvals(self, intent_id: str) -> tuple[IntentApproval, ...]:
        query = select(IntentApproval).where(
            IntentApproval.business_id == self._id, IntentApproval.intent_id == intent_id
        )
        return tuple(self._db.scalars(query.order_by(IntentApproval.approved_at, IntentApproval.decision_id)))

    def _decisions(self, intent: PaymentIntent, row: Disbursement | None) -> tuple[Decision, ...]:
        """What was decided about it before its release, and the release; what comes later are steps."""
        until = row.released_at if row else intent.ended_at or self._now
        query = select(Decision).where(
            Decision.business_id == self._id,
            Decision.decided_at.between(intent.prepared_at, until),
            Decision.subjects.contains(json.dumps(intent.intent_id), autoescape=True),
        )
        oldest = query.order_by(Decision.decided_at, Decision.decision_id).limit(_DECISIONS_MOST)
        return tuple(self._db.scalars(oldest))

    def _seqs(
        self, intent_id: str, steps: Sequence[DisbursementStep], decisions: Sequence[Decision]
    ) -> dict[int | str, int]:
        moments = {each.at for each in steps} | {each.decided_at for each in decisions}
        query = select(LogLine.seq, LogLine.body).where(
            LogLine.chain == self._id,
            LogLine.at.in_(sorted(at.astimezone(UTC).isoformat(timespec="microseconds") for at in moments)),
            LogLine.body.contains(json.dumps(intent_id), autoescape=True),
        )
        found: dict[int | str, int] = {}
        for seq, text in self._db.execute(query) if moments else ():
            body: dict[str, Any] = json.loads(text)
            if body.get("intent_id") == intent_id and "step" in body:
                found[int(body["step"])] = seq
            elif "decision_id" in body:
                found.setdefault(str(body["decision_id"]), seq)
        return found

    def _account(self, row: Disbursement | None) -> str | None:
        """The ledger's account that it is paid from, by name."""
        found = self._db.get(Account, (self._id, row.account_id)) if row and row.account_id else None
        return found.name if found else None

    def _rail(self, row: Disbursement | None) -> RailBill | None:
        if row is None or row.rail_id is None:
            return None
        return self._db.get(RailBill, (self._id, row.rail_id))

    def _line(self, line_id: str | None) -> BankLine | None:
        return self._db.get(BankLine, (self._id, line_id)) if line_id else None

    def _bank(self, row: Disbursement | None) -> BankSaid | None:
        line = self._line(row.line_id) if row else None
        if row is None or line is None:
            return None
        query = select(BankMatchPart).where(
            BankMatchPart.business_id == self._id, BankMatchPart.match_id == row.match_id
        )
        parts = self._db.scalars(query).all() if row.match_id else []
        mine = {(_RAIL_KIND, row.rail_id), (_LEDGER_KIND, row.ledger_payment_id), (_OWN_KIND, row.intent_id)}
        own = next((part for part in parts if (part.kind, part.ref_id) in mine), None)
        others = [part for part in parts if own is not None and part.kind == own.kind and part is not own]
        account = self._db.get(BankAccount, (self._id, line.account_id))
        mask = f" ··{account.mask}" if account and account.mask else ""
        return BankSaid(
            line=line,
            account=f"{account.name}{mask}" if account else "an account that is gone",
            minor=abs(own.amount_minor if own else line.amount_minor),
            line_minor=abs(line.amount_minor),
            others=len(others),
        )

    def _ledger(self, row: Disbursement | None) -> LedgerSaid | None:
        payment = (
            self._db.get(BillPayment, (self._id, row.ledger_payment_id)) if row and row.ledger_payment_id else None
        )
        if row is None or payment is None:
            return None
        query = select(PayableLink.amount_minor).where(
            PayableLink.business_id == self._id,
            PayableLink.document_kind == "bill_payment",
            PayableLink.document_id == payment.id,
            PayableLink.linked_kind == "bill",
            PayableLink.linked_id == row.bill_id,
        )
        minor = self._db.scalars(query).first()
        return LedgerSaid(payment, payment.total_minor if minor is None else minor)
