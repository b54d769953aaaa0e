"""What every drawing of balances is made of: steps from day to day, a grid in round amounts, what lies under the floor. Pure.

Amounts are minor units. Coordinates have one decimal, so the same numbers give the same text.
"""

from collections.abc import Sequence

from msgspec import Struct

from interlock.kernel.money import Money

CHARACTER_UNITS = 6.4  # of a 12 px label, about: enough to know on which side it fits


class Size(Struct, frozen=True):
    """A drawing's own units, which are pixels when it is shown at its full width. ``foot``: room under the axis."""

    name: str
    width: int
    height: int
    left: int
    right: int
    top: int
    foot: int
    every_weeks: int = 1


class Frame(Struct, frozen=True):
    """How days and amounts become coordinates; grid lines stand ``step`` apart."""

    size: Size
    days: int
    least: int
    most: int
    step: int

    @property
    def bottom(self) -> int:
        return self.size.height - self.size.foot

    @property
    def right(self) -> int:
        return self.size.width - self.size.right

    def x(self, at: int) -> float:
        span = self.right - self.size.left
        return round(self.size.left + span * at / max(self.days - 1, 1), 1)

    def y(self, minor: int) -> float:
        span = self.bottom - self.size.top
        return round(self.size.top + span * (self.most - minor) / (self.most - self.least), 1)


def frame_of(size: Size, days: int, amounts: Sequence[int], currency: str, *, most_lines: int) -> Frame:
    """A frame that holds zero and every one of ``amounts``, between lines in round amounts."""
    low, high = min(0, *amounts), max(1, *amounts)
    step = _step(low, high, currency, most_lines)
    return Frame(size, days, low // step * step, -(-high // step) * step, step)


def grid(frame: Frame, currency: str) -> list[str]:
    """Lines across with their amounts, the axis among them."""
    found = []
    for minor in range(frame.least, frame.most + 1, frame.step):
        y = frame.y(minor)
        kind = "axis" if minor == 0 else "grid"
        amount = Money(abs(minor), currency).amount
        said = "–" if minor == 0 else f"({amount:,.0f})" if minor < 0 else f"{amount:,.0f}"
        found.append(f'<line class="{kind}" x1="{frame.size.left}" x2="{frame.right}" y1="{y}" y2="{y}"/>')
        found.append(f'<text x="{frame.size.left - 8}" y="{y + 4:.1f}" text-anchor="end">{said}</text>')
    return found


def steps(frame: Frame, values: Sequence[int]) -> str:
    """From day to day level, then up or down on the day itself."""
    said = [f"M{frame.x(0)} {frame.y(values[0])}"]
    for at in range(1, len(values)):
        said.append(f"H{frame.x(at)}")
        if values[at] != values[at - 1]:
            said.append(f"V{frame.y(values[at])}")
    return "".join(said)


def under(frame: Frame, values: Sequence[int], floor_minor: int) -> list[str]:
    """One outline for each stretch of days under the floor."""
    found: list[str] = []
    at, last = 0, len(values) - 1
    while at <= last:
        if values[at] >= floor_minor:
            at += 1
            continue
        said = f"M{frame.x(at)} {frame.y(floor_minor)}V{frame.y(values[at])}"
        while at < last and values[at + 1] < floor_minor:
            at += 1
            said += f"H{frame.x(at)}V{frame.y(values[at])}"
        at += 1
        found.append(f"{said}H{frame.x(min(at, last))}V{frame.y(floor_minor)}")
    return found


def _step(least: int, most: int, currency: str, most_lines: int) -> int:
    """A round distance between grid lines: 1, 2 or 5 times a power of ten, whole major units."""
    unit = Money.of("1", currency).minor
    wanted, step = max((most - least) // most_lines, 1), unit
    for factor in (digit * 10**power for power in range(16) for digit in (1, 2, 5)):
        step = unit * factor
        if step >= wanted:
            break
    return step
