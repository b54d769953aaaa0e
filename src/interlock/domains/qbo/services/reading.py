"""One round with the ledger: listing kinds whole, following changes, asking for rows again by their ids.

Changes (CDC) are one call whatever they bring, so everything is asked for in that one call, also where a notice named one bill:
asking for the bill alone costs as much and sees less. Further calls are made for what changes are known not to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import Struct

from interlock.domains.qbo.mapper import BY_KIND, BY_WIRE_NAME, RAIL
from interlock.domains.qbo.narrowing import Stumbled
from interlock.domains.qbo.notifications import MERGED_AWAY, SETTINGS
from interlock.domains.qbo.rail import QBORail
from interlock.domains.qbo.refusals import NotInPlan
from interlock.domains.qbo.services.ledger_writer import LedgerWriter
from interlock.domains.qbo.services.listing import list_kinds
from interlock.domains.qbo.services.silent import SWEPT_BY_DEPOSITS, silent_changes
from interlock.domains.qbo.services.tally import Tally, Wanted
from interlock.infra.transport import Transport
from interlock.kernel.clock import Clock
from interlock.rails import facts
from interlock.rails.errors import Rejected
from interlock.rails.facts import KINDS, Changes, Fact, Page
from interlock.rails.inbox import Notice
from interlock.rails.mirror_ties import NAMES
from interlock.rails.ports import Progress

OVERLAP = timedelta(seconds=60)
# QBO answers for 30 days back; a longer gap may hide deletions, so list again before that (qbo.md §4).
LONGEST_GAP = timedelta(days=25)
_KEPT_FOR = timedelta(days=30)
_ROUNDS = 3
# Less than the overlap, more than an answer takes: a clock that moved by more than this was set.
_SET_BACK = timedelta(seconds=30)
_MOST_HINTS = 900


class Asked(Struct, frozen=True):
    """The ledger's answer to what changed. ``cut``: kinds whose changes it can't say in full; ``unsaid``: whether it may

    have left off that the settings changed; ``too_old``: whether deletions may be missing, so that only a listing helps.
    """

    parts: list[Changes]
    cut: list[type[Fact]]
    as_of: datetime
    ahead: timedelta
    unsaid: bool = False
    too_old: bool = False


@dataclass
class Reading:
    """What one sync or proof holds on to."""

    rail: QBORail
    writer: LedgerWriter
    transport: Transport
    clock: Clock
    progress: Progress | None = None
    tally: Tally = field(default_factory=Tally)

    def bring_up_to_date(self, notices: Sequence[Notice] = ()) -> bool:
        """Follow changes until none were cut off; ``True`` when only listing everything helps (nothing was marked then)."""
        for _ in range(_ROUNDS):
            asked = self._ask()
            if asked.too_old:
                return True
            self._take(asked, notices)
            if not asked.cut:
                break
            # Marked when the changes were asked for: kinds asked one by one since then may have changed again.
            self.list_whole(asked.cut, (asked.as_of, asked.ahead))
        return False

    def list_whole(self, kinds: Sequence[type[Fact]], mark: tuple[datetime, timedelta] | None = None) -> None:
        """List ``kinds`` whole (or go on with an unfinished listing), then bury what is neither shown nor found by id.

        Kinds that the plan lacked and that are counted now are listed with them: changes never said what they hold.
        """
        here = self.clock.now()
        counted = self.transport.run(self.rail.counts())
        counts: dict[type[Fact], int] = {facts.Preferences: 1, **counted.rows}
        if self.writer.began is None:
            back = [kind for kind in KINDS if kind in self.writer.lacking and kind in counts]
            self.writer.begin_listing({*kinds, *back}, *(mark or (counted.as_of, counted.as_of - here)), back)
        todo = self.writer.to_list()
        self.writer.skip_empty(kind for kind, _ in todo if not counts.get(kind))
        places = [(kind, place) for kind, place in todo if counts.get(kind)]
        for listed in self.transport.stream(list_kinds(self.rail, places, counts)):
            self.writer.store_listed(listed, self.tally)
            if self.progress:
                self.progress(listed.page.kind.entity, self.tally.read[listed.page.kind], counts[listed.page.kind])
        unseen = self.writer.unseen()
        found = self.by_ids(unseen)
        gone = self.writer.missing(unseen, found)
        orphans = _without(self.writer.referring(_by_kind(gone)), unseen)
        self.writer.end_listing(_together(unseen, orphans), found + self.by_ids(orphans), self.tally)

    def reread(self, wanted: Wanted) -> None:
        """Ask for rows again by their ids, and write what has become of them.

        So are those that named one that is gone, and those that a row names now or named before: they may have changed in
        silence while it couldn't be read.
        """
        found = self.by_ids(wanted)
        gone = self.writer.missing(wanted, found)
        silent = silent_changes(self.writer, [], found, gone)
        again = _without(_together(silent, self.writer.referring(_by_kind(gone))), wanted)
        found += self.by_ids(again)
        self.writer.store_changes([], _together(wanted, again), found, self.tally)

    def by_ids(self, wanted: Wanted) -> list[Page]:
        return [page.settled() for page in self.transport.run(self.rail.by_ids(wanted))] if wanted else []

    def _ask(self) -> Asked:
        """What changed since the mark, and again from further back where the ledger's clock was set back meanwhile."""
        writer = self.writer
        assert writer.since is not None, "changes are asked for after a first listing"
        asked = self._ask_since(writer.since - OVERLAP)
        set_back = writer.ahead - asked.ahead
        if set_back > _SET_BACK and not asked.too_old:
            # What changed since has times from before the mark: the same clock gave it both.
            asked = self._ask_since(writer.since - OVERLAP - set_back)
        return asked

    def _ask_since(self, since: datetime) -> Asked:
        here = self.clock.now()
        try:
            whole: Changes | None = self.transport.run(self.rail.changes(since))
        except Rejected:
            # Refused for being too far back, by the ledger's own clock? Then listing helps, and for nothing else.
            if self.transport.run(self.rail.counts()).as_of - since <= LONGEST_GAP:
                raise
            return Asked([], [], since, self.writer.ahead, too_old=True)
        except Stumbled:
            whole = None
        if whole is not None and not whole.overflowed:
            ahead, too_old = whole.as_of - here, whole.as_of - since > _KEPT_FOR
            return Asked([whole], [], whole.as_of, ahead, whole.settings_changed, too_old)
        parts, cut, first = [], [], whole.as_of if whole is not None else None
        for kind in (each for each in BY_KIND if each not in self.writer.lacking):
            try:
                part = self.transport.run(self.rail.changes(since, [kind]))
            except Stumbled:
                cut.append(kind)
                continue
            except NotInPlan:
                continue
            first = first or part.as_of
            if part.overflowed:
                cut.append(kind)
            else:
                parts.append(part)
        if first is None:
            raise Stumbled(RAIL, "QuickBooks had an application error whatever it was asked; it may pass.")
        if facts.Deposit in cut:  # which payments they swept is then not known one by one
            cut += [kind for kind in SWEPT_BY_DEPOSITS if kind not in cut]
        return Asked(parts, cut, first, first - here, unsaid=True, too_old=first - since > _KEPT_FOR)

    def _take(self, asked: Asked, notices: Sequence[Notice]) -> None:
        """Write the changes, and with them everything they imply without saying it."""
        hinted = self._unconfirmed(asked, notices)
        found = self.by_ids(hinted)
        gone = [deletion for part in asked.parts for deletion in part.deletions] + self.writer.missing(hinted, found)
        silent = silent_changes(self.writer, asked.parts, found, gone)
        orphans = self.writer.referring(_by_kind(gone))
        known = _shown(asked.parts) | {(each.kind, each.id) for each in gone}
        again = _without(_together(silent, orphans), hinted, known, asked.cut)
        found += self.by_ids(again)
        if asked.unsaid or any(notice.entity in SETTINGS for notice in notices):
            found.append(self.transport.run(self.rail.preferences(1)))
        mark = None if asked.cut else (asked.as_of, asked.ahead)
        self.writer.store_changes(asked.parts, _together(hinted, again), found, self.tally, mark=mark)

    def _unconfirmed(self, asked: Asked, notices: Sequence[Notice]) -> Wanted:
        """Rows that a notice named and neither the answer nor the mirror knows that much of: a merge's loser, mostly.

        A notice that comes late is about what a sync has long brought in; the row's own time tells.
        """
        told: dict[type[Fact], dict[str, Notice]] = {}
        for notice in notices:
            if notice.entity in BY_WIRE_NAME and notice.entity_id.isdigit():
                told.setdefault(BY_WIRE_NAME[notice.entity].kind, {})[notice.entity_id] = notice
        known = _shown(asked.parts) | {(each.kind, each.id) for part in asked.parts for each in part.deletions}
        wanted: Wanted = {}
        for kind, by_id in told.items():
            open_ = [id_ for id_ in by_id if (kind, id_) not in known and kind not in asked.cut]
            standing = self.writer.standing(kind, open_) if open_ else {}
            ids = [id_ for id_ in open_ if _unheard_of(by_id[id_], id_ in standing, standing.get(id_))]
            if ids:
                wanted[kind] = ids[:_MOST_HINTS]
        return wanted


