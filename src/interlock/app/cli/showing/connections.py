"""Connections and capabilities on paper."""

from collections.abc import Sequence
from datetime import datetime

from interlock.app.cli.paper import Sheet, count, moment, out, plural
from interlock.app.cli.showing.parts import ask
from interlock.runway.services.experiences.capabilities import CapabilitiesExperience
from interlock.runway.services.experiences.connections import (
    ConnectionExperience,
    ConnectionsExperience,
    ConnectionView,
    PassportView,
)
from interlock.runway.services.experiences.rail_links import LEDGER, RailLinkView, worn


def show(view: ConnectionsExperience) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    beside = [each.name for each in view.connections[0].rails if each.rail != LEDGER] if view.connections else []
    sheet = Sheet("Client", "QuickBooks", *beside, "Company", "Ends", "Next read", ">Reads", "To mend it")
    for each in view.connections:
        passport = each.passport
        said = each.words if each.state == "connected" else f"{each.state.capitalize()}: {each.words}"
        sheet.add(
            each.business.name,
            said,
            *(link.short for link in each.rails if link.rail != LEDGER),
            passport.realm_id if passport else "–",
            moment(passport.ends_at) if passport else "–",
            moment(each.reading.next_due),
            count(each.reading.reads_this_month),
            "; ".join(_acts(each)),
        )
    gap = [""] * len(beside)
    sheet.total(plural(len(view.connections), "client"), "", *gap, "", "", "", count(view.budget.used), "")
    paper.print(sheet)


def show_one(view: ConnectionExperience) -> None:
    paper = out()
    each = view.connection
    ask(paper, view.ask, view.say)
    paper.print(_rails(each.rails), "")
    sheet = Sheet("QuickBooks", "As of now")
    if each.passport:
        for name, value in _papers(each.passport):
            sheet.add(name, value)
    sheet.add("Last read", moment(each.reading.last_sync))
    sheet.add("Last read whole", moment(each.reading.last_full))
    sheet.add("Next read", _or(each.reading.next_due, "when it is connected again"))
    sheet.add("Failures in a row", str(each.reading.failures))
    sheet.add("Reads this month", f"{each.reading.reads_this_month:,}")
    paper.print(sheet)
    if each.alarm:
        paper.print(f"\n{each.alarm}")
    for command in _acts(each):
        paper.print(f"\nTo mend it: {command}")


def _acts(of: ConnectionView) -> list[str]:
    """The command that mends each of what needs a person, the ledger first."""
    commands = [of.mend.command] if of.mend else []
    return [*dict.fromkeys([*commands, *(each.mend.command for each in worn(of.rails) if each.mend)])]


def _rails(rails: Sequence[RailLinkView]) -> Sheet:
    sheet = Sheet("Rail", "State", "Last read", "Next read", "To connect or mend it")
    for each in rails:
        act = each.mend.command if each.mend and not each.logins else ""
        sheet.add(
            each.name, each.words, moment(each.last_sync) if each.last_sync else "–", _or(each.next_due, "–"), act
        )
        for login in each.logins:
            lines = moment(login.lines_at) if login.lines_at else "–"
            sheet.add(f"  {login.institution}", login.words, lines, "–", login.mend.command if login.mend else "")
    return sheet


def show_capabilities(view: CapabilitiesExperience) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    sheet = Sheet("Feature", "State", "What would change that", "Needs")
    for each in view.features:
        said = "" if each.kind == "live" and each.built else each.words
        sheet.add(each.name, each.state, said, ", ".join(each.needs))
    paper.print(sheet, "")
    sheet = Sheet("Parked: no public API can", "Rail", "Why", "What would un-park it")
    for row in view.parked:
        sheet.add(row.name, row.rail_name, row.reason, row.unparks)
    paper.print(sheet, "")
    sheet = Sheet("Declined", "Rail", "Why")
    for no in view.declined:
        sheet.add(no.name, no.rail_name, no.reason)
    paper.print(sheet)


def _papers(passport: PassportView) -> list[tuple[str, str]]:
    asked = ", ".join(passport.scopes) or "not known: the grant was brought, not asked for here"
    told = [
        ("QuickBooks company", passport.realm_id),
        ("Scopes", asked),
        ("Connected since", moment(passport.connected_at)),
        ("Consent given", _or(passport.granted_at, "not known")),
        ("Last proof of reading", moment(passport.proved_at)),
        ("Recording", "on" if passport.records else "off"),
    ]
    if passport.disconnected_at:
        return [*told, ("Disconnected", moment(passport.disconnected_at))]
    if passport.refused:
        return [*told, ("Tokens", f"refused by QuickBooks; last renewed {moment(passport.refreshed_at)}")]
    return [
        *told,
        ("Access token until", _or(passport.access_expires_at, "not known")),
        ("Refresh token issued", _or(passport.refresh_issued_at, "not known")),
        ("Refresh token until", _or(passport.refresh_expires_at, "not known")),
        ("Consent needed again", _or(passport.next_consent_at, "Intuit hasn’t said")),
    ]


def _or(value: datetime | None, otherwise: str) -> str:
    return moment(value) if value else otherwise
