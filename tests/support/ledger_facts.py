"""Facts as a ledger might state them, with as little said as a test needs."""

import json
from datetime import UTC, date, datetime
from typing import Any

from interlock.rails import facts

SAID_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def term(id_: str, *, name: str = "Net 30", version: str = "0") -> facts.Term:
    return facts.Term(
        id=id_,
        version=version,
        created_at=SAID_AT,
        updated_at=SAID_AT,
        name=name,
        active=True,
        due_days=30,
        day_of_month=None,
        discount_basis_points=0,
        discount_days=None,
        raw=json.dumps([id_, name, version]).encode(),
    )


def vendor(id_: str, *, name: str = "Alder Supply", version: str = "0") -> facts.Vendor:
    return facts.Vendor(
        id=id_,
        version=version,
        created_at=SAID_AT,
        updated_at=SAID_AT,
        name=name,
        active=True,
        email=None,
        term_id=None,
        account_number=None,
        reportable=False,
        currency="USD",
        balance_minor=0,
        raw=json.dumps([id_, name, version]).encode(),
    )


def bill(id_: str, *, minor: int = 12_500, version: str = "0", lines: int = 2, **more: Any) -> facts.Bill:
    """A bill of ``lines`` lines, the first of which is linked to a purchase order."""
    said: dict[str, Any] = {
        "id": id_,
        "version": version,
        "created_at": SAID_AT,
        "updated_at": SAID_AT,
        "number": f"INV-{id_}",
        "dated": date(2026, 11, 3),
        "currency": "USD",
        "exchange_rate": None,
        "total_minor": minor,
        "voided": False,
        "note": None,
        "vendor_id": "v1",
        "vendor_name": "Alder Supply",
        "due": date(2026, 12, 3),
        "balance_minor": minor,
        "tax_minor": 0,
        "term_id": None,
        "control_account_id": None,
        "lines": tuple(facts.Line(at, str(at + 1), "AccountBasedExpenseLineDetail", minor) for at in range(lines)),
        "links": (facts.Link(0, "purchase_order", f"po-{id_}", minor),) if lines else (),
        **more,
    }
    return facts.Bill(**said, raw=json.dumps([id_, minor, version, lines], default=str).encode())


def page(*stated: facts.Fact) -> facts.Page:
    return facts.Page(type(stated[0]), stated, SAID_AT)
