"""What people write: letters, memos, e-mails and résumés."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from datetime import timedelta
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, company, dollars, long_date, money, stranger, us

_MEMOS = (
    ("Remote work schedule for the winter quarter", ("Beginning next month, teams may work from home up to two days a week. Managers should send their schedules to Human Resources by Friday.", "Core hours remain 10 a.m. to 3 p.m. Meetings that require attendance in person will be announced at least one week ahead.")),
    ("Revised travel reimbursement limits", ("Effective immediately, the daily meal allowance is raised and receipts are required for any single expense over $25.", "Please use the new form, which combines mileage and lodging. Old forms will be returned.")),
    ("Second-quarter inventory results", ("The count found a difference of 0.4 percent against the ledger, well within tolerance. Two locations will be counted again.", "Thanks to everyone who stayed late on Saturday. Questions may be directed to the controller's office.")),
)  # fmt: skip
_MAILS = (
    ("Documents still needed for your loan", ("Thanks for sending the W-2s so quickly. Underwriting still needs the last two months of statements (all pages, even blank ones) and a signed letter about the deposit on the 14th.", "If you can upload them by Thursday we stay on track for the closing date.")),
    ("Re: inspection report", ("We went through the report last night. The roof is fine, but we would like the sellers to fix the furnace venting before closing, or give us a credit.", "Can you draft the request and send it over? We are both around after 5.")), ("Wire instructions - please call to verify", ("Attached are the wire instructions for your closing. Before you send any money, call our office at the number you already have and confirm them by voice. We never change instructions by e-mail.", "Your final figure will be on the Closing Disclosure.")),
)  # fmt: skip
_DUTIES = (
    "Led a team of {n} across two shifts and cut order errors by a third", "Introduced a weekly review that reduced overtime by {n} percent", "Trained new hires and wrote the onboarding manual still in use", "Managed a budget of ${n}0,000 and reported monthly to the director", "Coordinated with vendors and negotiated renewals",
    "Built reports that replaced {n} separate spreadsheets", "Kept a clean safety record for {n} consecutive quarters",
)  # fmt: skip


# ── letters ──────────────────────────────────────────────────────────────────────────────────────


def _approval(sheet: Sheet, case: Case, rng: Random) -> None:
    """A lender's letterhead: conditional approval with a list of conditions."""
    officer = stranger(rng)
    sheet.line(case.lender.name, bold=True, size=17, align="right", color=sheet.theme.accent)
    sheet.line(f"{case.lender.address.one_line} - {case.lender.phone}", size=8, align="right")
    sheet.rule(1.4)
    sheet.gap(14)
    sheet.lines(
        [
            us(case.today),
            "",
            case.names,
            case.borrower.home.one_line,
            "",
            f"RE: Conditional approval, loan number {case.loan_number}",
            "",
        ]
    )
    sheet.line(f"Dear {' and '.join(p.first for p in case.borrowers)}:")
    sheet.gap(6)
    sheet.para(
        f"Congratulations! We are pleased to inform you that your application for a mortgage loan of {dollars(case.loan)} to finance {case.house.one_line} has been approved subject to the conditions below."
    )
    for i, text in enumerate(
        rng.sample(
            (
                "Satisfactory appraisal at or above the contract price.",
                "Verbal verification of employment within ten days of closing.",
                "Most recent 30 days of pay stubs.",
                "Evidence of hazard insurance with the lender named as mortgagee.",
                "Signed and dated letter regarding credit inquiries.",
                "Clear title commitment.",
            ),
            k=4,
        )
    ):
        sheet.para(text, indent=30, hang=f"{i + 1})")
    sheet.para(
        f"This commitment expires on {long_date(case.today + timedelta(days=45))}. It is a privilege to serve you."
    )
    sheet.gap(36)
    sheet.signature(sheet.left, sheet.y - 8, officer)
    sheet.lines([officer, "Senior Loan Officer", f"NMLS #{rng.randint(100000, 999999)}", "", "Enclosures"])


def _cover_letter(sheet: Sheet, case: Case, rng: Random) -> None:
    who, firm = case.anyone(rng), company(rng)
    sheet.lines([long_date(case.today), "", "Hiring Manager", firm.name, firm.address.street, firm.address.tail, ""])
    sheet.para("Dear Hiring Manager:")
    sheet.para(
        f"I am writing to apply for the {who.job.title} opening your firm posted last week. For the past {max(1, case.today.year - who.job.started.year)} years I have held the same role at {who.job.employer.name}, where I was trusted with more responsibility each year.",
        after=10,
    )
    sheet.para(
        "What draws me to your company is its reputation for patient, careful work. I would welcome the chance to talk about how I could contribute. My résumé and two references are enclosed.",
        after=10,
    )
    sheet.para("Very truly yours,")
    sheet.gap(36)
    sheet.signature(sheet.left, sheet.y - 8, who.name)
    sheet.line(f"{who.name}   {who.email}")


