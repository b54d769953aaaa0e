"""Characters of companies: the figures that make one client's books differ from another's.

Amounts are whole dollars of an average month, shares are in thousandths (permille) unless a field says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

LEVEL: tuple[int, ...] = (1000,) * 12


@dataclass(frozen=True, slots=True)
class Payroll:
    """How people are paid: `cadence` is "biweekly" (Fridays) or "semimonthly" (15th and last day).

    `style` "journal" books wages by journal entry with liabilities remitted monthly; "purchase" as one bank expense.
    """

    cadence: str
    style: str
    monthly_gross: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One character of company.

    `season` weighs January to December. `habit` is how bills are paid: "early", "on time", "late" or "starved" (only
    what cash allows). `punctuality` is how customers pay: "prompt", "usual", "slow" or "mixed". `flaws` lists the
    hygiene problems planted, as (rule, how many). `closing_lag_months` is how far behind the books are closed.
    """

    name: str
    character: str
    trade: str
    time_zone: str
    place: tuple[str, str, str]
    revenue: int
    growth: int
    season: tuple[int, ...]
    invoices_a_month: int
    bills_a_month: int
    payroll: Payroll
    rent: int
    habit: str
    punctuality: str
    customer_terms: str
    opening_cash: int
    retail_share: int = 0
    sales_tax: bool = False
    savings: bool = False
    jobs: bool = False
    currency: str = ""
    fiscal_month: int = 1
    card_purchases_a_month: int = 8
    trade_cost_share: int = 330
    closing_lag_months: int = 3
    flaws: tuple[tuple[str, int], ...] = ()


