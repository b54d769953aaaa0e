"""What may happen to a finished report: titles in another language, an early end with a sentence (qbo.md §7, §10)."""

from __future__ import annotations

from interlock_sandbox.qbo.table import Row

CUT_SENTENCE = "Unable to display more data. Please reduce the date range."

_FRENCH = {
    "Vendor": "Fournisseur", "Customer": "Client", "Current": "À jour", "Total": "Total", "TOTAL": "TOTAL",
    "Date": "Date", "Transaction Type": "Type d'opération", "Num": "N°", "Due Date": "Échéance",
    "Past Due": "En retard", "Amount": "Montant", "Open Balance": "Solde dû", "Debit": "Débit", "Credit": "Crédit",
    "ASSETS": "ACTIF", "TOTAL ASSETS": "TOTAL DE L'ACTIF", "Current Assets": "Actif à court terme",
    "Bank Accounts": "Comptes bancaires", "Accounts Receivable": "Comptes clients",
    "Other Current Assets": "Autres actifs à court terme", "Fixed Assets": "Immobilisations",
    "Other Assets": "Autres actifs", "LIABILITIES AND EQUITY": "PASSIF ET CAPITAUX PROPRES",
    "TOTAL LIABILITIES AND EQUITY": "TOTAL DU PASSIF ET DES CAPITAUX PROPRES", "Liabilities": "Passif",
    "Current Liabilities": "Passif à court terme", "Accounts Payable": "Comptes fournisseurs",
    "Credit Cards": "Cartes de crédit", "Other Current Liabilities": "Autres passifs à court terme",
    "Long-Term Liabilities": "Passif à long terme", "Equity": "Capitaux propres",
    "Retained Earnings": "Bénéfices non répartis", "Net Income": "Bénéfice net", "Income": "Revenus",
    "Expenses": "Dépenses", "Gross Profit": "Bénéfice brut", "Net Operating Income": "Bénéfice d'exploitation net",
}  # fmt: skip
_AFTER = (("Total for ", "Total pour "), ("Total ", "Total "))
_ENDS = (
    (" and over", " et plus"), (" or more days past due", " jours de retard ou plus"),
    (" days past due", " jours de retard"),
)  # fmt: skip


def in_french(report: Row) -> Row:
    """The same report with its titles in French: keys, groups, names of people and amounts stay."""
    columns = [{**each, "ColTitle": _said(each["ColTitle"])} for each in report["Columns"]["Column"]]
    return {**report, "Columns": {"Column": columns}, "Rows": _rows(report["Rows"])}


def cut_short(report: Row) -> Row:
    """The first half of the rows, then a row with the sentence instead of the rest; the status stays 200."""
    rows = report["Rows"].get("Row", [])
    blank = [{"value": ""} for _ in report["Columns"]["Column"][1:]]
    end = {"ColData": [{"value": CUT_SENTENCE}, *blank], "type": "Data"}
    return {**report, "Rows": {"Row": [*rows[: len(rows) // 2], end]}}


def _rows(rows: Row) -> Row:
    return {"Row": [_row(row) for row in rows["Row"]]} if rows else rows


def _row(row: Row) -> Row:
    made = dict(row)
    if "Rows" in row:
        made["Rows"] = _rows(row["Rows"])
    for part in ("Header", "Summary"):
        if part in row:
            first, *others = row[part]["ColData"]
            made[part] = {"ColData": [{**first, "value": _said(first["value"])}, *others]}
    if "ColData" in row and "id" not in row["ColData"][0]:
        first, *others = row["ColData"]
        made["ColData"] = [{**first, "value": _said(first["value"])}, *others]
    return made


def _said(title: str) -> str:
    if title in _FRENCH:
        return _FRENCH[title]
    for english, french in _AFTER:
        if title.startswith(english):
            return french + _said(title.removeprefix(english))
    for english, french in _ENDS:
        if title.endswith(english):
            return title.removesuffix(english) + french
    return title
