"""Papers about wages: pay stubs and verifications of employment."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, Job, Person, long_date, money, phone, stranger, us


@dataclass(frozen=True)
class Line:
    """One earning, tax or deduction: now and since January."""

    name: str
    now: int
    year: int


@dataclass(frozen=True)
class Paycheck:
    """A pay period whose figures agree: net = gross - taxes - deductions, this period and for the year."""

    start: date
    end: date
    paid: date
    hours: float
    hourly: int
    earnings: tuple[Line, ...]
    taxes: tuple[Line, ...]
    deductions: tuple[Line, ...]

    @property
    def gross(self) -> Line:
        return _total("Gross Pay", self.earnings)

    @property
    def withheld(self) -> Line:
        return _total("Total Taxes", self.taxes)

    @property
    def deducted(self) -> Line:
        return _total("Total Deductions", self.deductions)

    @property
    def net(self) -> Line:
        gross, taxes, other = self.gross, self.withheld, self.deducted
        return Line("Net Pay", gross.now - taxes.now - other.now, gross.year - taxes.year - other.year)


def paycheck(job: Job, today: date, rng: Random, *, periods: int = 26) -> Paycheck:
    """The pay of one of `periods` periods a year, near `today`."""
    days = 14 if periods == 26 else 15
    end = today - timedelta(days=rng.randrange(5, 60))
    count = max(1, (end - date(end.year, 1, 1)).days // days)
    hourly = job.salary // 2080
    hours = 80.0 if periods == 26 else 86.67
    regular = round(hourly * hours)
    overtime_hours = rng.choice((0, 0, 2, 4.5, 6))
    overtime = round(hourly * 1.5 * overtime_hours)
    gross = regular + overtime
    rows = [Line("Regular", regular, regular * count)]
    if overtime:
        rows.append(Line("Overtime", overtime, overtime + round(overtime * 0.4) * (count - 1)))

    def share(name: str, rate: float) -> Line:
        now = round(gross * rate)
        return Line(name, now, now * count)

    return Paycheck(
        end - timedelta(days=days - 1), end, end + timedelta(days=5), hours, hourly, tuple(rows),
        (
            share("Federal Income Tax", rng.uniform(0.08, 0.16)), share("Social Security Tax", 0.062),
            share("Medicare Tax", 0.0145), share("State Income Tax", rng.uniform(0.02, 0.05)),
        ),
        (share("401(k)", rng.choice((0.03, 0.05, 0.06))), Line("Medical", 8450, 8450 * count), Line("Dental", 1275, 1275 * count)),
    )  # fmt: skip


# ── pay stubs ────────────────────────────────────────────────────────────────────────────────────


def _earnings_statement(sheet: Sheet, case: Case, rng: Random) -> None:
    """The payroll bureau's form: tables down the left, notices on the right, a cheque at the bottom."""
    who = case.anyone(rng)
    job, pay = who.job, paycheck(who.job, case.today, rng)
    sheet.put(sheet.right, sheet.y, "Earnings Statement", size=17, bold=True, align="right")
    sheet.put(
        sheet.left,
        sheet.y - 8,
        f"CO. {rng.randint(100, 999)}   FILE {job.number}   DEPT. 0{rng.randint(100, 999)}   CLOCK VCHR. NO.",
        size=7,
    )
    sheet.gap(22)
    sheet.beside(
        lambda: sheet.lines(
            [job.employer.name.upper(), job.employer.address.street.upper(), job.employer.address.tail.upper()]
        ),
        lambda: sheet.fields(
            [("Period Beginning", us(pay.start)), ("Period Ending", us(pay.end)), ("Pay Date", us(pay.paid))]
        ),
    )
    sheet.gap(14)
    sheet.beside(
        lambda: sheet.lines([
            f"Social Security Number: {who.ssn_masked}", "Taxable Marital Status: " + rng.choice(("Single", "Married")),
            "Exemptions/Allowances:", f"   Federal: {rng.randint(0, 3)}", f"   {who.home.state}: {rng.randint(0, 2)}",
        ], size=8),
        lambda: sheet.lines([who.name.upper(), who.home.street.upper(), who.home.tail.upper()], bold=True),
    )  # fmt: skip
    sheet.gap(16)
    rows = [
        [e.name, money(pay.hourly if e.name == "Regular" else round(pay.hourly * 1.5), ""), f"{e.now / (pay.hourly * (1 if e.name == 'Regular' else 1.5)):.2f}",
         money(e.now, ""), money(e.year, "")] for e in pay.earnings
    ]  # fmt: skip
    rows.append(["Gross Pay", "", "", money(pay.gross.now), money(pay.gross.year, "")])
    sheet.table(
        ["Earnings", "rate", "hours", "this period", "year to date"],
        rows,
        [3, 1.3, 1.3, 2, 2],
        right=(1, 2, 3, 4),
        bold_last=True,
    )
    rows = [
        [f"{'Statutory: ' if i == 0 else ''}{t.name}", f"-{money(t.now, '')}", money(t.year, "")]
        for i, t in enumerate(pay.taxes)
    ]
    rows += [
        [f"{'Other: ' if i == 0 else ''}{t.name}*", f"-{money(t.now, '')}", money(t.year, "")]
        for i, t in enumerate(pay.deductions)
    ]
    rows.append(["Net Pay", money(pay.net.now), money(pay.net.year, "")])
    sheet.table(["Deductions", "this period", "year to date"], rows, [5.6, 2, 2], right=(1, 2), bold_last=True)
    sheet.para("* Excluded from federal taxable wages", size=7.5)
    sheet.para(f"Your federal taxable wages this period are {money(pay.gross.now - pay.deducted.now)}", size=7.5)
    sheet.y = max(sheet.y, 560)
    sheet.stroke(0, sheet.y, sheet.width, sheet.y, width=0.4)
    sheet.gap(8)
    sheet.beside(
        lambda: sheet.lines([job.employer.name, job.employer.address.one_line], size=8),
        lambda: sheet.fields([("Advice number", f"0000{rng.randint(100000, 999999)}"), ("Pay date", us(pay.paid))]),
    )
    sheet.gap(14)
    sheet.table(["Deposited to the account of", "account number", "transit ABA", "amount"],
                [[who.name.upper(), f"xxxxxx{rng.randint(1000, 9999)}", "xxxx xxxx", money(pay.net.now)]], [4, 2, 2, 2], right=(3,))  # fmt: skip
    sheet.line("THIS IS NOT A CHECK", bold=True, align="center", size=13)
    sheet.line("NON-NEGOTIABLE", align="center")


