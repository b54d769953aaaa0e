"""Balances, transactions, account numbers, owners (plaid.md §3 to §5)."""

from __future__ import annotations

from typing import Any

from interlock_sandbox.bank.model import BankAccount, digits
from interlock_sandbox.plaid import faults, shapes
from interlock_sandbox.plaid.desk import Answer, Asked, Call, Desk, object_of
from interlock_sandbox.plaid.feed import BadCursor, Cursor, Stale, cursor_of
from interlock_sandbox.plaid.items import MOST_DAYS, Item
from interlock_sandbox.plaid.owners import match, owner

PAGE = 100
LARGEST_PAGE = 500


class DataCalls(Desk):
    """What an Item shows."""

    def calls(self) -> dict[str, Call]:
        return {
            "/accounts/get": self.accounts,
            "/accounts/balance/get": self.balances,
            "/transactions/sync": self.sync,
            "/transactions/refresh": self.refresh,
            "/auth/get": self.auth,
            "/identity/get": self.identity,
            "/identity/match": self.match,
        }

    async def accounts(self, asked: Asked) -> Answer:
        """Balances as they were when the bank was last looked at."""
        item = self.item_of(asked.body)
        held = self.held(item, object_of(asked.body, "options"))
        return {
            "accounts": [shapes.account(self.bank, item, each, item.balances_at) for each in held],
            "item": shapes.item(item),
        }

    async def balances(self, asked: Asked) -> Answer:
        """Fetched from the bank now; that may take a while."""
        item = self.item_of(asked.body)
        self.reachable(item)
        held = self.held(item, object_of(asked.body, "options"))
        seconds = self.plaid.settings["balance_seconds"]
        if seconds:
            await self.sandbox.disruptions.sleep(seconds)
        now = self.sandbox.clock.now()
        self.act(now, "balances", item=item.id)
        return {
            "accounts": [shapes.account(self.bank, item, each, now) for each in held],
            "item": shapes.item(item),
        }

    async def sync(self, asked: Asked) -> Answer:
        """What changed since a cursor. The first page's cursor is the one to start from again."""
        item = self.item_of(asked.body)
        options = object_of(asked.body, "options")
        count = asked.body.get("count", PAGE)
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= LARGEST_PAGE:
            raise faults.invalid_field(f"count must be between 1 and {LARGEST_PAGE}")
        days = options.get("days_requested")
        if days is not None and not (isinstance(days, int) and 1 <= days <= MOST_DAYS):
            raise faults.invalid_field(f"options.days_requested must be between 1 and {MOST_DAYS}")
        self.uses(item, "transactions", asked.now, days=days)
        account = self._account(item, options.get("account_id"))
        if not item.ready:
            return self._changes(item, [], "", False, options)
        try:
            page = item.feed.page(self._cursor(item, account, asked.body.get("cursor")), count)
        except BadCursor:
            raise faults.invalid_field("cursor is not one this Item and account were given") from None
        except Stale:
            raise faults.mutated() from None
        return self._changes(item, page.changes, page.cursor.text(), page.more, options)

    async def refresh(self, asked: Asked) -> Answer:
        """Look at the bank now instead of at the next of the day's times."""
        item = self.item_of(asked.body)
        self.reachable(item)
        self.uses(item, "transactions", asked.now)
        if item.complete:
            self.act(asked.now, "look", item=item.id, whole=True)
        return {}

    async def auth(self, asked: Asked) -> Answer:
        """Numbers of deposit accounts; some banks give out stand-ins that are good for one app only."""
        item = self.item_of(asked.body)
        self.uses(item, "auth", asked.now)
        held = [each for each in self.held(item, object_of(asked.body, "options")) if not each.credit]
        if not held:
            raise faults.item_error("NO_AUTH_ACCOUNTS")
        return {
            "accounts": [shapes.account(self.bank, item, each, item.balances_at) for each in held],
            "item": shapes.item(item),
            "numbers": {
                "ach": [_numbers(item, each) for each in held], "eft": [], "international": [], "bacs": [],
            },
        }  # fmt: skip

    async def identity(self, asked: Asked) -> Answer:
        """Who owns the accounts, as the bank has it on file."""
        item = self.item_of(asked.body)
        self.uses(item, "identity", asked.now)
        held = self.held(item, object_of(asked.body, "options"))
        shown = [
            {**shapes.account(self.bank, item, each, item.balances_at), "owners": [owner(self.bank, each)]}
            for each in held
        ]
        return {"accounts": shown, "item": shapes.item(item)}

    async def match(self, asked: Asked) -> Answer:
        """How well somebody's name and addresses fit the owner; no balances in this answer."""
        item = self.item_of(asked.body)
        self.uses(item, "identity", asked.now)
        user = object_of(asked.body, "user")
        held = self.held(item, object_of(asked.body, "options"))
        shown = [
            {**shapes.account(self.bank, item, each, None), **match(user, owner(self.bank, each))} for each in held
        ]
        return {"accounts": shown, "item": shapes.item(item)}

    def _changes(self, item: Item, changes: list[Any], cursor: str, more: bool, options: dict[str, Any]) -> Answer:
        original = options.get("include_original_description") is True
        told = {
            kind: [shapes.transaction(item, each, original=original) for each in changes if each.kind == kind]
            for kind in ("added", "modified")
        }
        state = "HISTORICAL_UPDATE_COMPLETE" if item.complete else "INITIAL_UPDATE_COMPLETE"
        return {
            "accounts": [shapes.account(self.bank, item, each, item.balances_at) for each in self.held(item)],
            **told,
            "removed": [
                {"account_id": item.shown_as(each.line.account), "transaction_id": each.transaction_id}
                for each in changes
                if each.kind == "removed"
            ],
            "next_cursor": cursor,
            "has_more": more,
            "transactions_update_status": state if item.ready else "NOT_READY",
        }

    def _account(self, item: Item, account_id: object) -> str:
        if account_id is None:
            return ""
        held = item.held_as(str(account_id))
        if held is None:
            raise faults.invalid_input("INVALID_ACCOUNT_ID", "options.account_id is not an account of this Item")
        return held

    def _cursor(self, item: Item, account: str, text: object) -> Cursor:
        if text is None or text == "":
            return Cursor(item.id, account, 0)
        if text == "now":
            return Cursor(item.id, account, len(item.feed.seen))
        return cursor_of(str(text), item.id, account)


def _numbers(item: Item, held: BankAccount) -> dict[str, Any]:
    """``account`` is the real number, or a stand-in that means nothing to anybody else."""
    tokenised = held.institution.tokenised
    number = digits("stand-in", item.id, held.id, length=12) if tokenised else held.number
    return {
        "account": number, "account_id": item.shown_as(held.id), "can_transfer_in": True, "can_transfer_out": True,
        "is_tokenized_account_number": tokenised, "routing": held.routing,
        "wire_routing": None if tokenised else held.routing,
    }  # fmt: skip
