"""Clearing groups as rows: what is matched, what is suggested, what a person refused. No policy and no log here."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, delete, insert, select, text, update
from sqlalchemy.orm import Session

from interlock.domains.bank.account_identity import of_login, stands
from interlock.domains.bank.match_models import BankMatch, BankMatchPart
from interlock.domains.bank.matching.values import COLLECTING, LEDGER, OWED, OWN, PAYING, Group, Key, Line, Pairing
from interlock.domains.bank.witness_models import AccountLink, BankAccount, BankLine
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED
from interlock.rails.items import LinkedItem

LINE = "bank_line"
_LOCK = "matching:"
MATCHED, SUGGESTED, REFUSED, UNDONE, BROKEN = "matched", "suggested", "refused", "undone", "broken"
_BY_A_PERSON = (REFUSED, UNDONE)
OPEN_INVOICE = "invoice"
_NOT_OF_LEDGER = {"rail_bill": PAYING, "payout": COLLECTING, "disbursement": OWN, OPEN_INVOICE: OWED}


def take_match_lock(db: Session, scope: Scope) -> None:
    """One at a time matches at a business, until the transaction ends; then everything read before is read anew.

    SQLite has one writer, who holds it since the transaction began. After the decision lock where both are taken, and always
    before the log's chain is.
    """
    if db.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"{_LOCK}{scope.business_id}".encode()).digest()[:8], "big", signed=True)
        db.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
    db.expire_all()


class Standing(Struct, frozen=True):
    """An active group: its line and its movements with the amounts they had."""

    match_id: str
    line_id: str
    line_minor: int
    movements: dict[Key, int]

    @property
    def books(self) -> frozenset[str]:
        return frozenset(book_of(kind) for kind, _ in self.movements)


def book_of(kind: str) -> str:
    """Whose movement one of this kind is."""
    return _NOT_OF_LEDGER.get(kind, LEDGER)


def match_id_of(group: Group) -> str:
    """The same for the same pairing, so that a suggestion keeps its id and a refused one is known again."""
    said = json.dumps([group.line_id, sorted(group.movements)])
    return "match_" + hashlib.sha256(said.encode()).hexdigest()[:32]


def linked_accounts(db: Session, scope: Scope) -> dict[str, str]:
    """The ledger's account of each bank account that is linked. One that is gone counts as long as no other took its place:

    a bank linked anew shows the same lines under ids of its own.
    """
    query = (
        select(AccountLink.rail_id, AccountLink.ledger_id, stands().label("stands"))
        .join(
            BankAccount, (BankAccount.business_id == AccountLink.business_id) & (BankAccount.id == AccountLink.rail_id)
        )
        .outerjoin(LinkedItem, of_login())
        .where(AccountLink.business_id == scope.business_id, AccountLink.state == LINKED)
    )
    rows = db.execute(query).all()
    served = {row.ledger_id for row in rows if row.stands}
    return {row.rail_id: row.ledger_id for row in rows if row.stands or row.ledger_id not in served}


def open_lines(db: Session, scope: Scope, accounts: dict[str, str], most: int) -> tuple[list[Line], date]:
    """Posted lines of linked accounts that no group holds, the newest ``most`` and no day in part; and the day after which

    they are all there (``date.min``: no line was left out).
    """
    taken = select(BankMatchPart.ref_id).where(
        BankMatchPart.business_id == scope.business_id, BankMatchPart.kind == LINE, BankMatchPart.active
    )
    query = (
        lines_of(db, scope, accounts)
        .where(BankLine.id.not_in(taken))
        .order_by(BankLine.dated.desc(), BankLine.id.desc())
        .limit(most + 1)
    )
    found = [line_of(row, accounts) for row in db.execute(query)]
    if len(found) <= most:
        return found, date.min
    cut = found[-1].dated
    return [line for line in found if line.dated > cut], cut


def lines_among(db: Session, scope: Scope, accounts: dict[str, str], ids: Sequence[str]) -> dict[str, Line]:
    """Posted, standing lines of linked accounts, by id."""
    query = lines_of(db, scope, accounts).where(among(db, BankLine.id, ids))
    return {row.id: line_of(row, accounts) for row in db.execute(query)}


def on_other_accounts(db: Session, scope: Scope, accounts: dict[str, str]) -> list[str]:
    """Ids of active groups whose line is on an account that is none of these (any more)."""
    query = select(BankMatch.match_id).where(
        BankMatch.business_id == scope.business_id,
        BankMatch.state == MATCHED,
        BankMatch.account_id.not_in(sorted(accounts)),
    )
    return list(db.scalars(query))


def standing(db: Session, scope: Scope, *, since: date | None = None, match_ids: Sequence[str] = ()) -> list[Standing]:
    """Active groups: those named, or those whose line is dated ``since`` or later."""
    of_line = select(BankMatchPart.match_id).where(
        BankMatchPart.business_id == scope.business_id, BankMatchPart.active, BankMatchPart.kind == LINE
    )
    if since is not None:
        on = (BankLine.business_id == BankMatchPart.business_id) & (BankLine.id == BankMatchPart.ref_id)
        of_line = of_line.join(BankLine, on).where(BankLine.dated >= since)
    else:
        of_line = of_line.where(among(db, BankMatchPart.match_id, match_ids))
    query = select(BankMatchPart).where(
        BankMatchPart.business_id == scope.business_id,
        BankMatchPart.active,
        BankMatchPart.match_id.in_(of_line),
    )
    lines: dict[str, tuple[str, int]] = {}
    movements: dict[str, dict[Key, int]] = defaultdict(dict)
    for part in db.scalars(query):
        if part.kind == LINE:
            lines[part.match_id] = (part.ref_id, part.amount_minor)
        else:
            movements[part.match_id][part.kind, part.ref_id] = part.amount_minor
    return [Standing(id_, line_id, minor, movements[id_]) for id_, (line_id, minor) in sorted(lines.items())]


def served_keys(db: Session, scope: Scope) -> frozenset[Key]:
    """Movements that an active group holds."""
    query = select(BankMatchPart.kind, BankMatchPart.ref_id).where(
        BankMatchPart.business_id == scope.business_id, BankMatchPart.active, BankMatchPart.kind != LINE
    )
    return frozenset((row.kind, row.ref_id) for row in db.execute(query))


def apart(db: Session, scope: Scope) -> frozenset[Pairing]:
    """Pairings that a person refused or undid, each book's on its own."""
    query = (
        select(BankMatchPart.match_id, BankMatchPart.kind, BankMatchPart.ref_id)
        .join(
            BankMatch,
            (BankMatch.business_id == BankMatchPart.business_id) & (BankMatch.match_id == BankMatchPart.match_id),
        )
        .where(BankMatchPart.business_id == scope.business_id, BankMatch.state.in_(_BY_A_PERSON))
    )
    lines: dict[str, str] = {}
    movements: dict[tuple[str, str], set[Key]] = defaultdict(set)
    for row in db.execute(query):
        if row.kind == LINE:
            lines[row.match_id] = row.ref_id
        else:
            movements[row.match_id, book_of(row.kind)].add((row.kind, row.ref_id))
    return frozenset((lines[id_], frozenset(keys)) for (id_, _), keys in movements.items() if id_ in lines)


