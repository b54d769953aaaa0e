"""Vendors as the ledger has them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Vendor
from interlock.kernel.errors import NotFound


class VendorService:
    """Vendors of one business."""

    def __init__(self, db: Session, business_id: str) -> None:
        self.db = db
        self.business_id = business_id

    def list_vendors(self, *, inactive: bool = False) -> Sequence[Vendor]:
        """Standing vendors by name; with ``inactive`` also those put aside in the ledger."""
        query = select(Vendor).where(Vendor.business_id == self.business_id, Vendor.buried_at.is_(None))
        if not inactive:
            query = query.where(Vendor.active.is_(True))
        return self.db.scalars(query.order_by(Vendor.name, Vendor.id)).all()

    def by_id(self) -> Mapping[str, Vendor]:
        """All standing vendors, inactive ones included, by id."""
        return {vendor.id: vendor for vendor in self.list_vendors(inactive=True)}

    def get_vendor(self, vendor_id: str) -> Vendor:
        """One standing vendor; ``NotFound`` otherwise."""
        found = self.db.get(Vendor, (self.business_id, vendor_id))
        if found is None or found.buried_at is not None:
            raise NotFound(f"There is no vendor {vendor_id!r} in these books.")
        return found
