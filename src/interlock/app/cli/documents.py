"""``interlock bills`` and ``interlock invoices``: lists, and what people write about one. Nothing here pays or collects."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from interlock.app.cli.groups import SHOW, ShowsByDefault
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.domains.firm.annotations import Annotation

Kind = Literal["bill", "invoice"]
Which = Annotated[Literal["open", "paid", "all"], typer.Option("--status", help="Which ones.")]
Offset = Annotated[int, typer.Option(min=0, metavar="N", help="Rows to pass over.")]
Most = Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="Rows at most.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The document's id in QuickBooks, as the list shows it.")]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The hold ends on this day.")
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why it is held; shown wherever it is blocked.")]
_ROWS = 200

bills = typer.Typer(
    cls=ShowsByDefault, no_args_is_help=True, help="Bills: bills BUSINESS, and what we write about one."
)
invoices = typer.Typer(
    cls=ShowsByDefault, no_args_is_help=True, help="Invoices: invoices BUSINESS, and what we write about one."
)


def add_to(app: typer.Typer) -> None:
    app.add_typer(bills, name="bills")
    app.add_typer(invoices, name="invoices")


@bills.callback()
def _bills() -> None:
    """Bills of a client (bills BUSINESS), and holds, notes and categories of ours; QuickBooks never sees those."""


@invoices.callback()
def _invoices() -> None:
    """Invoices of a client (invoices BUSINESS), and holds, notes and categories of ours; QuickBooks never sees those."""


@bills.command(SHOW)
def show_bills(
    business: Client,
    vendor: Annotated[str | None, typer.Option(metavar="NAME", help="Only this vendor's.")] = None,
    status: Which = "open",
    offset: Offset = 0,
    most: Most = _ROWS,
    as_json: Json = False,
) -> None:
    """Bills, open ones by due date, others newest first."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.documents import bills as show

    with reading(business) as at:
        view = at.bills.get_bills_experience(status, vendor=vendor, offset=offset, most=most)
    answer(view, show, as_json=as_json)


@invoices.command(SHOW)
def show_invoices(
    business: Client,
    customer: Annotated[str | None, typer.Option(metavar="NAME", help="Only this customer's.")] = None,
    status: Which = "open",
    offset: Offset = 0,
    most: Most = _ROWS,
    as_json: Json = False,
) -> None:
    """Invoices, open ones by due date, others newest first."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.documents import invoices as show

    with reading(business) as at:
        view = at.invoices.get_invoices_experience(status, customer=customer, offset=offset, most=most)
    answer(view, show, as_json=as_json)


@bills.command("seen")
def seen_bill(business: Client, document_id: Id, as_json: Json = False) -> None:
    """Where one bill is seen: the books, the rail that pays it, the bank's lines of its money."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.documents import seen

    with reading(business) as at:
        view = at.bills.get_bill_experience(document_id).seen_on
    answer(view, seen, as_json=as_json)


@invoices.command("seen")
def seen_invoice(business: Client, document_id: Id, as_json: Json = False) -> None:
    """Where one invoice is seen: the books, the rail that collects it, the bank's lines of its money."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.documents import seen

    with reading(business) as at:
        view = at.invoices.get_invoice_experience(document_id).seen_on
    answer(view, seen, as_json=as_json)


def _writes(group: typer.Typer, kind: Kind) -> None:
    """The commands that write something of ours about one document."""

    @group.command("hold")
    def hold(business: Client, document_id: Id, reason: Reason, until: Until = None, as_json: Json = False) -> None:
        """Take it out of what can be decided on, and say why."""
        from msgspec import UNSET

        from interlock.domains.firm.annotations import Annotation

        if not reason.strip():
            raise typer.BadParameter("say why it is held.", param_hint="--reason")
        held_until: date | None = until.date() if until else None
        _write(kind, business, document_id, Annotation(UNSET, UNSET, reason, held_until), as_json=as_json)

    @group.command("release")
    def release(business: Client, document_id: Id, as_json: Json = False) -> None:
        """Lift the hold; nothing is paid or sent by that."""
        from interlock.domains.firm.annotations import Annotation

        _write(kind, business, document_id, Annotation(hold_reason=None), as_json=as_json)

    @group.command("note")
    def note(
        business: Client,
        document_id: Id,
        text: Annotated[str, typer.Argument(help="An empty text clears it.")],
        as_json: Json = False,
    ) -> None:
        """Write a note about it."""
        from interlock.domains.firm.annotations import Annotation

        _write(kind, business, document_id, Annotation(note=text), as_json=as_json)

    @group.command("categorize")
    def categorize(
        business: Client,
        document_id: Id,
        category: Annotated[str, typer.Argument(help="A category of ours; an empty text clears it.")],
        as_json: Json = False,
    ) -> None:
        """Put it in a category of ours."""
        from interlock.domains.firm.annotations import Annotation

        _write(kind, business, document_id, Annotation(category=category), as_json=as_json)


def _write(kind: Kind, business: str, document_id: str, change: "Annotation", *, as_json: bool) -> None:
    from interlock.app.cli.desk import answer, writing
    from interlock.app.cli.house import actor
    from interlock.app.cli.showing.documents import written as show

    with writing(business) as at:
        service = at.bills if kind == "bill" else at.invoices
        view = service.annotate(document_id, change, actor=actor())
    answer(view, show, as_json=as_json)


_writes(bills, "bill")
_writes(invoices, "invoice")
