"""How figures look in a terminal: accountants' conventions on plain paper.

Figures stand right with two decimals; negatives in parentheses, and what isn't negative leaves room for the missing one;
zero is a dash at the decimal point; the currency stands in the head; a total has a rule above its figures. States are words.
"""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from interlock.kernel.money import Money, decimals

WIDE_COLUMNS = 160  # where the output is no terminal, nothing needs folding at 80
_NARROWEST_WORDS = 12
_BETWEEN_COLUMNS = 2
_RULE = "a rule above figures"
_RULED_HEAD = Box("    \n    \n ─  \n    \n    \n    \n    \n    \n")


def out() -> Console:
    """Where answers go."""
    return _console(sys.stdout.isatty(), stderr=False)


def aside() -> Console:
    """Where progress and remarks go: stderr, so that answers can be piped."""
    return _console(sys.stderr.isatty(), stderr=True)


def _console(terminal: bool, *, stderr: bool) -> Console:
    return Console(stderr=stderr, width=None if terminal else WIDE_COLUMNS, highlight=False, emoji=False, markup=False)


class Sheet:
    """A table under a rule. A head that starts with ``>`` is a column of figures; the others hold words.

    Figures are padded here: Rich would strip the blank that stands for a missing parenthesis.
    """

    def __init__(self, *heads: str) -> None:
        self._heads = [head.removeprefix(">") + " " * head.startswith(">") for head in heads]
        self._figures = [head.startswith(">") for head in heads]
        self._rows: list[tuple[list[str], str]] = []

    def add(self, *cells: str, style: str = "") -> None:
        """One row; ``style`` is Rich's and never the only bearer of a meaning."""
        self._rows.append((list(cells), style))

    def total(self, *cells: str) -> None:
        """A row of sums, ruled above its figures."""
        self._rows.append((["─" if figure and cell else "" for figure, cell in self._marked(cells)], _RULE))
        self._rows.append((list(cells), "bold"))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        del console
        widths = [self._width(at) for at in range(len(self._heads))]
        least = [
            width if figure else min(width, _NARROWEST_WORDS)
            for figure, width in zip(self._figures, widths, strict=True)
        ]
        if sum(least) + _BETWEEN_COLUMNS * len(least) <= options.max_width:
            yield self._table(widths)
        else:
            yield self._entries(widths)

    def _table(self, widths: Sequence[int]) -> Table:
        table = Table(box=_RULED_HEAD, show_edge=False, header_style="dim", border_style="dim", padding=(0, 1, 0, 0))
        heads = self._padded(self._heads, widths)
        for head, figure, width in zip(heads, self._figures, widths, strict=True):
            table.add_column(head, no_wrap=figure, min_width=width if figure else None, overflow="fold")
        for cells, style in self._rows:
            table.add_row(*self._padded(cells, widths), style="" if style == _RULE else style)
        return table

    def _entries(self, widths: Sequence[int]) -> Table:
        """For a screen too narrow for the columns: each row an entry, its first words above, the rest head by head."""
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        first = self._figures.index(False)
        figures = max(width for figure, width in zip(self._figures, widths, strict=True) if figure)
        for cells, style in self._rows:
            if style == _RULE:
                continue
            table.add_row(Text(cells[first]), "", style="bold")
            for at, (figure, cell) in enumerate(self._marked(cells)):
                if at != first and cell:
                    table.add_row(Text(f"  {self._heads[at].strip()}"), Text(cell.rjust(figures) if figure else cell))
        return table

    def _marked(self, cells: Sequence[str]) -> list[tuple[bool, str]]:
        return list(zip(self._figures, cells, strict=True))

    def _width(self, at: int) -> int:
        return max(cell_len(cells[at]) for cells in [self._heads, *(cells for cells, _ in self._rows)])

    def _padded(self, cells: Sequence[str], widths: Sequence[int]) -> list[Text]:
        said: list[Text] = []
        for (figure, cell), width in zip(self._marked(cells), widths, strict=True):
            text = "─" * width if cell == "─" else " " * (width - cell_len(cell)) + cell if figure else cell
            said.append(Text(text))
        return said


def figure(amount: Money | Decimal | str, currency: str = "USD") -> str:
    """``1,234.50 `` · ``(1,234.50)`` · ``–``, each ending where the others do."""
    value = amount.amount if isinstance(amount, Money) else Decimal(amount)
    places = decimals(amount.currency if isinstance(amount, Money) else currency)
    if not value:
        return "–" + " " * (places + 1)
    said = f"{abs(value):,.{places}f}"
    return f"({said})" if value < 0 else f"{said} "


def count(number: int) -> str:
    """A count in a figure column: ``1,204 ``, ``– ``."""
    return f"{number:,} " if number else "– "


def day(value: date | None) -> str:
    """``17 Dec 2026``; a dash for none."""
    return f"{value.day} {value:%b %Y}" if value else "–"


def moment(value: datetime | None) -> str:
    """``24 Nov 2026 21:04 UTC``; a dash for none."""
    return f"{value.day} {value:%b %Y %H:%M} UTC" if value else "–"


def plural(number: int, one: str, many: str | None = None) -> str:
    """``1 bill``, ``3 bills``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
