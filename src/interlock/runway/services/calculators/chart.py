"""The cash path as a drawing: deterministic SVG steps (design rules: ink p50, grey p80 with its band, floor dashed, red under it).

Balances are steps, so lines are steps; coordinates have one decimal, so the same path gives the same bytes. Pure.
"""

from collections.abc import Sequence
from datetime import date
from html import escape

from msgspec import Struct

from interlock.kernel.money import Money
from interlock.runway.services.calculators.cash_path import CashPath
from interlock.runway.services.calculators.guardrail_values import Low
from interlock.runway.services.calculators.weeks import monday_of
from interlock.runway.services.calculators.words import on_day

_MOST_LINES = 6
_CHARACTER_UNITS = 6.4  # of a 12 px label, about: enough to know on which side it fits
_LANE_UNITS = 18
_ROOMY_UNITS = 600


class Size(Struct, frozen=True):
    """A drawing's own units, which are pixels when it is shown at its full width. ``lanes``: room under the axis."""

    name: str
    width: int
    height: int
    left: int
    right: int
    top: int = 12
    lanes: int = 66
    every_weeks: int = 1


WIDE = Size("wide", 944, 304, 60, 8)
SLIM = Size("slim", 343, 240, 64, 8, every_weeks=4)


class Lane(Struct, frozen=True):
    """Days of one sort, marked under the axis."""

    name: str
    days: tuple[date, ...]


class _Frame(Struct, frozen=True):
    """How days and amounts become coordinates."""

    size: Size
    days: int
    least: int
    most: int

    @property
    def floor_line(self) -> int:
        return self.size.height - self.size.lanes

    def x(self, at: float) -> float:
        span = self.size.width - self.size.left - self.size.right
        return round(self.size.left + span * at / max(self.days - 1, 1), 1)

    def y(self, minor: int) -> float:
        span = self.floor_line - self.size.top
        return round(self.size.top + span * (self.most - minor) / (self.most - self.least), 1)