PROFILES: tuple[Profile, ...] = (
    Profile(
        "Harbor & Finch Studio",
        "growing",
        "design",
        "America/New_York",
        ("Fernport", "NY", "10999"),
        82_000,
        38,
        LEVEL,
        26,
        30,
        Payroll("semimonthly", "purchase", 28_000),
        4_800,
        "on time",
        "mixed",
        "net30",
        128_000,
        jobs=True,
        currency="EUR",
        trade_cost_share=300,
        flaws=(("B01", 1), ("B09", 1), ("B22", 1), ("A02", 1), ("A05", 1), ("X15 payable", 1)),
    ),
    Profile(
        "Copperline Brewing",
        "seasonal",
        "brewery",
        "America/Denver",
        ("Sable Forks", "CO", "80999"),
        145_000,
        4,
        (640, 660, 820, 960, 1180, 1420, 1520, 1480, 1160, 900, 660, 600),
        28,
        34,
        Payroll("biweekly", "journal", 40_000),
        9_400,
        "on time",
        "usual",
        "net30",
        310_000,
        retail_share=280,
        sales_tax=True,
        savings=True,
        trade_cost_share=340,
        flaws=(("B05 open", 1), ("B06", 1), ("B15", 1), ("B10", 1), ("A06", 1), ("C01", 1)),
    ),
    Profile(
        "Pellworth Joinery",
        "in trouble",
        "joinery",
        "America/Chicago",
        ("Dunmarsh", "IL", "60999"),
        88_000,
        -27,
        LEVEL,
        18,
        31,
        Payroll("biweekly", "journal", 35_000),
        6_900,
        "starved",
        "slow",
        "net30",
        90_000,
        jobs=True,
        trade_cost_share=440,
        closing_lag_months=8,
        flaws=(("B02", 1), ("B09", 1), ("B22", 1), ("A01", 1), ("A07", 1), ("X15 receivable", 1)),
    ),
    Profile(
        "Brightwater Dental Group",
        "tidy",
        "dental",
        "America/Los_Angeles",
        ("Port Lumen", "CA", "94999"),
        168_000,
        6,
        LEVEL,
        32,
        29,
        Payroll("semimonthly", "journal", 62_000),
        11_500,
        "early",
        "prompt",
        "net30",
        300_000,
        savings=True,
        trade_cost_share=240,
        closing_lag_months=2,
    ),
    Profile(
        "Tumbledown Couriers",
        "messy",
        "courier",
        "America/Chicago",
        ("Whistle Bend", "MO", "63999"),
        96_000,
        8,
        LEVEL,
        32,
        34,
        Payroll("biweekly", "purchase", 31_000),
        3_900,
        "late",
        "mixed",
        "net30",
        150_000,
        card_purchases_a_month=17,
        trade_cost_share=330,
        flaws=(
            ("B01", 2),
            ("B02", 1),
            ("B03", 1),
            ("B04", 2),
            ("B05 paid", 1),
            ("B06", 1),
            ("B09", 1),
            ("B10", 1),
            ("B13", 1),
            ("B15", 2),
            ("B22", 1),
            ("A01", 1),
            ("A02", 2),
            ("A03", 1),
            ("A05", 1),
            ("A06", 1),
            ("A07", 1),
            ("C01", 2),
            ("X15 payable", 1),
            ("X15 receivable", 1),
        ),
    ),
    Profile(
        "Goosefeather Bakery",
        "retail",
        "bakery",
        "America/New_York",
        ("Millrace", "PA", "19099"),
        74_000,
        5,
        (920, 980, 960, 1000, 1020, 940, 900, 920, 980, 1040, 1120, 1220),
        22,
        31,
        Payroll("biweekly", "journal", 24_000),
        5_200,
        "on time",
        "usual",
        "net15",
        98_000,
        retail_share=620,
        sales_tax=True,
        card_purchases_a_month=10,
        flaws=(("B04", 1), ("B13", 1), ("C01", 1), ("A03", 1)),
    ),
    Profile(
        "Lanternfield Museum Trust",
        "grant-funded",
        "museum",
        "America/New_York",
        ("Old Lantern", "VT", "05999"),
        118_000,
        0,
        (700, 700, 900, 1000, 1000, 1300, 1700, 1400, 900, 800, 700, 900),
        16,
        28,
        Payroll("semimonthly", "journal", 44_000),
        7_200,
        "early",
        "slow",
        "net30",
        340_000,
        retail_share=180,
        savings=True,
        fiscal_month=7,
        trade_cost_share=270,
        flaws=(("B03", 1), ("B06", 1), ("A01", 1)),
    ),
    Profile(
        "Oakapple Day School",
        "term-time",
        "school",
        "America/Denver",
        ("Oakapple", "NM", "87999"),
        152_000,
        2,
        (1700, 800, 700, 900, 800, 400, 300, 2200, 1500, 1000, 900, 800),
        38,
        26,
        Payroll("semimonthly", "journal", 66_000),
        12_800,
        "on time",
        "mixed",
        "tenth",
        420_000,
        savings=True,
        fiscal_month=7,
        trade_cost_share=200,
        flaws=(("A02", 1), ("A05", 1), ("B01", 1)),
    ),
    Profile(
        "Marrowby Veterinary Clinic",
        "steady",
        "veterinary",
        "America/Phoenix",
        ("Ocotillo Wells", "AZ", "85999"),
        92_000,
        3,
        LEVEL,
        28,
        28,
        Payroll("biweekly", "purchase", 33_000),
        5_600,
        "on time",
        "usual",
        "net15",
        140_000,
        retail_share=300,
        trade_cost_share=270,
        flaws=(("B02", 1), ("B15", 1), ("A07", 1)),
    ),
    Profile(
        "Saltmarsh Boatworks",
        "export",
        "boatyard",
        "America/New_York",
        ("Cormorant Quay", "ME", "04999"),
        134_000,
        5,
        (700, 900, 1300, 1500, 1400, 1200, 1000, 900, 800, 800, 700, 800),
        18,
        29,
        Payroll("biweekly", "journal", 41_000),
        8_800,
        "on time",
        "usual",
        "net30",
        260_000,
        jobs=True,
        currency="GBP",
        trade_cost_share=340,
        flaws=(("B10", 1), ("A06", 1), ("X15 payable", 1)),
    ),
    Profile(
        "Quillbrook Press",
        "thin margin",
        "press",
        "America/Los_Angeles",
        ("Inkwell", "OR", "97999"),
        104_000,
        -2,
        (900, 900, 950, 1000, 950, 900, 850, 950, 1150, 1250, 1200, 1000),
        28,
        34,
        Payroll("biweekly", "journal", 32_000),
        6_100,
        "late",
        "slow",
        "net30",
        90_000,
        trade_cost_share=470,
        closing_lag_months=6,
        flaws=(("B05 paid", 1), ("B22", 1), ("A03", 1), ("B04", 1)),
    ),
    Profile(
        "Windrow Growers Cooperative",
        "harvest",
        "growers",
        "America/Los_Angeles",
        ("Windrow", "WA", "98999"),
        140_000,
        3,
        (500, 450, 500, 600, 800, 1000, 1300, 1700, 2000, 1700, 900, 550),
        24,
        31,
        Payroll("semimonthly", "purchase", 36_000),
        5_400,
        "on time",
        "mixed",
        "prompt2",
        380_000,
        savings=True,
        trade_cost_share=330,
        flaws=(("B03", 1), ("B13", 1), ("B09", 1)),
    ),
)
