"""Loan applications."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, Person, dollars, money, stranger, us

_DECLARATIONS = (
    "A. Will you occupy the property as your primary residence?", "B. If this is a Purchase Transaction: Do you have a family relationship or business affiliation with the seller of the property?",
    "C. Are you borrowing any money for this real estate transaction (e.g., money for your closing costs or down payment) or obtaining any money from another party, such as the seller or realtor, that you have not disclosed on this loan application?",
    "D. 1. Have you or will you be applying for a mortgage loan on another property (not the property securing this loan) on or before closing this transaction that is not disclosed on this loan application?",
    "E. Will this property be subject to a lien that could take priority over the first mortgage lien, such as a clean energy lien paid through your property taxes?", "F. Are you a co-signer or guarantor on any debt or loan that is not disclosed on this application?",
    "G. Are there any outstanding judgments against you?", "H. Are you currently delinquent or in default on a federal debt?", "I. Are you a party to a lawsuit in which you potentially have any personal financial liability?",
    "L. Have you had property foreclosed upon in the last 7 years?", "M. Have you declared bankruptcy within the past 7 years?",
)  # fmt: skip


# ── applications ─────────────────────────────────────────────────────────────────────────────────


def _urla(sheet: Sheet, case: Case, rng: Random) -> None:
    """Form 1003 of 2021, condensed to its sections, with the borrower's name in every footer."""
    who = case.borrower

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.left, sheet.height - 34, f"Borrower Name: {who.name}", size=8)
        sheet.put(
            sheet.left,
            sheet.height - 24,
            "Uniform Residential Loan Application   Freddie Mac Form 65 - Fannie Mae Form 1003   Effective 1/2021",
            size=7,
        )
        sheet.put(sheet.right, sheet.height - 24, f"Page {page} of {pages}", size=7, align="right")
        sheet.put(
            sheet.left,
            26,
            f"To be completed by the Lender:  Lender Loan No./Universal Loan Identifier {case.loan_number}      Agency Case No.",
            size=7,
        )

    sheet.running = running
    sheet.line("Uniform Residential Loan Application", bold=True, size=17)
    sheet.para(
        "Verify and complete the information on this application. If you are applying for this loan with others, each additional Borrower must provide information as directed by your Lender.",
        size=8.5,
    )
    sheet.heading("Section 1: Borrower Information.")
    sheet.para(
        "This section asks about your personal information and your income from employment and other sources, such as retirement, that you want considered to qualify for this loan.",
        size=8,
    )
    sheet.line("1a. Personal Information", bold=True)
    sheet.cells([
        [(3, "Name (First, Middle, Last, Suffix)", f"{who.first} {who.middle} {who.last}"), (2, "Social Security Number (or Individual Taxpayer Identification Number)", who.ssn)],
        [(1, "Date of Birth (mm/dd/yyyy)", us(who.born)), (2, "Citizenship   U.S. Citizen   Permanent Resident Alien   Non-Permanent Resident Alien", "X U.S. Citizen"), (1, "Marital Status", "Married" if len(case.borrowers) > 1 else "Unmarried")],
        [(1, "Type of Credit  I am applying for individual credit / joint credit. Total Number of Borrowers:", str(len(case.borrowers))), (1, "List Name(s) of Other Borrower(s) Applying for this Loan", case.borrowers[-1].name if len(case.borrowers) > 1 else "")],
        [(1, "Contact Information  Home Phone", who.phone), (1, "Email", who.email)], [(3, "Current Address  Street, City, State, ZIP", who.home.one_line), (1, "How Long at Current Address?", f"{rng.randint(2, 9)} Years")], [(1, "Housing   No primary housing expense   Own   Rent", f"X Rent ({money(rng.randrange(90000, 240000))}/month)")],
    ])  # fmt: skip
    sheet.gap(6)
    _employment(sheet, who, rng)
    sheet.new_page()
    sheet.heading("Section 2: Financial Information - Assets and Liabilities.")
    sheet.para(
        "This section asks about things you own that are worth money and that you want considered to qualify for this loan. It then asks about your liabilities (or debts) that you pay each month, such as credit cards, alimony, or other expenses.",
        size=8,
    )
    sheet.line("2a. Assets - Bank Accounts, Retirement, and Other Accounts You Have", bold=True)
    assets = [
        ("Checking", "Cedar & Main Bank", rng.randrange(200000, 2000000)),
        ("Savings", "Lakehurst Community Credit Union", rng.randrange(500000, 6000000)),
        ("Retirement", "Ostrander Securities LLC", rng.randrange(1000000, 15000000)),
    ]
    sheet.table(
        ["Account Type", "Financial Institution", "Account Number", "Cash or Market Value"],
        [
            *[[kind, bank, f"xxxx{rng.randint(1000, 9999)}", money(value)] for kind, bank, value in assets],
            ["", "", "Provide TOTAL Amount Here", money(sum(a[2] for a in assets))],
        ],
        [2, 3, 2.4, 2],
        right=(3,),
        bold_last=True,
    )
    sheet.line("2c. Liabilities - Credit Cards, Other Debts, and Leases that You Owe", bold=True)
    sheet.table(
        ["Account Type", "Company Name", "Account Number", "Unpaid Balance", "Monthly Payment"],
        [
            [
                kind,
                firm,
                f"xx{rng.randint(1000, 9999)}",
                money(rng.randrange(50000, 2400000)),
                money(rng.randrange(2500, 52000)),
            ]
            for kind, firm in (
                ("Revolving", "Palisade Card Services"),
                ("Installment", "Motorway Auto Finance"),
                ("Installment", "Beacon Student Servicing"),
            )
        ],
        [1.6, 3, 2, 2, 2],
        right=(3, 4),
    )
    sheet.heading("Section 3: Financial Information - Real Estate.")
    sheet.para(
        "This section asks you to list all properties you currently own and what you owe on them.   [X] I do not own any real estate",
        size=9,
    )
    sheet.heading("Section 4: Loan and Property Information.")
    sheet.cells(
        [
            [
                (1, "4a. Loan Amount", money(case.loan)),
                (1, "Loan Purpose   Purchase   Refinance   Other (specify)", "X Purchase"),
                (1, "Property Value", money(case.price)),
            ],
            [
                (3, "Property Address  Street, City, State, ZIP, County", case.house.one_line),
                (1, "Number of Units", "1"),
            ],
            [
                (
                    1,
                    "Occupancy   Primary Residence   Second Home   Investment Property   FHA Secondary Residence",
                    "X Primary Residence",
                )
            ],
        ]
    )
    sheet.new_page()
    sheet.heading("Section 5: Declarations.")
    sheet.para(
        "This section asks you specific questions about the property, your funding, and your past financial history.",
        size=8,
    )
    for i, text in enumerate(_DECLARATIONS):
        sheet.para(text + ("     YES" if i == 0 else "     NO"), size=9)
    sheet.new_page()
    sheet.heading("Section 6: Acknowledgments and Agreements.")
    for text in (
        "I agree to, acknowledge, and represent the following: (1) The Complete Information for this Loan Application. The information I have provided in this application is true, accurate, and complete as of the date I signed this application. If the information I submitted changes or I have new information before closing of the Loan, I must change and supplement this application.",
        "(2) The Property's Security. The Loan I have applied for in this application will be secured by a mortgage or deed of trust which provides the Lender a security interest in the property described in this application.",
        "(3) The Property's Appraisal, Value, and Condition. Any appraisal or value of the property obtained by the Lender is for use by the Lender and Other Loan Participants.",
        "(4) Electronic Records and Signatures. The Lender and Other Loan Participants may keep any paper record and/or electronic record of this application, whether or not the Loan is approved.",
        "(5) Delinquency. The Lender and Other Loan Participants may report information about my account to credit bureaus. Late payments, missed payments, or other defaults on my account may be reflected in my credit report and will likely affect my credit score.",
    ):  # fmt: skip
        sheet.para(text, size=9)
    for person in case.borrowers:
        sheet.gap(24)
        sheet.signature(sheet.left + 90, sheet.y - 2, person.name)
        sheet.line(
            f"Borrower Signature ______________________________________   Date (mm/dd/yyyy)  {us(case.today)}", size=9
        )
    sheet.heading("Section 8: Demographic Information.")
    sheet.para(
        "The purpose of collecting this information is to help ensure that all applicants are treated fairly and that the housing needs of communities and neighborhoods are being fulfilled.   [X] I do not wish to provide this information",
        size=8.5,
    )
    sheet.heading("Section 9: Loan Originator Information.")
    sheet.fields(
        [
            ("Loan Originator Organization Name", case.lender.name),
            ("Loan Originator Name", stranger(rng)),
            ("Loan Originator NMLSR ID#", f"{rng.randint(100000, 999999)}"),
        ]
    )


