"""Checks of payments decided on here: X04 to X07, X09, X10, X17 to X19 (product-map §1.12; the last three are ours).

A payment that nobody needs to do anything about says nothing. Each finding stands on the payment; where it stops decisions, it
stops those on the payment's bill. What X01 says of a bill at the paying rail is not said again.
"""

from collections.abc import Iterator, Mapping

from interlock.domains.ap.policy.course import Contradiction, contradictions
from interlock.domains.firm.naming import named_in
from interlock.kernel.money import Money
from interlock.kernel.workdays import add_workdays, workdays_between
from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.checks_on_rails import paid_there_open_here
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.released import ApprovedEntry, ReleasedEntry
from interlock.runway.services.calculators.witnessed import LineEntry, RailBillEntry
from interlock.runway.services.calculators.words import counted, on_day, sum_of

RELEASE_WORKDAYS = 1
RETURN_WORKDAYS = 5
ORPHAN_WORKDAYS = 2
FEES_SHARE = 20
"""A line that names the vendor and is off by no more than a twentieth is taken for the payment with a fee in it."""

_CONTRADICTS: Mapping[Contradiction, str] = {
    "rail_differs": "Ramp has another amount, or another vendor.",
    "bank_differs": "The bank shows another amount.",
    "ledger_differs": "The books show another amount.",
    "shown_though_stayed": "It was refused, cancelled or taken back, and the bank or the books show it paid.",
    "there_though_taken_back": "It was taken back before it was sent, and Ramp has it.",
}
_OVER = frozenset({"closed", "unproven", "failed", "cancelled", "refused", "returned"})
_UNDECIDED = frozenset({"failed", "cancelled", "refused"})


def changed_after_release(books: Books) -> Iterator[Claim]:
    """X04: the bill of a payment under way is no longer what was approved."""
    for each in _payments(books):
        if each.changed is None or each.course.stage in _OVER:
            continue
        stop = not (each.course.cleared or each.course.rail == "paid")
        yield Claim(
            _subject(each),
            f"{_named(each)} changed after it was released",
            f"Released on {on_day(each.released_on, books.today)}; since then {each.changed}.",
            each.amount,
            "Take the payment back, or stop it where it is paid; then decide on the bill as it is now"
            if stop
            else "The money has left: compare it with the bill as it is now",
            (each.changed, each.minor),
            touches=(each.bill_id,),
            url=each.url if stop else None,
        )


def late(books: Books) -> Iterator[Claim]:
    """X05: approved and not let go a workday after its run; let go and not shown by its witness in time."""
    for waiting in books.released.approved if books.released else ():
        days = workdays_between(waiting.pay_on, books.today)
        if days > RELEASE_WORKDAYS:
            yield _never_released(books, waiting, days)
    said_by_x01 = {claim.subject.id for claim in paid_there_open_here(books)}
    for each in _payments(books):
        if each.course.stage == "late":
            yield _not_arrived(books, each)
        elif _unrecorded(each) and each.bill_id not in said_by_x01:
            on = f" on {on_day(each.cleared_on, books.today)}" if each.cleared_on else ""
            yield Claim(
                _subject(each),
                f"{_named(each)} left the bank, and the books don’t show it",
                f"The bank took {_sum(each, books)}{on}; the bill still looks as if it were owed.",
                each.amount,
                "Enter the payment of this bill in QuickBooks",
                (each.cleared_on, each.minor),
                mend_at=Subject("bill", each.bill_id),
            )


def _unrecorded(each: ReleasedEntry) -> bool:
    """Waited for long enough; where writing it down is ours and went wrong, X18 says so."""
    return each.course.stage == "cleared" and each.course.late and each.course.recording == "none"


def _never_released(books: Books, waiting: ApprovedEntry, days: int) -> Claim:
    return Claim(
        Subject("payment_intent", waiting.id, waiting.vendor_name, waiting.number),
        f"{_named(waiting)} was approved and never released",
        f"It was to be paid on {on_day(waiting.pay_on, books.today)}, {counted(days, 'workday')} ago.",
        waiting.amount,
        "Release it on the page Pay run, or withdraw the approval",
        (waiting.pay_on, waiting.minor),
    )


