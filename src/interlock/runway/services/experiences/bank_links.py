"""A client's banks: how each login stands, what it shows, what was found out, and the act that mends it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from interlock.domains.bank.services.account_verification_service import Owner, Verification
from interlock.domains.bank.witness_models import BankAccount
from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.rails.bank_links import BankLink, LinkStanding
from interlock.rails.items import NEEDS_LOGIN, UNREACHABLE, LinkedItem
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.bank_logins import BankLogins
from interlock.runway.services.views import Amount, BusinessView, Instant, View

Tone = Literal["stop", "warn", "clear", "none"]

_TONE: dict[str, Tone] = {NEEDS_LOGIN: "stop", UNREACHABLE: "warn"}
_STANDINGS: dict[LinkStanding, tuple[str, Tone]] = {
    "waiting": ("Waiting for somebody to log in", "none"),
    "connected": ("Linked", "clear"),
    "denied": ("Left without linking", "warn"),
    "refused": ("Not kept", "warn"),
    "failed": ("Failed", "warn"),
}


class CheckView(View):
    """What a bank said of an account and its owner. Scores are 0 to 100, ``null`` where nothing was compared."""

    check_id: str
    account_id: str
    account: str
    institution: str
    mask: str | None
    found: str
    said: str
    tokenised: bool
    owner: Owner
    claimed: str | None
    scores: dict[str, int | None]
    equal_to: tuple[str, ...]
    checked_by: str
    checked_at: Instant
    words: str

    @classmethod
    def of(cls, found: Verification) -> "CheckView":
        return cls(
            check_id=found.check_id,
            account_id=found.account_id,
            account=found.account,
            institution=found.institution,
            mask=found.mask,
            found=found.found,
            said=found.said,
            tokenised=found.tokenised,
            owner=found.owner,
            claimed=found.claim.name if found.claim else None,
            scores=found.scores,
            equal_to=found.equal_to,
            checked_by=found.checked_by,
            checked_at=found.checked_at,
            words=found.words,
        )


class ChecksView(View):
    """Checks, newest first."""

    checks: tuple[CheckView, ...]


class LinkedAccountView(View):
    """An account as its bank shows it; a card's ``current`` is what is owed, below zero. ``live``: asked of the bank itself."""

    account_id: str
    name: str
    mask: str | None
    kind: str
    available: Amount | None
    current: Amount | None
    observed_at: Instant
    live: bool
    check: CheckView | None


class BankLoginView(View):
    """One login. ``mend`` is what a person has to do, if anything."""

    item_id: str
    institution: str
    state: str
    tone: Tone
    words: str
    mend: str | None
    linked_at: Instant
    lines_at: Instant | None
    ends_at: Instant | None
    accounts: tuple[LinkedAccountView, ...]


class BankLinkView(View):
    """One sending of a person to a bank. ``url``: the page, while it can be opened."""

    link_id: str
    standing: LinkStanding
    words: str
    tone: Tone
    said: str | None
    url: str | None
    item_id: str | None
    institution: str | None
    begun_at: Instant
    expires_at: Instant

    @classmethod
    def of(cls, link: BankLink) -> "BankLinkView":
        words, tone = _STANDINGS[link.standing]
        return cls(
            link_id=link.link_id,
            standing=link.standing,
            words=words,
            tone=tone,
            said=link.said,
            url=link.url,
            item_id=link.item_id,
            institution=link.institution,
            begun_at=link.begun_at,
            expires_at=link.expires_at,
        )


class BanksExperience(View):
    """``trouble``: why no bank can be linked now; ``links``: pages that are open or ended lately, newest first."""

    ask: str
    say: str
    as_of: Instant
    business: BusinessView
    trouble: str | None
    logins: tuple[BankLoginView, ...]
    links: tuple[BankLinkView, ...]


def get_banks_experience(
    business: Business, held: BankLogins, links: Sequence[BankLink], *, trouble: str | None, now: datetime
) -> BanksExperience:
    """What stands on the page of a client's banks."""
    logins = tuple(_login(business, each, held, now) for each in held.logins)
    return BanksExperience(
        ask="Which banks do we hear from?",
        say=_say(logins),
        as_of=now,
        business=BusinessView.of(business),
        trouble=trouble,
        logins=logins,
        links=tuple(BankLinkView.of(each) for each in links),
    )


def _say(logins: Sequence[BankLoginView]) -> str:
    if not logins:
        return "No bank is linked. Until one is, cash is what the books say, and nobody checks it against a bank."
    broken = [each for each in logins if each.mend]
    accounts = sum(len(each.accounts) for each in logins)
    told = f"{counted(len(logins), 'bank login')} with {counted(accounts, 'account')}."
    if not broken:
        return f"{told} Interlock reads balances and lines there, and can move nothing."
    who = ", ".join(each.institution for each in broken)
    return f"{who} must be logged in to again. {told} What was read before stays, and gets old."


def _login(business: Business, item: LinkedItem, held: BankLogins, now: datetime) -> BankLoginView:
    today = local_date(now, business.time_zone)
    if item.trouble is not None:
        words = item.trouble
    elif item.lines_at is None:
        words = "Working; the bank has given no lines yet."
    else:
        words = f"Working; the bank last gave lines on {on_day(local_date(item.lines_at, business.time_zone), today)}."
    if item.ends_at is not None and item.trouble is None:
        words = f"{words} This login ends on {on_day(local_date(item.ends_at, business.time_zone), today)}; re-link it before."
    return BankLoginView(
        item_id=item.item_id,
        institution=item.institution,
        state=item.state,
        tone=_TONE.get(item.state, "warn" if item.ends_at is not None else "clear"),
        words=words,
        mend="Re-link" if item.state == NEEDS_LOGIN or item.ends_at is not None else None,
        linked_at=item.linked_at,
        lines_at=item.lines_at,
        ends_at=item.ends_at,
        accounts=tuple(_account(each, held) for each in held.accounts.get(item.item_id, ())),
    )


def _account(account: BankAccount, held: BankLogins) -> LinkedAccountView:
    check = held.checks.get(account.id)
    return LinkedAccountView(
        account_id=account.id,
        name=account.name,
        mask=account.mask,
        kind=account.sub_kind or account.kind,
        available=_amount(account.available_minor, account.currency),
        current=_amount(account.current_minor, account.currency),
        observed_at=account.observed_at,
        live=account.live,
        check=CheckView.of(check) if check else None,
    )


def _amount(minor: int | None, currency: str) -> Amount | None:
    return None if minor is None else Amount.minor(minor, currency)
