"""Matching a business's bank lines: what is certain is kept and logged, what is not waits for a person, who may undo either.

A posted line clears money; a pending one clears nothing. One line serves one group, and so does one movement.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from msgspec import Struct
from sqlalchemy.orm import Session

from interlock.domains.bank import matches
from interlock.domains.bank.match_models import BankMatch
from interlock.domains.bank.matches import BROKEN, MATCHED, REFUSED, SUGGESTED, UNDONE, Standing
from interlock.domains.bank.matching.matcher import match
from interlock.domains.bank.matching.suggesting import WIDER_DAYS
from interlock.domains.bank.matching.values import OWED, PERSON, PROVISIONAL, Group, Key, Line, Movement
from interlock.domains.bank.movements import own_movements
from interlock.domains.bank.ports import StatesMovements
from interlock.infra import translog
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope

LINES_A_RUN = 20_000
GROUPS_AT_ONCE = 500
SUGGESTIONS_MOST = 500
BY_HAND_MOST_MOVEMENTS = 100
_LOOKS_BACK = timedelta(days=120)
_LONGEST_WAY = timedelta(days=187)  # a check, from its date to the bank's
_ACTOR = "matching"
_CERTAIN = 100


class Matched(Struct, frozen=True):
    """What a run did. ``open``: lines it looked at; ``broken``: groups whose members were changed or deleted since."""

    open: int = 0
    kept: int = 0
    joined: int = 0
    suggested: int = 0
    broken: int = 0


class MatchingService:
    """Matches of one business, within the session's transaction. ``sources``: the movements of the slices above; ``owed``: what may

    have been paid though nobody has entered it. That is no movement yet, so it is looked at only where lines are matched.
    """

    def __init__(
        self,
        db: Session,
        scope: Scope,
        sources: Sequence[StatesMovements] = (),
        owed: Sequence[StatesMovements] = (),
    ) -> None:
        assert scope.business_id is not None, "lines of one business are matched"
        self.db = db
        self.scope = scope
        self._sources = (own_movements, *sources)
        self._owed = tuple(owed)

    def match(self, now: datetime) -> Matched:
        """Keep what is new and certain, renew the suggestions; at most ``LINES_A_RUN`` lines, the newest first."""
        accounts = matches.linked_accounts(self.db, self.scope)
        lines, complete_after = matches.open_lines(self.db, self.scope, accounts, LINES_A_RUN)
        recent = now.date() - _LOOKS_BACK
        since = min([recent, *(line.dated for line in lines)]) - _LONGEST_WAY
        moved = self._every_movement(accounts, since)
        held = matches.standing(self.db, self.scope, since=recent)
        elsewhere = matches.on_other_accounts(self.db, self.scope, accounts)
        held_ids = {each.match_id for each in held}
        older = matches.standing(self.db, self.scope, match_ids=[each for each in elsewhere if each not in held_ids])
        broken = self._break([*held, *older], accounts, moved, now)
        if broken:
            held = matches.standing(self.db, self.scope, since=recent)
            lines, complete_after = matches.open_lines(self.db, self.scope, accounts, LINES_A_RUN)
        found_again = matches.lines_among(self.db, self.scope, accounts, [each.line_id for each in held])
        lines += found_again.values()
        taken = matches.served_keys(self.db, self.scope)
        outcome = match(
            lines,
            (each for each in moved.values() if each.first > complete_after),
            apart=matches.apart(self.db, self.scope),
            served=frozenset((book, each.line_id) for each in held for book in each.books),
            taken=taken,
        )
        by_line = {line.id: line for line in lines}
        kept, joined = self._keep(outcome.groups, by_line, moved, held, now)
        suggested = self._suggest(outcome.suggestions, by_line, moved, now)
        return Matched(len(lines) - len(found_again), kept, joined, suggested, len(broken))

    def movements(self, accounts: dict[str, str], since: date) -> dict[Key, Movement]:
        """Every movement of the linked accounts dated ``since`` or later, by kind and id."""
        ledger = frozenset(accounts.values())
        if not ledger:
            return {}
        stated = (source(self.db, self.scope, accounts=ledger, since=since) for source in self._sources)
        return {each.key: each for each in chain.from_iterable(stated)}

    def _every_movement(self, accounts: dict[str, str], since: date) -> dict[Key, Movement]:
        """Movements, and what is owed."""
        ledger = frozenset(accounts.values())
        stated = (source(self.db, self.scope, accounts=ledger, since=since) for source in self._owed if ledger)
        return {**self.movements(accounts, since), **{each.key: each for each in chain.from_iterable(stated)}}

    def find(self, match_id: str) -> BankMatch:
        """One group; ``NotFound`` where this business has none by that id."""
        found = self.db.get(BankMatch, (self.scope.business_id, match_id))
        if found is None:
            raise NotFound(f"There is no match {match_id!r} here; it may have been replaced since.")
        return found

    def confirm(self, match_id: str, *, now: datetime, actor: str) -> str:
        """A person says yes to a suggestion; the id of the group that holds it then. ``Refused`` when that can't be any more."""
        found = self.find(match_id)
        if found.state != SUGGESTED:
            raise Refused(f"This pair is {found.state}, so there is nothing to confirm.")
        line_id, keys = self._parts(match_id)
        return self._by_a_person(line_id, keys, found.rule, found.score, "match.confirmed", now, actor)

    def match_by_hand(self, line_id: str, keys: Sequence[Key], *, now: datetime, actor: str) -> str:
        """A person says what a line is: movements of one book that equal it to the cent."""
        if not 0 < len(keys) <= BY_HAND_MOST_MOVEMENTS:
            raise BadInput(f"Name between one and {BY_HAND_MOST_MOVEMENTS} movements for the line.")
        return self._by_a_person(line_id, tuple(sorted(set(keys))), PERSON, _CERTAIN, "match.made", now, actor)

    def refuse(self, match_id: str, *, now: datetime, actor: str) -> None:
        """A person says no to a suggestion: it is not made again."""
        found = self.find(match_id)
        if found.state != SUGGESTED:
            raise Refused(f"This pair is {found.state}; only a suggestion can be refused.")
        self._end(found, REFUSED, "match.refused", now, actor)

    def undo(self, match_id: str, *, now: datetime, actor: str) -> None:
        """A person takes a match apart: line and movements are free again, and that pair is not made again by itself."""
        found = self.find(match_id)
        if found.state != MATCHED:
            raise Refused(f"This pair is {found.state}, so there is nothing to undo.")
        self._end(found, UNDONE, "match.undone", now, actor)

    def reconsider(self, match_id: str, *, now: datetime, actor: str) -> None:
        """Take a person's no back: the pair may be found or suggested again by the next run."""
        found = self.find(match_id)
        if found.state not in (REFUSED, UNDONE):
            raise Refused(f"This pair is {found.state}; only a refused or undone one can be reconsidered.")
        self._end(found, BROKEN, "match.reconsidered", now, actor)

    def _keep(
        self,
        groups: Sequence[Group],
        lines: dict[str, Line],
        moved: dict[Key, Movement],
        held: Sequence[Standing],
        now: datetime,
    ) -> tuple[int, int]:
        at_line = {each.line_id: each.match_id for each in held}
        of_line: dict[str, list[Group]] = defaultdict(list)
        for group in groups:
            of_line[group.line_id].append(group)
        first = [mine[0] for line_id, mine in of_line.items() if line_id not in at_line]
        for start in range(0, len(first), GROUPS_AT_ONCE):
            some = first[start : start + GROUPS_AT_ONCE]
            rows = [(group, lines[group.line_id], _minors(group, moved)) for group in some]
            matches.write(self.db, self.scope, rows, state=MATCHED, made_by=_ACTOR, now=now)
        at_line.update({group.line_id: matches.match_id_of(group) for group in first})
        alone = {id(group) for group in first}
        joined = [group for group in groups if id(group) not in alone]
        for group in joined:
            self._extend(at_line[group.line_id], group, moved)
        made = [(group, "match.made") for group in first] + [(group, "match.joined") for group in joined]
        entries = [
            (action, said_of(at_line[group.line_id], lines[group.line_id], group.movements, group.rule, group.why))
            for group, action in made
        ]
        self._log(entries, now, _ACTOR)
        return len(first), len(joined)

    def _extend(self, match_id: str, group: Group, moved: dict[Key, Movement]) -> None:
        """Movements join a group that holds the line already. Whoever else states it takes it over from what is provisional: they

        may say that the line is something else, and then our payment has still to be seen, and an invoice is still open.
        """
        matches.extend(self.db, self.scope, match_id, group, _minors(group, moved))
        if group.book not in PROVISIONAL:
            held = matches.members(self.db, self.scope, [match_id])[match_id]
            ours = [key for key in held if key[0] != matches.LINE and matches.book_of(key[0]) in PROVISIONAL]
            matches.loosen(self.db, self.scope, match_id, ours)

    def _suggest(
        self, groups: Sequence[Group], lines: dict[str, Line], moved: dict[Key, Movement], now: datetime
    ) -> int:
        wanted = {matches.match_id_of(group): group for group in groups[:SUGGESTIONS_MOST]}
        stand = matches.suggestion_ids(self.db, self.scope)
        matches.forget(self.db, self.scope, sorted(stand - wanted.keys()))
        rows = [
            (group, lines[group.line_id], _minors(group, moved)) for id_, group in wanted.items() if id_ not in stand
        ]
        matches.write(self.db, self.scope, rows, state=SUGGESTED, made_by=_ACTOR, now=now)
        return len(wanted)

    def _break(
        self, held: Sequence[Standing], accounts: dict[str, str], moved: dict[Key, Movement], now: datetime
    ) -> set[str]:
        """End groups whose line is not what it was; where one book's movements changed and another's stand, let go of those."""
        lines = matches.lines_among(self.db, self.scope, accounts, [each.line_id for each in held])
        broken: set[str] = set()
        entries = []
        for each in held:
            line = lines.get(each.line_id)
            gone = [key for key, minor in each.movements.items() if not _as_it_was(moved.get(key), minor, line)]
            if line is not None and line.minor == each.line_minor and not gone:
                continue
            changed = {matches.book_of(kind) for kind, _ in gone}
            if gone and line is not None and line.minor == each.line_minor and each.books - changed:
                let_go = [key for key in each.movements if matches.book_of(key[0]) in changed]
                matches.loosen(self.db, self.scope, each.match_id, let_go)
            else:
                matches.end(self.db, self.scope, each.match_id, state=BROKEN, actor=_ACTOR, now=now)
            broken.add(each.match_id)
            why = "the bank's line is not what it was" if not gone else f"{gone[0][0]} {gone[0][1]} is not what it was"
            entries.append(("match.broken", {"match": each.match_id, "line": each.line_id, "why": why}))
        self._log(entries, now, _ACTOR)
        return broken

    def _by_a_person(
        self, line_id: str, keys: tuple[Key, ...], rule: str, score: int, action: str, now: datetime, actor: str
    ) -> str:
        accounts = matches.linked_accounts(self.db, self.scope)
        line = matches.lines_among(self.db, self.scope, accounts, [line_id]).get(line_id)
        if line is None:
            raise NotFound(f"There is no posted line {line_id!r} on a bank account that is linked to the books.")
        moved = self._every_movement(accounts, line.dated - _LONGEST_WAY - timedelta(days=WIDER_DAYS))
        group = Group(_one_book(keys), line_id, keys, rule, score, (f"{actor} said so",))
        _must_equal(line, keys, moved)
        if matches.served_keys(self.db, self.scope).intersection(keys):
            raise Refused("One of these movements serves another line by now. Undo that match first.")
        held = self._held(line_id)
        if held is not None and (group.book in held.books or group.book == OWED):
            raise Refused("This line serves another match by now. Undo that one first.")
        if held is not None:
            if matches.match_id_of(group) != held.match_id:  # which it is where this very movement was let go of before
                matches.forget(self.db, self.scope, [matches.match_id_of(group)])
            self._extend(held.match_id, group, moved)
            match_id = held.match_id
        else:
            row = (group, line, _minors(group, moved))
            matches.write(self.db, self.scope, [row], state=MATCHED, made_by=actor, now=now)
            match_id = matches.match_id_of(group)
        self._log([(action, said_of(match_id, line, keys, rule, group.why))], now, actor)
        return match_id

    def _held(self, line_id: str) -> Standing | None:
        query = matches.holding(self.scope, line_id)
        match_ids = list(self.db.scalars(query))
        return next(iter(matches.standing(self.db, self.scope, match_ids=match_ids)), None)

    def _parts(self, match_id: str) -> tuple[str, tuple[Key, ...]]:
        found = matches.members(self.db, self.scope, [match_id])[match_id]
        line_id = next(ref for kind, ref in found if kind == matches.LINE)
        return line_id, tuple(sorted(each for each in found if each[0] != matches.LINE))

    def _end(self, found: BankMatch, state: str, action: str, now: datetime, actor: str) -> None:
        line_id, keys = self._parts(found.match_id)
        matches.end(self.db, self.scope, found.match_id, state=state, actor=actor, now=now)
        body = {"match": found.match_id, "line": line_id, "movements": [list(key) for key in keys]}
        self._log([(action, body)], now, actor)

    def _log(self, entries: Sequence[tuple[str, dict[str, Any]]], now: datetime, actor: str) -> None:
        self.db.flush()
        if entries:
            translog.append_many(self.db, self.scope, now=now, actor=actor, entries=entries)


