"""What QuickBooks' refusals of a record mean, and the act that mends each, in plain words (codes: qbo.md §8)."""

from interlock.domains.qbo import wire
from interlock.domains.qbo.mapper import RAIL
from interlock.rails.errors import Rejected
from interlock.rails.records import RecordingOff

_SAID_CHARACTERS = 300
NOT_IN_PLAN = "5020"

_MENDED_BY = {
    "120": "the person who connected the company no longer has access; let an administrator connect it again",
    "610": "something it names is gone or inactive; make that active in QuickBooks, or sync and choose again",
    "620": "it can't be linked to that bill or invoice; sync and look at what is still open",
    "2050": "a text is longer than QuickBooks takes; shorten the number or the note",
    "2500": "an account, vendor or customer it names is inactive or gone; make it active in QuickBooks, or choose another",
    "5010": "somebody changed the same thing at the same moment; sync, look again, and record what is still true",
    "5020": "this company's QuickBooks plan doesn't include it; record it by hand, or have the plan changed",
    "6000": "QuickBooks' own rules don't allow it as it stands; sync and look at what is still open",
    "6140": "the number is taken; give another, or none",
    "6190": "the company's QuickBooks subscription has lapsed and its books are read-only; have it renewed",
    "6210": "the books are closed for that date; have the closing date moved, or record it by hand with whoever closed them",
}


class NotInPlan(Rejected):
    """The company's plan, or the access of who connected it, doesn't include what was asked for (5020, qbo.md §8).

    No reconnecting mends it, and everything else of the company can be read.
    """

    def __init__(self) -> None:
        super().__init__(
            RAIL,
            "QuickBooks refused (code 5020): this company's plan, or the access of who connected it, doesn't include what was "
            "asked for.",
            NOT_IN_PLAN,
        )


def rejected(reason: str, sentence: str) -> Rejected:
    """A refusal in our words. ``Rejected`` promises that nothing was written, so the sentence says so."""
    return Rejected(RAIL, f"{sentence} Nothing was written.", reason)


def switched_off() -> RecordingOff:
    """The business's word is missing or was taken back."""
    return RecordingOff(
        "Recording in QuickBooks is switched off for this business, so nothing was written; switch it on with "
        "`interlock recording on CLIENT` or on the client's connection page."
    )


def refusal_of_record(error: wire.FaultError) -> Rejected:
    """QuickBooks' refusal with its own words and what mends it; ``reason`` is its code."""
    code = error.code or ""
    said = (error.Detail or error.detail or error.Message or error.message or "no reason").strip()[:_SAID_CHARACTERS]
    mend = _MENDED_BY.get(code)
    sentence = f"QuickBooks refused the record (code {code}: {said.rstrip('.')})."
    return rejected(code, sentence if mend is None else f"{sentence} That means: {mend}.")
