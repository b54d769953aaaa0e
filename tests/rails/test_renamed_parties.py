"""A rename moves no time of the documents that carry the name (qbo.md §12): the party's own row has to bring it to them."""

import pytest

from interlock.app.house import House
from interlock.domains.ap.models import Bill, Vendor
from interlock.domains.ap.services.aging_service import PayablesAging
from interlock.domains.ar.models import Customer, Invoice
from interlock.kernel.clock import local_date
from tests.rails.test_sync_brings_the_books_in import first, in_step
from tests.support.house import take_on
from tests.support.sandbox import Sandbox


@pytest.mark.parametrize("change", [{"DisplayName": "Entirely Renamed Supply"}, {"Active": False}])
def test_a_vendors_new_name_reaches_its_bills(house: House, sandbox: Sandbox, change: dict[str, object]) -> None:
    client = sandbox.clients()[1]
    business, scope = take_on(house, client)
    house.sync_of(business).sync()
    bill = first(house, scope, Bill, Bill.balance_minor > 0, Bill.vendor_name.not_like("Entirely%"))
    sandbox.update(client.realm_id, "Vendor", {"Id": bill.vendor_id, **change})
    report = house.sync_of(business).sync()
    assert report.calls == 1, "the name comes with the vendor; its bills need not be read again"
    vendor = first(house, scope, Vendor, Vendor.id == bill.vendor_id)
    assert first(house, scope, Bill, Bill.id == bill.id).vendor_name == vendor.name != bill.vendor_name
    assert in_step(house, sandbox, client, business, scope) == []
    with house.database.reading(scope) as session:
        today = local_date(house.clock.now(), business.time_zone)
        rows = PayablesAging(session, business.business_id).as_of(today).rows
    assert len({row.party_id for row in rows}) == len(rows), "a renamed vendor stands once in the aging, not twice"


def test_a_customers_new_name_reaches_its_invoices_and_its_jobs(house: House, sandbox: Sandbox) -> None:
    client = sandbox.clients()[2]
    business, scope = take_on(house, client)
    house.sync_of(business).sync()
    invoice = first(house, scope, Invoice)
    sandbox.update(client.realm_id, "Customer", {"Id": invoice.customer_id, "DisplayName": "Entirely Renamed Works"})
    house.sync_of(business).sync()
    customer = first(house, scope, Customer, Customer.id == invoice.customer_id)
    assert first(house, scope, Invoice, Invoice.id == invoice.id).customer_name == customer.full_name
    assert in_step(house, sandbox, client, business, scope) == []
