"""A payment's evidence held against itself: no database, no network, no settings.

What stands here is recomputed: hashes, the log's chain, verdicts by the same engine, the loop's steps, and what each witness's own
words say the payment was. What can't be recomputed from the file is said, so that nobody takes it for proven.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from interlock.app.evidence import Anchor
from interlock.app.evidence_of_money import money_checks
from interlock.domains.ap.policy.course import Course
from interlock.infra.translog.chain import Line, verify
from interlock.kernel.errors import BadInput, NotFound
from interlock.kernel.money import Money
from interlock.runway.evidence_bundle import (
    BUNDLE_BYTES,
    FORMAT,
    Bundle,
    DecidedOn,
    PolicyText,
    body_of,
    decides,
    read_file,
    seal_of,
    sha,
    subject_in,
)
from interlock.runway.judged import verdict_bytes
from interlock.runway.services.calculators.guardrail import judge
from interlock.runway.services.calculators.guardrail_values import ENGINE, Question

_APPROVED = "payment.approved"
_ACTIONS = {
    "propose": "payment.proposed",
    "approve": _APPROVED,
    "schedule": "payment.scheduled",
    "reject": "payment.rejected",
    "withdraw": "payment.withdrawn",
    "void": "payment.voided",
    "record": "payment.recorded",
    "release": "payment.released",
    "say": "payment.person_said",
}


class Found(Struct, frozen=True):
    """What the file proves, what contradicts itself in it, and what it can't prove; sentences."""

    intent_id: str
    says: str
    proven: tuple[str, ...]
    broken: tuple[str, ...]
    unproven: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.broken


class Findings:
    """Sentences as they are found."""

    def __init__(self) -> None:
        self.proven: list[str] = []
        self.broken: list[str] = []
        self.unproven: list[str] = []

    def hold(self, right: bool, broken: str) -> bool:
        """Note what is broken unless it is right."""
        if not right:
            self.broken.append(broken)
        return right


def read_bundle(path: Path) -> Bundle:
    """``NotFound`` without a file, ``BadInput`` for one that is no bundle of ours."""
    try:
        if path.stat().st_size > BUNDLE_BYTES:
            raise BadInput(f"{path} has more than {BUNDLE_BYTES:,} bytes; no bundle has.")
        return read_file(path.read_bytes())
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}.") from None
    except (IsADirectoryError, msgspec.DecodeError, UnicodeDecodeError):
        raise BadInput(f"{path} is no payment's evidence: it can't be read as one.") from None


def examine_bundle(bundle: Bundle, anchors: Sequence[Anchor] = ()) -> Found:
    """Hold a bundle against itself, and against heads of the log that were kept elsewhere."""
    found = Findings()
    if not found.hold(bundle.format == FORMAT, f"it is of the form {bundle.format!r}; this build reads {FORMAT!r}"):
        return _told(bundle, found)
    found.hold(bundle.seal == seal_of(bundle), "the seal is not that of the content")
    _texts(bundle, found)
    _chain(bundle, found)
    _readable(bundle, found)
    if not found.broken:
        _anchors(bundle, anchors, found)
        _decisions(bundle, found)
        _policies(bundle, found)
        money_checks(bundle, found)
        for digest in _strays(bundle):
            found.broken.append(f"nothing in it names the text {digest[:12]}")
    return _told(bundle, found)


def _told(bundle: Bundle, found: Findings) -> Found:
    stands = f"stands at {bundle.standing.stage}" if bundle.standing else "was not released"
    says = f"{bundle.currency} {Money(bundle.amount_minor, bundle.currency)} for bill {bundle.bill_id}: {stands}."
    return Found(bundle.intent_id, says, tuple(found.proven), tuple(found.broken), tuple(found.unproven))


def _texts(bundle: Bundle, found: Findings) -> None:
    for digest, text in bundle.texts.items():
        found.hold(sha(text) == digest, f"the text {digest[:12]} was changed")


