"""The words that customers are asked with: a subject and a body a stage, with a few places to be filled. Pure; no code in them."""

import hashlib
import re
from collections.abc import Mapping

from msgspec import Struct

from interlock.domains.ar.policy.chasing import Stage
from interlock.kernel.errors import BadInput

SUBJECT_CHARACTERS = 200
BODY_CHARACTERS = 4_000
PLACES: Mapping[str, str] = {
    "customer": "the customer's name",
    "invoice": "the invoice's number",
    "amount": "what is open now, by both ledgers, with its currency",
    "due": "the day it was due",
    "days_late": "how many days ago that was, in words",
    "business": "the client's name",
    "sender": "who writes",
    "pay": "where it can be paid online, a line of its own; the line is left out where it can't",
}
_PLACE = re.compile(r"\{([^{}\n]*)\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Words(Struct, frozen=True):
    """A subject and a body with places in braces."""

    subject: str
    body: str

    @property
    def digest(self) -> str:
        """SHA-256 of subject, a line end and body: what a person said yes to."""
        return hashlib.sha256(f"{self.subject}\n{self.body}".encode()).hexdigest()


DEFAULT: Mapping[Stage, Words] = {
    "gentle": Words(
        "Invoice {invoice} from {business}",
        "Hello {customer},\n\nInvoice {invoice} over {amount} was due on {due}. It may have slipped through: could you see to it, "
        "or tell us when we can expect it?\n\n{pay}\n\nIf it is on its way already, please take no notice of this.\n\n{sender}\n"
        "{business}",
    ),
    "firm": Words(
        "Invoice {invoice} from {business} is {days_late} overdue",
        "Hello {customer},\n\nWe have not seen a payment of invoice {invoice} yet. {amount} has been due since {due}, {days_late} "
        "ago. Please pay it this week, or answer this mail if something stands against it.\n\n{pay}\n\n{sender}\n{business}",
    ),
    "final": Words(
        "Final reminder: invoice {invoice} from {business}",
        "Hello {customer},\n\nInvoice {invoice} over {amount} is {days_late} overdue (it was due on {due}), and our earlier "
        "messages stayed without an answer. Please pay it within seven days or call us, so that we find a way together.\n\n"
        "{pay}\n\n{sender}\n{business}",
    ),
}
"""Where a client has written none of its own."""


def checked(subject: str, body: str) -> Words:
    """Words as a person wrote them, tidied; ``BadInput`` says what can't be sent."""
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip()
    for name, text, most in (("subject", subject, SUBJECT_CHARACTERS), ("text", body, BODY_CHARACTERS)):
        if not text:
            raise BadInput(f"The {name} is empty.")
        if len(text) > most:
            raise BadInput(f"The {name} has {len(text):,} characters; {most:,} are the most.")
        if _CONTROL.search(text):
            raise BadInput(f"The {name} has a character that no mail shows.")
        strange = sorted({place for place in _PLACE.findall(text) if place not in PLACES})
        if strange:
            raise BadInput(
                f"{{{strange[0]}}} is no place to fill; there are {', '.join(f'{{{each}}}' for each in PLACES)}."
            )
        if _PLACE.sub("", text).strip("{}") != _PLACE.sub("", text) or "{" in _PLACE.sub("", text):
            raise BadInput(f"A brace in the {name} is left open; braces stand around places only.")
    if "{pay}" in subject:
        raise BadInput("{pay} stands in the text, not in the subject.")
    if "{amount}" not in body or "{invoice}" not in body:
        raise BadInput("The text says {invoice} and {amount}, so that the customer knows what is asked for.")
    return Words(subject, body)


def filled(words: Words, places: Mapping[str, str]) -> tuple[str, str]:
    """Subject and body with every place filled, once: what stands in a filled place is never filled again."""

    def fill(text: str) -> str:
        return _PLACE.sub(lambda found: places[found.group(1)], text)

    lines = [line for line in words.body.split("\n") if places["pay"] or "{pay}" not in line]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return " ".join(fill(words.subject).split()), fill(body)
