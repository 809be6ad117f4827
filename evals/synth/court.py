"""Forms, summonses and judgments of the courts."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from datetime import timedelta
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, company, long_date, money, stranger, us


def _petition(sheet: Sheet, case: Case, rng: Random) -> None:
    """A state's judicial council form: boxes for attorney, court and case number, tick boxes below."""
    who, other = case.anyone(rng), stranger(rng)
    sheet.cells(
        [
            [
                (
                    3,
                    "ATTORNEY OR PARTY WITHOUT ATTORNEY (Name, State Bar number, and address):",
                    f"{who.name}, In Pro Per\n{who.home.street}\n{who.home.tail}",
                ),
                (1.4, "FOR COURT USE ONLY", ""),
            ],
            [
                (3, f"SUPERIOR COURT OF {who.home.state_name.upper()}, COUNTY OF", f"{who.home.city.upper()}"),
                (1.4, "CASE NUMBER:", f"FL-{rng.randint(10000, 99999)}"),
            ],
            [
                (3, "PETITIONER:\nRESPONDENT:", f"PETITIONER: {who.name}\nRESPONDENT: {other}"),
                (1.4, "HEARING DATE AND TIME:", ""),
            ],
        ],
        height=52,
    )
    sheet.line(
        rng.choice(
            (
                "RESPONSE TO REQUEST FOR ORDER",
                "INCOME AND EXPENSE DECLARATION",
                "PETITION - MARRIAGE/DOMESTIC PARTNERSHIP",
            )
        ),
        bold=True,
        size=12,
        align="center",
    )
    sheet.rule()
    for i, (text, on) in enumerate(
        (
            (
                "RESTRAINING ORDER INFORMATION: No domestic violence restraining/protective orders are now in effect between the parties in this case.",
                True,
            ),
            ("CHILD CUSTODY / VISITATION (PARENTING TIME)", False),
            ("SPOUSAL OR DOMESTIC PARTNER SUPPORT: I consent to the order requested.", False),
            ("PROPERTY CONTROL: I do not consent to the order requested, but I consent to the following order:", True),
            ("ATTORNEY'S FEES AND COSTS", False),
            (
                "FACTS TO SUPPORT my responsive declaration are listed below. The facts that I write and attach to this form cannot be longer than 10 pages, unless the court gives me permission.",
                True,
            ),
        )
    ):
        sheet.gap(6)
        sheet.check(sheet.left, sheet.y + 12, f"{i + 1}.", on)
        sheet.para(text, indent=42)
    sheet.gap(14)
    sheet.para(
        f"I declare under penalty of perjury under the laws of the State of {who.home.state_name} that the information provided in this form and all attachments is true and correct."
    )
    sheet.gap(30)
    sheet.signature(sheet.left + 300, sheet.y - 4, who.name)
    sheet.line(
        f"Date: {us(case.today)}      {who.name}  (TYPE OR PRINT NAME)                    (SIGNATURE OF DECLARANT)",
        size=8.5,
    )
    sheet.put(
        sheet.left,
        sheet.bottom + 14,
        "Form Adopted for Mandatory Use   Judicial Council     FL-320 [Rev. July 1, 2021]     Family Code, Code of Civil Procedure     Page 1 of 1",
        size=7,
    )


def _summons(sheet: Sheet, case: Case, rng: Random) -> None:
    """A federal caption and order in typewriter face with line numbers."""
    plaintiff, who = company(rng), case.anyone(rng)
    sheet.line("UNITED STATES DISTRICT COURT", bold=True, size=13, align="center")
    sheet.line(f"for the District of {who.home.state_name}", align="center")
    sheet.gap(16)
    sheet.beside(
        lambda: sheet.lines(
            [
                plaintiff.name.upper(),
                "",
                "          Plaintiff,",
                "",
                "     v.",
                "",
                who.name.upper(),
                "",
                "          Defendant.",
            ]
        ),
        lambda: sheet.lines(
            [")", ")", f")   Civil Action No. {case.today:%y}-cv-{rng.randint(1000, 9999)}", ")", ")", ")", ")", ")"]
        ),
    )
    sheet.gap(16)
    sheet.line("SUMMONS IN A CIVIL ACTION", bold=True, size=12, align="center")
    sheet.para(f"To: (Defendant's name and address)  {who.name}, {who.home.one_line}")
    sheet.para(
        "A lawsuit has been filed against you. Within 21 days after service of this summons on you (not counting the day you received it) you must serve on the plaintiff an answer to the attached complaint or a motion under Rule 12 of the Federal Rules of Civil Procedure. The answer or motion must be served on the plaintiff or plaintiff's attorney, whose name and address are:"
    )
    sheet.para(f"{stranger(rng)}, Attorney at Law, {plaintiff.address.one_line}", indent=30)
    sheet.para(
        "If you fail to respond, judgment by default will be entered against you for the relief demanded in the complaint. You also must file your answer or motion with the court."
    )
    sheet.gap(26)
    sheet.line(f"Date: {us(case.today)}                         CLERK OF COURT _____________________________")
    sheet.line("Signature of Clerk or Deputy Clerk", align="right", size=8)


