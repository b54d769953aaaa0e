"""On which line of a TOML text each key stands. The standard reader keeps no places, so the text is read again by statement."""

import tomllib
from collections.abc import Sequence

Path = tuple[str, ...]
_STATEMENT_LINES = 100


class TooLong(Exception):
    """A single value that goes on for more than a hundred lines."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def places(text: str) -> dict[Path, int]:
    """Line numbers from 1 by path, tables among them. ``text`` is known to be TOML; ``TooLong`` for an endless value."""
    found: dict[Path, int] = {}
    table: Path = ()
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        bare = lines[at].strip()
        if not bare or bare.startswith("#"):
            at += 1
            continue
        took, said = _statement(lines, at)
        header = bare.startswith("[")
        under: Path = () if header else table
        deepest: Path = ()
        for path in _paths(said):
            deepest = path
            found.setdefault((*under, *path), at + 1)
        if header:
            table = deepest
        at += took
    return found


def line_of(found: dict[Path, int], path: Path) -> int:
    """The line of ``path``, else of the nearest that it stands in; 1 when nothing is known."""
    while path:
        if path in found:
            return found[path]
        path = path[:-1]
    return 1


def _statement(lines: Sequence[str], at: int) -> tuple[int, dict[str, object]]:
    """How many lines the statement at ``at`` takes, and what it says by itself."""
    for took in range(1, min(_STATEMENT_LINES, len(lines) - at) + 1):
        try:
            return took, tomllib.loads("\n".join(lines[at : at + took]))
        except tomllib.TOMLDecodeError:  # goes on in the next line
            continue
    raise TooLong(at + 1)


def _paths(said: object, above: Path = ()) -> list[Path]:
    if isinstance(said, list):  # an array of tables
        return [path for each in said for path in _paths(each, above)]
    if not isinstance(said, dict):
        return []
    found: list[Path] = []
    for name, value in said.items():
        found += [(*above, name), *_paths(value, (*above, name))]
    return found
