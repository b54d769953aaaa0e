"""The ledger's own totals beside ours of the same moment: compared, kept, read again (checks X15 and X16 stand on them)."""

import json
from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy.orm import Session

from interlock.domains.firm.models import LedgerProof
from interlock.kernel.scope import Scope
from interlock.rails.ports import Comparison
from interlock.rails.totals import Difference, LedgerTotals

SIDES = ("payables", "receivables")
COUNT, ACCOUNT, SIDE, ROW = "count", "account", "side", "row"


def differences(
    theirs: LedgerTotals, ours: LedgerTotals, names: Mapping[str, Mapping[str, str]]
) -> tuple[Difference, ...]:
    """Every place where the two differ; pure. ``names``: what parties and accounts are called, by kind and id.

    A side is told as a whole only where its parties don't tell it.
    """
    return (*_counts(theirs, ours), *_parties(theirs, ours, names), *_accounts(theirs, ours, names.get(ACCOUNT, {})))


def keep_proof(db: Session, scope: Scope, comparison: Comparison) -> None:
    """Replace the business's proof."""
    theirs, ours = comparison.theirs, comparison.ours
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
            balances=json.dumps(theirs.balances or {}, sort_keys=True),
            balances_here=json.dumps(ours.balances or {}, sort_keys=True),
            located=msgspec.json.encode(comparison.located).decode(),
            left_out=msgspec.json.encode(comparison.left_out).decode(),
        )
    )
    db.flush()


def located(proof: LedgerProof) -> tuple[Difference, ...]:
    """Where the two sides differed; empty when they were equal. A proof from before they were located tells by its figures."""
    told = msgspec.json.decode(proof.located, type=tuple[Difference, ...])
    return told or differences(*_figures(proof), names={})


def left_out(proof: LedgerProof) -> tuple[str, ...]:
    """What was not compared, and why."""
    return msgspec.json.decode(proof.left_out, type=tuple[str, ...])


def _figures(proof: LedgerProof) -> tuple[LedgerTotals, LedgerTotals]:
    """Both sides as kept."""
    theirs = LedgerTotals(
        as_of=proof.taken_at,
        report_date=proof.report_date,
        counts=json.loads(proof.counts),
        payables_minor=proof.payables_minor,
        receivables_minor=proof.receivables_minor,
        balances=json.loads(proof.balances),
    )
    ours = LedgerTotals(
        as_of=proof.taken_at,
        report_date=proof.report_date,
        counts=json.loads(proof.counts_here),
        payables_minor=proof.payables_here_minor,
        receivables_minor=proof.receivables_here_minor,
        balances=json.loads(proof.balances_here),
    )
    return theirs, ours


def _counts(theirs: LedgerTotals, ours: LedgerTotals) -> Iterator[Difference]:
    for entity, number in theirs.counts.items():
        held = ours.counts.get(entity, 0)
        if held != number:
            yield Difference(COUNT, entity, entity.replace("_", " "), number, held)


def _parties(theirs: LedgerTotals, ours: LedgerTotals, names: Mapping[str, Mapping[str, str]]) -> Iterator[Difference]:
    for side, party, whole, held, by_party, held_by_party in (
        ("payables", "vendor", theirs.payables_minor, ours.payables_minor, theirs.by_vendor, ours.by_vendor),
        (
            "receivables",
            "customer",
            theirs.receivables_minor,
            ours.receivables_minor,
            theirs.by_customer,
            ours.by_customer,
        ),
    ):
        found = []
        if by_party is not None and held_by_party is not None:
            found = [
                Difference(
                    party, id_, names.get(party, {}).get(id_, id_), by_party.get(id_, 0), held_by_party.get(id_, 0)
                )
                for id_ in sorted(by_party.keys() | held_by_party.keys())
                if by_party.get(id_, 0) != held_by_party.get(id_, 0)
            ]
            yield from found
        if whole - held != sum(each.theirs - each.ours for each in found):
            yield Difference(SIDE, side, side, whole, held)


def _accounts(theirs: LedgerTotals, ours: LedgerTotals, names: Mapping[str, str]) -> Iterator[Difference]:
    if theirs.balances is None or ours.balances is None:
        return
    for id_ in sorted(theirs.balances.keys() | ours.balances.keys()):
        shown, held = theirs.balances.get(id_, 0), ours.balances.get(id_, 0)
        if shown != held:
            yield Difference(ACCOUNT, id_, names.get(id_, id_), shown, held)
