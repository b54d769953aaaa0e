"""What people decide about asking customers to pay: whether and how at all, in which words, and about each invoice.

Every act takes the business's decision lock first and leaves its line in the log.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar, Literal, get_args

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.chasing_models import (
    Chase,
    ChasePromise,
    ChaseTemplate,
    ChasingSetup,
    ContactOptOut,
    Reminder,
)
from interlock.domains.ar.models import Invoice
from interlock.domains.ar.policy.chase_words import DEFAULT, Words, checked
from interlock.domains.ar.policy.chasing import CHASE, STAGES, Manner, Stage, next_opening
from interlock.domains.ar.services.chase_cases import manner_of
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.deciding_lock import take_decision_lock
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.roles import Right
from interlock.domains.firm.segregation import Facts, refusal
from interlock.domains.firm.services.calendar_service import set_due
from interlock.infra import translog
from interlock.kernel.clock import local_date
from interlock.kernel.errors import BadInput, InterlockError, NotFound, Refused
from interlock.kernel.ids import new_id
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope

Act = Literal["chase", "pause", "promise", "plan", "dispute", "write_off", "stop"]
ACTS: tuple[Act, ...] = get_args(Act)
BATCH_MOST = 200
WHY_CHARACTERS = 500
NAME_CHARACTERS = 80
PLAN_PARTS_MOST = 36
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,187}[A-Za-z0-9])?")
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DAYS_MOST = 365
_AHEAD_DAYS = 366
_STATE_OF: dict[Act, str] = {
    "chase": "chased",
    "pause": "paused",
    "promise": "promised",
    "plan": "planned",
    "dispute": "disputed",
    "write_off": "write_off",
    "stop": "stopped",
}


class NotChased(InterlockError):
    """What is known of the invoice stands against it. Nothing was changed."""

    code: ClassVar[str] = "chase_refused"
    status: ClassVar[int] = 409


class Part(Struct, frozen=True):
    """One part of a payment plan."""

    on: date
    minor: int


class Decided(Struct, frozen=True, kw_only=True):
    """What is decided about an invoice. ``until``: the day of a pause or promise; ``minor``: promised or disputed, all of it unless

    said; ``parts``: of a plan; ``anew``: a chase begins with its first message again.
    """

    act: Act
    until: date | None = None
    minor: int | None = None
    parts: tuple[Part, ...] = ()
    why: str | None = None
    anew: bool = False


class ChaseService:
    """The chase of one business, within the session's transaction. ``acting``: ``None`` for who only looks."""

    def __init__(
        self, db: Session, business: Business, *, acting: Acting | None, policy: Callable[[], Policy], now: datetime
    ) -> None:
        self._db = db
        self._business = business
        self._scope = Scope(business.firm_id, business.business_id)
        self._acting = acting
        self._policy = policy
        self._now = now

    @property
    def today(self) -> date:
        return local_date(self._now, self._business.time_zone)

    # --- how ---------------------------------------------------------------------------------------------------------------

    def setup(self) -> ChasingSetup | None:
        """What was chosen last."""
        return self._db.get(ChasingSetup, self._business.business_id)

    def choose(self, manner: Manner, *, sender_name: str, reply_to: str) -> ChasingSetup:
        """Say how customers are asked, and whether at all. ``BadInput`` for what makes no sense."""
        self._begin("approve")
        _check_manner(manner)
        sender_name, reply_to = " ".join(sender_name.split()), reply_to.strip()
        if not 0 < len(sender_name) <= NAME_CHARACTERS or '"' in sender_name:
            raise BadInput(f"Who writes is named with 1 to {NAME_CHARACTERS} characters, without quotes.")
        if not _ADDRESS.fullmatch(reply_to):
            raise BadInput(f"{reply_to[:80]!r} is no e-mail address that a customer could answer to.")
        row = ChasingSetup(
            firm_id=self._business.firm_id,
            business_id=self._business.business_id,
            sender_name=sender_name,
            reply_to=reply_to,
            changed_by=self._person.person_id,
            changed_at=self._now,
            **msgspec.structs.asdict(manner),
        )
        self._db.merge(row)
        self._tell(
            "chasing.chosen", {**msgspec.structs.asdict(manner), "sender_name": sender_name, "reply_to": reply_to}
        )
        self._soon(manner)
        found = self.setup()
        assert found is not None, "it was just written"
        return found

    def words(self, stage: Stage) -> tuple[Words, bool]:
        """The words of a stage, and whether a person has read and accepted just these."""
        row = self._db.get(ChaseTemplate, (self._business.business_id, stage))
        words = DEFAULT[stage] if row is None else Words(row.subject, row.body)
        return words, row is not None and row.previewed_digest == words.digest

    def write_words(self, stage: Stage, subject: str, body: str) -> Words:
        """Give a stage words of this client's own. They have to be read and accepted before they are sent."""
        self._begin("propose")
        words = checked(subject, body)
        self._keep_words(stage, words, accepted=False)
        self._tell("chasing.words_written", {"stage": stage, "digest": words.digest})
        return words

    def accept_words(self, stage: Stage, digest: str) -> Words:
        """Say yes to words as they were shown, named by their digest; ``NotChased`` when they are others by now."""
        self._begin("approve")
        words, _ = self.words(stage)
        if words.digest != digest:
            raise NotChased("These words were changed since you read them: read them again. Nothing was changed.")
        self._keep_words(stage, words, accepted=True)
        self._tell("chasing.words_accepted", {"stage": stage, "digest": words.digest})
        return words

    # --- about an invoice ----------------------------------------------------------------------------------------------------

    def decide(self, invoice_ids: Sequence[str], decided: Decided) -> list[Chase]:
        """The same for each of these invoices, or for none of them: ``BadInput``, ``NotFound``, ``NotChased``."""
        self._begin("propose")
        ids = list(dict.fromkeys(invoice_ids))
        if not 0 < len(ids) <= BATCH_MOST:
            raise BadInput(f"Decide about 1 to {BATCH_MOST} invoices at once, not {len(ids)}.")
        self._check(decided, len(ids))
        found = [self._decide(invoice_id, decided) for invoice_id in ids]
        if decided.act == "chase":
            self._soon(manner_of(self.setup()))
        return found

    def opt_out(self, address: str, *, how: str = "asked", why: str | None = None, actor: str | None = None) -> None:
        """Never write to an address again. ``actor``: the customer itself, by the link in a message."""
        if actor is None:
            self._begin("propose")
        else:
            take_decision_lock(self._db, self._business.business_id)
        if not _ADDRESS.fullmatch(address.strip()):
            raise BadInput(f"{address[:80]!r} is no e-mail address.")
        self._no_more_to(address, how, why, actor or self._person.actor)

    def opt_in(self, address: str) -> None:
        """Write to an address again: it was wrong, or its owner says so. ``NotFound`` where it was written to all along."""
        self._begin("approve")
        row = self._db.get(ContactOptOut, (self._business.business_id, address.strip().casefold()))
        if row is None:
            raise NotFound(f"{address[:80]!r} is written to; there is nothing to take back.")
        self._db.delete(row)
        self._tell("chasing.opted_in", {"address": row.address})

    def say_of_message(self, reminder_id: str, what: Literal["sent", "not_sent", "bounced"]) -> Reminder:
        """What a person knows of a message: that it went or didn't, where nobody knew; that it came back."""
        self._begin("propose")
        row = self._db.get(Reminder, (self._business.business_id, reminder_id))
        if row is None:
            raise NotFound(f"There is no message {reminder_id!r} of this client.")
        if what == "bounced":
            if row.state not in ("sent", "unknown"):
                raise BadInput(f"This message is {row.state.replace('_', ' ')}; only one that went can come back.")
            row.state, row.trouble = "bounced", "It came back."
            self._no_more_to(row.recipient, "bounced", None, self._person.actor)
        else:
            if row.state != "unknown":
                raise BadInput(f"This message is {row.state.replace('_', ' ')}; there is no doubt about it.")
            row.state, row.trouble = ("sent", None) if what == "sent" else ("not_taken", "It didn't go out.")
        row.ended_at = self._now
        self._tell(f"reminder.{what}", {"reminder_id": reminder_id, "invoice_id": row.invoice_id, "said": "a person"})
        return row

    # -----------------------------------------------------------------------------------------------------------------------

    def _decide(self, invoice_id: str, decided: Decided) -> Chase:
        invoice = self._db.get(Invoice, (self._business.business_id, invoice_id))
        if invoice is None or invoice.buried_at is not None:
            raise NotFound(f"There is no invoice {invoice_id!r} in these books.")
        if invoice.voided or invoice.balance_minor <= 0:
            raise NotChased(f"Nothing is open on invoice {invoice.number or invoice_id}. Nothing was changed.")
        minor = invoice.balance_minor if decided.minor is None else decided.minor
        if minor > invoice.balance_minor:
            open_ = Money(invoice.balance_minor, invoice.currency)
            raise BadInput(
                f"{Money(minor, invoice.currency)} is more than the {open_} open on {invoice.number or invoice_id}."
            )
        self._end_promises(invoice_id)
        row = self._db.get(Chase, (self._business.business_id, invoice_id))
        if row is None:
            row = Chase(
                firm_id=self._business.firm_id, business_id=self._business.business_id, invoice_id=invoice_id, round=1
            )
            self._db.add(row)
        if decided.act == "chase" and decided.anew:
            row.round += 1
        row.customer_id, row.currency = invoice.customer_id, invoice.currency
        row.state, row.why = _STATE_OF[decided.act], _why(decided.why)
        row.until = decided.parts[0].on if decided.parts else decided.until
        row.promised_minor = minor if decided.act == "promise" else None
        row.disputed_minor = minor if decided.act == "dispute" else None
        row.plan = json.dumps([[each.on.isoformat(), each.minor] for each in decided.parts]) if decided.parts else None
        row.changed_by, row.changed_at = self._person.person_id, self._now
        words = [(each.on, each.minor) for each in decided.parts]
        if decided.act == "promise":
            assert decided.until is not None, "checked before"
            words = [(decided.until, minor)]
        for day, part in words:
            self._promise(invoice, day, part)
        said = {"invoice_id": invoice_id, "act": decided.act, "until": row.until, "why": row.why, "round": row.round}
        told = {"promised_minor": row.promised_minor, "disputed_minor": row.disputed_minor, "plan": row.plan}
        self._tell("chase.decided", {name: value for name, value in {**said, **told}.items() if value is not None})
        return row

    def _no_more_to(self, address: str, how: str, why: str | None, who: str) -> None:
        address = address.strip().casefold()
        if self._db.get(ContactOptOut, (self._business.business_id, address)) is not None:
            return
        self._db.add(
            ContactOptOut(
                firm_id=self._business.firm_id,
                business_id=self._business.business_id,
                address=address,
                how=how,
                why=_why(why),
                noted_by=who,
                noted_at=self._now,
            )
        )
        self._tell("chasing.opted_out", {"address": address, "how": how, "why": _why(why)}, actor=who)

    def _soon(self, manner: Manner) -> None:
        """What is due is looked for when messages may next leave."""
        if manner.on:
            set_due(self._db, self._scope, CHASE, next_opening(manner, self._business.time_zone, self._now))

    def _promise(self, invoice: Invoice, day: date, minor: int) -> None:
        self._db.add(
            ChasePromise(
                firm_id=self._business.firm_id,
                business_id=self._business.business_id,
                promise_id=new_id("word", self._now),
                invoice_id=invoice.id,
                customer_id=invoice.customer_id,
                amount_minor=minor,
                balance_minor=invoice.balance_minor,
                currency=invoice.currency,
                promised_for=day,
                outcome="open",
                said_by=self._person.person_id,
                said_at=self._now,
            )
        )

    def _end_promises(self, invoice_id: str) -> None:
        """A word that another decision takes the place of before its day counts for nothing."""
        query = select(ChasePromise).where(
            ChasePromise.business_id == self._business.business_id,
            ChasePromise.invoice_id == invoice_id,
            ChasePromise.outcome == "open",
        )
        for each in self._db.scalars(query):
            each.outcome = "withdrawn" if each.promised_for >= self.today else "broken"

    def _check(self, decided: Decided, count: int) -> None:
        """What can be said of a decision before any invoice is looked at."""
        if decided.act not in ACTS:
            raise BadInput(f"There is no act {decided.act!r}; there are {', '.join(ACTS)}.")
        if decided.why is not None and len(decided.why) > WHY_CHARACTERS:
            raise BadInput(f"A reason has {WHY_CHARACTERS} characters at most.")
        if decided.act in ("dispute", "write_off", "stop") and not _why(decided.why):
            raise BadInput("Say why; it stands in the log. Nothing was changed.")
        if decided.act == "promise" and decided.until is None:
            raise BadInput("A promise names the day it is for.")
        if (decided.act == "plan") != bool(decided.parts):
            raise BadInput("A plan names its parts, each a day and an amount.")
        days = [each.on for each in decided.parts] or ([decided.until] if decided.until else [])
        for day in days:
            if not 0 <= (day - self.today).days <= _AHEAD_DAYS:
                raise BadInput(f"{day} isn't within the next year.")
        if days != sorted(set(days)) or len(days) > PLAN_PARTS_MOST:
            raise BadInput(f"A plan has at most {PLAN_PARTS_MOST} days, each later than the one before.")
        amounts = [each.minor for each in decided.parts] + ([decided.minor] if decided.minor is not None else [])
        if any(minor <= 0 for minor in amounts):
            raise BadInput("An amount is above zero.")
        if count > 1 and (decided.minor is not None or decided.parts):
            raise BadInput("An amount or a plan is of one invoice; decide about it alone.")

    def _keep_words(self, stage: Stage, words: Words, *, accepted: bool) -> None:
        if stage not in STAGES:
            raise BadInput(f"There is no stage {stage!r}; there are {', '.join(STAGES)}.")
        by = self._person.person_id
        self._db.merge(
            ChaseTemplate(
                firm_id=self._business.firm_id,
                business_id=self._business.business_id,
                stage=stage,
                subject=words.subject,
                body=words.body,
                previewed_digest=words.digest if accepted else None,
                previewed_by=by if accepted else None,
                previewed_at=self._now if accepted else None,
                changed_by=by,
                changed_at=self._now,
            )
        )

    @property
    def _person(self) -> Acting:
        if self._acting is None:
            raise Refused("Nobody acts here; choose who does.")
        return self._acting

    def _begin(self, right: Right) -> None:
        take_decision_lock(self._db, self._business.business_id)
        said = refusal(right, self._person, self._policy(), Facts(now=self._now))
        if said is not None:
            raise Refused(said)

    def _tell(self, action: str, body: dict[str, Any], *, actor: str | None = None) -> None:
        self._db.flush()
        who = actor or self._person.actor
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in body.items()}
        translog.append(self._db, self._scope, now=self._now, actor=who, action=action, body=plain)


def _why(text: str | None) -> str | None:
    said = " ".join((text or "").split()).rstrip(".")
    return said or None


def _check_manner(manner: Manner) -> None:
    days = (manner.gentle_days, manner.firm_days, manner.final_days)
    if not all(0 <= each <= _DAYS_MOST for each in days) or not days[0] < days[1] < days[2]:
        raise BadInput(f"The three stages come one after the other, within {_DAYS_MOST} days of the due date.")
    if not 1 <= manner.gap_days <= _DAYS_MOST:
        raise BadInput("Between two messages to one customer at least a day passes.")
    for hour in (manner.from_hour, manner.to_hour):
        if not _HOUR.fullmatch(hour):
            raise BadInput(f"{hour[:20]!r} is no time of day; write it like 09:00.")
    if time.fromisoformat(manner.from_hour) >= time.fromisoformat(manner.to_hour):
        raise BadInput("Messages leave between two hours of one day; the first is earlier than the second.")
