"""The chain itself, pure: canonical JSON, SHA-256, and what a verifier can say about a list of lines.

A chain alone shows edits, removals and reordering inside it. It can't show that its end was cut off or that all of it was
written anew; for that, compare its head with one anchored outside the database (a digest, a file).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``at`` is an ISO instant in UTC, ``body`` canonical JSON text, hashes are 64 hex digits."""

    chain: str
    seq: int
    at: str
    actor: str
    action: str
    body: str
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain stops holding, and why."""

    chain: str
    seq: int
    why: str


def canonical(value: Any) -> str:
    """JSON text with sorted keys, no spaces and no floats, so that equal values have equal bytes everywhere.

    ``TypeError`` for what JSON would have to guess at, keys that aren't text included.
    """
    _refuse_guesses(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def line_hash(chain: str, seq: int, at: str, actor: str, action: str, body: str, prev: str) -> str:
    """SHA-256 over the canonical JSON of everything in the line but its own hash."""
    said = canonical(
        {"action": action, "actor": actor, "at": at, "body": body, "chain": chain, "prev": prev, "seq": seq}
    )
    return hashlib.sha256(said.encode()).hexdigest()


def verify(
    lines: Iterable[Line],
    anchors: dict[str, tuple[int, str]] | None = None,
    *,
    after: dict[str, tuple[int, str]] | None = None,
) -> tuple[dict[str, tuple[int, str]], list[Break]]:
    """Walk lines (each chain in order) and return the heads ``{chain: (seq, hash)}`` and every break found.

    ``anchors`` are heads kept outside: a chain must still hold the anchored line, so a cut-off end or a rewritten
    history shows. After a break the walk goes on from the line as written, so that one edit is reported once. ``after``: the
    line ``(seq, hash)`` that a stretch of a chain follows, where it doesn't begin with the first.
    """
    heads: dict[str, tuple[int, str]] = dict(after or {})
    breaks: list[Break] = []
    # The head of a chain that had no line yet vouches for nothing.
    awaited = {chain: anchor for chain, anchor in (anchors or {}).items() if anchor[0] > 0}
    for line in lines:
        seq, prev = heads.get(line.chain, (0, GENESIS))
        if line.seq != seq + 1:
            breaks.append(Break(line.chain, line.seq, f"line {seq + 1} should come here"))
        elif line.prev != prev:
            breaks.append(Break(line.chain, line.seq, "does not follow from the line before it"))
        said = {key: value for key, value in asdict(line).items() if key != "hash"}
        if line_hash(**said) != line.hash:
            breaks.append(Break(line.chain, line.seq, "was changed after it was written"))
        anchor = awaited.get(line.chain)
        if anchor and anchor[0] == line.seq:
            if anchor[1] != line.hash:
                breaks.append(Break(line.chain, line.seq, "is not the line that was anchored"))
            del awaited[line.chain]
        heads[line.chain] = (line.seq, line.hash)
    breaks += [Break(chain, seq, "was anchored and is gone") for chain, (seq, _) in awaited.items()]
    return heads, breaks


def _refuse_guesses(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("The log keeps no floats: pass minor units, a Decimal as text, or a whole number.")
    if isinstance(value, dict):
        for key, part in value.items():
            _refuse_guesses(key)
            if not isinstance(key, str):
                raise TypeError(f"The log's keys are text, not {type(key).__name__}.")
            _refuse_guesses(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_guesses(part)