def _not_arrived(books: Books, each: ReleasedEntry) -> Claim:
    course = each.course
    if not course.expects_bank:
        missing, fix = (
            "The books show no payment of it",
            "Enter the payment in QuickBooks, or take it back if nobody made it",
        )
    elif each.way == "outside":
        missing, fix = "No bank line shows it", "Look at the bank; take it back if nobody made it"
    elif course.rail == "paid":
        missing, fix = (
            "Ramp says that it is paid, and no bank line shows it",
            "Find out at Ramp and the bank where it is",
        )
    else:
        missing, fix = "Ramp doesn’t show it as paid, and no bank line does", "Look in Ramp what it waits for"
    return Claim(
        _subject(each),
        f"{_named(each)} has not arrived",
        f"{missing}; released on {on_day(each.released_on, books.today)} for {on_day(each.pay_on, books.today)}.",
        each.amount,
        fix,
        (course.rail, course.recorded, each.pay_on),
        url=each.url,
    )


def not_as_approved(books: Books) -> Iterator[Claim]:
    """X06: a witness shows the payment, and not as it was approved; or a bank line that can only be it has another amount."""
    for each in _payments(books):
        if each.course.stage == "mismatched":
            said = [_CONTRADICTS[one] for one in contradictions(each.course) if one not in each.course.vouched]
            yield Claim(
                _subject(each),
                f"{_named(each)} is not as it was approved",
                f"{' '.join(said)} {_sum(each, books)} was approved.",
                each.amount,
                "Find out what was paid; say on the payment’s page that it is right as it is, or have it corrected",
                (contradictions(each.course), each.minor),
                touches=(each.bill_id,),
                url=each.url,
            )
            continue
        line = _nearly(books, each)
        if line is not None:
            off = Money(abs(-line.amount_minor - each.minor), each.currency)
            more = "more" if -line.amount_minor > each.minor else "less"
            yield Claim(
                _subject(each),
                f"The bank shows {sum_of(abs(line.amount), books.home_currency)} for {_named(each)}, not {_sum(each, books)}",
                f"“{line.name}” of {on_day(line.dated, books.today)} names the vendor and is {off} {more} than was approved.",
                off,
                "Ask the bank about the difference; a fee is entered by itself",
                (line.id, line.amount_minor, each.minor),
                touches=(each.bill_id,),
            )


def _nearly(books: Books, each: ReleasedEntry) -> LineEntry | None:
    """A posted debit that nothing explains, names the vendor, and is a little off what is still to clear."""
    if each.course.cleared or each.course.stage in _OVER or each.vendor_name is None:
        return None
    for line in _unexplained(books):
        off = abs(-line.amount_minor - each.minor)
        near = line.amount_minor < 0 and 0 < off * FEES_SHARE <= each.minor and line.currency == each.currency
        if near and line.dated >= each.released_on and named_in(each.vendor_name, line.name):
            return line
    return None


def came_back(books: Books) -> Iterator[Claim]:
    """X07: the money came back; or a credit of the same amount soon after the debit that may be just that."""
    lines = {line.id: line for line in (books.witnessed.lines if books.witnessed else ())}
    known = {each.returned_line_id for each in _payments(books)}
    for each in _payments(books):
        if each.course.stage == "returned" and not _settled_since(each):
            yield _returned(books, each)
        debit = lines.get(each.line_id or "")
        if debit is None or not each.course.cleared or each.course.returned:
            continue
        last = add_workdays(debit.dated, RETURN_WORKDAYS)
        for line in _unexplained(books):
            same = line.amount_minor == -debit.amount_minor == each.minor and line.account_id == debit.account_id
            if same and debit.dated <= line.dated <= last and line.id not in known:
                yield Claim(
                    _subject(each),
                    f"{_sum(each, books)} came in soon after {_named(each)} went out",
                    f"“{line.name}” of {on_day(line.dated, books.today)}: the same amount on the same account; it may be a return.",
                    each.amount,
                    "Say on the payment’s page that it came back, or enter what the receipt is",
                    (line.id, line.amount_minor),
                )
                break


