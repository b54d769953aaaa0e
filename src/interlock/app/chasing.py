"""Asking customers to pay, by mail: what is due goes out when messages may leave, each stage once, whatever ends a process.

That a message is about to be sent is committed before the mail server is spoken to. Whoever finds that mark without an end says
that nobody knows, and leaves it to a person.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from interlock.app.abilities import abilities_of
from interlock.app.house import House
from interlock.app.paying import business_of
from interlock.app.reading_first import read_first
from interlock.app.settings import NotConfigured
from interlock.domains.ar.chasing_models import ChasingSetup
from interlock.domains.ar.policy.chasing import CHASE, STAGES, Ask, next_message, next_opening
from interlock.domains.ar.services.chase_cases import ChaseCases, manner_of
from interlock.domains.ar.services.chase_service import ChaseService
from interlock.domains.ar.services.reminders import ACTOR, Begun, End, Reminders
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.services.calendar_service import find_due, keep_trouble, set_due
from interlock.infra import mail, translog
from interlock.infra.crypto import KeyBroken
from interlock.infra.locks import held
from interlock.infra.mail import AddressRefused, MailNotTaken, MailServer, MailUnknown
from interlock.kernel.clock import local_date, zone
from interlock.kernel.errors import Busy, NotFound
from interlock.kernel.scope import Scope
from interlock.rails.moves import CollectsInvoices
from interlock.runway.business_desk import BusinessDesk
from interlock.runway.desk import Desk

MESSAGES_MOST = 50
"""In one run of one client; the next run takes the rest."""
READ_WITHIN = timedelta(hours=1)
"""Nobody is asked for money on books, or on a collecting rail's word, older than this: both are read first."""
_SOON = timedelta(seconds=10)
"""While somebody else reads: what they bring is waited for."""
_AGAIN = timedelta(minutes=15)
_LONGEST = timedelta(hours=4)
_DOUBLINGS_MOST = 4
_REFUSALS_MOST = 3
"""In a row: a server that took none of so many takes none now."""
_LEDGER = "qbo"
_OURS = "reminder."
"""Lines of the log that change nothing that a finding rests on."""
_OWNER = "unsubscribing"
_NO_HOST = "interlock.invalid"
_TOKEN_CHARACTERS = 2_000


def chase_work(house: House, business_id: str, run_id: str) -> None:
    """Send what is due to one client's customers, and say when to look again. May be begun twice: each stage goes once."""
    del run_id  # what was sent stands in the messages' own rows
    business = business_of(house, business_id)
    if business is not None:
        Chaser(house, business).run()


@dataclass(frozen=True)
class Blocked:
    """Invoices that a finding stops, as the books were examined at line ``seq`` of the log."""

    seq: int
    why: Mapping[str, str]

    @classmethod
    def at(cls, desk: BusinessDesk) -> "Blocked":
        return cls(translog.head(desk.session, desk.business.business_id)[0], desk.findings.blocked_invoices())

    def stands(self, desk: BusinessDesk) -> bool:
        """Whether nothing was said since but of our own messages: examining the books takes seconds, and blocks writers."""
        since = list(
            translog.lines(desk.session, desk.business.business_id, after=self.seq)
        )  # a cursor is read to its end
        return all(line.action.startswith(_OURS) for line in since)


