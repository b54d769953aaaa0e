"""Letters: made once and kept, mailed once. What may have been sent is never sent again without a person.

That a letter is about to be sent is committed before the mail server is spoken to. Whoever finds that mark without the server's
answer tells it, and leaves it to a person.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, ClassVar

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.app.abilities import abilities_of
from interlock.app.house import House
from interlock.app.settings import NotConfigured
from interlock.domains.firm.letter_times import DIGEST, LETTERS_MOST, letter_id_of, number_of, week_of
from interlock.domains.firm.models import Business, Firm
from interlock.domains.firm.services.calendar_service import find_due
from interlock.domains.firm.services.letter_calendar import plan_next
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.domains.firm.timetable import Letter, LetterSending
from interlock.infra import mail, translog
from interlock.infra.locks import held
from interlock.infra.mail import MailNotTaken, MailServer, MailUnknown
from interlock.kernel.clock import local_date
from interlock.kernel.errors import BadInput, InterlockError, NotFound
from interlock.kernel.scope import Scope, SystemScope
from interlock.runway.desk import Desk
from interlock.runway.letter_desk import letter_of, sending_of
from interlock.runway.letter_paper import letter_html, letter_pdf
from interlock.runway.services.data_orchestrators.letter_snapshot import NO_FORECAST, LetterNow, LetterSnapshot
from interlock.runway.services.experiences.letter_sending import REASON_CHARACTERS, Another, LetterOutlook

SCHEDULE = "Interlock (weekly letter)"
_WHOSE = SystemScope("whose letter is due")
_HOST_CHARACTERS = 40
_NO_HOST = "interlock.invalid"
_PARTS = ("interlock-letter-parts", "interlock-letter-ways")


class LetterUnknown(InterlockError):
    """Sending stopped between handing over and the answer: nobody knows, so nothing is sent without a person."""

    code: ClassVar[str] = "letter_unknown"
    status: ClassVar[int] = 409


def letter_work(house: House, business_id: str, run_id: str) -> None:
    """Make and mail what is due, and say when the next one is. A server that can't be reached is tried again by the calendar."""
    del run_id  # what was done stands in the letter's own rows
    with house.database.reading(_WHOSE) as session:
        business = session.get(Business, business_id)
        if business is None:
            return
        session.expunge(business)
    letters = Letters(house, business)
    if not letters.is_due():
        return
    letter = letters.make(SCHEDULE)
    if letter.unknown:
        letters.tell_unknown(letter.letter_id, then=letters.next_one)
        return
    if not letter.recipients:
        letters.leave(letter.letter_id, None)
        return
    try:
        letters.send(letter.letter_id, SCHEDULE, then=letters.next_one)
    except NotConfigured as lacking:
        letters.leave(letter.letter_id, lacking.sentence)
    except (MailUnknown, LetterUnknown):
        letters.tell_unknown(letter.letter_id, then=letters.next_one)


