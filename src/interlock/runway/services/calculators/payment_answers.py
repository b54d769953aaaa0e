"""Whether somebody has been paid, answered in a sentence from what the witnesses say, and what each step of the way was. Pure.

The answer is *paid* only where the bank and the books say so, or the bank does and the books are still to follow.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from interlock.runway.services.calculators.payment_words import Place
from interlock.runway.services.calculators.words import on_day


class Standing(Struct, frozen=True):
    """One payment as it stands. ``amount``: as it is said; ``entry``: the ledger's number of it; ``late_on``: when it counts as

    late; ``outside``: a person pays it; ``asked``: look-ups since an answer was lost; ``stuck``: it waits for a person.
    """

    place: Place
    bill: str
    amount: str
    today: date
    pay_on: date
    outside: bool = True
    expects_bank: bool = True
    stuck: bool = False
    asked: int = 0
    released_on: date | None = None
    arrives_on: date | None = None
    executed_on: date | None = None
    cleared_on: date | None = None
    recorded_on: date | None = None
    late_on: date | None = None
    entry: str | None = None
    why: str | None = None

    def on(self, day: date | None) -> str:
        """`` on 24 Nov``, or nothing where the day isn't known."""
        return f" on {on_day(day, self.today)}" if day else ""

    @property
    def because(self) -> str:
        """The reason as a sentence of its own, with a blank before it; nothing where none was given."""
        if not self.why:
            return ""
        return f" {self.why[:1].upper()}{self.why[1:]}" + ("" if self.why.endswith((".", "?", "!")) else ".")


def answer(at: Standing) -> str:
    """The short answer, and after it what it stands on."""
    return _ANSWERS[at.place](at)


def _approved(at: Standing) -> str:
    if at.why:
        return f"No, and the approval no longer holds.{at.because} Nothing was released."
    return f"Not yet: nothing was released. {at.amount} is approved{at.on(at.pay_on)}; it waits to be released with its pay run."


def _unknown(at: Standing) -> str:
    if at.stuck:
        return (
            f"Nobody knows. Ramp was asked by its key {at.asked} times and does not show it: look there, then say what is so. "
            "It is not sent again."
        )
    return "Nobody knows yet. Ramp gave no answer that says whether it has the instruction; it is looked up, never sent again."


def _to_pay(at: Standing) -> str:
    first = f"Not that anybody can see. {at.amount} was released{at.on(at.released_on)} for a person to pay outside; "
    if at.expects_bank:
        return f"{first}neither the bank nor the books show it yet. {_OUTSIDE}"
    return (
        f"{first}the books don’t show it yet. No bank that is linked could show it, so the books are its only witness."
    )


_OUTSIDE = "Paid outside, there is no word that it was executed: the bank clears it and the books record it."


def _under_way(at: Standing) -> str:
    arrives = f", to arrive{at.on(at.arrives_on)}" if at.arrives_on else ""
    return f"On its way. Ramp says that {at.amount} is in transit{arrives}; the bank has not posted it yet."


def _cleared(at: Standing) -> str:
    who = "Ramp and the bank agree" if at.executed_on else "The bank posted it: it agrees"
    return (
        f"Paid, not yet in the books. {who} on {at.amount}{at.on(at.cleared_on)}. QuickBooks doesn’t show it against bill "
        f"{at.bill}; while that is so, it is a finding."
    )


def _recorded(at: Standing) -> str:
    by = f"; by {on_day(at.late_on, at.today)} it should have" if at.late_on else ""
    return (
        f"The books say so, the bank not yet. QuickBooks has {at.amount} on bill {at.bill}{_as(at)}{at.on(at.recorded_on)}; "
        f"the bank has not posted it{by}."
    )


def _late(at: Standing) -> str:
    missing = "the bank has not posted it" if at.recorded_on else "no witness shows it"
    return (
        f"Not that anybody can see, and it is overdue. {at.amount} should have shown{at.on(at.late_on)}: {missing}. "
        f"Find out whether it was paid; if it was not, take it back.{at.because}"
    )


def _closed(at: Standing) -> str:
    rail = f"Ramp paid {at.amount}{at.on(at.executed_on)}, the bank" if at.executed_on else "The bank"
    amount = "it" if at.executed_on else at.amount
    return f"Yes. {rail} posted {amount}{at.on(at.cleared_on)}, and QuickBooks shows it on bill {at.bill}{_as(at)}."