def _employment(sheet: Sheet, who: Person, rng: Random) -> None:
    base, overtime = who.job.salary // 12, rng.randrange(0, 50000)
    sheet.line("1b. Current Employment/Self-Employment and Income", bold=True)
    sheet.cells([
        [(2, "Employer or Business Name", who.job.employer.name), (1, "Phone", who.job.employer.phone)], [(1, "Street, City, State, ZIP", who.job.employer.address.one_line)],
        [(1, "Position or Title", who.job.title), (1, "Start Date (mm/dd/yyyy)", us(who.job.started)), (1, "How long in this line of work?", f"{rng.randint(4, 18)} Years")],
        [(1, "Gross Monthly Income  Base", money(base)), (1, "Overtime", money(overtime)), (1, "Bonus", money(0)), (1, "TOTAL", money(base + overtime))],
    ])  # fmt: skip
    sheet.gap(6)
    sheet.line("1d. IF APPLICABLE, Complete Information for Previous Employment/Self-Employment and Income", bold=True)
    sheet.cells(
        [
            [
                (2, "Employer or Business Name", who.jobs[1].employer.name),
                (1, "Start Date", us(who.jobs[1].started)),
                (1, "End Date", us(who.job.started)),
                (1, "Previous Gross Monthly Income", money(who.jobs[1].salary // 12)),
            ]
        ]
    )


def _bank_application(sheet: Sheet, case: Case, rng: Random) -> None:
    """A credit union's own two-page form: joint columns for both applicants."""
    sheet.line("Lakehurst Community Credit Union", bold=True, size=16, color=sheet.theme.accent)
    sheet.line("Application for Home Loan", size=13, bold=True)
    sheet.line(
        f"Application number {rng.randint(100000, 999999)}     Date received {us(case.today)}     Branch: {case.borrower.home.city}",
        size=8.5,
    )
    sheet.heading("1. What you are asking for")
    sheet.fields(
        [
            ("Amount requested", dollars(case.loan)),
            ("Term", f"{case.years} years"),
            ("Rate type", "Fixed"),
            ("Purpose", "Buy a home to live in"),
            ("Property to be financed", case.house.one_line),
            ("Purchase price", dollars(case.price)),
        ]
    )
    for i, person in enumerate(case.borrowers):
        sheet.heading(f"{i + 2}. {'Applicant' if i == 0 else 'Co-applicant'}")
        sheet.fields(
            [
                ("Full name", person.name),
                ("Social Security No.", person.ssn),
                ("Date of birth", us(person.born)),
                ("Mobile phone", person.phone),
                ("E-mail", person.email),
                ("Home address", person.home.one_line),
                ("Employer", person.job.employer.name),
                ("Occupation", person.job.title),
                ("Since", us(person.job.started)),
                ("Gross monthly pay", money(person.job.salary // 12)),
            ]
        )
    sheet.new_page()
    sheet.heading("What you own and what you owe")
    rows = [
        ("Checking and savings", rng.randrange(200000, 4000000), 0),
        ("Vehicles", rng.randrange(500000, 2500000), rng.randrange(0, 1200000)),
        ("Retirement accounts", rng.randrange(900000, 9000000), 0),
        ("Credit cards", 0, rng.randrange(0, 700000)),
        ("Student loans", 0, rng.randrange(0, 3000000)),
    ]
    sheet.table(
        ["", "Value", "Balance owed"],
        [
            *[[n, dollars(a), dollars(b)] for n, a, b in rows],
            ["Totals", dollars(sum(r[1] for r in rows)), dollars(sum(r[2] for r in rows))],
        ],
        [4, 2, 2],
        right=(1, 2),
        bold_last=True,
    )
    sheet.heading("Please read before you sign")
    sheet.para(
        "Everything that I/we have stated in this application is correct to the best of my/our knowledge. I/we understand that you will retain this application whether or not it is approved. You are authorized to check my/our credit and employment history and to answer questions about your credit experience with me/us."
    )
    sheet.para(
        "IMPORTANT INFORMATION ABOUT PROCEDURES FOR OPENING A NEW ACCOUNT: To help the government fight the funding of terrorism and money laundering activities, Federal law requires all financial institutions to obtain, verify, and record information that identifies each person who opens an account."
    )
    for person in case.borrowers:
        sheet.gap(30)
        sheet.signature(sheet.left, sheet.y - 4, person.name)
        sheet.rule()
        sheet.line(f"{person.name}, applicant                          {us(case.today)}", size=8.5)


# ── promissory notes ─────────────────────────────────────────────────────────────────────────────


# ── credit reports ───────────────────────────────────────────────────────────────────────────────


LAYOUTS = (
    Layout(
        "loan_application",
        "urla-1003",
        Theme(margin=42, size=9.5, heading="bar", accent="#1a1a1a", table="grid"),
        _urla,
    ),
    Layout(
        "loan_application",
        "credit-union",
        Theme("Times", 10.5, 58, "#1e3a8a", fields="dots", table="zebra"),
        _bank_application,
    ),
)