def _chain(bundle: Bundle, found: Findings) -> None:
    """The stretch of the log: each line recomputed, none missing between."""
    lines = bundle.lines
    if not found.hold(bool(lines), "it holds no line of the log"):
        return
    first = lines[0]
    found.hold(all(each.chain == bundle.chain for each in lines), "lines of another chain are among its lines")
    _, breaks = verify(lines, after={first.chain: (first.seq - 1, first.prev)})
    for each in breaks:
        found.broken.append(f"line {each.seq} of the log {each.why}")
    if lines[-1].hash != bundle.head:
        found.broken.append("the head it names is not its last line")
    if not breaks:
        found.proven.append(f"Lines {first.seq:,} to {lines[-1].seq:,} of the log: recomputed, none missing.")
    if first.seq > 1:
        found.unproven.append(f"What the log says before line {first.seq:,}; the whole log is exported by itself.")


def _readable(bundle: Bundle, found: Findings) -> None:
    """Whether all that is written in JSON within it can be read."""
    said: list[tuple[str, str, Any]] = [
        (f"line {each.seq} of the log", each.body, dict[str, Any]) for each in bundle.lines
    ]
    said += [(f"step {each.number}", each.said, dict[str, Any]) for each in bundle.steps]
    if bundle.standing is not None:
        said.append(("where it stands", bundle.standing.course, Course))
    for what, text, shape in said:
        try:
            msgspec.json.decode(text, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError):
            found.broken.append(f"{what} says nothing that can be read")


def _anchors(bundle: Bundle, anchors: Sequence[Anchor], found: Findings) -> None:
    lines = {each.seq: each.hash for each in bundle.lines}
    mine = [each for each in anchors if each.chain == bundle.chain and each.seq in lines]
    for each in mine:
        found.hold(lines[each.seq] == each.hash, f"line {each.seq} of the log is not the line that was anchored")
    if mine and not found.broken:
        found.proven.append(f"{len(mine)} anchored head{'s' if len(mine) > 1 else ''} kept elsewhere: the same lines.")
    elif not mine:
        none = "None of the anchors lies in this stretch of the log" if anchors else "No anchor was given"
        found.unproven.append(
            f"{none}: whoever can write the whole log anew could have written this one. Hold head {bundle.head[:16]} "
            "against a digest or an anchor kept elsewhere."
        )


def _decisions(bundle: Bundle, found: Findings) -> None:
    told = {each.seq: each for each in bundle.lines}
    ids = {str(body_of(each).get("decision_id")) for each in bundle.lines if _decides(each, bundle.intent_id)}
    found.hold(
        ids == {each.decision_id for each in bundle.decisions},
        "the decisions it tells are not those that the log has about this payment",
    )
    replayed = 0
    for decision in bundle.decisions:
        line = told.get(decision.line)
        if line is None or not _same_decision(decision, line):
            found.broken.append(f"decision {decision.decision_id} is not what line {decision.line} of the log says")
            continue
        replayed += _replays(bundle, decision, body_of(line), found)
    approved = [_subject(each, bundle.intent_id) for each in bundle.lines if each.action == _APPROVED]
    amounts = {said.get("amount_minor") for said in approved if said}
    last = next((said for said in reversed(approved) if said), None)
    if found.hold(amounts <= {bundle.amount_minor}, "it tells another amount than the log says was approved"):
        _approved(bundle, last, found)
    _bound(bundle, found)
    if replayed:
        found.proven.append(
            f"{replayed} verdict{'s' if replayed > 1 else ''} of the guardrail: computed again, the same."
        )


def _approved(bundle: Bundle, last: dict[str, Any] | None, found: Findings) -> None:
    bills = {s.get("bill_id") for each in bundle.lines if (s := _subject(each, bundle.intent_id))}
    found.hold(bills <= {bundle.bill_id}, "it tells another bill than the log says")
    if last is not None and last.get("state") == "approved":
        found.proven.append(
            f"Approved: {bundle.currency} {Money(bundle.amount_minor, bundle.currency)}, as the log says."
        )
    else:
        found.hold(bundle.standing is None, "it was released, and the log has no approval of it")
        found.unproven.append("That it was approved: the log has no final approval of it.")