def _decree(sheet: Sheet, case: Case, rng: Random) -> None:
    """An order on pleading paper: numbered lines down the margin."""
    who, other = case.anyone(rng), stranger(rng)

    def running(page: int, pages: int) -> None:
        for i in range(1, 29):
            sheet.put(sheet.left - 16, 60 + i * 23.6, str(i), size=9, align="right")
        sheet.stroke(sheet.left - 10, 40, sheet.left - 10, sheet.height - 40)
        sheet.put(
            sheet.width / 2,
            sheet.height - 28,
            f"FINAL DECREE OF DISSOLUTION - {page} of {pages}",
            size=8,
            align="center",
        )

    sheet.running = running
    sheet.line(f"IN THE CIRCUIT COURT OF THE STATE OF {who.home.state_name.upper()}", bold=True, align="center")
    sheet.line(f"FOR THE COUNTY OF {who.home.city.upper()}", align="center")
    sheet.gap(14)
    sheet.lines(
        [
            "In the Matter of the Marriage of:",
            f"    {who.name}, Petitioner,",
            "        and",
            f"    {other}, Respondent.",
            f"                                  Case No. {rng.randint(10, 24)}DR{rng.randint(1000, 9999)}",
        ]
    )
    sheet.line("JUDGMENT OF DISSOLUTION OF MARRIAGE", bold=True, align="center")
    for text in (
        "This matter came before the Court on the petition of the Petitioner. The Court having reviewed the file and being fully advised, FINDS that irreconcilable differences have caused the irremediable breakdown of the marriage.",
        "IT IS HEREBY ORDERED AND ADJUDGED that the marriage of the parties is dissolved, effective on the date this judgment is signed.",
        f"Spousal support. Respondent shall pay to Petitioner the sum of {money(rng.randrange(40, 180) * 1000)} per month, commencing on the first day of the month following entry of this judgment.",
        f"Property. The real property located at {who.home.one_line} is awarded to Petitioner, subject to the encumbrances thereon, which Petitioner shall pay and hold Respondent harmless therefrom.",
        "Each party shall be responsible for his or her own attorney fees. The Court retains jurisdiction to enforce the terms of this judgment.",
    ):
        sheet.para(text, after=12)
    sheet.gap(24)
    sheet.line(f"DATED {long_date(case.today + timedelta(days=3))}          ______________________ Circuit Court Judge")


def _consent_judgment(sheet: Sheet, case: Case, rng: Random) -> None:
    """A judgment that takes the parties' own agreement over, section by section, with support figures in a table."""
    who, other, support = case.anyone(rng), stranger(rng), rng.randrange(40, 180) * 1000
    sheet.line("DISTRICT COURT - FAMILY DIVISION", bold=True, size=13)
    sheet.fields(
        [
            ("In re the marriage of", f"{who.name} and {other}"),
            ("Docket", f"D-{rng.randint(100, 999)}-{case.today.year - 4}"),
            ("Judgment entered", long_date(case.today - timedelta(days=1400))),
        ]
    )
    sheet.line("DIVORCE JUDGMENT BY AGREEMENT", bold=True, size=12, align="center")
    for title, text in (
        ("Divorce granted", "After hearing, and upon the parties' signed settlement agreement, which is incorporated herein by reference, a divorce is granted to the parties on the ground of irreconcilable marital differences."),
        ("Real estate", f"The marital residence is set aside to {who.name}, who shall refinance or hold {other} harmless from any mortgage upon it within one hundred twenty days."),
        ("Debts", f"Each party shall pay the debts in his or her own name. The joint automobile loan shall be paid by {other}."), ("Name", "Neither party requested a change of name."),
    ):  # fmt: skip
        sheet.heading(title)
        sheet.para(text)
    sheet.heading("Child and spousal support order")
    sheet.table(
        ["Obligor", "Obligee", "Kind", "Monthly amount"],
        [
            [other, who.name, "Child support", money(support)],
            [other, who.name, "Spousal support", money(support // 2)],
            ["", "", "Total each month", money(support + support // 2)],
        ],
        [3, 3, 2, 2],
        right=(3,),
        bold_last=True,
    )
    sheet.para(
        "Payments are due on the first day of each month through immediate income withholding and continue until the youngest child is eighteen or has graduated from high school."
    )
    sheet.gap(34)
    sheet.signature(sheet.left, sheet.y - 4, other + "judge")
    sheet.line("Judge of the Family Division                         Attest: Clerk", size=9)


LAYOUTS = (
    Layout("court_form", "judicial-council", Theme(size=9.5, margin=46), _petition),
    Layout("court_form", "federal-summons", Theme("Courier", 10.5, 66), _summons),
    Layout("divorce_decree", "pleading-paper", Theme("Times", 12, 92), _decree),
    Layout("divorce_decree", "consent-judgment", Theme(size=10.5, margin=66, heading="caps"), _consent_judgment),
)
