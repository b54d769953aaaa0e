"""The consent page's HTML and style. Plainly a sandbox: nobody should take it for Intuit's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from interlock_sandbox.grants import ACCOUNTING

WHAT_IT_MEANS = {
    ACCOUNTING: "See and change everything in the company's books",
    "openid": "Know who you are",
    "profile": "See your name",
    "email": "See your e-mail address",
    "phone": "See your telephone number",
    "address": "See your postal address",
}
STYLE = """
:root { color-scheme: light dark; --edge: #8a8f98; --go: #1c6b2a; --on-go: #fff; }
@media (prefers-color-scheme: dark) { :root { --go: #7fd18c; --on-go: #10240f; } }
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
input[type=radio] { width: 1.25rem; height: 1.25rem; flex: none; }
.realm { margin-inline-start: auto; font-variant-numeric: tabular-nums; font-size: .875rem; }
@media (max-width: 30rem) { label { flex-wrap: wrap; row-gap: 0; } .realm { flex-basis: 100%; margin-inline-start: 2rem; } }
.acts { display: flex; gap: .75rem; flex-wrap: wrap; position: sticky; bottom: 0; padding: .75rem 0; background: Canvas; }
button { font: inherit; min-height: 2.75rem; padding: .5rem 1.25rem; border: 1px solid var(--edge); border-radius: .375rem;
  cursor: pointer; background: none; color: inherit; }
button.go { background: var(--go); border-color: var(--go); color: var(--on-go); font-weight: 600; }
:focus-visible { outline: 3px solid #2b6fd6; outline-offset: 2px; }
.trouble { border-inline-start: 4px solid #c0392b; padding-inline-start: .75rem; font-weight: 600; }
""".lstrip()


class Choice(NamedTuple):
    """A company the signed-in user may connect."""

    realm_id: str
    name: str


def consent_page(
    *,
    firm: str,
    choices: Sequence[Choice],
    scopes: Sequence[str],
    target: str,
    hidden: Mapping[str, str],
    trouble: str = "",
) -> str:
    """The whole page: one company to choose, Connect, Cancel."""
    fields = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
    )
    means = "\n".join(f"<li>{escape(WHAT_IT_MEANS[scope])} <code>{escape(scope)}</code></li>" for scope in scopes)
    said = f'<p class="trouble" role="alert">{escape(trouble)}</p>' if trouble else ""
    body = f"""
<h1>Connect a company to the app at {escape(target)}</h1>
<p>Signed in as a member of <strong>{escape(firm)}</strong>.</p>
<p>The app asks to:</p>
<ul>
{means}
</ul>
{said}
<form method="post" action="/connect/oauth2">
{fields}
<fieldset>
<legend>Which company?</legend>
{_radios(choices)}
</fieldset>
<div class="acts">
<button class="go" type="submit" name="decision" value="connect">Connect</button>
<button type="submit" name="decision" value="cancel" formnovalidate>Cancel</button>
</div>
</form>
"""
    return _whole("Connect a company", body)


def error_page(sentence: str) -> str:
    """Something in the address is wrong, and no app can be told."""
    body = f"""
<h1>This app can’t be connected</h1>
<p class="trouble" role="alert">{escape(sentence)}</p>
<p>Nothing has been connected. Go back to the app and start again; if it happens again, its settings are wrong.</p>
"""
    return _whole("This app can’t be connected", body)


def _radios(choices: Sequence[Choice]) -> str:
    return "\n".join(
        f'<label><input type="radio" name="realm" value="{escape(choice.realm_id)}" required> '
        f'<span>{escape(choice.name)}</span> <span class="realm">{escape(choice.realm_id)}</span></label>'
        for choice in choices
    )


def _whole(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Sandbox of QuickBooks</title>
<link rel="stylesheet" href="/connect/consent.css">
</head>
<body>
<main>
<p class="sandbox"><strong>Sandbox of QuickBooks.</strong> A stand-in on this machine: the companies are invented and
nothing here reaches Intuit.</p>
{body.strip()}
</main>
</body>
</html>
"""