def write(
    db: Session,
    scope: Scope,
    groups: Iterable[tuple[Group, Line, dict[Key, int]]],
    *,
    state: str,
    made_by: str,
    now: datetime,
) -> None:
    """New groups, in place of whatever stood under the same ids."""
    rows: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    whose = {"firm_id": scope.firm_id, "business_id": scope.business_id}
    for group, line, minors in groups:
        match_id = match_id_of(group)
        rows.append(
            {
                **whose,
                "match_id": match_id,
                "account_id": line.bank_account_id,
                "state": state,
                "rule": group.rule,
                "score": group.score,
                "amount_minor": line.minor,
                "currency": line.currency,
                "evidence": json.dumps(list(group.why)),
                "made_by": made_by,
                "made_at": now,
                "undone_by": None,
                "undone_at": None,
            }
        )
        own = {**whose, "match_id": match_id, "active": state == MATCHED}
        parts.append({**own, "kind": LINE, "ref_id": line.id, "amount_minor": line.minor})
        parts += [
            {**own, "kind": kind, "ref_id": id_, "amount_minor": minors[kind, id_]} for kind, id_ in group.movements
        ]
    if rows:
        forget(db, scope, [row["match_id"] for row in rows])
        db.execute(insert(BankMatch), rows)
        db.execute(insert(BankMatchPart), parts)


