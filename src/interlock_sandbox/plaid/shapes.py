"""What Plaid shows, key by key; money is a JSON number in major units, and above 0 means out of the account."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from interlock_sandbox.bank.bank import Bank
from interlock_sandbox.bank.institutions import INSTITUTIONS
from interlock_sandbox.bank.model import BankAccount, Institution, hashed
from interlock_sandbox.plaid.faults import item_error
from interlock_sandbox.plaid.feed import Seen
from interlock_sandbox.plaid.items import Item

PRODUCTS = ("auth", "balance", "identity", "transactions")
NO_PLACE = dict.fromkeys(("address", "city", "region", "postal_code", "country", "lat", "lon", "store_number"))
NO_PAYMENT = dict.fromkeys(
    ("reference_number", "ppd_id", "payee", "by_order_of", "payer", "payment_method", "payment_processor", "reason")
)


def major(minor: int | None) -> Decimal | None:
    """Cents as a number of dollars, exact."""
    return None if minor is None else Decimal(minor).scaleb(-2)


def wire_time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def account(bank: Bank, item: Item, held: BankAccount, at: datetime | None) -> dict[str, Any]:
    """An account with its balances as of a moment; without one the balances are null."""
    credit = held.credit
    available = current = None
    if at is not None:
        available, current = bank.balance(held.id, at)
    return {
        "account_id": item.shown_as(held.id),
        "balances": {
            "available": major(available),
            "current": major(current),
            "iso_currency_code": held.currency,
            "limit": major(held.limit_minor),
            "unofficial_currency_code": None,
        },
        "holder_category": "business",
        "mask": held.mask,
        "name": held.name,
        "official_name": f"{held.institution.name} Business {held.kind.title()}",
        "subtype": held.kind,
        "type": "credit" if credit else "depository",
        **({"persistent_account_id": hashed("persistent", held.id, length=37)} if held.institution.tokenised else {}),
    }


def item(each: Item) -> dict[str, Any]:
    institution = INSTITUTIONS[each.institution]
    return {
        "available_products": [name for name in PRODUCTS if name not in each.products and name != "balance"],
        "billed_products": list(each.products),
        "consent_expiration_time": wire_time(each.ends_at),
        "consented_products": list(each.consented),
        "error": None if each.error is None else item_error(each.error).body(),
        "auth_method": "INSTANT_AUTH" if "auth" in each.products else None,
        "created_at": wire_time(each.created_at),
        "institution_id": institution.id,
        "institution_name": institution.name,
        "item_id": each.id,
        "products": list(each.products),
        "update_type": "background",
        "webhook": each.webhook,
    }


def status(each: Item) -> dict[str, Any]:
    """The state of an Item's updates, as /item/get tells it."""
    sent = each.last_webhook
    return {
        "investments": None,
        "last_webhook": None if sent is None else {"sent_at": wire_time(sent[0]), "code_sent": sent[1]},
        "transactions": {
            "last_failed_update": wire_time(each.failed_at),
            "last_successful_update": wire_time(each.looked_at),
        },
    }


def transaction(each: Item, seen: Seen, *, original: bool) -> dict[str, Any]:
    """A whole transaction; ``date`` is when it posted, or when it happened while it is pending."""
    line = seen.line
    dated = line.posted_at.date() if line.posted_at is not None and not seen.pending else line.dated
    authorized = line.dated.isoformat() if line.pending_at is not None else None
    known = line.counterparty
    ways = {"payment_method": "ACH" if line.reference and line.name.startswith("ACH") else None}
    return {
        "account_id": each.shown_as(line.account),
        "account_owner": None,
        "amount": major(-line.amount_minor),
        "authorized_date": authorized,
        "authorized_datetime": None,
        "category": None,
        "category_id": None,
        "check_number": line.check_number or None,
        "counterparties": [] if known is None else [_counterparty(known)],
        "date": dated.isoformat(),
        "datetime": None,
        "iso_currency_code": line.currency,
        "location": NO_PLACE,
        "logo_url": None,
        "merchant_entity_id": None,
        "merchant_name": known,
        "name": line.name,
        **({"original_description": line.name} if original else {}),
        "payment_channel": "in store" if line.name == (known or "").upper() else "other",
        "payment_meta": {**NO_PAYMENT, **ways, "reference_number": line.reference},
        "pending": seen.pending,
        "pending_transaction_id": seen.pending_transaction_id,
        "personal_finance_category": _category(line.name, line.amount_minor),
        "personal_finance_category_icon_url": "https://plaid-category-icons.plaid.com/PFC_OTHER.png",
        "transaction_code": None,
        "transaction_id": seen.transaction_id,
        "transaction_type": "special",
        "unofficial_currency_code": None,
        "website": None,
    }


def _counterparty(name: str) -> dict[str, Any]:
    return {
        "confidence_level": "HIGH", "entity_id": None, "logo_url": None, "name": name, "phone_number": None,
        "type": "merchant", "website": None,
    }  # fmt: skip


def _category(name: str, amount_minor: int) -> dict[str, Any]:
    if "FEE" in name:
        primary, detailed = "BANK_FEES", "BANK_FEES_OTHER_BANK_FEES"
    elif "TRANSFER" in name or "DEPOSIT" in name or name.startswith("CHECK"):
        word = "TRANSFER_IN" if amount_minor > 0 else "TRANSFER_OUT"
        primary, detailed = word, f"{word}_ACCOUNT_TRANSFER"
    elif amount_minor > 0:
        primary, detailed = "INCOME", "INCOME_OTHER_INCOME"
    else:
        primary, detailed = "GENERAL_SERVICES", "GENERAL_SERVICES_OTHER_GENERAL_SERVICES"
    return {"confidence_level": "LOW", "detailed": detailed, "primary": primary, "version": "v2"}


def institution(each: Institution, *, down: str | None, now: datetime) -> dict[str, Any]:
    health = {
        "status": "DOWN" if down else "HEALTHY",
        "last_status_change": wire_time(now),
        "breakdown": {"success": 0 if down else 1, "error_plaid": 0, "error_institution": 1 if down else 0},
    }
    return {
        "connection_availability": "NOT_SUPPORTED" if down else "SUPPORTED",
        "country_codes": ["US"],
        "dtc_numbers": [],
        "institution_id": each.id,
        "logo": None,
        "name": each.name,
        "oauth": each.tokenised,
        "primary_color": None,
        "products": list(PRODUCTS),
        "routing_numbers": [each.routing],
        "status": {"item_logins": health, "transactions_updates": health, "auth": health, "identity": health},
        "url": each.url,
    }
