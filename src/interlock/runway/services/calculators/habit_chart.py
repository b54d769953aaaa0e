"""How a customer pays, as a drawing: each payment by its day and how late it was, with the median and p80. Pure.

Deterministic SVG: the same payments give the same bytes. A larger payment is a larger dot, by area.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from math import sqrt

from interlock.runway.services.calculators.behaviour import WINDOW_DAYS, Paid, lateness
from interlock.runway.services.calculators.words import on_day

_WIDTH, _HEIGHT = 944, 240
_LEFT, _RIGHT, _TOP, _FOOT = 76, 12, 14, 34
_LEAST_RADIUS, _MOST_RADIUS = 2.5, 8.0
_MARGIN_DAYS = 5
_STEPS = (5, 10, 15, 30, 60, 120, 365)
_MOST_LINES = 7


def draw_habit(paid: Sequence[Paid], p50: int, p80: int, today: date, title: str) -> str:
    """An ``<svg>`` element with a title for who can't see it."""
    late = [(each.paid_on - each.due).days for each in paid]
    low, high = min([0, p50, *late]) - _MARGIN_DAYS, max([0, p80, *late]) + _MARGIN_DAYS
    step = next((each for each in _STEPS if (high - low) / each <= _MOST_LINES), _STEPS[-1])
    first = today - timedelta(days=WINDOW_DAYS)

    def x(day: date) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * (day - first).days / WINDOW_DAYS, 1)

    def y(days: int) -> float:
        return round(_TOP + (_HEIGHT - _TOP - _FOOT) * (high - days) / (high - low), 1)

    parts = [
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="habit">'
        f'<title id="habit">{escape(title)}</title>'
    ]
    for days in range(-(-low // step) * step, high + 1, step):
        kind = "axis" if days == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(days)}" y2="{y(days)}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y(days) + 4:.1f}" text-anchor="end">{_axis(days)}</text>')
    for days, name, kind in ((p80, "p80", "p80"), (p50, "median", "p50")):
        parts.append(f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(days)}" y2="{y(days)}"/>')
        parts.append(f'<text class="lab halo" x="{_LEFT + 4}" y="{y(days) - 4:.1f}">{name}, {lateness(days)}</text>')
    most = max((each.minor for each in paid), default=1)
    for each, days in zip(paid, late, strict=True):
        radius = _LEAST_RADIUS + (_MOST_RADIUS - _LEAST_RADIUS) * sqrt(each.minor / most)
        said = f"{on_day(each.paid_on, today)}: {lateness(days)}"
        parts.append(
            f'<circle class="paid" cx="{x(each.paid_on)}" cy="{y(days)}" r="{radius:.1f}"><title>{escape(said)}</title></circle>'
        )
    parts.append(f'<text x="{_LEFT}" y="{_HEIGHT - 10}">{on_day(first, today)}</text>')
    parts.append(f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 10}" text-anchor="end">Today</text>')
    return "".join([*parts, "</svg>"])


def _axis(days: int) -> str:
    return "on the day" if days == 0 else f"{abs(days)} {'late' if days > 0 else 'early'}"
