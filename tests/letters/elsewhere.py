"""A letter rendered in a process of its own: ``python -m tests.letters.elsewhere VIEW FIRM`` prints both hashes."""

import hashlib
import sys
from pathlib import Path

from interlock.runway.letter_paper import letter_html, letter_pdf
from interlock.runway.services.experiences.digest import DigestExperience

if __name__ == "__main__":
    view = DigestExperience.model_validate_json(Path(sys.argv[1]).read_text())
    for made in (letter_html(view, sys.argv[2], None), letter_pdf(view, sys.argv[2])):
        print(hashlib.sha256(made).hexdigest())
