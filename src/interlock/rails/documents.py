"""Columns that every mirrored document has, whichever slice owns it."""

from datetime import date

from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.types import Whole
from interlock.kernel.money import Money
from interlock.rails.mirror import MirroredRow


class DocumentRow(MirroredRow):
    """A dated document; see ``facts.Document``."""

    number: Mapped[str | None] = mapped_column(String(60), sort_order=-80)
    dated: Mapped[date] = mapped_column(Date, sort_order=-79)
    currency: Mapped[str] = mapped_column(String(3), sort_order=-78)
    exchange_rate: Mapped[str | None] = mapped_column(String(40), sort_order=-77)
    total_minor: Mapped[int] = mapped_column(Whole, sort_order=-76)
    voided: Mapped[bool] = mapped_column(sort_order=-75)
    note: Mapped[str | None] = mapped_column(Text, sort_order=-74)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)
