"""The evidence of one payment gathered from this installation's rows: a file that can be checked anywhere, without them."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision, PaymentIntent
from interlock.domains.ap.models import Bill, BillPayment
from interlock.domains.ap.payment_models import Disbursement, DisbursementStep
from interlock.domains.ap.services.decision_records import inputs_of, subjects_of
from interlock.domains.ap.witness_models import RailBill
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.witness_models import BankLine
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy_models import PolicyVersion
from interlock.infra import translog
from interlock.infra.translog import Line, LogLine
from interlock.kernel.errors import BadInput, NotFound
from interlock.runway.evidence_bundle import (
    BUNDLE_BYTES,
    Book,
    Bundle,
    DecidedOn,
    GroupPart,
    PolicyText,
    Seen,
    SeenKind,
    Standing,
    Step,
    as_file,
    body_of,
    decides,
    instant,
    sealed,
    sha,
    subject_in,
)

LINES_MOST = 20_000
"""Lines of the log in one bundle. Where the log's end lies further off, the bundle ends with the last line about the payment."""

_Witness = RailBill | BankLine | Bill | BillPayment


def evidence_file(db: Session, business: Business, intent_id: str) -> bytes:
    """The file; ``NotFound`` for no such payment, ``BadInput`` where it would be larger than a bundle may be."""
    said = as_file(gather(db, business, intent_id))
    if len(said) > BUNDLE_BYTES:
        raise BadInput(
            f"The evidence of {intent_id} has {len(said):,} bytes; {BUNDLE_BYTES:,} are the most. "
            "Export the whole log instead (interlock log BUSINESS --export FILE)."
        )
    return said


def gather(db: Session, business: Business, intent_id: str) -> Bundle:
    """Everything about one payment, read in one transaction."""
    intent = db.get(PaymentIntent, (business.business_id, intent_id))
    if intent is None:
        raise NotFound(f"There is no payment {intent_id!r} at {business.name}.")
    lines = _lines(db, business.business_id, intent_id)
    row = db.get(Disbursement, (business.business_id, intent_id))
    decisions = _decisions(db, business.business_id, intent_id)
    policies = _policies(db, decisions)
    texts = dict(_texts(db, business.business_id, intent_id, decisions, row))
    texts |= {each.digest: each.text for each in policies}
    return sealed(
        Bundle(
            chain=business.business_id,
            intent_id=intent_id,
            bill_id=intent.bill_id,
            amount_minor=intent.amount_minor,
            currency=intent.currency,
            decisions=tuple(_decided(each, lines, intent_id) for each in decisions),
            policies=tuple(
                PolicyText(each.policy_id, "client" if each.client_id else "firm", each.digest) for each in policies
            ),
            standing=_standing(row) if row is not None else None,
            steps=tuple(_step(each, lines) for each in _steps(db, business.business_id, intent_id)),
            seen=tuple(_seen(db, business.business_id, intent, row)),
            group=_group(db, business.business_id, row),
            texts=texts,
            lines=lines,
            head=lines[-1].hash,
        )
    )


def _lines(db: Session, chain: str, intent_id: str) -> tuple[Line, ...]:
    """The log from the first line about the payment to its end or, where that is too far, to the last line about it."""
    about = select(func.min(LogLine.seq), func.max(LogLine.seq)).where(
        LogLine.chain == chain, LogLine.body.contains(intent_id, autoescape=True)
    )
    first, last = db.execute(about).one()
    if first is None:
        raise NotFound(f"The log says nothing of {intent_id}; there is no evidence of it.")
    end = translog.head(db, chain)[0]
    if last - first >= LINES_MOST:
        raise BadInput(
            f"{last - first + 1:,} lines of the log lie between the first and the last about {intent_id}; a bundle holds "
            f"{LINES_MOST:,}. Export the whole log instead (interlock log BUSINESS --export FILE)."
        )
    whole = end - first < LINES_MOST
    most = (end if whole else last) - first + 1
    return tuple(translog.lines(db, chain, after=first - 1, most=most))


def _decisions(db: Session, business_id: str, intent_id: str) -> list[Decision]:
    """Decisions about the payment. A release that didn't let it go changed nothing of it, and so is none."""
    query = select(Decision).where(
        Decision.business_id == business_id, Decision.subjects.contains(intent_id, autoescape=True)
    )
    found = db.scalars(query.order_by(Decision.decided_at, Decision.decision_id))
    return [each for each in found if not subject_in({"subjects": subjects_of(each)}, intent_id).get("refused")]


