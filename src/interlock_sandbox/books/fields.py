"""The properties each entity has in Intuit's schema (XSD of July 2026, and a few seen on the wire only)."""

from __future__ import annotations

_OWN: dict[str, str] = {
    "IntuitEntity": ("Id SyncToken MetaData CustomField AttachableRef domain status sparse "),
    "NameBase": (
        "IntuitId Organization Title GivenName MiddleName FamilyName Suffix FullyQualifiedName "
        "CompanyName DisplayName PrintOnCheckName UserId Active V4IDPseudonym PrimaryPhone AlternatePhone "
        "Mobile Fax PrimaryEmailAddr WebAddr OtherContactInfo DefaultTaxCodeRef "
    ),
    "Transaction": (
        "DocNumber TxnDate TxnSubType DepartmentRef CurrencyRef ExchangeRate PrivateNote TxnStatus "
        "LinkedTxn Line TxnTaxDetail TxnSource TaxFormType TaxFormNum TransactionLocationType Tag "
        "TxnApprovalInfo RecurDataRef RecurringInfo ProjectRef TotalCostAmount HomeTotalCostAmount "
    ),
    "SalesTransaction": (
        "AutoDocNumber CustomerRef CustomerMemo BillAddr ShipAddr FreeFormAddress ShipFromAddr RemitToRef "
        "ClassRef SalesTermRef DueDate SalesRepRef PONumber FOB ShipMethodRef ShipDate TrackingNum "
        "GlobalTaxCalculation TotalAmt HomeTotalAmt ApplyTaxAfterDiscount ShippingTaxIncludedInTotalTax "
        "TemplateRef PrintStatus EmailStatus BillEmail BillEmailCc BillEmailBcc ARAccountRef Balance "
        "HomeBalance FinanceCharge PaymentMethodRef PaymentRefNum PaymentType CheckPayment "
        "CreditCardPayment DepositToAccountRef DeliveryInfo DiscountRate DiscountAmt GovtTxnRefIdentifier "
        "TaxExemptionRef "
    ),
    "PurchaseByVendor": ("VendorRef APAccountRef TotalAmt BillEmail ReplyEmail Memo GlobalTaxCalculation "),
    "CompanyInfo": (
        "CompanyName LegalName CompanyAddr CustomerCommunicationAddr LegalAddr CompanyEmailAddr "
        "CustomerCommunicationEmailAddr CompanyURL PrimaryPhone OtherContactInfo CompanyFileName "
        "FlavorStratum SampleFile CompanyUserId CompanyUserAdminEmail CompanyStartDate EmployerId "
        "FiscalYearStartMonth TaxYearStartMonth QBVersion Country ShipAddr OtherAddr Mobile Fax Email "
        "WebAddr LastImportedTime LastSyncTime SupportedLanguages DefaultTimeZone MultiByteCharsSupported "
        "NameValue FifoCalculationStatus "
    ),
    "Preferences": (
        "AccountingInfoPrefs AdvancedInventoryPrefs ProductAndServicesPrefs SalesFormsPrefs "
        "EmailMessagesPrefs PrintDocumentPrefs VendorAndPurchasesPrefs TimeTrackingPrefs TaxPrefs "
        "FinanceChargesPrefs CurrencyPrefs ReportPrefs OtherPrefs "
    ),
    "Account": (
        "Name SubAccount ParentRef Description FullyQualifiedName AccountAlias TxnLocationType Active "
        "Classification AccountType AccountSubType AccountPurposes AcctNum AcctNumExtn BankNum "
        "OpeningBalance OpeningBalanceDate CurrentBalance CurrentBalanceWithSubAccounts CurrencyRef "
        "TaxAccount TaxCodeRef OnlineBankingEnabled FIName JournalCodeRef "
    ),
    "Vendor": (
        "ContactName AltContactName Notes BillAddr ShipAddr OtherAddr TaxCountry TaxIdentifier "
        "TaxIdEffectiveDate BusinessNumber ParentRef VendorTypeRef TermRef PrefillAccountRef Balance "
        "BillRate OpenBalanceDate CreditLimit AcctNum Vendor1099 T4AEligible T5018Eligible CurrencyRef "
        "TDSEnabled TDSEntityTypeId TDSSectionTypeId TDSOverrideThreshold TaxReportingBasis APAccountRef "
        "GSTIN GSTRegistrationType IsSubContractor SubcontractorType CISRate HasTPAR "
        "VendorPaymentBankDetail Source CostRate AgencyVerificationStatus AgencyVerificationStatusMsg "
        "AgencyVerificationTSUTC CompanyRegistrationNumber "
    ),
    "Customer": (
        "Taxable BillAddr ShipAddr OtherAddr ContactName AltContactName Notes Job BillWithParent "
        "RootCustomerRef ParentRef Level CustomerTypeRef SalesTermRef SalesRepRef TaxGroupCodeRef "
        "TaxRateRef PaymentMethodRef CCDetail PriceLevelRef Balance OpenBalanceDate BalanceWithJobs "
        "CreditLimit AcctNum CurrencyRef OverDueBalance TotalRevenue TotalExpense PreferredDeliveryMethod "
        "ResaleNum JobInfo TDSEnabled SecondaryTaxIdentifier ARAccountRef PrimaryTaxIdentifier "
        "TaxExemptionReasonId IsProject BusinessNumber GSTIN GSTRegistrationType IsCISContractor "
        "ClientCompanyId ClientEntityId Source TaxRegime "
    ),
    "Term": (
        "Name Active Type DiscountPercent DueDays DiscountDays DayOfMonthDue DueNextMonthDays DiscountDayOfMonth "
    ),
    "PaymentMethod": ("Name Active Type "),
    "Item": (
        "Name Sku Description Active SubItem ParentRef Level FullyQualifiedName Taxable SalesTaxIncluded "
        "PercentBased UnitPrice RatePercent Type PaymentMethodRef UOMSetRef IncomeAccountRef PurchaseDesc "
        "PurchaseTaxIncluded PurchaseCost ExpenseAccountRef COGSAccountRef AssetAccountRef PrefVendorRef "
        "AvgCost TrackQtyOnHand QtyOnHand QtyOnPurchaseOrder QtyOnSalesOrder ReorderPoint ManPartNum "
        "DepositToAccountRef SalesTaxCodeRef PurchaseTaxCodeRef InvStartDate BuildPoint PrintGroupedItems "
        "SpecialItem SpecialItemType ItemGroupDetail ItemAssemblyDetail AbatementRate ReverseChargeRate "
        "ServiceType ItemCategoryType TaxClassificationRef UQCDisplayText UQCId ClassRef Source "
        "DeferredRevenue CustomExtensions "
    ),
    "Bill": (
        "PayerRef SalesTermRef DueDate RemitToAddr ShipAddr VendorAddr Balance HomeBalance LessCIS IncludeInAnnualTPAR "
    ),
    "BillPayment": (
        "VendorRef VendorAddr APAccountRef PayType CheckPayment CreditCardPayment TotalAmt ProcessBillPayment "
    ),
    "VendorCredit": ("VendorAddr Balance IncludeInAnnualTPAR "),
    "PurchaseOrder": (
        "TaxCodeRef ClassRef ReimbursableInfoRef SalesTermRef DueDate ExpectedDate VendorAddr ShipTo "
        "DropShipToEntity InventorySiteRef ShipAddr ShipMethodRef FOB POEmail TemplateRef PrintStatus "
        "EmailStatus ManuallyClosed POStatus "
    ),
    "Invoice": (
        "Deposit AllowIPNPayment AllowOnlinePayment AllowOnlineCreditCardPayment AllowOnlineACHPayment "
        "AllowOnlinePayPalPayment AllowOnlineAffirmPayment EInvoiceStatus ECloudStatusTimeStamp CfdiUse "
        "Exportation GlobalInfo invoiceStatus callToAction invoiceStatusLog LessCIS InvoiceLink "
        "PaymentDetailsMessage ConvenienceFeeDetail EnabledSurchargeInfo InvoiceLinkSecurityCode "
        "InvoiceLinkExpiryDate AutoPayEligible SchedulePayEligible ScheduledPaymentId GratuityEnabled "
        "FinancingProductType SubscriptionPaymentsSetting TxnRetainageDetail InvoiceEx "
    ),
    "Payment": (
        "CustomerRef RemitToRef ARAccountRef DepositToAccountRef PaymentMethodRef PaymentRefNum "
        "PaymentType CheckPayment CreditCardPayment TotalAmt UnappliedAmt ProcessPayment "
        "PaymentExtendedType "
    ),
    "CreditMemo": ("RemainingCredit InvoiceRef "),
    "SalesReceipt": ("LessCIS "),
    "RefundReceipt": ("RemainingCredit "),
    "Estimate": ("ExpirationDate AcceptedBy AcceptedDate "),
    "Deposit": ("DepositToAccountRef CashBack GlobalTaxCalculation TotalAmt HomeTotalAmt "),
    "Purchase": (
        "AccountRef PaymentMethodRef PaymentRefNum PaymentType CheckPayment CreditCardPayment EntityRef "
        "Credit RemitToAddr TotalAmt Memo PrintStatus GlobalTaxCalculation LessCIS IncludeInAnnualTPAR "
        "PurchaseEx "
    ),
    "Transfer": ("FromAccountRef ToAccountRef Amount ClassRef "),
    "JournalEntry": (
        "Adjustment HomeCurrencyAdjustment EnteredInHomeCurrency GlobalTaxCalculation TotalAmt HomeTotalAmt "
    ),
    "Employee": (
        "EmployeeType EmployeeNumber SSN PrimaryAddr OtherAddr BillableTime BillRate BirthDate Gender "
        "HiredDate ReleasedDate TimeEntryUsedForPaychecks EmployerId CostRate "
    ),
}

