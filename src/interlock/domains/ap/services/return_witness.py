"""Money that comes back: an equal credit at the bank, on the account that was paid from, whose text says so.

An equal credit that says nothing of a return, or that may be one of several payments, is no step: a person says what it is.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.happenings import BankReturned
from interlock.domains.ap.services.payment_steps import Steps, course_of
from interlock.domains.ap.witness_models import RailBill
from interlock.domains.bank import matches
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.matches import LINE
from interlock.domains.bank.matching.values import Line
from interlock.domains.bank.witness_models import BankLine
from interlock.domains.firm.models import Business
from interlock.domains.firm.naming import named_in, numbers_in, words_of_number
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope

RETURNS_WITHIN = timedelta(days=60)
"""An ACH entry may be returned by its receiver's bank within 60 days; after that a person says so."""
CREDITS_MOST = 5_000
_SAYS_RETURN = re.compile(r"\b(?:RETURN|RETURNED|RETURNS|RTN|REVERSAL|REVERSED)\b", re.IGNORECASE)
_RETURN_CODE = re.compile(r"\bR(?:0[1-9]|[1-7][0-9]|8[0-5])\b")
_REFERENCE_LEAST_CHARACTERS = 4
_BY_WORD, _BY_NAME, _BY_REFERENCE = 1, 2, 3


class _Paid(Struct, frozen=True):
    """A cleared payment as a return of it can be known. ``account_id``: the ledger's account of the line that cleared it."""

    row: Disbursement
    account_id: str
    cleared_on: date
    vendor: str | None
    references: frozenset[str]


def hear_returns(steps: Steps, business: Business, rows: Sequence[Disbursement]) -> None:
    """One credit is one payment's return, the oldest credit first."""
    steps.db.flush()
    scope = Scope(business.firm_id, business.business_id)
    accounts = matches.linked_accounts(steps.db, scope)
    paid = _paid(steps.db, business.business_id, rows, accounts)
    if not paid:
        return
    for line in _credits(steps.db, scope, accounts, paid):
        whose = _whose(line, paid)
        if whose is not None:
            paid.remove(whose)
            _hear(steps, whose.row, line)


def return_code(text: str) -> str | None:
    """The return's code where the text carries exactly one: ``'ACH RETURN R01' -> 'R01'``."""
    found = set(_RETURN_CODE.findall(text.upper()))
    return found.pop() if len(found) == 1 else None


def says_return(text: str) -> bool:
    """Whether a bank's text calls a credit a return."""
    return _SAYS_RETURN.search(text) is not None or return_code(text) is not None


def _hear(steps: Steps, row: Disbursement, line: Line) -> None:
    code = return_code(_text(line))
    said: dict[str, object] = {"line_id": line.id, "returned_on": line.dated.isoformat()}
    if code is not None:
        said["code"] = code
    row.returned_line_id = line.id
    on = f"{line.dated.day} {line.dated:%b %Y}"
    steps.happened(
        row, BankReturned(), said, why=f"The bank shows it coming back on {on}{f', {code}' if code else ''}."
    )


def _paid(db: Session, business_id: str, rows: Sequence[Disbursement], accounts: Mapping[str, str]) -> list[_Paid]:
    cleared = [row for row in rows if row.line_id and row.cleared_on and _may_return(row)]
    if not cleared:
        return []
    on = _accounts_of_lines(db, business_id, [row.line_id or "" for row in cleared])
    vendors = _vendors(db, business_id, cleared)
    references = _references(db, business_id, cleared)
    return [
        _Paid(
            row,
            accounts[on[row.line_id or ""]],
            row.cleared_on or date.max,
            vendors.get(row.bill_id),
            references.get(row.rail_id or "", frozenset()),
        )
        for row in cleared
        if on.get(row.line_id or "") in accounts
    ]


def _may_return(row: Disbursement) -> bool:
    course = course_of(row)
    return course.cleared and not course.returned


def _credits(db: Session, scope: Scope, accounts: dict[str, str], paid: Sequence[_Paid]) -> list[Line]:
    """Open credits of these very amounts since the first of them cleared, that no payment came back with yet."""
    taken = select(BankMatchPart.ref_id).where(
        BankMatchPart.business_id == scope.business_id, BankMatchPart.kind == LINE, BankMatchPart.active
    )
    returned = select(Disbursement.returned_line_id).where(
        Disbursement.business_id == scope.business_id, Disbursement.returned_line_id.is_not(None)
    )
    query: Any = matches.lines_of(db, scope, accounts).where(
        BankLine.dated >= min(each.cleared_on for each in paid),
        BankLine.amount_minor.in_(sorted({each.row.amount_minor for each in paid})),
        BankLine.id.not_in(taken),
        BankLine.id.not_in(returned),
    )
    rows = db.execute(query.order_by(BankLine.dated, BankLine.id).limit(CREDITS_MOST))
    return [matches.line_of(row, accounts) for row in rows]


def _whose(line: Line, paid: Sequence[_Paid]) -> _Paid | None:
    """The payment that a credit returns: the one it names best, and only when no other is named as well."""
    by_strength: dict[int, list[_Paid]] = defaultdict(list)
    for each in paid:
        by_strength[_strength(line, each)].append(each)
    best = next(
        (by_strength[strength] for strength in (_BY_REFERENCE, _BY_NAME, _BY_WORD) if by_strength[strength]), []
    )
    return best[0] if len(best) == 1 else None


def _strength(line: Line, paid: _Paid) -> int:
    row = paid.row
    if (line.minor, line.currency, line.account_id) != (row.amount_minor, row.currency, paid.account_id):
        return 0
    if not paid.cleared_on <= line.dated <= paid.cleared_on + RETURNS_WITHIN:
        return 0
    text = _text(line)
    if paid.references & numbers_in(text):
        return _BY_REFERENCE
    if named_in(paid.vendor, line.text) or named_in(paid.vendor, line.counterparty):
        return _BY_NAME
    return _BY_WORD if says_return(text) else 0


def _text(line: Line) -> str:
    return " ".join(said for said in (line.text, line.counterparty, line.reference) if said)


def _accounts_of_lines(db: Session, business_id: str, ids: Sequence[str]) -> dict[str, str]:
    query = select(BankLine.id, BankLine.account_id).where(
        BankLine.business_id == business_id, among(db, BankLine.id, ids)
    )
    return {row.id: row.account_id for row in db.execute(query)}


def _vendors(db: Session, business_id: str, rows: Sequence[Disbursement]) -> dict[str, str | None]:
    query = select(Bill.id, Bill.vendor_name).where(
        Bill.business_id == business_id, among(db, Bill.id, sorted({row.bill_id for row in rows}))
    )
    return {row.id: row.vendor_name for row in db.execute(query)}


def _references(db: Session, business_id: str, rows: Sequence[Disbursement]) -> dict[str, frozenset[str]]:
    """What the rail calls each payment: its trace, its batch, its own id."""
    ids = [row.rail_id for row in rows if row.rail_id]
    query = select(RailBill).where(RailBill.business_id == business_id, among(db, RailBill.id, ids))
    found: dict[str, frozenset[str]] = {}
    for bill in db.scalars(query) if ids else ():
        said = {"".join(words_of_number(each)) for each in (bill.trace, bill.batch_id, bill.payment_id) if each}
        found[bill.id] = frozenset(each for each in said if len(each) >= _REFERENCE_LEAST_CHARACTERS)
    return found
