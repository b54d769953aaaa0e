"""What Interlock can do for a client now, and what would make the rest possible."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.kernel.errors import NotFound
from interlock.kernel.scope import Scope
from interlock.rails import matrix
from interlock.rails.listens import FollowsChanges
from interlock.rails.matrix import Capability, CapabilityParked, Kind, Link
from interlock.rails.reads import (
    ReadsAccounts,
    ReadsBills,
    ReadsCustomers,
    ReadsInvoices,
    ReadsLedgerReports,
    ReadsVendors,
)
from interlock.rails.records import RecordsBillPayments, RecordsCustomerPayments
from interlock.runway.services.views import BusinessView, View


@dataclass(frozen=True)
class Feature:
    """A thing the product does, and the capabilities it needs. ``key`` is what programs call it."""

    key: str
    name: str
    needs: tuple[Capability, ...]


# A capability named by a text is one that no rail here has yet; the day a rail's class inherits it, the feature is there.
FEATURES = (
    Feature("payables", "bills and what settles them", (ReadsVendors, ReadsBills)),
    Feature("receivables", "invoices and what settles them", (ReadsCustomers, ReadsInvoices)),
    Feature("book-cash", "book cash", (ReadsAccounts,)),
    Feature("freshness", "changes as they happen", (FollowsChanges,)),
    Feature("proof", "proof of completeness", (ReadsLedgerReports,)),
    Feature("recording-bills", "recording of bill payments", (RecordsBillPayments,)),
    Feature("recording-invoices", "recording of customers’ payments", (RecordsCustomerPayments,)),
    Feature("cash-path", "cash path", (ReadsAccounts, "ReadsBankBalances")),
    Feature("pay", "approve and pay", (ReadsBills, "PaysBills")),
    Feature("witnesses", "witnesses", (ReadsBills, "ReadsBankTransactions")),
    Feature("collect", "collecting invoices", (ReadsInvoices, "CollectsInvoices")),
)


class CapabilityView(View):
    """One feature for one client. ``state``: ``live``, ``connect:<rail>``, ``off:<reason>`` or ``parked:<capability>``.

    ``rails`` are those of this build that have all it needs.
    """

    key: str
    name: str
    kind: Kind
    state: str
    words: str
    needs: tuple[str, ...]
    rails: tuple[str, ...]


class CapabilitiesExperience(View):
    """``business`` is ``None`` where the build itself was asked: then everything that needs a rail says which."""

    ask: str
    say: str
    business: BusinessView | None
    features: tuple[CapabilityView, ...]


class CapabilitiesService:
    """``rails`` are the classes of this build, by name."""

    def __init__(self, rails: Mapping[str, type[Any]]) -> None:
        self._rails = rails

    def of_build(self) -> CapabilitiesExperience:
        """Before any client is asked about."""
        return self._experience(None, {})

    def of_business(self, db: Session, business: Business, now: datetime) -> CapabilitiesExperience:
        links = matrix.links_of(db, Scope(business.firm_id, business.business_id), now)
        return self._experience(business, links)

    def _experience(self, business: Business | None, links: Mapping[str, Link]) -> CapabilitiesExperience:
        features = tuple(self._view(each, links) for each in FEATURES)
        live = sum(each.kind == "live" for each in features)
        parked = sum(each.kind == "parked" for each in features)
        named = "this build" if business is None else business.name
        told = f"{live} of {len(features)} work now." if business else f"{len(features) - parked} once connected."
        return CapabilitiesExperience(
            ask=f"What can Interlock do for {named}?",
            say=f"{told} {parked} wait for a rail that this build doesn’t have.",
            business=BusinessView.of(business) if business else None,
            features=features,
        )

    def _view(self, feature: Feature, links: Mapping[str, Link]) -> CapabilityView:
        verdict = matrix.verdict(feature.needs, self._rails, links)
        have = [set(matrix.able(need, self._rails)) for need in feature.needs]
        return CapabilityView(
            key=feature.key,
            name=feature.name,
            kind=verdict.kind,
            state=verdict.code,
            words=verdict.words,
            needs=tuple(need if isinstance(need, str) else need.__name__ for need in feature.needs),
            rails=tuple(sorted(set.intersection(*have))),
        )


def required(view: CapabilitiesExperience, key: str) -> CapabilityView:
    """The feature, live; ``CapabilityParked`` says what would make it so, ``NotFound`` when there is none of that key."""
    found = next((each for each in view.features if each.key == key), None)
    if found is None:
        raise NotFound(f"There is no feature {key!r}; the capabilities name all there are.")
    if found.kind != "live":
        raise CapabilityParked(f"{found.name.capitalize()} is {found.state}. {found.words}")
    return found
