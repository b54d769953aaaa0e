"""Who can do what for a business, read off the classes: there is no second list of capabilities."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import Scope
from interlock.rails.capabilities import half_built, has, in_words
from interlock.rails.errors import spoken

C = TypeVar("C")


class CapabilityMissing(InterlockError):
    """The business can't have what was asked now; the sentence names what would change that."""

    code = "capability_parked"
    status = 409


class CapabilityParked(CapabilityMissing):
    """No rail of this build can do it, whatever the business connects."""


class HalfBuilt(TypeError):
    """A rail's class claims capabilities that it doesn't have the methods of: such a build doesn't start."""


class Registry:
    """The rails in this build, and how to open one for a business.

    ``opens`` returns a rail bound to a business, or ``None`` where the business isn't connected to it.
    """

    def __init__(self) -> None:
        self._rails: dict[str, tuple[type[Any], Callable[[Scope], Any | None]]] = {}

    def add(self, name: str, rail: type[Any], opens: Callable[[Scope], Any | None]) -> None:
        """``HalfBuilt`` names the methods of its capabilities that the class lacks."""
        if lacking := half_built(rail):
            raise HalfBuilt(f"{rail.__name__} claims what it does not do: {', '.join(lacking)}.")
        self._rails[name] = (rail, opens)

    @property
    def classes(self) -> dict[str, type[Any]]:
        """This build's rails, by name."""
        return {name: rail for name, (rail, _) in self._rails.items()}

    def able(self, capability: type[Any]) -> list[str]:
        """Names of the rails in this build whose class inherits ``capability``."""
        return [name for name, (rail, _) in self._rails.items() if has(rail, capability)]

    def require(self, scope: Scope, capability: type[C], *, rail: str | None = None) -> C:
        """A connected rail that has ``capability``, this one where ``rail`` is named.

        ``CapabilityParked`` where no rail of this build (or not that one) can, ``CapabilityMissing`` where the business has to
        connect one first.
        """
        able = [name for name in self.able(capability) if rail is None or name == rail]
        for name in able:
            opened = self._rails[name][1](scope)
            if opened is not None:
                return cast(C, opened)
        if able:
            raise CapabilityMissing(
                f"Connect {' or '.join(map(spoken, able))} first: this business has no rail for {capability.__name__}."
            )
        whose = "No rail in this build" if rail is None else f"{spoken(rail)} in this build"
        can = "can" if rail is None else "cannot"
        raise CapabilityParked(
            f"{whose} {can} do {capability.__name__}. It waits for a rail that {in_words(capability)}."
        )
