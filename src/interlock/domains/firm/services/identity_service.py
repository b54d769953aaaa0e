"""Links between a rail's things and the ledger's: made by exact keys, or by a person; logged, and reversible.

What a person refused or undid is remembered, so that no key and no likeness brings it back by itself.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.firm.identity import (
    CERTAIN,
    Blocks,
    Decided,
    Pair,
    Score,
    Thing,
    exact_pairs,
    suggested_pairs,
)
from interlock.infra import translog
from interlock.kernel.errors import NotFound, Refused
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED, REFUSED, UNDONE, IdentityRow

PERSON = "person"
_KEYS = "keys"


class Kind(Protocol):
    """One kind of thing that stands on both sides, as the slice that owns it tells of it.

    ``rules``: exact keys, the safest first, and what each says. ``ledger_things`` may leave out what can't be one of ``rail``.
    """

    @property
    def name(self) -> str: ...
    @property
    def rail(self) -> str: ...
    @property
    def model(self) -> type[IdentityRow]: ...
    @property
    def rules(self) -> Mapping[str, str]: ...
    @property
    def score(self) -> Score: ...
    @property
    def blocks(self) -> Blocks: ...

    def rail_things(self, db: Session, scope: Scope) -> Sequence[Thing]: ...
    def ledger_things(self, db: Session, scope: Scope, rail: Sequence[Thing]) -> Sequence[Thing]: ...
    def named(self, db: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Thing]:
        """The ledger's things of these ids."""
        ...


class Linked(Struct, frozen=True):
    """A pair that is linked, with both sides. ``twice``: the ledger's thing is linked to more than one of the rail's."""

    row: IdentityRow
    rail: Thing | None
    ledger: Thing | None
    twice: bool


