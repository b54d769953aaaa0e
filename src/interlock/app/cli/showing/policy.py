"""Policies on paper: values with whose word they are, versions, faults by line, a dry run."""

from rich.text import Text

from interlock.app.cli.paper import Sheet, count, day, figure, moment, out
from interlock.app.cli.showing.parts import ask
from interlock.runway.services.experiences.policy import PolicyCheck, PolicyExperience, ProposalView, VersionView
from interlock.runway.services.experiences.policy_dry_run import DryRunView


def show(view: PolicyExperience) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    sheet = Sheet("Key", "What it decides", "In force", "Whose word")
    for each in view.values:
        sheet.add(each.path, each.says, each.value, each.from_words)
    paper.print(sheet)
    if view.proposal:
        paper.print()
        proposed(view.proposal)


def proposed(view: ProposalView) -> None:
    paper = out()
    paper.print(Text(f"Proposed {moment(view.made_at)}, {view.made_by}", style="bold"))
    paper.print(f"  {view.reason}")
    for change in view.check.changes:
        paper.print(f"  {change.path}: {change.before} → {change.after}")
    paper.print("It waits for whoever puts it in force: on the page, or with interlock policy set.")


def versions(view: PolicyExperience) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    for each in view.history:
        _version(each)


def written(view: VersionView) -> None:
    out().print(f"In force as version {view.version}.")
    _version(view)


def check_of(view: PolicyCheck, name: str) -> None:
    """Faults as ``file:line``, as editors follow them."""
    paper = out()
    paper.print(view.say)
    for fault in view.faults:
        paper.print(f"{name}:{fault.line}: {f'{fault.key} ' if fault.key else ''}{fault.words}")
    for change in view.changes:
        paper.print(f"  {change.path}: {change.before} → {change.after}")
    for note in view.notes:
        paper.print(note)


def dry_run(view: DryRunView) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    sheet = Sheet("Verdict", ">Now", f">{view.business.home_currency}", ">With it", f">{view.business.home_currency} ")
    for each in view.outcomes:
        sheet.add(
            each.outcome.capitalize(),
            count(each.before),
            figure(each.before_amount.money),
            count(each.after),
            figure(each.after_amount.money),
        )
    paper.print(sheet)
    if view.flips:
        flips = Sheet("Paid", "Vendor", f">{view.business.home_currency}", "Now", "With it", "Why")
        for flip in view.flips:
            flips.add(day(flip.dated), flip.vendor, figure(flip.amount.money), flip.before, flip.after, flip.why)
        paper.print()
        paper.print(flips)
        if view.flips_count > len(view.flips):
            paper.print(f"And {view.flips_count - len(view.flips):,} more; --json has them all.")
    paper.print()
    for words in view.limits:
        paper.print(words)


def _version(each: VersionView) -> None:
    paper = out()
    paper.print(Text(f"Version {each.version}, {moment(each.made_at)}, {each.made_by}", style="bold"))
    paper.print(f"  {each.reason}")
    for change in each.changes:
        paper.print(f"  {change.path}: {change.before} → {change.after}")
    paper.print(f"  {each.policy_id}, SHA-256 {each.digest}\n")
