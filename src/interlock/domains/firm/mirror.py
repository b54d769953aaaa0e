"""Where a company's settings and terms are kept."""

from interlock.domains.firm import models
from interlock.rails import facts
from interlock.rails.mirror import Shelf, SliceMirror

MIRROR = SliceMirror([Shelf(facts.Preferences, models.LedgerPreferences), Shelf(facts.Term, models.Term)])
