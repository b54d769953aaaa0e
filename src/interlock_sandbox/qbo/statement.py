"""QuickBooks' query language, parsed (grammar: qbo.md §3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from interlock_sandbox.books import BooksFault
from interlock_sandbox.books.schema import SPECS, EntitySpec

DEFAULT_PAGE = 100
LARGEST_PAGE = 1000
OPERATORS = frozenset({"=", "<", ">", "<=", ">="})
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:\\.|[^'\\])*')|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|(?P<word>[A-Za-z_][\w.]*)"
    r"|(?P<mark><=|>=|!=|<>|[=<>(),*]))"
)


class Token(NamedTuple):
    """``kind`` is string, number, word, mark or end; ``column`` counts from 1."""

    kind: str
    text: str
    column: int


class Condition(NamedTuple):
    """``field operator values``; several values only with IN."""

    field: str
    operator: str
    values: tuple[str, ...]


class Order(NamedTuple):
    """One sort key."""

    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A validated SELECT."""

    entity: EntitySpec
    counting: bool
    conditions: tuple[Condition, ...]
    orders: tuple[Order, ...]
    start: int
    size: int


def parse_error(token: Token, expected: str) -> BooksFault:
    """4000: the statement is not in the language."""
    shown = "<EOF>" if token.kind == "end" else f'" {token.text} "'
    detail = f"QueryParserError: Encountered {shown} at line 1, column {token.column}.\nWas expecting: {expected}"
    return BooksFault("4000", "Error parsing query", detail)


def invalid(detail: str) -> BooksFault:
    """4001: the statement is well formed but names or asks something that cannot be."""
    return BooksFault("4001", "Invalid query", f"QueryValidationError: {detail}")


def parse(text: str) -> Statement:
    """Parse and validate a statement; faults 4000 and 4001."""
    return _Parser(text).statement()


def tokens(text: str) -> list[Token]:
    """Split a statement; what is no token is fault 4000."""
    found: list[Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            column = at + len(text[at:]) - len(text[at:].lstrip()) + 1
            raise parse_error(Token("mark", text[column - 1], column), "a property, an operator or a value")
        kind = str(match.lastgroup)
        found.append(Token(kind, match.group(kind), match.start(kind) + 1))
        at = match.end()
    found.append(Token("end", "", end + 1))
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.at = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def is_word(self, word: str) -> bool:
        return self.here.kind == "word" and self.here.text.lower() == word

    def take(self, kind: str, text: str, expected: str | None = None) -> Token:
        token = self.here
        if token.kind != kind or (text and token.text.lower() != text):
            raise parse_error(token, expected or f'"{text or kind}"')
        self.at += 1
        return token

    def statement(self) -> Statement:
        self.take("word", "select", '"SELECT"')
        counting = self._columns()
        self.take("word", "from", '"FROM"')
        name = self.take("word", "", "an entity").text
        spec = SPECS.get(name) or next((s for s in SPECS.values() if s.name.lower() == name.lower()), None)
        if spec is None:
            raise invalid(f"invalid context declaration: {name}")
        conditions: list[Condition] = []
        if self.is_word("where"):
            self.at += 1
            conditions.append(self._condition(spec))
            while self.is_word("and"):
                self.at += 1
                conditions.append(self._condition(spec))
        orders: list[Order] = []
        start, size = 1, DEFAULT_PAGE
        while self.here.kind != "end":
            if self.is_word("orderby") or self.is_word("order"):
                orders = self._orders(spec)
            elif self.is_word("startposition"):
                start = self._count("STARTPOSITION", 1, None)
            elif self.is_word("maxresults"):
                size = self._count("MAXRESULTS", 1, LARGEST_PAGE)
            else:
                raise parse_error(self.here, "<EOF>, ORDERBY, STARTPOSITION or MAXRESULTS")
        return Statement(spec, counting, tuple(conditions), tuple(orders), start, size)

    def _columns(self) -> bool:
        """``*`` (more columns after it are accepted, as clients ask for Sku that way) or ``count(*)``."""
        if self.is_word("count"):
            self.at += 1
            for mark in "(*)":
                self.take("mark", mark)
            return True
        self.take("mark", "*", '"*" or "COUNT(*)"')
        while self.here.text == ",":
            self.at += 1
            self.take("word", "", "a property")
        return False

    def _condition(self, spec: EntitySpec) -> Condition:
        token = self.take("word", "", "a property")
        field = queryable(spec, token.text)
        operator = self.here.text.upper()
        if (self.here.kind == "word" and operator in {"IN", "LIKE"}) or (
            self.here.kind == "mark" and operator in OPERATORS
        ):
            self.at += 1
        else:
            raise parse_error(self.here, '"=", "<", ">", "<=", ">=", "IN" or "LIKE"')
        if spec.filters[field] == "id" and operator not in {"=", "IN"}:
            raise invalid(f"property '{field}' supports only = and IN")
        if operator != "IN":
            return Condition(field, operator, (self._value(),))
        self.take("mark", "(")
        values = [self._value()]
        while self.here.text == ",":
            self.at += 1
            values.append(self._value())
        self.take("mark", ")")
        return Condition(field, operator, tuple(values))

    def _value(self) -> str:
        token = self.here
        if token.kind == "string":
            self.at += 1
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        if token.kind == "number" or (token.kind == "word" and token.text.lower() in {"true", "false", "current_date"}):
            self.at += 1
            return token.text.upper() if token.text.lower() == "current_date" else token.text
        raise parse_error(token, "a value")

    def _orders(self, spec: EntitySpec) -> list[Order]:
        if self.is_word("order"):
            self.at += 1
            self.take("word", "by", '"BY"')
        else:
            self.at += 1
        found: list[Order] = []
        while True:
            field = queryable(spec, self.take("word", "", "a property").text)
            descending = self.is_word("desc")
            if descending or self.is_word("asc"):
                self.at += 1
            found.append(Order(field, descending))
            if self.here.text != ",":
                return found
            self.at += 1

    def _count(self, word: str, least: int, most: int | None) -> int:
        self.at += 1
        token = self.here
        if token.kind not in {"number", "string"}:
            raise parse_error(token, "a number")
        self.at += 1
        text = token.text.strip("'")
        if not re.fullmatch(r"-?\d+", text):
            raise parse_error(token, "a whole number")
        value = int(text)
        if value < least:
            raise invalid(f"value {value} is too small. Min allowed value is {least}")
        if most is not None and value > most:
            raise invalid(f"value {value} is too large for {word}. Max allowed value is {most}")
        return value


def queryable(spec: EntitySpec, name: str) -> str:
    """The property as the entity spells it; unknown and unfilterable ones are fault 4001."""
    lowered = name.lower()
    for field in spec.filters:
        if field.lower() == lowered:
            return field
    if any(known.lower() == lowered for known in spec.known):
        raise invalid(f"property '{name}' is not queryable")
    raise invalid(f"Property {name} not found for Entity {spec.name}")
