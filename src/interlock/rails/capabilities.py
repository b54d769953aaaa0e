"""What a capability is: a protocol that a rail's class inherits. Read off the class, and nowhere else.

Names are for people and for what no class has yet; what a rail can do is never written down a second time.
"""

import re
from typing import Any

Capability = type[Any] | str
"""A capability's type, or the name of one that no rail here has."""


def capabilities_of(rail: type[Any]) -> tuple[type[Any], ...]:
    """The capabilities that a rail's class inherits, in the order it names them."""
    return tuple(base for base in rail.__mro__ if _is_capability(base))


def has(rail: type[Any], capability: Capability) -> bool:
    """Whether the class inherits it: that very type, or one of that name."""
    found = capabilities_of(rail)
    return capability in ([each.__name__ for each in found] if isinstance(capability, str) else found)


def half_built(rail: type[Any]) -> tuple[str, ...]:
    """What the class promises and doesn't do: ``PaysBills.find_payment``. A protocol's own empty method counts as nothing."""
    return tuple(
        f"{capability.__name__}.{name}"
        for capability in capabilities_of(rail)
        for name in vars(capability)
        if not name.startswith("_") and callable(getattr(capability, name)) and _is_capability(_maker(rail, name))
    )


def name_of(capability: Capability) -> str:
    return capability if isinstance(capability, str) else capability.__name__


def in_words(capability: Capability) -> str:
    """``ReadsBankBalances`` as ``reads bank balances``."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name_of(capability)).lower()


def _maker(rail: type[Any], name: str) -> type[Any]:
    """The class whose ``name`` a rail really has."""
    return next(base for base in rail.__mro__ if name in vars(base))


def _is_capability(base: type[Any]) -> bool:
    return bool(vars(base).get("_is_protocol")) and base.__module__ != "typing"
