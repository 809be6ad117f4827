"""Requests of and to the tax office: W-9 and transcript requests 4506-C and 4506-T."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, Person, company, us

_CERTIFY = (
    "The number shown on this form is my correct taxpayer identification number (or I am waiting for a number to be issued to me); and",
    "I am not subject to backup withholding because (a) I am exempt from backup withholding, or (b) I have not been notified by the Internal Revenue Service (IRS) that I am subject to backup withholding as a result of a failure to report all interest or dividends; and",
    "I am a U.S. citizen or other U.S. person (defined below); and", "The FATCA code(s) entered on this form (if any) indicating that I am exempt from FATCA reporting is correct.",
)  # fmt: skip


def _w9(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    sheet.put(sheet.left, sheet.y + 12, "Form W-9", size=18, bold=True)
    sheet.put(sheet.width / 2, sheet.y + 4, "Request for Taxpayer", size=13, bold=True, align="center")
    sheet.put(
        sheet.width / 2, sheet.y + 18, "Identification Number and Certification", size=13, bold=True, align="center"
    )
    sheet.put(sheet.right, sheet.y + 8, "Give form to the requester. Do not send to the IRS.", size=7, align="right")
    sheet.put(
        sheet.left, sheet.y + 24, "(Rev. October 2018)  Department of the Treasury  Internal Revenue Service", size=6
    )
    sheet.gap(32)
    sheet.cells([
        [(1, "1  Name (as shown on your income tax return). Name is required on this line; do not leave this line blank.", who.name)], [(1, "2  Business name/disregarded entity name, if different from above", "")],
        [(3, "3  Check appropriate box for federal tax classification of the person whose name is entered on line 1. Check only one of the following seven boxes.  Individual/sole proprietor or single-member LLC   C Corporation   S Corporation   Partnership   Trust/estate", "X Individual"), (1, "4  Exemptions (codes apply only to certain entities, not individuals)", "")],
        [(3, "5  Address (number, street, and apt. or suite no.) See instructions.", who.home.street), (1.5, "Requester's name and address (optional)", case.lender.name)], [(3, "6  City, state, and ZIP code", who.home.tail), (1.5, "", "")], [(1, "7  List account number(s) here (optional)", case.loan_number)],
    ], height=34)  # fmt: skip
    sheet.heading("Part I    Taxpayer Identification Number (TIN)")
    sheet.para(
        "Enter your TIN in the appropriate box. The TIN provided must match the name given on line 1 to avoid backup withholding. For individuals, this is generally your social security number (SSN).",
        size=8.5,
    )
    sheet.cells([[(2, "Social security number", who.ssn), (1, "or", ""), (2, "Employer identification number", "")]])
    sheet.heading("Part II   Certification")
    sheet.line("Under penalties of perjury, I certify that:", size=8.5)
    for i, text in enumerate(_CERTIFY):
        sheet.para(text, size=8.5, indent=18, hang=f"{i + 1}.", after=2)
    sheet.para(
        "Certification instructions. You must cross out item 2 above if you have been notified by the IRS that you are currently subject to backup withholding because you have failed to report all interest and dividends on your tax return.",
        size=8.5,
    )
    sheet.cells([[(1, "Sign Here", ""), (4, "Signature of U.S. person", ""), (2, "Date", us(case.today))]])
    sheet.signature(sheet.left + 140, sheet.y - 6, who.name)
    sheet.line(
        "Cat. No. 10231X                                                                Form W-9 (Rev. 10-2018)", size=7
    )


def _substitute_w9(sheet: Sheet, case: Case, rng: Random) -> None:
    who, firm = case.anyone(rng), company(rng)
    sheet.line(firm.name, bold=True, size=14)
    sheet.line("Substitute Form W-9 - Taxpayer Identification Number Request (vendor set-up)", size=11, bold=True)
    sheet.para(
        "We are required by law to obtain this information from you when making a reportable payment. If you do not provide us with this information, your payments may be subject to federal income tax backup withholding."
    )
    sheet.fields(
        [
            ("Legal name", who.name),
            ("Trade name", ""),
            ("Entity type", "[X] Individual  [ ] Corporation  [ ] Partnership"),
            ("Remittance address", who.home.one_line),
            ("Taxpayer identification number", who.ssn),
            ("Exempt payee code", ""),
        ]
    )
    sheet.heading("Certification")
    for i, text in enumerate(_CERTIFY[:3]):
        sheet.para(text, indent=20, hang=f"({i + 1})")
    sheet.gap(40)
    sheet.signature(sheet.left, sheet.y - 6, who.name)
    sheet.rule()
    sheet.line(
        f"Authorized signature                              Date {us(case.today)}                 Phone {who.phone}",
        size=8,
    )
    sheet.para(f"Return this form to Accounts Payable, {firm.address.one_line}.", size=9)


def _transcript_people(sheet: Sheet, case: Case, who: Person, service: str) -> None:
    spouse = case.borrowers[1] if len(case.borrowers) > 1 else None
    sheet.cells([
        [(3, "1a. Current name (first name, middle initial, last name)", who.name), (2, "1b. First taxpayer identification number (see instructions)", who.ssn)],
        [(3, "2a. Spouse's current name (if joint return and transcripts are requested for both taxpayers)", spouse.name if spouse else ""), (2, "2b. Spouse's taxpayer identification number (if joint return)", spouse.ssn if spouse else "")],
        [(1, "3. Current name, address (including apt., room, or suite no.), city, state, and ZIP code (see instructions)", who.home.one_line)], [(1, "4. Previous address shown on the last return filed if different from line 3 (see instructions)", "")],
        [(1, service, f"{case.lender.name}, {case.lender.address.one_line}")],
    ], height=30)  # fmt: skip


def _form_4506c(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    sheet.line("Form 4506-C", bold=True, size=16)
    sheet.line("IVES Request for Transcript of Tax Return", bold=True, size=14, align="center")
    sheet.line(
        "(October 2022)   Department of the Treasury - Internal Revenue Service   OMB Number 1545-1872",
        size=7.5,
        align="center",
    )
    sheet.para(
        "Do not sign this form unless all applicable lines have been completed. Request may be rejected if the form is incomplete or illegible. For more information about Form 4506-C, visit www.irs.gov and search IVES.",
        size=8,
        bold=True,
    )
    _transcript_people(sheet, case, who, "5a. IVES participant name, address, and SOR mailbox ID")
    sheet.cells([
        [(1, "5b. Customer file number (if applicable) (see instructions)", case.loan_number), (1, "5d. Client name, telephone number, and address (this field cannot be blank or not applicable (NA))", case.lender.phone)],
        [(1, "6. Transcript requested. Enter the tax form number here (1040, 1065, 1120, etc.) and check the appropriate box below for transcript type. Enter only one tax form number per request", "1040")],
        [(1, "a. Return Transcript", "X"), (1, "b. Account Transcript", ""), (1, "c. Record of Account", "")], [(1, "7. Wage and Income transcript (W-2, 1098-E, 1099-G, etc.)", "")],
        [(1, "8. Year or period requested. Enter the ending date of the tax year or period using the mm dd yyyy format (see instructions)", f"12/31/{case.tax_year}   12/31/{case.tax_year - 1}")],
    ], height=30)  # fmt: skip
    sheet.para(
        "Caution: Do not sign this form unless all applicable lines have been completed. Signature of taxpayer(s). I declare that I am either the taxpayer whose name is shown on line 1a and, if applicable, line 2a, or a person authorized to obtain the tax information requested. Signatory attests that he/she has read the attestation clause and upon so reading declares that he/she has the authority to sign the Form 4506-C.",
        size=8,
    )
    sheet.cells(
        [
            [
                (3, "Signature for Line 1a (see instructions)", ""),
                (1, "Date", us(case.today)),
                (2, "Phone number of taxpayer on line 1a or 2a", who.phone),
            ],
            [(1, "Print/Type name", who.name)],
        ],
        height=28,
    )
    sheet.signature(sheet.left + 40, sheet.y - 34, who.name)
    sheet.line("Catalog Number 72627P     www.irs.gov     Form 4506-C (Rev. 10-2022)", size=7)


def _form_4506t(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    sheet.line("4506-T     Request for Transcript of Tax Return", bold=True, size=15)
    sheet.line(
        "Tip. Use Form 4506-T to order a transcript or other return information free of charge. See the product list below.",
        size=8,
    )
    _transcript_people(
        sheet,
        case,
        who,
        "5. Customer file number (if applicable); if the transcript is to be mailed to a third party, the third party's name, address and telephone number",
    )
    for code, text, on in (
        ("a", "Return Transcript, which includes most of the line items of a tax return as filed with the IRS.", False),
        (
            "b",
            "Account Transcript, which contains information on the financial status of the account, such as payments made on the account, penalty assessments, and adjustments made by you or the IRS after the return was filed.",
            False,
        ),
        (
            "c",
            "Record of Account, which provides the most detailed information as it is a combination of the Return Transcript and the Account Transcript.",
            True,
        ),
    ):
        sheet.para(f"{text}   {'[X]' if on else '[ ]'}", indent=18, hang=code)
    sheet.para(
        f"9  Year or period requested. Enter the ending date of the year or period, using the mm/dd/yyyy format.   12/31/{case.tax_year}",
        bold=True,
    )
    sheet.gap(26)
    sheet.signature(sheet.left, sheet.y - 4, who.name)
    sheet.rule()
    sheet.line(
        f"Signature (see instructions)      Date {us(case.today)}      Title (if line 1a above is a corporation, partnership, estate, or trust)",
        size=8,
    )
    sheet.line("For Privacy Act and Paperwork Reduction Act Notice, see page 2.     Cat. No. 37667N", size=7)


LAYOUTS = (
    Layout("w9", "official-form", Theme(margin=36, size=9, heading="bar", accent="#111111"), _w9),
    Layout("w9", "substitute", Theme("Times", 11, 64), _substitute_w9),
    Layout("tax_transcript_request", "4506-c", Theme(margin=38, size=9), _form_4506c),
    Layout("tax_transcript_request", "4506-t", Theme("Times", 10.5, 52), _form_4506t),
)
