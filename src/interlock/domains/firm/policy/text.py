"""A policy's text read: TOML as people write it, every fault with its line and what to do. Pure."""

import difflib
import re
import tomllib
from typing import Any

from msgspec import Struct

from interlock.domains.firm.policy.keys import BY_PATH, KEYS, SECTIONS, VENDORS
from interlock.domains.firm.policy.kinds import Inexact, Unfit, VendorCategories
from interlock.domains.firm.policy.places import Path, TooLong, line_of, places
from interlock.domains.firm.policy.values import LATEST_SHAPE
from interlock.kernel.errors import BadInput

TEXT_BYTES = 65_536
_FAULTS_MOST = 50
_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class Fault(Struct, frozen=True):
    """One thing that keeps a text from being a policy. ``key`` is empty where the text isn't TOML at all."""

    line: int
    key: str
    words: str

    @property
    def spoken(self) -> str:
        return f"line {self.line}: {self.key} {self.words}" if self.key else f"line {self.line}: {self.words}"


class PolicyBroken(BadInput):
    """A text that is no policy: all its faults, by line."""

    code = "policy_broken"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = tuple(sorted(faults, key=lambda each: each.line))
        said = "; ".join(each.spoken for each in self.faults)
        super().__init__(f"This is not a policy yet. {said[:1].upper()}{said[1:]}.")


class PolicyPart(Struct, frozen=True):
    """What one text says, by path (``floor.absolute``), amounts in minor units; what it leaves out is inherited.

    ``lines``: the line of each path.
    """

    values: dict[str, Any] = {}
    lines: dict[str, int] = {}


def read_policy(text: str, currency: str) -> PolicyPart:
    """What ``text`` says, its amounts taken in ``currency``. ``PolicyBroken`` holds every fault, each with its line."""
    if len(text.encode(errors="replace")) > TEXT_BYTES:
        raise PolicyBroken((Fault(1, "", f"the text is longer than {TEXT_BYTES // 1024} KiB; shorten its comments"),))
    text = text.removeprefix("\ufeff")
    try:
        said = tomllib.loads(text, parse_float=Inexact)
        found = places(text)
    except tomllib.TOMLDecodeError as trouble:
        raise PolicyBroken((_not_toml(str(trouble), text),)) from None
    except TooLong as trouble:
        raise PolicyBroken((Fault(trouble.line, "", "one value goes on for more than a hundred lines"),)) from None
    except (RecursionError, ValueError):  # brackets nested without end; numbers of thousands of digits
        raise PolicyBroken(
            (Fault(1, "", "the text nests too deep or has a number without end; simplify it"),)
        ) from None
    reading = _Reading(currency, found)
    reading.take(said)
    if reading.faults:
        raise PolicyBroken(tuple(reading.faults[:_FAULTS_MOST]))
    return PolicyPart(reading.values, reading.lines)


class _Reading:
    """One pass over a parsed text: values that fit, faults of those that don't."""

    def __init__(self, currency: str, found: dict[Path, int]) -> None:
        self.currency = currency
        self.found = found
        self.values: dict[str, Any] = {}
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []

    def take(self, said: dict[str, Any]) -> None:
        for section, inside in said.items():
            if section == "shape":
                self._shape(inside)
            elif section not in SECTIONS:
                self._fault((section,), _no_section(section))
            elif not isinstance(inside, dict):
                self._fault((section,), f"is a section; write [{section}] and its keys below")
            else:
                for name, value in inside.items():
                    self._value(section, name, value)

    def _value(self, section: str, name: str, value: Any) -> None:
        key = BY_PATH.get(f"{section}.{name}")
        if key is None:
            self._fault((section, name), _no_key(section, name))
            return
        if key.path == VENDORS and isinstance(value, dict) and isinstance(key.kind, VendorCategories):
            for vendor, category in value.items():
                try:
                    key.kind.one(vendor, category)
                except Unfit as why:
                    self._fault((section, name, vendor), str(why))
        try:
            self.values[key.path] = key.kind.read(value, self.currency)
        except Unfit as why:
            if not any(each.key.startswith(f"{key.path}.") for each in self.faults):  # its vendors have said it already
                self._fault((section, name), str(why))
        self.lines[key.path] = line_of(self.found, (section, name))

    def _shape(self, value: Any) -> None:
        if value != LATEST_SHAPE or isinstance(value, bool):
            self._fault(("shape",), f"is {value}; this build reads policies of shape {LATEST_SHAPE}")

    def _fault(self, path: Path, words: str) -> None:
        self.faults.append(Fault(line_of(self.found, path), ".".join(path)[:120], words))


def _not_toml(said: str, text: str) -> Fault:
    where = _AT_LINE.search(said)
    line = int(where[1]) if where and where[1] else text.count("\n") + 1
    words = _AT_LINE.sub("", said)
    return Fault(line, "", f"{words[:1].lower()}{words[1:]}; the rest is read once this is mended")


def _no_section(section: str) -> str:
    near = difflib.get_close_matches(section, SECTIONS, n=1)
    at = next((key.section for key in KEYS if key.name == section), None)
    if near:
        return f"is no section; did you mean [{near[0]}]?"
    if at is not None:
        return f"belongs under [{at}]"
    return f"is no section; the sections are {', '.join(SECTIONS)}"


def _no_key(section: str, name: str) -> str:
    names = [key.name for key in KEYS if key.section == section]
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"is no key; did you mean {near[0]}?"
    at = next((key.section for key in KEYS if key.name == name), None)
    if at is not None:
        return f"belongs under [{at}]"
    return f"is no key; [{section}] has {', '.join(names)}"
