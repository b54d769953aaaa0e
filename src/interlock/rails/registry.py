"""Who can do what for a business, read off the classes: there is no second list of capabilities."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import Scope
from interlock.rails.errors import spoken

C = TypeVar("C")


class CapabilityMissing(InterlockError):
    """No connected rail of this business can do what was asked."""

    code = "capability_missing"
    status = 409


class Registry:
    """The rails in this build, and how to open one for a business.

    ``opens`` returns a rail bound to a business, or ``None`` where the business isn't connected to it.
    """

    def __init__(self) -> None:
        self._rails: dict[str, tuple[type[Any], Callable[[Scope], Any | None]]] = {}

    def add(self, name: str, rail: type[Any], opens: Callable[[Scope], Any | None]) -> None:
        self._rails[name] = (rail, opens)

    @property
    def classes(self) -> dict[str, type[Any]]:
        """This build's rails, by name."""
        return {name: rail for name, (rail, _) in self._rails.items()}

    def able(self, capability: type[Any]) -> list[str]:
        """Names of the rails in this build whose class inherits ``capability``."""
        return [name for name, (rail, _) in self._rails.items() if capability in rail.__mro__]

    def require(self, scope: Scope, capability: type[C]) -> C:
        """A connected rail that has ``capability``; ``CapabilityMissing`` names what would help."""
        able = self.able(capability)
        for name in able:
            rail = self._rails[name][1](scope)
            if rail is not None:
                return cast(C, rail)
        if able:
            raise CapabilityMissing(
                f"Connect {' or '.join(map(spoken, able))} first: this business has no rail for {capability.__name__}."
            )
        raise CapabilityMissing(f"No rail in this build can do {capability.__name__}.")
