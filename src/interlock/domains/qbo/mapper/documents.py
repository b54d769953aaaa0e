"""Bills, invoices, what settles them, and the ledger's other movements."""

from typing import Any

from interlock.domains.qbo import wire
from interlock.domains.qbo.mapper.parts import Company, document_parts, minor, ref_id, ref_name
from interlock.rails import facts


def bill(txn: wire.Bill, raw: bytes, company: Company) -> facts.Bill:
    document = document_parts(txn, txn.total_amt, company)
    currency = document["currency"]
    return facts.Bill(
        **document,
        vendor_id=ref_id(txn.vendor_ref),
        vendor_name=ref_name(txn.vendor_ref),
        due=txn.due_date,
        balance_minor=minor(txn.balance, currency),
        tax_minor=minor(txn.txn_tax_detail.total_tax, currency) if txn.txn_tax_detail else 0,
        term_id=ref_id(txn.sales_term_ref),
        control_account_id=ref_id(txn.ap_account_ref),
        raw=raw,
    )


def bill_payment(txn: wire.BillPayment, raw: bytes, company: Company) -> facts.BillPayment:
    if txn.credit_card_payment is not None:
        method, account_ref = "card", txn.credit_card_payment.card_account_ref
    else:
        method, account_ref = "check", txn.check_payment.bank_account_ref if txn.check_payment else None
    return facts.BillPayment(
        **document_parts(txn, txn.total_amt, company),
        vendor_id=ref_id(txn.vendor_ref),
        vendor_name=ref_name(txn.vendor_ref),
        method=method,
        account_id=ref_id(account_ref),
        control_account_id=ref_id(txn.ap_account_ref),
        raw=raw,
    )


def vendor_credit(txn: wire.VendorCredit, raw: bytes, company: Company) -> facts.VendorCredit:
    document = document_parts(txn, txn.total_amt, company)
    return facts.VendorCredit(
        **document,
        vendor_id=ref_id(txn.vendor_ref),
        vendor_name=ref_name(txn.vendor_ref),
        balance_minor=minor(txn.balance, document["currency"]),
        control_account_id=ref_id(txn.ap_account_ref),
        raw=raw,
    )


def purchase_order(txn: wire.PurchaseOrder, raw: bytes, company: Company) -> facts.PurchaseOrder:
    return facts.PurchaseOrder(
        **document_parts(txn, txn.total_amt, company),
        vendor_id=ref_id(txn.vendor_ref),
        vendor_name=ref_name(txn.vendor_ref),
        due=txn.due_date,
        open=txn.po_status != "Closed",
        raw=raw,
    )


def _customer_of(txn: wire.Sale) -> dict[str, Any]:
    return {"customer_id": ref_id(txn.customer_ref), "customer_name": ref_name(txn.customer_ref)}


def invoice(txn: wire.Invoice, raw: bytes, company: Company) -> facts.Invoice:
    document = document_parts(txn, txn.total_amt, company)
    currency = document["currency"]
    return facts.Invoice(
        **document,
        **_customer_of(txn),
        due=txn.due_date,
        balance_minor=minor(txn.balance, currency),
        tax_minor=minor(txn.txn_tax_detail.total_tax, currency) if txn.txn_tax_detail else 0,
        term_id=ref_id(txn.sales_term_ref),
        email=txn.bill_email.address if txn.bill_email else None,
        email_status=txn.email_status,
        raw=raw,
    )


def payment(txn: wire.Payment, raw: bytes, company: Company) -> facts.Payment:
    document = document_parts(txn, txn.total_amt, company)
    return facts.Payment(
        **document,
        **_customer_of(txn),
        unapplied_minor=minor(txn.unapplied_amt, document["currency"]),
        deposit_account_id=ref_id(txn.deposit_to_account_ref),
        raw=raw,
    )


def credit_memo(txn: wire.CreditMemo, raw: bytes, company: Company) -> facts.CreditMemo:
    document = document_parts(txn, txn.total_amt, company)
    open_amount = txn.remaining_credit if txn.remaining_credit is not None else txn.balance
    return facts.CreditMemo(
        **document, **_customer_of(txn), balance_minor=minor(open_amount, document["currency"]), raw=raw
    )


def sales_receipt(txn: wire.SalesReceipt, raw: bytes, company: Company) -> facts.SalesReceipt:
    return facts.SalesReceipt(
        **document_parts(txn, txn.total_amt, company),
        **_customer_of(txn),
        deposit_account_id=ref_id(txn.deposit_to_account_ref),
        raw=raw,
    )


def refund_receipt(txn: wire.RefundReceipt, raw: bytes, company: Company) -> facts.RefundReceipt:
    return facts.RefundReceipt(
        **document_parts(txn, txn.total_amt, company),
        **_customer_of(txn),
        account_id=ref_id(txn.deposit_to_account_ref),
        raw=raw,
    )


def deposit(txn: wire.Deposit, raw: bytes, company: Company) -> facts.Deposit:
    document = document_parts(txn, txn.total_amt, company)
    return facts.Deposit(
        **document,
        account_id=ref_id(txn.deposit_to_account_ref),
        cash_back_minor=minor(txn.cash_back.amount, document["currency"]) if txn.cash_back else 0,
        raw=raw,
    )


def purchase(txn: wire.Purchase, raw: bytes, company: Company) -> facts.Purchase:
    return facts.Purchase(
        **document_parts(txn, txn.total_amt, company),
        account_id=ref_id(txn.account_ref),
        method=txn.payment_type.lower(),
        party_id=ref_id(txn.entity_ref),
        party_kind=txn.entity_ref.type.lower() if txn.entity_ref and txn.entity_ref.type else None,
        party_name=ref_name(txn.entity_ref),
        refund=txn.credit,
        raw=raw,
    )


def transfer(txn: wire.Transfer, raw: bytes, company: Company) -> facts.Transfer:
    document = document_parts(txn, txn.amount, company)
    del document["lines"], document["links"]
    return facts.Transfer(
        **document, from_account_id=ref_id(txn.from_account_ref), to_account_id=ref_id(txn.to_account_ref), raw=raw
    )


def journal_entry(txn: wire.JournalEntry, raw: bytes, company: Company) -> facts.JournalEntry:
    return facts.JournalEntry(**document_parts(txn, txn.total_amt, company), adjustment=txn.adjustment, raw=raw)
