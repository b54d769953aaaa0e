"""The account itself, its balance, its events and the addresses they are sent to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from interlock_sandbox.stripe.balance import balance_of
from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import merged
from interlock_sandbox.stripe.listing import paged
from interlock_sandbox.stripe.refusal import StripeRefusal
from interlock_sandbox.stripe.store import API_VERSION, Account, Object, nulls, stamp

REQUIREMENTS = ("currently_due", "eventually_due", "past_due", "pending_verification", "errors", "alternatives")


def described(account: Account, founded: datetime) -> Object:
    """The account as ``GET /v1/account`` shows it."""
    due: Object = {name: [] for name in REQUIREMENTS} | nulls("current_deadline disabled_reason")
    schedule: Object = {"delay_days": 2, "interval": account.schedule}
    if account.schedule == "weekly":
        schedule["weekly_anchor"] = "friday"
    slug = "-".join(word for word in account.name.lower().split() if word.isalnum())
    return {
        "id": account.id, "object": "account", "business_profile":
        nulls("annual_revenue estimated_worker_count mcc product_description support_address support_phone support_url url")
        | {"name": account.name, "support_email": f"hello@{slug}.example"}, "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active", "us_bank_account_ach_payments": "active"},
        "charges_enabled": True, "controller": {"type": "account"}, "country": "US", "created": stamp(founded),
        "default_currency": "usd", "details_submitted": True, "email": f"books@{slug}.example", "external_accounts":
        {"object": "list", "url": f"/v1/accounts/{account.id}/external_accounts", "has_more": False, "total_count": 1,
         "data": [account.external]}, "future_requirements": due, "metadata": {}, "payouts_enabled": True,
        "requirements": due, "settings": {
            "branding": nulls("icon logo primary_color secondary_color"), "card_payments":
            {"decline_on": {"avs_failure": False, "cvc_failure": False}} | nulls("statement_descriptor_prefix"),
            "dashboard": {"display_name": account.name, "timezone": "America/New_York"},
            "payments": nulls("statement_descriptor_kana statement_descriptor_kanji") | {"statement_descriptor": account.name[:22]},
            "payouts": {"debit_negative_balances": True, "schedule": schedule, "statement_descriptor": None},
            "sepa_debit_payments": {}},
        "tos_acceptance": {"date": stamp(founded)}, "type": "standard",
    }  # fmt: skip


def retrieve(call: Call) -> Object:
    return call.account.get("account", call.account.id)


def named(call: Call) -> Object:
    if call.account.find("account", call.id) is None:
        raise StripeRefusal(
            f"The provided key does not have access to account '{call.id}' (or that account does not exist). Application "
            "access may have been revoked.", status=403, code="account_invalid",
        )  # fmt: skip
    return call.account.get("account", call.id)


def connected(call: Call) -> Object:
    """The platform's list of accounts it reaches; for any other account an empty one."""
    others = [each for each in call.account.sorted("account") if each["id"] != call.account.id]
    return paged(call, "account", others)


def balance(call: Call) -> Object:
    return balance_of(call.account, call.at)


def one(kind: str) -> Any:
    return lambda call: call.account.get(kind, call.id)


def create_endpoint(call: Call) -> Object:
    url = call.sent["url"]
    if not url.startswith(("http://", "https://")):
        raise StripeRefusal(
            "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param="url"
        )
    id_ = call.account.new_id("webhook_endpoint")
    secret = f"whsec_{call.account.named('whsec', id_, length=32)}"
    made: Object = {
        "id": id_, "object": "webhook_endpoint", "api_version": call.get("api_version", API_VERSION), "application": None,
        "created": stamp(call.at), "description": call.get("description"), "enabled_events": call.sent["enabled_events"],
        "livemode": False, "metadata": merged({}, call.get("metadata", {})), "status": "enabled", "url": url,
    }  # fmt: skip
    call.account.add(made)
    call.account.secrets[id_] = secret
    if call.get("connect"):
        call.account.connect.add(id_)
    return made | {"secret": secret}


def update_endpoint(call: Call) -> Object:
    endpoint = call.account.get("webhook_endpoint", call.id)
    endpoint |= {name: call.sent[name] for name in ("url", "enabled_events", "description") if name in call.sent}
    if "disabled" in call.sent:
        endpoint["status"] = "disabled" if call.sent["disabled"] else "enabled"
    endpoint["metadata"] = merged(endpoint["metadata"], call.get("metadata", {}))
    return endpoint


def delete_endpoint(call: Call) -> Object:
    call.account.get("webhook_endpoint", call.id)
    del call.account.objects["webhook_endpoint"][call.id]
    return {"id": call.id, "object": "webhook_endpoint", "deleted": True}


ROUTES = [
    Route("GET", "account", retrieve),
    Route("GET", "accounts/{}", named),
    Route("GET", "accounts", connected, "limit:int starting_after ending_before"),
    Route("GET", "balance", balance),
    Route("GET", "balance_transactions/{}", one("balance_transaction")),
    Route("GET", "invoice_payments/{}", one("invoice_payment")),
    Route("GET", "events/{}", one("event")),
    Route(
        "POST", "webhook_endpoints", create_endpoint,
        "url! enabled_events!:list api_version connect:bool description metadata:map",
    ),
    Route("GET", "webhook_endpoints/{}", one("webhook_endpoint")),
    Route("POST", "webhook_endpoints/{}", update_endpoint, "url enabled_events:list description disabled:bool metadata:map"),
    Route("DELETE", "webhook_endpoints/{}", delete_endpoint),
]  # fmt: skip
