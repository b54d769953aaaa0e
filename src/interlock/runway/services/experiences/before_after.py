"""The cash path before and after a batch as a drawing: deterministic SVG steps of the low side, which the guardrail tests.

Grey is before, ink is after, red only where it is under the floor. Coordinates have one decimal; the numbers stand in the table
below. The grammar is the overview's chart's.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from html import escape

from msgspec import Struct

from interlock.runway.services.calculators.words import on_day
from interlock.runway.services.experiences.impact import ImpactView

_MOST_LINES = 5
_CHARACTER_UNITS = 6.4  # of a 12 px label, about
_LABEL_EVERY_DAYS = 7


class Size(Struct, frozen=True):
    """A drawing's own units: pixels when shown at its full width."""

    name: str
    width: int
    height: int
    left: int
    right: int
    top: int = 16
    foot: int = 26
    every_weeks: int = 1


WIDE = Size("wide", 520, 232, 60, 48)
SLIM = Size("slim", 343, 184, 60, 44, every_weeks=2)


class _Frame(Struct, frozen=True):
    """How days and amounts (major units) become coordinates."""

    size: Size
    days: int
    least: Decimal
    most: Decimal

    @property
    def bottom(self) -> int:
        return self.size.height - self.size.foot

    def x(self, at: int) -> float:
        span = self.size.width - self.size.left - self.size.right
        return round(self.size.left + span * at / max(self.days - 1, 1), 1)

    def y(self, value: Decimal) -> float:
        span = self.bottom - self.size.top
        return round(float(self.size.top + span * (self.most - value) / (self.most - self.least)), 1)


def draw(impact: ImpactView, size: Size) -> str:
    """An ``<svg>`` element, its title saying what it shows."""
    before = [Decimal(point.before.amount) for point in impact.path]
    after = [Decimal(point.after.amount) for point in impact.path]
    floor = Decimal(impact.floor.amount)
    lowest = min(*before, *after, floor, Decimal(0))
    highest = max(*before, *after, floor, Decimal(1))
    step = _step(lowest, highest)
    least, most = step * math.floor(lowest / step), step * math.ceil(highest / step)
    frame = _Frame(size, len(impact.path), least, most)
    name = f"impact-{size.name}"
    return "".join(
        [
            f'<svg class="chart {size.name}" viewBox="0 0 {size.width} {size.height}" role="img"'
            f' aria-labelledby="{name}"><title id="{name}">{escape(title(impact))}</title>',
            *_grid(frame, step),
            *_lines(frame, before, after, floor),
            *_labels(frame, impact, before, after, floor),
            *_dates(frame, impact),
            "</svg>",
        ]
    )


def title(impact: ImpactView) -> str:
    """The finding in words, for who can't see the drawing."""
    first, last = impact.path[0].day, impact.path[-1].day
    said = f"Low-side cash path, {on_day(first, impact.today)} to {on_day(last, impact.today)}."
    said += f" Before: lowest {impact.before.amount} on {on_day(impact.before.on, impact.today)}."
    if impact.count:
        said += f" After: lowest {impact.after.amount} on {on_day(impact.after.on, impact.today)}."
    return f"{said} The floor is {impact.floor}."


def _step(least: Decimal, most: Decimal) -> Decimal:
    """A round distance between grid lines: 1, 2 or 5 times a power of ten."""
    wanted = max((most - least) / _MOST_LINES, Decimal(1))
    found = (Decimal(digit * 10**power) for power in range(16) for digit in (1, 2, 5))
    return next(each for each in found if each >= wanted)


def _grid(frame: _Frame, step: Decimal) -> list[str]:
    size, found, value = frame.size, [], frame.least
    while value <= frame.most:
        y = frame.y(value)
        said = "–" if not value else f"({-value:,.0f})" if value < 0 else f"{value:,.0f}"
        kind = "grid" if value else "axis"
        found.append(f'<line class="{kind}" x1="{size.left}" x2="{size.width - size.right}" y1="{y}" y2="{y}"/>')
        found.append(f'<text x="{size.left - 8}" y="{y + 4:.1f}" text-anchor="end">{said}</text>')
        value += step
    return found


