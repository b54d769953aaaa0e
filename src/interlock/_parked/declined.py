"""What a rail's public API could do for us and we choose not to, each with its reason."""

from interlock.rails.parking import DeclinedRow

DECLINED = (
    DeclinedRow(
        key="create-in-quickbooks",
        name="creating bills and invoices in QuickBooks",
        rail="qbo",
        reason="QuickBooks stays the ledger: bills come in where they are paid, invoices are made where they are collected.",
        source="Intuit’s Accounting API v3, Bill and Invoice",
    ),
    DeclinedRow(
        key="mail-from-quickbooks",
        name="sending QuickBooks’ invoice e-mail",
        rail="qbo",
        reason="Collections write their own letters, and Intuit says of its own only that it was asked to send.",
        source="Intuit’s Accounting API v3, Invoice: send",
    ),
    DeclinedRow(
        key="attach-in-quickbooks",
        name="attaching documents and notes in QuickBooks",
        rail="qbo",
        reason="For now what Interlock writes there is a payment’s own entry, and nothing beside it.",
        source="Intuit’s Accounting API v3, Attachable",
    ),
    DeclinedRow(
        key="accounting-seat-of-ramp",
        name="taking Ramp’s accounting seat",
        rail="ramp",
        reason="A Ramp account has one, and the client’s QuickBooks sits there; taking or ending it would break its sync.",
        source="Ramp’s developer guide, Accounting: one active connection",
    ),
    DeclinedRow(
        key="paid-by-hand-in-ramp",
        name="marking a bill paid in Ramp",
        rail="ramp",
        reason="The method PAID_MANUALLY says at once that money moved, which neither Ramp nor a bank has seen.",
        source="Ramp’s API description, payment details",
    ),
    DeclinedRow(
        key="vendor-bank-details-in-ramp",
        name="writing a vendor’s bank details in Ramp",
        rail="ramp",
        reason="Changed bank details are how payments are stolen; they are entered, and approved, by people at Ramp.",
        source="Ramp’s API description, update-bank-accounts",
    ),
    DeclinedRow(
        key="cards-of-ramp",
        name="reading Ramp’s card transactions, card limits and treasury",
        rail="ramp",
        reason="They are figures of cards, not of a bank account; the books hold them already.",
        source="Ramp’s API description, transactions and business balance",
    ),
    DeclinedRow(
        key="connect-transfers-of-stripe",
        name="paying out to others through Stripe Connect",
        rail="stripe",
        reason="Stripe collects here; bills are paid by the rail made for it, where a vendor’s account is known.",
        source="Stripe’s API, transfers and outbound payments",
    ),
    DeclinedRow(
        key="financial-connections-of-stripe",
        name="Stripe Financial Connections",
        rail="stripe",
        reason="One rail witnesses banks, so that one answer counts: Plaid.",
        source="Stripe’s documentation, Financial Connections",
    ),
    DeclinedRow(
        key="balance-of-stripe",
        name="counting Stripe’s own balance as cash",
        rail="stripe",
        reason="It is not in the bank; what waits there shows as payouts to come.",
        source="Stripe’s API, balance",
    ),
    DeclinedRow(
        key="cancelling-at-stripe",
        name="cancelling a customer’s payment on its way",
        rail="stripe",
        reason="It is the customer’s own act; what must not be asked for is voided, what was taken is given back.",
        source="Stripe’s API, payment intents: not once processing",
    ),
    DeclinedRow(
        key="out-of-band-at-stripe",
        name="marking a Stripe invoice paid out of band",
        rail="stripe",
        reason="It states in one ledger more what the books state already; no money is seen by it.",
        source="Stripe’s API, paid_out_of_band",
    ),
    DeclinedRow(
        key="numbers-kept",
        name="keeping account numbers",
        rail="plaid",
        reason="A digest and the last four digits tell accounts apart; whole numbers are asked for when needed and not kept.",
        source="Plaid’s guidance on data security",
    ),
)
