"""The cash path before and after a batch as a drawing: deterministic SVG steps of the low side, which the guardrail tests.

Grey is before, ink is after, red only where it is under the floor. Coordinates have one decimal; the numbers stand in the table
below. The grammar is the overview's chart's.
"""

from collections.abc import Sequence
from html import escape

from interlock.runway.services.calculators.drawing import CHARACTER_UNITS, Frame, Size, frame_of, grid, steps, under
from interlock.runway.services.calculators.words import on_day
from interlock.runway.services.experiences.impact import ImpactView

_MOST_LINES = 5
_LABEL_EVERY_DAYS = 7


WIDE = Size("wide", 520, 232, 60, 48, top=16, foot=26)
SLIM = Size("slim", 343, 184, 60, 44, top=16, foot=26, every_weeks=2)


def draw(impact: ImpactView, size: Size) -> str:
    """An ``<svg>`` element, its title saying what it shows."""
    before = [point.before.money.minor for point in impact.path]
    after = [point.after.money.minor for point in impact.path]
    floor, currency = impact.floor.money.minor, impact.floor.currency
    frame = frame_of(size, len(impact.path), (*before, *after, floor), currency, most_lines=_MOST_LINES)
    name = f"impact-{size.name}"
    return "".join(
        [
            f'<svg class="chart {size.name}" viewBox="0 0 {size.width} {size.height}" role="img"'
            f' aria-labelledby="{name}"><title id="{name}">{escape(title(impact))}</title>',
            *grid(frame, currency),
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


def _lines(frame: Frame, before: Sequence[int], after: Sequence[int], floor: int) -> list[str]:
    y = frame.y(floor)
    red = under(frame, after, floor)
    area = "".join(f"{each}Z" for each in red)
    found = [f'<path class="under" d="{area}"/>'] if red else []
    found.append(f'<line class="floor" x1="{frame.size.left}" x2="{frame.right}" y1="{y}" y2="{y}"/>')
    found.append(f'<path class="before" d="{steps(frame, before)}"/>')
    found.append(f'<path class="after" d="{steps(frame, after)}"/>')
    if red:
        found.append(f'<path class="breach" d="{"".join(red)}"/>')
    return found


def _labels(frame: Frame, impact: ImpactView, before: Sequence[int], after: Sequence[int], floor: int) -> list[str]:
    size, low = frame.size, impact.after
    value = low.amount.money.minor
    x, y = frame.x((low.on - impact.today).days), frame.y(value)
    broken = value < floor
    words = f"{on_day(low.on, impact.today)}, {low.amount}"
    anchor, at = ("end", x - 8) if x - size.left > len(words) * CHARACTER_UNITS else ("start", x + 8)
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


def _dates(frame: Frame, impact: ImpactView) -> list[str]:
    found, base = [f'<text x="{frame.x(0)}" y="{frame.bottom + 18}">Today</text>'], frame.bottom + 18
    for at in range(_LABEL_EVERY_DAYS, len(impact.path), _LABEL_EVERY_DAYS):
        if (at // _LABEL_EVERY_DAYS) % frame.size.every_weeks == 0 and frame.size.width - frame.x(at) > 24:
            day = impact.path[at].day
            found.append(f'<text x="{frame.x(at)}" y="{base}" text-anchor="middle">{day.day} {day:%b}</text>')
    return found
