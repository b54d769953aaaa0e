"""Where a payout stands between the rail, the bank and the ledger, and the deposit that the ledger needs for it.

The rail says that it left, the bank's own line that it arrived, the ledger that it is recorded (*cleared, not recorded* until
then): the movement of the ledger that the same bank line serves, equal to the cent. Where no bank is linked, only the ledger tells.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.services.collecting_setup import Collecting
from interlock.domains.ar.services.payout_service import NEVER_ARRIVED, UnbundledPayout
from interlock.domains.ar.witness_models import Payout
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.matches import LINE, book_of, linked_accounts
from interlock.domains.bank.matching.values import LEDGER, Key
from interlock.domains.bank.matching.windows import RAIL_DAYS
from interlock.domains.bank.models import Deposit
from interlock.domains.bank.witness_models import BankAccount, BankLine
from interlock.infra.db.bulk import among
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.kernel.workdays import workdays_between

Stage = Literal["in_transit", "late", "cleared", "recorded", "unproven", "failed"]
"""``late``: the bank shows nothing past its day; ``unproven``: the rail says it arrived, and no linked bank could show it."""

ARRIVAL_WORKDAYS = 3
_ON_ITS_WAY = frozenset({"pending", "in_transit"})
_OF_CUSTOMERS = frozenset(
    {
        "charge",
        "charge_failure",
        "dispute",
        "dispute_reversal",
        "partial_capture_reversal",
        "refund",
        "refund_failure",
    }
)
"""Categories of what customers paid and got back: it went through the clearing account (stripe.md §4)."""
_FEES = "fee"


class SeenLine(Struct, frozen=True):
    """The bank's line of a payout."""

    line_id: str
    dated: date
    amount: Money
    account: str
    text: str


class DepositLine(Struct, frozen=True):
    """One line of the deposit to be entered: ``amount`` from ``account_id``. ``None``: a person has to say which account."""

    kind: str
    account_id: str | None
    amount: Money


class Standing(Struct, frozen=True):
    """One payout. ``ledger``: the ledger's movement that is it; ``deposit``: lines that sum to it, none where nobody can say."""

    payout_id: str
    stage: Stage
    line: SeenLine | None
    ledger: Key | None
    deposit: tuple[DepositLine, ...]


