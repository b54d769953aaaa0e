"""Documents that changed without saying so: their links did, and neither their time nor their counter moved (qbo.md §12).

A deposit that takes in payments, lets one go or is deleted changes them so. Everything else that drops a link is looked at the
same way: where the other end came in the same answer there is nothing to do, and that is the usual case.
"""

from collections.abc import Sequence

from interlock.domains.qbo.services.ledger_writer import LedgerWriter
from interlock.domains.qbo.services.tally import KIND_BY_NAME, Wanted
from interlock.rails import facts
from interlock.rails.facts import Changes, Deletion, Fact, Page

SWEPT_BY_DEPOSITS = (facts.Payment, facts.SalesReceipt, facts.RefundReceipt)

_READABLE = frozenset(kind.entity for kind in facts.KINDS) - {facts.Preferences.entity}


def silent_changes(
    writer: LedgerWriter, parts: Sequence[Changes], more: Sequence[Page], gone: Sequence[Deletion]
) -> Wanted:
    """Other ends of links that appeared or vanished, to be read again by id."""
    changed: dict[type[Fact], dict[str, set[tuple[str, str]] | None]] = {}
    for page in (*(page for part in parts for page in part.pages), *more):
        if "links" in page.kind.__struct_fields__:
            for fact in page.facts:
                links = {(link.linked_kind, link.linked_id) for link in fact.links}  # type: ignore[attr-defined]
                changed.setdefault(page.kind, {})[fact.id] = links
    for deletion in gone:
        if "links" in deletion.kind.__struct_fields__:
            changed.setdefault(deletion.kind, {})[deletion.id] = None
    wanted: dict[str, set[str]] = {}
    for kind, documents in changed.items():
        for linked_kind, linked_id in _unsaid(writer, kind, documents):
            if linked_kind in _READABLE:
                wanted.setdefault(linked_kind, set()).add(linked_id)
    return {KIND_BY_NAME[name]: sorted(ids) for name, ids in wanted.items()}


def _unsaid(
    writer: LedgerWriter, kind: type[Fact], documents: dict[str, set[tuple[str, str]] | None]
) -> set[tuple[str, str]]:
    """Of documents of one kind, by id: what they link to now, or ``None`` where they are gone."""
    stored = writer.ties(kind, list(documents))
    before: dict[str, set[tuple[str, str]]] = {}
    back: dict[str, set[tuple[str, str]]] = {}
    for tie in stored.outward:
        before.setdefault(tie.id, set()).add((tie.linked_kind, tie.linked_id))
    for tie in stored.inward:
        back.setdefault(tie.linked_id, set()).add((tie.kind, tie.id))
    found: set[tuple[str, str]] = set()
    for id_, links in documents.items():
        found |= before.get(id_, set()) - (links or set())
        if links is None:
            found |= back.get(id_, set())
        elif kind is facts.Deposit:
            # What names a deposit and what it names are the same documents, or one of them was read before the other
            # changed: listed before the deposit was made, say, and the deposit after.
            found |= links ^ back.get(id_, set())
    return found