def _decided(decision: Decision, lines: Sequence[Line], intent_id: str) -> DecidedOn:
    told = [each for each in lines if decision.decision_id in each.body and intent_id in each.body]
    line = next(
        (
            each.seq
            for each in told
            if (body := body_of(each)).get("decision_id") == decision.decision_id and decides(body, intent_id)
        ),
        0,
    )
    return DecidedOn(
        decision.decision_id, line, instant(decision.decided_at), decision.actor, decision.act, decision.verdict
    )


def _policies(db: Session, decisions: Sequence[Decision]) -> list[PolicyVersion]:
    ids = {each for row in decisions for each in (row.policy_id, row.firm_policy_id) if each is not None}
    return list(
        db.scalars(
            select(PolicyVersion).where(PolicyVersion.policy_id.in_(sorted(ids))).order_by(PolicyVersion.policy_id)
        )
    )


def _texts(
    db: Session, business_id: str, intent_id: str, decisions: Sequence[Decision], row: Disbursement | None
) -> Iterator[tuple[str, str]]:
    """What verdicts were computed from, what approvals bound to, and what was sent."""
    wanted = {each.inputs_digest for each in decisions if each.inputs_digest is not None}
    wanted |= {
        said["content"]
        for each in decisions
        if (said := subject_in({"subjects": subjects_of(each)}, intent_id)).get("content")
    }
    for digest in sorted(wanted):
        yield digest, inputs_of(db, business_id, digest).decode()
    if row is not None and row.instruction is not None:
        yield sha(row.instruction), row.instruction


def _standing(row: Disbursement) -> Standing:
    return Standing(
        way=row.way,
        stage=row.stage,
        course=row.course,
        instruction=sha(row.instruction) if row.instruction is not None else None,
        rail_id=row.rail_id,
        line_id=row.line_id,
        match_id=row.match_id,
        ledger_payment_id=row.ledger_payment_id,
        returned_line_id=row.returned_line_id,
    )


def _steps(db: Session, business_id: str, intent_id: str) -> Sequence[DisbursementStep]:
    query = select(DisbursementStep).where(
        DisbursementStep.business_id == business_id, DisbursementStep.intent_id == intent_id
    )
    return db.scalars(query.order_by(DisbursementStep.number)).all()


def _step(step: DisbursementStep, lines: Sequence[Line]) -> Step:
    line = next(
        (
            each.seq
            for each in lines
            if step.intent_id in each.body
            and body_of(each).get("intent_id") == step.intent_id
            and body_of(each).get("step") == step.number
        ),
        0,
    )
    return Step(step.number, line, instant(step.at), step.actor, step.event, step.was, step.stage, step.said)


def _seen(db: Session, business_id: str, intent: PaymentIntent, row: Disbursement | None) -> Iterator[Seen]:
    """The bill, and each witness's own word for the payment."""

    def told(book: Book, name: SeenKind, kind: type[_Witness], id_: str | None) -> Iterator[Seen]:
        query = select(kind.id, kind.raw).where(kind.business_id == business_id, kind.id == id_)
        for found in db.execute(query):
            yield Seen(book, name, found.id, found.raw.decode())

    yield from told("qbo", "bill", Bill, intent.bill_id)
    if row is not None:
        draft = db.scalars(
            select(RailBill.draft).where(RailBill.business_id == business_id, RailBill.id == row.rail_id)
        ).first()
        yield from told("ramp", "rail_draft" if draft else "rail_bill", RailBill, row.rail_id)
        yield from told("plaid", "bank_line", BankLine, row.line_id)
        yield from told("plaid", "bank_line", BankLine, row.returned_line_id)
        yield from told("qbo", "bill_payment", BillPayment, row.ledger_payment_id)


def _group(db: Session, business_id: str, row: Disbursement | None) -> tuple[GroupPart, ...]:
    if row is None or row.match_id is None:
        return ()
    query = select(BankMatchPart).where(
        BankMatchPart.business_id == business_id, BankMatchPart.match_id == row.match_id, BankMatchPart.active
    )
    found = db.scalars(query.order_by(BankMatchPart.kind, BankMatchPart.ref_id))
    return tuple(GroupPart(each.kind, each.ref_id, each.amount_minor) for each in found)
