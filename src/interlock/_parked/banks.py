"""Banks: what waits for Plaid to let us, and what the books can't know."""

from interlock.rails.links import VerifiesAccounts
from interlock.rails.moves import PaysBills
from interlock.rails.parking import ParkedRow
from interlock.rails.reads import ReadsBankBalances, ReadsBankTransactions

BANKS = (
    ParkedRow(
        key="transfer-of-plaid",
        name="Plaid Transfer",
        rail="plaid",
        capability=PaysBills,
        reason="Only an originator whom Plaid has approved may move money by it. Here Plaid witnesses what others moved.",
        source="Plaid’s API description, Transfer: needs approval as an originator",
        unparks="An approval as an originator, and a decision that the witness may also be the payer.",
        screen="console",
    ),
    ParkedRow(
        key="unlinked-accounts",
        name="verifying a vendor’s account without a login",
        rail="plaid",
        capability="VerifiesUnlinkedAccounts",
        reason="/auth/verify is in early availability; with what everybody may use, an account is verified by its owner’s login.",
        source="Plaid’s API description of June 2026: /auth/verify, early availability",
        unparks="Plaid letting this installation use /auth/verify.",
        screen="tray",
    ),
    ParkedRow(
        key="bank-feed-of-quickbooks",
        name="QuickBooks’ own bank feed",
        rail="qbo",
        capability=ReadsBankTransactions,
        reason="What waits for review in QuickBooks’ bank feed is not in its API.",
        source="Intuit’s Accounting API v3: no such entity in its reference, schema or kits",
        unparks="Intuit showing its bank feed to other programs. Until then a bank is linked through Plaid.",
        screen="tray",
    ),
    ParkedRow(
        key="bank-balance-in-quickbooks",
        name="the bank’s balance out of QuickBooks",
        rail="qbo",
        capability=ReadsBankBalances,
        reason="CurrentBalance is what the books say, uncleared entries included; the bank’s own figure is shown on pages only.",
        source="Intuit’s Accounting API v3, Account",
        unparks="Intuit showing the bank’s balance in its API. Until then a bank is linked through Plaid.",
        screen="balances",
    ),
    ParkedRow(
        key="accounts-known-to-quickbooks",
        name="verifying an account with what QuickBooks knows",
        rail="qbo",
        capability=VerifiesAccounts,
        reason="QuickBooks’ API holds no bank details of vendors in the United States, and proves nobody’s account.",
        source="Intuit’s Accounting API v3, Vendor",
        unparks="Bank details among what Intuit’s API shows of a vendor.",
    ),
)
