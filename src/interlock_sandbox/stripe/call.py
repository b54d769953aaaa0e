"""A call to Stripe's API as its handlers see it, and the form of the table that lists all calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from interlock_sandbox.stripe.store import Account, Object


@dataclass(frozen=True, slots=True)
class Call:
    """``path`` holds the ids of the path in order, ``sent`` the typed parameters; ``at`` is the moment it is carried out."""

    account: Account
    at: datetime
    path: tuple[str, ...] = ()
    sent: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.path[0]

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter; one sent empty counts as not given."""
        value = self.sent.get(name, default)
        return default if value == "" else value


Handler = Callable[[Call], Object]


class Route(NamedTuple):
    """``resource`` is what a key's rights are about; ``accepts`` is the form of ``forms.parameters``."""

    method: str
    path: str
    handler: Handler
    accepts: str = ""

    @property
    def resource(self) -> str:
        return self.path.split("/", 1)[0]