@dataclass(frozen=True)
class Chaser:
    """The messages of one business."""

    house: House
    business: Business

    @property
    def scope(self) -> Scope:
        return Scope(self.business.firm_id, self.business.business_id)

    def run(self) -> int:
        """How many messages went out. One process at a time works for a client."""
        with held(self.house.database, f"chase:{self.business.business_id}"):
            return self._run()

    def _run(self) -> int:
        now = self.house.clock.now()
        with self.house.database.writing(self.scope) as session:
            reminders = Reminders(session, self.business, now)
            reminders.cut_off()
            reminders.settle_promises()
            row = find_due(session, self.scope, CHASE)
            manner = manner_of(session.get(ChasingSetup, self.business.business_id))
            if row is None or row.due_at > now:
                return 0
            opening = next_opening(manner, self.business.time_zone, now) if manner.on else None
            if opening is None:
                session.delete(row)
                return 0
            if opening > now:
                set_due(session, self.scope, CHASE, opening)
                return 0
        try:
            server, sender = self.house.settings.mail()
        except NotConfigured as lacking:
            self._try_again(lacking.sentence)
            return 0
        return self._send_due(server, sender)

    def _send_due(self, server: MailServer, sender: str) -> int:
        due, blocked = self._due(examine=False)
        if due:
            rails = (_LEDGER, *self.house.registry.able(CollectsInvoices))
            try:
                unread = read_first(self.house, self.business, rails, within=READ_WITHIN)
            except Busy:
                self._look_again(_SOON)
                return 0
            if unread is not None:
                self._try_again(f"Nobody is asked for money on old figures. {unread}")
                return 0
            due, blocked = self._due(examine=True)  # as it is now that both were read
        sent, refused, trouble = 0, 0, None
        for invoice_id in due[:MESSAGES_MOST]:
            begun = self._begin(invoice_id, sender, blocked)
            if begun is None:
                continue
            try:
                mail.send(server, self._message(begun, sender), sender, [begun.recipient])
            except AddressRefused as gone:
                self._bounced(begun, gone.sentence)
                continue
            except MailNotTaken as not_now:
                refused, trouble = refused + 1, not_now.sentence
                self._end(begun, "not_taken", trouble)
                if refused == _REFUSALS_MOST:
                    break
                continue
            except MailUnknown as unknown:
                self._end(begun, "unknown", unknown.sentence)
                continue
            self._end(begun, "sent", None)
            sent, refused = sent + 1, 0
        if trouble is not None:
            self._try_again(trouble)
        else:
            self._plan_next(soon=len(due) > MESSAGES_MOST)
        return sent

    def _due(self, *, examine: bool) -> tuple[list[str], Blocked]:
        """Invoices whose message seems due, in accepted words, and what stops some; each is looked at again where it begins.

        ``examine``: the books, for findings that stop one.
        """
        with self._desk().reading(self.business.business_id) as at:
            manner = manner_of(at.session.get(ChasingSetup, self.business.business_id))
            words = _words(at, self.business)
            accepted = {stage for stage in STAGES if words.words(stage)[1]}
            cases = ChaseCases(at.session, self.business, today=at.today, blocked={})
            asks = ((each.invoice.id, next_message(each.case, manner)) for each in cases.past_due())
            due = [id_ for id_, said in asks if isinstance(said, Ask) and said.stage in accepted]
            blocked = Blocked.at(at) if examine and due else Blocked(0, {})
            return [each for each in due if each not in blocked.why], blocked

    def _begin(self, invoice_id: str, sender: str, blocked: Blocked) -> Begun | None:
        """Under the lock ``blocked`` is as it was where nothing else happened since; else the books are examined anew."""
        with self._desk().writing(self.business.business_id) as at:
            return Reminders(at.session, self.business, at.now).begin(
                invoice_id,
                words=_words(at, self.business).words,
                blocked=lambda: blocked.why if blocked.stands(at) else at.findings.blocked_invoices(),
                host=sender.rpartition("@")[2] or _NO_HOST,
            )

    def _end(self, begun: Begun, how: End, trouble: str | None) -> None:
        with self.house.database.writing(self.scope) as session:
            reminders = Reminders(session, self.business, self.house.clock.now())
            reminders.end(begun.reminder_id, how, trouble)

    def _bounced(self, begun: Begun, trouble: str) -> None:
        """An address that is refused for good isn't tried again, for whichever invoice."""
        with self.house.database.writing(self.scope) as session:
            now = self.house.clock.now()
            Reminders(session, self.business, now).end(begun.reminder_id, "bounced", trouble)
            service = ChaseService(session, self.business, acting=None, policy=_no_policy, now=now)
            service.opt_out(begun.recipient, how="bounced", why=trouble, actor=ACTOR)

    def _message(self, begun: Begun, sender: str) -> EmailMessage:
        """The mail, with the ways to have no more of it that mail programs know (RFC 2369, RFC 8058)."""
        with self.house.database.reading(self.scope) as session:
            setup = session.get_one(ChasingSetup, self.business.business_id)
            name, reply_to = setup.sender_name, setup.reply_to
        message = EmailMessage()
        message["Subject"] = begun.subject
        message["From"] = f'"{name}" <{sender}>'
        message["To"] = begun.recipient
        message["Reply-To"] = reply_to
        message["Date"] = format_datetime(self.house.clock.now())
        message["Message-ID"] = begun.message_id
        link = unsubscribe_link(self.house, self.business, begun.recipient)
        ways = [f"<mailto:{reply_to}?subject=unsubscribe>", *([f"<{link}>"] if link else [])]
        message["List-Unsubscribe"] = ", ".join(ways)
        if link:
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        stop = (
            f"No more reminders: {link}"
            if link
            else f"No more reminders: answer this mail with “unsubscribe” ({reply_to})."
        )
        message.set_content(f"{begun.body}\n\n-- \n{stop}\n")
        return message

    def _plan_next(self, *, soon: bool) -> None:
        """All that changes by itself changes with the day; what people decide makes the row due anew."""
        now = self.house.clock.now()
        tomorrow = local_date(now, self.business.time_zone) + timedelta(days=1)
        morning = datetime.combine(tomorrow, time(), zone(self.business.time_zone)).astimezone(UTC)
        with self.house.database.writing(self.scope) as session:
            manner = manner_of(session.get(ChasingSetup, self.business.business_id))
            after = now + _AGAIN if soon else morning
            set_due(session, self.scope, CHASE, next_opening(manner, self.business.time_zone, after))

    def _look_again(self, pause: timedelta) -> None:
        with self.house.database.writing(self.scope) as session:
            set_due(session, self.scope, CHASE, self.house.clock.now() + pause)

    def _try_again(self, trouble: str) -> None:
        """Sooner at first, and rarer while it goes on."""
        with self.house.database.writing(self.scope) as session:
            row = find_due(session, self.scope, CHASE)
            failures = min(row.failures if row else 0, _DOUBLINGS_MOST)
            pause: timedelta = min(_AGAIN * 2**failures, _LONGEST)
            keep_trouble(session, self.scope, CHASE, trouble=trouble, retry_at=self.house.clock.now() + pause)

    def _desk(self) -> Desk:
        house = self.house
        return Desk(
            house.database,
            house.clock,
            house.sync_of,
            self.business.firm_id,
            monthly_reads=house.settings.qbo_monthly_reads,
            abilities=abilities_of(house),
        )


