"""Papers about the house: appraisals and leases."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from datetime import date
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, address, company, dollars, long_date, money, stranger, us

# ── appraisals ───────────────────────────────────────────────────────────────────────────────────


def _urar(sheet: Sheet, case: Case, rng: Random) -> None:
    """Form 1004: subject and neighborhood, sales comparison grid, certifications."""
    file_number = f"{case.today.year}-{rng.randint(1000, 9999)}"

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.width / 2, 24, "Uniform Residential Appraisal Report", size=12, bold=True, align="center")
        sheet.put(sheet.right, 24, f"File # {file_number}", size=8, align="right")
        sheet.put(
            sheet.left,
            sheet.height - 20,
            f"Freddie Mac Form 70 March 2005            Page {page} of {pages}            Fannie Mae Form 1004 March 2005",
            size=7,
        )

    sheet.running = running
    area, rooms, built = rng.randrange(1150, 3400), rng.randint(5, 9), rng.randint(1958, 2018)
    sheet.para(
        "The purpose of this summary appraisal report is to provide the lender/client with an accurate, and adequately supported, opinion of the market value of the subject property.",
        size=8,
    )
    sheet.heading("SUBJECT")
    sheet.cells([
        [(3, "Property Address", case.house.street), (2, "City", case.house.city), (0.6, "State", case.house.state), (1, "Zip Code", case.house.zip)],
        [(2, "Borrower", case.borrower.name), (2, "Owner of Public Record", stranger(rng)), (1.4, "County", f"{case.house.city.split()[0]} County")],
        [(3, "Legal Description", f"LOT {rng.randint(1, 60)} BLK {rng.randint(1, 20)} {case.house.city.upper()} ESTATES"), (1, "Assessor's Parcel #", f"{rng.randint(10, 99)}-{rng.randint(100, 999)}-{rng.randint(100, 999)}"), (1, "R.E. Taxes $", money(case.price * 11 // 1000, ""))],
        [(1, "Occupant  Owner  Tenant  Vacant", "X Owner"), (1, "Assignment Type  Purchase Transaction  Refinance Transaction", "X Purchase"), (2, "Lender/Client", case.lender.name)],
    ], height=23)  # fmt: skip
    sheet.heading("NEIGHBORHOOD")
    sheet.para("Note: Race and the racial composition of the neighborhood are not appraisal factors.", size=7.5)
    sheet.cells(
        [
            [
                (1, "Location  Urban  Suburban  Rural", "X Suburban"),
                (1, "Built-Up  Over 75%  25-75%  Under 25%", "X Over 75%"),
                (1, "Property Values  Increasing  Stable  Declining", "X Stable"),
                (1, "Demand/Supply", "X In Balance"),
                (1, "Marketing Time", "X Under 3 mths"),
            ]
        ],
        height=23,
    )
    sheet.para(
        f"Neighborhood Description: The subject is located in an established area of {case.house.city} of predominantly single family dwellings of average to good quality. Schools, parks, shopping and employment are within a reasonable commute. Market Conditions (including support for the above conclusions): supply and demand appear balanced; typical seller concessions run from zero to three percent.",
        size=8,
    )
    sheet.heading("SITE / IMPROVEMENTS")
    sheet.cells([
        [(1, "Dimensions", "72 x 118"), (1, "Area", f"{72 * 118} sf"), (1, "Zoning Classification", "R-1 Residential"), (1, "FEMA Flood Zone", "X")], [(1, "Units", "One"), (1, "# of Stories", str(rng.choice((1, 2)))), (1, "Design (Style)", rng.choice(("Ranch", "Colonial", "Craftsman"))), (1, "Year Built", str(built)), (1, "Effective Age (Yrs)", str((case.today.year - built) // 3))],
        [(1, "Foundation", "Crawl Space"), (1, "Exterior Walls", "Vinyl/Avg"), (1, "Roof Surface", "Comp Shingle/Avg"), (1, "Heating", "FWA Gas"), (1, "Cooling", "Central Air")], [(1, "Finished area above grade contains: Rooms", str(rooms)), (1, "Bedrooms", str(rooms - 3)), (1, "Bath(s)", "2.1"), (1, "Square Feet of Gross Living Area Above Grade", f"{area:,}")],
    ], height=23)  # fmt: skip
    sheet.new_page()
    sheet.heading("SALES COMPARISON APPROACH")
    sheet.para(
        f"There are {rng.randint(3, 18)} comparable properties currently offered for sale in the subject neighborhood ranging in price from {dollars(case.price * 88 // 100)} to {dollars(case.price * 112 // 100)}.",
        size=8,
    )
    comparables = [
        (address(rng), case.price * rng.randint(95, 106) // 10000 * 100, area + rng.randint(-240, 240))
        for _ in range(3)
    ]
    adjustments = [(area - size) * 4500 for _, _, size in comparables]
    sheet.table(["FEATURE", "SUBJECT", "COMPARABLE SALE # 1", "COMPARABLE SALE # 2", "COMPARABLE SALE # 3"], [
        ["Address", case.house.street, *[place.street for place, _, _ in comparables]], ["Proximity to Subject", "", *[f"{rng.uniform(0.1, 1.6):.2f} miles" for _ in comparables]], ["Sale Price", dollars(case.price), *[dollars(price) for _, price, _ in comparables]],
        ["Sale Price/Gross Liv. Area", f"${case.price / 100 / area:.2f} sq. ft.", *[f"${price / 100 / size:.2f} sq. ft." for _, price, size in comparables]], ["Data Source(s)", "", *[f"MLS#{rng.randint(10**6, 10**7)};DOM {rng.randint(4, 60)}" for _ in comparables]], ["VALUE ADJUSTMENTS", "DESCRIPTION", "+(-) $ Adjustment", "+(-) $ Adjustment", "+(-) $ Adjustment"],
        ["Condition", "C3", "C3", "C3", "C3"], ["Gross Living Area", f"{area:,} sq. ft.", *[f"{size:,}  {dollars(change)}" for (_, _, size), change in zip(comparables, adjustments, strict=True)]], ["Net Adjustment (Total)", "", *[dollars(change) for change in adjustments]],
        ["Adjusted Sale Price", "", *[dollars(price + change) for (_, price, _), change in zip(comparables, adjustments, strict=True)]],
    ], [2.1, 2.1, 2.2, 2.2, 2.2], size=7)  # fmt: skip
    sheet.para(
        "Summary of Sales Comparison Approach: All comparables are arm's-length transactions within one mile or the same market area and bracket the subject in gross living area. Greatest weight was given to Sale 1 for its proximity and fewest adjustments.",
        size=8,
    )
    sheet.heading("RECONCILIATION")
    sheet.para(
        f"Based on a complete visual inspection of the interior and exterior areas of the subject property, defined scope of work, statement of assumptions and limiting conditions, and appraiser's certification, my (our) opinion of the market value, as defined, of the real property that is the subject of this report is {dollars(case.price)}, as of {us(case.today)}, which is the date of inspection and the effective date of this appraisal.",
        size=8.5,
        bold=True,
    )
    sheet.new_page()
    sheet.heading("STATEMENT OF ASSUMPTIONS AND LIMITING CONDITIONS / APPRAISER'S CERTIFICATION")
    for i, text in enumerate((
        "I have, at a minimum, developed and reported this appraisal in accordance with the scope of work requirements stated in this appraisal report.", "I performed a complete visual inspection of the interior and exterior areas of the subject property. I reported the condition of the improvements in factual, specific terms.",
        "I performed this appraisal in accordance with the requirements of the Uniform Standards of Professional Appraisal Practice that were adopted and promulgated by the Appraisal Standards Board of The Appraisal Foundation.", "I developed my opinion of the market value of the real property that is the subject of this report based on the sales comparison approach to value.",
        "I have knowledge and experience in appraising this type of property in this market area.", "I have no present or prospective interest in the property that is the subject of this report, and I have no present or prospective personal interest or bias with respect to the participants in the transaction.",
    )):  # fmt: skip
        sheet.para(text, size=9, indent=18, hang=f"{i + 1}.")
    appraiser = stranger(rng)
    sheet.gap(24)
    sheet.signature(sheet.left, sheet.y - 4, appraiser)
    sheet.fields(
        [
            ("APPRAISER", appraiser),
            ("Company Name", "Plumb Line Valuation"),
            ("State Certification #", f"CR{rng.randint(10000, 99999)}"),
            ("Date of Signature and Report", us(case.today)),
            ("ADDRESS OF PROPERTY APPRAISED", case.house.one_line),
            ("APPRAISED VALUE OF SUBJECT PROPERTY", dollars(case.price)),
        ]
    )


def _narrative_appraisal(sheet: Sheet, case: Case, rng: Random) -> None:
    """A letter of transmittal and a restricted narrative report."""
    firm, appraiser = company(rng, "Stillwater Appraisal Associates"), stranger(rng)
    sheet.line(firm.name, bold=True, size=16, color=sheet.theme.accent)
    sheet.line("Real Estate Appraisers and Consultants   " + firm.phone, size=9)
    sheet.gap(16)
    sheet.lines([long_date(case.today), "", case.lender.name, case.lender.address.one_line, ""])
    sheet.line(f"Re: Appraisal of single-family residence, {case.house.one_line}", bold=True)
    sheet.gap(8)
    sheet.para(
        f"At your request we have appraised the real property referenced above. The purpose of the appraisal is to estimate the market value of the fee simple estate for mortgage lending. The property was inspected on {long_date(case.today)}."
    )
    sheet.para(
        f"In our opinion the market value of the property as of the date of inspection, subject to the assumptions and limiting conditions in this report, is {dollars(case.price)}."
    )
    sheet.gap(34)
    sheet.signature(sheet.left, sheet.y - 6, appraiser)
    sheet.lines([appraiser, "Certified Residential Appraiser"])
    sheet.new_page()
    sheet.heading("Description of the property")
    sheet.para(
        f"The site is a rectangular, level lot of {rng.randrange(6000, 14000):,} square feet with all public utilities. The improvements consist of a wood-frame dwelling with {rng.randrange(1200, 2900):,} square feet of gross living area, {rng.randint(2, 5)} bedrooms and {rng.randint(1, 3)} baths, built in {rng.randint(1950, 2015)}. Overall condition is average; no functional or external obsolescence was noted."
    )
    sheet.heading("Highest and best use")
    sheet.para(
        "As vacant, the highest and best use of the site is development with a single-family residence. As improved, the present use is the highest and best use."
    )
    sheet.heading("Cost approach")
    site, cost = case.price * 22 // 100, case.price * 90 // 100
    sheet.table(
        ["", ""],
        [
            ["Estimated site value", dollars(site)],
            ["Replacement cost new of dwelling", dollars(cost)],
            ["Less physical depreciation", dollars(site + cost - case.price)],
            ["Indicated value by cost approach", dollars(case.price)],
        ],
        [4, 1.5],
        right=(1,),
        bold_last=True,
    )
    sheet.heading("Assumptions and limiting conditions")
    sheet.para(
        "No responsibility is assumed for matters legal in character. Title is assumed to be good and marketable. The appraiser is not a home inspector and this report should not be relied upon to disclose hidden conditions."
    )


# ── insurance ────────────────────────────────────────────────────────────────────────────────────


# ── leases ───────────────────────────────────────────────────────────────────────────────────────

_LEASE = (
    ("USE OF PREMISES", "The Premises shall be used and occupied by Tenant exclusively as a private single family dwelling, and no part of the Premises shall be used for the purpose of carrying on any business, profession, or trade of any kind."),
    ("SECURITY DEPOSIT", "Upon the due execution of this Agreement, Tenant shall deposit with Landlord a sum equal to one month's rent as security for any damage caused to the Premises during the term hereof. Such deposit shall be returned to Tenant, without interest, less any set off for damages to the Premises."),
    ("UTILITIES", "Tenant shall be responsible for arranging for and paying for all utility services required on the Premises, except water and refuse collection."), ("PETS", "Tenant shall be entitled to keep no pets without the prior written consent of Landlord."),
    ("MAINTENANCE AND REPAIR", "Tenant will, at its sole expense, keep and maintain the Premises and appurtenances in good and sanitary condition and repair during the term of this Agreement and any renewal thereof, and shall not obstruct the driveways, sidewalks, stairs and halls."),
    ("ASSIGNMENT AND SUB-LETTING", "Tenant shall not assign this Agreement, or sub-let or grant any license to use the Premises or any part thereof without the prior written consent of Landlord."), ("QUIET ENJOYMENT", "Tenant, upon payment of all of the sums referred to herein, shall and may peacefully and quietly have, hold and enjoy said Premises for the term hereof."),
    ("HOLDOVER", "Should Tenant remain in possession after the natural expiration of this Agreement, a new tenancy from month-to-month shall be created, terminable on thirty days' written notice."), ("LEAD-BASED PAINT", "Housing built before 1978 may contain lead-based paint. Landlord has disclosed any known hazards and Tenant has received the federally approved pamphlet."),
)  # fmt: skip


def _residential_lease(sheet: Sheet, case: Case, rng: Random) -> None:
    landlord, rent = stranger(rng), rng.randrange(95, 320) * 1000
    sheet.line("RESIDENTIAL LEASE AGREEMENT", bold=True, size=15, align="center")
    sheet.para(
        f'THIS LEASE AGREEMENT (the "Agreement") is made and entered into this {long_date(case.today)} by and between {landlord} ("Landlord") and {case.names} ("Tenant"). Landlord is the owner of certain real property situated at {case.borrower.home.one_line} (the "Premises").'
    )
    sheet.para(
        f"1. TERM AND RENT. Landlord leases to Tenant the Premises for a term of twelve months. The monthly rent is {money(rent)}, due on the first day of each month; the total rent for the term is {money(rent * 12)}."
    )
    for i, (title, text) in enumerate(rng.sample(_LEASE, k=8)):
        sheet.para(f"{i + 2}. {title}. {text}")
    sheet.gap(30)
    sheet.signature(sheet.left, sheet.y - 4, landlord)
    sheet.line(f"LANDLORD: {landlord}                        TENANT: {case.names}", size=9)


def _lease_summary(sheet: Sheet, case: Case, rng: Random) -> None:
    """A management company's lease: key terms in boxes, house rules in a second part."""
    rent = rng.randrange(95, 320) * 1000
    sheet.line("Thornbury Property Management", bold=True, size=14, color=sheet.theme.accent)
    sheet.line("APARTMENT LEASE CONTRACT", bold=True)
    sheet.cells(
        [
            [
                (1, "RESIDENTS (all persons 18 or older)", case.names),
                (1, "OWNER / AGENT", "Thornbury Property Management"),
            ],
            [
                (2, "APARTMENT", case.borrower.home.one_line),
                (1, "LEASE BEGINS", us(date(case.today.year - 1, case.today.month, 1))),
                (1, "LEASE ENDS", us(date(case.today.year, case.today.month, 1))),
            ],
            [
                (1, "MONTHLY RENT", money(rent)),
                (1, "SECURITY DEPOSIT", money(rent)),
                (1, "LATE FEE AFTER THE 5TH", "$75.00"),
                (1, "PARKING", "1 space"),
            ],
        ],
        height=30,
    )
    sheet.heading("Terms")
    for title, text in rng.sample(_LEASE, k=5):
        sheet.para(f"{title.capitalize()}: {text}", size=9)
    sheet.new_page()
    sheet.heading("Community rules (part of the lease contract)")
    for i, text in enumerate(
        (
            "Quiet hours are from 10 p.m. to 7 a.m.",
            "Grills are not permitted on balconies or within ten feet of any building.",
            "Renter's insurance with liability limits of at least $100,000 is required.",
            "Management may enter with 24 hours' notice, or at once in an emergency.",
            "Rent is paid through the resident portal; cash is not accepted.",
        )
    ):
        sheet.para(text, indent=18, hang=f"{i + 1}.")


LAYOUTS = (
    Layout(
        "appraisal_report",
        "urar-1004",
        Theme(margin=38, size=8.5, heading="bar", accent="#2b2b2b", table="grid"),
        _urar,
    ),
    Layout("appraisal_report", "narrative", Theme("Times", 11, 66, "#5b3a1a"), _narrative_appraisal),
    Layout("lease_agreement", "residential", Theme("Times", 11, 70), _residential_lease),
    Layout("lease_agreement", "apartment", Theme(size=9.5, accent="#6d4c41", heading="rule"), _lease_summary),
)
