"""The money in a payment's evidence: each step as the log has it, the loop run again, and the witnesses' own words read again."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from interlock.domains.ap.policy.course import Course
from interlock.domains.ap.policy.happenings import EVENTS, Event
from interlock.domains.ap.policy.loop import step
from interlock.domains.ap.services.payment_steps import snake
from interlock.domains.plaid import mapper as plaid
from interlock.domains.plaid import wire as plaid_wire
from interlock.domains.qbo import mapper as qbo
from interlock.domains.ramp import mapper as ramp
from interlock.kernel.errors import InterlockError
from interlock.kernel.money import Money
from interlock.rails import facts, witnesses
from interlock.runway.evidence_bundle import Bundle, Seen, Step, body_of

if TYPE_CHECKING:
    from interlock.app.payment_evidence import Findings

_EVENTS = {each.__name__: each for each in EVENTS}
_LINE = "bank_line"
_MATCHED = frozenset({"match.made", "match.confirmed", "match.joined"})
_TOOK_BACK = frozenset({"BankTookBack", "LedgerTookBack"})
_NEVER = object()
_OF_THE_LINE = frozenset({"intent_id", "bill_id", "amount_minor", "currency", "step", "was", "stage"})


def money_checks(bundle: Bundle, found: "Findings") -> None:
    """All that is to be checked of a payment after its approval."""
    if bundle.standing is None:
        found.hold(not bundle.steps and not bundle.group, "it has steps of a payment that was never released")
        found.unproven.append("That money moved: the payment was not released when this was made.")
    else:
        _steps(bundle, found)
        _loop(bundle, found)
        _references(bundle, found)
    _group(bundle, found)
    _witnesses(bundle, found)


def _steps(bundle: Bundle, found: "Findings") -> None:
    lines = {each.seq: each for each in bundle.lines}
    said = {
        each.seq
        for each in bundle.lines
        if body_of(each).get("intent_id") == bundle.intent_id and "step" in body_of(each)
    }
    found.hold(said == {each.line for each in bundle.steps}, "its steps are not those that the log has")
    found.hold([each.number for each in bundle.steps] == list(range(1, len(bundle.steps) + 1)), "a step is missing")
    for each in bundle.steps:
        line = lines.get(each.line)
        if line is None or not _same_step(bundle, each, line.action, line.at, line.actor, body_of(line)):
            found.broken.append(f"step {each.number} is not what line {each.line} of the log says")
    if not found.broken:
        found.proven.append(f"{len(bundle.steps)} steps of the payment: each as its line of the log says.")


def _same_step(bundle: Bundle, told: Step, action: str, at: str, actor: str, body: dict[str, Any]) -> bool:
    more = {key: value for key, value in body.items() if key not in _OF_THE_LINE}
    head = {
        "intent_id": bundle.intent_id,
        "bill_id": bundle.bill_id,
        "amount_minor": bundle.amount_minor,
        "currency": bundle.currency,
        "step": told.number,
        "was": told.was,
        "stage": told.stage,
    }
    return (
        action == f"payment.{snake(told.event)}"
        and (at, actor) == (told.at, told.actor)
        and head == {key: body.get(key) for key in head}
        and more == json.loads(told.said)
    )


def _loop(bundle: Bundle, found: "Findings") -> None:
    """The pure loop over the steps again, from a course of which nothing has happened yet."""
    assert bundle.standing is not None
    if found.broken:
        return
    try:
        kept = msgspec.json.decode(bundle.standing.course, type=Course)
        course = Course(kept.way, kept.expects_bank, kept.late_after, kept.records)
        for each in bundle.steps:
            if not found.hold(course.stage == each.was or each.number == 1, f"step {each.number} begins elsewhere"):
                return
            course = step(course, _event(each), datetime.fromisoformat(each.at))[0]
            if not found.hold(course.stage == each.stage, f"step {each.number} doesn't lead to {each.stage}"):
                return
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError, KeyError) as trouble:
        found.broken.append(f"its steps can't be taken again: {trouble}")
        return
    same = course == kept and (kept.stage, kept.way) == (bundle.standing.stage, bundle.standing.way)
    if found.hold(same, "its steps don't lead to where it says that it stands"):
        found.proven.append(f"The loop over those steps again: {kept.stage}, as it says.")


def _event(told: Step) -> Event:
    kind = _EVENTS[told.event]
    said = json.loads(told.said)
    return msgspec.convert(
        {**{name: said[name] for name in kind.__struct_fields__ if name in said}, "type": told.event}, kind
    )


def _references(bundle: Bundle, found: "Findings") -> None:
    """What it was sent as and where it is found at each witness: as the last step that says it, and so the log."""
    assert bundle.standing is not None
    standing = bundle.standing
    refs = {
        "rail_id": ("the paying rail’s id", standing.rail_id, None),
        "line_id": ("the bank’s line", standing.line_id, "BankShowed"),
        "match_id": ("the clearing group", standing.match_id, "BankShowed"),
        "ledger_payment_id": ("the ledger’s payment", standing.ledger_payment_id, None),
        "returned": ("the line it came back with", standing.returned_line_id, "BankReturned"),
        "instruction": ("the instruction’s hash", standing.instruction, None),
    }
    for key, (name, value, event) in refs.items():
        told = _last_said(bundle, "line_id" if key == "returned" else key, event)
        if told is not _NEVER:
            found.hold(told == value, f"{name} is not what the last step about it says")
        elif value is not None:
            found.unproven.append(f"That {name} is {value[:40]}: no step in the log says it.")
    came_back = any(each.event == "BankReturned" for each in bundle.steps)
    found.hold(
        standing.returned_line_id is None or came_back, "it has a line that it came back with, and no step says so"
    )
    found.hold(
        standing.rail_id is None or standing.way != "outside", "it was paid outside, and yet is at the paying rail"
    )
    if standing.instruction is not None:
        found.hold(standing.instruction in bundle.texts, "the instruction is missing")


def _last_said(bundle: Bundle, key: str, event: str | None) -> Any:
    """What the last step says of ``key``, taken back or not; ``event``: only steps of that kind, and those that take it back."""
    for each in reversed(bundle.steps):
        said = json.loads(each.said)
        if key in said and (event is None or each.event in {event, *_TOOK_BACK}):
            return None if each.event in _TOOK_BACK else said[key]
    return _NEVER


def _group(bundle: Bundle, found: "Findings") -> None:
    """The clearing group: its members as the log has them, this payment among them, every book's sum that of the line."""
    standing = bundle.standing
    if standing is None or standing.match_id is None:
        found.hold(not bundle.group, "it has a clearing group that it doesn't stand on")
        return
    lines = [each for each in bundle.group if each.kind == _LINE]
    held = {(each.kind, each.id) for each in bundle.group}
    found.hold([each.id for each in lines] == [standing.line_id], "the bank’s line is not in its clearing group")
    mine = {
        ("rail_bill", standing.rail_id),
        ("bill_payment", standing.ledger_payment_id),
        ("disbursement", bundle.intent_id),
    }
    found.hold(bool(held & mine), "the payment is not in its clearing group")
    for kind in sorted({each.kind for each in bundle.group} - {_LINE}):
        total = sum(each.minor for each in bundle.group if each.kind == kind)
        found.hold(
            total == sum(each.minor for each in lines), "its clearing group doesn't come to what the bank’s line says"
        )
    told: set[tuple[str, str]] = set()
    for line in bundle.lines:
        body = body_of(line)
        if line.action in _MATCHED and body.get("match") == standing.match_id:
            told |= {
                (_LINE, str(body.get("line"))),
                *((str(kind), str(id_)) for kind, id_ in body.get("movements", ())),
            }
    if told:
        found.hold(held == told, "the members of its clearing group are not those that the log has")
    else:
        found.unproven.append("Who is in its clearing group: the log has that before this stretch.")