class Letters:
    """One business's letters."""

    def __init__(self, house: House, business: Business) -> None:
        self._house = house
        self._database = house.database
        self._business = business
        self._scope = Scope(business.firm_id, business.business_id)

    def today(self) -> date:
        return local_date(self._now(), self._business.time_zone)

    def is_due(self) -> bool:
        """Whether the calendar's row has come."""
        with self._database.reading(self._scope) as session:
            row = find_due(session, self._scope, DIGEST)
            return row is not None and row.due_at <= self._now()

    def last(self) -> LetterNow | None:
        """The newest letter."""
        with self._database.reading(self._scope) as session:
            return self._snapshot(session).last_letter()

    def paper(self) -> bytes:
        """The letter as it would be made now, on paper; nothing is kept."""
        with self._desk().reading(self._business.business_id) as at:
            return letter_pdf(at.digest.get_digest_experience(), self._firm(at.session))

    def outlook(self) -> LetterOutlook:
        """What sending would do now, where mail can be sent."""
        with self._desk().reading(self._business.business_id) as at:
            return sending_of(at, None)

    def make(self, actor: str) -> LetterNow:
        """This week's letter, made from one moment of the log; the newest of the week where there is one already."""
        with self._alone():
            here = self._this_week()
            return here[0] if here else self._made(1, actor, None)

    def make_another(self, actor: str, another: Another) -> LetterNow:
        """One more in a week that has had its own, numbered; ``BadInput`` without a reason, or for a number that isn't the next.

        The one that has the number already is given back, so that one who asks twice gets one.
        """
        reason = another.reason.strip()
        if not reason or len(reason) > REASON_CHARACTERS:
            raise BadInput(f"Another letter in one week needs a reason of 1 to {REASON_CHARACTERS} characters.")
        with self._alone():
            here = self._this_week()
            free = here[0].number + 1 if here else 1
            number = free if another.number is None else another.number
            for each in here:
                if each.number == number > 1:
                    return each
            if number != free or number > LETTERS_MOST:
                raise BadInput(
                    f"The next letter of this week is number {free}, of {LETTERS_MOST} at most; nothing was made."
                )
            return self._made(number, actor, reason)

    def _alone(self) -> AbstractContextManager[None]:
        return held(self._database, f"letter:{self._business.business_id}")

    def _this_week(self) -> Sequence[LetterNow]:
        with self._database.reading(self._scope) as session:
            policy = PolicyService(session, self._business.firm_id).in_force(self._business).policy.digest
            return self._snapshot(session).letters_from(week_of(policy, self.today()))

    def _made(self, number: int, actor: str, reason: str | None) -> LetterNow:
        letter_id = letter_id_of(self.today(), number)
        made = self._rendered(letter_id, actor)
        body = {
            "letter_id": letter_id,
            "made_from": {"line": made.seq, "head": made.head},
            "html": hashlib.sha256(made.html).hexdigest(),
            "pdf": hashlib.sha256(made.pdf).hexdigest(),
            "recipients": json.loads(made.recipients),
        }
        with self._database.writing(self._scope) as session:
            session.add(made)
            said = body if reason is None else {**body, "reason": reason}
            self._tell(session, actor, "letter.made", said)
        with self._database.reading(self._scope) as session:
            return self._known(session, letter_id)

    def send(
        self, letter_id: str, actor: str, *, again: bool = False, then: Callable[[Session], None] | None = None
    ) -> LetterNow:
        """Mail it, unless it was sent. ``again``: a person decides to, though it may have been, or was. ``then``: in the

        transaction that notes its end. ``NotConfigured``, ``BadInput`` (to nobody), ``LetterUnknown``, ``MailNotTaken`` (nothing
        was sent), ``MailUnknown``.
        """
        with self._alone():
            server, sender = self._house.settings.mail()
            with self._database.reading(self._scope) as session:
                known = self._known(session, letter_id)
                message = self._message(session, letter_id, sender)
            if known.sent_at is not None and not again:
                with self._database.writing(self._scope) as session:
                    if then is not None:
                        then(session)
                return known
            if known.unknown and not again:
                raise LetterUnknown(
                    f"Nobody knows whether the letter of {known.dated} was taken when it was last sent, so it is not sent again "
                    "by itself. Ask who should have it, or send it again: on the digest page, or with --again."
                )
            if not known.recipients:
                raise BadInput(
                    "The policy named nobody to send this letter to when it was made: name them under [digest], to = [...], "
                    "and ask for another one with a reason."
                )
            self._dialogue(known, message, server, sender, actor, then)
        with self._database.reading(self._scope) as session:
            return self._known(session, letter_id)

    def leave(self, letter_id: str, trouble: str | None) -> None:
        """It is kept and not mailed now; the next one is next week's."""
        with self._database.writing(self._scope) as session:
            self._sending(session, letter_id).trouble = trouble
            self.next_one(session)

    def tell_unknown(self, letter_id: str, *, then: Callable[[Session], None]) -> None:
        """Note once that nobody knows; a person goes on from there."""
        with self._database.writing(self._scope) as session:
            row = self._sending(session, letter_id)
            then(session)
            if row.trouble is None:
                row.trouble = "Whether it was taken is not known; it is not sent again by itself."
                self._tell(session, SCHEDULE, "letter.unknown", {"letter_id": letter_id, "attempt": row.attempts})

    def next_one(self, session: Session) -> None:
        """The next letter is due by the policy."""
        plan_next(session, self._business, self._now())

    def _dialogue(
        self,
        known: LetterNow,
        message: EmailMessage,
        server: MailServer,
        sender: str,
        actor: str,
        then: Callable[[Session], None] | None,
    ) -> None:
        """Commit that it is being sent, speak to the server, commit what came of it."""
        with self._database.writing(self._scope) as session:
            row = self._sending(session, known.letter_id)
            before = (row.sending_at, row.sent_at)
            row.sending_at, row.sent_at, row.trouble = self._now(), None, None
            row.attempts += 1
            said = {"letter_id": known.letter_id, "attempt": row.attempts}
            more = {"message_id": message["Message-ID"], "recipients": list(known.recipients)}
            self._tell(session, actor, "letter.sending", {**said, **more})
        try:
            mail.send(server, message, sender, known.recipients)
        except MailNotTaken as refused:
            with self._database.writing(self._scope) as session:
                row = self._sending(session, known.letter_id)
                (row.sending_at, row.sent_at), row.trouble = (
                    before,
                    refused.sentence,
                )  # what was open before this still is
                self._tell(session, actor, "letter.not_sent", {**said, "why": refused.sentence})
            raise
        with self._database.writing(self._scope) as session:
            row = self._sending(session, known.letter_id)
            row.sent_at = self._now()
            if then is not None:
                then(session)
            self._tell(session, actor, "letter.sent", said)

    def _rendered(self, letter_id: str, actor: str) -> Letter:
        with self._desk().reading(self._business.business_id) as at:
            view, firm = at.digest.get_digest_experience(), self._firm(at.session)
            read = view.sync_status.bills_last_sync is not None
            # A week has one forecast, its first letter's: later letters are held against that.
            forecast = letter_of(at).forecast() if read and number_of(letter_id) == 1 else None
            to = list(at.in_force.policy.digest.to)
        html, pdf = letter_html(view, firm, self._house.settings.public_url), letter_pdf(view, firm)
        name = f"{letter_id.replace(':', '.')}.{self._business.business_id}.{view.chain.hash[:16]}"
        return Letter(
            firm_id=self._business.firm_id,
            business_id=self._business.business_id,
            letter_id=letter_id,
            dated=view.today,
            seq=view.chain.seq,
            head=view.chain.hash,
            html=html,
            pdf=pdf,
            digest=hashlib.sha256(html + b"\n" + pdf).hexdigest(),
            recipients=json.dumps(to),
            forecast=msgspec.json.encode(forecast).decode() if forecast else NO_FORECAST,
            message_id=f"<{name}@{_host(self._house.settings.mail_from)}>",
            made_by=actor,
            made_at=view.as_of,
        )

    def _message(self, session: Session, letter_id: str, sender: str) -> EmailMessage:
        """The mail: words, page and paper. The same letter gives the same mail but for its date."""
        letter = session.get_one(Letter, (self._business.business_id, letter_id))
        firm, when = self._firm(session), letter.dated
        day = f"{when.day} {when:%B %Y}"
        message = EmailMessage()
        number = number_of(letter_id)
        more = f" (letter {number} of this week)" if number > 1 else ""
        message["Subject"] = f"{self._business.name}: your cash, seven days to {day}{more}"
        message["From"] = f'"{firm.replace(chr(34), "")}" <{sender}>'
        message["To"] = ", ".join(json.loads(letter.recipients))
        message["Date"] = format_datetime(self._now())
        message["Message-ID"] = letter.message_id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(
            f"{firm}\n\nYour cash, seven days to {day}, is in this mail as a page and attached on paper.\n\n"
            f"Made from line {letter.seq:,} of the log, chain head {letter.head}.\n"
        )
        message.add_alternative(letter.html.decode(), subtype="html")
        name = f"{self._business.slug}-{when.isoformat()}.pdf"
        message.add_attachment(letter.pdf, maintype="application", subtype="pdf", filename=name)
        for part, boundary in zip((message, message.get_payload(0)), _PARTS, strict=True):
            assert isinstance(part, EmailMessage), (
                "a mail with an attachment and another form of its text has two levels"
            )
            part.set_boundary(f"{boundary}-{letter.digest[:16]}")
        return message

    def _sending(self, session: Session, letter_id: str) -> LetterSending:
        row = session.get(LetterSending, (self._business.business_id, letter_id))
        if row is None:
            row = LetterSending(
                firm_id=self._business.firm_id, business_id=self._business.business_id, letter_id=letter_id, attempts=0
            )
            session.add(row)
        return row

    def _tell(self, session: Session, actor: str, action: str, body: dict[str, Any]) -> None:
        session.flush()
        translog.append(session, self._scope, now=self._now(), actor=actor, action=action, body=body)

    def _known(self, session: Session, letter_id: str) -> LetterNow:
        found = self._snapshot(session).letter(letter_id)
        if found is None:
            raise NotFound(f"There is no letter {letter_id!r} of {self._business.name}.")
        return found

    def _snapshot(self, session: Session) -> LetterSnapshot:
        return LetterSnapshot(session, self._scope, self._business.home_currency)

    def _firm(self, session: Session) -> str:
        return session.scalars(select(Firm.name).where(Firm.firm_id == self._business.firm_id)).one()

    def _desk(self) -> Desk:
        house = self._house
        return Desk(
            house.database,
            house.clock,
            house.sync_of,
            self._business.firm_id,
            monthly_reads=house.settings.qbo_monthly_reads,
            abilities=abilities_of(house),
        )

    def _now(self) -> datetime:
        return self._house.clock.now()


def _host(address: str | None) -> str:
    host = (address or "").rpartition("@")[2]
    return host if host and len(host) <= _HOST_CHARACTERS else _NO_HOST
