"""Paying bills: what Ramp keeps to its own people or hasn't published, and what QuickBooks keeps to itself."""

from interlock.rails.moves import PaysBills
from interlock.rails.parking import ParkedRow

_RAMP_API = "Ramp’s developer API as of August 2026: 246 operations, none of this kind"

PAYING = (
    ParkedRow(
        key="approve-in-ramp",
        name="approving or rejecting a bill inside Ramp",
        rail="ramp",
        capability="ApprovesBills",
        reason="Ramp’s API can’t approve, reject or hurry a bill’s approval; its people do that on its pages.",
        source="Ramp’s developer guide, Bill Pay; Ramp’s own skills for agents, August 2026, say the same",
        unparks="An operation in Ramp’s API that answers a bill’s approval for the person who is asked.",
        screen="console",
    ),
    ParkedRow(
        key="release-in-ramp",
        name="releasing a payment inside Ramp",
        rail="ramp",
        capability="ReleasesPayments",
        reason="Where payments wait for release, Ramp’s people release them; /bills/{id}/release lifts a hold, which is not it.",
        source=_RAMP_API,
        unparks="An operation in Ramp’s API that releases a payment which awaits it.",
        screen="console",
    ),
    ParkedRow(
        key="reschedule-in-ramp",
        name="moving a scheduled payment inside Ramp",
        rail="ramp",
        capability="ReschedulesPayments",
        reason="Arrival day, source and payee are said once, when the bill is made; changing a bill takes none of them.",
        source="Ramp’s developer guide, Bill Pay: limited support for updates once created; its models of May 2026",
        unparks="Payment details among what Ramp’s API lets one change on a bill.",
        screen="console",
    ),
    ParkedRow(
        key="holds-in-ramp",
        name="holding a bill or vendor inside Ramp, and lifting that",
        rail="ramp",
        capability="HoldsPayments",
        reason="The four operations are in beta; what they take, and what they do to a payment under way, nobody has published.",
        source="Ramp’s developer API as of August 2026: hold and release of bills and vendors, marked beta",
        unparks="A published contract of these operations. Until then a hold here keeps a bill out of what Interlock sends.",
        screen="console",
    ),
    ParkedRow(
        key="batch-in-ramp",
        name="paying several bills in one Ramp batch",
        rail="ramp",
        capability="BatchesPayments",
        reason="A batch is made on Ramp’s pages only; by API each bill carries a payment of its own.",
        source="Ramp’s API description, 2025 and May 2026: batch payments cannot be created by API",
        unparks="An operation in Ramp’s API that makes a batch payment.",
        screen="console",
    ),
    ParkedRow(
        key="payments-api-of-ramp",
        name="paying a vendor without a bill",
        rail="ramp",
        capability="PaysVendors",
        reason="Ramp names a Payments API in beta; no path, scope or body of it is published, and no scope list holds one.",
        source="Ramp’s guide to bill payments, 2026, beside its list of 72 scopes of August 2026",
        unparks="Ramp publishing its Payments API.",
        screen="console",
    ),
    ParkedRow(
        key="vendor-accounts-in-ramp",
        name="telling whether a Ramp vendor’s bank account has changed",
        rail="ramp",
        capability="FingerprintsVendorAccounts",
        reason="Ramp shows a vendor’s accounts by nickname and currency: no number, not even its last four digits.",
        source="Ramp’s API description: the resource of a vendor’s bank account",
        unparks="A number, or a digest of it, among what Ramp’s API shows of a vendor’s account.",
        screen="tray",
    ),
    ParkedRow(
        key="bill-pay-of-quickbooks",
        name="QuickBooks Bill Pay",
        rail="qbo",
        capability=PaysBills,
        reason="It has no public operation; a BillPayment in QuickBooks is an entry that says a payment happened elsewhere.",
        source="Intuit’s Accounting API v3: no such entity in its reference, schema or kits",
        unparks="Intuit opening Bill Pay to other programs. Until then bills are paid by a rail that moves money.",
        screen="console",
    ),
)
