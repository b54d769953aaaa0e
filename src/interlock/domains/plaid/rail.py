"""The Plaid rail: what banks say, and what is known of accounts and their owners. It can't name a way to move money."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from interlock.domains.plaid import evidence, linking, notifications, wire
from interlock.domains.plaid.client import PlaidClient
from interlock.domains.plaid.keys import VerificationKeys
from interlock.domains.plaid.mapper import RAIL, UNNAMED, accounts_page, institution_of, lines_page, utc
from interlock.domains.plaid.refusals import LOGIN_REQUIRED, LoginLost, Mutated, login_trouble
from interlock.infra.transport import Usage
from interlock.rails.errors import RailError, Rejected, Unavailable
from interlock.rails.facts import Page, Unread
from interlock.rails.links import (
    AccountEvidence,
    HostedLink,
    LinkedBank,
    LinkOutcome,
    LinksBanks,
    OwnerClaim,
    OwnerEvidence,
    VerifiesAccounts,
    VerifiesOwners,
)
from interlock.rails.listens import Hint, ListensForEvents
from interlock.rails.reads import BankChanges, ReadsBankBalances, ReadsBankTransactions
from interlock.rails.witnesses import BankLine

T = TypeVar("T")

LINES_A_PAGE = 500
_LOOPS_MOST = 5
_PAGES_MOST = 2_000
_ANSWERED_ALREADY = {"INVALID_PUBLIC_TOKEN", "INVALID_LINK_TOKEN"}
# The one bank that wants to be told how old a card's figures may be (plaid.md §3).
_WANTS_AN_AGE = "ins_128026"
_OLDEST = timedelta(days=7)


class Standing(msgspec.Struct, frozen=True):
    """How a login stands by the rail's own word. ``trouble`` is what a person has to mend; ``lines_at``: its last reading."""

    item: wire.Item
    trouble: LoginLost | None
    lines_at: datetime | None
    consent_ends_at: datetime | None


class Linking(msgspec.Struct, frozen=True):
    """Who asks for consent. ``owner`` is our own name of the business; ``hook_url``: where notices can reach us, if anywhere."""

    owner: str
    shown_as: str
    hook_url: str | None