def _steps(frame: _Frame, values: Sequence[Decimal]) -> str:
    said = [f"M{frame.x(0)} {frame.y(values[0])}"]
    for at in range(1, len(values)):
        said.append(f"H{frame.x(at)}")
        if values[at] != values[at - 1]:
            said.append(f"V{frame.y(values[at])}")
    return "".join(said)


def _under(frame: _Frame, values: Sequence[Decimal], floor: Decimal) -> list[str]:
    """One outline for each stretch of days under the floor."""
    found: list[str] = []
    at, last = 0, len(values) - 1
    while at <= last:
        if values[at] >= floor:
            at += 1
            continue
        said = f"M{frame.x(at)} {frame.y(floor)}V{frame.y(values[at])}"
        while at < last and values[at + 1] < floor:
            at += 1
            said += f"H{frame.x(at)}V{frame.y(values[at])}"
        at += 1
        found.append(f"{said}H{frame.x(min(at, last))}V{frame.y(floor)}")
    return found


def _lines(frame: _Frame, before: Sequence[Decimal], after: Sequence[Decimal], floor: Decimal) -> list[str]:
    size, y = frame.size, frame.y(floor)
    red = _under(frame, after, floor)
    area = "".join(f"{each}Z" for each in red)
    found = [f'<path class="under" d="{area}"/>'] if red else []
    found.append(f'<line class="floor" x1="{size.left}" x2="{size.width - size.right}" y1="{y}" y2="{y}"/>')
    found.append(f'<path class="before" d="{_steps(frame, before)}"/>')
    found.append(f'<path class="after" d="{_steps(frame, after)}"/>')
    if red:
        found.append(f'<path class="breach" d="{"".join(red)}"/>')
    return found


def _labels(
    frame: _Frame, impact: ImpactView, before: Sequence[Decimal], after: Sequence[Decimal], floor: Decimal
) -> list[str]:
    size, low = frame.size, impact.after
    value = Decimal(low.amount.amount)
    x, y = frame.x((low.on - impact.today).days), frame.y(value)
    broken = value < floor
    words = f"{on_day(low.on, impact.today)}, {low.amount}"
    anchor, at = ("end", x - 8) if x - size.left > len(words) * _CHARACTER_UNITS else ("start", x + 8)
    below = y + 18 if y + 20 < frame.bottom else y - 10
    edge = size.width - size.right + 6
    ends = frame.y(before[-1]) + 4, frame.y(after[-1]) + 4
    found = [
        f'<circle class="dot{"" if broken else " calm"}" cx="{x}" cy="{y}" r="4"/>',
        f'<text class="lab halo" x="{size.left + 4}" y="{frame.y(floor) - 6:.1f}">Floor {escape(str(impact.floor))}</text>',
        f'<text class="{"red" if broken else "key"} halo" x="{at:.1f}" y="{below:.1f}" text-anchor="{anchor}">'
        f"{escape(words)}</text>",
    ]
    if impact.count:
        apart = abs(ends[0] - ends[1]) >= 12
        found.append(f'<text x="{edge}" y="{ends[0] if apart else ends[1] - 14:.1f}">Before</text>')
    return [*found, f'<text class="key" x="{edge}" y="{ends[1]:.1f}">{"After" if impact.count else "Now"}</text>']


def _dates(frame: _Frame, impact: ImpactView) -> list[str]:
    found, base = [f'<text x="{frame.x(0)}" y="{frame.bottom + 18}">Today</text>'], frame.bottom + 18
    for at in range(_LABEL_EVERY_DAYS, len(impact.path), _LABEL_EVERY_DAYS):
        if (at // _LABEL_EVERY_DAYS) % frame.size.every_weeks == 0 and frame.size.width - frame.x(at) > 24:
            day = impact.path[at].day
            found.append(f'<text x="{frame.x(at)}" y="{base}" text-anchor="middle">{day.day} {day:%b}</text>')
    return found
