"""Cross-rail identity wired: every kind of thing that stands on two sides, in the order in which links lead to links."""

from datetime import datetime

from sqlalchemy.orm import Session

from interlock.domains.ap.identity import Bills, FundingAccounts, Vendors
from interlock.domains.ar.identity import Customers, Invoices
from interlock.domains.bank.account_identity import Accounts
from interlock.domains.firm.services.identity_service import IdentityService, Kind
from interlock.kernel.errors import NotFound
from interlock.kernel.scope import Scope

BANKS, PAYING, COLLECTING = "plaid", "ramp", "stripe"
KINDS: tuple[Kind, ...] = (
    Accounts(BANKS),
    FundingAccounts(PAYING),
    Vendors(PAYING),
    Bills(PAYING),
    Customers(COLLECTING),
    Invoices(COLLECTING),
)


def identity_services(session: Session, scope: Scope) -> list[IdentityService]:
    """One for each kind; a bill's link may rest on its vendor's, so vendors come first."""
    return [IdentityService(session, scope, kind) for kind in KINDS]


def identity_service(session: Session, scope: Scope, kind: str) -> IdentityService:
    """``NotFound`` names the kinds there are."""
    for each in KINDS:
        if each.name == kind:
            return IdentityService(session, scope, each)
    raise NotFound(f"There is no kind {kind!r}; there are {', '.join(each.name for each in KINDS)}.")


def link_business(session: Session, scope: Scope, now: datetime) -> int:
    """After something was read of a business: link what exact keys prove; how many links are new."""
    return sum(service.link_exact(now) for service in identity_services(session, scope))
