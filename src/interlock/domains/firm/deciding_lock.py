"""The lock that everything decided or released at a business is done under, in whichever slice."""

import hashlib

from sqlalchemy import text
from sqlalchemy.orm import Session

_LOCK = "deciding:"


def take_decision_lock(db: Session, business_id: str) -> None:
    """One at a time decides at a business, until the transaction ends; then everything read before is read anew.

    SQLite has one writer, who holds it since the transaction began. Always before the log's chain is taken.
    """
    if db.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"{_LOCK}{business_id}".encode()).digest()[:8], "big", signed=True)
        db.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
    db.expire_all()