def draw_path(path: CashPath, floor_minor: int, currency: str, lanes: Sequence[Lane], title: str, size: Size) -> str:
    """An ``<svg>`` element with a title for who can't see it; the same numbers stand in the page's table."""
    likely = [each.likely_minor for each in path.days]
    low = [each.low_minor for each in path.days]
    step = _step(min(*likely, *low, floor_minor, 0), max(*likely, *low, floor_minor, 1), currency)
    least = min(0, *likely, *low) // step * step
    most = -(-max(*likely, *low, floor_minor, 1) // step) * step
    frame = _Frame(size, len(path.days), least, most)
    name = f"chart-{size.name}"
    parts = [
        f'<svg class="chart {size.name}" viewBox="0 0 {size.width} {size.height}" role="img" aria-labelledby="{name}">'
        f'<title id="{name}">{escape(title)}</title>',
        *_grid(frame, step, currency),
        f'<path class="band" d="{_band(frame, likely, low)}"/>',
        *_lines(frame, likely, low, floor_minor),
        *_labels(frame, path, floor_minor, currency),
        *_dates(frame, path),
        *(part for at, lane in enumerate(lanes) for part in _lane(frame, path, lane, at)),
        "</svg>",
    ]
    return "".join(parts)


def _step(least: int, most: int, currency: str) -> int:
    """A round distance between grid lines: 1, 2 or 5 times a power of ten, whole major units."""
    unit = Money.of("1", currency).minor
    wanted, step = max((most - least) // _MOST_LINES, 1), unit
    for factor in _round_factors():
        step = unit * factor
        if step >= wanted:
            break
    return step


def _round_factors() -> list[int]:
    return [digit * 10**power for power in range(13) for digit in (1, 2, 5)]


def _grid(frame: _Frame, step: int, currency: str) -> list[str]:
    size, found = frame.size, []
    for minor in range(frame.least, frame.most + 1, step):
        y = frame.y(minor)
        kind = "axis" if minor == 0 else "grid"
        amount = Money(abs(minor), currency).amount
        said = "–" if minor == 0 else f"({amount:,.0f})" if minor < 0 else f"{amount:,.0f}"
        found.append(f'<line class="{kind}" x1="{size.left}" x2="{size.width - size.right}" y1="{y}" y2="{y}"/>')
        found.append(f'<text x="{size.left - 8}" y="{y + 4:.1f}" text-anchor="end">{said}</text>')
    return found


def _steps(frame: _Frame, values: Sequence[int]) -> str:
    """From day to day level, then up or down on the day itself."""
    said = [f"M{frame.x(0)} {frame.y(values[0])}"]
    for at in range(1, len(values)):
        said.append(f"H{frame.x(at)}")
        if values[at] != values[at - 1]:
            said.append(f"V{frame.y(values[at])}")
    return "".join(said)


def _band(frame: _Frame, likely: Sequence[int], low: Sequence[int]) -> str:
    """Between the likely path and the low side, where that is lower: the downside only."""
    under = [min(pair) for pair in zip(likely, low, strict=True)]
    back = [f"V{frame.y(under[-1])}"]
    for at in range(len(under) - 2, -1, -1):
        back.append(f"V{frame.y(under[at])}H{frame.x(at)}")  # a day's own value reaches to the day after
    return _steps(frame, likely) + "".join(back) + "Z"


def _lines(frame: _Frame, likely: Sequence[int], low: Sequence[int], floor_minor: int) -> list[str]:
    size, y = frame.size, frame.y(floor_minor)
    red = "".join(_under(frame, low, floor_minor))
    area = "".join(f"{each}Z" for each in _under(frame, low, floor_minor))
    found = [f'<path class="under" d="{area}"/>'] if red else []
    found.append(f'<path class="p80" d="{_steps(frame, low)}"/>')
    found.append(f'<path class="p50" d="{_steps(frame, likely)}"/>')
    if red:
        found.append(f'<path class="breach" d="{red}"/>')
    found.append(f'<line class="floor" x1="{size.left}" x2="{size.width - size.right}" y1="{y}" y2="{y}"/>')
    return found


def _under(frame: _Frame, low: Sequence[int], floor_minor: int) -> list[str]:
    """One outline for each stretch of days under the floor."""
    found: list[str] = []
    at, last = 0, len(low) - 1
    while at <= last:
        if low[at] >= floor_minor:
            at += 1
            continue
        said = f"M{frame.x(at)} {frame.y(floor_minor)}V{frame.y(low[at])}"
        while at < last and low[at + 1] < floor_minor:
            at += 1
            said += f"H{frame.x(at)}V{frame.y(low[at])}"
        at += 1
        found.append(f"{said}H{frame.x(min(at, last))}V{frame.y(floor_minor)}")
    return found


def _labels(frame: _Frame, path: CashPath, floor_minor: int, currency: str) -> list[str]:
    low = path.low
    broken = low.minor < floor_minor
    x, y = frame.x((low.on - path.today).days), frame.y(low.minor)
    words = f"Low point {Money(low.minor, currency)}, {on_day(low.on, path.today)}"
    anchor, at = _beside(frame.size, x, len(words) * _CHARACTER_UNITS)
    below = y + 16 if y + 20 < frame.floor_line else y - 8
    tone = "red" if broken else "key"
    label_y = frame.y(floor_minor) + _floor_side(frame, path, floor_minor, low)
    left, right = frame.size.left + 4, frame.size.width - frame.size.right - 4
    far, side = (right, "end") if x < (left + right) / 2 else (left, "start")
    return [
        f'<circle class="dot{"" if broken else " calm"}" cx="{x}" cy="{y}" r="4"/>',
        f'<text class="lab halo" x="{far}" y="{label_y:.1f}" text-anchor="{side}">'
        f"Floor {Money(floor_minor, currency)}</text>",
        f'<text class="{tone} halo" x="{at:.1f}" y="{below:.1f}" text-anchor="{anchor}">{escape(words)}</text>',
    ]


def _beside(size: Size, x: float, wide: float) -> tuple[str, float]:
    """Where a label of about ``wide`` units stands beside ``x``: before it, else after it, else as near as the drawing lets it."""
    if x - 8 - wide > size.left:
        return "end", x - 8
    if x + 8 + wide < size.width - size.right:
        return "start", x + 8
    return "end", size.width - size.right


def _floor_side(frame: _Frame, path: CashPath, floor_minor: int, low: Low) -> int:
    """The floor's label stands under its line, or above where the axis is too near, the path ends below, or all is narrow."""
    near_axis = frame.y(floor_minor) + 18 > frame.floor_line
    ends_under = path.days[-1].low_minor < floor_minor and low.minor < floor_minor
    crowded = frame.size.width < _ROOMY_UNITS
    return -6 if near_axis or ends_under or crowded else 16


def _dates(frame: _Frame, path: CashPath) -> list[str]:
    found, base = [], frame.floor_line + 18
    monday = monday_of(path.today)
    for at in range(len(path.days)):
        day = path.days[at].day
        if at and day.weekday() == 0 and ((day - monday).days // 7) % frame.size.every_weeks == 0:
            x = frame.x(at)
            if x - frame.size.left < 48 or frame.size.width - x < 24:
                continue
            found.append(f'<text x="{x}" y="{base}" text-anchor="middle">{day.day} {day:%b}</text>')
    return [f'<text x="{frame.x(0)}" y="{base}">Today</text>', *found]


def _lane(frame: _Frame, path: CashPath, lane: Lane, at: int) -> list[str]:
    size = frame.size
    y = size.height - 28 + at * _LANE_UNITS
    found = [
        f'<line class="grid" x1="{size.left}" x2="{size.width - size.right}" y1="{y}" y2="{y}"/>',
        f'<text class="lab" x="{size.left - 8}" y="{y + 4}" text-anchor="end">{escape(lane.name)}</text>',
    ]
    for day in lane.days:
        if path.today <= day <= path.last:
            x = frame.x((day - path.today).days)
            said = f"{lane.name}, {on_day(day, path.today)}"
            found.append(
                f'<line class="tick" x1="{x}" x2="{x}" y1="{y - 6}" y2="{y + 5}"><title>{escape(said)}</title></line>'
            )
    return found