def _direct_deposit_advice(sheet: Sheet, case: Case, rng: Random) -> None:
    """A school district's or hospital's own payroll office: boxes, two columns, leave balances."""
    who = case.anyone(rng)
    job, pay = who.job, paycheck(who.job, case.today, rng, periods=24)
    sheet.line(job.employer.name, bold=True, size=14, align="center")
    sheet.line(f"{job.employer.address.one_line}  |  Payroll {job.employer.phone}", size=8, align="center")
    sheet.line("DIRECT DEPOSIT ADVICE - SEMI-MONTHLY PAYROLL", bold=True, align="center")
    sheet.gap(6)
    sheet.cells([
        [(3, "EMPLOYEE NAME", who.name), (1.4, "EMPLOYEE ID", job.number), (2, "JOB TITLE", job.title)],
        [(1, "PAY BEGIN DATE", us(pay.start)), (1, "PAY END DATE", us(pay.end)), (1, "CHECK DATE", us(pay.paid)), (1, "ADVICE #", f"{rng.randint(10**6, 10**7)}")],
        [(1, "ANNUAL RATE", money(job.salary)), (1, "HIRE DATE", us(job.started)), (1, "SSN", who.ssn_masked), (1, "LOCATION", who.home.state)],
    ])  # fmt: skip
    sheet.gap(8)
    sheet.beside(
        lambda: sheet.table(["HOURS AND EARNINGS", "CURRENT", "YTD"], [[e.name.upper(), money(e.now, ""), money(e.year, "")] for e in (*pay.earnings, pay.gross)], [3, 2, 2.2], right=(1, 2), bold_last=True),
        lambda: sheet.table(["TAXES", "CURRENT", "YTD"], [[e.name.replace(" Income", "").upper(), money(e.now, ""), money(e.year, "")] for e in (*pay.taxes, pay.withheld)], [3, 2, 2.2], right=(1, 2), bold_last=True),
    )  # fmt: skip
    sheet.beside(
        lambda: sheet.table(["BEFORE-TAX DEDUCTIONS", "CURRENT", "YTD"], [[e.name.upper(), money(e.now, ""), money(e.year, "")] for e in (*pay.deductions, pay.deducted)], [3, 2, 2.2], right=(1, 2), bold_last=True),
        lambda: sheet.table(["LEAVE BALANCES", "TAKEN", "BALANCE"], [["VACATION", f"{rng.randint(0, 8)}.00", f"{rng.randint(20, 160)}.50"], ["SICK", f"{rng.randint(0, 8)}.00", f"{rng.randint(20, 220)}.00"]], [3, 2, 2.2], right=(1, 2)),
    )  # fmt: skip
    sheet.cells([[(1, "TOTAL GROSS", money(pay.gross.now)), (1, "TOTAL TAXES", money(pay.withheld.now)), (1, "TOTAL DEDUCTIONS", money(pay.deducted.now)), (1, "NET PAY", money(pay.net.now))],
                 [(1, "YTD GROSS", money(pay.gross.year)), (1, "YTD TAXES", money(pay.withheld.year)), (1, "YTD DEDUCTIONS", money(pay.deducted.year)), (1, "YTD NET PAY", money(pay.net.year))]])  # fmt: skip
    sheet.gap(10)
    sheet.para("Net pay distribution: " + money(pay.net.now) + f" deposited to checking account ending {rng.randint(1000, 9999)}. "
               "Report errors to the payroll office within ten working days. Keep this advice for your records.", size=8)  # fmt: skip