def _returned(books: Books, each: ReleasedEntry) -> Claim:
    booked = each.course.recorded and each.ledger_payment_id is not None
    on = f" on {on_day(each.cleared_on, books.today)}" if each.cleared_on else ""
    return Claim(
        _subject(each),
        f"{_named(each)} came back",
        each.why or f"The bank took it{on}, and gave it back.",
        each.amount,
        "Void the payment in QuickBooks; then the bill is decided on anew"
        if booked
        else "Ask the vendor for the account to pay to, then decide on the bill anew",
        (each.returned_line_id, each.minor, booked),
        mend_at=Subject("bill_payment", each.ledger_payment_id) if booked and each.ledger_payment_id else None,
    )


def paid_twice(books: Books) -> Iterator[Claim]:
    """X09: more is paid of a bill than it says; or two payments for one decision, in the books or at the paying rail."""
    for bill in books.released.overpaid if books.released else ():
        over = Money(bill.paid_minor - bill.total_minor, bill.currency)
        yield Claim(
            Subject("bill", bill.bill_id, bill.vendor_name, bill.number),
            f"{bill.vendor_name or 'A bill'}{f' {bill.number}' if bill.number else ''} is paid beyond its total",
            f"{counted(len(bill.payments), 'payment')} of {Money(bill.paid_minor, bill.currency)} are linked to a bill of"
            f" {Money(bill.total_minor, bill.currency)}.",
            over,
            "Void the payment that is one too many, and ask for the money back",
            (bill.payments, bill.paid_minor, bill.total_minor),
        )
    for each in _payments(books):
        if each.again:
            total = Money(sum(minor for _, minor in each.again), each.currency)
            yield Claim(
                _subject(each),
                f"{_named(each)} was paid again",
                f"Decided on once; the books have {counted(1 + len(each.again), 'payment')} of {_sum(each, books)} for its bill.",
                total,
                "Find out which one left the bank; void the other, or ask for the money back",
                each.again,
                touches=(each.bill_id,),
                mend_at=Subject("bill_payment", each.again[0][0]),
            )
    yield from _twice_there(books)


def _twice_there(books: Books) -> Iterator[Claim]:
    by_bill: dict[str, list[RailBillEntry]] = {}
    for there in books.witnessed.rail_bills if books.witnessed else ():
        if there.ledger_id is not None and (there.paid or there.scheduled):
            by_bill.setdefault(there.ledger_id, []).append(there)
    for bill_id, several in by_bill.items():
        total = several[0].ledger_total_minor or 0
        paid = sum(each.total_minor for each in several)
        if len(several) > 1 and total and paid > total:
            one = several[0]
            yield Claim(
                Subject("bill", bill_id, one.ledger_vendor, one.ledger_number),
                f"{one.ledger_vendor or 'A bill'} {one.ledger_number or ''}".strip() + " is paid twice in Ramp",
                f"{counted(len(several), 'bill')} there stand for this one, {Money(paid, one.currency)} together for"
                f" {Money(total, one.currency)}.",
                Money(paid - total, one.currency),
                "Stop the second one in Ramp, or ask for the money back",
                (tuple(sorted(each.id for each in several)), paid, total),
            )


def orphans(books: Books) -> Iterator[Claim]:
    """X10: a bill at the paying rail that the books lack, one of ours that the rail lost, and a bill that its sync made twice."""
    for there in books.witnessed.rail_bills if books.witnessed else ():
        made = there.made_at
        if there.ledger_id is None and not there.ours and made is not None:
            if workdays_between(made.date(), books.today) <= ORPHAN_WORKDAYS:
                continue
            yield Claim(
                Subject("rail_bill", there.id, there.vendor_name, there.number),
                f"{there.vendor_name or 'A bill'} {there.number or ''}".strip() + " is in Ramp and not in QuickBooks",
                f"It is there since {on_day(made.date(), books.today)}; the books don’t know that it is owed.",
                there.total,
                "Enter the bill in QuickBooks, or say under Identity which one it is",
                (there.id, there.total_minor),
            )
    for each in _payments(books):
        open_ = each.course.stage not in _OVER
        if each.gone_there and open_ and not each.course.cleared:
            yield Claim(
                _subject(each),
                f"{_named(each)} is gone from Ramp",
                f"Handed over on {on_day(each.released_on, books.today)}; Ramp no longer has it, so nobody will pay it there.",
                each.amount,
                "Ask who removed it in Ramp; take the payment back, then decide anew",
                (each.course.stage, each.minor),
            )
        if each.second_bill_id is not None and each.course.stage not in _UNDECIDED:
            yield Claim(
                _subject(each),
                f"QuickBooks has a second bill for {_named(each)}",
                "Ramp’s own sync made it from the bill that was created there to be paid; it would be owed twice.",
                each.amount,
                "Delete the second bill in QuickBooks, and turn Ramp’s sync off or stop creating bills to pay",
                (each.second_bill_id, each.bill_id),
                touches=(each.second_bill_id,),
                mend_at=Subject("bill", each.second_bill_id),
            )


