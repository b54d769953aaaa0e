"""What is in force at a client: its own words, else its firm's, else what Interlock begins with. Pure."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from interlock.domains.firm.policy.keys import BY_PATH, KEYS, VENDORS
from interlock.domains.firm.policy.kinds import NONE
from interlock.domains.firm.policy.text import Fault, PolicyBroken, PolicyPart
from interlock.domains.firm.policy.values import Policy

Origin = Literal["default", "firm", "client"]
_NOTHING = PolicyPart()


def in_force(firm: PolicyPart | None, client: PolicyPart | None) -> Policy:
    """The client's word per key, else the firm's, else the default. Essential vendors are joined name by name."""
    said: dict[str, dict[str, Any]] = {}
    for path, value in {**_of(firm), **_of(client)}.items():
        key = BY_PATH[path]
        said.setdefault(key.section, {})[key.field] = _vendors(firm, client) if path == VENDORS else value
    return msgspec.convert(said, Policy)


def origins(firm: PolicyPart | None, client: PolicyPart | None) -> dict[str, Origin]:
    """Whose word each key is, by path; one key for every essential vendor, ``essential.vendors.NAME``."""
    ours, theirs = _of(client), _of(firm)
    found: dict[str, Origin] = {
        key.path: "client" if key.path in ours else "firm" if key.path in theirs else "default" for key in KEYS
    }
    mine = ours.get(VENDORS, {})
    for name, _ in _vendors(firm, client):
        found[f"{VENDORS}.{name}"] = "client" if name in mine else "firm"
    return found


def value_of(policy: Policy, path: str) -> Any:
    """What a policy has at a path; essential vendors as a mapping."""
    key = BY_PATH[path]
    value = getattr(getattr(policy, key.section), key.field)
    return dict(value) if path == VENDORS else value


class Conflict(Struct, frozen=True):
    """Two keys that contradict each other."""

    paths: tuple[str, ...]
    words: str


def conflicts(policy: Policy) -> tuple[Conflict, ...]:
    """What can't hold together in a policy that is otherwise well formed."""
    found: list[Conflict] = []
    if policy.approvals.client_side_minor < policy.approvals.one_person_minor:
        words = "is below approvals.one_person, where one person's yes is enough: raise it, or lower one_person"
        found.append(Conflict(("approvals.client_side", "approvals.one_person"), words))
    if policy.horizon.path_days < policy.horizon.guardrail_days:
        words = "is shorter than horizon.guardrail_days: the path is drawn at least as far as the guardrail looks"
        found.append(Conflict(("horizon.path_days", "horizon.guardrail_days"), words))
    if policy.duplicates.fuzzy_days < policy.duplicates.probable_days:
        words = "is shorter than duplicates.probable_days: similar bills are looked for at least as far as like ones"
        found.append(Conflict(("duplicates.fuzzy_days", "duplicates.probable_days"), words))
    if policy.vendors.dormant_days <= policy.vendors.new_days:
        words = "is not above vendors.new_days: a vendor would be new and dormant at once"
        found.append(Conflict(("vendors.dormant_days", "vendors.new_days"), words))
    if policy.freshness.approval_minutes < policy.freshness.release_minutes:
        words = "is above freshness.approval_minutes: at release a balance is as fresh as at approval, or fresher"
        found.append(Conflict(("freshness.release_minutes", "freshness.approval_minutes"), words))
    unordered = sorted({category for _, category in policy.essential.vendors} - set(policy.essential.order))
    if unordered:
        words = f"uses {', '.join(unordered)}, which essential.order leaves out: add it there"
        found.append(Conflict((VENDORS, "essential.order"), words))
    return tuple(found)


def must_agree(firm: PolicyPart | None, client: PolicyPart | None, text: PolicyPart) -> Policy:
    """The policy that the two make; ``PolicyBroken`` with lines of ``text`` (one of the two) when it contradicts itself."""
    policy = in_force(firm, client)
    found = conflicts(policy)
    if found:
        raise PolicyBroken(tuple(_fault(each, text) for each in found))
    return policy


def _fault(conflict: Conflict, text: PolicyPart) -> Fault:
    line = next((text.lines[path] for path in conflict.paths if path in text.lines), 1)
    return Fault(line, conflict.paths[0], conflict.words)


def _of(part: PolicyPart | None) -> dict[str, Any]:
    return (part or _NOTHING).values


def _vendors(firm: PolicyPart | None, client: PolicyPart | None) -> tuple[tuple[str, str], ...]:
    joined = {**_of(firm).get(VENDORS, {}), **_of(client).get(VENDORS, {})}
    return tuple(sorted((name, category) for name, category in joined.items() if category != NONE))