def _witnesses(bundle: Bundle, found: "Findings") -> None:
    """Each witness's own words, read again: the amount they say, held against what was approved."""
    roots = {
        str(body["root"]): each.seq for each in bundle.lines if each.action == "mirror.page" and (body := body_of(each))
    }
    told = {str(each) for each_step in bundle.steps for each in json.loads(each_step.said).values()}
    for seen in bundle.seen:
        try:
            fact = _fact(seen, bundle.currency)
        except (InterlockError, plaid.NoCurrency, msgspec.DecodeError) as trouble:
            found.broken.append(f"what {_who(seen)} said can't be read: {trouble}")
            continue
        if not found.hold(fact.id == seen.id, f"what {_who(seen)} said is of another id"):
            continue
        digest = hashlib.sha256(seen.payload.encode())
        if digest.hexdigest() not in told and hashlib.sha256(digest.digest()).hexdigest() not in roots:
            found.unproven.append(
                f"That {_who(seen)} said this word for word: it came with others whose words are not here, so the hash of that "
                "page in the log can't be computed again."
            )
        for right, words in _amounts(bundle, fact):
            found.hold(right, words)


def _fact(seen: Seen, currency: str) -> facts.Fact:
    raw = seen.payload.encode()
    if seen.kind == "bank_line":
        return plaid.line_fact(msgspec.json.decode(raw, type=plaid_wire.Transaction), raw)
    if seen.book == "ramp":
        return ramp.draft(raw) if seen.kind == "rail_draft" else ramp.bill(raw)
    kind = facts.Bill if seen.kind == "bill" else facts.BillPayment
    return qbo.to_fact(qbo.BY_KIND[kind], raw, qbo.Company(currency))  # what names no currency is in the home currency


