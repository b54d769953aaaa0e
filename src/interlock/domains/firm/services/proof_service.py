"""The ledger's own totals beside ours of the same moment (checks X15 and X16 read them)."""

import json

from msgspec import Struct
from sqlalchemy.orm import Session

from interlock.domains.firm.models import LedgerProof
from interlock.kernel.scope import Scope
from interlock.rails.facts import LedgerTotals


class OurTotals(Struct, frozen=True):
    """The mirror's side of a proof: rows by entity, aging totals in minor units of home currency."""

    counts: dict[str, int]
    payables_minor: int
    receivables_minor: int


def keep_proof(db: Session, scope: Scope, theirs: LedgerTotals, ours: OurTotals) -> bool:
    """Replace the business's proof; says whether both sides are equal."""
    db.merge(
        LedgerProof(
            firm_id=scope.firm_id,
            business_id=scope.business_id,
            taken_at=theirs.as_of,
            report_date=theirs.report_date,
            counts=json.dumps(theirs.counts, sort_keys=True),
            counts_here=json.dumps(ours.counts, sort_keys=True),
            payables_minor=theirs.payables_minor,
            payables_here_minor=ours.payables_minor,
            receivables_minor=theirs.receivables_minor,
            receivables_here_minor=ours.receivables_minor,
        )
    )
    db.flush()
    return (theirs.counts, theirs.payables_minor, theirs.receivables_minor) == (
        {entity: ours.counts.get(entity, 0) for entity in theirs.counts},
        ours.payables_minor,
        ours.receivables_minor,
    )
