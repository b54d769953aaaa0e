"""Proving completeness: QuickBooks' own counts, agings and balance sheet against what we hold, of the same moment.

The ledger is asked for changes again after its totals: where the books moved meanwhile, what was compared is no proof, and it is
all taken anew. A difference is mended first, by reading again the rows it points at; what is left then is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from interlock.domains.qbo.services.reading import Reading
from interlock.domains.qbo.services.silent import SWEPT_BY_DEPOSITS
from interlock.domains.qbo.services.tally import KIND_BY_NAME, Wanted
from interlock.rails import facts
from interlock.rails.facts import KINDS, Fact
from interlock.rails.ports import Comparison, RowProblem
from interlock.rails.totals import Difference

_ROUNDS = 5
_MOST_AGAIN = 3_000  # more rows than this are listed with their kinds instead
_PARTIES: dict[str, type[Fact]] = {"vendor": facts.Vendor, "customer": facts.Customer}
_SIDES: dict[str, tuple[type[Fact], ...]] = {
    "payables": (facts.Bill, facts.BillPayment, facts.VendorCredit, facts.JournalEntry),
    "receivables": (facts.Invoice, facts.Payment, facts.CreditMemo, facts.JournalEntry),
}


@dataclass
class Proof:
    """How far a proof came. ``comparison`` is ``None`` when the books never stood still long enough."""

    comparison: Comparison | None = None
    rounds: int = 0
    mended: dict[str, int] = field(default_factory=dict)


def prove(reading: Reading, today: date, home_currency: str) -> Proof:
    """Take the proof and keep it; ``reading`` is of a mirror that was just brought up to date."""
    writer, proof = reading.writer, Proof()
    tried: set[tuple[str, str]] = set()
    if writer.unread:
        reading.reread(writer.unread)
    for proof.rounds in range(1, _ROUNDS + 1):
        # An account's balance holds every document, later ones too; so must the sheet it is held against.
        latest = writer.latest_day()
        sheet_day = max(today, latest) if latest is not None else today
        totals = reading.transport.run(reading.rail.totals(today, home_currency, sheet_day))
        back = [KIND_BY_NAME[name] for name in totals.counts if KIND_BY_NAME[name] in writer.lacking]
        if (
            back and writer.since is not None
        ):  # the plan was changed: what they hold is listed, and all of it taken anew
            reading.list_whole(back, (writer.since, writer.ahead))
            continue
        before = reading.tally.moved
        if reading.bring_up_to_date():
            reading.list_whole(KINDS)
        if reading.tally.moved != before:
            continue
        compared = writer.compare(totals)
        rows = _unread(writer.problems)
        compared = msgspec.structs.replace(compared, located=(*compared.located, *rows))
        if _mend(reading, compared.located, tried, proof.mended):
            continue
        proof.comparison = compared
        writer.keep_proof(compared, proof.rounds, proof.mended)
        return proof
    writer.note("ledger.proof_put_off", {"rounds": proof.rounds, "mended": proof.mended})
    return proof


def _unread(problems: Sequence[RowProblem]) -> list[Difference]:
    return [Difference("row", f"{each.entity}:{each.id or '?'}", each.sentence, 1, 0) for each in problems]


def _mend(reading: Reading, located: Sequence[Difference], tried: set[tuple[str, str]], mended: dict[str, int]) -> bool:
    """Read again what the differences point at, each once; says whether that changed anything."""
    new = [each for each in located if (each.what, each.id) not in tried]
    tried |= {(each.what, each.id) for each in new}
    tally = reading.tally
    before = {kind: tally.upserted.get(kind, 0) + tally.deleted.get(kind, 0) for kind in KINDS}
    kinds, rows = _pointed_at(reading, new)
    if kinds:
        reading.list_whole(kinds)
    rows = {kind: ids for kind, ids in rows.items() if kind not in kinds}
    if rows:
        reading.writer.distrust(rows)
        reading.reread(rows)
    after = {kind: tally.upserted.get(kind, 0) + tally.deleted.get(kind, 0) for kind in KINDS}
    changed = {kind.entity: after[kind] - before[kind] for kind in KINDS if after[kind] != before[kind]}
    for entity, number in changed.items():
        mended[entity] = mended.get(entity, 0) + number
    if changed:
        reading.writer.note("ledger.mended", {"rows": changed, "because": [[each.what, each.id] for each in new[:20]]})
    return bool(changed)


def _pointed_at(reading: Reading, located: Sequence[Difference]) -> tuple[list[type[Fact]], Wanted]:
    """Kinds to list whole (ids are only told with their rows: QuickBooks selects no columns), and single rows."""
    kinds: set[type[Fact]] = {KIND_BY_NAME[each.id] for each in located if each.what == "count"}
    for each in located:
        if each.what == "side":
            kinds |= set(_SIDES[each.id])
    if facts.Deposit in kinds:  # which payments one took in doesn't move their own time
        kinds |= set(SWEPT_BY_DEPOSITS)
    rows: Wanted = {}
    for what, kind in _PARTIES.items():
        ids = [each.id for each in located if each.what == what]
        if ids:
            for other, theirs in {kind: ids, **reading.writer.of_parties(kind, ids)}.items():
                rows[other] = sorted({*rows.get(other, ()), *theirs})
    accounts = [each.id for each in located if each.what == "account"]
    if accounts:
        rows[facts.Account] = sorted({*rows.get(facts.Account, ()), *accounts})
    if sum(len(ids) for ids in rows.values()) > _MOST_AGAIN:
        kinds, rows = kinds | set(rows), {}
    return [kind for kind in KINDS if kind in kinds], rows
