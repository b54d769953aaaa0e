"""What customers said of an open invoice: a promise moves its money, a dispute takes it out, and no dollar is placed twice."""

from datetime import date, timedelta
from typing import Any

import pytest

from interlock.runway.services.calculators.placing import RULES, invoices
from tests.runway.test_placing import PROMPT, TODAY, habits, invoice, one


def test_a_promised_invoice_comes_on_the_day_its_customer_gave_and_at_p80_as_late_as_usual() -> None:
    promised = invoice(promised=(date(2026, 12, 3), 500_00))
    flow = one(invoices([promised], habits(*[6] * 6, *[11] * 4), TODAY, "USD"))
    assert (flow.minor, flow.likely, flow.late) == (500_00, date(2026, 12, 3), date(2026, 12, 14))
    assert (flow.key, flow.rule, flow.because) == ("receipt:1", "receipt_promised", "promised for 3 Dec")
    assert flow.rule in RULES


def test_a_promise_of_a_part_moves_that_part_alone_and_no_dollar_is_placed_twice() -> None:
    part = invoice(promised=(date(2026, 12, 3), 200_00))
    placed = invoices([part], PROMPT, TODAY, "USD", {"1": 50_00})
    assert [(flow.key, flow.minor, flow.rule) for flow in placed.flows] == [
        ("receipt:1:promised", 200_00, "receipt_promised"),
        ("receipt:1", 250_00, "receipt_median"),
    ]


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"promised": (TODAY - timedelta(days=1), 500_00)}, "receipt_median"),
        ({"promised": (date(2026, 12, 3), 500_00), "kept": (1, 3)}, "receipt_median"),
        ({"promised": (date(2026, 12, 3), 500_00), "kept": (2, 3)}, "receipt_promised"),
        ({"promised": (date(2026, 12, 3), 500_00), "kept": (0, 2)}, "receipt_promised"),
    ],
)
def test_a_word_counts_until_its_day_has_passed_or_most_of_the_customers_words_were_broken(
    said: dict[str, Any], rule: str
) -> None:
    assert one(invoices([invoice(**said)], PROMPT, TODAY, "USD")).rule == rule


def test_a_disputed_invoice_is_named_apart_and_not_placed() -> None:
    placed = invoices([invoice(disputed=True)], PROMPT, TODAY, "USD")
    assert placed.flows == () and [(each.why, each.minor) for each in placed.left_out] == [("disputed", 500_00)]
