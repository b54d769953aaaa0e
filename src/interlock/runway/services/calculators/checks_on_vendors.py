"""Checks of who is paid, and where: V04, V06, V07, V09 (product-map §1.12, §3.3)."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from interlock.kernel.money import Money
from interlock.kernel.workdays import add_workdays
from interlock.runway.services.calculators.books import BillEntry, Books, Payee, VendorEntry
from interlock.runway.services.calculators.checks_on_bills import label, on_bill
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.likeness_of_text import one_apart
from interlock.runway.services.calculators.words import counted, on_day

# Where anybody may have an address: that two vendors are there says nothing.
ANYBODYS = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com aol.com icloud.com me.com"
    " mac.com proton.me protonmail.com gmx.com gmx.net mail.com zoho.com comcast.net att.net verizon.net".split()
)
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu"})


def payee_changed(books: Books) -> Iterator[Claim]:
    """V04: what can be seen of how a vendor is paid differs from what was verified, or was cleared too short a while ago."""
    owed = _owed(books)
    for vendor in books.vendors.values():
        payee = vendor.payee
        if payee is None or payee.changed_on is None:
            continue
        bills = owed.get(vendor.id, [])
        until = _rests_until(books, payee)
        if until is not None and until <= books.today:
            continue
        changed = f"{_listed(payee.changes)}, seen on {on_day(payee.changed_on, books.today)}."
        if until is not None and payee.cleared_on is not None:
            since = on_day(payee.cleared_on, books.today)
            reason = f"{changed} Cleared on {since}; nothing is paid before {on_day(until, books.today)}."
            fix = f"Wait until {on_day(until, books.today)}"
        elif payee.called:
            reason = f"{changed} The call-back is recorded; a second person has to clear it."
            fix = "Clear or refuse the call-back"
        else:
            reason = f"{changed} Nobody has called the vendor back yet."
            fix = "Call the vendor on a number you had before, and record the call"
        yield Claim(
            Subject("vendor", vendor.id, vendor.name),
            f"How {vendor.name} is paid has changed",
            reason,
            _total(books, bills),
            fix,
            (payee.changes, payee.changed_on, payee.called, payee.cleared_on),
            touches=tuple(bill.id for bill in bills),
        )


def new_vendor(books: Books) -> Iterator[Claim]:
    """V06: owed money, and new (known for thirty days at most) or never paid. A call-back that a second person cleared settles it.

    A vendor is known since it was entered or first paid, whichever was earlier: books that were moved enter all vendors anew.
    """
    for vendor_id, bills in _owed(books).items():
        vendor = books.vendors.get(vendor_id)
        if vendor is None or _checked(vendor) or not _is_new(books, vendor):
            continue
        made = f"entered on {on_day(vendor.made_on, books.today)}" if vendor.made_on else "entered nobody knows when"
        paid = "was never paid" if vendor.first_paid_on is None else "was paid for the first time since"
        yield Claim(
            Subject("vendor", vendor.id, vendor.name),
            f"{vendor.name} is a new vendor",
            f"It was {made} and {paid}; nobody has checked yet that it is who it says.",
            _total(books, bills),
            "Call the vendor on a number from a contract or a public register, and record the call",
            (vendor.made_on, vendor.first_paid_on),
            touches=tuple(bill.id for bill in bills),
        )


def dormant_revived(books: Books) -> Iterator[Claim]:
    """V07: the first bill of a vendor in a year."""
    days = books.policy.vendors.dormant_days
    dates: dict[str, list[date]] = defaultdict(list)
    for bill in (*books.bills, *books.other_bills):
        if bill.vendor_id is not None and bill.total_minor > 0:
            dates[bill.vendor_id].append(bill.dated)
    for days_of_one in dates.values():
        days_of_one.sort()
    for bill in books.bills:
        vendor = books.vendors.get(bill.vendor_id or "")
        if vendor is None or bill.balance_minor <= 0 or _checked(vendor):
            continue
        earlier = bisect_left(dates[vendor.id], bill.dated)
        before = dates[vendor.id][earlier - 1] if earlier else vendor.billed_before
        if before is None or (bill.dated - before).days < days:
            continue
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} comes from a vendor long silent",
            f"Its bill before was of {on_day(before, books.today)}, {counted((bill.dated - before).days, 'day')} earlier.",
            bill.balance,
            "Ask who ordered it, and call the vendor back",
            (before, bill.dated),
        )


def lookalike_domain(books: Books) -> Iterator[Claim]:
    """V09: a vendor's e-mail domain is a slip, or only its ending, away from that of a vendor known longer.

    A call-back that a second person cleared settles it.
    """
    owed = _owed(books)
    known: dict[str, list[VendorEntry]] = defaultdict(list)
    by_age = sorted(books.vendors.values(), key=lambda each: (each.made_on or date.min, len(each.id), each.id))
    for vendor in by_age:
        domain = domain_of(vendor.email)
        if domain is None or domain in ANYBODYS:
            continue
        other = _lookalike(domain, known)
        known[domain].append(vendor)
        if other is None or not vendor.active or _checked(vendor):
            continue
        bills = owed.get(vendor.id, [])
        yield Claim(
            Subject("vendor", vendor.id, vendor.name),
            f"{vendor.name} writes from an address much like {other.name}’s",
            f"{domain} looks like {domain_of(other.email)}, and is another address.",
            _total(books, bills),
            "Call the vendor on a number you had before, and record the call",
            (domain, domain_of(other.email)),
            touches=tuple(bill.id for bill in bills),
        )


def domain_of(email: str | None) -> str | None:
    """``pay@Larkspur.example`` → ``larkspur.example``; ``None`` where there is none."""
    _, at, domain = (email or "").strip().casefold().rpartition("@")
    domain = domain.strip(" .>")
    return domain if at and "." in domain else None


def looks_like(one: str, other: str) -> bool:
    """Whether two different domains are a slip apart, or the same but for their ending."""
    return one != other and (one_apart(one, other) or _stem(one) == _stem(other))


def _stem(domain: str) -> str:
    parts = domain.split(".")
    ending = 2 if len(parts) > 2 and parts[-2] in _SECOND_LEVEL else 1
    return ".".join(parts[:-ending])


def _lookalike(domain: str, known: Mapping[str, list[VendorEntry]]) -> VendorEntry | None:
    """The vendor known longest whose domain it looks like; none where the domain itself was known already."""
    if domain in known:
        return None
    return next((vendors[0] for each, vendors in known.items() if looks_like(domain, each)), None)


def _is_new(books: Books, vendor: VendorEntry) -> bool:
    if vendor.first_paid_on is None:
        return True
    known_since = min(vendor.first_paid_on, vendor.made_on or vendor.first_paid_on)
    return books.today - known_since <= timedelta(days=books.policy.vendors.new_days)


def _checked(vendor: VendorEntry) -> bool:
    return vendor.payee is not None and vendor.payee.checked


def _rests_until(books: Books, payee: Payee) -> date | None:
    """The day from which it may be paid again, once the change is cleared."""
    if payee.cleared_on is None:
        return None
    return add_workdays(payee.cleared_on, books.policy.vendors.cool_off_workdays)


def _owed(books: Books) -> dict[str, list[BillEntry]]:
    found: dict[str, list[BillEntry]] = defaultdict(list)
    for bill in books.bills:
        if bill.vendor_id is not None and bill.balance_minor > 0:
            found[bill.vendor_id].append(bill)
    return found


def _total(books: Books, bills: list[BillEntry]) -> Money:
    at_home = (bill.balance for bill in bills if bill.currency == books.home_currency)
    return Money.total(at_home, books.home_currency)


def _listed(changes: tuple[str, ...]) -> str:
    said = "; ".join(changes) or "What can be seen of its payee"
    return said[:1].upper() + said[1:]
