"""A business's word that we may record in its ledger, read from its connection each time it is asked."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.infra.db import Database
from interlock.infra.locks import held
from interlock.kernel.scope import Scope
from interlock.rails.connections import Connection


@dataclass(frozen=True)
class StoredPermit:
    """The switch of one business, and the lock that lets one process at a time record for it."""

    database: Database
    scope: Scope

    def granted(self) -> bool:
        with self.database.reading(self.scope) as session:
            found = session.get(Connection, (self.scope.business_id, QBO))
            return found is not None and found.records

    def alone(self) -> AbstractContextManager[None]:
        return held(self.database, f"recording:{self.scope.business_id}")