# ── memos ────────────────────────────────────────────────────────────────────────────────────────


def _memo(sheet: Sheet, case: Case, rng: Random) -> None:
    subject, body = rng.choice(_MEMOS)
    sheet.line("MEMORANDUM", bold=True, size=18)
    sheet.gap(10)
    sheet.fields(
        [
            ("TO", "All department heads"),
            ("FROM", f"{stranger(rng)}, Director of Administration"),
            ("DATE", long_date(case.today)),
            ("SUBJECT", subject),
        ]
    )
    sheet.rule(1.2)
    sheet.gap(10)
    for text in body:
        sheet.para(text, after=10)
    sheet.line(f"cc: {stranger(rng)}; file", size=9)


def _file_memo(sheet: Sheet, case: Case, rng: Random) -> None:
    """An underwriter's memo to the loan file."""
    sheet.line(case.lender.name, size=9)
    sheet.line("Interoffice Memo", bold=True, size=15, align="center")
    sheet.table(
        ["", ""],
        [
            ["To:", f"Loan file {case.loan_number}"],
            ["From:", f"{stranger(rng)}, Underwriting"],
            ["Cc:", "Processing"],
            ["Re:", f"{case.names} - income calculation"],
            ["Date:", us(case.today)],
        ],
        [1, 6],
    )
    monthly = [(person.name, person.job.salary // 12) for person in case.borrowers]
    for name, amount in monthly:
        sheet.para(
            f"{name}: base income {money(amount)} per month, supported by year-to-date earnings and the prior year W-2. Overtime was not used because there is less than a two-year history."
        )
    sheet.para(
        f"Total qualifying income {money(sum(a for _, a in monthly))}. Housing ratio based on principal and interest of {money(case.payment)}: {case.payment / sum(a for _, a in monthly):.1%}. Reserves verified. No further conditions from my side."
    )


# ── e-mails ──────────────────────────────────────────────────────────────────────────────────────


def _mail_client(sheet: Sheet, case: Case, rng: Random) -> None:
    who, officer = case.anyone(rng), stranger(rng)
    subject, body = rng.choice(_MAILS)
    sheet.line(officer, bold=True, size=12)
    sheet.rule(1.5)
    sheet.fields(
        [
            ("From", f"{officer} <{officer.split()[0].lower()}@lender.example>"),
            ("Sent", f"{case.today:%A}, {long_date(case.today)} {rng.randint(8, 11)}:{rng.randint(10, 59)} AM"),
            ("To", f"{who.name} <{who.email}>"),
            ("Cc", "processing@lender.example"),
            ("Subject", subject),
            ("Attachments", "checklist.pdf"),
        ]
    )
    sheet.gap(12)
    sheet.line(f"Hi {who.first},")
    for text in body:
        sheet.para(text, after=9)
    sheet.lines(["Best regards,", officer, case.lender.name, case.lender.phone])
    sheet.rule()
    sheet.para(
        "CONFIDENTIALITY NOTICE: This e-mail and any attachments are for the sole use of the intended recipient(s) and may contain privileged information. If you are not the intended recipient, please contact the sender by reply e-mail and destroy all copies of the original message.",
        size=8,
    )


def _web_mail(sheet: Sheet, case: Case, rng: Random) -> None:
    """A conversation printed from a browser, the older message quoted below."""
    who, officer = case.anyone(rng), stranger(rng)
    subject, body = rng.choice(_MAILS)

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.left, 26, f"{us(case.today)}, {rng.randint(1, 9)}:15 PM          Mail - {subject}", size=7)
        sheet.put(sheet.right, sheet.height - 24, f"{page}/{pages}", size=7, align="right")
        sheet.put(sheet.left, sheet.height - 24, "https://mail.example/inbox/print?view=pt&search=all", size=7)

    sheet.running = running
    sheet.line(subject, bold=True, size=14)
    sheet.line("2 messages", size=8)
    sheet.rule()
    for sender, mail, texts in (
        (officer, "closing@title.example", body),
        (who.name, who.email, ("Thank you, we will take care of it today.",)),
    ):
        sheet.line(f"{sender} <{mail}>", bold=True)
        sheet.line(
            f"{case.today:%a, %b} {case.today.day}, {case.today.year} at {rng.randint(1, 11)}:{rng.randint(10, 59)} PM",
            size=8,
            align="right",
        )
        for text in texts:
            sheet.para(text)
        sheet.rule()
    sheet.para(f"> On {us(case.today - timedelta(days=2))} {officer} wrote:", italic=True)
    sheet.para("> Just checking in on the items we discussed by phone.", italic=True)


# ── résumés ──────────────────────────────────────────────────────────────────────────────────────


def _duties(sheet: Sheet, rng: Random, count: int) -> None:
    for text in rng.sample(_DUTIES, k=count):
        sheet.para(text.format(n=rng.randint(3, 18)), indent=22, hang="•", after=2)


def _resume(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    sheet.line(who.name, bold=True, size=20, align="center")
    sheet.line(f"{who.home.one_line}  |  {who.phone}  |  {who.email}", size=9, align="center")
    sheet.heading("Professional Summary")
    sheet.para(
        f"{who.job.title} with more than {max(3, case.today.year - who.jobs[1].started.year)} years of experience. Known for calm judgment, clear reports and steady improvement."
    )
    sheet.heading("Experience")
    for job, until in ((who.jobs[0], "Present"), (who.jobs[1], f"{who.job.started:%B %Y}")):
        sheet.line(f"{job.title}, {job.employer.name}", bold=True)
        sheet.line(
            f"{job.employer.address.city}, {job.employer.address.state}     {job.started:%B %Y} - {until}", italic=True
        )
        _duties(sheet, rng, 3)
        sheet.gap(5)
    sheet.heading("Education")
    sheet.para(
        f"B.A., {rng.choice(('Economics', 'Nursing', 'Civil Engineering', 'History'))}, {who.home.state_name} Valley University, {who.born.year + 22}"
    )
    sheet.heading("Skills")
    sheet.para(
        "Budgeting, scheduling, spreadsheets, conversational Spanish, first aid certified. References available upon request."
    )


def _curriculum(sheet: Sheet, case: Case, rng: Random) -> None:
    """Two columns, education first, the second page with publications and service."""
    who = case.anyone(rng)
    sheet.line("CURRICULUM VITAE", size=11)
    sheet.line(f"{who.first} {who.middle} {who.last}", bold=True, size=18, color=sheet.theme.accent)

    def left() -> None:
        sheet.heading("Contact")
        sheet.lines([who.home.street, who.home.tail, who.phone, who.email], size=9)
        sheet.heading("Languages")
        sheet.lines(["English (native)", "Portuguese (good)"], size=9)

    def right() -> None:
        sheet.heading("Education")
        sheet.lines(
            [
                f"{who.born.year + 24}  M.S., Coastal State Institute",
                f"{who.born.year + 22}  B.S., {who.home.state_name} Valley University",
            ]
        )
        sheet.heading("Positions held")
        for job in who.jobs:
            sheet.line(f"{job.started:%Y}  {job.title}", bold=True)
            sheet.line(job.employer.name)
            _duties(sheet, rng, 2)

    sheet.beside(left, right, split=0.32)
    sheet.new_page()
    sheet.heading("Publications and talks")
    for text in (
        '"Reducing waste in small-batch production," regional quality forum',
        '"What schedules hide," with two co-authors, trade quarterly',
        "Panelist, annual meeting of operations analysts",
    ):
        sheet.para(text, indent=22, hang="•")
    sheet.heading("Service and awards")
    sheet.para("Treasurer, community garden board. Employee of the year. Volunteer tax preparer, three seasons.")


LAYOUTS = (
    Layout("letter", "lender-letterhead", Theme(size=10.5, margin=66, accent="#0d47a1"), _approval),
    Layout("letter", "cover-letter", Theme("Courier", 10.5, 72), _cover_letter),
    Layout("memo", "company", Theme(size=11, margin=72), _memo),
    Layout("memo", "loan-file", Theme("Times", 12, 66, table="plain"), _file_memo),
    Layout("email", "desktop-client", Theme(size=10.5, margin=54), _mail_client),
    Layout("email", "web-conversation", Theme("Times", 11, 48), _web_mail),
    Layout("resume", "classic", Theme("Times", 11, 62, "#000000"), _resume),
    Layout("resume", "two-column-cv", Theme(size=10, margin=48, accent="#00695c", heading="bar"), _curriculum),
)
