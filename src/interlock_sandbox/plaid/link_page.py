"""The Hosted Link page's HTML and style. Plainly a sandbox: nobody should take it for Plaid's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

STYLE_PATH = "/plaid/link/link.css"
WHAT_IT_MEANS = {
    "transactions": "See balances and transactions",
    "auth": "See account and routing numbers",
    "identity": "See who owns the accounts",
}
STYLE = """
:root { color-scheme: light dark; --edge: #8a8f98; --go: #17457f; --on-go: #fff; }
@media (prefers-color-scheme: dark) { :root { --go: #9cc4f5; --on-go: #10203a; } }
* { box-sizing: border-box; }
html { scroll-padding-bottom: 5rem; }
code, h1 { overflow-wrap: anywhere; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; padding: 1.5rem; }
main { max-width: 36rem; margin: 0 auto; }
.sandbox { border: 2px dashed var(--edge); padding: .5rem .75rem; margin: 0 0 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
fieldset { border: 1px solid var(--edge); padding: .5rem .75rem; margin: 1rem 0; min-inline-size: 0; }
legend { font-weight: 600; padding: 0 .25rem; }
label { display: flex; gap: .75rem; align-items: center; padding: .5rem 0; min-height: 2.75rem; }
label span:first-of-type { flex: 1; min-width: 0; }
input[type=radio], input[type=checkbox] { width: 1.25rem; height: 1.25rem; flex: none; }
.more { margin-inline-start: auto; font-variant-numeric: tabular-nums; font-size: .875rem; }
@media (max-width: 30rem) { label { flex-wrap: wrap; row-gap: 0; } .more { flex-basis: 100%; margin-inline-start: 2rem; } }
.acts { display: flex; gap: .75rem; flex-wrap: wrap; position: sticky; bottom: 0; padding: .75rem 0; background: Canvas; }
button { font: inherit; min-height: 2.75rem; padding: .5rem 1.25rem; border: 1px solid var(--edge); border-radius: .375rem;
  cursor: pointer; background: none; color: inherit; }
button.go { background: var(--go); border-color: var(--go); color: var(--on-go); font-weight: 600; }
:focus-visible { outline: 3px solid #2b6fd6; outline-offset: 2px; }
.trouble { border-inline-start: 4px solid #c0392b; padding-inline-start: .75rem; font-weight: 600; }
""".lstrip()


class Option(NamedTuple):
    """Something to tick: what is sent, what is read, and a detail at the end of the line."""

    value: str
    name: str
    detail: str
    on: bool = False


def banks_page(*, path: str, app: str, options: Sequence[Option], trouble: str = "") -> str:
    """First step: which login at which bank."""
    body = f"""
<h1>{escape(app)} asks to be connected to a bank</h1>
<p>Choose the login to sign in with. Each invented company of this sandbox has one at its own bank.</p>
{_said(trouble)}
<form method="get" action="{escape(path)}">
<fieldset>
<legend>Which login?</legend>
{_ticks("radio", "login", options)}
</fieldset>
<div class="acts">
<button class="go" type="submit">Sign in</button>
<button type="submit" form="leave">Leave</button>
</div>
</form>
{_leave(path)}
"""
    return _whole("Choose a bank", body)


def accounts_page(
    *,
    path: str,
    app: str,
    bank: str,
    login: str,
    company: str,
    options: Sequence[Option],
    products: Sequence[str],
    hidden: Mapping[str, str],
    again: bool = False,
    trouble: str = "",
) -> str:
    """Second step, or the only one when a login is renewed (``again``): which accounts, and yes or no."""
    means = "\n".join(f"<li>{escape(WHAT_IT_MEANS[name])}</li>" for name in products if name in WHAT_IT_MEANS)
    fields = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
    )
    heading = f"Sign in to {bank} again" if again else f"Let {app} see accounts at {bank}"
    listed = f"<p>{escape(app)} will be able to:</p>\n<ul>\n{means}\n</ul>" if means else ""
    body = f"""
<h1>{escape(heading)}</h1>
<p>Signed in as <strong>{escape(company)}</strong> <code>{escape(login)}</code>.</p>
{listed}
{_said(trouble)}
<form method="post" action="{escape(path)}">
{fields}
<fieldset>
<legend>Which accounts?</legend>
{_ticks("checkbox", "account", options)}
</fieldset>
<div class="acts">
<button class="go" type="submit" name="decision" value="agree">{"Sign in again" if again else "Agree"}</button>
<button type="submit" name="decision" value="leave">Leave</button>
</div>
</form>
"""
    return _whole(heading, body)


def ended_page(heading: str, sentence: str) -> str:
    """Nothing more to do here."""
    return _whole(heading, f"<h1>{escape(heading)}</h1>\n<p>{escape(sentence)}</p>")


def _leave(path: str) -> str:
    return f"""<form id="leave" method="post" action="{escape(path)}">
<input type="hidden" name="decision" value="leave">
</form>"""


def _said(trouble: str) -> str:
    return f'<p class="trouble" role="alert">{escape(trouble)}</p>' if trouble else ""


def _ticks(kind: str, name: str, options: Sequence[Option]) -> str:
    required = " required" if kind == "radio" else ""
    return "\n".join(
        f'<label><input type="{kind}" name="{name}" value="{escape(option.value)}"{" checked" if option.on else ""}{required}> '
        f'<span>{escape(option.name)}</span> <span class="more">{escape(option.detail)}</span></label>'
        for option in options
    )


def _whole(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · Sandbox of Plaid</title>
<link rel="stylesheet" href="{STYLE_PATH}">
</head>
<body>
<main>
<p class="sandbox"><strong>Sandbox of Plaid.</strong> A stand-in on this machine: banks, companies and money are invented
and nothing here reaches Plaid.</p>
{body.strip()}
</main>
</body>
</html>
"""
