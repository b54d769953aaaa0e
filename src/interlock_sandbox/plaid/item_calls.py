"""Items: from public token to access token, and what is done to a login afterwards (plaid.md §2)."""

from __future__ import annotations

from urllib.parse import urlsplit

from interlock_sandbox.bank.institutions import INSTITUTIONS
from interlock_sandbox.plaid import faults, shapes
from interlock_sandbox.plaid.desk import Answer, Asked, Call, Desk, text_of


class ItemCalls(Desk):
    """Items, institutions, verification keys."""

    def calls(self) -> dict[str, Call]:
        return {
            "/item/public_token/exchange": self.exchange,
            "/item/get": self.get,
            "/item/remove": self.remove,
            "/item/webhook/update": self.webhook,
            "/item/access_token/invalidate": self.invalidate,
            "/institutions/get_by_id": self.institution,
            "/webhook_verification_key/get": self.key,
        }

    async def exchange(self, asked: Asked) -> Answer:
        """A public token is good for one exchange; from then on the Item's data is fetched."""
        token = text_of(asked.body, "public_token")
        known = self.plaid.public_tokens.get(token)
        if known is None:
            raise faults.invalid_input("INVALID_PUBLIC_TOKEN", "could not find matching public token")
        if known.until <= asked.now:
            raise faults.invalid_input("INVALID_PUBLIC_TOKEN", "provided public token is expired")
        self.act(asked.now, "exchange", public_token=token)
        self.sandbox.catch_up()
        item = self.plaid.items[known.item]
        return {"access_token": item.access_token, "item_id": item.id}

    async def get(self, asked: Asked) -> Answer:
        """The only call that answers 200 for an Item that needs its owner, with the error inside."""
        item = self.item_of(asked.body, broken=True)
        return {"item": shapes.item(item), "status": shapes.status(item)}

    async def remove(self, asked: Asked) -> Answer:
        item = self.item_of(asked.body, broken=True)
        self.act(asked.now, "remove", item=item.id)
        return {}

    async def webhook(self, asked: Asked) -> Answer:
        """Another address from now on (null: none); told there at once."""
        item = self.item_of(asked.body, broken=True)
        address = asked.body.get("webhook")
        if address and (not isinstance(address, str) or urlsplit(address).scheme not in {"http", "https"}):
            raise faults.invalid_field("webhook must be a complete http or https address")
        self.act(asked.now, "webhook", item=item.id, webhook=address or None)
        return {"item": shapes.item(item)}

    async def invalidate(self, asked: Asked) -> Answer:
        """A new access token; the old one is dead at once."""
        item = self.item_of(asked.body, broken=True)
        self.act(asked.now, "rotate", item=item.id)
        return {"new_access_token": item.access_token}

    async def institution(self, asked: Asked) -> Answer:
        found = INSTITUTIONS.get(text_of(asked.body, "institution_id"))
        if found is None:
            raise faults.invalid_input("INVALID_INSTITUTION", "invalid institution_id provided")
        return {"institution": shapes.institution(found, down=self.plaid.down.get(found.id), now=asked.now)}

    async def key(self, asked: Asked) -> Answer:
        """The public key of a ``kid`` from a webhook's header."""
        key = self.plaid.keys.find(text_of(asked.body, "key_id"))
        if key is None:
            raise faults.invalid_input("INVALID_WEBHOOK_VERIFICATION_KEY_ID", "invalid key_id provided")
        return {"key": key.public()}
