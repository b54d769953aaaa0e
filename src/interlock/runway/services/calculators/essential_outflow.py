"""Average essential outflow a day: what a floor of so many days is told from (product-map §2.1). Pure.

The larger of two: what left over thirteen weeks for what the policy calls essential (payroll, tax, rent and so on, by the accounts
it was booked on, and bills of essential vendors, by due date), and what people confirmed to recur of it. Where the
books begin later than in its first month, the days since then count, four weeks at least.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from interlock.domains.firm.policy.values import EssentialPolicy
from interlock.runway.services.calculators.categories import category_of, name_key, vendor_categories
from interlock.runway.services.calculators.placing import Recurs
from interlock.runway.services.calculators.recurring import Movement

WINDOW_DAYS = 91
FEWEST_DAYS = 28
LONGEST_GAP_DAYS = 31
"""Books that begin within a month of the window have all of it: rent comes once a month."""
_A_YEAR = {"weekly": 52, "biweekly": 26, "semimonthly": 24, "monthly": 12, "quarterly": 4}
_YEAR_DAYS = 365


def essential_per_day(
    moved: Iterable[Movement], confirmed: Sequence[Recurs], essential: EssentialPolicy, today: date
) -> int:
    """Minor units above zero, a half counted up."""
    return max(_seen(moved, essential, today), _said(confirmed, essential))


def _seen(moved: Iterable[Movement], essential: EssentialPolicy, today: date) -> int:
    since = today - timedelta(days=WINDOW_DAYS)
    vendors = vendor_categories(essential.vendors)
    total, first = 0, today
    for each in moved:
        if each.inflow or not since <= each.dated < today:
            continue
        first = min(first, each.dated)
        named = vendors.get(name_key(each.party)) if each.party else None
        if named or category_of(each.account_names, each.account_kinds) in essential.order:
            total += each.minor
    whole = first <= since + timedelta(days=LONGEST_GAP_DAYS)
    days = WINDOW_DAYS if whole else max((today - first).days, FEWEST_DAYS)
    return (2 * total + days) // (2 * days)


def _said(confirmed: Iterable[Recurs], essential: EssentialPolicy) -> int:
    a_year = sum(
        each.amount_minor * _A_YEAR[each.cadence]
        for each in confirmed
        if not each.inflow and each.category in essential.order
    )
    return (2 * a_year + _YEAR_DAYS) // (2 * _YEAR_DAYS)
