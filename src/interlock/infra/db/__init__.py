"""The database: one ``Database`` per process, one scope per transaction."""

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.database import Database, DatabaseBroken, open_database
from interlock.infra.db.types import Instant

__all__ = ["Base", "Database", "DatabaseBroken", "Instant", "Scoped", "open_database"]
