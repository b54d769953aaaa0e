"""What a test turns on in the data itself: rows that cannot be shown, odd forms, changes between two pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Lookback = Literal["lenient", "strict"]
Empty = Literal["each", "one", "none"]
Reading = Literal["query", "read", "cdc"]
Language = Literal["en", "fr"]
READINGS = frozenset[str](get_args(Reading))


@dataclass(slots=True)
class Rigged:
    """Changes that happen once ``after`` more queries of an entity have been answered."""

    realm: str
    entity: str
    after: int
    changes: list[dict[str, Any]]


@dataclass(slots=True)
class Quirks:
    """In memory only: a restart of the sandbox forgets them.

    ``lookback``: strict refuses a ``changedSince`` before the last 30 days, lenient answers it (qbo.md §4).
    ``empty``: what CDC says when nothing changed: ``each`` one ``{}`` an entity, ``one`` a single ``{}``, ``none`` ``[]``.
    ``poisoned``: (realm, entity, id) with the ways of reading that end in fault 10000.
    ``lacking``: by realm, the entities that the company's plan doesn't include; whatever asks for one is fault 5020.
    ``report_cuts``: how many reports end early with a sentence; ``None``: all. ``language`` of report titles.
    """

    lookback: Lookback = "lenient"
    empty: Empty = "each"
    poisoned: dict[tuple[str, str, str], frozenset[Reading]] = field(default_factory=dict)
    lacking: dict[str, frozenset[str]] = field(default_factory=dict)
    language: Language = "en"
    report_cuts: int | None = 0
    rigged: list[Rigged] = field(default_factory=list)
    applied: list[dict[str, Any]] = field(default_factory=list)

    def poison(self, realm: str, entity: str, ref_id: str, ways: frozenset[Reading] = frozenset({"query"})) -> None:
        """Make a row end every page it is on with fault 10000."""
        self.poisoned[(realm, entity, ref_id)] = ways

    def is_poisoned(self, realm: str, entity: str, ref_id: str, way: Reading) -> bool:
        return way in self.poisoned.get((realm, entity, ref_id), ())

    def lacks(self, realm: str, entity: str) -> bool:
        return entity in self.lacking.get(realm, ())

    def rig(self, realm: str, entity: str, after: int, changes: list[dict[str, Any]]) -> None:
        """After the next ``after`` queries of an entity, make these changes (control API form, qbo's words)."""
        self.rigged.append(Rigged(realm, entity, after, changes))

    def queried(self, realm: str, entity: str) -> list[dict[str, Any]]:
        """Count one answered query; the changes that are due now."""
        due: list[dict[str, Any]] = []
        for each in self.rigged:
            if (each.realm, each.entity) == (realm, entity):
                each.after -= 1
                if each.after <= 0:
                    due.extend(each.changes)
        self.rigged = [each for each in self.rigged if each.after > 0]
        return due

    def cuts_report(self) -> bool:
        """Whether the next report ends early; uses one up."""
        if self.report_cuts is None:
            return True
        if self.report_cuts <= 0:
            return False
        self.report_cuts -= 1
        return True

    def set(self, wanted: dict[str, Any]) -> None:
        """From the control API's words; ValueError with a sentence, and nothing set, when one is unknown."""
        for name, value in wanted.items():
            known = _CHOICES.get(name)
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            if known is None and name != "report_cuts":
                raise ValueError(f"Unknown quirk {name}; use one of {', '.join([*_CHOICES, 'report_cuts'])}.")
            if known is not None and value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}.")
            if known is None and not whole and value is not None:
                raise ValueError("report_cuts must be a whole number, or null for all reports.")
        self.lookback = wanted.get("cdc_lookback", self.lookback)
        self.empty = wanted.get("cdc_empty", self.empty)
        self.language = wanted.get("report_language", self.language)
        self.report_cuts = wanted.get("report_cuts", self.report_cuts)

    def spoken(self) -> dict[str, Any]:
        """The control API's form."""
        return {
            "cdc_lookback": self.lookback,
            "cdc_empty": self.empty,
            "report_language": self.language,
            "report_cuts": self.report_cuts,
            "poisoned": [
                {"realm_id": realm, "entity": entity, "id": ref_id, "in": sorted(ways)}
                for (realm, entity, ref_id), ways in self.poisoned.items()
            ],
            "lacking": {realm: sorted(entities) for realm, entities in self.lacking.items()},
            "edits_between_pages": [
                {"realm_id": each.realm, "entity": each.entity, "after": each.after, "changes": each.changes}
                for each in self.rigged
            ],
            "applied": self.applied,
        }


_CHOICES: dict[str, tuple[str, ...]] = {
    "cdc_lookback": get_args(Lookback), "cdc_empty": get_args(Empty), "report_language": get_args(Language),
}  # fmt: skip
