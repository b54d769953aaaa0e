"""What a difference between QuickBooks' totals and ours says, in words."""

from interlock.kernel.money import Money
from interlock.rails.totals import Difference

_SHOWN = {
    "vendor": "QuickBooks' aging owes {name} {theirs}, ours {ours}",
    "customer": "QuickBooks' aging has {theirs} from {name}, ours {ours}",
    "account": "{name} stands at {theirs} on QuickBooks' balance sheet, at {ours} here",
    "side": "{name} are {theirs} in QuickBooks' aging, {ours} in ours",
}


def in_words(difference: Difference, home_currency: str) -> str:
    """``QuickBooks has 120 rows of bill, we hold 119``; amounts in home currency."""
    if difference.what == "count":
        return f"QuickBooks has {difference.theirs:,} rows of {difference.name}, we hold {difference.ours:,}"
    if difference.what == "row":
        return difference.name.partition("; ")[0]
    theirs, ours = Money(difference.theirs, home_currency), Money(difference.ours, home_currency)
    said = _SHOWN[difference.what].format(name=difference.name, theirs=theirs, ours=ours)
    return f"{said[:1].upper()}{said[1:]}"


def is_of_money(difference: Difference) -> bool:
    """Whether its two figures are amounts (the others are rows)."""
    return difference.what in _SHOWN
