"""What employers, banks and lenders send out each January: W-2, 1099 and 1098."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from random import Random

from evals.synth.draw import Cell, Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, Company, Job, Person, company, money

_BANKS = ("Cedar & Main Bank, N.A.", "Lakehurst Community Credit Union", "Ostrander Securities LLC")


# ── W-2 ──────────────────────────────────────────────────────────────────────────────────────────


def _wages(job: Job, rng: Random) -> dict[str, int]:
    """Boxes 1 to 6 and 16, 17; box 4 is 6.2 % of box 3, box 6 1.45 % of box 5."""
    social = job.salary * rng.randint(94, 103) // 100
    wages = social - social * rng.choice((0, 3, 5, 6)) // 100
    return {
        "1": wages, "2": wages * rng.randint(9, 17) // 100, "3": social, "4": round(social * 0.062), "5": social,
        "6": round(social * 0.0145), "12": social - wages, "16": wages, "17": wages * rng.randint(2, 5) // 100,
    }  # fmt: skip


def _w2_boxes(who: Person, job: Job, box: dict[str, int], control: str) -> list[list[Cell]]:
    def amount(name: str) -> str:
        return money(box[name], "")

    firm = job.employer
    return [
        [(2.4, "a Employee's social security number", who.ssn), (2, "For Official Use Only  OMB No. 1545-0008", "")],
        [(2.4, "b Employer identification number (EIN)", firm.ein), (1, "1 Wages, tips, other compensation", amount("1")), (1, "2 Federal income tax withheld", amount("2"))],
        [(2.4, "c Employer's name, address, and ZIP code", firm.name), (1, "3 Social security wages", amount("3")), (1, "4 Social security tax withheld", amount("4"))],
        [(2.4, "", firm.address.street), (1, "5 Medicare wages and tips", amount("5")), (1, "6 Medicare tax withheld", amount("6"))],
        [(2.4, "", firm.address.tail), (1, "7 Social security tips", ""), (1, "8 Allocated tips", "")],
        [(2.4, "d Control number", control), (1, "9", ""), (1, "10 Dependent care benefits", "")],
        [(2.4, "e Employee's first name and initial    Last name    Suff.", f"{who.first} {who.middle[0]}   {who.last}"), (1, "11 Nonqualified plans", ""), (1, "12a See instructions for box 12", f"D  {amount('12')}" if box["12"] else "")],
        [(2.4, "f Employee's address and ZIP code", who.home.street), (1, "13 Statutory employee  Retirement plan  Third-party sick pay", "      X" if box["12"] else ""), (1, "12b", "")],
        [(2.4, "", who.home.tail), (1, "14 Other", ""), (1, "12c", "")],
        [(0.4, "15 State", who.home.state), (1.2, "Employer's state ID number", firm.ein.replace("-", "")), (1, "16 State wages, tips, etc.", amount("16")), (1, "17 State income tax", amount("17")), (1, "18 Local wages, tips, etc.", ""), (0.8, "19 Local income tax", ""), (0.7, "20 Locality name", "")],
    ]  # fmt: skip


def _w2_foot(sheet: Sheet, year: int, copy: str) -> None:
    sheet.gap(10)
    sheet.put(sheet.left, sheet.y + 8, "Form", size=8)
    sheet.put(sheet.left + 22, sheet.y + 10, "W-2", size=20, bold=True, font="Helvetica")
    sheet.put(sheet.left + 70, sheet.y + 8, "Wage and Tax Statement", size=11, bold=True)
    sheet.put(sheet.width / 2 + 10, sheet.y + 10, str(year), size=20, bold=True)
    sheet.put(sheet.right, sheet.y + 3, "Department of the Treasury - Internal Revenue Service", size=7, align="right")
    sheet.gap(16)
    sheet.line(copy, bold=True, size=8)


def _w2_single(sheet: Sheet, case: Case, rng: Random) -> None:
    """One large copy B on a sheet with the notice to the employee below."""
    who = case.anyone(rng)
    job = rng.choice(who.jobs)
    sheet.cells(_w2_boxes(who, job, _wages(job, rng), f"{rng.randint(10**5, 10**6)}"), height=27)
    _w2_foot(sheet, case.tax_year, "Copy B - To Be Filed With Employee's FEDERAL Tax Return.")
    sheet.line("This information is being furnished to the Internal Revenue Service.", size=7.5)
    sheet.heading("Notice to Employee")
    sheet.para(
        "Do you have to file? Refer to the Form 1040 instructions to determine if you are required to file a tax return. Even if you don't have to file a tax return, you may be eligible for a refund if box 2 shows an amount or if you are eligible for any credit.",
        size=8,
    )
    sheet.para(
        "Earned income credit (EIC). You may be able to take the EIC if your adjusted gross income is less than a certain amount. Clergy and religious workers: if you aren't subject to social security and Medicare taxes, see Pub. 517.",
        size=8,
    )
    sheet.para(
        "Corrections. If your name, SSN, or address is incorrect, correct Copies B, C, and 2 and ask your employer to correct your employment record. Be sure to ask the employer to file Form W-2c, Corrected Wage and Tax Statement, with the Social Security Administration.",
        size=8,
    )


def _w2_four_up(sheet: Sheet, case: Case, rng: Random) -> None:
    """Copies B, C, 2 and 2 on one perforated sheet: the same figures four times."""
    who = case.anyone(rng)
    job = rng.choice(who.jobs)
    boxes, control = _wages(job, rng), f"{rng.randint(1000, 9999)} {who.home.state}/{rng.randint(100, 999)}"
    copies = (
        "Copy B, to be filed with employee's Federal Income Tax Return", "Copy 2, to be filed with employee's State Tax Return",
        "Copy C, for employee's records", "Copy 2, to be filed with employee's City or Local Tax Return",
    )  # fmt: skip

    def copy(caption: str) -> None:
        sheet.line(f"W-2  Wage and Tax Statement  {case.tax_year}", bold=True, size=9)
        sheet.line(caption, size=6)
        firm = job.employer
        sheet.cells([
            [(1, "1  Wages, tips, other comp.", money(boxes["1"], "")), (1, "2  Federal income tax withheld", money(boxes["2"], ""))],
            [(1, "3  Social security wages", money(boxes["3"], "")), (1, "4  Social security tax withheld", money(boxes["4"], ""))],
            [(1, "5  Medicare wages and tips", money(boxes["5"], "")), (1, "6  Medicare tax withheld", money(boxes["6"], ""))],
            [(1, "d  Control number", control), (1, "OMB No. 1545-0008", "")],
            [(1, "c  Employer's name, address, and ZIP code", f"{firm.name}\n{firm.address.street}\n{firm.address.tail}")],
            [(1, "b  Employer's FED ID number", firm.ein), (1, "a  Employee's SSA number", who.ssn)],
            [(1, "e/f  Employee's name, address and ZIP code", f"{who.name}\n{who.home.street}\n{who.home.tail}")],
            [(1, "15 State  Employer's state ID no.", who.home.state), (1, "16 State wages, tips, etc.", money(boxes["16"], ""))],
            [(1, "17 State income tax", money(boxes["17"], "")), (1, "12a", f"D {money(boxes['12'], '')}" if boxes["12"] else "")],
        ], height=36)  # fmt: skip

    for pair in (copies[:2], copies[2:]):
        sheet.beside(lambda pair=pair: copy(pair[0]), lambda pair=pair: copy(pair[1]))  # type: ignore[misc]
        sheet.gap(12)


def _w2_reissued(sheet: Sheet, case: Case, rng: Random) -> None:
    """A reprint from a self-service portal: captions as a list instead of boxes, earnings summary first."""
    who = case.anyone(rng)
    job = rng.choice(who.jobs)
    box = _wages(job, rng)
    sheet.line(f"{case.tax_year} W-2 and EARNINGS SUMMARY", bold=True, size=14)
    sheet.line("REISSUED STATEMENT - employee reference copy, printed from the payroll self-service portal", size=8)
    sheet.para(
        "This blue section is your Earnings Summary which provides more detailed information on the generation of your W-2 statement. The reverse side includes instructions and other general information.",
        size=8,
    )
    sheet.table(["", "Wages, tips, other comp. Box 1 of W-2", "Social Security wages Box 3 of W-2", "Medicare wages Box 5 of W-2"],
                [["Gross Pay", money(box["3"], ""), money(box["3"], ""), money(box["5"], "")], ["Less 401(k) (D-Box 12)", money(box["12"], ""), "N/A", "N/A"], ["Reported W-2 Wages", money(box["1"], ""), money(box["3"], ""), money(box["5"], "")]],
                [2, 3, 3, 3], right=(1, 2, 3), bold_last=True, size=8)  # fmt: skip
    sheet.heading("Wage and Tax Statement")
    sheet.fields([
        ("Employer", job.employer.name), ("Employer identification number", job.employer.ein), ("Employer address", job.employer.address.one_line),
        ("Employee", who.name), ("Employee SSN", who.ssn_masked), ("Employee address", who.home.one_line),
        ("1  Wages, tips, other compensation", money(box["1"])), ("2  Federal income tax withheld", money(box["2"])),
        ("3  Social security wages", money(box["3"])), ("4  Social security tax withheld", money(box["4"])),
        ("5  Medicare wages and tips", money(box["5"])), ("6  Medicare tax withheld", money(box["6"])),
        (f"16  State wages ({who.home.state})", money(box["16"])), (f"17  State income tax ({who.home.state})", money(box["17"])),
    ])  # fmt: skip
    sheet.rule()
    sheet.line("Form W-2 Wage and Tax Statement. Dept. of the Treasury - IRS. OMB No. 1545-0008", size=8)


# ── 1099 and 1098 ────────────────────────────────────────────────────────────────────────────────


def _information_return(
    sheet: Sheet,
    payer: Company,
    who: Person,
    form: str,
    title: str,
    year: int,
    boxes: list[tuple[str, str]],
    role: tuple[str, str],
    account: str,
) -> None:
    """The half-sheet form all information returns share: payer left, numbered boxes right."""
    sheet.check(sheet.left + 150, sheet.y + 4, "CORRECTED (if checked)", False, size=8)
    sheet.gap(10)
    left = [
        (f"{role[0]}'S name, street address, city or town, state or province, country, ZIP or foreign postal code, and telephone no.", f"{payer.name}\n{payer.address.street}\n{payer.address.tail}\n{payer.phone}", 66.0),
        (f"{role[0]}'S TIN          {role[1]}'S TIN", f"{payer.ein}      {who.ssn_masked}", 26.0),
        (f"{role[1]}'S name", who.name, 26.0), ("Street address (including apt. no.)", who.home.street, 26.0),
        ("City or town, state or province, country, and ZIP or foreign postal code", who.home.tail, 26.0), ("Account number (see instructions)", account, 26.0),
    ]  # fmt: skip

    def left_half() -> None:
        for caption, value, height in left:
            sheet.cells([[(1, caption, value)]], height=height)

    def right_half() -> None:
        sheet.cells(
            [
                [
                    (1.2, "OMB No. 1545-0112" if "INT" in form else "OMB No. 1545-0110", f"Form {form}"),
                    (1, "For calendar year", str(year)),
                ]
            ],
            height=30,
        )
        for i in range(0, len(boxes), 2):
            sheet.cells([[(1, caption, value) for caption, value in boxes[i : i + 2]]], height=27)

    sheet.line(title, bold=True, size=12, align="right")
    sheet.beside(left_half, right_half, split=0.52)
    sheet.gap(4)
    sheet.line(
        f"Form {form}   (keep for your records)   www.irs.gov/Form{form.replace('-', '')}   Department of the Treasury - Internal Revenue Service",
        size=7.5,
    )
    sheet.line("Copy B  For " + role[1].title(), bold=True, size=9)
    sheet.para(
        "This is important tax information and is being furnished to the IRS. If you are required to file a return, a negligence penalty or other sanction may be imposed on you if this income is taxable and the IRS determines that it has not been reported.",
        size=7.5,
    )


def _form_1099_int(sheet: Sheet, case: Case, rng: Random) -> None:
    who, payer = case.anyone(rng), company(rng, rng.choice(_BANKS[:2]))
    interest = rng.randrange(1200, 210000)
    _information_return(sheet, payer, who, "1099-INT", "Interest Income", case.tax_year, [
        ("Payer's RTN (optional)", ""), ("1 Interest income", money(interest)), ("2 Early withdrawal penalty", money(0)),
        ("3 Interest on U.S. Savings Bonds and Treasury obligations", money(0)), ("4 Federal income tax withheld", money(0)), ("5 Investment expenses", ""),
        ("6 Foreign tax paid", ""), ("7 Foreign country or U.S. territory", ""), ("8 Tax-exempt interest", ""), ("9 Specified private activity bond interest", ""),
        ("15 State  16 State identification no.", who.home.state), ("17 State tax withheld", ""),
    ], ("PAYER", "RECIPIENT"), f"{rng.randint(10**8, 10**9)}")  # fmt: skip


def _form_1099_nec(sheet: Sheet, case: Case, rng: Random) -> None:
    who, payer = case.anyone(rng), company(rng)
    paid = rng.randrange(80000, 4200000)
    sheet.line("Attention: this form is for work performed as an independent contractor.", size=8, italic=True)
    sheet.gap(8)
    _information_return(sheet, payer, who, "1099-NEC", "Nonemployee Compensation", case.tax_year, [
        ("1 Nonemployee compensation", money(paid)), ("2 Payer made direct sales totaling $5,000 or more of consumer products to recipient for resale", ""),
        ("3", ""), ("4 Federal income tax withheld", money(0)), ("5 State tax withheld", money(0)), ("6 State/Payer's state no.", who.home.state), ("7 State income", money(paid)),
    ], ("PAYER", "RECIPIENT"), "")  # fmt: skip
    sheet.heading("Instructions for Recipient")
    sheet.para(
        'You received this form instead of Form W-2 because the payer did not consider you an employee and did not withhold income tax or social security and Medicare tax. If you believe you are an employee and cannot get the payer to correct this form, report the amount shown in box 1 on the line for "Wages, salaries, tips, etc." of Form 1040.',
        size=8,
    )
    sheet.para(
        "Box 1. Shows nonemployee compensation. If the amount in this box is self-employment (SE) income, report it on Schedule C or F (Form 1040) if a sole proprietor, and complete Schedule SE (Form 1040).",
        size=8,
    )


def _consolidated_1099(sheet: Sheet, case: Case, rng: Random) -> None:
    """A broker's combined statement: DIV and INT as lists, details on a second page."""
    who, payer = case.anyone(rng), company(rng, _BANKS[2])
    qualified, other, interest = (rng.randrange(900, 380000) for _ in range(3))
    account = f"{rng.randint(1000, 9999)}-{rng.randint(1000, 9999)}"

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.left, 30, f"{payer.name}   Account {account}", bold=True)
        sheet.put(sheet.right, 30, f"{case.tax_year} Consolidated 1099   Page {page} of {pages}", align="right", size=8)

    sheet.running = running
    sheet.line(f"{case.tax_year} Tax Information Statement", bold=True, size=15, color=sheet.theme.accent)
    sheet.fields(
        [
            ("Recipient", who.name),
            ("Address", who.home.one_line),
            ("Recipient's TIN", who.ssn_masked),
            ("Payer's federal ID", payer.ein),
            ("Statement date", f"02/15/{case.tax_year + 1}"),
        ]
    )
    sheet.heading("Form 1099-DIV  Dividends and Distributions   OMB No. 1545-0110")
    sheet.fields(
        [
            ("1a Total ordinary dividends", money(qualified + other)),
            ("1b Qualified dividends", money(qualified)),
            ("2a Total capital gain distributions", money(0)),
            ("3 Nondividend distributions", money(0)),
            ("4 Federal income tax withheld", money(0)),
            ("5 Section 199A dividends", money(0)),
            ("7 Foreign tax paid", money(0)),
        ]
    )
    sheet.heading("Form 1099-INT  Interest Income   OMB No. 1545-0112")
    sheet.fields(
        [
            ("1 Interest income", money(interest)),
            ("3 Interest on U.S. Savings Bonds and Treasury obligations", money(0)),
            ("4 Federal income tax withheld", money(0)),
            ("8 Tax-exempt interest", money(0)),
        ]
    )
    sheet.para(
        "This is important tax information and is being furnished to the Internal Revenue Service (except as indicated). Summary amounts are provided for your convenience.",
        size=8,
    )
    sheet.new_page()
    sheet.heading("Detail for Dividends and Distributions")
    parts = [qualified // 4] * 3 + [qualified - qualified // 4 * 3, other]
    rows = [
        [name, f"{month:02d}/18/{str(case.tax_year)[2:]}", money(part, ""), kind]
        for (name, month, kind), part in zip(
            (
                ("Arbor Broad Market ETF", 3, "Qualified dividend"),
                ("Arbor Broad Market ETF", 6, "Qualified dividend"),
                ("Arbor Broad Market ETF", 9, "Qualified dividend"),
                ("Arbor Broad Market ETF", 12, "Qualified dividend"),
                ("Tallgrass Bond Fund", 12, "Nonqualified dividend"),
            ),
            parts,
            strict=True,
        )
    ]
    sheet.table(
        ["Security description", "Date", "Amount", "Transaction type"],
        [*rows, ["Total Dividends & distributions", "", money(qualified + other, ""), ""]],
        [4, 1.4, 1.6, 2.4],
        right=(2,),
        bold_last=True,
    )


def _form_1098(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.borrower
    interest = round(case.loan * case.rate / 100)
    _information_return(sheet, case.lender, who, "1098", "Mortgage Interest Statement", case.tax_year, [
        ("1 Mortgage interest received from payer(s)/borrower(s)*", money(interest)), ("2 Outstanding mortgage principal", money(case.loan)),
        ("3 Mortgage origination date", f"0{rng.randint(1, 9)}/15/{case.tax_year - 3}"), ("4 Refund of overpaid interest", money(0)), ("5 Mortgage insurance premiums", money(0)), ("6 Points paid on purchase of principal residence", money(0)),
        ("7 Is address of property securing mortgage same as PAYER'S/BORROWER'S address?", "X"), ("8 Address or description of property securing mortgage", ""), ("9 Number of properties securing the mortgage", "1"), ("10 Other", f"TAXES {money(case.price * 11 // 1000)}"),
    ], ("RECIPIENT/LENDER", "PAYER/BORROWER"), case.loan_number)  # fmt: skip
    sheet.para(
        "*Caution: The amount shown may not be fully deductible by you. Limits based on the loan amount and the cost and value of the secured property may apply. Also, you may only deduct interest to the extent it was incurred by you, actually paid by you, and not reimbursed by another person.",
        size=7.5,
    )


def _servicer_1098(sheet: Sheet, case: Case, rng: Random) -> None:
    """The annual statement of a servicer with the substitute 1098 in its middle."""
    interest = round(case.loan * case.rate / 100)
    paid = case.payment * 12
    sheet.line(case.lender.name, bold=True, size=15)
    sheet.line(f"Annual Tax and Interest Statement - {case.tax_year}   (Substitute Form 1098)", size=10)
    sheet.gap(12)
    sheet.lines([case.names, case.house.street, case.house.tail])
    sheet.heading("Loan activity")
    sheet.fields(
        [
            ("Loan number", case.loan_number),
            ("Beginning principal balance", money(case.loan)),
            ("Principal applied", money(paid - interest)),
            ("Ending principal balance", money(case.loan - paid + interest)),
            ("Escrow balance", money(rng.randrange(80000, 500000))),
            ("Property taxes disbursed", money(case.price * 11 // 1000)),
            ("Hazard insurance disbursed", money(rng.randrange(90000, 240000))),
        ]
    )
    sheet.heading("Mortgage Interest Statement   Form 1098   OMB No. 1545-1380   Copy B For Payer/Borrower")
    sheet.fields(
        [
            ("1. Mortgage interest received from payer(s)/borrower(s)", money(interest)),
            ("2. Outstanding mortgage principal", money(case.loan)),
            ("5. Mortgage insurance premiums", money(0)),
            ("6. Points paid on purchase of principal residence", money(0)),
            ("Recipient's/Lender's TIN", case.lender.ein),
            ("Payer's/Borrower's TIN", case.borrower.ssn_masked),
        ]
    )
    sheet.para(
        "The information in boxes 1 through 9 is important tax information and is being furnished to the Internal Revenue Service. If you are required to file a return, a negligence penalty or other sanction may be imposed on you if the IRS determines that an underpayment of tax results because you overstated a deduction for this mortgage interest.",
        size=8.5,
    )


LAYOUTS = (
    Layout("w2", "single-copy-b", Theme(margin=38, size=9.5, heading="plain"), _w2_single),
    Layout(
        "w2",
        "four-up",
        Theme(margin=26, size=7.4, font="Helvetica"),
        _w2_four_up,
        note="the same form four times on one sheet",
    ),
    Layout(
        "w2", "portal-reprint", Theme("Times", 10.5, 56, fields="dots", table="grid", accent="#1f3a8f"), _w2_reissued
    ),
    Layout("form_1099", "int-half-sheet", Theme(margin=36, size=8.5), _form_1099_int),
    Layout("form_1099", "nec-half-sheet", Theme("Times", 9, 44, heading="plain"), _form_1099_nec),
    Layout(
        "form_1099",
        "broker-consolidated",
        Theme(size=9.5, accent="#6a1b3a", fields="dots", table="zebra"),
        _consolidated_1099,
    ),
    Layout("form_1098", "half-sheet", Theme(margin=36, size=8.5), _form_1098),
    Layout("form_1098", "servicer-annual", Theme("Times", 10.5, 60, heading="bar", fields="dots"), _servicer_1098),
)
