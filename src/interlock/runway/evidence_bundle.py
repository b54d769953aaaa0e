"""A payment's evidence as one document: what was decided, said and seen, and the stretch of the log that proves it.

Nothing in it needs a database: texts stand under their SHA-256, lines of the log as they are chained, and what rails, bank and
ledger said as they said it. ``interlock.app.payment_evidence`` holds it against itself.
"""

import hashlib
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from interlock.infra.translog import Line, canonical

FORMAT = "interlock payment evidence 1"
BUNDLE_BYTES = 64 * 1024 * 1024

Book = Literal["qbo", "ramp", "plaid"]
SeenKind = Literal["rail_bill", "rail_draft", "bank_line", "bill", "bill_payment"]


class DecidedOn(Struct, frozen=True, forbid_unknown_fields=True):
    """One decision about the payment: the line of the log that says it, and the verdict it was given on (canonical JSON)."""

    decision_id: str
    line: int
    at: str
    actor: str
    act: str
    verdict: str | None = None


class PolicyText(Struct, frozen=True, forbid_unknown_fields=True):
    """A policy that a decision went by: the firm's or the client's; its text stands under ``digest``."""

    policy_id: str
    whose: Literal["firm", "client"]
    digest: str


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """One step the payment took after its release, as its row says and as ``line`` of the log says."""

    number: int
    line: int
    at: str
    actor: str
    event: str
    was: str
    stage: str
    said: str


class Standing(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the released payment stood when this was made. ``course``: all that the loop knows of it, JSON; ``instruction``:

    the SHA-256 of what was sent under the payment's id, where something was.
    """

    way: str
    stage: str
    course: str
    instruction: str | None
    rail_id: str | None
    line_id: str | None
    match_id: str | None
    ledger_payment_id: str | None
    returned_line_id: str | None


class Seen(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody else's system said, word for word, as the mirror keeps it."""

    book: Book
    kind: SeenKind
    id: str
    payload: str


class GroupPart(Struct, frozen=True, forbid_unknown_fields=True):
    """A member of the clearing group that the bank's line was matched with; amounts in minor units, money in above zero."""

    kind: str
    id: str
    minor: int


class Bundle(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of it. ``amount_minor`` of ``currency`` for ``bill_id``; ``texts`` by SHA-256; ``lines``: the log without a gap

    from the first line about the payment to its end as it was then or, where that was too far, to the last line about it.
    ``head``: the hash of the last; ``seal``: SHA-256 over everything else.
    """

    chain: str
    intent_id: str
    bill_id: str
    amount_minor: int
    currency: str
    decisions: tuple[DecidedOn, ...]
    policies: tuple[PolicyText, ...]
    standing: Standing | None
    steps: tuple[Step, ...]
    seen: tuple[Seen, ...]
    group: tuple[GroupPart, ...]
    texts: dict[str, str]
    lines: tuple[Line, ...]
    head: str
    seal: str = ""
    format: str = FORMAT


def sealed(bundle: Bundle) -> Bundle:
    """The same with the seal that its content has."""
    return msgspec.structs.replace(bundle, seal=seal_of(bundle))


def seal_of(bundle: Bundle) -> str:
    """SHA-256 over the canonical JSON of all but the seal."""
    said = msgspec.to_builtins(bundle)
    del said["seal"]
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def as_file(bundle: Bundle) -> bytes:
    """The bundle as a file: canonical JSON and a line end."""
    return f"{canonical(msgspec.to_builtins(bundle))}\n".encode()


def read_file(said: bytes) -> Bundle:
    """The reverse of ``as_file``; ``msgspec.DecodeError`` (or its kin) where it is no bundle."""
    return msgspec.json.decode(said, type=Bundle)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def instant(at: datetime) -> str:
    """As the log says an instant."""
    return at.isoformat(timespec="microseconds")


def body_of(line: Line) -> dict[str, Any]:
    """What a line says; nothing where that is no object."""
    said = msgspec.json.decode(line.body)
    return said if isinstance(said, dict) else {}


def subject_in(body: dict[str, Any], intent_id: str) -> dict[str, Any]:
    """What a decision's line says of one payment; empty where it says nothing."""
    subjects = body.get("subjects")
    found = [each for each in subjects if isinstance(each, dict)] if isinstance(subjects, list) else []
    return next((each for each in found if each.get("intent_id") == intent_id), {})


def decides(body: dict[str, Any], intent_id: str) -> bool:
    """Whether a line is a decision about the payment: one of a batch, or the release, whose line is the payment's own."""
    return "decision_id" in body and (body.get("intent_id") == intent_id or bool(subject_in(body, intent_id)))
