"""What people may write about a bill or an invoice, from a form or as JSON, turned into the domain's change."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Form
from msgspec import UNSET
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.firm.annotations import CATEGORY_CHARACTERS, TEXT_CHARACTERS, Annotation
from interlock.kernel.errors import BadInput

Back = Literal["console", "document"]


class AnnotationChange(BaseModel):
    """Fields left out stay as they are; ``null`` or an empty text clears. ``held_until`` needs a hold reason."""

    model_config = ConfigDict(extra="forbid")

    note: str | None = Field(None, max_length=TEXT_CHARACTERS)
    category: str | None = Field(None, max_length=CATEGORY_CHARACTERS)
    hold_reason: str | None = Field(None, max_length=TEXT_CHARACTERS)
    held_until: date | None = None

    def change(self) -> Annotation:
        """Only what was sent."""
        sent = self.model_fields_set
        return Annotation(
            note=self.note if "note" in sent else UNSET,
            category=self.category if "category" in sent else UNSET,
            hold_reason=self.hold_reason if "hold_reason" in sent else UNSET,
            held_until=self.held_until if "held_until" in sent else UNSET,
        )


def annotation_form(
    note: Annotated[str, Form()] = "",
    category: Annotated[str, Form()] = "",
    hold_reason: Annotated[str, Form()] = "",
    held_until: Annotated[str, Form()] = "",
) -> Annotation:
    """A form always sends all of its fields; an emptied one clears."""
    try:
        until = date.fromisoformat(held_until) if held_until.strip() else None
    except ValueError:
        raise BadInput("Held until is a date, like 2026-12-17. Nothing was changed.") from None
    return Annotation(note=note, category=category, hold_reason=hold_reason, held_until=until)
