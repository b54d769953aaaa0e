"""What people may write about a document: a note, a category of ours, a hold. Bounds, and how a change is said in the log."""

from datetime import date
from typing import Any, Protocol

from msgspec import UNSET, Struct, UnsetType

from interlock.kernel.errors import BadInput

TEXT_CHARACTERS = 2_000
CATEGORY_CHARACTERS = 80


class Annotated(Protocol):
    """A document's annotation as kept: held while it has a reason and its date, if any, is still to come."""

    hold_reason: Any
    held_until: Any


class Annotation(Struct, frozen=True):
    """A change: fields left ``UNSET`` stay, ``None`` or an empty text clears. ``held_until`` needs a hold reason."""

    note: str | UnsetType | None = UNSET
    category: str | UnsetType | None = UNSET
    hold_reason: str | UnsetType | None = UNSET
    held_until: date | UnsetType | None = UNSET

    def changes(self) -> dict[str, Any]:
        """The fields to write, tidied and within bounds; clearing the hold clears its date."""
        said: dict[str, Any] = {}
        for field, most in (
            ("note", TEXT_CHARACTERS),
            ("category", CATEGORY_CHARACTERS),
            ("hold_reason", TEXT_CHARACTERS),
        ):
            value = getattr(self, field)
            if value is UNSET:
                continue
            text = (value or "").strip() or None
            if text is not None and len(text) > most:
                raise BadInput(f"A {field.replace('_', ' ')} has at most {most} characters; this one has {len(text)}.")
            said[field] = text
        if self.held_until is not UNSET:
            said["held_until"] = self.held_until
        if "hold_reason" in said and said["hold_reason"] is None:
            said["held_until"] = None
        if said.get("held_until") is not None and said.get("hold_reason") is None:
            raise BadInput("A hold needs a reason; say why it is held.")
        if not said:
            raise BadInput("Nothing to change: give a note, a category or a hold.")
        return said


def in_log(changes: dict[str, Any]) -> dict[str, Any]:
    """The same, with dates as text."""
    return {field: value.isoformat() if isinstance(value, date) else value for field, value in changes.items()}


def is_held(annotation: Annotated, today: date) -> bool:
    """Whether a hold stands on ``today``; on its last day it is over."""
    return annotation.hold_reason is not None and (annotation.held_until is None or annotation.held_until > today)


def hold_in_words(annotation: Annotated) -> str:
    """``Held until 2 Dec: not delivered``."""
    until = f" until {annotation.held_until.day} {annotation.held_until:%b}" if annotation.held_until else ""
    return f"Held{until}: {annotation.hold_reason}"
