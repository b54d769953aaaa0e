"""Groups of bank lines and movements with what each member is, in a query a kind."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill, BillPayment
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.services.outside_movements import KIND as OWN
from interlock.domains.ap.witness_models import RailBill
from interlock.domains.ar.models import CustomerPayment, Invoice, RefundReceipt, SalesReceipt
from interlock.domains.ar.witness_models import Payout
from interlock.domains.bank import matches
from interlock.domains.bank.match_models import BankMatch, BankMatchPart
from interlock.domains.bank.models import Deposit, JournalEntry, Purchase, Transfer
from interlock.domains.bank.witness_models import BankAccount, BankLine
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope

_MODELS: dict[str, type[Any]] = {
    "bill_payment": BillPayment,
    "deposit": Deposit,
    "purchase": Purchase,
    "transfer_out": Transfer,
    "transfer_in": Transfer,
    "journal_entry": JournalEntry,
    "payment": CustomerPayment,
    "sales_receipt": SalesReceipt,
    "refund_receipt": RefundReceipt,
    "rail_bill": RailBill,
    "payout": Payout,
    matches.OPEN_INVOICE: Invoice,
}
_PARTIES = ("vendor_name", "customer_name", "party_name")


class Member(Struct, frozen=True):
    """A movement of a group, with the amount it was matched for."""

    kind: str
    id: str
    minor: int
    dated: date | None
    number: str | None
    party: str | None


class Seen(Struct, frozen=True):
    """A bank line and the account it stands on."""

    id: str
    account: str
    dated: date
    minor: int
    currency: str
    text: str
    check_number: str | None


class Found(Struct, frozen=True):
    match: BankMatch
    why: tuple[str, ...]
    line: Seen | None
    members: tuple[Member, ...]


class MatchesSnapshot:
    """Reads one business's groups."""

    def __init__(self, db: Session, scope: Scope) -> None:
        self._db = db
        self._scope = scope

    def counts(self) -> dict[str, int]:
        """Groups by state."""
        query = select(BankMatch.state, func.count()).where(BankMatch.business_id == self._scope.business_id)
        return {row[0]: row[1] for row in self._db.execute(query.group_by(BankMatch.state))}

    def groups(self, states: Sequence[str], offset: int, most: int) -> list[Found]:
        """Suggestions by score, others newest first."""
        order = (BankMatch.score.desc(),) if states == (matches.SUGGESTED,) else (BankMatch.made_at.desc(),)
        query = select(BankMatch).where(BankMatch.business_id == self._scope.business_id, BankMatch.state.in_(states))
        rows = self._db.scalars(query.order_by(*order, BankMatch.match_id).offset(offset).limit(most)).all()
        return self._with_members(rows)

    def open_lines(self, offset: int, most: int) -> tuple[list[Seen], int]:
        """Posted lines of linked accounts that no group holds, newest first, and how many there are."""
        accounts = matches.linked_accounts(self._db, self._scope)
        taken = select(BankMatchPart.ref_id).where(
            BankMatchPart.business_id == self._scope.business_id,
            BankMatchPart.kind == matches.LINE,
            BankMatchPart.active,
        )
        query = matches.lines_of(self._db, self._scope, accounts).where(BankLine.id.not_in(taken))
        count = self._db.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        rows = self._db.execute(query.order_by(BankLine.dated.desc(), BankLine.id).offset(offset).limit(most)).all()
        names = self._names()
        return [_seen(row, names) for row in rows], count

    def _with_members(self, rows: Sequence[BankMatch]) -> list[Found]:
        query = select(BankMatchPart).where(
            BankMatchPart.business_id == self._scope.business_id,
            among(self._db, BankMatchPart.match_id, [row.match_id for row in rows]),
        )
        parts: dict[str, list[BankMatchPart]] = defaultdict(list)
        for part in self._db.scalars(query.order_by(BankMatchPart.kind, BankMatchPart.ref_id)):
            parts[part.match_id].append(part)
        known = self._known([part for mine in parts.values() for part in mine])
        lines = self._lines([part.ref_id for mine in parts.values() for part in mine if part.kind == matches.LINE])
        found = []
        for row in rows:
            mine = parts[row.match_id]
            line = next((lines.get(part.ref_id) for part in mine if part.kind == matches.LINE), None)
            members = tuple(_member(part, known) for part in mine if part.kind != matches.LINE)
            found.append(Found(row, tuple(json.loads(row.evidence)), line, members))
        return found

    def _known(self, parts: Sequence[BankMatchPart]) -> dict[tuple[str, str], Any]:
        ids: dict[str, list[str]] = defaultdict(list)
        for part in parts:
            if part.kind in _MODELS:
                ids[part.kind].append(_document_id(part.ref_id))
        known: dict[tuple[str, str], Any] = {}
        for kind, wanted in ids.items():
            model = _MODELS[kind]
            query = select(model).where(model.business_id == self._scope.business_id, among(self._db, model.id, wanted))
            known.update({(kind, row.id): row for row in self._db.scalars(query)})
        released = [_document_id(part.ref_id) for part in parts if part.kind == OWN]
        return {**known, **{(OWN, id_): bill for id_, bill in self._bills_of(released).items()}}

    def _bills_of(self, intent_ids: Sequence[str]) -> dict[str, Any]:
        """The bills that released payments pay, with their pay days."""
        query = (
            select(Disbursement.intent_id, Disbursement.pay_on.label("dated"), Bill.number, Bill.vendor_name)
            .outerjoin(Bill, (Bill.business_id == Disbursement.business_id) & (Bill.id == Disbursement.bill_id))
            .where(
                Disbursement.business_id == self._scope.business_id,
                among(self._db, Disbursement.intent_id, sorted(set(intent_ids))),
            )
        )
        return {row.intent_id: row for row in self._db.execute(query)} if intent_ids else {}

    def _lines(self, ids: Sequence[str]) -> dict[str, Seen]:
        names = self._names()
        query = select(
            BankLine.id,
            BankLine.account_id,
            BankLine.dated,
            BankLine.amount_minor,
            BankLine.currency,
            BankLine.name,
            BankLine.counterparty,
            BankLine.check_number,
        ).where(BankLine.business_id == self._scope.business_id, among(self._db, BankLine.id, ids))
        return {row.id: _seen(row, names) for row in self._db.execute(query)}

    def _names(self) -> dict[str, str]:
        query = select(BankAccount).where(BankAccount.business_id == self._scope.business_id)
        return {
            each.id: f"{each.name}{f' ··{each.mask}' if each.mask else ''}, {each.institution}"
            for each in self._db.scalars(query)
        }


def _seen(row: Any, names: dict[str, str]) -> Seen:
    text = (
        row.name
        if not row.counterparty or row.counterparty.casefold() in row.name.casefold()
        else f"{row.name}, {row.counterparty}"
    )
    return Seen(
        row.id,
        names.get(row.account_id, "an account that is gone"),
        row.dated,
        row.amount_minor,
        row.currency,
        text,
        row.check_number,
    )


def _member(part: BankMatchPart, known: dict[tuple[str, str], Any]) -> Member:
    row = known.get((part.kind, _document_id(part.ref_id)))
    dated = next((day for name in ("starts_on", "arrives_on", "dated") if (day := getattr(row, name, None))), None)
    party = next((name for each in _PARTIES if (name := getattr(row, each, None))), None)
    return Member(part.kind, part.ref_id, part.amount_minor, dated, getattr(row, "number", None), party)


def _document_id(ref_id: str) -> str:
    """A journal's movement carries its account behind the entry's id."""
    return ref_id.split(":", maxsplit=1)[0]