def _shown(parts: Sequence[Changes]) -> set[tuple[type[Fact], str]]:
    """Rows that an answer shows, in a form we can read or not: asking for one of them again says no more."""
    pages = [page for part in parts for page in part.pages]
    read = {(page.kind, fact.id) for page in pages for fact in page.facts}
    return read | {(page.kind, each.id) for page in pages for each in page.unread if each.id is not None}


def _unheard_of(notice: Notice, stands: bool, changed_at: datetime | None) -> bool:
    """Whether the mirror does not show yet what the notice says happened."""
    if notice.operation in {"delete", MERGED_AWAY}:
        return stands
    if not stands:
        return True
    if notice.happened_at is None or changed_at is None:
        return True
    return changed_at < notice.happened_at.replace(microsecond=0)


def _by_kind(gone: Sequence[facts.Deletion]) -> list[tuple[type[Fact], list[str]]]:
    found: Wanted = {}
    for deletion in gone:
        if deletion.kind in NAMES:
            found.setdefault(deletion.kind, []).append(deletion.id)
    return list(found.items())


def _together(*parts: Mapping[type[Fact], Sequence[str]]) -> Wanted:
    found: Wanted = {}
    for part in parts:
        for kind, ids in part.items():
            found[kind] = sorted({*found.get(kind, ()), *ids})
    return found


def _without(
    wanted: Wanted,
    had: Wanted,
    known: "set[tuple[type[Fact], str]] | frozenset[tuple[type[Fact], str]]" = frozenset(),
    listed: Sequence[type[Fact]] = (),
) -> Wanted:
    left = {
        kind: [id_ for id_ in ids if id_ not in had.get(kind, ()) and (kind, id_) not in known]
        for kind, ids in wanted.items()
        if kind not in listed
    }
    return {kind: ids for kind, ids in left.items() if ids}
