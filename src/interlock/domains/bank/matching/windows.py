"""When the bank's line of a movement can be dated, by how the money moves. Days are calendar days, both ends included.

A ledger's date may be later than the bank's: people enter what they see on a statement.
"""

from datetime import date, timedelta

# How long a payment can take: an electronic one settles in one or two business days, longer around holidays.
ELECTRONIC_DAYS = (5, 10)
# A check clears when its payee brings it; banks may refuse one that is older than six months.
CHECK_DAYS = (2, 185)
# Without its number on the line, a check is any check of that amount; most are brought within weeks.
UNNUMBERED_CHECK_DAYS = 45
DEPOSIT_DAYS = (5, 7)
# Instructed payments and payouts have a day of their own that the rail expects.
RAIL_DAYS = (2, 6)

Window = tuple[date, date]


def electronic(dated: date) -> Window:
    """A transfer, a card charge, an ACH payment."""
    return _around(dated, dated, ELECTRONIC_DAYS)


def check(dated: date) -> Window:
    return _around(dated, dated, CHECK_DAYS)


def deposit(dated: date) -> Window:
    return _around(dated, dated, DEPOSIT_DAYS)


def mailed(begins: date) -> Window:
    """A check that a rail writes and mails; its number is not ours to know."""
    return _around(begins, begins, (RAIL_DAYS[0], UNNUMBERED_CHECK_DAYS))


def instructed(begins: date, arrives: date | None = None) -> Window:
    """A rail's payment or payout, from the day it is begun to the day it is to arrive."""
    return _around(begins, max(begins, arrives or begins), RAIL_DAYS)


def _around(first: date, last: date, days: tuple[int, int]) -> Window:
    return first - timedelta(days=days[0]), last + timedelta(days=days[1])
