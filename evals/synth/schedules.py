"""Schedules of Form 1040 that are filed on their own."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, money
from evals.synth.tax import form_lines, schedule_head


def _schedule_c(sheet: Sheet, case: Case, rng: Random) -> None:
    receipts = rng.randrange(900000, 9000000, 100)
    costs = {code: receipts * rng.randint(1, 6) // 10000 * 100 for code in ("8", "9", "15", "18", "22", "24a", "25")}
    total = sum(costs.values())
    schedule_head(
        sheet,
        "SCHEDULE C",
        "Profit or Loss From Business (Sole Proprietorship)",
        "Attach to Form 1040, 1040-SR, 1040-SS, 1040-NR, or 1041; partnerships must generally file Form 1065.",
        case,
        "09",
    )
    sheet.cells(
        [
            [
                (
                    3,
                    "A  Principal business or profession, including product or service",
                    rng.choice(("Landscape design", "Piano instruction", "Freelance drafting")),
                ),
                (1, "B  Enter code from instructions", f"{rng.randint(110000, 812990)}"),
            ],
            [
                (3, "C  Business name. If no separate business name, leave blank.", ""),
                (1, "D  Employer ID number (EIN)", ""),
            ],
            [(1, "F  Accounting method:  (1) Cash  (2) Accrual  (3) Other", "X Cash")],
            [(1, 'G  Did you "materially participate" in the operation of this business?', "Yes")],
        ]
    )
    sheet.line("Part I   Income", bold=True)
    form_lines(
        sheet,
        (
            ("1", "Gross receipts or sales. See instructions for line 1"),
            ("2", "Returns and allowances"),
            ("4", "Cost of goods sold (from line 42)"),
            ("7", "Gross income. Add lines 5 and 6"),
        ),
        {"1": receipts, "7": receipts},
    )
    sheet.line("Part II   Expenses. Enter expenses for business use of your home only on line 30.", bold=True)
    form_lines(
        sheet,
        (
            ("8", "Advertising"),
            ("9", "Car and truck expenses (see instructions)"),
            ("10", "Commissions and fees"),
            ("13", "Depreciation and section 179 expense deduction"),
            ("15", "Insurance (other than health)"),
            ("18", "Office expense (see instructions)"),
            ("22", "Supplies (not included in Part III)"),
            ("24a", "Travel"),
            ("25", "Utilities"),
            ("28", "Total expenses before expenses for business use of home"),
            ("31", "Net profit or (loss). Subtract line 30 from line 29"),
        ),
        costs | {"28": total, "31": receipts - total},
    )
    sheet.line(
        "For Paperwork Reduction Act Notice, see the separate instructions.    Cat. No. 11334P    Schedule C (Form 1040)",
        size=7,
    )


def _schedule_b(sheet: Sheet, case: Case, rng: Random) -> None:
    schedule_head(sheet, "SCHEDULE B", "Interest and Ordinary Dividends", "Attach to Form 1040 or 1040-SR.", case, "08")
    for part, noun, payers in (
        ("Part I   Interest", "interest", ("Cedar & Main Bank, N.A.", "Lakehurst Community CU")),
        ("Part II   Ordinary Dividends", "ordinary dividends", ("Arbor Broad Market ETF", "Tallgrass Bond Fund")),
    ):
        sheet.line(part, bold=True, size=11)
        sheet.para(
            f"List name of payer. If any {noun} is from a seller-financed mortgage and the buyer used the property as a personal residence, see the instructions.",
            size=8,
        )
        amounts = [rng.randrange(2500, 260000) for _ in payers]
        sheet.table(
            ["Payer", "Amount"],
            [
                *[[name, money(amount, "")] for name, amount in zip(payers, amounts, strict=True)],
                ["Add the amounts on the lines above. Enter the result here", money(sum(amounts), "")],
            ],
            [5, 1],
            right=(1,),
            bold_last=True,
        )
    sheet.line("Part III   Foreign Accounts and Trusts", bold=True, size=11)
    sheet.para(
        "7a  At any time during the year, did you have a financial interest in or signature authority over a financial account (such as a bank account, securities account, or brokerage account) located in a foreign country? See instructions.     No",
        size=9,
    )
    sheet.para(
        "8  During the year, did you receive a distribution from, or were you the grantor of, or transferor to, a foreign trust?     No",
        size=9,
    )


def _schedule_e(sheet: Sheet, case: Case, rng: Random) -> None:
    rent = rng.randrange(900000, 3600000, 100)
    costs = {"9": rent // 2000 * 100, "12": rent // 400 * 100, "16": rent // 1000 * 100, "18": rent // 600 * 100}
    total = sum(costs.values())
    schedule_head(
        sheet,
        "SCHEDULE E",
        "Supplemental Income and Loss",
        "(From rental real estate, royalties, partnerships, S corporations, estates, trusts, REMICs, etc.)",
        case,
        "13",
    )
    sheet.para(
        "Part I  Income or Loss From Rental Real Estate and Royalties.  Note: If you are in the business of renting personal property, use Schedule C."
    )
    sheet.fields(
        [
            ("1a  Physical address of each property (street, city, state, ZIP code)", ""),
            ("A", case.borrower.home.one_line),
            ("1b  Type of Property", "1 - Single Family Residence"),
            ("2  Fair Rental Days / Personal Use Days", "365 / 0"),
        ]
    )
    sheet.gap()
    names = {
        "3": "Rents received",
        "9": "Insurance",
        "12": "Mortgage interest paid to banks, etc.",
        "16": "Taxes",
        "18": "Depreciation expense or depletion",
        "20": "Total expenses. Add lines 5 through 19",
        "21": "Subtract line 20 from line 3 (rents)",
        "26": "Total rental real estate and royalty income or (loss)",
    }
    amounts = {"3": rent, **costs, "20": total, "21": rent - total, "26": rent - total}
    sheet.table(
        ["Line", "Income and expenses: Properties", "A", "B", "C"],
        [[code, text, money(amounts[code], ""), "", ""] for code, text in names.items()],
        [0.6, 5, 1.4, 1, 1],
        right=(2, 3, 4),
    )


LAYOUTS = (
    Layout("tax_schedule", "schedule-c", Theme(margin=38, size=9, table="plain"), _schedule_c),
    Layout("tax_schedule", "schedule-b", Theme("Times", 10, 50), _schedule_b),
    Layout(
        "tax_schedule",
        "schedule-e",
        Theme(margin=44, size=9.5, table="grid", accent="#444444", fields="dots"),
        _schedule_e,
    ),
)
