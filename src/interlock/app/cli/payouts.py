"""``interlock payouts``: what Stripe sent to the bank, and what each payout is made of."""

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.runway.services.experiences.payouts import PartView, PayoutsView, UnbundledView


def add_to(app: typer.Typer) -> None:
    app.command("payouts")(payouts)


def payouts(
    business: Client,
    payout: Annotated[
        str | None, typer.Argument(metavar="PAYOUT", help="One of them, taken apart; all of them without.")
    ] = None,
    as_json: Json = False,
) -> None:
    """One bank deposit, many invoices: payouts of the collecting rail, taken apart to the cent."""
    from interlock.app.cli.desk import answer, reading

    with reading(business) as at:
        if payout is None:
            answer(at.payouts.get_payouts_experience(), _show, as_json=as_json)
        else:
            answer(at.payouts.get_payout_experience(payout), _show_one, as_json=as_json)


def _show(view: "PayoutsView") -> None:
    from interlock.app.cli.paper import Sheet, day, figure, out
    from interlock.app.cli.showing.parts import ask

    paper = out()
    ask(paper, view.ask, view.say)
    sheet = Sheet("Arrives", "Payout", "State", "Bank reference", ">Amount", "Taken apart")
    for each in view.payouts:
        sheet.add(
            day(each.arrives_on), each.id, each.stage_words, each.trace or "–",
            f"{each.amount.currency} {figure(each.amount.money)}", "to the cent" if each.attributed else each.why_not or "",
        )  # fmt: skip
    paper.print(sheet)


def _show_one(view: "UnbundledView") -> None:
    from interlock.app.cli.paper import Sheet, figure, out
    from interlock.app.cli.showing.parts import ask

    paper = out()
    ask(paper, view.ask, view.say)
    paper.print(_stands(view))
    sheet = Sheet("Part", "Kind", "Pays", ">Gross", ">Fee", ">Net")
    for each in view.parts:
        sheet.add(
            each.id, each.kind.replace("_", " "), _pays(each),
            figure(each.gross.money), figure(each.fee.money), figure(each.net.money),
        )  # fmt: skip
    if view.payout.attributed:
        sheet.total(f"{view.parts_count:,} parts", "", "", "", "", figure(view.payout.amount.money))
    paper.print(sheet)
    if view.parts_count > len(view.parts):
        paper.print(f"The first {len(view.parts):,} of {view.parts_count:,}; the API gives the rest.")


def _stands(view: "UnbundledView") -> str:
    """Where it stands, and the deposit that the books lack."""
    from interlock.app.cli.paper import day

    paid = view.payout
    said = [f"{paid.stage_words}: Stripe says {paid.state.replace('_', ' ')}, arrives {day(paid.arrives_on)}"]
    said.append(f"the bank shows it on {day(paid.bank.dated)}, {paid.bank.account}" if paid.bank else "no bank line")
    said.append(
        f"QuickBooks has {paid.ledger.kind.replace('_', ' ')} {paid.ledger.id}" if paid.ledger else "not recorded"
    )
    told = "; ".join(said) + "."
    if not view.deposit or paid.ledger is not None or not paid.arrived:
        return told
    lines = "\n".join(
        f"  {each.amount} of {each.words} from {each.account or 'an account to be chosen'}" for each in view.deposit
    )
    return f"{told}\nThe deposit to enter:\n{lines}"


def _pays(part: "PartView") -> str:
    said = []
    for each in part.shares:
        where = f", QuickBooks {each.ledger_id}{'' if each.linked else '?'}" if each.ledger_id else ""
        amount = f" {each.amount}" if each.amount else ""
        said.append(f"{each.number or each.invoice_id}{amount}{where}")
    if part.rest is not None and part.rest.money and part.charge_id:
        said.append(f"{part.rest} for no invoice")
    return "\n".join(said) or (part.description or "")
