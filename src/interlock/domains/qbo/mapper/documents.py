"""Bills, invoices, what settles them, and the ledger's other movements."""

from interlock.domains.qbo import wire
from interlock.domains.qbo.mapper.parts import (
    Company,
    currency_of,
    document_head,
    lines_and_links,
    minor,
    ref_id,
    ref_name,
)
from interlock.rails import facts


def bill(txn: wire.Bill, raw: bytes, company: Company) -> facts.Bill:
    currency = currency_of(txn, company)
    lines, links = lines_and_links(txn, currency)
    return facts.Bill(
        *document_head(txn, txn.total_amt, company),
        vendor_id=ref_id(txn.vendor_ref),
        vendor_name=ref_name(txn.vendor_ref),
        due=txn.due_date,
        balance_minor=minor(txn.balance, currency),
        tax_minor=minor(txn.txn_tax_detail.total_tax, currency) if txn.txn_tax_detail else 0,
        term_id=ref_id(txn.sales_term_ref),
        control_account_id=ref_id(txn.ap_account_ref),
        lines=lines,
        links=links,
        raw=raw,
    )


def bill_payment(txn: wire.BillPayment, raw: bytes, company: Company) -> facts.BillPayment:
    if txn.credit_card_payment is not None:
        method, account_ref = "card", txn.credit_card_payment.card_account_ref
    else:
        method, account_ref = "check", txn.check_payment.bank_account_ref if txn.check_payment else None
    lines, links = lines_and_links(txn, currency_of(txn, company))
    return facts.BillPayment(
        *document_head(txn, txn.total_amt, company),
        vendor_id=ref_id(txn.vendor_ref),
        vendor_name=ref_name(txn.vendor_ref),
        method=method,
        account_id=ref_id(account_ref),
        control_account_id=ref_id(txn.ap_account_ref),
        lines=lines,
        links=links,
        raw=raw,
    )


def vendor_credit(txn: wire.VendorCredit, raw: bytes, company: Company) -> facts.VendorCredit:
    currency = currency_of(txn, company)
    lines, links = lines_and_links(txn, currency)
    return facts.VendorCredit(
        *document_head(txn, txn.total_amt, company),
        vendor_id=ref_id(txn.vendor_ref),
        vendor_name=ref_name(txn.vendor_ref),
        balance_minor=minor(txn.balance, currency),
        control_account_id=ref_id(txn.ap_account_ref),
        lines=lines,
        links=links,
        raw=raw,
    )


def purchase_order(txn: wire.PurchaseOrder, raw: bytes, company: Company) -> facts.PurchaseOrder:
    lines, links = lines_and_links(txn, currency_of(txn, company))
    return facts.PurchaseOrder(
        *document_head(txn, txn.total_amt, company),
        vendor_id=ref_id(txn.vendor_ref),
        vendor_name=ref_name(txn.vendor_ref),
        due=txn.due_date,
        open=txn.po_status != "Closed",
        lines=lines,
        links=links,
        raw=raw,
    )


def invoice(txn: wire.Invoice, raw: bytes, company: Company) -> facts.Invoice:
    currency = currency_of(txn, company)
    lines, links = lines_and_links(txn, currency)
    return facts.Invoice(
        *document_head(txn, txn.total_amt, company),
        customer_id=ref_id(txn.customer_ref),
        customer_name=ref_name(txn.customer_ref),
        due=txn.due_date,
        balance_minor=minor(txn.balance, currency),
        tax_minor=minor(txn.txn_tax_detail.total_tax, currency) if txn.txn_tax_detail else 0,
        term_id=ref_id(txn.sales_term_ref),
        email=txn.bill_email.address if txn.bill_email else None,
        email_status=txn.email_status,
        lines=lines,
        links=links,
        raw=raw,
    )


def payment(txn: wire.Payment, raw: bytes, company: Company) -> facts.Payment:
    currency = currency_of(txn, company)
    lines, links = lines_and_links(txn, currency)
    return facts.Payment(
        *document_head(txn, txn.total_amt, company),
        customer_id=ref_id(txn.customer_ref),
        customer_name=ref_name(txn.customer_ref),
        unapplied_minor=minor(txn.unapplied_amt, currency),
        deposit_account_id=ref_id(txn.deposit_to_account_ref),
        lines=lines,
        links=links,
        raw=raw,
    )


def credit_memo(txn: wire.CreditMemo, raw: bytes, company: Company) -> facts.CreditMemo:
    currency = currency_of(txn, company)
    lines, links = lines_and_links(txn, currency)
    return facts.CreditMemo(
        *document_head(txn, txn.total_amt, company),
        customer_id=ref_id(txn.customer_ref),
        customer_name=ref_name(txn.customer_ref),
        balance_minor=minor(txn.remaining_credit if txn.remaining_credit is not None else txn.balance, currency),
        lines=lines,
        links=links,
        raw=raw,
    )


def sales_receipt(txn: wire.SalesReceipt, raw: bytes, company: Company) -> facts.SalesReceipt:
    lines, links = lines_and_links(txn, currency_of(txn, company))
    return facts.SalesReceipt(
        *document_head(txn, txn.total_amt, company),
        customer_id=ref_id(txn.customer_ref),
        customer_name=ref_name(txn.customer_ref),
        deposit_account_id=ref_id(txn.deposit_to_account_ref),
        lines=lines,
        links=links,
        raw=raw,
    )


def refund_receipt(txn: wire.RefundReceipt, raw: bytes, company: Company) -> facts.RefundReceipt:
    lines, links = lines_and_links(txn, currency_of(txn, company))
    return facts.RefundReceipt(
        *document_head(txn, txn.total_amt, company),
        customer_id=ref_id(txn.customer_ref),
        customer_name=ref_name(txn.customer_ref),
        account_id=ref_id(txn.deposit_to_account_ref),
        lines=lines,
        links=links,
        raw=raw,
    )


def deposit(txn: wire.Deposit, raw: bytes, company: Company) -> facts.Deposit:
    currency = currency_of(txn, company)
    lines, links = lines_and_links(txn, currency)
    return facts.Deposit(
        *document_head(txn, txn.total_amt, company),
        account_id=ref_id(txn.deposit_to_account_ref),
        cash_back_minor=minor(txn.cash_back.amount, currency) if txn.cash_back else 0,
        lines=lines,
        links=links,
        raw=raw,
    )


def purchase(txn: wire.Purchase, raw: bytes, company: Company) -> facts.Purchase:
    party = txn.entity_ref
    lines, links = lines_and_links(txn, currency_of(txn, company))
    return facts.Purchase(
        *document_head(txn, txn.total_amt, company),
        account_id=ref_id(txn.account_ref),
        method=txn.payment_type.lower(),
        party_id=ref_id(party),
        party_kind=party.type.lower() if party and party.type else None,
        party_name=ref_name(party),
        refund=txn.credit,
        lines=lines,
        links=links,
        raw=raw,
    )


def transfer(txn: wire.Transfer, raw: bytes, company: Company) -> facts.Transfer:
    return facts.Transfer(
        *document_head(txn, txn.amount, company),
        from_account_id=ref_id(txn.from_account_ref),
        to_account_id=ref_id(txn.to_account_ref),
        raw=raw,
    )


def journal_entry(txn: wire.JournalEntry, raw: bytes, company: Company) -> facts.JournalEntry:
    lines, links = lines_and_links(txn, currency_of(txn, company))
    return facts.JournalEntry(
        *document_head(txn, txn.total_amt, company), adjustment=txn.adjustment, lines=lines, links=links, raw=raw
    )
