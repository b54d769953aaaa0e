"""How a released payment is spoken of: each place an approved dollar can be in, in the accountants' words. Pure.

*Paid* is never said of a payment on our own word: what is said here is what the paying rail, the bank or the ledger says.
"""

from typing import Literal, get_args

from msgspec import Struct

from interlock.domains.ap.policy.course import STAGES, Course, Stage, Way

Place = Literal["approved", "recorded_before", "ended"] | Stage
"""Where an approved dollar is: at a stage of its course, or before one: ``approved`` (not released yet), ``recorded_before``

(the ledger showed the bill paid before anybody released it), ``ended`` (the approval ended before anything was released).
"""
Group = Literal["waits", "under_way", "stuck", "proven", "unproven", "back", "ended"]


class PlaceWords(Struct, frozen=True):
    """A place's name as a column says it, what it means in a sentence, and what its dollars count as."""

    key: Place
    name: str
    means: str
    group: Group


PLACES: tuple[PlaceWords, ...] = (
    PlaceWords("approved", "Approved", "Decided here and not released: nothing has left.", "waits"),
    PlaceWords("to_send", "To be sent to Ramp", "Released; the instruction is written down and not sent yet.", "waits"),
    PlaceWords("sending", "Being sent to Ramp", "The instruction left, and no answer has come yet.", "under_way"),
    PlaceWords(
        "unknown",
        "Outcome unknown",
        "Nobody knows whether the instruction arrived: it is looked up by its key and never sent again blindly.",
        "under_way",
    ),
    PlaceWords(
        "to_pay", "To be paid outside", "Released for a person to pay; neither bank nor books show it.", "under_way"
    ),
    PlaceWords("waiting", "Waiting in Ramp", "Ramp has it, and its people have not released it there.", "under_way"),
    PlaceWords("under_way", "In transit", "Ramp says that it is on its way.", "under_way"),
    PlaceWords("executed", "Executed", "Ramp says that it was paid; the bank shows no line of it yet.", "under_way"),
    PlaceWords("cleared", "Cleared", "The bank posted it; the books do not show it on the bill yet.", "under_way"),
    PlaceWords("recorded", "Recorded", "The books show it on the bill; the bank has not posted it yet.", "under_way"),
    PlaceWords("late", "Never arrived", "A witness that should have spoken by now has not.", "stuck"),
    PlaceWords("mismatched", "Mismatched", "Witnesses contradict each other or what was approved.", "stuck"),
    PlaceWords("closed", "Closed", "The bank posted it and the books show it on the bill.", "proven"),
    PlaceWords(
        "unproven",
        "Recorded, bank unproven",
        "The books show it on the bill; no bank that is linked could show it.",
        "unproven",
    ),
    PlaceWords(
        "recorded_before",
        "Recorded before release",
        "The books showed the bill paid as approved before anybody released it here.",
        "unproven",
    ),
    PlaceWords(
        "refused", "Refused", "Ramp took no such instruction: nothing left, and the bill is open again.", "back"
    ),
    PlaceWords("failed", "Failed", "Ramp says that it failed: the bill is open again.", "back"),
    PlaceWords("cancelled", "Cancelled", "Taken back before it was under way: the bill is open again.", "back"),
    PlaceWords(
        "returned", "Returned", "The money came back after the bank had posted it: the bill is open again.", "back"
    ),
    PlaceWords("ended", "Ended before release", "Approved, then rejected, or its bill or payee changed.", "ended"),
)
PLACE_BY_KEY: dict[str, PlaceWords] = {each.key: each for each in PLACES}
assert set(STAGES) <= set(PLACE_BY_KEY) and len(PLACE_BY_KEY) == len(PLACES)

WAYS: dict[Way, str] = {
    "outside": "Paid outside: you pay by bank portal, check or QBO Bill Pay; Interlock tracks it until bank and books show it.",
    "hand_off": "Handed to Ramp: Interlock makes the draft, the client’s people release it there; Interlock tracks and proves.",
    "create": "Created in Ramp with its payment: releasing it here is the only gate, and the money leaves on its day.",
}
assert set(WAYS) == set(get_args(Way))
WAY_NAMES: dict[Way, str] = {"outside": "Paid outside", "hand_off": "Handed to Ramp", "create": "Created in Ramp"}
METHODS = {"ach": "ACH", "check": "check", "wire": "wire"}


def by_way(way: str, method: str | None) -> str:
    """``ACH, handed to Ramp``; ``paid outside``."""
    name = WAY_NAMES.get(way, way)  # type: ignore[call-overload]
    lowered = name[:1].lower() + name[1:]
    return f"{METHODS.get(method, method)}, {lowered}" if method and way != "outside" else name


def asks_for(course: Course) -> str | None:
    """What a person is needed for, in a sentence; ``None`` while it goes on by itself."""
    if not course.needs_person:
        return None
    if course.recording == "refused":
        return "QuickBooks refused the entry: enter the payment there by hand."
    if course.recording == "unknown":
        return "Whether QuickBooks has the entry is not known yet: look at the bill there."
    if course.stage == "unknown":
        return "Ramp was asked by its key and does not show it: look there, then say what is so."
    if course.stage == "cleared":
        return "The bank posted it days ago, and the books still don’t show it on the bill: enter it in QuickBooks."
    if course.stage == "mismatched":
        return "Look at what bank, books and Ramp say, then prove it as it is or say that it came back."
    return "Its witnesses are overdue: find out whether it was paid, or take it back."