def _decides(line: Line, intent_id: str) -> bool:
    return decides(body_of(line), intent_id)


def _subject(line: Line, intent_id: str) -> dict[str, Any]:
    return subject_in(body_of(line), intent_id)


def _same_decision(decision: DecidedOn, line: Line) -> bool:
    body = body_of(line)
    undone = decision.act == "undo" and line.action.endswith(".undone")
    return (
        body.get("decision_id") == decision.decision_id
        and (line.at, line.actor) == (decision.at, decision.actor)
        and (undone or line.action == _ACTIONS.get(decision.act))
    )


def _replays(bundle: Bundle, decision: DecidedOn, body: dict[str, Any], found: Findings) -> bool:
    """Whether a verdict came out the same; what was asked is the text that the log's line names by its hash."""
    name = decision.decision_id
    if decision.verdict is None or body.get("inputs") is None:
        found.hold(decision.verdict is body.get("inputs"), f"decision {name} has a verdict without its inputs")
        return False
    asked = bundle.texts.get(str(body["inputs"]))
    if not found.hold(asked is not None, f"what decision {name} was judged from is missing"):
        return False
    if body.get("engine") != ENGINE:
        found.unproven.append(f"The verdict of {name}: it is of engine {body.get('engine')}, this build has {ENGINE}.")
        return False
    verdict = judge(msgspec.json.decode(str(asked), type=Question))
    same = verdict_bytes(verdict) == decision.verdict.encode()
    return found.hold(
        same and verdict.outcome == body.get("outcome") and verdict.words == body.get("verdict", verdict.words),
        f"the verdict of decision {name} is not what its inputs give",
    )


def _bound(bundle: Bundle, found: Findings) -> None:
    """What approvals bound to: the bill's content, under the hash that the log's lines name."""
    named = {str(said["content"]) for each in bundle.lines if (said := _subject(each, bundle.intent_id)).get("content")}
    missing = sorted(named - set(bundle.texts))
    if not missing and named:
        found.proven.append("What was approved: the bill as it was then, under the hash in the log.")
    for each in missing:
        found.unproven.append(f"The bill's content {each[:12]}: it was not kept.")


def _policies(bundle: Bundle, found: Findings) -> None:
    """Policies that decisions name. Their texts are proven by a line of this stretch, or by an anchor of their own chain."""
    bodies = [body for each in bundle.lines if _decides(each, bundle.intent_id) and (body := body_of(each))]
    named = {str(body[key]) for body in bodies for key in ("policy", "firm_policy") if body.get(key)}
    told = {each.policy_id for each in bundle.policies}
    found.hold(told == named, "the policies it tells are not those that the decisions went by")
    for each in bundle.policies:
        firm = {str(body["firm_policy"]) for body in bodies if body.get("firm_policy")}
        found.hold((each.whose == "firm") == (each.policy_id in firm), f"policy {each.policy_id} is not whose it says")
        if found.hold(each.digest in bundle.texts, f"the text of policy {each.policy_id} is missing"):
            _policy_line(bundle, each, found)


def _policy_line(bundle: Bundle, policy: PolicyText, found: Findings) -> None:
    lines = [body for each in bundle.lines if each.action == "policy.written" and (body := body_of(each))]
    mine = [body for body in lines if body.get("policy_id") == policy.policy_id]
    if mine:
        found.hold(mine[0].get("digest") == policy.digest, f"policy {policy.policy_id} is not the text the log names")
        return
    found.unproven.append(
        f"The text of policy {policy.policy_id}: its line is not in this stretch of the log. The limits and floor that "
        "each verdict went by are in its inputs, which are proven."
    )


def _strays(bundle: Bundle) -> Iterator[str]:
    """Texts that nothing in the bundle names."""
    named = {each.digest for each in bundle.policies}
    for line in bundle.lines:
        body = body_of(line)
        named |= {str(body.get("inputs"))} | {str(_subject(line, bundle.intent_id).get("content"))}
    named |= {str(bundle.standing.instruction)} if bundle.standing else set()
    yield from sorted(set(bundle.texts) - named)
