"""The cash path as a drawing: deterministic SVG steps (design rules: ink p50, grey p80 with its band, floor dashed, red under it).

Balances are steps, so lines are steps; coordinates have one decimal, so the same path gives the same bytes. Pure.
"""

from collections.abc import Sequence
from datetime import date
from html import escape

from msgspec import Struct

from interlock.kernel.money import Money
from interlock.runway.services.calculators.cash_path import CashPath
from interlock.runway.services.calculators.drawing import CHARACTER_UNITS, Frame, Size, frame_of, grid, steps, under
from interlock.runway.services.calculators.guardrail_values import Low
from interlock.runway.services.calculators.weeks import monday_of
from interlock.runway.services.calculators.words import on_day

_MOST_LINES = 6
_LANE_UNITS = 18
_ROOMY_UNITS = 600

WIDE = Size("wide", 944, 304, 60, 8, top=12, foot=66)
SLIM = Size("slim", 343, 240, 64, 8, top=12, foot=66, every_weeks=4)


class Lane(Struct, frozen=True):
    """Days of one sort, marked under the axis."""

    name: str
    days: tuple[date, ...]


def draw_path(path: CashPath, floor_minor: int, currency: str, lanes: Sequence[Lane], title: str, size: Size) -> str:
    """An ``<svg>`` element with a title for who can't see it; the same numbers stand in the page's table."""
    likely = [each.likely_minor for each in path.days]
    low = [each.low_minor for each in path.days]
    frame = frame_of(size, len(path.days), (*likely, *low, floor_minor), currency, most_lines=_MOST_LINES)
    name = f"chart-{size.name}"
    parts = [
        f'<svg class="chart {size.name}" viewBox="0 0 {size.width} {size.height}" role="img" aria-labelledby="{name}">'
        f'<title id="{name}">{escape(title)}</title>',
        *grid(frame, currency),
        f'<path class="band" d="{_band(frame, likely, low)}"/>',
        *_lines(frame, likely, low, floor_minor),
        *_labels(frame, path, floor_minor, currency),
        *_dates(frame, path),
        *(part for at, lane in enumerate(lanes) for part in _lane(frame, path, lane, at)),
        "</svg>",
    ]
    return "".join(parts)


def _band(frame: Frame, likely: Sequence[int], low: Sequence[int]) -> str:
    """Between the likely path and the low side, where that is lower: the downside only."""
    under = [min(pair) for pair in zip(likely, low, strict=True)]
    back = [f"V{frame.y(under[-1])}"]
    for at in range(len(under) - 2, -1, -1):
        back.append(f"V{frame.y(under[at])}H{frame.x(at)}")  # a day's own value reaches to the day after
    return steps(frame, likely) + "".join(back) + "Z"


def _lines(frame: Frame, likely: Sequence[int], low: Sequence[int], floor_minor: int) -> list[str]:
    y = frame.y(floor_minor)
    stretches = under(frame, low, floor_minor)
    red, area = "".join(stretches), "".join(f"{each}Z" for each in stretches)
    found = [f'<path class="under" d="{area}"/>'] if red else []
    found.append(f'<path class="p80" d="{steps(frame, low)}"/>')
    found.append(f'<path class="p50" d="{steps(frame, likely)}"/>')
    if red:
        found.append(f'<path class="breach" d="{red}"/>')
    found.append(f'<line class="floor" x1="{frame.size.left}" x2="{frame.right}" y1="{y}" y2="{y}"/>')
    return found


def _labels(frame: Frame, path: CashPath, floor_minor: int, currency: str) -> list[str]:
    low = path.low
    broken = low.minor < floor_minor
    x, y = frame.x((low.on - path.today).days), frame.y(low.minor)
    words = f"Low point {Money(low.minor, currency)}, {on_day(low.on, path.today)}"
    anchor, at = _beside(frame.size, x, len(words) * CHARACTER_UNITS)
    below = y + 16 if y + 20 < frame.bottom else y - 8
    tone = "red" if broken else "key"
    label_y = frame.y(floor_minor) + _floor_side(frame, path, floor_minor, low)
    left, right = frame.size.left + 4, frame.right - 4
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


def _floor_side(frame: Frame, path: CashPath, floor_minor: int, low: Low) -> int:
    """The floor's label stands under its line, or above where the axis is too near, the path ends below, or all is narrow."""
    near_axis = frame.y(floor_minor) + 18 > frame.bottom
    ends_under = path.days[-1].low_minor < floor_minor and low.minor < floor_minor
    crowded = frame.size.width < _ROOMY_UNITS
    return -6 if near_axis or ends_under or crowded else 16


def _dates(frame: Frame, path: CashPath) -> list[str]:
    found, base = [], frame.bottom + 18
    monday = monday_of(path.today)
    for at in range(len(path.days)):
        day = path.days[at].day
        if at and day.weekday() == 0 and ((day - monday).days // 7) % frame.size.every_weeks == 0:
            x = frame.x(at)
            if x - frame.size.left < 48 or frame.size.width - x < 24:
                continue
            found.append(f'<text x="{x}" y="{base}" text-anchor="middle">{day.day} {day:%b}</text>')
    return [f'<text x="{frame.x(0)}" y="{base}">Today</text>', *found]


def _lane(frame: Frame, path: CashPath, lane: Lane, at: int) -> list[str]:
    size = frame.size
    y = size.height - 28 + at * _LANE_UNITS
    found = [
        f'<line class="grid" x1="{size.left}" x2="{frame.right}" y1="{y}" y2="{y}"/>',
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
