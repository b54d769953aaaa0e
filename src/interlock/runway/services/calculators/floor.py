"""What must always stay (product-map §2.1): the largest of an amount, some days of essential outflow, and a covenant. Pure."""

from typing import Literal

from interlock.runway.services.calculators.guardrail_values import FloorTerms

Term = Literal["absolute", "buffer", "covenant", "none"]


def floor_of(terms: FloorTerms) -> tuple[int, Term]:
    """The floor in minor units and the term that binds; where two are equal the one agreed with others: covenant first.

    Without any term above zero the floor is zero: the account is not overdrawn on purpose.
    """
    named: tuple[tuple[int, Term], ...] = (
        (terms.covenant_minor, "covenant"),
        (terms.absolute_minor, "absolute"),
        (terms.buffer_days * terms.essential_per_day_minor, "buffer"),
    )
    floor, term = max(named, key=lambda each: each[0])  # of equal ones the first
    return (floor, term) if floor > 0 else (0, "none")