def said_of(match_id: str, line: Line, keys: Sequence[Key], rule: str, why: Sequence[str]) -> dict[str, Any]:
    """What the log says of a group that was made."""
    return {
        "match": match_id,
        "account": line.bank_account_id,
        "line": line.id,
        "dated": line.dated.isoformat(),
        "amount": str(Money(line.minor, line.currency).amount),
        "currency": line.currency,
        "movements": [list(key) for key in keys],
        "rule": rule,
        "why": list(why),
    }


def _minors(group: Group, moved: dict[Key, Movement]) -> dict[Key, int]:
    return {key: moved[key].minor for key in group.movements}


def _as_it_was(movement: Movement | None, minor: int, line: Line | None) -> bool:
    """Whether a movement still is what a line was matched with: links of accounts change, too."""
    if movement is None or movement.minor != minor:
        return False
    return line is None or (movement.currency == line.currency and movement.account_id in (None, line.account_id))


def _one_book(keys: Sequence[Key]) -> str:
    books = {matches.book_of(kind) for kind, _ in keys}
    if len(books) != 1:
        raise BadInput(
            "Movements of the ledger, of a rail and of our own are matched one after the other, not together."
        )
    return books.pop()


def _must_equal(line: Line, keys: Sequence[Key], moved: dict[Key, Movement]) -> None:
    missing = [key for key in keys if key not in moved]
    if missing:
        raise NotFound(
            f"There is no {missing[0][0].replace('_', ' ')} {missing[0][1]} that moved money near this line."
        )
    others = [
        key
        for key in keys
        if moved[key].currency != line.currency or moved[key].account_id not in (None, line.account_id)
    ]
    if others:
        raise Refused(f"{others[0][0].replace('_', ' ').capitalize()} {others[0][1]} is on another account.")
    total = sum(moved[key].minor for key in keys)
    if total != line.minor:
        raise Refused(
            f"The line is {Money(line.minor, line.currency)} and what was named is {Money(total, line.currency)}; "
            "a match equals to the cent."
        )
