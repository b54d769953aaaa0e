"""How far a forecast was off (product-map §2.7). Pure.

Each week has two figures, money in and money out, both above zero; what one is over and the other under doesn't cancel out.
``WAPE = Σ|A−F| / Σ|A|``, ``bias = (ΣF−ΣA) / ΣA``, in tenths of a percent, halves away from zero; neither where nothing moved.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

HORIZONS_WEEKS = (1, 2, 4, 8)
WEEKS_KEPT = max(HORIZONS_WEEKS)
_WEEK = timedelta(days=7)
_PER_MILLE = 1_000

Basis = Literal["bank", "books"]


class ForecastWeek(Struct, frozen=True):
    """Seven days from ``first``; minor units, both above zero."""

    first: date
    in_minor: int
    out_minor: int

    @property
    def end(self) -> date:
        """The day after its last."""
        return self.first + _WEEK


class Forecast(Struct, frozen=True):
    """What was expected on ``issued``, week by week from that day on. ``basis``: where the path started from."""

    issued: date
    currency: str
    basis: Basis
    weeks: tuple[ForecastWeek, ...]


class Accuracy(Struct, frozen=True):
    """One horizon's. ``forecast_minor`` and ``moved_minor``: in and out together; ``off_minor``: what each was off by, summed."""

    issued: date
    weeks: int
    forecast_minor: int
    moved_minor: int
    off_minor: int

    @property
    def wape(self) -> int | None:
        """Tenths of a percent."""
        return _share(self.off_minor, self.moved_minor)

    @property
    def bias(self) -> int | None:
        """Tenths of a percent; above zero: more was forecast than moved."""
        return _share(self.forecast_minor - self.moved_minor, self.moved_minor)


def forecast_of(
    issued: date, currency: str, basis: Basis, expected: Iterable[tuple[date, int]], weeks: int = WEEKS_KEPT
) -> Forecast:
    """From dated movements (minor units, in above zero); those after the last week are left out."""
    sums = _weekly(issued, expected, weeks)
    return Forecast(
        issued, currency, basis, tuple(ForecastWeek(issued + _WEEK * at, *each) for at, each in enumerate(sums))
    )


def accuracy(forecast: Forecast, happened: Iterable[tuple[date, int]], weeks: int) -> Accuracy:
    """The first ``weeks`` of a forecast against what moved (minor units, in above zero)."""
    moved = _weekly(forecast.issued, happened, weeks)
    told = forecast.weeks[:weeks]
    pairs = [
        pair
        for week, (came, went) in zip(told, moved, strict=True)
        for pair in ((week.in_minor, came), (week.out_minor, went))
    ]
    return Accuracy(
        issued=forecast.issued,
        weeks=weeks,
        forecast_minor=sum(each for each, _ in pairs),
        moved_minor=sum(each for _, each in pairs),
        off_minor=sum(abs(forecast_ - actual) for forecast_, actual in pairs),
    )


def newest_over(forecasts: Sequence[Forecast], today: date, weeks: int) -> Forecast | None:
    """The newest forecast whose first ``weeks`` are over before ``today``."""
    over = [each for each in forecasts if each.issued + _WEEK * weeks <= today and len(each.weeks) >= weeks]
    return max(over, key=lambda each: each.issued, default=None)


def _weekly(first: date, movements: Iterable[tuple[date, int]], weeks: int) -> list[tuple[int, int]]:
    """In and out by week, both above zero."""
    sums = [[0, 0] for _ in range(weeks)]
    for on, minor in movements:
        at = (on - first).days // _WEEK.days
        if 0 <= at < weeks:
            sums[at][minor < 0] += abs(minor)
    return [(came, went) for came, went in sums]


def _share(part: int, whole: int) -> int | None:
    if whole <= 0:
        return None
    size = (2 * abs(part) * _PER_MILLE + whole) // (2 * whole)
    return size if part >= 0 else -size
