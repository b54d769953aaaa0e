"""A policy as values: amounts in minor units of the client's home currency. Pure; the text it comes from is read in ``text``."""

from msgspec import Struct

LATEST_SHAPE = 1


class FloorPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """What must always stay: the largest of its terms (product-map §2.1). ``buffer_days`` of essential outflow."""

    absolute_minor: int = 0
    buffer_days: int = 0
    covenant_minor: int = 0


class HorizonPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """Days: how far the guardrail looks, and how far the path is drawn."""

    guardrail_days: int = 35
    path_days: int = 91


class LimitPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """The most that may be approved: in one payment, for one vendor in seven days, on one day, in seven days. ``None``: any."""

    payment_minor: int | None = None
    vendor_week_minor: int | None = None
    day_minor: int | None = None
    week_minor: int | None = None


class ApprovalPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """One person approves up to ``one_person_minor``; above it a second one does; from ``client_side_minor`` one of the

    two is the client's. ``undo_seconds``: how long an approval can be taken back by its maker as if it had not been.
    """

    one_person_minor: int = 500_000
    client_side_minor: int = 2_500_000
    undo_seconds: int = 10
    controller_releases: bool = False
    """Whether the engagement letter lets the firm's controller release payments."""


class PayRunPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """``days``: weekdays of pay runs, 0 is Monday; ``lead_workdays``: from a pay run until the money is there;

    ``decide_by``: local time on the day of the run, ``HH:MM``; ``automatic_release``: by the schedule, without a person.
    """

    days: tuple[int, ...] = (1, 3)
    lead_workdays: int = 2
    decide_by: str = "16:00"
    automatic_release: bool = False


class EssentialPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """What is paid before all else, in this order, and the vendors (by name) whose bills are essential, each in a category."""

    order: tuple[str, ...] = ("payroll", "tax", "rent", "utilities", "debt", "supplier")
    vendors: tuple[tuple[str, str], ...] = ()


class FreshnessPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """How old a bank's balance may be, in minutes, when a payment is approved and when it is released (check C03)."""

    approval_minutes: int = 240
    release_minutes: int = 15


class VendorPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """Days after which a vendor is no longer new or is dormant; workdays that nothing is paid after payee details are cleared."""

    new_days: int = 30
    dormant_days: int = 365
    cool_off_workdays: int = 2


class DuplicatePolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """How near two bills must be to count as one (checks B06, B07, B25): days, and basis points of the amount."""

    probable_days: int = 10
    fuzzy_days: int = 30
    fuzzy_basis_points: int = 100
    splitting_days: int = 5


class EngagementPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """``attest_client``: the firm audits it, so nobody of the firm gives a final approval. ``sole_practitioner``: one human

    alone decides, with the controls that stand in for a second one; every page says that duties are not segregated.
    """

    attest_client: bool = False
    sole_practitioner: bool = False


class DigestPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """The weekly letter: on which weekday, 0 is Monday, at what local time ``HH:MM``, to whom. Without anybody it is only kept."""

    day: int = 0
    hour: str = "08:00"
    to: tuple[str, ...] = ()


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """All that a client's guardrails and approvals go by."""

    floor: FloorPolicy = FloorPolicy()
    horizon: HorizonPolicy = HorizonPolicy()
    limits: LimitPolicy = LimitPolicy()
    approvals: ApprovalPolicy = ApprovalPolicy()
    pay_runs: PayRunPolicy = PayRunPolicy()
    essential: EssentialPolicy = EssentialPolicy()
    freshness: FreshnessPolicy = FreshnessPolicy()
    vendors: VendorPolicy = VendorPolicy()
    duplicates: DuplicatePolicy = DuplicatePolicy()
    engagement: EngagementPolicy = EngagementPolicy()
    digest: DigestPolicy = DigestPolicy()
    shape: int = LATEST_SHAPE
