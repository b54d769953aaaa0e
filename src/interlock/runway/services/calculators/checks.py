"""The catalogue of checks, and running it over a snapshot of the books."""

from collections.abc import Callable, Iterator, Mapping

from interlock.runway.services.calculators import checks_on_banks as on_banks
from interlock.runway.services.calculators import checks_on_bills as on_bills
from interlock.runway.services.calculators import checks_on_cash as on_cash
from interlock.runway.services.calculators import checks_on_fraud as on_fraud
from interlock.runway.services.calculators import checks_on_invoices as on_invoices
from interlock.runway.services.calculators import checks_on_payables as on_payables
from interlock.runway.services.calculators import checks_on_payments as on_payments
from interlock.runway.services.calculators import checks_on_payouts as on_payouts
from interlock.runway.services.calculators import checks_on_rails as on_rails
from interlock.runway.services.calculators import checks_on_receivables as on_receivables
from interlock.runway.services.calculators import checks_on_totals as on_totals
from interlock.runway.services.calculators import checks_on_vendors as on_vendors
from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.examining import Examined
from interlock.runway.services.calculators.finding import Claim, Finding, Rule, in_order, inputs_hash
from interlock.runway.services.calculators.links import Links

Check = Callable[[Books], Iterator[Claim]]

CATALOGUE: tuple[tuple[Rule, Check], ...] = (
    (Rule("B01", 1, "high", "Missing due date"), on_bills.missing_due_date),
    (Rule("B02", 1, "medium", "Due before bill date"), on_bills.due_before_dated),
    (Rule("B03", 1, "high", "Vendor missing or inactive"), on_bills.vendor_gone),
    (Rule("B04", 1, "medium", "No vendor invoice number"), on_bills.no_number),
    (Rule("B05", 1, "critical", "Exact duplicate", fraud=True), on_payables.exact_duplicate),
    (Rule("B06", 1, "high", "Probable duplicate", fraud=True), on_payables.probable_duplicate),
    (Rule("B07", 1, "medium", "Much like another bill", fraud=True), on_fraud.fuzzy_duplicate),
    (Rule("B09", 1, "high", "Paid outside the bill", fraud=True), on_payables.paid_outside),
    (Rule("B10", 1, "high", "Dated in a closed period"), on_bills.in_closed_period),
    (Rule("B13", 1, "high", "Zero or negative total"), on_bills.without_amount),
    (Rule("B15", 1, "medium", "Uncategorized line"), on_bills.uncategorised),
    (Rule("B22", 1, "high", "Vendor credit unused", console_resolves=True), on_payables.credit_unused),
    (
        Rule("B25", 1, "high", "Split under the limit", console_resolves=True, fraud=True),
        on_fraud.threshold_splitting,
    ),
    (Rule("V02", 1, "high", "Not payable on the rail"), on_rails.not_payable),
    (Rule("V03", 1, "medium", "Vendor twice"), on_rails.vendor_twice),
    (Rule("V04", 1, "critical", "Payee details changed", fraud=True), on_vendors.payee_changed),
    (Rule("V06", 1, "high", "New vendor", fraud=True), on_vendors.new_vendor),
    (Rule("V07", 1, "medium", "Dormant vendor revived", fraud=True), on_vendors.dormant_revived),
    (Rule("V09", 1, "high", "Look-alike address", fraud=True), on_vendors.lookalike_domain),
    (Rule("A01", 1, "high", "No e-mail"), on_invoices.no_email),
    (Rule("A02", 1, "high", "Never sent"), on_invoices.never_sent),
    (Rule("A03", 1, "medium", "Missing due date"), on_invoices.missing_due_date),
    (Rule("A04", 1, "high", "Duplicate invoice"), on_receivables.duplicate_invoice),
    (Rule("A05", 1, "high", "Unapplied payment"), on_invoices.payment_unapplied),
    (Rule("A06", 1, "medium", "Unapplied credit"), on_invoices.credit_unapplied),
    (Rule("A07", 1, "medium", "Negative customer balance"), on_invoices.negative_balance),
    (Rule("A08", 1, "low", "Negligible balance"), on_receivables.negligible),
    (Rule("A09", 1, "high", "Income twice"), on_receivables.income_twice),
    (Rule("A10", 1, "high", "Paid in Stripe, open in QuickBooks"), on_receivables.paid_there_open_here),
    (Rule("A11", 1, "critical", "Paid in QuickBooks, Stripe still collecting"), on_receivables.collected_twice),
    (Rule("A12", 1, "medium", "Broken promise"), on_receivables.broken_promise),
    (Rule("A13", 1, "high", "Bounced contact"), on_receivables.bounced_contact),
    (Rule("A14", 1, "medium", "Disputed"), on_receivables.disputed),
    (Rule("A15", 1, "medium", "Concentration"), on_receivables.concentration),
    (Rule("A16", 1, "high", "Paid at the bank, open in QuickBooks"), on_payouts.paid_at_bank),
    (Rule("C01", 1, "medium", "Undeposited funds old"), on_invoices.undeposited),
    (Rule("C02", 1, "high", "Bank feed stale or dead"), on_banks.dead_feed),
    (Rule("C03", 1, "critical", "Bank balance not fresh"), on_banks.not_fresh),
    (Rule("C04", 1, "high", "Bank off the books"), on_banks.drifted),
    (Rule("C05", 1, "medium", "Old and uncleared"), on_banks.old_uncleared),
    (Rule("C06", 1, "medium", "Bank line unexplained"), on_banks.unexplained_line),
    (Rule("C07", 1, "high", "Bank line twice"), on_banks.line_twice),
    (Rule("C08", 1, "high", "Bank account badly mapped"), on_banks.badly_mapped),
    (Rule("C09", 1, "critical", "Signs turned"), on_banks.signs_turned),
    (Rule("C10", 1, "high", "Cash below zero"), on_cash.negative),
    (Rule("C11", 1, "medium", "Clearing account not empty"), on_payouts.clearing_not_empty),
    (Rule("C12", 1, "high", "Payroll missing"), on_cash.payroll_missing),
    (Rule("X01", 1, "high", "Paid in Ramp, open in QuickBooks"), on_rails.paid_there_open_here),
    (
        Rule("X02", 1, "critical", "Paid in QuickBooks, about to be paid in Ramp", fraud=True),
        on_rails.paid_here_open_there,
    ),
    (Rule("X03", 1, "high", "Rails disagree"), on_rails.rails_disagree),
    (Rule("X04", 1, "critical", "Changed after approval", fraud=True), on_payments.changed_after_release),
    (Rule("X05", 1, "high", "Late"), on_payments.late),
    (Rule("X06", 1, "critical", "Not as approved"), on_payments.not_as_approved),
    (Rule("X07", 1, "critical", "Returned"), on_payments.came_back),
    (Rule("X08", 1, "high", "Paid without a decision", fraud=True), on_fraud.bypass),
    (Rule("X09", 1, "critical", "Paid twice"), on_payments.paid_twice),
    (Rule("X10", 1, "medium", "Orphan"), on_payments.orphans),
    (Rule("X11", 1, "medium", "Payout not tied"), on_payouts.not_tied),
    (Rule("X12", 1, "critical", "Sync gap"), on_rails.sync_gap),
    (Rule("X13", 1, "high", "Approval bypassed"), on_rails.approval_bypassed),
    (Rule("X14", 1, "critical", "Hundredfold"), on_rails.unit_trap),
    (Rule("X15", 1, "high", "Open documents off the control account"), on_totals.off_control_account),
    (Rule("X16", 1, "critical", "Mirror off QuickBooks"), on_totals.mirror_differs),
    (Rule("X17", 1, "high", "Outcome unknown"), on_payments.outcome_unknown),
    (Rule("X18", 1, "high", "Paid and not recorded"), on_payments.not_recorded),
    (Rule("X19", 1, "high", "Came to nothing"), on_payments.came_to_nothing),
    (Rule("X20", 1, "medium", "Payout cleared, not recorded"), on_payouts.not_recorded),
    (Rule("X21", 1, "high", "Paid in Stripe, to be entered"), on_payouts.waits_for_a_person),
)

RULES: Mapping[str, Rule] = {rule.id: rule for rule, _ in CATALOGUE}


def examine(books: Books, links: Links, before: Examined | None = None) -> tuple[Finding, ...]:
    """Every finding, by severity, then dollars at stake. ``before``: what the same links' last look found, and now this one."""
    last = before or Examined()
    found = [each for rule, check in CATALOGUE for each in last.findings(rule.id, books, _finds(rule, check, links))]
    return tuple(in_order(found, books.home_currency))


def _finds(rule: Rule, check: Check, links: Links) -> Callable[[Books], Iterator[Finding]]:
    return lambda books: (_finding(rule, claim, links) for claim in check(books))


def _finding(rule: Rule, claim: Claim, links: Links) -> Finding:
    place = claim.mend_at or claim.subject
    return Finding(
        rule=rule,
        subject=claim.subject,
        title=claim.title,
        reason=claim.reason,
        stake=claim.stake,
        fix=claim.fix,
        link=claim.url or links.to(place.kind, place.id),
        inputs_hash=inputs_hash(rule, (claim.subject.kind, claim.subject.id, claim.inputs)),
        touches=claim.touches,
    )
