"""A figure of the cash path, explained: formula, inputs with their sources and the rule that placed each, exclusions, as-of."""

from datetime import date

from interlock.domains.firm.models import Business
from interlock.kernel.money import Money
from interlock.runway.services.calculators.figure_values import Explained, Leaf, Position
from interlock.runway.services.calculators.figures import explain
from interlock.runway.services.calculators.flows import Source
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.placed import RULES
from interlock.runway.services.views import Amount, BusinessView, Instant, View

_KINDS = {"transfer_out": "transfer", "transfer_in": "transfer"}
_SAID_OF = {"qbo": "QuickBooks", "ramp": "Ramp", "plaid": "the bank", "stripe": "Stripe", "ours": "Interlock"}


class SourceView(View):
    """Where an item comes from: ``book`` as a word, the mirror's kind and id, the pinned link where the book has a page for it."""

    book: str
    said_by: str
    kind: str
    id: str
    number: str | None
    link: str | None

    @classmethod
    def of(cls, source: Source, links: Links) -> "SourceView":
        """QuickBooks' documents get the link that pins the company; others have no address that is ours to make."""
        kind = _KINDS.get(source.kind, source.kind)
        link = links.to(kind, source.id.split(":", maxsplit=1)[0]) if source.book == "qbo" else None
        return cls(
            book=source.book,
            said_by=_SAID_OF.get(source.book, source.book),
            kind=source.kind,
            id=source.id,
            number=source.number,
            link=link,
        )


class InputView(View):
    """One input. ``counts``: it is part of the sum; ``on`` and ``late``: its date at p50 and at p80; ``figure``: the figure it

    stands for, which can be explained in turn; ``rule_words``: the rule in words, ``because``: with this item's figures.
    """

    key: str
    label: str
    amount: Amount
    on: date | None
    late: date | None
    rule: str | None
    rule_words: str | None
    because: str
    counts: bool
    assumed: bool
    figure: str | None
    source: SourceView | None

    @classmethod
    def of(cls, leaf: Leaf, currency: str, links: Links) -> "InputView":
        return cls(
            key=leaf.key,
            label=leaf.label,
            amount=Amount.minor(leaf.minor, currency),
            on=leaf.on,
            late=leaf.late,
            rule=leaf.rule,
            rule_words=None if leaf.rule is None else RULES.get(leaf.rule),
            because=leaf.because,
            counts=leaf.counts,
            assumed=leaf.assumed,
            figure=leaf.figure,
            source=None if leaf.source is None else SourceView.of(leaf.source, links),
        )


class Explanation(View):
    """One figure. ``amount`` is the sum of the ``inputs`` that count, to the cent; ``None`` for a figure in days or words,

    which ``value`` says. ``basis``: whether the banks' cash or the books' is what the figure starts from.
    """

    business: BusinessView
    figure: str
    name: str
    amount: Amount | None
    value: str
    formula: str
    inputs: tuple[InputView, ...]
    exclusions: tuple[str, ...]
    basis: str
    as_of: Instant | None

    @property
    def rules(self) -> tuple[tuple[str, str], ...]:
        """Each rule that placed an input, once, in words."""
        told = {each.rule: each.rule_words for each in self.inputs if each.rule and each.rule_words}
        return tuple(sorted((rule, words) for rule, words in told.items() if words))


def explanation_of(business: Business, at: Position, figure: str, links: Links) -> Explanation:
    """``NotFound`` for a figure that there isn't."""
    return _shown(business, at, explain(at, figure), links)


def _shown(business: Business, at: Position, one: Explained, links: Links) -> Explanation:
    currency = at.plan.currency
    return Explanation(
        business=BusinessView.of(business),
        figure=one.figure,
        name=one.name,
        amount=None if one.minor is None else Amount.minor(one.minor, currency),
        value=one.value or (str(Money(one.minor, currency)) if one.minor is not None else ""),
        formula=one.formula,
        inputs=tuple(InputView.of(each, currency, links) for each in one.leaves),
        exclusions=one.left_out,
        basis=at.plan.start.words,
        as_of=at.plan.start.as_of,
    )
