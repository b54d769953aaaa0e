"""How long the path and the guardrail take: they are asked again with every bill that is ticked.

    python -m bench.path [--times 200]

Pure computation over made-up items of a fixed seed; no database is read.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from bench.measuring import against, headline
from interlock.domains.firm.policy.values import FloorPolicy, LimitPolicy, Policy
from interlock.runway.services.calculators.cash_path import draw
from interlock.runway.services.calculators.flows import Flow, FlowKind, Plan, Source, Start
from interlock.runway.services.calculators.guardrail import judge, question_of
from interlock.runway.services.calculators.guardrail_values import Question, Spent, Verdict, Wanted

TODAY = date(2026, 11, 24)
ITEMS, DAYS, BATCH = 500, 91, 200
PATH_AIM, BATCH_AIM = 5.0, 100.0  # milliseconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    times = parser.parse_args().times
    chance = random.Random(5)
    plan = plan_of(chance, ITEMS)
    headline(f"Path over {DAYS} days and guardrail, {ITEMS} open items, median of {times}")
    few = [bill(chance, at) for at in range(5)]
    told(
        f"path and guardrail, {len(few)} bills",
        lambda: (draw(plan.start.minor, plan.flows, TODAY, TODAY + timedelta(days=DAYS)), judged(plan, few)),
        times,
        PATH_AIM,
    )
    headline(f"A batch of {BATCH} bills judged, its drop set included, median of {max(times // 10, 5)}")
    many = [bill(chance, at) for at in range(BATCH)]
    sums = sum(each.minor for each in many)
    for name, limits, floor in (
        ("all allowed", LimitPolicy(), 0),
        ("a tenth too much", LimitPolicy(), plan.start.minor - sums * 9 // 10),
        ("nine tenths too much", LimitPolicy(), plan.start.minor - sums // 10),
        ("limits broken too", LimitPolicy(900_000, 2_000_000, sums // 20, sums // 2), plan.start.minor - sums // 2),
    ):
        policy = Policy(floor=FloorPolicy(absolute_minor=max(floor, 0)), limits=limits)
        told(
            f"{name}: {said(judged(plan, many, policy))}",
            partial(judged, plan, many, policy),
            times // 10,
            BATCH_AIM,
        )
    twelve = [bill(chance, at, within=1) for at in range(12)]
    half = Policy(floor=FloorPolicy(absolute_minor=plan.start.minor - sum(each.minor for each in twelve) // 2))
    told(
        f"twelve, every set tried: {said(judged(plan, twelve, half))}",
        lambda: judged(plan, twelve, half),
        times // 10,
        BATCH_AIM,
    )


def judged(plan: Plan, wanted: list[Wanted], policy: Policy | None = None) -> Verdict:
    asked: Question = question_of(plan, policy or Policy(), wanted, Spent())
    return judge(asked)


def said(verdict: Verdict) -> str:
    return f"{verdict.outcome}, {len(verdict.drop)} dropped"


def told(what: str, work: Callable[[], object], times: int, aim: float) -> None:
    taken = []
    for _ in range(max(times, 5)):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1e3)
    value = statistics.median(taken)
    against(f"{what} (slowest {max(taken):.2f}), ms", value, f"< {aim:g}", holds=value < aim)


def plan_of(chance: random.Random, items: int) -> Plan:
    """As much comes in as goes out, so that the floor alone says how much a batch may take."""
    flows = tuple(
        flow
        for at in range(items // 2)
        for flow in (
            moving(at, "receipt", 100_000, chance.randrange(DAYS), chance.randrange(20)),
            moving(at, "recurring", -100_000, DAYS - chance.randrange(DAYS // 2), 0),
        )
    )
    start = Start("bank", 500_000_000, (), None, "Cash at the bank.")
    return Plan(TODAY, "USD", start, flows, essential_per_day_minor=0)


def moving(at: int, kind: FlowKind, minor: int, on: int, late: int) -> Flow:
    likely = TODAY + timedelta(days=on)
    source = Source("qbo", "bill", str(at))
    key = f"{kind}:{at}"
    return Flow(key, kind, "sure", minor, likely, likely + timedelta(days=late), None, key, "recurring", "", source)


def bill(chance: random.Random, at: int, within: int = 30) -> Wanted:
    pay_on = TODAY + timedelta(days=chance.randrange(within))
    return Wanted(f"b{at}", f"Bill {at}", f"v{at % 40}", chance.randrange(10_000, 1_000_000), pay_on, pay_on)


if __name__ == "__main__":
    main()