_BASE: dict[str, str] = {
    "NameBase": "IntuitEntity",
    "Transaction": "IntuitEntity",
    "SalesTransaction": "Transaction",
    "PurchaseByVendor": "Transaction",
    "CompanyInfo": "IntuitEntity",
    "Preferences": "IntuitEntity",
    "Account": "IntuitEntity",
    "Vendor": "NameBase",
    "Customer": "NameBase",
    "Term": "IntuitEntity",
    "PaymentMethod": "IntuitEntity",
    "Item": "IntuitEntity",
    "Bill": "PurchaseByVendor",
    "BillPayment": "Transaction",
    "VendorCredit": "PurchaseByVendor",
    "PurchaseOrder": "PurchaseByVendor",
    "Invoice": "SalesTransaction",
    "Payment": "Transaction",
    "CreditMemo": "SalesTransaction",
    "SalesReceipt": "SalesTransaction",
    "RefundReceipt": "SalesTransaction",
    "Estimate": "SalesTransaction",
    "Deposit": "Transaction",
    "Purchase": "Transaction",
    "Transfer": "Transaction",
    "JournalEntry": "Transaction",
    "Employee": "NameBase",
}


def known(entity: str) -> frozenset[str]:
    """Every property of an entity, inherited ones included."""
    own = frozenset(_OWN[entity].split())
    base = _BASE.get(entity)
    return own if base is None else own | known(base)
