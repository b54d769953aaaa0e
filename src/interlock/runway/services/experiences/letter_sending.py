"""Sending a client's letter by hand: what it would do, said before it is done, and what became of it.

A client gets one letter a week. Whoever asks for another says why; it has the next number of its week, and asking for that number
twice makes one.
"""

from collections.abc import Sequence
from datetime import date
from typing import Literal, Protocol

from msgspec import Struct

from interlock.domains.firm.letter_times import LETTERS_MOST
from interlock.domains.firm.policy.values import DigestPolicy
from interlock.kernel.clock import local_date
from interlock.runway.services.calculators.words import on_day
from interlock.runway.services.data_orchestrators.letter_snapshot import LetterNow
from interlock.runway.services.views import Instant, View

SendAct = Literal["send", "again", "another"]
REASON_CHARACTERS = 500


class LetterOutlook(View):
    """What sending would do now. ``act``: ``send`` this week's letter, send it ``again`` though it may have arrived, or make

    ``another`` (``number`` of its week) with a reason; ``to``: who would get it; ``against``: why it can't be, in a sentence.
    """

    act: SendAct
    number: int
    to: tuple[str, ...]
    words: str
    against: str | None


class Another(Struct, frozen=True):
    """One more letter in a week that has had its own. ``number``: which of the week's it is to be, ``None`` for the next."""

    reason: str
    number: int | None = None


class LetterSent(View):
    """What became of it. ``now``: whether it was mailed by this; otherwise it had been already, at ``sent_at``."""

    letter_id: str
    dated: date
    number: int
    to: tuple[str, ...]
    sent_at: Instant
    now: bool
    words: str


class SendsLetters(Protocol):
    """Makes and mails a client's letters. Refused: ``MailNotSetUp``, ``BadInput`` (to nobody, or no reason), ``LetterUnknown``,

    ``MailNotTaken`` (nothing was sent), ``MailUnknown``.
    """

    def trouble(self) -> str | None:
        """Why no mail can be sent at all, in a sentence."""
        ...

    def send(self, business: str, *, actor: str, again: bool = False, another: Another | None = None) -> LetterSent: ...


def letter_outlook(
    policy: DigestPolicy, this_week: Sequence[LetterNow], *, today: date, time_zone: str, trouble: str | None
) -> LetterOutlook:
    """``this_week``: the letters of the week that ``today`` is in, the newest first."""
    last = this_week[0] if this_week else None
    if last is None:
        words = "Makes this week’s letter as it stands here now, keeps it so, and mails it"
        return _outlook("send", 1, policy.to, words, trouble)
    day = on_day(last.dated, today)
    if last.unknown:
        words = f"The letter of {day} may have arrived already. Mails the same once more, as the same message,"
        return _outlook("again", last.number, last.recipients, words, trouble)
    if last.sent_at is None and last.recipients:
        return _outlook("send", last.number, last.recipients, f"Mails the letter of {day}, as it was kept,", trouble)
    number = last.number + 1
    if last.sent_at is None:
        had = f"The letter of {day} was made for nobody, as the policy had it then."
    else:
        sent = on_day(local_date(last.sent_at, time_zone), today)
        had = f"This week’s letter, of {day}, was sent {sent} to {listed(last.recipients)}."
    if number > LETTERS_MOST:
        trouble = trouble or f"A week has {LETTERS_MOST} letters at most."
    words = f"{had} Another one needs a reason: it is made as the letter stands here now, and mailed"
    return _outlook("another", number, policy.to, words, trouble)


def _outlook(act: SendAct, number: int, to: Sequence[str], words: str, trouble: str | None) -> LetterOutlook:
    against = trouble
    if not to:
        against = against or "The policy names nobody to send it to: name them under [digest], to = [...]."
    said = f"{words} to {listed(to)}." if to else f"{words} to nobody."
    return LetterOutlook(act=act, number=number, to=tuple(to), words=said, against=against)


def listed(names: Sequence[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last
