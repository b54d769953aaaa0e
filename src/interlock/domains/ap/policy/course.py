"""Where a payment stands between its release and its last witness: what is known, and the one stage it is in. Pure values.

Nothing here is anybody's word but the witnesses': *executed* is the paying rail's, *cleared* the bank's, *recorded* the ledger's.
The stage follows from what is known, in whatever order the witnesses spoke.
"""

from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct

Way = Literal["outside", "hand_off", "create"]
"""``outside``: a person pays at the bank, by check or in QuickBooks, and nothing is instructed; ``hand_off``: a draft at the paying

rail, released by its people; ``create``: made there with its payment, our gate being the only one.
"""
Stage = Literal[
    "to_send",
    "sending",
    "unknown",
    "to_pay",
    "waiting",
    "under_way",
    "executed",
    "cleared",
    "recorded",
    "late",
    "mismatched",
    "closed",
    "unproven",
    "refused",
    "failed",
    "cancelled",
    "returned",
]
STAGES: tuple[Stage, ...] = get_args(Stage)

REOPENED: frozenset[Stage] = frozenset({"refused", "failed", "cancelled", "returned"})
"""The money stayed or came back: the bill is to be decided on anew, and what was set aside for it returns."""
SETTLED: frozenset[Stage] = frozenset({"closed", "unproven", *REOPENED})
"""Nothing is waited for any more; witnesses that speak later are still heard."""

Sending = Literal["none", "to_send", "sending", "unknown", "made", "refused"]
"""What became of the instruction at the paying rail. ``sending``: that it is about to be sent is committed, no answer is."""
RailWord = Literal["none", "waiting", "under_way", "paid", "failed", "cancelled", "unknown"]
Recording = Literal["none", "to_record", "recording", "unknown", "done", "refused"]
"""What became of writing the payment down in the ledger, where that is ours to do."""
Todo = Literal["send", "look_up", "cancel", "record", "watch"]
"""What is to be done outside of the transaction, one thing at a time; ``watch``: nothing but to see whether it is late."""


Witness = Literal["rail", "bank", "ledger"]
Contradiction = Literal[
    "rail_differs", "bank_differs", "ledger_differs", "shown_though_stayed", "there_though_taken_back"
]
"""What two words can't both be right about. ``…_differs``: that witness shows another amount, or another vendor;

``shown_though_stayed``: the bank or the ledger shows what was refused, cancelled or taken back; ``there_though_taken_back``: the
rail has what was taken back before it was sent.
"""


class Course(Struct, frozen=True):
    """All that ``step`` knows of a payment. ``expects_bank``: a bank is linked and the method leaves a line of its own there;

    ``records``: the ledger's entry is ours to write. ``differs``: the witnesses whose last word is of another amount, in
    alphabetical order; ``vouched``: the contradictions that a person looked at and found right. ``asked``: look-ups since an
    answer was lost; ``tried``: sendings that certainly did nothing. ``late_after``: when a payment without its next witness
    counts as late. ``todo`` at ``due_at``.
    """

    way: Way
    expects_bank: bool
    late_after: datetime
    records: bool = False
    sending: Sending = "none"
    rail: RailWord = "none"
    cleared: bool = False
    recorded: bool = False
    differs: tuple[Witness, ...] = ()
    vouched: tuple[Contradiction, ...] = ()
    returned: bool = False
    taken_back: bool = False
    late: bool = False
    recording: Recording = "none"
    asked: int = 0
    tried: int = 0
    todo: Todo | None = None
    due_at: datetime | None = None

    @property
    def stage(self) -> Stage:
        return stage_of(self)

    @property
    def needs_person(self) -> bool:
        """Nothing goes on by itself."""
        stage = self.stage
        stuck = stage == "unknown" and self.todo is None
        unrecorded = stage == "cleared" and self.late
        return stuck or unrecorded or stage in {"late", "mismatched"} or self.recording in {"unknown", "refused"}


def contradictions(course: Course) -> tuple[Contradiction, ...]:
    """What can't all be right, whether or not a person has found it right, in alphabetical order."""
    said: list[Contradiction] = [_DIFFERS[witness] for witness in course.differs]
    if (course.cleared or course.recorded) and _stayed(course):
        said.append("shown_though_stayed")
    if course.taken_back and _may_go_there(course):
        said.append("there_though_taken_back")
    return tuple(sorted(said))


def stage_of(course: Course) -> Stage:
    """The one stage, the strongest reason first."""
    if course.cleared and (course.returned or course.rail == "failed"):
        return "returned"
    if not set(contradictions(course)) <= set(course.vouched):
        return "mismatched"
    if course.cleared:
        return "closed" if course.recorded else "cleared"
    if course.rail == "failed":
        return "failed"
    if _stayed(course) and not course.recorded and not _may_go_there(course):
        return "refused" if course.sending == "refused" else "cancelled"
    if course.recorded and not course.expects_bank:
        return "unproven"
    waits: Stage = "recorded" if course.recorded else _before_witnesses(course)
    return "late" if course.late and waits not in {"to_send", "sending", "unknown"} else waits


def _stayed(course: Course) -> bool:
    return course.rail == "cancelled" or course.taken_back or course.sending == "refused"


def _may_go_there(course: Course) -> bool:
    """The rail has it: whatever a person found right, a second payment of the bill may not be made beside it."""
    return course.rail in {"waiting", "under_way", "paid", "unknown"}


_DIFFERS: dict[Witness, Contradiction] = {
    "rail": "rail_differs",
    "bank": "bank_differs",
    "ledger": "ledger_differs",
}


def _before_witnesses(course: Course) -> Stage:
    if course.sending == "to_send":
        return "to_send"
    if course.sending in {"sending", "unknown"}:
        return "sending" if course.sending == "sending" else "unknown"
    if course.way == "outside":
        return "to_pay"
    said: dict[RailWord, Stage] = {
        "none": "waiting",
        "waiting": "waiting",
        "under_way": "under_way",
        "paid": "executed",
        "unknown": "unknown",
    }
    return said[course.rail]