def _amounts(bundle: Bundle, fact: facts.Fact) -> Iterator[tuple[bool, str]]:
    standing, minor = bundle.standing, bundle.amount_minor
    approved = f"{bundle.currency} {Money(minor, bundle.currency)} were approved"
    if isinstance(fact, facts.Bill):
        yield fact.id == bundle.bill_id and fact.currency == bundle.currency, "the bill is another one"
    if standing is None or msgspec.json.decode(standing.course, type=Course).differs:
        return  # that amounts differ is what its steps say, and so what is proven
    if isinstance(fact, witnesses.RailBill):
        paid = fact.payment_minor if fact.payment_minor is not None else fact.total_minor
        yield paid == minor and fact.currency == bundle.currency, f"the paying rail has another amount; {approved}"
    if isinstance(fact, witnesses.BankLine):
        yield from _on_bank(bundle, fact, approved)
    if isinstance(fact, facts.BillPayment):
        yield from _in_ledger(bundle, fact, approved)


def _in_ledger(bundle: Bundle, fact: facts.BillPayment, approved: str) -> Iterator[tuple[bool, str]]:
    """What it applies to the bill is what its step says it paid: what was approved, or that with vendor credits on top."""
    here = [each for each in fact.links if each.linked_kind == "bill" and each.linked_id == bundle.bill_id]
    applied = sum(each.amount_minor or 0 for each in here)
    if here and all(each.amount_minor is None for each in here):
        applied = fact.total_minor
    told = [said["paid_minor"] for each in bundle.steps if "paid_minor" in (said := json.loads(each.said))]
    wanted = {bundle.amount_minor, *(each for each in told[-1:] if each > bundle.amount_minor)}
    yield applied in wanted and fact.currency == bundle.currency, f"the ledger has another amount; {approved}"


def _on_bank(bundle: Bundle, line: witnesses.BankLine, approved: str) -> Iterator[tuple[bool, str]]:
    """A line of its own is the amount; one for several is the sum of its clearing group."""
    assert bundle.standing is not None
    if line.id == bundle.standing.returned_line_id:
        yield line.amount_minor == bundle.amount_minor, f"the line it came back with is of another amount; {approved}"
        return
    yield not line.pending and line.currency == bundle.currency, "the bank’s line is not posted, or in another currency"
    members = [(each.id, each.minor) for each in bundle.group if each.kind == _LINE]
    if members:
        yield (line.id, line.amount_minor) in members, "the bank’s line is not in its clearing group"
    if len({each.id for each in bundle.group if each.kind != _LINE}) <= 1 or not members:
        yield line.amount_minor == -bundle.amount_minor, f"the bank has another amount; {approved}"


def _who(seen: Seen) -> str:
    return {"qbo": "QuickBooks", "ramp": "Ramp", "plaid": "the bank"}[seen.book] + f" ({seen.kind} {seen.id})"
