"""CompanyInfo and Preferences, as a new company has them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from interlock_sandbox.books.document import currency


def company_info(name: str, started: str) -> dict[str, Any]:
    """The writable part of CompanyInfo; plainly fictional address."""
    address = {"Id": "1", "Line1": "100 Example Street", "City": "Springfield", "Country": "USA",
               "CountrySubDivisionCode": "CA", "PostalCode": "94000"}  # fmt: skip
    return {
        "CompanyName": name,
        "LegalName": name,
        "CompanyAddr": dict(address),
        "CustomerCommunicationAddr": dict(address),
        "LegalAddr": dict(address),
        "PrimaryPhone": {"FreeFormNumber": "(555) 555-0100"},
        "CompanyStartDate": started,
        "FiscalYearStartMonth": "January",
        "Country": "US",
        "Email": {"Address": "office@example.com"},
        "SupportedLanguages": "en",
        "DefaultTimeZone": "America/Los_Angeles",
        "NameValue": [
            {"Name": "NeoEnabled", "Value": "true"},
            {"Name": "IsQbdtMigrated", "Value": "false"},
            {"Name": "SubscriptionStatus", "Value": "PAID"},
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
            {"Name": "PayrollFeature", "Value": "false"},
            {"Name": "AccountantFeature", "Value": "false"},
        ],
    }


def preferences(home_currency: str) -> dict[str, Any]:
    """The writable part of Preferences."""
    return {
        "AccountingInfoPrefs": {
            "FirstMonthOfFiscalYear": "January", "UseAccountNumbers": False, "TaxYearMonth": "January",
            "ClassTrackingPerTxn": False, "ClassTrackingPerTxnLine": False, "TrackDepartments": False,
            "CustomerTerminology": "Customers",
        },
        "ProductAndServicesPrefs": {
            "ForSales": True, "ForPurchase": True, "QuantityWithPriceAndRate": True, "QuantityOnHand": False,
        },
        "SalesFormsPrefs": {
            "CustomTxnNumbers": False, "AllowDeposit": False, "AllowDiscount": False, "AllowEstimates": True,
            "ETransactionEnabledStatus": "NotApplicable", "ETransactionPaymentEnabled": False, "AllowShipping": False,
            "AllowServiceDate": False, "AutoApplyCredit": False, "AutoApplyPayments": False,
        },
        "EmailMessagesPrefs": {"InvoiceMessage": {"Subject": "Invoice from your supplier", "Message": "Please pay."}},
        "VendorAndPurchasesPrefs": {
            "EnableBills": True, "TrackingByCustomer": False, "BillableExpenseTracking": False,
        },
        "TimeTrackingPrefs": {"UseServices": True, "BillCustomers": False, "WorkWeekStartDate": "Monday"},
        "TaxPrefs": {"UsingSalesTax": False},
        "FinanceChargesPrefs": {"AnnualInterestRate": Decimal("0"), "MinFinChrg": Decimal("0")},
        "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": currency(home_currency)},
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {"NameValue": [{"Name": "VendorAndPurchasesPrefs.UseCustomTxnNumbers", "Value": "false"}]},
    }  # fmt: skip
