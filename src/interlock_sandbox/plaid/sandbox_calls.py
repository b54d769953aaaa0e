"""Plaid's own sandbox calls (plaid.md §7): an Item without the page, a broken login, a webhook on demand."""

from __future__ import annotations

from typing import Any

from interlock_sandbox.bank.institutions import INSTITUTIONS
from interlock_sandbox.plaid import faults
from interlock_sandbox.plaid.desk import Answer, Asked, Call, Desk, list_of, object_of, text_of
from interlock_sandbox.plaid.faults import LOGIN_REQUIRED

USUAL_USER = "user_good"
FIRABLE = {
    "TRANSACTIONS": {"SYNC_UPDATES_AVAILABLE", "DEFAULT_UPDATE", "RECURRING_TRANSACTIONS_UPDATE"},
    "ITEM": {
        "ERROR", "LOGIN_REPAIRED", "NEW_ACCOUNTS_AVAILABLE", "PENDING_DISCONNECT", "USER_PERMISSION_REVOKED",
        "USER_ACCOUNT_REVOKED",
    },
    "AUTH": {"DEFAULT_UPDATE", "SMS_MICRODEPOSITS_VERIFICATION", "AUTOMATICALLY_VERIFIED", "VERIFICATION_EXPIRED"},
}  # fmt: skip


class SandboxCalls(Desk):
    """Calls that real Plaid has in its sandbox only."""

    def calls(self) -> dict[str, Call]:
        return {
            "/sandbox/public_token/create": self.public_token,
            "/sandbox/item/reset_login": self.reset_login,
            "/sandbox/item/fire_webhook": self.fire_webhook,
        }

    async def public_token(self, asked: Asked) -> Answer:
        """``options.override_username`` is a client's slug or realm id; with ``user_good`` the first who banks there."""
        where = text_of(asked.body, "institution_id")
        if where not in INSTITUTIONS:
            raise faults.invalid_input("INVALID_INSTITUTION", "invalid institution_id provided")
        products = list_of(asked.body, "initial_products")
        if not products:
            raise faults.missing("initial_products")
        options = object_of(asked.body, "options")
        realm, accounts = self._login(where, str(options.get("override_username") or USUAL_USER))
        wanted = {
            "products": products, "additional_consented_products": ["auth", "identity", "transactions"],
            "webhook": options.get("webhook"), "transactions": options.get("transactions") or {},
        }  # fmt: skip
        self.act(asked.now, "public", wanted=wanted, realm=realm, institution=where, accounts=accounts)
        return {"public_token": next(reversed(self.plaid.public_tokens))}

    async def reset_login(self, asked: Asked) -> Answer:
        item = self.item_of(asked.body, broken=True)
        self.act(asked.now, "trouble", item=item.id, code=LOGIN_REQUIRED)
        return {"reset_login": True}

    async def fire_webhook(self, asked: Asked) -> Answer:
        item = self.item_of(asked.body, broken=True)
        code = text_of(asked.body, "webhook_code")
        kind = asked.body.get("webhook_type") or next((kind for kind, codes in FIRABLE.items() if code in codes), "")
        if code not in FIRABLE.get(str(kind), set()):
            raise faults.PlaidFault("SANDBOX_ERROR", "SANDBOX_WEBHOOK_INVALID", f"{kind} {code} can't be fired")
        if item.webhook is None:
            raise faults.PlaidFault("SANDBOX_ERROR", "SANDBOX_WEBHOOK_INVALID", "this Item has no webhook address")
        self.act(asked.now, "fire", item=item.id, type=kind, code=code)
        return {"webhook_fired": True}

    def _login(self, where: str, user: str) -> tuple[str, list[Any]]:
        for client in self.sandbox.firm.clients:
            realm = client.books.realm_id
            held = [each.id for each in self.bank.accounts(realm) if each.institution.id == where]
            if held and user in (USUAL_USER, realm, client.slug):
                return realm, held
        raise faults.invalid_input("INVALID_CREDENTIALS", f"{user} has no login at this institution")
