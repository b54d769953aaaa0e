"""Checks of banks' word against the books': C02, C04 to C09 (product-map §1.12)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from interlock.kernel.money import Money
from interlock.kernel.workdays import workdays_between
from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.witnessed import AccountDrift, BankAccountEntry, LineEntry
from interlock.runway.services.calculators.words import counted, on_day, sum_of

FEED_HOURS = 24
ENDING_DAYS = 7
DRIFT_MINOR = 5_000
DRIFT_SHARE = 400  # 0.25 % of thirty days' outflow
ACH_WORKDAYS = 5
CHECK_DAYS = 30
STALE_DAYS = 180
UNEXPLAINED_WORKDAYS = 5
_SIGNS_LEAST = 4
_DEPOSITS = "depository"


def dead_feed(books: Books) -> Iterator[Claim]:
    """C02: a bank login that broke, is about to end, or gave no lines for a day."""
    seen = books.witnessed
    if seen is None:
        return
    for feed in seen.feeds:
        stake = Money.total(
            (
                Money(abs(each.current_minor or 0), each.currency)
                for each in seen.accounts
                if each.item_id == feed.item_id and each.currency == books.home_currency
            ),
            books.home_currency,
        )
        subject = Subject("bank_login", feed.item_id, feed.institution)
        if feed.trouble is not None:
            yield Claim(
                subject,
                f"{feed.institution} no longer lets us in",
                feed.trouble,
                stake,
                "Link it again",
                (feed.trouble,),
            )
        elif feed.ends_at is not None and feed.ends_at - seen.now <= timedelta(days=ENDING_DAYS):
            day = on_day(feed.ends_at.date(), books.today)
            yield Claim(
                subject,
                f"The login at {feed.institution} ends on {day}",
                "After that its balance and lines are no longer read.",
                stake,
                "Renew it at the bank now",
                (feed.ends_at,),
            )
        elif feed.lines_at is None or seen.now - feed.lines_at > timedelta(hours=FEED_HOURS):
            since = "never" if feed.lines_at is None else f"on {on_day(feed.lines_at.date(), books.today)}"
            yield Claim(
                subject,
                f"{feed.institution} gives no new lines",
                f"It last gave lines {since}; what it says of cash may be old.",
                stake,
                "Look at the bank itself, or link it again",
                (feed.lines_at,),
            )


def not_fresh(books: Books) -> Iterator[Claim]:
    """C03: an account at a bank whose balance is older than the policy lets it be at a decision, or came from a cache.

    One finding for all of them, since one act asks all banks again.
    """
    seen, minutes = books.witnessed, books.policy.freshness.approval_minutes
    deposits = [each for each in (seen.accounts if seen else ()) if each.kind.lower() == _DEPOSITS]
    old = [each for each in deposits if seen is not None and not _is_fresh(each, seen.now, minutes)]
    if not old:
        return
    oldest = min(old, key=lambda each: (each.live, each.observed_at or datetime.min.replace(tzinfo=UTC)))
    said = (
        "is what Plaid had kept, not the bank’s own word" if not oldest.live else f"is older than {_lasting(minutes)}"
    )
    more = f", and so {'is' if len(old) == 2 else 'are'} {counted(len(old) - 1, 'other')}" if len(old) > 1 else ""
    yield Claim(
        Subject("rail", "plaid"),
        f"{counted(len(old), 'bank balance')} {'is' if len(old) == 1 else 'are'} not fresh enough to decide on",
        f"The balance of {oldest.spoken} {said}{more}.",
        Money.total(
            (
                Money(abs(each.current_minor or 0), each.currency)
                for each in old
                if each.currency == books.home_currency
            ),
            books.home_currency,
        ),
        "Refresh: ask the banks now (Balances, or interlock balances CLIENT --refresh)",
        (minutes, tuple((each.id, each.live, each.observed_at) for each in old)),
    )


def drifted(books: Books) -> Iterator[Claim]:
    """C04: bank and book differ by more than what explains it, beyond max(50, 0.25 % of thirty days' outflow)."""
    for each in books.witnessed.drifts if books.witnessed else ():
        off, bound = each.residual_minor, _bound(each)
        if abs(off) <= bound:
            continue
        home = books.home_currency
        yield Claim(
            Subject("account", each.ledger_id),
            f"{each.spoken} is off the books by {sum_of(Money(abs(off), each.currency), home)}",
            f"The bank says {Money(each.bank_minor, each.currency)}, the books {Money(each.book_minor, each.currency)}; payments"
            f" and deposits on their way explain {Money(each.explained_minor, each.currency)} of the difference, not the rest.",
            Money(abs(off), each.currency),
            "Compare the account's lines with the books",
            (each.bank_minor, each.book_minor, each.explained_minor),
        )


def old_uncleared(books: Books) -> Iterator[Claim]:
    """C05: a payment in the books that the bank has not shown: five business days, a check thirty days; 180 makes it stale."""
    for each in books.witnessed.uncleared if books.witnessed else ():
        days = (books.today - each.dated).days
        if each.check and days <= CHECK_DAYS:
            continue
        if not each.check and workdays_between(each.dated, books.today) <= ACH_WORKDAYS:
            continue
        stale = each.check and days >= STALE_DAYS
        what = f"Check {each.number}" if each.check and each.number else "A check" if each.check else "A payment"
        to = f" to {each.party_name}" if each.party_name else ""
        yield Claim(
            Subject(each.kind, each.id, each.party_name, each.number),
            f"{what}{to} has not cleared in {counted(days, 'day')}",
            (
                f"Of {on_day(each.dated, books.today)}; a bank need not pay a check older than six months."
                if stale
                else f"Of {on_day(each.dated, books.today)}; the bank shows no line of {sum_of(each.amount, books.home_currency)}."
            ),
            each.amount,
            "Ask the payee, then void and pay anew" if stale else "Find out where the money is",
            (each.dated, each.minor, stale),
        )


def unexplained_line(books: Books) -> Iterator[Claim]:
    """C06: a posted bank line that nothing in the books or on a rail explains after five business days."""
    seen = books.witnessed
    names = _names(books)
    for line in seen.lines if seen else ():
        if seen is None or line.pending or line.matched or line.dated < seen.control_start:
            continue
        if workdays_between(line.dated, books.today) <= UNEXPLAINED_WORKDAYS:
            continue
        way = "in" if line.amount_minor > 0 else "out"
        yield Claim(
            Subject("bank_line", line.id, line.name),
            f"Nothing explains {sum_of(abs(line.amount), books.home_currency)} {way} on {on_day(line.dated, books.today)}",
            f"“{line.name}” on {names[line.account_id]}; no payment, deposit or payout equals it.",
            abs(line.amount),
            "Enter it in QuickBooks, or match it under Matches",
            (line.amount_minor, line.dated),
        )


def line_twice(books: Books) -> Iterator[Claim]:
    """C07: two posted lines alike within a day, or a posted line beside the pending one it came from."""
    seen = books.witnessed
    alike: dict[tuple[str, int, str], list[LineEntry]] = defaultdict(list)
    posted_from = {line.pending_id for line in (seen.lines if seen else ()) if line.pending_id and not line.pending}
    names = _names(books)
    for line in seen.lines if seen else ():
        if line.pending and line.id in posted_from:
            yield _twice(books, line, names[line.account_id], "It was posted, and still stands as pending too.")
        if not line.pending:
            alike[line.account_id, line.amount_minor, line.name.casefold()].append(line)
    for same in alike.values():
        ordered = sorted(same, key=lambda each: (each.dated, each.id))
        for before, line in pairwise(ordered):
            if (line.dated - before.dated).days <= 1 and not (line.matched and before.matched):
                reason = f"The bank shows the same amount and text on {on_day(before.dated, books.today)} too."
                yield _twice(books, line, names[line.account_id], reason)


def badly_mapped(books: Books) -> Iterator[Claim]:
    """C08: a bank's account that is no account of the books, or two that are the same one."""
    seen = books.witnessed
    by_ledger: dict[str, list[BankAccountEntry]] = defaultdict(list)
    for each in seen.accounts if seen else ():
        for ledger_id in each.ledger_ids:
            by_ledger[ledger_id].append(each)
        if not each.ledger_ids:
            yield Claim(
                Subject("bank_account", each.id, each.institution),
                f"{each.spoken} is linked to no account of the books",
                "Its balance and lines count nowhere until somebody says which account it is.",
                Money(abs(each.current_minor or 0), each.currency),
                "Say under Identity which account it is",
                (each.id,),
            )
    for ledger_id, several in by_ledger.items():
        if len(several) > 1:
            named = books.account_names.get(ledger_id, "one account")
            yield Claim(
                Subject("account", ledger_id),
                f"{named} stands for {len(several)} accounts at banks",
                " and ".join(each.spoken for each in several[:3])
                + " are linked to it; one of them is another account.",
                Money(max(abs(each.current_minor or 0) for each in several), several[0].currency),
                "Undo the wrong link under Identity",
                tuple(sorted(each.id for each in several)),
            )


def signs_turned(books: Books) -> Iterator[Claim]:
    """C09: an account's lines equal the books' movements with the other sign far more often than with their own."""
    seen = books.witnessed
    for account in seen.accounts if seen else ():
        agree, oppose = seen.opposed.get(account.id, (0, 0)) if seen else (0, 0)
        if oppose >= _SIGNS_LEAST and oppose > agree:
            yield Claim(
                Subject("bank_account", account.id, account.institution),
                f"{account.spoken} seems to count money in as money out",
                f"{counted(oppose, 'line')} equal a movement of the books with the other sign, {agree} with its own.",
                Money(abs(account.current_minor or 0), account.currency),
                "Stop deciding on this account and look at its lines",
                (agree, oppose),
            )


def _is_fresh(account: BankAccountEntry, now: datetime, minutes: int) -> bool:
    return account.live and account.observed_at is not None and now - account.observed_at <= timedelta(minutes=minutes)


def _lasting(minutes: int) -> str:
    return counted(minutes, "minute") if minutes % 60 else counted(minutes // 60, "hour")


def _twice(books: Books, line: LineEntry, account: str, reason: str) -> Claim:
    return Claim(
        Subject("bank_line", line.id, line.name),
        f"{sum_of(abs(line.amount), books.home_currency)} stands twice on {account}",
        f"“{line.name}” of {on_day(line.dated, books.today)}. {reason}",
        abs(line.amount),
        "Ask the bank whether it took it twice",
        (line.amount_minor, line.dated),
    )


def _bound(drift: AccountDrift) -> int:
    return max(DRIFT_MINOR, drift.outflow_30_days_minor // DRIFT_SHARE)


def _names(books: Books) -> dict[str, str]:
    found: dict[str, str] = defaultdict(lambda: "an account that is gone")
    found.update({each.id: each.spoken for each in (books.witnessed.accounts if books.witnessed else ())})
    return found