class PayoutStandings:
    """Standings of one business's payouts, from the mirror only."""

    def __init__(self, db: Session, scope: Scope, setup: Collecting, today: date) -> None:
        assert scope.business_id is not None, "payouts are of one business"
        self._db = db
        self._scope = scope
        self._business_id = scope.business_id
        self._setup = setup
        self._today = today

    def of(self, payouts: Sequence[Payout], apart: Mapping[str, UnbundledPayout]) -> Mapping[str, Standing]:
        """By payout, in a fixed number of queries. ``apart``: what each is made of."""
        if not payouts:
            return {}
        banks_linked = bool(linked_accounts(self._db, self._scope))
        lines, ledger = self._seen([each.id for each in payouts])
        unseen = [each for each in payouts if each.id not in lines and each.state not in NEVER_ARRIVED]
        alone = self._by_amount(unseen)
        found = {}
        for each in payouts:
            key = ledger.get(each.id) or alone.get(each.id)
            stage = self._stage(each, each.id in lines, key is not None, banks_linked)
            found[each.id] = Standing(
                each.id, stage, lines.get(each.id), key, deposit_lines(apart[each.id], self._setup)
            )
        return found

    def _stage(self, payout: Payout, on_line: bool, in_ledger: bool, banks_linked: bool) -> Stage:
        if payout.state in NEVER_ARRIVED:
            return "failed"
        if in_ledger and (on_line or not banks_linked):
            return "recorded"
        if on_line:
            return "cleared"
        late = workdays_between(payout.arrives_on, self._today) > ARRIVAL_WORKDAYS
        if late and banks_linked:
            return "late"
        return "unproven" if payout.state not in _ON_ITS_WAY and not banks_linked else "in_transit"

    def _seen(self, payout_ids: Sequence[str]) -> tuple[dict[str, SeenLine], dict[str, Key]]:
        """The bank's line of each payout, and the movement of the ledger that the same line serves."""
        of_payout = select(BankMatchPart.match_id, BankMatchPart.ref_id).where(
            BankMatchPart.business_id == self._business_id,
            BankMatchPart.active,
            BankMatchPart.kind == "payout",
            among(self._db, BankMatchPart.ref_id, sorted(payout_ids)),
        )
        by_match: dict[str, str] = dict(self._db.execute(of_payout).all())
        if not by_match:
            return {}, {}
        parts = select(BankMatchPart.match_id, BankMatchPart.kind, BankMatchPart.ref_id).where(
            BankMatchPart.business_id == self._business_id,
            BankMatchPart.active,
            among(self._db, BankMatchPart.match_id, sorted(by_match)),
        )
        line_of: dict[str, str] = {}
        ledger: dict[str, Key] = {}
        for match_id, kind, ref_id in self._db.execute(parts.order_by(BankMatchPart.kind, BankMatchPart.ref_id)):
            if kind == LINE:
                line_of[by_match[match_id]] = ref_id
            elif book_of(kind) == LEDGER:
                ledger.setdefault(by_match[match_id], (kind, ref_id))
        lines = self._lines(line_of.values())
        return {payout_id: lines[line_id] for payout_id, line_id in line_of.items() if line_id in lines}, ledger

    def _lines(self, line_ids: Iterable[str]) -> dict[str, SeenLine]:
        query = (
            select(BankLine, BankAccount.name, BankAccount.mask)
            .outerjoin(
                BankAccount, (BankAccount.business_id == BankLine.business_id) & (BankAccount.id == BankLine.account_id)
            )
            .where(BankLine.business_id == self._business_id, among(self._db, BankLine.id, sorted(line_ids)))
        )
        return {
            line.id: SeenLine(
                line.id,
                line.dated,
                Money(line.amount_minor, line.currency),
                f"{name or 'an account that is gone'}{f' ··{mask}' if mask else ''}",
                line.name,
            )
            for line, name, mask in self._db.execute(query)
        }

    def _by_amount(self, payouts: Sequence[Payout]) -> dict[str, Key]:
        """Deposits of exactly a payout's amount and days, where each is the other's only one: what the matcher calls exact."""
        if not payouts:
            return {}
        query = select(Deposit.id, Deposit.dated, Deposit.total_minor, Deposit.currency).where(
            Deposit.business_id == self._business_id,
            Deposit.buried_at.is_(None),
            Deposit.voided.is_(False),
            Deposit.dated >= min(each.arrives_on for each in payouts) - timedelta(days=RAIL_DAYS[0]),
        )
        waiting: dict[tuple[int, str], list[Payout]] = defaultdict(list)
        for payout in payouts:
            waiting[payout.amount_minor, payout.currency].append(payout)
        of_payout: dict[str, list[str]] = defaultdict(list)
        of_deposit: dict[str, list[str]] = defaultdict(list)
        for id_, dated, minor, currency in self._db.execute(query):
            for payout in waiting.get((minor, currency), ()):
                if -RAIL_DAYS[0] <= (dated - payout.arrives_on).days <= RAIL_DAYS[1]:
                    of_payout[payout.id].append(id_)
                    of_deposit[id_].append(payout.id)
        return {
            payout_id: ("deposit", ids[0])
            for payout_id, ids in of_payout.items()
            if len(ids) == 1 and len(of_deposit[ids[0]]) == 1
        }


def deposit_lines(apart: UnbundledPayout, setup: Collecting) -> tuple[DepositLine, ...]:
    """What a deposit of this payout holds: each kind's gross from the clearing account, what the rail kept, what it says besides.

    The lines sum to the payout to the cent, or there are none: where its parts aren't known, nobody can say.
    """
    if not apart.attributed:
        return ()
    currency = apart.amount.currency
    found, fees = [], Money.zero(currency)
    for total in apart.totals:
        fees = fees - total.fee
        if total.kind == _FEES:
            fees = fees + total.gross
        elif total.gross.minor:
            of_customers = total.kind in _OF_CUSTOMERS
            found.append(DepositLine(total.kind, setup.clearing_account_id if of_customers else None, total.gross))
    if fees.minor:
        found.append(DepositLine(_FEES, setup.fee_account_id, fees))
    assert Money.total((each.amount for each in found), currency) == apart.amount, (
        "gross less fees is net, part by part"
    )
    return tuple(found)
