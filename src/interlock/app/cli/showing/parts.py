"""What several views have in common on paper: money beside its currency, totals and what they leave out, freshness."""

from rich.console import Console
from rich.text import Text

from interlock.app.cli.paper import figure, moment
from interlock.runway.services.data_orchestrators.document_views import FindingView
from interlock.runway.services.views import Amount, SyncStatus, TiedView, Total


def money(amount: Amount, home: str) -> str:
    """A figure for a column headed with the home currency; another currency is named in the cell."""
    said = figure(amount.money)
    return said if amount.currency == home else f"{amount.currency} {said}"


def ask(paper: Console, question: str, answer: str) -> None:
    """The view's one question, and its answer in a sentence or two."""
    paper.print(Text(question, style="bold"))
    paper.print(f"{answer}\n")


def outside(paper: Console, **totals: Total) -> None:
    """What each total leaves out, named by the total: ``Not in ready: EUR 1,215.49, bills in EUR (1).``"""
    for name, total in totals.items():
        for each in total.excluded:
            label = name.replace("_", " ")
            paper.print(f"Not in {label}: {each.amount.currency} {each.amount}, {each.what} ({each.rows:,}).")


def ties(paper: Console, tied: TiedView) -> None:
    """Whether the totals above are QuickBooks' own; where they are not, every difference."""
    as_of = f", as of {moment(tied.as_of)}" if tied.as_of else ""
    paper.print(f"\n{tied.words}{as_of}.")
    for each in tied.differences if tied.tied is False else ():
        paper.print(f"  {each.words}.")
    if tied.differences_count > len(tied.differences):
        paper.print(f"  And {tied.differences_count - len(tied.differences):,} more.")


def freshness(paper: Console, status: SyncStatus) -> None:
    """The as-of line under every view; a stale one says what to do."""
    if status.bills_last_sync is None:
        paper.print("\nQuickBooks was never read; interlock sync reads it.")
        return
    read = f"As of {moment(status.bills_last_sync)}: QuickBooks was read {status.words}"
    paper.print(f"\n{read}, which is stale; sync before deciding." if status.stale else f"\n{read}.")


def finding_in_words(finding: FindingView) -> str:
    """What is wrong, why we think so, and the one fix: three lines of a cell."""
    fix = f"Fix: {finding.fix.label}" + (f" {finding.fix.link}" if finding.fix.link else "")
    return f"{finding.title}\n{finding.reason}\n{fix}"
