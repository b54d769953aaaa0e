"""What a figure of the cash path is made of, as values: the position it is read from, its parts, its explanation. Pure."""

from datetime import date

from msgspec import Struct

from interlock.kernel.money import Money
from interlock.runway.services.calculators.burn import Burn
from interlock.runway.services.calculators.cash_path import CashPath
from interlock.runway.services.calculators.floor import Term
from interlock.runway.services.calculators.flows import Flow, Plan, Source, StartPart
from interlock.runway.services.calculators.guardrail_values import FloorTerms, Low
from interlock.runway.services.calculators.spendable import OnItsWay
from interlock.runway.services.calculators.weeks import Week
from interlock.runway.services.calculators.words import counted


class Leaf(Struct, frozen=True, gc=False):
    """One part of a figure. ``counts``: it is part of the sum; ``figure``: the figure it stands for, which can be opened too."""

    key: str
    label: str
    minor: int
    source: Source | None = None
    on: date | None = None
    late: date | None = None
    rule: str | None = None
    because: str = ""
    counts: bool = True
    figure: str | None = None
    assumed: bool = False


class Explained(Struct, frozen=True):
    """``minor``: the figure in money; ``None`` for one in days or words. ``value``: what isn't money, said."""

    figure: str
    name: str
    minor: int | None
    value: str
    formula: str
    leaves: tuple[Leaf, ...]
    left_out: tuple[str, ...] = ()

    @property
    def sum_minor(self) -> int:
        return sum(each.minor for each in self.leaves if each.counts)


class SetAside(Struct, frozen=True, gc=False):
    """An active earmark, above zero."""

    earmark_id: str
    name: str
    category: str
    minor: int
    needed_on: date | None


class Spending(Struct, frozen=True):
    """What can be spent, in parts; every amount above zero. ``None`` in a position where no bank says what is available."""

    available: tuple[StartPart, ...]
    in_flight: tuple[OnItsWay, ...]
    earmarks: tuple[SetAside, ...]
    restricted: tuple[SetAside, ...]

    @property
    def available_minor(self) -> int:
        return sum(each.minor for each in self.available)

    @property
    def in_flight_minor(self) -> int:
        return sum(each.minor for each in self.in_flight)

    @property
    def earmarked_minor(self) -> int:
        return sum(each.minor for each in self.earmarks)

    @property
    def restricted_minor(self) -> int:
        return sum(each.minor for each in self.restricted)

    @property
    def spendable_minor(self) -> int:
        return self.available_minor - self.in_flight_minor - self.earmarked_minor - self.restricted_minor


class Position(Struct, frozen=True):
    """One client's cash as the overview shows it. ``path`` is drawn from every flow of ``plan``."""

    plan: Plan
    path: CashPath
    weeks: tuple[Week, ...]
    terms: FloorTerms
    floor_minor: int
    term: Term
    spending: Spending | None
    burn: Burn
    average_minor: int
    """Average daily balance over the weeks of ``burn``."""

    @property
    def today(self) -> date:
        return self.plan.today

    @property
    def low(self) -> Low:
        return self.path.low

    @property
    def breach(self) -> date | None:
        return self.path.breach(self.floor_minor)


def flow_leaf(flow: Flow) -> Leaf:
    """An item of the path, with the rule that placed it."""
    return Leaf(
        key=flow.key,
        label=flow.label,
        minor=flow.minor,
        source=flow.source,
        on=flow.likely,
        late=flow.late,
        rule=flow.rule,
        because=flow.because,
        assumed=flow.assumed,
    )


def start_leaves(plan: Plan) -> tuple[Leaf, ...]:
    return tuple(part_leaf(each) for each in plan.start.parts)


def part_leaf(part: StartPart) -> Leaf:
    return Leaf(f"start:{part.source.kind}:{part.source.id}", part.label, part.minor, source=part.source)


def left_out(plan: Plan) -> tuple[str, ...]:
    return tuple(
        f"{each.why}: {counted(each.rows, 'item')}, {each.currency} {Money(each.minor, each.currency)}"
        for each in plan.left_out
    )
