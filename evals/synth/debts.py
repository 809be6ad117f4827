"""What is owed: promissory notes and credit reports."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, dollars, long_date, money, stranger, us


def _fixed_rate_note(sheet: Sheet, case: Case, rng: Random) -> None:
    def running(page: int, pages: int) -> None:
        sheet.put(
            sheet.left,
            sheet.height - 30,
            "MULTISTATE FIXED RATE NOTE - Single Family - Fannie Mae/Freddie Mac UNIFORM INSTRUMENT   Form 3200",
            size=7,
        )
        sheet.put(sheet.right, sheet.height - 30, f"(page {page} of {pages} pages)", size=7, align="right")

    sheet.running = running
    sheet.line("NOTE", bold=True, size=18, align="center")
    sheet.line(f"{long_date(case.today)}                    {case.house.city}, {case.house.state_name}", align="center")
    sheet.line(case.house.one_line, align="center")
    sheet.line("[Property Address]", size=8, align="center")
    clauses = (
        ("BORROWER'S PROMISE TO PAY", f"In return for a loan that I have received, I promise to pay U.S. {money(case.loan)} (this amount is called \"Principal\"), plus interest, to the order of the Lender. The Lender is {case.lender.name}. I will make all payments under this Note in the form of cash, check or money order. I understand that the Lender may transfer this Note. The Lender or anyone who takes this Note by transfer and who is entitled to receive payments under this Note is called the \"Note Holder.\""),
        ("INTEREST", f"Interest will be charged on unpaid principal until the full amount of Principal has been paid. I will pay interest at a yearly rate of {case.rate:.3f}%. The interest rate required by this Section 2 is the rate I will pay both before and after any default described in Section 6(B) of this Note."),
        ("PAYMENTS", f"(A) Time and Place of Payments. I will pay principal and interest by making a payment every month. I will make my monthly payment on the 1st day of each month. I will make these payments every month until I have paid all of the principal and interest and any other charges described below that I may owe under this Note. (B) Amount of Monthly Payments. My monthly payment will be in the amount of U.S. {money(case.payment)}."),
        ("BORROWER'S RIGHT TO PREPAY", "I have the right to make payments of Principal at any time before they are due. A payment of Principal only is known as a \"Prepayment.\" When I make a Prepayment, I will tell the Note Holder in writing that I am doing so. I may make a full Prepayment or partial Prepayments without paying a Prepayment charge."),
        ("LOAN CHARGES", "If a law, which applies to this loan and which sets maximum loan charges, is finally interpreted so that the interest or other loan charges collected or to be collected in connection with this loan exceed the permitted limits, then any such loan charge shall be reduced by the amount necessary to reduce the charge to the permitted limit."),
        ("BORROWER'S FAILURE TO PAY AS REQUIRED", "(A) Late Charge for Overdue Payments. If the Note Holder has not received the full amount of any monthly payment by the end of 15 calendar days after the date it is due, I will pay a late charge to the Note Holder. The amount of the charge will be 5.000% of my overdue payment of principal and interest. (B) Default. If I do not pay the full amount of each monthly payment on the date it is due, I will be in default."),
        ("GIVING OF NOTICES", "Unless applicable law requires a different method, any notice that must be given to me under this Note will be given by delivering it or by mailing it by first class mail to me at the Property Address above."),
        ("OBLIGATIONS OF PERSONS UNDER THIS NOTE", "If more than one person signs this Note, each person is fully and personally obligated to keep all of the promises made in this Note, including the promise to pay the full amount owed. Any person who is a guarantor, surety or endorser of this Note is also obligated to do these things."),
        ("WAIVERS", "I and any other person who has obligations under this Note waive the rights of Presentment and Notice of Dishonor. \"Presentment\" means the right to require the Note Holder to demand payment of amounts due."),
        ("UNIFORM SECURED NOTE", "This Note is a uniform instrument with limited variations in some jurisdictions. In addition to the protections given to the Note Holder under this Note, a Mortgage, Deed of Trust, or Security Deed (the \"Security Instrument\"), dated the same date as this Note, protects the Note Holder from possible losses which might result if I do not keep the promises which I make in this Note."),
    )  # fmt: skip
    for i, (title, text) in enumerate(clauses):
        sheet.need(70)
        sheet.line(f"{i + 1}. {title}", bold=True)
        sheet.para(text)
    sheet.line("WITNESS THE HAND(S) AND SEAL(S) OF THE UNDERSIGNED.", bold=True)
    for person in case.borrowers:
        sheet.gap(26)
        sheet.signature(sheet.left + 240, sheet.y, person.name)
        sheet.line(f"______________________________ (Seal)   {person.name} - Borrower", align="right", size=9)


def _short_note(sheet: Sheet, case: Case, rng: Random) -> None:
    holder, who, amount = stranger(rng), case.borrower, rng.randrange(5, 60) * 100000
    sheet.line("PROMISSORY NOTE", bold=True, size=16, align="center")
    sheet.gap(12)
    sheet.fields(
        [
            ("Principal amount", money(amount)),
            ("Date", long_date(case.today)),
            ("Interest", f"{rng.randint(3, 8)}.00% per annum"),
            ("Place", case.borrower.home.tail),
        ]
    )
    sheet.gap(12)
    sheet.para(
        f'FOR VALUE RECEIVED, the undersigned, {who.name} ("Maker"), residing at {who.home.one_line}, promises to pay to the order of {holder} ("Payee") the principal sum of {money(amount)}, together with interest thereon from the date hereof on the unpaid balance, in {rng.choice((24, 36, 48))} equal consecutive monthly installments on the first day of each month.'
    )
    for text in (
        "This Note may be prepaid in whole or in part at any time without premium or penalty; each partial prepayment shall be applied first to accrued interest and then to principal.",
        "If any installment is not paid within ten (10) days of its due date, the entire unpaid balance shall, at the option of the holder, become immediately due and payable.",
        "Maker waives demand, presentment, protest and notice of dishonor, and agrees to pay all costs of collection, including reasonable attorneys' fees.",
        f"This Note shall be governed by and construed in accordance with the laws of the State of {who.home.state_name}.",
    ):
        sheet.para(text, after=10)
    sheet.gap(34)
    sheet.signature(sheet.left, sheet.y - 4, who.name)
    sheet.line("_____________________________")
    sheet.line(f"Maker: {who.name}")


_CREDITORS = (
    "PALISADE CARD SERVICES",
    "MOTORWAY AUTO FINANCE",
    "BEACON STUDENT SERVICING",
    "HEARTHSIDE HOME STORE",
    "CEDAR & MAIN BANK",
    "COPPERFIELD RETAIL CARD",
    "LAKEHURST CU",
    "TALLOW RIVER MORTGAGE",
)


def _merged_credit(sheet: Sheet, case: Case, rng: Random) -> None:
    def running(page: int, pages: int) -> None:
        sheet.put(
            sheet.left,
            30,
            f"MERGED INFILE CREDIT REPORT    FILE # {case.loan_number[:6]}    {case.names.upper()}",
            size=7,
        )
        sheet.put(sheet.right, 30, f"PAGE {page} OF {pages}", size=7, align="right")

    sheet.running = running
    sheet.line("TRIPOINT CREDIT DATA", bold=True, size=14)
    sheet.line(
        f"PREPARED FOR {case.lender.name.upper()}     DATE COMPLETED {us(case.today)}     RQD' BY {stranger(rng).upper()}",
        size=8,
    )
    for i, person in enumerate(case.borrowers):
        sheet.cells(
            [
                [
                    (2, "APPLICANT" if i == 0 else "CO-APPLICANT", person.name.upper()),
                    (1, "SOC SEC #", person.ssn),
                    (1, "DOB", us(person.born)),
                ],
                [(1, "CURRENT ADDRESS", person.home.one_line.upper())],
            ],
            height=22,
        )
        sheet.line(
            "SCORE INFORMATION    "
            + "    ".join(
                f"{bureau} {rng.randint(640, 820)}"
                for bureau in ("BUREAU A/CLASSIC 04", "BUREAU B/FICO V2", "BUREAU C/BEACON 5.0")
            ),
            bold=True,
            size=8,
        )
    sheet.heading("TRADE LINES")
    rows = []
    for creditor in (
        rng.sample(_CREDITORS, k=8) + rng.sample(_CREDITORS, k=8) + rng.sample(_CREDITORS, k=rng.randint(3, 8))
    ):
        high, late = rng.randrange(500, 42000), rng.choice((0, 0, 0, 1))
        rows.append(
            [
                creditor,
                f"{rng.randint(1, 12):02d}/{rng.randint(10, 22)}",
                f"{case.today:%m/%y}",
                f"{high:,}",
                f"{high * rng.randint(0, 95) // 100:,}",
                f"{max(25, high // 60)}",
                rng.choice(("REV", "INS", "OPEN")),
                f"{late}-0-0",
                "AS AGREED" if not late else "PAID WAS 30",
            ]
        )
    sheet.table(
        ["CREDITOR", "OPENED", "REPORTED", "HI CREDIT", "BALANCE", "TERMS", "TYPE", "30-60-90", "STATUS"],
        rows,
        [4, 1.3, 1.6, 1.6, 1.5, 1.1, 1, 1.4, 2],
        right=(3, 4, 5),
        size=7.6,
    )
    sheet.heading("PUBLIC RECORDS")
    sheet.line("NO PUBLIC RECORDS FOUND - CHECKED: JUDGMENTS, LIENS, BANKRUPTCIES, FORECLOSURES", size=8)
    sheet.heading("INQUIRIES IN THE LAST 120 DAYS")
    sheet.table(
        ["DATE", "SUBSCRIBER", "ECOA"],
        [[us(case.today), case.lender.name.upper(), "B"], [us(case.today), "MOTORWAY AUTO FINANCE", "B"]],
        [1, 4, 1],
    )
    sheet.para(
        "THIS REPORT CONTAINS INFORMATION SUPPLIED BY THE REPOSITORIES NAMED ABOVE. ITS CONTENTS HAVE NOT BEEN VERIFIED AND MAY CONTAIN DUPLICATE INFORMATION. WHILE THIS REPORT IS BEING USED FOR CREDIT GRANTING PURPOSES, IT IS NOT A CONSUMER DISCLOSURE UNDER THE FAIR CREDIT REPORTING ACT.",
        size=7,
    )


def _consumer_disclosure(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    sheet.line("Your Credit Report", bold=True, size=20, color=sheet.theme.accent)
    sheet.line(
        f"Prepared for {who.name} on {long_date(case.today)}      Report number {rng.randint(1000, 9999)}-{rng.randint(1000, 9999)}-{rng.randint(10, 99)}",
        size=9,
    )
    sheet.heading("Personal information")
    sheet.fields(
        [
            ("Names reported", who.name),
            ("Addresses reported", who.home.one_line),
            ("Year of birth", str(who.born.year)),
            ("Employers reported", who.job.employer.name),
        ]
    )
    sheet.heading("Accounts in good standing")
    for creditor in rng.sample(_CREDITORS, k=4):
        limit = rng.randrange(1000, 30000) * 100
        sheet.line(creditor.title(), bold=True)
        sheet.fields(
            [
                ("Account number", f"{rng.randint(1000, 9999)}****"),
                ("Date opened", f"{rng.randint(1, 12):02d}/{rng.randint(2009, 2021)}"),
                ("Credit limit or original amount", dollars(limit)),
                ("Recent balance", dollars(limit * rng.randint(1, 80) // 100)),
                ("Payment status", "Current, never late"),
                ("Responsibility", "Individual"),
            ],
            columns=2,
        )
        sheet.line("Payment history:  OK OK OK OK OK OK OK OK OK OK OK OK", size=8)
    sheet.heading("Your rights under the Fair Credit Reporting Act")
    sheet.para(
        "The federal Fair Credit Reporting Act (FCRA) promotes the accuracy, fairness, and privacy of information in the files of consumer reporting agencies. You have the right to know what is in your file, to ask for a credit score, and to dispute incomplete or inaccurate information. Consumer reporting agencies must correct or delete inaccurate, incomplete, or unverifiable information, usually within 30 days."
    )


LAYOUTS = (
    Layout("promissory_note", "fixed-rate-3200", Theme("Times", 11, 64), _fixed_rate_note),
    Layout("promissory_note", "private-note", Theme("Courier", 10.5, 74, fields="dots"), _short_note),
    Layout("credit_report", "merged-infile", Theme("Courier", 8.5, 36, "#000000", "caps"), _merged_credit),
    Layout("credit_report", "consumer-disclosure", Theme(size=10, margin=54, accent="#0b7285"), _consumer_disclosure),
)
