"""The letter as a page and as a PDF: everything in both, and the same bytes whenever and wherever it is made."""

import hashlib
import subprocess
import sys
from pathlib import Path

from interlock.runway.letter_paper import letter_data, letter_html, letter_pdf
from interlock.runway.services.experiences.digest import DigestExperience
from tests.runway.conftest import ClientBooks

FIRM = "Tern & Marlow CPAs"


def letter(client: ClientBooks) -> DigestExperience:
    with client.firm.desk.reading(client.name) as at:
        return at.digest.get_digest_experience()


def test_page_and_paper_end_with_the_logs_head(client: ClientBooks) -> None:
    view = letter(client)
    page, paper = letter_html(view, FIRM, None).decode(), str(letter_data(view, FIRM))
    for said in (view.seal, f"{view.chain.seq:,}", "What we can’t prove yet", "no bank is linked"):
        assert said in page and said in paper, f"the letter lost {said!r}"
    assert "href" not in page, "without an address of ours nothing in a mail is a link"
    linked = letter_html(view, FIRM, "https://cash.example").decode()
    assert 'href="https://cash.example/b/alder-wren/log' in linked


def test_a_name_is_never_read_as_markup(client: ClientBooks) -> None:
    view = letter(client)
    odd = view.model_copy(update={"say": '<b>#let x = 1</b> $a_b$ \\ "quoted" *stars*'})
    assert "&lt;b&gt;#let" in letter_html(odd, FIRM, None).decode()
    assert letter_pdf(odd, "#panic() [CPA] & Sons").startswith(b"%PDF-")


def test_the_same_letter_has_the_same_bytes_in_this_process_and_in_another(client: ClientBooks, tmp_path: Path) -> None:
    first, again = letter(client), letter(client)
    assert first == again
    made = [letter_html(first, FIRM, None), letter_pdf(first, FIRM)]
    assert made == [letter_html(again, FIRM, None), letter_pdf(again, FIRM)]
    kept = tmp_path / "view.json"
    kept.write_text(first.model_dump_json(exclude_computed_fields=True))
    elsewhere = subprocess.run(
        [sys.executable, "-m", "tests.letters.elsewhere", str(kept), FIRM],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"TZ": "Asia/Tokyo", "LANG": "C", "PATH": "/usr/bin", "PYTHONHASHSEED": "7"},
    )
    assert elsewhere.stdout.split() == [hashlib.sha256(each).hexdigest() for each in made]
