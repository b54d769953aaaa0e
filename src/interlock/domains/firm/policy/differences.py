"""What differs between two policies, key by key, in words. Pure."""

from msgspec import Struct

from interlock.domains.firm.policy.inherit import value_of
from interlock.domains.firm.policy.keys import KEYS, VENDORS
from interlock.domains.firm.policy.values import Policy

_NOT_NAMED = "not essential"


class Change(Struct, frozen=True):
    """One key that differs; ``before`` and ``after`` as people say them."""

    path: str
    says: str
    before: str
    after: str

    @property
    def spoken(self) -> str:
        return f"{self.path}: {self.before} → {self.after}"


def differences(before: Policy, after: Policy, currency: str) -> tuple[Change, ...]:
    """Every key that differs, in the order of the text; essential vendors name by name. Amounts are of ``currency``."""
    found: list[Change] = []
    for key in KEYS:
        was, will_be = value_of(before, key.path), value_of(after, key.path)
        if was == will_be:
            continue
        if key.path == VENDORS:
            found += [
                Change(f"{VENDORS}.{name}", key.says, was.get(name, _NOT_NAMED), will_be.get(name, _NOT_NAMED))
                for name in sorted({*was, *will_be})
                if was.get(name) != will_be.get(name)
            ]
        else:
            said = (key.kind.spoken(was, currency), key.kind.spoken(will_be, currency))
            found.append(Change(key.path, key.says, *said))
    return tuple(found)
