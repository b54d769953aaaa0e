"""Sending a client's letter by hand, for the page, the API and the command line: see ``SendsLetters``."""

from typing import ClassVar

from interlock.app.bank_links import client_named
from interlock.app.house import House
from interlock.app.letters import Letters
from interlock.kernel.clock import local_date
from interlock.kernel.errors import BadInput, InterlockError, NotFound
from interlock.runway.services.calculators.words import on_day
from interlock.runway.services.experiences.letter_sending import Another, LetterSent, listed


class MailNotSetUp(InterlockError):
    """Nothing can be mailed from here, so nothing was made."""

    code: ClassVar[str] = "mail_not_set_up"
    status: ClassVar[int] = 409


class LettersByHand:
    """``SendsLetters`` through the installation's mail server."""

    def __init__(self, house: House) -> None:
        self._house = house

    def trouble(self) -> str | None:
        try:
            self._house.settings.mail()
        except InterlockError as missing:
            return missing.sentence
        return None

    def send(self, business: str, *, actor: str, again: bool = False, another: Another | None = None) -> LetterSent:
        """This week's letter, unless it was sent; ``again`` the last one though it may have arrived; or ``another`` one."""
        client = client_named(self._house, business)
        letters = Letters(self._house, client)
        lacking = self.trouble()
        if lacking is not None:  # without a server nothing is made that would have to wait for one
            raise MailNotSetUp(lacking)
        outlook = letters.outlook()
        if (another is not None or (outlook.act == "send" and not again)) and outlook.against:
            raise BadInput(outlook.against)
        if another is not None:
            letter = letters.make_another(actor, another)
        elif again:
            last = letters.last()
            if last is None:
                raise NotFound("No letter was made yet that could be sent again; send one without --again.")
            letter = last
        else:
            letter = letters.make(actor)
        before = letter.sent_at is not None and not again
        sent = letters.send(letter.letter_id, actor, again=again)
        assert sent.sent_at is not None, "what was not taken was raised"
        today = letters.today()
        name = f"The letter of {on_day(sent.dated, today)}" + (
            f" ({sent.number} of its week)" if sent.number > 1 else ""
        )
        taken = f"was taken by the mail server for {listed(sent.recipients)}"
        words = f"{name} {taken}."
        if before:
            day = on_day(local_date(sent.sent_at, client.time_zone), today)
            words = (
                f"{name} {taken} on {day} already: a client gets one a week, and nothing was sent now. "
                "Another one needs a reason."
            )
        return LetterSent(
            letter_id=sent.letter_id,
            dated=sent.dated,
            number=sent.number,
            to=sent.recipients,
            sent_at=sent.sent_at,
            now=not before,
            words=words,
        )
