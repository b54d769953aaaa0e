"""Whose rows a piece of work may see. Every transaction carries one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """A firm, and within it one business or (``None``) all of the firm's."""

    firm_id: str
    business_id: str | None = None


@dataclass(frozen=True, slots=True)
class SystemScope:
    """Work across firms (migrations, taking a firm on, the list of due work): named, so that it can be found."""

    reason: str


AnyScope = Scope | SystemScope