def outcome_unknown(books: Books) -> Iterator[Claim]:
    """X17: nobody knows whether the instruction arrived, and looking it up didn't tell."""
    for each in _payments(books):
        course = each.course
        if course.stage != "unknown" or course.todo in {"look_up", "watch", "cancel"}:
            continue
        lost = course.sending == "unknown"
        yield Claim(
            _subject(each),
            f"Nobody knows what became of {_named(each)}",
            f"{each.why or 'It was sent, and no answer came.'}{' Looked up by its key, it was not found.' if lost else ''}",
            each.amount,
            "Look in Ramp for it, then say on the payment’s page what is there"
            if lost
            else "Look in Ramp what it says of it",
            (course.sending, course.rail, course.asked),
            touches=(each.bill_id,),
            url=each.url,
        )


def not_recorded(books: Books) -> Iterator[Claim]:
    """X18: the money left, and writing it down in the books was refused, or its outcome isn't known."""
    for each in _payments(books):
        course = each.course
        if course.recorded or course.recording not in {"refused", "unknown"}:
            continue
        day = each.cleared_on or each.executed_on
        closed = books.closed_through is not None and day is not None and day <= books.closed_through
        why = each.why or (
            "QuickBooks didn’t take the entry." if course.recording == "refused" else "QuickBooks gave no answer."
        )
        yield Claim(
            _subject(each),
            f"{_named(each)} is paid and not in the books",
            f"{why} The books are closed through {on_day(books.closed_through, books.today)}."
            if closed and books.closed_through
            else why,
            each.amount,
            "Enter it by hand, dated after the closed period, or have the period opened"
            if closed
            else "Enter the payment of this bill in QuickBooks by hand"
            if course.recording == "refused"
            else "Look in QuickBooks whether it stands there; it is asked for again by itself",
            (course.recording, closed, each.minor),
            touches=(each.bill_id,),
            mend_at=Subject("bill", each.bill_id),
        )


def came_to_nothing(books: Books) -> Iterator[Claim]:
    """X19: refused, failed or cancelled at the rail; its bill is open again and nobody decided anew."""
    for each in _payments(books):
        if each.course.stage not in _UNDECIDED or each.course.taken_back or _settled_since(each):
            continue
        words = {"failed": "failed", "cancelled": "was cancelled in Ramp", "refused": "was refused by Ramp"}
        yield Claim(
            _subject(each),
            f"{_named(each)} {words[each.course.stage]}",
            f"{each.why or 'No reason came with it.'} Nothing was paid; the bill is open again.",
            each.amount,
            "Mend the reason, then decide on the bill anew",
            (each.course.stage, each.why, each.minor),
            url=each.url,
        )


def _settled_since(each: ReleasedEntry) -> bool:
    """Decided anew, or nothing is owed any more and the books show no payment of this one."""
    return each.decided_anew or each.owed_minor is None or (each.owed_minor == 0 and not each.course.recorded)


def _payments(books: Books) -> tuple[ReleasedEntry, ...]:
    return books.released.payments if books.released else ()


def _unexplained(books: Books) -> tuple[LineEntry, ...]:
    lines = books.witnessed.lines if books.witnessed else ()
    return tuple(line for line in lines if not line.pending and not line.matched)


def _subject(each: ReleasedEntry) -> Subject:
    return Subject("payment_intent", each.id, each.vendor_name, each.number)


def _named(each: ReleasedEntry | ApprovedEntry) -> str:
    who = each.vendor_name or "A payment"
    return f"{who} {each.number}" if each.number else who


def _sum(each: ReleasedEntry, books: Books) -> str:
    return sum_of(each.amount, books.home_currency)