class IdentityService:
    """The links of one kind, of one business, within the session's transaction."""

    def __init__(self, db: Session, scope: Scope, kind: Kind) -> None:
        assert scope.business_id is not None, "links are one business's"
        self.db = db
        self.scope = scope
        self.kind = kind

    def link_exact(self, now: datetime) -> int:
        """Link what exact keys prove, with a log line each; how many were new."""
        linked, apart = self._decided()
        known = {rail_id for rail_id, _ in linked}
        rail = self.kind.rail_things(self.db, self.scope)
        if all(thing.id in known for thing in rail):
            return 0
        ledger = self.kind.ledger_things(self.db, self.scope, rail)
        pairs = exact_pairs(rail, ledger, self.kind.rules, linked=_standing(linked, rail), apart=apart)
        for pair in pairs:
            self._write(pair, LINKED, _KEYS, now)
        self._log([("identity.linked", self._said(pair)) for pair in pairs], now, _KEYS)
        return len(pairs)

    def suggestions(self) -> list[tuple[Pair, Thing, Thing]]:
        """What a person may decide, the likeliest first."""
        linked, apart = self._decided()
        rail = self.kind.rail_things(self.db, self.scope)
        known = {rail_id for rail_id, _ in linked}
        if all(thing.id in known for thing in rail):
            return []
        ledger = self.kind.ledger_things(self.db, self.scope, rail)
        of_these = _standing(linked, rail)
        pairs = suggested_pairs(rail, ledger, self.kind.score, self.kind.blocks, linked=of_these, apart=apart)
        here, there = {each.id: each for each in rail}, {each.id: each for each in ledger}
        return [(pair, here[pair.rail_id], there[pair.ledger_id]) for pair in pairs]

    def links(self) -> list[Linked]:
        """Every linked pair, what is linked twice first, then by the rail's name."""
        rows = [row for row in self._rows() if row.state == LINKED]
        here = {thing.id: thing for thing in self.kind.rail_things(self.db, self.scope)}
        rows = [row for row in rows if row.rail_id in here]
        there = self.kind.named(self.db, self.scope, [row.ledger_id for row in rows])
        times: dict[str, int] = {}
        for row in rows:
            times[row.ledger_id] = times.get(row.ledger_id, 0) + 1
        found = [Linked(row, here[row.rail_id], there.get(row.ledger_id), times[row.ledger_id] > 1) for row in rows]
        return sorted(found, key=lambda each: (not each.twice, each.rail.name if each.rail else "", each.row.rail_id))

    def unlinked(self) -> list[Thing]:
        """Things of the rail that are linked to nothing."""
        known = {row.rail_id for row in self._rows() if row.state == LINKED}
        return [thing for thing in self.kind.rail_things(self.db, self.scope) if thing.id not in known]

    def choices(self) -> list[Thing]:
        """Things of the ledger that a person may choose from."""
        return list(self.kind.ledger_things(self.db, self.scope, self.kind.rail_things(self.db, self.scope)))

    def confirm(self, rail_id: str, ledger_id: str, *, now: datetime, actor: str) -> None:
        """A person says that they are the same; ``Refused`` while the rail's thing is linked to another."""
        linked, _ = self._decided()
        if (rail_id, ledger_id) in linked:
            return
        if rail_id in {pair[0] for pair in linked}:
            raise Refused("It is linked to another already. Undo that link first.")
        pair = self._pair(rail_id, ledger_id)
        self._write(pair, LINKED, actor, now)
        self._log([("identity.confirmed", self._said(pair))], now, actor)

    def refuse(self, rail_id: str, ledger_id: str, *, now: datetime, actor: str) -> None:
        """A person says that they are not the same: it is not suggested again. Twice is once."""
        row = self._find(rail_id, ledger_id)
        if row is not None and row.state == LINKED:
            raise Refused("They are linked. Undo the link instead.")
        if row is not None and row.state == REFUSED:
            return
        pair = self._pair(rail_id, ledger_id)
        self._write(pair, REFUSED, actor, now)
        self._log([("identity.refused", self._said(pair))], now, actor)

    def undo(self, rail_id: str, ledger_id: str, *, now: datetime, actor: str) -> None:
        """Take a decision back: a link is undone and not made again by itself; a refused pair may be suggested again."""
        row = self._find(rail_id, ledger_id)
        if row is None or row.state == UNDONE:
            raise NotFound(f"Nothing was decided of this {self.kind.name.replace('_', ' ')}.")
        said = {"kind": self.kind.name, "rail": row.rail, "rail_id": rail_id, "ledger_id": ledger_id, "was": row.state}
        if row.state == REFUSED:
            self.db.delete(row)
        else:
            row.state, row.decided_by, row.decided_at = UNDONE, actor, now
        self._log([("identity.undone", said)], now, actor)

    def _pair(self, rail_id: str, ledger_id: str) -> Pair:
        """Both exist, and how alike they are."""
        mine = next((each for each in self.kind.rail_things(self.db, self.scope) if each.id == rail_id), None)
        theirs = self.kind.named(self.db, self.scope, [ledger_id]).get(ledger_id)
        if mine is None or theirs is None:
            missing = rail_id if mine is None else ledger_id
            raise NotFound(f"There is no {self.kind.name.replace('_', ' ')} {missing!r} here.")
        points, why = self.kind.score(mine, theirs)
        return Pair(rail_id, ledger_id, PERSON, min(points, CERTAIN), why)

    def _decided(self) -> tuple[Decided, Decided]:
        """Pairs that are linked, and pairs that a person keeps apart."""
        rows = self._rows()
        linked = frozenset((row.rail_id, row.ledger_id) for row in rows if row.state == LINKED)
        return linked, frozenset((row.rail_id, row.ledger_id) for row in rows if row.state != LINKED)

    def _rows(self) -> Sequence[IdentityRow]:
        model = self.kind.model
        return self.db.scalars(
            select(model).where(model.business_id == self.scope.business_id, model.rail == self.kind.rail)
        ).all()

    def _find(self, rail_id: str, ledger_id: str) -> IdentityRow | None:
        return self.db.get(self.kind.model, (self.scope.business_id, self.kind.rail, rail_id, ledger_id))

    def _write(self, pair: Pair, state: str, actor: str, now: datetime) -> None:
        model: Any = self.kind.model
        row = self._find(pair.rail_id, pair.ledger_id) or model(
            firm_id=self.scope.firm_id,
            business_id=self.scope.business_id,
            rail=self.kind.rail,
            rail_id=pair.rail_id,
            ledger_id=pair.ledger_id,
        )
        row.state, row.rule, row.score = state, pair.rule, pair.score
        row.evidence, row.decided_by, row.decided_at = json.dumps(list(pair.why)), actor, now
        self.db.add(row)

    def _said(self, pair: Pair) -> dict[str, Any]:
        return {
            "kind": self.kind.name,
            "rail": self.kind.rail,
            "rail_id": pair.rail_id,
            "ledger_id": pair.ledger_id,
            "rule": pair.rule,
            "score": pair.score,
            "why": list(pair.why),
        }

    def _log(self, entries: Sequence[tuple[str, dict[str, Any]]], now: datetime, actor: str) -> None:
        self.db.flush()
        if entries:
            translog.append_many(self.db, self.scope, now=now, actor=actor, entries=entries)


def _standing(linked: Decided, rail: Sequence[Thing]) -> Decided:
    """Links of what the rail still shows: one of a thing that is gone keeps the ledger's for nobody."""
    here = {thing.id for thing in rail}
    return frozenset(pair for pair in linked if pair[0] in here)
