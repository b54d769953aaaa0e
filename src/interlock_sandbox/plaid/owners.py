"""Who owns an account, and how well somebody fits (plaid.md §5): 100 perfect, 85 strong, 70 partial, below a mismatch."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any

from interlock_sandbox.bank.bank import Bank
from interlock_sandbox.bank.model import BankAccount

FORMS = frozenset({"inc", "llc", "corp", "co", "ltd", "company", "incorporated", "corporation"})
STRONG, PARTIAL, MISMATCH_AT_MOST = 85, 70, 69


def owner(bank: Bank, held: BankAccount) -> dict[str, Any]:
    """The owner as /identity/get shows one."""
    info = bank.vaults[held.realm].books.find("CompanyInfo", "1")
    body = info.body if info is not None else {}
    address = body.get("LegalAddr") or {}
    email = (body.get("Email") or {}).get("Address")
    phone = (body.get("PrimaryPhone") or {}).get("FreeFormNumber")
    return {
        "names": list(held.owners),
        "emails": [{"data": email, "primary": True, "type": "primary"}] if email else [],
        "phone_numbers": [{"data": _digits(phone), "primary": True, "type": "work"}] if phone else [],
        "addresses": [
            {
                "data": {
                    "city": address.get("City"),
                    "region": address.get("CountrySubDivisionCode"),
                    "street": address.get("Line1"),
                    "postal_code": address.get("PostalCode"),
                    "country": "US",
                },
                "primary": True,
            }
        ],
    }


def match(user: dict[str, Any], held_by: dict[str, Any]) -> dict[str, Any]:
    """Scores for what was asked about; null for what was not."""
    wanted = user.get("legal_name")
    score = max((name_score(str(wanted), name) for name in held_by["names"]), default=None) if wanted else None
    business = any(_words(name) & FORMS for name in [*held_by["names"], str(wanted or "")])
    return {
        "legal_name": {
            "score": score,
            "is_first_name_or_last_name_match": None if score is None else False,
            "is_nickname_match": None if score is None else False,
            "is_business_name_detected": None if score is None else business,
        },
        "phone_number": {"score": _same(_digits(user.get("phone_number")), held_by["phone_numbers"])},
        "email_address": {"score": _same(str(user.get("email_address") or "").casefold(), held_by["emails"])},
        "address": _address(user.get("address"), held_by["addresses"]),
    }


def name_score(wanted: str, held: str) -> int:
    """Word by word, the form of a company counting little."""
    one, other = _words(wanted), _words(held)
    if one == other:
        return 100
    bare, other_bare = one - FORMS, other - FORMS
    if bare == other_bare and bare:
        return STRONG + 10
    shared = len(bare & other_bare) / max(1, len(bare | other_bare))
    if shared >= 0.5:
        return PARTIAL + int(shared * 14)
    alike = SequenceMatcher(None, " ".join(sorted(bare)), " ".join(sorted(other_bare))).ratio()
    return STRONG if alike > 0.92 else min(MISMATCH_AT_MOST, int(alike * 60))


def _same(wanted: str, known: list[dict[str, Any]]) -> int | None:
    if not wanted:
        return None
    return 100 if any(wanted == str(each["data"]).casefold() for each in known) else 0


def _address(wanted: object, known: list[dict[str, Any]]) -> dict[str, Any]:
    if not isinstance(wanted, dict) or not wanted:
        return {"score": None, "is_postal_code_match": None}
    data = known[0]["data"]
    fields = ("street", "city", "region", "postal_code")
    alike = sum(_words(str(wanted.get(each) or "")) == _words(str(data[each] or "")) for each in fields)
    code = str(wanted.get("postal_code") or "")[:5] == str(data["postal_code"] or "")[:5]
    return {"score": alike * 100 // len(fields), "is_postal_code_match": code}


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", text.casefold().replace("&", " and ")))


def _digits(phone: object) -> str:
    figures = re.sub(r"\D", "", str(phone or ""))
    return f"+1{figures}" if len(figures) == 10 else f"+{figures}" if figures else ""
