"""Tax returns with lines that add up, and what all tax forms share."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, dollars, money, stranger, us

Figures = dict[str, int]
"""Line of Form 1040 to whole-dollar amount in cents."""


def figures(case: Case, rng: Random) -> Figures:
    """A return whose lines add up: 9 = 1z + 2b + 8, 11 = 9 - 10, 15 = 11 - 14, 24 = 16 + 23, 33 = 25d, 34 or 37 the rest."""

    def whole(cents: float) -> int:
        return round(cents / 100) * 100

    joint = len(case.borrowers) > 1
    wages = whole(sum(person.job.salary for person in case.borrowers) * 0.95)
    interest, other = whole(rng.randrange(2000, 190000)), whole(rng.randrange(0, 1900000))
    total = wages + interest + other
    adjust = whole(other * 0.07)
    standard = 2_770_000 if joint else 1_385_000
    taxable = max(0, total - adjust - standard)
    tax = whole(taxable * 0.1 if taxable < 2_000_000 else 200_000 + (taxable - 2_000_000) * 0.14)
    selfemployment = whole(other * 0.141)
    withheld = whole((tax + selfemployment) * rng.uniform(0.85, 1.25))
    return {
        "1a": wages, "1z": wages, "2b": interest, "8": other, "9": total, "10": adjust, "11": total - adjust, "12": standard, "14": standard, "15": taxable,
        "16": tax, "23": selfemployment, "24": tax + selfemployment, "25d": withheld, "33": withheld,
        "34": max(0, withheld - tax - selfemployment), "37": max(0, tax + selfemployment - withheld),
    }  # fmt: skip


_PAGE_1 = (
    ("1a", "Total amount from Form(s) W-2, box 1 (see instructions)"), ("1z", "Add lines 1a through 1h"), ("2b", "Taxable interest. Attach Sch. B if required"),
    ("3b", "Ordinary dividends"), ("4b", "IRA distributions, taxable amount"), ("5b", "Pensions and annuities, taxable amount"), ("6b", "Social security benefits, taxable amount"),
    ("7", "Capital gain or (loss). Attach Schedule D if required. If not required, check here"), ("8", "Additional income from Schedule 1, line 10"),
    ("9", "Add lines 1z, 2b, 3b, 4b, 5b, 6b, 7, and 8. This is your total income"), ("10", "Adjustments to income from Schedule 1, line 26"),
    ("11", "Subtract line 10 from line 9. This is your adjusted gross income"), ("12", "Standard deduction or itemized deductions (from Schedule A)"), ("13", "Qualified business income deduction from Form 8995 or Form 8995-A"),
    ("14", "Add lines 12 and 13"), ("15", "Subtract line 14 from line 11. If zero or less, enter -0-. This is your taxable income"),
)  # fmt: skip
_PAGE_2 = (
    ("16", "Tax (see instructions). Check if any from Form(s): 8814, 4972"), ("17", "Amount from Schedule 2, line 3"), ("18", "Add lines 16 and 17"), ("19", "Child tax credit or credit for other dependents from Schedule 8812"),
    ("22", "Subtract line 21 from line 18. If zero or less, enter -0-"), ("23", "Other taxes, including self-employment tax, from Schedule 2, line 21"), ("24", "Add lines 22 and 23. This is your total tax"),
    ("25d", "Federal income tax withheld from: Form(s) W-2, Form(s) 1099, other forms. Add lines 25a through 25c"), ("26", "2023 estimated tax payments and amount applied from prior year return"), ("27", "Earned income credit (EIC)"),
    ("33", "Add lines 25d, 26, and 32. These are your total payments"), ("34", "If line 33 is more than line 24, subtract line 24 from line 33. This is the amount you overpaid"), ("35a", "Amount of line 34 you want refunded to you. If Form 8888 is attached, check here"),
    ("37", "Subtract line 33 from line 24. This is the amount you owe. For details on how to pay, go to www.irs.gov/Payments"), ("38", "Estimated tax penalty (see instructions)"),
)  # fmt: skip


def form_lines(sheet: Sheet, lines: tuple[tuple[str, str], ...], values: Figures) -> None:
    sheet.table(
        ["", "", "", ""],
        [
            [code, text, code, money(values[code], "").removesuffix(".00") if values.get(code) else ""]
            for code, text in lines
        ],
        [0.6, 10, 0.7, 1.7],
        right=(3,),
        size=7.6,
    )


def _form_1040(sheet: Sheet, case: Case, rng: Random) -> None:
    """The official form, two pages, with Schedule 1 behind it where there is business income."""
    values, who = figures(case, rng), case.borrower
    spouse = case.borrowers[1] if len(case.borrowers) > 1 else None
    sheet.put(sheet.left, sheet.y + 12, "Form", size=7)
    sheet.put(sheet.left + 20, sheet.y + 14, "1040", size=22, bold=True)
    sheet.put(sheet.left + 84, sheet.y + 4, "Department of the Treasury - Internal Revenue Service", size=7)
    sheet.put(sheet.left + 84, sheet.y + 16, "U.S. Individual Income Tax Return", size=13, bold=True)
    sheet.put(sheet.left + 318, sheet.y + 16, str(case.tax_year), size=20, bold=True)
    sheet.put(sheet.right, sheet.y + 4, "OMB No. 1545-0074", size=7, align="right")
    sheet.put(sheet.right, sheet.y + 14, "IRS Use Only - Do not write or staple in this space.", size=6, align="right")
    sheet.gap(22)
    sheet.cells([
        [(2, "Your first name and middle initial", f"{who.first} {who.middle[0]}"), (2, "Last name", who.last), (1.4, "Your social security number", who.ssn)],
        [(2, "If joint return, spouse's first name and middle initial", f"{spouse.first} {spouse.middle[0]}" if spouse else ""), (2, "Last name", spouse.last if spouse else ""), (1.4, "Spouse's social security number", spouse.ssn if spouse else "")],
        [(4, "Home address (number and street). If you have a P.O. box, see instructions.", who.home.street), (1.4, "Apt. no.", "")],
        [(2.6, "City, town, or post office. If you have a foreign address, also complete spaces below.", who.home.city), (0.7, "State", who.home.state), (1, "ZIP code", who.home.zip), (1.2, "Presidential Election Campaign", "")],
    ], height=23)  # fmt: skip
    sheet.gap(12)
    sheet.put(sheet.left, sheet.y, "Filing Status", bold=True)
    for i, (text, on) in enumerate(
        (
            ("Single", spouse is None),
            ("Married filing jointly", spouse is not None),
            ("Married filing separately (MFS)", False),
            ("Head of household (HOH)", False),
        )
    ):
        sheet.check(sheet.left + 76 + 112 * i, sheet.y, text, on, size=7.5)
    sheet.gap(6)
    sheet.para(
        "Digital Assets   At any time during the year, did you: (a) receive (as a reward, award, or payment for property or services); or (b) sell, exchange, or otherwise dispose of a digital asset (or a financial interest in a digital asset)?   Yes   X No",
        size=7.5,
    )
    sheet.line("Standard Deduction   Someone can claim:  You as a dependent   Your spouse as a dependent", size=7.5)
    sheet.line(
        "Dependents (see instructions):  (1) First name  Last name   (2) Social security number   (3) Relationship to you",
        size=7.5,
    )
    sheet.gap(10)
    sheet.line("Income", bold=True)
    form_lines(sheet, _PAGE_1, values)
    sheet.line(
        "For Disclosure, Privacy Act, and Paperwork Reduction Act Notice, see separate instructions.     Cat. No. 11320B     Form 1040",
        size=7,
    )
    sheet.new_page()
    sheet.line(
        f"Form 1040 ({case.tax_year})                                                                                          Page 2",
        size=8,
        bold=True,
    )
    sheet.line("Tax and Credits / Payments / Refund / Amount You Owe", bold=True)
    form_lines(sheet, _PAGE_2, values | {"18": values["16"], "22": values["16"], "35a": values["34"]})
    sheet.cells(
        [
            [
                (
                    1,
                    "Third Party Designee   Do you want to allow another person to discuss this return with the IRS? See instructions",
                    "No",
                )
            ]
        ]
    )
    sheet.para(
        "Sign Here   Under penalties of perjury, I declare that I have examined this return and accompanying schedules and statements, and to the best of my knowledge and belief, they are true, correct, and complete. Declaration of preparer (other than taxpayer) is based on all information of which preparer has any knowledge.",
        size=7.5,
    )
    sheet.cells(
        [
            [(3, "Your signature", ""), (1, "Date", us(case.today)), (2, "Your occupation", who.job.title)],
            [
                (3, "Spouse's signature. If a joint return, both must sign.", ""),
                (1, "Date", ""),
                (2, "Spouse's occupation", spouse.job.title if spouse else ""),
            ],
            [
                (2, "Paid Preparer Use Only  Preparer's name", stranger(rng)),
                (1, "PTIN", f"P0{rng.randint(10**6, 10**7)}"),
                (2, "Firm's name", "Halyard Tax & Books"),
            ],
        ],
        height=26,
    )
    sheet.signature(sheet.left + 30, sheet.y - 58, who.name)
    if values["8"]:
        sheet.new_page()
        _schedule_1(sheet, case, values)


def _schedule_1(sheet: Sheet, case: Case, values: Figures) -> None:
    schedule_head(
        sheet,
        "SCHEDULE 1",
        "Additional Income and Adjustments to Income",
        "Attach to Form 1040, 1040-SR, or 1040-NR.",
        case,
        "01",
    )
    sheet.line("Part I   Additional Income", bold=True)
    form_lines(
        sheet,
        (
            ("1", "Taxable refunds, credits, or offsets of state and local income taxes"),
            ("2a", "Alimony received"),
            ("3", "Business income or (loss). Attach Schedule C"),
            ("4", "Other gains or (losses). Attach Form 4797"),
            ("5", "Rental real estate, royalties, partnerships, S corporations, trusts, etc. Attach Schedule E"),
            ("6", "Farm income or (loss). Attach Schedule F"),
            ("7", "Unemployment compensation"),
            ("10", "Combine lines 1 through 7 and 9. Enter here and on Form 1040, line 8"),
        ),
        {"3": values["8"], "10": values["8"]},
    )
    sheet.line("Part II   Adjustments to Income", bold=True)
    form_lines(
        sheet,
        (
            ("11", "Educator expenses"),
            ("13", "Health savings account deduction. Attach Form 8889"),
            ("15", "Deductible part of self-employment tax. Attach Schedule SE"),
            ("20", "IRA deduction"),
            ("21", "Student loan interest deduction"),
            ("26", "Add lines 11 through 23 and 25. Enter here and on Form 1040, line 10"),
        ),
        {"15": values["10"], "26": values["10"]},
    )


def _software_1040(sheet: Sheet, case: Case, rng: Random) -> None:
    """The printout of a tax programme: typeset differently, cover of results last."""
    values, who = figures(case, rng), case.borrower

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.left, 28, f"{who.last.upper()}, {who.first.upper()}   {who.ssn_masked}", size=8)
        sheet.put(
            sheet.right,
            28,
            f"{case.tax_year} Form 1040, page {page} of {pages}   File copy - do not mail",
            size=8,
            align="right",
        )

    sheet.running = running
    sheet.line(f"U.S. Individual Income Tax Return {case.tax_year}", bold=True, size=14)
    sheet.fields(
        [
            ("Name(s) shown on return", case.names),
            ("Your SSN", who.ssn),
            ("Filing status", "Married filing jointly" if len(case.borrowers) > 1 else "Single"),
            ("Present home address", who.home.one_line),
        ]
    )
    for title, lines in (("Income and adjusted gross income", _PAGE_1), ("Tax, payments, refund", _PAGE_2)):
        sheet.heading(title)
        sheet.fields(
            [
                (f"{code}  {text.split('. ')[0][:66]}", money(values[code], ""))
                for code, text in lines
                if values.get(code)
            ]
        )
        if lines is _PAGE_1:
            sheet.para(
                "The standard deduction was taken because it exceeds total itemized deductions. Dependents: none. No digital asset transactions were reported.",
                size=9,
            )
            sheet.new_page()
    sheet.para(
        "This return was filed electronically. The taxpayer's PIN serves as signature on Form 8879, IRS e-file Signature Authorization. Submission accepted on "
        + f"04/{rng.randint(1, 15):02d}/{case.tax_year + 1}.",
        size=9,
    )
    sheet.new_page()
    sheet.heading("Tax return comparison worksheet")
    rows = [
        [name, dollars(values[code] * 94 // 100), dollars(values[code])]
        for name, code in (
            ("Total income", "9"),
            ("Adjusted gross income", "11"),
            ("Taxable income", "15"),
            ("Total tax", "24"),
            ("Total payments", "33"),
        )
    ]
    sheet.table(["", str(case.tax_year - 1), str(case.tax_year)], rows, [4, 2, 2], right=(1, 2))


# ── schedules ────────────────────────────────────────────────────────────────────────────────────


def schedule_head(sheet: Sheet, name: str, title: str, attach: str, case: Case, number: str) -> None:
    sheet.line(name, bold=True, size=12)
    sheet.line("(Form 1040)     Department of the Treasury   Internal Revenue Service", size=7)
    sheet.line(title, bold=True, size=14, align="center")
    sheet.line(f"{attach} Go to www.irs.gov for instructions and the latest information.", size=8, align="center")
    sheet.line(f"OMB No. 1545-0074     {case.tax_year}     Attachment Sequence No. {number}", size=8, align="right")
    sheet.cells([[(3, "Name(s) shown on return", case.names), (1, "Your social security number", case.borrower.ssn)]])
    sheet.gap(6)


# ── W-9 and 4506-C ───────────────────────────────────────────────────────────────────────────────


LAYOUTS = (
    Layout("tax_return_1040", "official-form", Theme(margin=36, size=9, table="plain"), _form_1040),
    Layout(
        "tax_return_1040",
        "software-print",
        Theme("Times", 10, 56, heading="bar", fields="dots"),
        _software_1040,
        note="running header on all pages",
    ),
)
