"""Letters in which a borrower explains himself to the lender."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from datetime import timedelta
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, long_date, money, us

_EXPLANATIONS = (
    ("recent credit inquiries", "The inquiries on my credit report were made while I was comparing rates for this mortgage and for a car I decided not to buy. No new debt was opened as a result of these inquiries."),
    ("large deposit", "The deposit of {amount} shown on my statement came from the sale of my motorcycle to a private buyer. A copy of the bill of sale and of the buyer's check is enclosed."),
    ("gap in employment", "I was out of work for about three months because our department was closed and I chose to finish a certification before I accepted my present position. I have been employed without interruption since then."),
    ("address discrepancy", "The other address on my credit report is my parents' home, where I receive some of my mail. I have never owned that property."), ("late payment", "The late payment was caused by a change of banks: the automatic payment was still drawn on the closed account. I paid it the same week I noticed and have not been late since."),
)  # fmt: skip


def _explanation(sheet: Sheet, case: Case, rng: Random) -> None:
    """A borrower's letter of explanation, plain as people write them."""
    who = case.anyone(rng)
    topic, text = rng.choice(_EXPLANATIONS)
    sheet.lines(
        [
            who.name,
            who.home.street,
            who.home.tail,
            who.phone,
            "",
            long_date(case.today),
            "",
            case.lender.name,
            "Attn: Underwriting",
            case.lender.address.one_line,
            "",
        ]
    )
    sheet.line(f"Re: Letter of explanation - {topic}, loan {case.loan_number}")
    sheet.gap(10)
    sheet.para("To whom it may concern,")
    sheet.para(text.format(amount=money(rng.randrange(90000, 900000))))
    sheet.para("Please let me know if you need anything else. I appreciate your help with our application.")
    sheet.gap(6)
    sheet.line("Sincerely,")
    sheet.gap(40)
    sheet.signature(sheet.left, sheet.y - 8, who.name)
    sheet.line(who.name)


def _explanation_form(sheet: Sheet, case: Case, rng: Random) -> None:
    """The lender's form for inquiries: a table of creditors, tick boxes, the borrower's answer in between."""
    sheet.line(case.lender.name, size=9)
    sheet.line("CREDIT INQUIRY EXPLANATION / LETTER OF EXPLANATION", bold=True, size=13)
    sheet.fields(
        [
            ("Borrower(s)", case.names),
            ("Loan number", case.loan_number),
            ("Property", case.house.one_line),
            ("Date", us(case.today)),
        ]
    )
    sheet.heading("Inquiries in the last 120 days")
    rows = [
        [
            us(case.today - timedelta(days=rng.randint(5, 110))),
            name,
            rng.choice(("Rate shopping", "Did not take the credit", "Same lender, second pull")),
        ]
        for name in rng.sample(
            (
                "Palisade Card Services",
                "Motorway Auto Finance",
                "Fairwind Residential Finance",
                "Copperfield Retail Card",
                "Lakehurst CU",
            ),
            k=3,
        )
    ]
    sheet.table(["Date of inquiry", "Creditor", "Reason for the inquiry"], rows, [1.4, 3, 3])
    sheet.gap(10)
    for text, on in (
        ("I/we did not open any new account as a result of the inquiries above.", True),
        ("I/we opened new credit; statements are attached.", False),
    ):
        sheet.check(sheet.left, sheet.y + 9, text, on)
        sheet.gap(17)
    sheet.heading("Explanation of other items")
    topic, text = rng.choice(_EXPLANATIONS)
    sheet.para(f"Item: {topic}.", bold=True)
    sheet.para(text.format(amount=money(rng.randrange(90000, 900000))))
    for person in case.borrowers:
        sheet.gap(30)
        sheet.signature(sheet.left, sheet.y - 4, person.name)
        sheet.rule()
        sheet.line(f"Borrower signature: {person.name}     Date {us(case.today)}", size=8.5)


LAYOUTS = (
    Layout("letter_of_explanation", "plain-letter", Theme("Times", 12, 76), _explanation),
    Layout(
        "letter_of_explanation",
        "lender-form",
        Theme(size=10.5, margin=58, heading="bar", accent="#37474f"),
        _explanation_form,
    ),
)
