"""Fictional names: whom each trade buys from and sells to."""

from __future__ import annotations

FIRM_NAME = "Larch & Lantern Accounting"

MORE_CLIENTS = (
    "Thimblewick", "Foxglove", "Ravenhurst", "Starling", "Brackenridge", "Coldharbor", "Emberly", "Fallowmere",
    "Gorseland", "Hollowell", "Inglenook", "Juniper Hill", "Kingfisher", "Lowenby", "Mossbank", "Northwold",
)  # fmt: skip

SUPPLIER_PLACES = (
    "Larkmoor", "Thistledown", "Pennyroyal", "Ferncastle", "Osterly", "Wrenfield", "Brackwater", "Goldenrod",
    "Ivywell", "Jackdaw", "Kestrelby", "Lowmarsh", "Marlpit", "Nettlecombe", "Oxbow Lane", "Pinchbeck", "Ravelin",
    "Sandlark", "Tarnside", "Vetchling", "Whinfell", "Yarrowgate", "Zephyr Point", "Cobblegate",
)  # fmt: skip

CUSTOMER_PLACES = (
    "Amberly", "Bluebell", "Cinder Lane", "Dovecote", "Elmstead", "Flintlock", "Greywater", "Hazelmere", "Ironbridge Row",
    "Jessamine", "Kittiwake", "Linden Park", "Meadowlark", "Nightjar", "Orchard End", "Pebble Creek", "Quarry Side",
    "Rosemount", "Sycamore", "Teasel", "Upland", "Violet Hill", "Willowbrook", "Yellowhammer", "Almond Tree", "Birchwood",
    "Cowslip", "Drumlin", "Eventide", "Foxtail", "Gable End", "Hawthorn",
)  # fmt: skip

NEWCOMER_PLACES = (
    "Applegarth", "Bramblewood", "Cuttlebone", "Dapplemere", "Eelpie", "Ferrymoor", "Gallowglass", "Hogsback",
    "Idlewater", "Jolliffe", "Knapweed", "Loosestrife", "Mugwort", "Nobbin", "Oddfellow", "Puddlecote", "Quagmoor",
    "Ryegrass", "Spindleberry", "Tipplewood",
)  # fmt: skip

NEWCOMER_TRADES = ("Locksmiths", "Signs", "Haulage", "Plumbing")

SURNAMES = (
    "Abernook", "Bellweather", "Crumbwell", "Dovetree", "Eskermore", "Fennimoor", "Gladwick", "Hobblethorn", "Inchbury",
    "Jollyfield", "Kettlewright", "Lambswool", "Merriwind", "Nuthatcher", "Oakenby", "Pebblewick", "Quickset", "Rushbrook",
    "Summerlea", "Tanglewood", "Underhedge", "Vineyardson", "Wetherlam", "Yewbarrow",
)  # fmt: skip

SUPPLIERS: dict[str, tuple[str, ...]] = {
    "design": ("Print House", "Photo Library", "Freelance Pool", "Type Foundry", "Model Makers", "Sign Works",
               "Motion Lab", "Copywriters"),
    "brewery": ("Maltings", "Hop Farm", "Cooperage", "Keg Hire", "Bottle Works", "Label Press", "Yeast Lab",
                "Cold Store"),
    "joinery": ("Timber Yard", "Veneers", "Ironmongers", "Glass & Glazing", "Finishing Oils", "Tool Hire",
                "Spray Shop", "Plate & Panel"),
    "dental": ("Dental Supply", "Ceramics Lab", "Imaging Service", "Sterile Goods", "Orthodontic Lab",
               "Instrument Repair", "Linen Service", "Gas Supply"),
    "courier": ("Fuel Depot", "Van Rental", "Tyre Centre", "Fleet Repairs", "Packaging", "Radio Systems",
                "Pallet Pool", "Night Drivers"),
    "bakery": ("Flour Mill", "Dairy", "Egg Farm", "Sugar Refiners", "Box & Bag", "Fruit Market", "Oven Service",
               "Yeast Supply"),
    "museum": ("Conservation Studio", "Exhibit Builders", "Art Transport", "Gift Wholesale", "Climate Control",
               "Event Hire", "Guide Agency", "Lighting"),
    "school": ("Textbook Supply", "Catering", "Bus Lines", "Lab Equipment", "Sports Goods", "Grounds Care",
               "Music Repair", "Exam Services"),
    "veterinary": ("Animal Health", "Vaccine Supply", "Pathology Lab", "Pet Foods", "Imaging Hire", "Surgical Goods",
                   "Locum Agency", "Waste Removal"),
    "boatyard": ("Marine Timber", "Sailcloth", "Engine Works", "Resin & Fibre", "Rope Walk", "Chandlery",
                 "Crane Hire", "Varnish Works"),
    "press": ("Paper Mill", "Ink Works", "Binding", "Plate Makers", "Freight", "Proofreaders", "Pulp Recycling",
              "Machine Service"),
    "growers": ("Seed Merchants", "Crop Nutrition", "Irrigation", "Crate Works", "Cold Chain", "Tractor Parts",
                "Picking Crews", "Soil Lab"),
}  # fmt: skip

CUSTOMERS: dict[str, tuple[str, ...]] = {
    "design": ("Hotels", "Coffee Roasters", "Publishing", "Museum", "Outfitters", "Theatre", "Foundation", "Labs"),
    "brewery": ("Taproom", "Inn", "Bottle Shop", "Kitchen", "Grocers", "Hotel", "Bar & Grill", "Bistro"),
    "joinery": ("Homes", "Architects", "Restaurants", "Interiors", "Builders", "Chapel Trust", "Offices", "Hotel"),
    "dental": ("Dental Plan", "Benefit Fund", "Health Mutual", "Employees Plan", "Teachers Plan", "Smile Network"),
    "courier": ("Pharmacy", "Law Office", "Auto Parts", "Florist", "Laboratories", "Bookshop", "Print Shop", "Optics"),
    "bakery": ("Cafe", "Hotel", "Grocers", "Canteen", "Caterers", "Tea Rooms", "Deli", "Hospital Kitchen"),
    "museum": ("Arts Fund", "Heritage Council", "Family Foundation", "Academy", "Bank Sponsors", "Tour Company"),
    "school": ("Family",),
    "veterinary": ("Stables", "Kennels", "Cattery", "Dairy Farm", "Animal Rescue", "Zoo Society", "Riding School"),
    "boatyard": ("Yacht Club", "Ferries", "Fishing Co-op", "Charters", "Sailing School", "Harbor Authority", "Marina"),
    "press": ("Books", "University Press", "Magazine", "Poetry Society", "Catalogues", "Theatre", "Map Company"),
    "growers": ("Markets", "Grocers", "Canners", "Juice Company", "Restaurants", "Food Hub", "School Meals", "Export"),
}  # fmt: skip

MERCHANTS = (
    "Paperclip Corner", "Bright Bean Coffee", "Wayfarer Air", "Roadside Fuel", "Parcel Point", "Cloud Larder",
    "Harbor Cab Company", "Noonday Sandwiches", "Handy Hardware Barn", "Inkwell Office Goods",
)  # fmt: skip

SERVICES: dict[str, str] = {
    "design": "Design services", "brewery": "Beer, wholesale", "joinery": "Joinery work", "dental": "Dental treatment",
    "courier": "Deliveries", "bakery": "Bread and cakes, wholesale", "museum": "Grants and sponsorship",
    "school": "Tuition", "veterinary": "Veterinary care", "boatyard": "Boat building and refit",
    "press": "Printing and binding", "growers": "Produce",
}  # fmt: skip
