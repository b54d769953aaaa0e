"""What all desks of this process share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from interlock.domains.firm.models import Business
from interlock.rails.meter import MONTHLY_READS
from interlock.rails.ports import SyncsLedger
from interlock.runway.services.calculators.links import QUICKBOOKS_PAGES, Links
from interlock.runway.services.data_orchestrators.plans import Plans
from interlock.runway.services.experiences.capabilities import CapabilitiesService

SyncOf = Callable[[Business], SyncsLedger]


@dataclass(frozen=True)
class Office:
    """``pages``: where QuickBooks' own pages are; ``monthly_reads``: what Intuit's plan allows; ``capabilities``: of this build."""

    sync_of: SyncOf
    pages: str = QUICKBOOKS_PAGES
    monthly_reads: int = MONTHLY_READS
    capabilities: CapabilitiesService = field(default_factory=CapabilitiesService)
    plans: Plans = field(default_factory=Plans)

    def links_to(self, realm_id: str | None) -> Links:
        return Links(realm_id, self.pages)
