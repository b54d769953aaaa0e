"""Answers that the API has given to requests with an idempotency key, so that one sent twice is carried out once."""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from interlock.domains.firm.people_models import AnsweredRequest
from interlock.kernel.errors import Busy

KEY_CHARACTERS = 120
KEPT = timedelta(hours=48)  # a client's night and a day over the 24 hours that are promised
_PURGED_AT_MOST_ROWS = 200


class Answered(Struct, frozen=True):
    """``status`` and ``body`` are ``None`` while no answer is kept: it is under way, or its answer was lost."""

    request_digest: str
    status: int | None
    body: str | None


class KeyInUse(Busy):
    """The request was begun, and no answer to it is kept."""

    code = "idempotency_key_in_use"

    def __init__(self) -> None:
        super().__init__(
            "This request is being carried out, or was and its answer is lost. Ask again in a moment; if this stays, "
            "look whether it is done before you send it under another key."
        )


class Claim:
    """One request's hold on its key; ``made`` once a transaction has taken it. Called at the start of each one."""

    def __init__(self, key: str, request_digest: str) -> None:
        self.key = key
        self.request_digest = request_digest
        self.made = False

    def __call__(self, session: Session, firm_id: str, now: datetime) -> None:
        """Raises ``KeyInUse`` when another request has the key: it is looked up again once this is undone."""
        if not self.made:
            if not AnsweredService(session, firm_id).claim(self.key, self.request_digest, now):
                raise KeyInUse
            self.made = True


class AnsweredService:
    """Of one firm: a key means the same request for all of its clients. The caller commits."""

    def __init__(self, db: Session, firm_id: str) -> None:
        self._db = db
        self._firm_id = firm_id

    def find(self, key: str, now: datetime) -> Answered | None:
        """What is kept under ``key``; ``None`` when nothing is, or only what is too old to count."""
        row = self._db.execute(
            select(AnsweredRequest.request_digest, AnsweredRequest.status, AnsweredRequest.body).where(
                self._is(key), AnsweredRequest.begun_at > now - KEPT
            )
        ).one_or_none()
        return None if row is None else Answered(row.request_digest, row.status, row.body)

    def claim(self, key: str, request_digest: str, now: datetime) -> bool:
        """Take ``key`` in the transaction of the act itself; ``False`` when another request has it.

        Waits for one that is just taking it: if that one is undone, the key is free again.
        """
        self._db.execute(delete(AnsweredRequest).where(self._is(key), AnsweredRequest.begun_at <= now - KEPT))
        row = {"firm_id": self._firm_id, "key": key, "request_digest": request_digest, "begun_at": now}
        dialect = postgresql if self._db.get_bind().dialect.name == "postgresql" else sqlite
        taken = dialect.insert(AnsweredRequest).values(row).on_conflict_do_nothing().returning(AnsweredRequest.key)
        return self._db.scalar(taken) is not None

    def keep(self, key: str, request_digest: str, status: int, body: str, now: datetime) -> None:
        """The answer to the request that claimed ``key``; nothing when its act was undone, and with it the claim."""
        self._db.execute(
            update(AnsweredRequest)
            .where(self._is(key), AnsweredRequest.request_digest == request_digest, AnsweredRequest.status.is_(None))
            .values(status=status, body=body, answered_at=now)
        )

    def purge(self, now: datetime) -> int:
        """Forget what is too old, the oldest first, so many rows at most; those another process forgets are left to it."""
        old = (
            select(AnsweredRequest.key)
            .where(AnsweredRequest.firm_id == self._firm_id, AnsweredRequest.begun_at <= now - KEPT)
            .order_by(AnsweredRequest.begun_at)
            .limit(_PURGED_AT_MOST_ROWS)
            .with_for_update(skip_locked=True)
        )
        keys = self._db.scalars(old).all()
        self._db.execute(
            delete(AnsweredRequest).where(AnsweredRequest.firm_id == self._firm_id, AnsweredRequest.key.in_(keys))
        )
        return len(keys)

    def _is(self, key: str) -> ColumnElement[bool]:
        return and_(AnsweredRequest.firm_id == self._firm_id, AnsweredRequest.key == key)
