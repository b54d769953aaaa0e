"""The declarative base, and the columns that scope a row."""

from typing import Any, ClassVar

from sqlalchemy import MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    metadata: ClassVar[MetaData] = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: String()}


class Scoped:
    """A row that belongs to one business of one firm. Row-level security on PostgreSQL reads these two columns."""

    firm_id: Mapped[str] = mapped_column(String(40), sort_order=-100)
    business_id: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-99)
