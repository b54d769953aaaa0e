"""Every key that a policy may have: where it stands in the text, what it is in ``values``, which values it takes. Pure."""

from msgspec import Struct

from interlock.domains.firm.policy.kinds import (
    Addresses,
    Cash,
    Flag,
    Kind,
    Order,
    Percent,
    TimeOfDay,
    VendorCategories,
    Weekday,
    Weekdays,
    Whole,
)


class Key(Struct, frozen=True):
    """``section`` and ``name`` as people write them; ``field`` of the section's struct; ``says``: what it decides."""

    section: str
    name: str
    field: str
    kind: Kind
    says: str

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}"


_DAYS = "days"

KEYS: tuple[Key, ...] = (
    Key("floor", "absolute", "absolute_minor", Cash(), "What must always stay in the bank"),
    Key("floor", "buffer_days", "buffer_days", Whole(0, 365, _DAYS), "Days of essential payments that must stay"),
    Key("floor", "covenant", "covenant_minor", Cash(), "What a lender has been promised stays"),
    Key("horizon", "guardrail_days", "guardrail_days", Whole(7, 180, _DAYS), "How far ahead the guardrail looks"),
    Key("horizon", "path_days", "path_days", Whole(7, 180, _DAYS), "How far ahead the path is drawn"),
    Key("limits", "payment", "payment_minor", Cash(lifts=True), "The most in one payment"),
    Key("limits", "vendor_week", "vendor_week_minor", Cash(lifts=True), "The most to one vendor in seven days"),
    Key("limits", "day", "day_minor", Cash(lifts=True), "The most on one day"),
    Key("limits", "week", "week_minor", Cash(lifts=True), "The most in seven days"),
    Key("approvals", "one_person", "one_person_minor", Cash(), "Up to this one person approves; above it two"),
    Key("approvals", "client_side", "client_side_minor", Cash(), "From this on one of the two is the client's"),
    Key("approvals", "undo_seconds", "undo_seconds", Whole(0, 3_600, "seconds"), "How long an approval can be undone"),
    Key("approvals", "controller_releases", "controller_releases", Flag(), "The firm's controller may release"),
    Key("pay_runs", "days", "days", Weekdays(), "Days of pay runs"),
    Key("pay_runs", "lead_workdays", "lead_workdays", Whole(0, 10, "workdays"), "From a pay run until it arrives"),
    Key("pay_runs", "decide_by", "decide_by", TimeOfDay(), "When a pay run's decisions close, client's time"),
    Key("pay_runs", "automatic_release", "automatic_release", Flag(), "The schedule releases, without a person"),
    Key("essential", "order", "order", Order(), "What is paid before all else, in this order"),
    Key("essential", "vendors", "vendors", VendorCategories(), "Vendors whose bills are essential"),
    Key(
        "freshness",
        "approval_minutes",
        "approval_minutes",
        Whole(1, 10_080, "minutes"),
        "How old a bank balance may be at approval",
    ),
    Key(
        "freshness",
        "release_minutes",
        "release_minutes",
        Whole(1, 1_440, "minutes"),
        "How old a bank balance may be at release",
    ),
    Key("vendors", "new_days", "new_days", Whole(0, 365, _DAYS), "How long a vendor counts as new"),
    Key("vendors", "dormant_days", "dormant_days", Whole(30, 3_650, _DAYS), "After which a vendor counts as dormant"),
    Key(
        "vendors",
        "cool_off_workdays",
        "cool_off_workdays",
        Whole(0, 30, "workdays"),
        "Nothing is paid after payee details are cleared",
    ),
    Key(
        "duplicates", "probable_days", "probable_days", Whole(0, 60, _DAYS), "How near two like bills are probably one"
    ),
    Key("duplicates", "fuzzy_days", "fuzzy_days", Whole(0, 180, _DAYS), "How near two similar bills may be one"),
    Key("duplicates", "fuzzy_percent", "fuzzy_basis_points", Percent(), "How much two similar bills may differ"),
    Key(
        "duplicates",
        "splitting_days",
        "splitting_days",
        Whole(0, 60, _DAYS),
        "How near bills under a limit are one split",
    ),
    Key(
        "engagement", "attest_client", "attest_client", Flag(), "The firm attests this client: only the client decides"
    ),
    Key("engagement", "sole_practitioner", "sole_practitioner", Flag(), "One person alone decides"),
    Key("digest", "day", "day", Weekday(), "The day of the weekly letter"),
    Key("digest", "hour", "hour", TimeOfDay(), "When the letter is made and sent, client's time"),
    Key("digest", "to", "to", Addresses(), "Who gets the letter by mail"),
)

BY_PATH: dict[str, Key] = {key.path: key for key in KEYS}
SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(key.section for key in KEYS))
VENDORS = "essential.vendors"