class PlaidRail(
    LinksBanks, ReadsBankBalances, ReadsBankTransactions, VerifiesAccounts, VerifiesOwners, ListensForEvents
):
    """One business's logins. ``secret_of`` gives a login's access token as it is now (asked on a thread); ``pepper`` goes into

    digests of numbers.
    """

    def __init__(
        self,
        client: PlaidClient,
        secret_of: Callable[[str], str],
        asks: Linking,
        *,
        keys: VerificationKeys,
        now: Callable[[], datetime],
        pepper: str,
        page_rows: int = LINES_A_PAGE,
    ) -> None:
        self._client = client
        self.secret_of = secret_of
        self._secrets: dict[str, str] = {}
        self._asks = asks
        self._keys = keys
        self._now = now
        self._pepper = pepper
        self._page_rows = page_rows

    @property
    def usage(self) -> Usage:
        return self._client.usage

    async def begin_link(self, *, return_to: str | None, item_id: str | None = None) -> HostedLink:
        token = None if item_id is None else await self._secret(item_id)
        asks = self._asks
        wanted = linking.wanted(asks.owner, asks.shown_as, hook_url=asks.hook_url, return_to=return_to, token=token)
        return linking.hosted(await self._client.ask("link/token/create", wanted, wire.LinkToken))

    async def finish_link(self, token: str, *, item_id: str | None = None, brought: Sequence[str] = ()) -> LinkOutcome:
        """Public tokens come by ``/link/token/get`` and by the notice of the session's end; either will do (plaid.md §2)."""
        try:
            state = await self._client.ask("link/token/get", {"link_token": token}, wire.LinkTokenState)
        except Rejected as refused:
            if refused.reason not in _ANSWERED_ALREADY:
                raise
            state = wire.LinkTokenState(token)  # its time is over; what the notice brought still counts
        found = linking.standing(state, brought)
        if item_id is not None:
            return await self._mended(item_id, found)
        if not found.public_tokens:
            return LinkOutcome(found.state, said=found.said)
        return await self._taken(found.public_tokens)

    async def take_bank(self, brought: str) -> LinkedBank:
        """Exchange a public token, which is good for half an hour and once."""
        given = await self._client.ask("item/public_token/exchange", {"public_token": brought}, wire.Exchanged)
        return await self._bank(given.item_id, given.access_token)

    async def unlink(self, item_id: str) -> None:
        try:
            await self._of(item_id, "item/remove", dict[str, Any])
        except LoginLost as lost:
            if not (lost.token or lost.consent):
                raise

    async def standing(self, item_id: str) -> Standing:
        """``/item/get``, the only call that shows a login's trouble without failing over it."""
        answer = await self._of(item_id, "item/get", wire.ItemAnswer)
        feed = answer.status.transactions if answer.status else None
        fault = answer.item.error
        return Standing(
            answer.item,
            None if fault is None else login_trouble(fault),
            utc(feed.last_successful_update) if feed else None,
            utc(answer.item.consent_expiration_time),
        )

    async def bank_accounts(
        self, item_id: str, *, live: bool = False, told_at: datetime | None = None, institution_id: str | None = None
    ) -> Page:
        """From Plaid's cache, as old as ``told_at`` says; ``live`` has the bank asked, and is stamped when it has answered."""
        options: dict[str, Any] = {}
        if live and institution_id == _WANTS_AN_AGE:
            options["options"] = {"min_last_updated_datetime": (self._now() - _OLDEST).isoformat(timespec="seconds")}
        resource = "accounts/balance/get" if live else "accounts/get"
        answer = await self._of(item_id, resource, wire.AccountsAnswer, **options)
        now = self._now()
        observed_at = now if live or told_at is None else min(told_at, now)
        return accounts_page(answer.accounts, answer.item, observed_at=observed_at, live=live, as_of=now)

    async def bank_lines(self, item_id: str, cursor: str | None) -> BankChanges:
        """Whole or not at all: when lines move meanwhile, everything read is dropped and the loop begins at ``cursor`` again."""
        for _ in range(_LOOPS_MOST):
            try:
                return await self._loop(item_id, cursor)
            except Mutated:
                continue
        raise Unavailable(RAIL, "The bank's lines move faster than they can be read; they are read again later.")

    async def accounts_evidence(self, item_id: str) -> list[AccountEvidence]:
        answer = await self._of(item_id, "auth/get", wire.AuthAnswer)
        return evidence.of_accounts(answer, self._pepper)

    async def owners_evidence(self, item_id: str, claim: OwnerClaim) -> list[OwnerEvidence]:
        answer = await self._of(item_id, "identity/match", wire.MatchAnswer, user=evidence.claimed(claim))
        return evidence.of_owners(answer)

    async def rotate(self, item_id: str) -> str:
        """A new access token; the old one is dead with the answer. ``OutcomeUnknown`` when the answer was lost."""
        given = await self._of(item_id, "item/access_token/invalidate", wire.Rotated)
        self._secrets[item_id] = given.new_access_token
        return given.new_access_token

    async def genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        token = notifications.take_apart(headers.get(notifications.HEADER, ""))
        if token is None:
            return False
        key = await self._keys.key(token.key_id, self._client)
        return key is not None and notifications.is_genuine(token, key, body, self._now())

    def hints(self, body: bytes) -> list[Hint]:
        return notifications.hints(body, self._now())

    async def _loop(self, item_id: str, cursor: str | None) -> BankChanges:
        shown: dict[str, BankLine] = {}
        removed: dict[str, None] = {}
        unread: list[Unread] = []
        at = cursor or None
        for _ in range(_PAGES_MOST):
            asked: dict[str, Any] = {"count": self._page_rows, "options": {"include_original_description": True}}
            answer = await self._of(item_id, "transactions/sync", wire.SyncAnswer, **asked, **_from(at))
            page = lines_page((*answer.added, *answer.modified), self._now())
            unread += page.unread
            for line in page.facts:
                assert isinstance(line, BankLine), "a page of lines holds lines"
                shown[line.id] = line
                removed.pop(line.id, None)
            for gone in answer.removed:
                shown.pop(gone.transaction_id, None)
                removed[gone.transaction_id] = None
            at = answer.next_cursor or None
            if not answer.has_more:
                return BankChanges(
                    item_id=item_id,
                    pages=_pages(list(shown.values()), tuple(unread), self._now()),
                    removed=tuple(removed),
                    cursor=at or "",
                    ready=at is not None and answer.transactions_update_status != "NOT_READY",
                    whole=answer.transactions_update_status in (None, "HISTORICAL_UPDATE_COMPLETE"),
                )
        raise Unavailable(RAIL, "The bank has more lines than can be read at once; they are read again later.")

    async def _taken(self, public_tokens: Sequence[str]) -> LinkOutcome:
        """One after the other; a login that was given is not lost because the next one can't be taken."""
        banks: list[LinkedBank] = []
        for each in public_tokens:
            try:
                banks.append(await self.take_bank(each))
            except RailError as trouble:
                if not banks:
                    raise
                return LinkOutcome("finished", tuple(banks), f"Another login could not be taken: {trouble.sentence}")
        return LinkOutcome("finished", tuple(banks))

    async def _mended(self, item_id: str, found: linking.Session) -> LinkOutcome:
        """A re-link brings no new login: the old one reads again, or it doesn't yet."""
        if found.state == "waiting":
            return LinkOutcome("waiting")
        standing = await self.standing(item_id)
        if standing.trouble is not None:
            return LinkOutcome("left", said=found.said or standing.trouble.sentence)
        return LinkOutcome("finished", (await self._bank(item_id, await self._secret(item_id)),))

    async def _bank(self, item_id: str, secret: str) -> LinkedBank:
        try:
            answer = await self._client.ask("item/get", {"access_token": secret}, wire.ItemAnswer, login=item_id)
        except RailError:  # the token can't be had again; the bank's name comes with the first sync
            return LinkedBank(item_id, secret, None, UNNAMED, None)
        item = answer.item
        return LinkedBank(item_id, secret, item.institution_id, institution_of(item), utc(item.consent_expiration_time))

    async def _of(self, item_id: str, resource: str, shape: type[T], **more: Any) -> T:
        """A call for one login. Its token may have been rotated while we held the old one: asked for anew, once."""
        secret = await self._secret(item_id)
        try:
            return await self._client.ask(resource, {"access_token": secret, **more}, shape, login=item_id)
        except LoginLost as lost:
            now = await self._secret(item_id, anew=True) if lost.token else secret
            if now == secret:
                raise
        return await self._client.ask(resource, {"access_token": now, **more}, shape, login=item_id)

    async def _secret(self, item_id: str, *, anew: bool = False) -> str:
        if anew or item_id not in self._secrets:
            self._secrets[item_id] = await asyncio.to_thread(self.secret_of, item_id)
        return self._secrets[item_id]


def _from(cursor: str | None) -> dict[str, str]:
    return {} if cursor is None else {"cursor": cursor}


def _pages(lines: Sequence[BankLine], unread: tuple[Unread, ...], as_of: datetime) -> tuple[Page, ...]:
    parts = [lines[start : start + LINES_A_PAGE] for start in range(0, len(lines), LINES_A_PAGE)] or [[]]
    return tuple(Page(BankLine, tuple(part), as_of, unread if place == 0 else ()) for place, part in enumerate(parts))


__all__ = ["LOGIN_REQUIRED", "Linking", "PlaidRail", "Standing"]
