"""A proof of completeness, and the inbox, on paper."""

from interlock.app.cli.paper import Sheet, moment, out, plural
from interlock.app.cli.showing.parts import ties
from interlock.runway.services.experiences.inbox import InboxExperience
from interlock.runway.services.experiences.proof import ProofExperience


def proof(view: ProofExperience) -> None:
    paper = out()
    paper.print(view.say)
    ties(paper, view.tied)
    for entity, rows in sorted(view.mended.items()):
        paper.print(f"  Read again: {plural(rows, 'row')} of {entity.replace('_', ' ')}.")
    for sentence in view.tied.left_out:
        paper.print(f"  Not compared: {sentence}")
    paper.print(
        f"\n{plural(view.rounds, 'round')}, {plural(view.calls, 'call')}, {view.bytes:,} bytes, {view.seconds} s."
    )


def notices(view: InboxExperience) -> None:
    paper = out()
    paper.print(view.say)
    if not view.notices:
        return
    sheet = Sheet("Received", "Company", "What", "Id", "Happened", "Done")
    for each in view.notices:
        sheet.add(
            moment(each.received_at),
            each.external_id,
            f"{each.entity} {each.operation}".strip(),
            each.entity_id,
            moment(each.happened_at) if each.happened_at else "–",
            each.done,
        )
    paper.print(sheet)
