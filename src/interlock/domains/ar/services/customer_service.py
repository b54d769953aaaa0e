"""Customers as the ledger has them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.models import Customer
from interlock.kernel.errors import NotFound


class CustomerService:
    """Customers of one business."""

    def __init__(self, db: Session, business_id: str) -> None:
        self.db = db
        self.business_id = business_id

    def list_customers(self, *, inactive: bool = False) -> Sequence[Customer]:
        """Standing customers by name; with ``inactive`` also those put aside in the ledger."""
        query = select(Customer).where(Customer.business_id == self.business_id, Customer.buried_at.is_(None))
        if not inactive:
            query = query.where(Customer.active.is_(True))
        return self.db.scalars(query.order_by(Customer.name, Customer.id)).all()

    def by_id(self) -> Mapping[str, Customer]:
        """All standing customers, inactive ones included, by id."""
        return {customer.id: customer for customer in self.list_customers(inactive=True)}

    def get_customer(self, customer_id: str) -> Customer:
        """One standing customer; ``NotFound`` otherwise."""
        found = self.db.get(Customer, (self.business_id, customer_id))
        if found is None or found.buried_at is not None:
            raise NotFound(f"There is no customer {customer_id!r} in these books.")
        return found
