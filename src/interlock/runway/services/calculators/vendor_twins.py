"""Vendors that are probably one: names that are all but the same (check V03), so that what is split over them is seen together."""

from collections.abc import Mapping

from interlock.runway.services.calculators.books import VendorEntry
from interlock.runway.services.calculators.checks_on_rails import bare_name, same_name


def twins_of(vendors: Mapping[str, VendorEntry]) -> dict[str, str]:
    """Vendor id to the id of the first of those it is probably one with; vendors that stand alone are left out."""
    first_of: dict[str, str] = {}
    by_start: dict[str, list[tuple[str, str]]] = {}
    for vendor in sorted(vendors.values(), key=lambda each: (len(each.id), each.id)):
        bare = bare_name(vendor.name)
        if not bare:
            continue
        alike = by_start.setdefault(bare[:2], [])
        twin = next((id_ for said, id_ in alike if same_name(bare, said)), None)
        alike.append((bare, vendor.id))
        if twin is not None:
            first_of[vendor.id] = first_of[twin] = first_of.get(twin, twin)
    return first_of