def _words(at: BusinessDesk, business: Business) -> ChaseService:
    return ChaseService(at.session, business, acting=None, policy=lambda: at.in_force.policy, now=at.now)


def unsubscribe_link(house: House, business: Business, address: str) -> str | None:
    """Where an address has itself taken off; ``None`` where customers can't reach this installation."""
    if not house.settings.public_url:
        return None
    said = json.dumps([business.business_id, address.casefold()]).encode()
    token = base64.urlsafe_b64encode(house.vault.seal(said, _OWNER)).decode().rstrip("=")
    return f"{house.settings.public_url.rstrip('/')}/unsubscribe/{token}"


@dataclass(frozen=True)
class Unsubscribing:
    """A customer's way out, by the link in a message. ``NotFound`` for a link that we didn't make."""

    house: House

    def who(self, token: str) -> tuple[str, str]:
        """Whose reminders it takes which address off."""
        business, address = self._opened(token)
        return business.name, address

    def take_off(self, token: str) -> tuple[str, str]:
        """Write to the address no more. Twice is once."""
        business, address = self._opened(token)
        with self.house.database.writing(Scope(business.firm_id, business.business_id)) as session:
            now = self.house.clock.now()
            service = ChaseService(session, business, acting=None, policy=_no_policy, now=now)
            service.opt_out(address, how="unsubscribed", actor=f"{address} (link in a message)")
        return business.name, address

    def _opened(self, token: str) -> tuple[Business, str]:
        try:
            if len(token) > _TOKEN_CHARACTERS:
                raise ValueError
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            business_id, address = json.loads(self.house.vault.open(sealed, _OWNER))
        except (ValueError, binascii.Error, KeyBroken):
            raise NotFound(
                "This link is none of ours; answer the mail instead, and say that you want no more."
            ) from None
        business = business_of(self.house, business_id)
        if business is None:
            raise NotFound("Nothing is sent in this name any more.")
        return business, address


def _no_policy() -> Policy:
    raise AssertionError("a customer's own word, and a mail server's, need no right")
