"""Links into QuickBooks that pin the company: a bare link opens the id in whichever company the browser is in.

The form with ``deeplinkcompanyid`` is seen in use rather than documented by Intuit (product-map §5); kinds without a
known page get no link.
"""

from urllib.parse import quote

QUICKBOOKS_PAGES = "https://app.qbo.intuit.com"

_PAGES = {
    "bill": "bill?txnId=",
    "bill_payment": "billpayment?txnId=",
    "vendor_credit": "vendorcredit?txnId=",
    "purchase_order": "purchaseorder?txnId=",
    "purchase": "expense?txnId=",
    "check": "check?txnId=",
    "invoice": "invoice?txnId=",
    "payment": "recvpayment?txnId=",
    "credit_memo": "creditmemo?txnId=",
    "sales_receipt": "salesreceipt?txnId=",
    "deposit": "deposit?txnId=",
    "new_deposit": "deposit",
    "journal_entry": "journal?txnId=",
    "transfer": "transfer?txnId=",
    "vendor": "vendordetail?nameId=",
    "customer": "customerdetail?nameId=",
}


class Links:
    """Links for one company; without a realm (nothing is connected) there are none."""

    def __init__(self, realm_id: str | None, pages: str = QUICKBOOKS_PAGES) -> None:
        self._realm_id = realm_id
        self._pages = pages.rstrip("/")

    def to(self, kind: str, id_: str) -> str | None:
        """The pinned link to a document or name; ``None`` where QuickBooks has no page for the kind."""
        page = _PAGES.get(kind)
        if page is None or self._realm_id is None:
            return None
        wanted = quote(f"{page}{id_}", safe="")
        return f"{self._pages}/app/login?pagereq={wanted}&deeplinkcompanyid={quote(self._realm_id, safe='')}"
