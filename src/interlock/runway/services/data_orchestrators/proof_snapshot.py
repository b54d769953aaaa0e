"""Whether a business's totals are QuickBooks' own: the last proof of completeness, and rows that QuickBooks fails to show."""

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business, LedgerProof
from interlock.domains.firm.services.proof_service import left_out, located
from interlock.rails.connections import SyncState
from interlock.rails.ports import RowProblem
from interlock.rails.totals import Difference
from interlock.runway.services.calculators.differences import in_words, is_of_money
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.views import Amount, DifferenceView, TiedView

QBO = "qbo"
_SHOWN = 20


def tied_of(db: Session, business: Business) -> TiedView:
    """How one business stands."""
    proof = db.get(LedgerProof, business.business_id)
    state = db.get(SyncState, (business.business_id, QBO))
    return _tied(business, proof, state)


def with_control_accounts(tied: TiedView, findings: Iterable[Finding]) -> TiedView:
    """Totals that are QuickBooks' own may still be off its control accounts (X15): then they don't tie either.

    Off QuickBooks is worse: then no total can be trusted, and nothing more is said.
    """
    off = [each for each in findings if each.rule.id == "X15"]
    if not off or tied.tied is False:
        return tied
    more = f", and {len(off) - 1:,} more" if len(off) > 1 else ""
    return tied.model_copy(update={"tied": False, "words": f"Not tied: {off[0].title}{more}"})


def tied_by_business(db: Session, businesses: Mapping[str, Business], firm_id: str) -> dict[str, TiedView]:
    """All of a firm's, in two queries."""
    proofs = {row.business_id: row for row in db.scalars(select(LedgerProof).where(LedgerProof.firm_id == firm_id))}
    states = {
        row.business_id: row
        for row in db.scalars(select(SyncState).where(SyncState.firm_id == firm_id, SyncState.rail == QBO))
    }
    return {id_: _tied(business, proofs.get(id_), states.get(id_)) for id_, business in businesses.items()}


def differences_of(proof: LedgerProof | None, state: SyncState | None) -> tuple[Difference, ...]:
    """Where the last proof found a difference, and rows that QuickBooks failed to show since."""
    found = located(proof) if proof is not None else ()
    known = {each.id for each in found if each.what == "row"}
    problems = msgspec.json.decode(state.unread, type=list[RowProblem]) if state is not None else []
    rows = [
        Difference("row", id_, each.sentence, 1, 0)
        for each in problems
        if (id_ := f"{each.entity}:{each.id or '?'}") not in known
    ]
    return (*found, *rows)


def _tied(business: Business, proof: LedgerProof | None, state: SyncState | None) -> TiedView:
    found = differences_of(proof, state)
    as_of = proof.taken_at if proof is not None else None
    apart = left_out(proof) if proof is not None else ()
    if not found:
        if proof is None:
            return TiedView(tied=None, words="Not yet proved against QuickBooks’ own totals")
        return TiedView(
            tied=True, words="Tied to QuickBooks’ own counts, agings and balance sheet", as_of=as_of, left_out=apart
        )
    first = in_words(found[0], business.home_currency)
    more = f", and {len(found) - 1:,} more" if len(found) > 1 else ""
    return TiedView(
        tied=False,
        words=f"Not tied: {first}{more}",
        as_of=as_of,
        differences_count=len(found),
        differences=tuple(_shown(each, business.home_currency) for each in found[:_SHOWN]),
        left_out=apart,
    )


def _shown(difference: Difference, home: str) -> DifferenceView:
    money = is_of_money(difference)
    return DifferenceView(
        what=difference.what,
        id=difference.id,
        name=difference.name if difference.what != "row" else difference.id.replace(":", " "),
        words=in_words(difference, home),
        quickbooks=Amount.minor(difference.theirs, home) if money else None,
        ours=Amount.minor(difference.ours, home) if money else None,
        off_by=Amount.minor(difference.ours - difference.theirs, home) if money else None,
        rows_quickbooks=None if money else difference.theirs,
        rows_ours=None if money else difference.ours,
    )
