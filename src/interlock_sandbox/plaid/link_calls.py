"""/link/token/create and /link/token/get: a Hosted Link page and what came of the visits to it (plaid.md §2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from interlock_sandbox.bank.institutions import INSTITUTIONS
from interlock_sandbox.plaid import faults
from interlock_sandbox.plaid.desk import Answer, Asked, Call, Desk, list_of, object_of, text_of
from interlock_sandbox.plaid.items import MOST_DAYS, SESSION_KEPT, Link, Session
from interlock_sandbox.plaid.shapes import PRODUCTS, wire_time

LINK_PATH = "/plaid/link"
LONGEST_NAME = 30
CREDENTIALS = frozenset({"client_id", "secret"})
PRODUCT_LISTS = (
    "products", "required_if_supported_products", "optional_products", "additional_consented_products",
)  # fmt: skip
WITHOUT_RESULTS: dict[str, Any] = {
    "cra_item_add_results": [], "cra_update_results": [], "bank_income_results": [], "payroll_income_results": [],
    "document_income_results": None,
}  # fmt: skip


class LinkCalls(Desk):
    """Link tokens."""

    def calls(self) -> dict[str, Call]:
        return {"/link/token/create": self.create, "/link/token/get": self.get}

    async def create(self, asked: Asked) -> Answer:
        """A link token; with ``hosted_link`` also the address of a page that needs no front end of the app's."""
        wanted = {name: value for name, value in asked.body.items() if name not in CREDENTIALS}
        self._check(wanted)
        if "access_token" in wanted:
            self.item_of(wanted, broken=True)
        self.act(asked.now, "link", wanted=wanted)
        link = next(reversed(self.plaid.links.values()))
        answer = {"expiration": wire_time(link.expires_at), "link_token": link.token}
        if "hosted_link" in wanted:
            answer["hosted_link_url"] = f"{asked.origin}{LINK_PATH}/{link.page}"
        return answer

    async def get(self, asked: Asked) -> Answer:
        """What a link token was made for, and the visits to its page, each for some hours after it ended."""
        link = self.plaid.links.get(text_of(asked.body, "link_token"))
        if link is None:
            raise faults.invalid_input("INVALID_LINK_TOKEN", "the provided link token does not exist")
        wanted = link.wanted
        kept = [each for each in link.sessions if asked.now - (each.finished_at or asked.now) <= SESSION_KEPT]
        return {
            "link_token": link.token,
            "created_at": wire_time(link.created_at),
            "expiration": wire_time(link.expires_at),
            "link_sessions": [self._session(link, each) for each in kept],
            "metadata": {
                "initial_products": list_of(wanted, "products"),
                "webhook": wanted.get("webhook"),
                "country_codes": list_of(wanted, "country_codes"),
                "language": wanted.get("language"),
                "redirect_uri": wanted.get("redirect_uri"),
                "client_name": wanted.get("client_name"),
            },
        }

    def _session(self, link: Link, session: Session) -> dict[str, Any]:
        said: dict[str, Any] = {
            "link_session_id": session.id,
            "started_at": wire_time(session.started_at),
            "finished_at": wire_time(session.finished_at),
            "events": [],
            "on_success": None,
            "on_exit": None,
            "exit": None,
            "results": {"item_add_results": [], **WITHOUT_RESULTS},
        }
        if session.public_token is not None and link.item is not None:
            where = self.plaid.items[link.item]
            institution = {"name": INSTITUTIONS[where.institution].name, "institution_id": where.institution}
            accounts = [self._account(link, each) for each in session.accounts]
            metadata = {"institution": institution, "accounts": accounts, "link_session_id": session.id}
            said["on_success"] = {"public_token": session.public_token, "metadata": metadata}
            added = {"public_token": session.public_token, "accounts": accounts, "institution": institution}
            said["results"]["item_add_results"] = [added]
        elif session.finished_at is not None:
            left: dict[str, Any] = {
                "institution": None, "status": "choose_institution", "link_session_id": session.id,
                "request_id": session.id[:15],
            }  # fmt: skip
            said["exit"] = said["on_exit"] = {"error": None, "metadata": left}
        return said

    def _account(self, link: Link, account: str) -> dict[str, Any]:
        assert link.item is not None
        held = self.bank.account(account)
        return {
            "id": self.plaid.items[link.item].shown_as(account), "name": held.name, "mask": held.mask,
            "type": "credit" if held.credit else "depository", "subtype": held.kind, "verification_status": None,
            "class_type": None,
        }  # fmt: skip

    def _check(self, wanted: dict[str, Any]) -> None:
        if len(text_of(wanted, "client_name")) > LONGEST_NAME:
            raise faults.invalid_field(f"client_name must be at most {LONGEST_NAME} characters")
        text_of(wanted, "language")
        if not list_of(wanted, "country_codes"):
            raise faults.missing("country_codes")
        user = object_of(wanted, "user")
        text_of(user, "client_user_id")
        for name in PRODUCT_LISTS:
            for product in list_of(wanted, name):
                if product not in PRODUCTS:
                    raise faults.invalid_input("INVALID_PRODUCT", f"your account is not enabled for product {product}")
        if "balance" in list_of(wanted, "products"):
            raise faults.invalid_field("balance is not a product Link can be initialized with")
        if "access_token" in wanted and wanted.get("products"):
            raise faults.invalid_field("products must be left out in update mode")
        if "access_token" not in wanted and not wanted.get("products"):
            raise faults.missing("products")
        _check_addresses(wanted)
        days = object_of(wanted, "transactions").get("days_requested")
        if days is not None and not (isinstance(days, int) and 1 <= days <= MOST_DAYS):
            raise faults.invalid_field(f"transactions.days_requested must be between 1 and {MOST_DAYS}")


def _check_addresses(wanted: dict[str, Any]) -> None:
    hosted = object_of(wanted, "hosted_link")
    for name, address in (
        ("webhook", wanted.get("webhook")),
        ("hosted_link.completion_redirect_uri", hosted.get("completion_redirect_uri")),
    ):
        if address is None:
            continue
        parts = urlsplit(address) if isinstance(address, str) else None
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            raise faults.invalid_field(f"{name} must be a complete http or https address")