def _small_business_stub(sheet: Sheet, case: Case, rng: Random) -> None:
    """Bookkeeping software: plain lines, the stub printed twice on a sheet."""
    who = case.anyone(rng)
    job, pay = who.job, paycheck(who.job, case.today, rng)
    for copy in ("Employee copy", "Employer copy"):
        sheet.line(f"{job.employer.name}    Pay stub for {us(pay.start)} - {us(pay.end)}", bold=True)
        sheet.line(copy, size=7.5, italic=True)
        sheet.rule()
        sheet.fields([("Employee", who.name), ("Address", who.home.one_line), ("Pay date", us(pay.paid)), ("SSN", f"***-**-{who.ssn[-4:]}"),
                      ("Pay rate", f"{money(pay.hourly)} per hour, biweekly")])  # fmt: skip
        sheet.gap(6)
        sheet.table(["Earnings and Hours", "Qty", "Current", "YTD Amount"],
                    [[e.name, f"{pay.hours:.2f}" if e.name == "Regular" else "", money(e.now, ""), money(e.year, "")] for e in pay.earnings], [4, 1, 2, 2], right=(1, 2, 3))  # fmt: skip
        sheet.table(["Withholdings", "", "Current", "YTD Amount"],
                    [[t.name, "", "-" + money(t.now, ""), "-" + money(t.year, "")] for t in (*pay.taxes, *pay.deductions)], [4, 1, 2, 2], right=(2, 3))  # fmt: skip
        sheet.table(
            ["", "", "", ""],
            [["Net Pay", "", money(pay.net.now, ""), money(pay.net.year, "")]],
            [4, 1, 2, 2],
            right=(2, 3),
            bold_last=True,
        )
        sheet.gap(26)


# ── verifications of employment ──────────────────────────────────────────────────────────────────