def extend(db: Session, scope: Scope, match_id: str, group: Group, minors: dict[Key, int]) -> None:
    """Movements of another book join an active group."""
    db.execute(
        insert(BankMatchPart),
        [
            {
                "firm_id": scope.firm_id,
                "business_id": scope.business_id,
                "match_id": match_id,
                "kind": kind,
                "ref_id": id_,
                "amount_minor": minors[kind, id_],
                "active": True,
            }
            for kind, id_ in group.movements
        ],
    )
    match = db.get_one(BankMatch, (scope.business_id, match_id))
    match.evidence = json.dumps([*json.loads(match.evidence), *group.why])


def end(db: Session, scope: Scope, match_id: str, *, state: str, actor: str, now: datetime) -> None:
    """A group serves no more; its rows stay."""
    match = db.get_one(BankMatch, (scope.business_id, match_id))
    match.state, match.undone_by, match.undone_at = state, actor, now
    these = (BankMatchPart.business_id == scope.business_id, BankMatchPart.match_id == match_id)
    db.execute(update(BankMatchPart).where(*these).values(active=False))


def loosen(db: Session, scope: Scope, match_id: str, keys: Sequence[Key]) -> None:
    """These movements leave an active group."""
    for kind, id_ in keys:
        these = (BankMatchPart.business_id == scope.business_id, BankMatchPart.match_id == match_id)
        db.execute(delete(BankMatchPart).where(*these, BankMatchPart.kind == kind, BankMatchPart.ref_id == id_))


def forget(db: Session, scope: Scope, match_ids: Sequence[str]) -> None:
    """Drop rows that nobody decided on, or that are written anew."""
    for model in (BankMatchPart, BankMatch):
        these = (model.business_id == scope.business_id, among(db, model.match_id, match_ids))
        db.execute(delete(model).where(*these), execution_options={"synchronize_session": False})


def suggestion_ids(db: Session, scope: Scope) -> set[str]:
    query = select(BankMatch.match_id).where(BankMatch.business_id == scope.business_id, BankMatch.state == SUGGESTED)
    return set(db.scalars(query))


def holding(scope: Scope, line_id: str) -> Select[str]:
    """Which active group holds a line."""
    return select(BankMatchPart.match_id).where(
        BankMatchPart.business_id == scope.business_id,
        BankMatchPart.active,
        BankMatchPart.kind == LINE,
        BankMatchPart.ref_id == line_id,
    )


def members(db: Session, scope: Scope, match_ids: Sequence[str]) -> dict[str, list[Key]]:
    """Each group's line and movements, by kind and id, whatever its state."""
    query = select(BankMatchPart.match_id, BankMatchPart.kind, BankMatchPart.ref_id).where(
        BankMatchPart.business_id == scope.business_id, among(db, BankMatchPart.match_id, match_ids)
    )
    found: dict[str, list[Key]] = defaultdict(list)
    for row in db.execute(query.order_by(BankMatchPart.kind, BankMatchPart.ref_id)):
        found[row.match_id].append((row.kind, row.ref_id))
    return found


def lines_of_ledger(scope: Scope) -> Select[str]:
    """Lines that serve a movement of the ledger."""
    of_ledger = select(BankMatchPart.match_id).where(
        BankMatchPart.business_id == scope.business_id,
        BankMatchPart.active,
        BankMatchPart.kind.not_in((LINE, *_NOT_OF_LEDGER)),
    )
    return select(BankMatchPart.ref_id).where(
        BankMatchPart.business_id == scope.business_id,
        BankMatchPart.active,
        BankMatchPart.kind == LINE,
        BankMatchPart.match_id.in_(of_ledger),
    )


def lines_of(db: Session, scope: Scope, accounts: dict[str, str], *, pending: bool = False) -> Any:
    """The query of standing lines of linked accounts, posted or ``pending``; ``line_of`` reads its rows."""
    return select(
        BankLine.id,
        BankLine.account_id,
        BankLine.dated,
        BankLine.amount_minor,
        BankLine.currency,
        BankLine.name,
        BankLine.counterparty,
        BankLine.check_number,
        BankLine.reference,
    ).where(
        BankLine.business_id == scope.business_id,
        BankLine.buried_at.is_(None),
        BankLine.pending.is_(pending),
        BankLine.amount_minor != 0,
        among(db, BankLine.account_id, sorted(accounts)),
    )


def line_of(row: Any, accounts: dict[str, str]) -> Line:
    """A row of ``lines_of``."""
    return Line(
        row.id,
        row.account_id,
        accounts[row.account_id],
        row.dated,
        row.amount_minor,
        row.currency,
        row.name,
        row.counterparty,
        row.check_number,
        row.reference,
    )
