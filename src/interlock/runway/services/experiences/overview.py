"""The overview of one client's cash: the path, its drawing, the items of a week, and every figure explained."""

from collections.abc import Callable
from datetime import date
from functools import cached_property

from interlock.domains.firm.models import Business
from interlock.runway.services.calculators.figure_values import Position
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.experiences.explaining import Explanation, explanation_of
from interlock.runway.services.experiences.path import (
    ItemView,
    PathExperience,
    breach_words,
    drawings,
    path_experience,
    week_items,
)


class PathService:
    """The path of one business. ``read``: its position, read once a request and only when asked for."""

    def __init__(self, business: Business, read: Callable[[], Position], *, links: Links) -> None:
        self._business = business
        self._read = read
        self._links = links

    @cached_property
    def position(self) -> Position:
        return self._read()

    def get_path_experience(self) -> PathExperience:
        """Days, weeks, figures and the answer in a sentence."""
        return path_experience(self._business, self.position)

    def explain(self, figure: str) -> Explanation:
        """One figure taken apart; ``NotFound`` for one that there isn't."""
        return explanation_of(self._business, self.position, figure, self._links)

    def week_items(self, monday: date) -> tuple[ItemView, ...]:
        """What moves in a week of the path."""
        return week_items(self.position, monday, self._links)

    def drawings(self) -> tuple[str, str]:
        """The chart as SVG, wide and narrow."""
        return drawings(self.position)

    def breach(self) -> str | None:
        """``Below floor on 17 Dec, payroll``; ``None`` while it is clear."""
        return breach_words(self.position)