def _form_1005(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    job, pay = who.job, paycheck(who.job, case.today, rng)
    sheet.line("Request for Verification of Employment", bold=True, size=15, align="center")
    sheet.para(
        "Privacy Act Notice: This information is to be used by the agency collecting it or its assignees in determining whether you qualify as a prospective mortgagor under its program. It will not be disclosed outside the agency except as required and permitted by law.",
        size=7,
    )
    sheet.para(
        "Instructions: Lender - Complete items 1 through 7. Have applicant complete item 8. Forward directly to employer named in item 1. Employer - Please complete either Part II or Part III as applicable. Complete Part IV and return directly to lender named in item 2.",
        size=7,
    )
    sheet.heading("Part I - Request")
    sheet.cells([
        [(1, "1. To (Name and address of employer)", f"{job.employer.name}\n{job.employer.address.one_line}"), (1, "2. From (Name and address of lender)", f"{case.lender.name}\n{case.lender.address.one_line}")],
        [(2, "3. Signature of Lender", ""), (1, "4. Title", "Loan Processor"), (1, "5. Date", us(case.today)), (1, "6. Lender's Number (Optional)", case.loan_number)],
        [(1, "7. Name and Address of Applicant (include employee or badge number)", f"{who.name}  #{job.number}\n{who.home.one_line}"), (1, "8. Signature of Applicant", "")],
    ], height=36)  # fmt: skip
    sheet.signature(sheet.left + 300, sheet.y - 8, who.name)
    sheet.heading("Part II - Verification of Present Employment")
    sheet.cells([
        [(1, "9. Applicant's Date of Employment", us(job.started)), (1, "10. Present Position", job.title), (1, "11. Probability of Continued Employment", "Good")],
        [(1, "12A. Current Gross Base Pay (Enter Amount and Check Period)", f"{money(job.salary)} Annual"), (1, "13. For Military Personnel Only", "N/A"), (1, "14. If Overtime or Bonus is Applicable, is its Continuance Likely?", "Overtime Yes")],
        [(1, "12B. Year to Date", f"{money(pay.gross.year)} thru {us(pay.end)}"), (1, f"Past Year {case.tax_year}", money(job.salary * 97 // 100)), (1, "15. If paid hourly - average hours per week", "40")],
        [(1, "16. Date of applicant's next pay increase", us(date(case.today.year + 1, 1, 1))), (1, "17. Projected amount of next pay increase", "3%"), (1, "18. Date of applicant's last pay increase", us(date(case.today.year, 1, 1)))],
        [(1, "20. Remarks (If employee was off work for any length of time, please indicate time period and reason)", "None")],
    ], height=28)  # fmt: skip
    sheet.heading("Part III - Verification of Previous Employment")
    sheet.cells(
        [
            [
                (1, "21. Date Hired", ""),
                (1, "22. Date Terminated", ""),
                (2, "23. Salary/Wage at Termination Per (Year) (Month) (Week)", ""),
            ],
            [(1, "24. Reason for Leaving", ""), (1, "25. Position Held", "")],
        ]
    )
    sheet.heading("Part IV - Authorized Signature")
    sheet.para(
        "Federal statutes provide severe penalties for any fraud, intentional misrepresentation, or criminal connivance or conspiracy purposed to influence the issuance of any guaranty or insurance by the Secretary of Veterans Affairs, the U.S.D.A. or FHA/HUD.",
        size=7,
    )
    clerk = stranger(rng)
    sheet.cells(
        [
            [
                (2, "26. Signature of Employer", ""),
                (1, "27. Title (Please print or type)", "HR Specialist"),
                (1, "28. Date", us(case.today)),
            ],
            [(2, "29. Print or type name signed in Item 26", clerk), (2, "30. Phone No.", job.employer.phone)],
        ],
        height=28,
    )
    sheet.signature(sheet.left + 30, sheet.y - 32, clerk)
    sheet.put(sheet.left, sheet.bottom + 12, "Form 1005   July 96", size=7)


def _verification_service(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    job = who.job
    sheet.line("WorkProof Exchange", bold=True, size=18, color=sheet.theme.accent)
    sheet.line("Employment and Income Verification Report", size=12)
    sheet.fields(
        [
            ("Verification for", case.lender.name),
            ("Permissible purpose", "Credit transaction initiated by the consumer"),
            ("Reference number", f"WPX-{rng.randint(10**7, 10**8)}"),
            ("Current as of", us(case.today)),
        ]
    )
    sheet.heading("Employee")
    sheet.fields(
        [
            ("Name", who.name),
            ("Social security number", who.ssn_masked),
            ("Employer", job.employer.name),
            ("Employment status", "Active"),
            ("Most recent start date", us(job.started)),
            ("Total time with employer", f"{(case.today - job.started).days // 30} months"),
            ("Job title", job.title),
            ("Rate of pay", f"{money(job.salary)} annually"),
            ("Average hours per pay period", "80"),
            ("Pay frequency", "Biweekly"),
        ],
        columns=2,
    )
    sheet.heading("Income summary")
    rows = [[str(case.tax_year + 1 - i), money(base), money(over), money(0), money(base + over)]
            for i, (base, over) in enumerate((job.salary * (100 - 4 * i) // 100, rng.randrange(10**5, 5 * 10**5)) for i in range(3))]  # fmt: skip
    sheet.table(["Year", "Base", "Overtime", "Bonus", "Total"], rows, [1, 2, 2, 2, 2], right=(1, 2, 3, 4))
    sheet.para(
        "Income for the present year is through the most recent pay date on file. This report was furnished by the employer's payroll system and was not altered. Use of this information is subject to the Fair Credit Reporting Act, 15 U.S.C. 1681 et seq.; re-disclosure is prohibited.",
        size=8,
    )


def _employer_letter(sheet: Sheet, case: Case, rng: Random) -> None:
    who: Person = case.anyone(rng)
    job, clerk = who.job, stranger(rng)
    sheet.line(job.employer.name, bold=True, size=15, color=sheet.theme.accent)
    sheet.line(f"Human Resources   {job.employer.address.one_line}   {job.employer.phone}", size=8)
    sheet.rule()
    sheet.gap(18)
    sheet.lines([long_date(case.today), "", case.lender.name, case.lender.address.street, case.lender.address.tail, ""])
    sheet.line(f"Re: Employment verification for {who.name}", bold=True)
    sheet.gap(8)
    sheet.line("To Whom It May Concern:")
    sheet.gap(6)
    sheet.para(
        f"This letter confirms that {who.name} has been employed with {job.employer.name} on a full-time basis since {long_date(job.started)} and currently holds the position of {job.title}."
    )
    sheet.para(
        f"The present base salary is {money(job.salary)} per year, paid every two weeks. The position is permanent and we have no knowledge of any circumstances that would make continued employment unlikely."
    )
    sheet.para(
        f"This information is given at the request of the employee in connection with a mortgage application. Should you need a verbal verification of employment, please call me at {phone(rng)}, extension {rng.randint(100, 999)}."
    )
    sheet.gap(10)
    sheet.line("Sincerely,")
    sheet.gap(34)
    sheet.signature(sheet.left, sheet.y - 8, clerk)
    sheet.lines([clerk, "Manager, Human Resources"])


LAYOUTS = (
    Layout("pay_stub", "payroll-bureau", Theme(margin=44, size=9), _earnings_statement),
    Layout(
        "pay_stub",
        "district-payroll",
        Theme(table="grid", size=8.5, margin=40, accent="#3c3c3c"),
        _direct_deposit_advice,
    ),
    Layout("pay_stub", "small-business", Theme("Times", 10, 58, table="plain", accent="#222222"), _small_business_stub),
    Layout("form_other", "form-1005", Theme(heading="plain", size=9, margin=42), _form_1005),
    Layout(
        "form_other",
        "verification-service",
        Theme(accent="#00695c", heading="bar", table="zebra"),
        _verification_service,
    ),
    Layout("letter", "employer-letter", Theme("Times", 11.5, 72, "#7a1f1f"), _employer_letter),
)


def _total(name: str, lines: tuple[Line, ...]) -> Line:
    return Line(name, sum(line.now for line in lines), sum(line.year for line in lines))
