"""The tray on paper: findings by severity, largest first, each with its reason and one fix."""

from rich.text import Text

from interlock.app.cli.paper import Sheet, out, plural
from interlock.app.cli.showing.parts import ask, finding_in_words, freshness, money, outside, ties
from interlock.runway.services.data_orchestrators.document_views import CleanView
from interlock.runway.services.experiences.tray import TrayExperience


def show(view: TrayExperience) -> None:
    paper = out()
    home = view.business.home_currency
    ask(paper, view.ask, view.say)
    for group in view.groups:
        stake = f"{plural(group.count, 'finding')}, {group.at_stake.amount} at stake"
        paper.print(Text(f"{group.severity.capitalize()}: {group.note} ({stake})", style="bold"))
        sheet = Sheet("Rule", f">At stake, {home}", "What, why, and the fix")
        for finding in group.findings:
            sheet.add(finding.rule, money(finding.at_stake, home), finding_in_words(finding))
        paper.print(sheet, "")
        outside(paper, at_stake=group.at_stake)
    paper.print(_clean("payables", view.clean_dollars.payables))
    paper.print(_clean("receivables", view.clean_dollars.receivables))
    paper.print(f"{view.scanned}.")
    ties(paper, view.tied)
    freshness(paper, view.sync_status)


def _clean(side: str, clean: CleanView) -> str:
    if clean.percent is None:
        return f"No open {side}."
    return f"Clean {side}: {clean.clean} of {clean.open}, {clean.percent} %."