def _unproven(at: Standing) -> str:
    return (
        f"The books say so; no bank can prove it. QuickBooks shows {at.amount} on bill {at.bill}{_as(at)}{at.on(at.recorded_on)}; "
        "no linked bank could show a line of it, so it ends as recorded, bank unproven."
    )


def _as(at: Standing) -> str:
    return f" as #{at.entry}" if at.entry else ""


_OPEN_AGAIN = "The bill is open again and is decided on anew."
_ANSWERS: Mapping[Place, Callable[[Standing], str]] = {
    "approved": _approved,
    "recorded_before": lambda at: f"The books say so; it was not released here.{at.because}",
    "ended": lambda at: f"No. The approval ended before anything was released.{at.because}",
    "to_send": lambda at: (
        f"Not yet. It was released{at.on(at.released_on)}; the instruction is written down and goes to Ramp next."
    ),
    "sending": lambda at: (
        f"Nobody knows yet. The instruction of {at.amount} left for Ramp, and no answer has come; it is not sent twice."
    ),
    "unknown": _unknown,
    "to_pay": _to_pay,
    "waiting": lambda at: f"Not yet. Ramp has {at.amount} and waits for its people to release it there.",
    "under_way": _under_way,
    "executed": lambda at: (
        f"Ramp says so, the bank not yet. Ramp paid {at.amount}{at.on(at.executed_on)}; the bank has posted no line of it."
    ),
    "cleared": _cleared,
    "recorded": _recorded,
    "late": _late,
    "mismatched": lambda at: f"Its witnesses don’t agree.{at.because} Look at each, then say what is so.",
    "closed": _closed,
    "unproven": _unproven,
    "refused": lambda at: f"No. Ramp took no such instruction, so nothing left.{at.because} {_OPEN_AGAIN}",
    "failed": lambda at: f"No. Ramp says that it failed.{at.because} {_OPEN_AGAIN}",
    "cancelled": lambda at: f"No. It was taken back before it was under way.{at.because} {_OPEN_AGAIN}",
    "returned": lambda at: (
        f"No longer. The bank posted it{at.on(at.cleared_on)}, and the money came back.{at.because} {_OPEN_AGAIN}"
    ),
}

_RAIL_WORDS = {
    "none": "nothing yet",
    "waiting": "waiting to be released there",
    "under_way": "in transit",
    "paid": "paid",
    "failed": "failed",
    "cancelled": "cancelled",
    "unknown": "not known",
}
_SAYS = {
    "not_made": "said that Ramp has no such payment",
    "look_again": "had it looked up again",
    "take_back": "took it back",
    "returned": "said that the money came back",
    "proven": "looked at the difference and called it right",
}


def step_words(event: str, said: Mapping[str, Any], actor: str) -> str:
    """What a step was, in a few words: ``Bank: posted``. ``event``: the happening's name."""
    word = _RAIL_WORDS.get(str(said.get("word")), str(said.get("word")))
    if event == "PersonSaid":
        return f"{actor} {_SAYS.get(str(said.get('says')), str(said.get('says')))}"
    if event == "Released":
        return f"Released by {actor}"
    if event == "NotFound" and said.get("answered") is False:
        return "Ramp could not be asked"
    if event in {"BankShowed", "LedgerShowed", "RailSaid"} and said.get("differs"):
        who = {"BankShowed": "Bank", "LedgerShowed": "QuickBooks", "RailSaid": "Ramp"}[event]
        return f"{who}: another amount than approved"
    return _STEPS.get(event, event).format(word=word)


_STEPS = {
    "SendBegun": "Instruction about to be sent to Ramp",
    "SendMade": "Ramp took the instruction: {word}",
    "SendRefused": "Ramp refused the instruction",
    "NotSent": "Not sent; certainly nothing was made",
    "SendLost": "No answer from Ramp",
    "Found": "Found in Ramp by its key: {word}",
    "NotFound": "Not found in Ramp by its key",
    "CancelMade": "Ramp took the cancelling",
    "CancelRefused": "Not cancelled: it goes on as it was",
    "RailSaid": "Ramp: {word}",
    "BankShowed": "Bank: posted",
    "BankTookBack": "Bank: the line it stood on is gone",
    "BankReturned": "Bank: the money came back",
    "LedgerShowed": "QuickBooks: on the bill",
    "LedgerTookBack": "QuickBooks: no longer on the bill",
    "RecordBegun": "About to be entered in QuickBooks",
    "RecordMade": "Entered in QuickBooks and read back",
    "RecordRefused": "QuickBooks refused the entry",
    "RecordLost": "Whether QuickBooks has the entry is not known",
    "TimePassed": "Overdue: what was waited for has not come",
}
