"""The log as evidence: chains walked, heads anchored in a file outside, whole chains exported and verified with no database."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, TextIO, overload

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.infra import translog
from interlock.infra.translog.chain import Break, Line, canonical, verify
from interlock.kernel.errors import BadInput, NotFound


class Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A head kept outside the database: what line ``seq`` of ``chain`` was at ``at`` (ISO instant); ``name`` is whose."""

    chain: str
    seq: int
    hash: str
    at: str
    name: str


@dataclass(frozen=True)
class Verdict:
    """What a walk found: the head of each chain ``{chain: (seq, hash)}``, every break, anchors held against the lines."""

    heads: dict[str, tuple[int, str]]
    breaks: list[Break]
    anchors: int

    @property
    def holds(self) -> bool:
        return not self.breaks


def chains(session: Session) -> list[str]:
    """Every chain within the session's scope."""
    return list(session.scalars(select(translog.LogLine.chain).distinct().order_by(translog.LogLine.chain)))


def examine(lines: Iterable[Line], anchors: Sequence[Anchor] = ()) -> Verdict:
    """Verify ``lines`` (each chain in order) against themselves and every anchor.

    The newest anchor of each chain is the chain module's to check; older ones are held against the lines that pass by.
    """
    newest: dict[str, Anchor] = {}
    for anchor in anchors:
        if anchor.chain not in newest or anchor.seq >= newest[anchor.chain].seq:
            newest[anchor.chain] = anchor
    older = [anchor for anchor in anchors if newest[anchor.chain] is not anchor]
    seen: dict[tuple[str, int], str] = {}
    wanted = {(anchor.chain, anchor.seq) for anchor in older}

    def passing() -> Iterator[Line]:
        for line in lines:
            if (line.chain, line.seq) in wanted:
                seen[line.chain, line.seq] = line.hash
            yield line

    heads, breaks = verify(passing(), {chain: (anchor.seq, anchor.hash) for chain, anchor in newest.items()})
    for anchor in older:
        found = seen.get((anchor.chain, anchor.seq))
        if found != anchor.hash:
            why = "was anchored and is gone" if found is None else "is not the line that was anchored"
            breaks.append(Break(anchor.chain, anchor.seq, why))
    return Verdict(heads, breaks, len(anchors))


def export(session: Session, chain: str, path: Path) -> int:
    """Write the whole chain to a new file, a line of JSON each; returns how many. An existing file is left alone."""
    written = 0
    with new_file(path) as file:
        for line in translog.lines(session, chain):
            file.write(canonical(asdict(line)) + "\n")
            written += 1
    return written


def read_export(path: Path) -> Iterator[Line]:
    """The lines of an exported file; ``BadInput`` names the first that is none."""
    for number, said in _lines(path):
        try:
            yield msgspec.json.decode(said, type=Line)
        except msgspec.DecodeError:
            raise BadInput(f"{path} is no exported log: line {number} can't be read as one of its lines.") from None


def read_anchors(path: Path) -> list[Anchor]:
    """Anchors as ``append_anchors`` wrote them; ``BadInput`` names the first line that is none."""
    found: list[Anchor] = []
    for number, said in _lines(path):
        try:
            found.append(msgspec.json.decode(said, type=Anchor))
        except msgspec.DecodeError:
            raise BadInput(f"{path} is no file of anchors: line {number} can't be read as one.") from None
    return found


def append_anchors(path: Path, anchors: Sequence[Anchor]) -> None:
    """Add to the file, which then holds on the disk; earlier anchors stay."""
    text = "".join(canonical(msgspec.structs.asdict(anchor)) + "\n" for anchor in anchors)
    with path.open("a") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


@overload
def new_file(path: Path) -> AbstractContextManager[TextIO]: ...
@overload
def new_file(path: Path, *, binary: Literal[True]) -> AbstractContextManager[BinaryIO]: ...
def new_file(path: Path, *, binary: bool = False) -> AbstractContextManager[Any]:
    """A file that is there whole or not at all; ``BadInput`` for one that exists."""
    return _new(path, "xb" if binary else "x")


@contextmanager
def _new(path: Path, mode: str) -> Iterator[IO[Any]]:
    try:
        file = path.open(mode)
    except FileExistsError:
        raise BadInput(f"{path} exists already and was left as it is; name another file.") from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:  # whatever ended it, an interrupt too: half a file is no evidence
        path.unlink()
        raise


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open() as file:
            for number, said in enumerate(file, 1):
                if said.strip():
                    yield number, said
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not text.") from None
