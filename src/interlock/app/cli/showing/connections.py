"""Connections and capabilities on paper."""

from datetime import datetime

from interlock.app.cli.paper import Sheet, count, moment, out, plural
from interlock.app.cli.showing.parts import ask
from interlock.runway.services.experiences.capabilities import CapabilitiesExperience
from interlock.runway.services.experiences.connections import (
    ConnectionExperience,
    ConnectionsExperience,
    PassportView,
)


def show(view: ConnectionsExperience) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    sheet = Sheet("Client", "State", "QuickBooks company", "Ends", "Next read", ">Reads", "To mend it")
    for each in view.connections:
        passport = each.passport
        said = each.words if each.state == "connected" else f"{each.state.capitalize()}: {each.words}"
        sheet.add(
            each.business.name,
            said,
            passport.realm_id if passport else "–",
            moment(passport.ends_at) if passport else "–",
            moment(each.reading.next_due),
            count(each.reading.reads_this_month),
            each.mend.command if each.mend else "",
        )
    sheet.total(plural(len(view.connections), "connection"), "", "", "", "", count(view.budget.used), "")
    paper.print(sheet)


def show_one(view: ConnectionExperience) -> None:
    paper = out()
    each = view.connection
    ask(paper, view.ask, view.say)
    sheet = Sheet("What", "As of now")
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
    if each.mend:
        paper.print(f"\nTo mend it: {each.mend.command}")


def show_capabilities(view: CapabilitiesExperience) -> None:
    paper = out()
    ask(paper, view.ask, view.say)
    sheet = Sheet("Feature", "State", "What would change that", "Needs")
    for each in view.features:
        sheet.add(each.name, each.state, "" if each.kind == "live" else each.words, ", ".join(each.needs))
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
