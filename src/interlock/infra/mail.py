"""Mail, the one sender of it. What it says of an outcome is exact: taken, certainly not taken, or nobody knows.

A server has taken a message when it answers the end of its text with 250 (RFC 5321, section 4.2.5). Whatever fails before the
text was sent left nothing behind; whatever fails between its first byte and that answer may have.
"""

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import ClassVar, Literal
from urllib.parse import unquote, urlsplit

from interlock.kernel.errors import InterlockError, SetupBroken
from interlock.kernel.unspoken import Unspoken

ANSWER_SECONDS = 60.0
"""How long a server may take for any one answer."""

_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
_PORTS = {"smtp": 587, "smtps": 465}
_OK = 250
_GO_ON = 354
_LINE_DOT = re.compile(rb"^\.", re.MULTILINE)
"""A line that begins with a dot gets another one: a dot alone ends the text."""
_ACCEPTED = frozenset({250, 251})
_FOR_GOOD = 500


class MailSetupBroken(SetupBroken):
    """The address of the mail server is none, or would send a password in plain text."""

    code = "mail_setup"


class MailNotTaken(InterlockError):
    """Certainly nothing was taken: it may be tried again."""

    code: ClassVar[str] = "mail_not_taken"
    status: ClassVar[int] = 502


class AddressRefused(MailNotTaken):
    """The server takes nothing for this recipient, and will not later either (5xx): the address is wrong, or gone."""

    code: ClassVar[str] = "mail_address_refused"


class MailUnknown(InterlockError):
    """The text was handed over, and no answer came: nobody knows whether it was taken."""

    code: ClassVar[str] = "mail_unknown"
    status: ClassVar[int] = 502


@dataclass(frozen=True, repr=False)
class MailServer(Unspoken):
    """Where mail is given to. ``tls``: from the start, once connected (STARTTLS), or not at all (this machine only)."""

    host: str
    port: int
    tls: Literal["start", "once", "none"]
    user: str | None = None
    password: str | None = None

    @classmethod
    def of(cls, url: str) -> "MailServer":
        """From ``smtp://user:password@host:587`` or ``smtps://…``; ``MailSetupBroken`` says what is wrong with it."""
        parts = urlsplit(url)
        try:
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            port = 0
        if parts.scheme not in _PORTS or not parts.hostname or not port or parts.path.strip("/") or parts.query:
            raise MailSetupBroken("INTERLOCK_SMTP_URL is written like smtp://user:password@mail.example.com:587.")
        local = parts.hostname in _LOCAL
        tls: Literal["start", "once", "none"] = "start" if parts.scheme == "smtps" else "none" if local else "once"
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return cls(parts.hostname, port, tls, user, password)


def send(server: MailServer, message: EmailMessage, sender: str, recipients: Sequence[str]) -> None:
    """Give a message to the server, for all of its recipients or for none. ``MailNotTaken``, ``MailUnknown``."""
    said = message.as_bytes(policy=SMTP)
    if not said.endswith(b"\r\n"):
        said += b"\r\n"
    link = _connected(server)
    try:
        _hand_over(link, said, sender, recipients)
    finally:
        link.close()  # not a goodbye that waits for an answer: what was to be said is said


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    try:
        if server.tls == "start":
            link: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=ANSWER_SECONDS, context=context)
        else:
            link = smtplib.SMTP(server.host, server.port, timeout=ANSWER_SECONDS)
        if server.tls == "once":
            link.starttls(context=context)
        if server.user is not None:
            link.login(server.user, server.password or "")
    except (OSError, smtplib.SMTPException) as trouble:
        raise MailNotTaken(
            f"The mail server {server.host} did not take us: {_words(trouble)} Nothing was sent."
        ) from None
    return link


def _hand_over(link: smtplib.SMTP, said: bytes, sender: str, recipients: Sequence[str]) -> None:
    try:
        link.ehlo_or_helo_if_needed()
        code, answer = link.mail(sender)
        if code != _OK:
            raise MailNotTaken(f"The mail server refuses {sender} as a sender: {_text(answer)} Nothing was sent.")
        for each in recipients:
            code, answer = link.rcpt(each)
            if code not in _ACCEPTED:
                kind = AddressRefused if code >= _FOR_GOOD else MailNotTaken
                raise kind(f"The mail server refuses {each}: {_text(answer)} Nothing was sent to anybody.")
        code, answer = link.docmd("data")
        if code != _GO_ON:
            raise MailNotTaken(f"The mail server wants no text: {_text(answer)} Nothing was sent.")
    except (OSError, smtplib.SMTPException) as trouble:
        raise MailNotTaken(f"The mail server broke off before anything was sent: {_words(trouble)}") from None
    try:
        link.send(_LINE_DOT.sub(b"..", said) + b".\r\n")
        code, answer = link.getreply()
    except (OSError, smtplib.SMTPException) as trouble:
        raise MailUnknown(
            f"The mail server broke off while it was given the letter: {_words(trouble)} Whether it was taken is not known."
        ) from None
    if code != _OK:
        raise MailNotTaken(f"The mail server did not take the letter: {_text(answer)} Nothing was sent.")


def _words(trouble: Exception) -> str:
    if isinstance(trouble, smtplib.SMTPResponseException):
        return _text(trouble.smtp_error)
    return f"{getattr(trouble, 'strerror', None) or trouble or type(trouble).__name__}".rstrip(".") + "."


def _text(answer: bytes | str) -> str:
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(said.split())[:200].rstrip(".") + "."
