"""Money that changes hands: cheques and gift letters."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, aba, long_date, money, stranger, us

# ── bank statements ──────────────────────────────────────────────────────────────────────────────


# ── cheques ──────────────────────────────────────────────────────────────────────────────────────

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(number: int) -> str:
    """`1234` is one thousand two hundred thirty-four; up to 999,999."""
    if number >= 1000:
        return in_words(number // 1000) + " thousand" + (f" {in_words(number % 1000)}" if number % 1000 else "")
    if number >= 100:
        return _ONES[number // 100] + " hundred" + (f" {in_words(number % 100)}" if number % 100 else "")
    if number >= 20:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    return _ONES[number]


def _check_face(
    sheet: Sheet,
    payer: list[str],
    bank: str,
    payee: str,
    cents: int,
    day: date,
    number: int,
    memo: str,
    signer: str,
    rng: Random,
    paper: str,
) -> None:
    x, y, w, h = sheet.left, sheet.y, sheet.span, sheet.span * 0.43
    sheet.rect(x, y, w, h, fill=paper, edge="#7d8a99", radius=4)
    for i, text in enumerate(payer):
        sheet.put(x + 14, y + 20 + 11 * i, text, bold=i == 0, size=9)
    sheet.put(x + w - 14, y + 22, str(number), bold=True, size=12, align="right")
    sheet.put(x + w - 190, y + 48, f"DATE  {us(day)}", size=9)
    sheet.stroke(x + w - 165, y + 51, x + w - 60, y + 51)
    sheet.put(x + 14, y + 82, "PAY TO THE", size=7)
    sheet.put(x + 14, y + 90, "ORDER OF", size=7)
    sheet.put(x + 66, y + 89, payee, size=11)
    sheet.stroke(x + 62, y + 92, x + w - 120, y + 92)
    sheet.put(x + w - 112, y + 90, f"$ {money(cents, '')}", size=11, bold=True)
    sheet.put(x + 16, y + 116, f"{in_words(cents // 100).capitalize()} and {cents % 100:02d}/100", size=10)
    sheet.stroke(x + 14, y + 119, x + w - 66, y + 119)
    sheet.put(x + w - 62, y + 118, "DOLLARS", size=8)
    sheet.put(x + 14, y + 142, bank, bold=True, size=9)
    sheet.put(x + 14, y + h - 42, f"MEMO  {memo}", size=9)
    sheet.signature(x + w - 170, y + h - 42, signer)
    sheet.stroke(x + w - 180, y + h - 38, x + w - 20, y + h - 38)
    sheet.put(x + w - 100, y + h - 30, "AUTHORIZED SIGNATURE", size=6, align="center")
    sheet.put(
        x + 40, y + h - 14, f"|:{aba(rng)}|:  {rng.randint(10**8, 10**9)}||'  {number:04d}", size=12, font="Courier"
    )
    sheet.y += h + 8


def _personal_check(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    cents = rng.randrange(50000, 1250000)
    sheet.gap(40)
    _check_face(
        sheet,
        [who.name, who.home.street, who.home.tail],
        "Lakehurst Community Credit Union",
        case.title_agent.name,
        cents,
        case.today - timedelta(days=rng.randrange(9, 60)),
        rng.randint(101, 4999),
        "Earnest money",
        who.name,
        rng,
        "#e9f1ec",
    )


def _cashiers_check(sheet: Sheet, case: Case, rng: Random) -> None:
    sheet.line("CEDAR & MAIN BANK", bold=True, size=13)
    sheet.line(
        "CASHIER'S CHECK                    NOTICE TO CUSTOMERS: The purchase of an indemnity bond may be required before this check will be replaced if lost.",
        size=6.5,
    )
    _check_face(
        sheet,
        ["CASHIER'S CHECK", f"Remitter: {case.borrower.name}"],
        "Cedar & Main Bank, N.A.",
        case.title_agent.name,
        (case.price - case.loan) * 9 // 10,
        case.today,
        rng.randint(500000, 900000),
        f"Closing funds {case.loan_number}",
        stranger(rng),
        rng,
        "#fdf6e3",
    )
    sheet.gap(20)
    sheet.stroke(0, sheet.y, sheet.width, sheet.y, width=0.3)
    sheet.line("CUSTOMER COPY - NOT NEGOTIABLE", bold=True)
    sheet.fields(
        [
            ("Purchaser", case.borrower.name),
            ("Branch", "0042 " + case.borrower.home.city),
            ("Teller", f"{rng.randint(10, 99)}"),
            ("Fee", "$10.00"),
        ]
    )


def _voided_check(sheet: Sheet, case: Case, rng: Random) -> None:
    """A cheque written only to show the account for a direct deposit, VOID across its face, with a stub."""
    who = case.anyone(rng)
    sheet.line("Attach voided check here for direct deposit enrollment", italic=True)
    sheet.gap(16)
    top = sheet.y
    _check_face(
        sheet,
        [f"{who.first.upper()} {who.last.upper()}", who.home.street.upper(), who.home.tail.upper(), who.phone],
        "OSTRANDER SAVINGS",
        "VOID",
        0,
        case.today,
        rng.randint(101, 999),
        "direct deposit",
        who.name,
        rng,
        "#eaf0fb",
    )
    sheet.put(sheet.width / 2, top + 130, "VOID", size=84, bold=True, align="center", color="#333333")
    sheet.para(
        "Security features: micro-printed border, chemically reactive paper, fluorescent fibers. Details on back.",
        size=7,
    )


# ── gift letters ─────────────────────────────────────────────────────────────────────────────────


def _gift_form(sheet: Sheet, case: Case, rng: Random) -> None:
    donor, amount, who = stranger(rng), rng.randrange(50, 600) * 10000, case.borrower
    sheet.line("GIFT LETTER", bold=True, size=16, align="center")
    sheet.fields([("Borrower(s)", case.names), ("Lender", case.lender.name), ("Loan number", case.loan_number)])
    sheet.gap(8)
    sheet.para(
        f"I/We, {donor}, do hereby certify that I/we have given / will give a gift of {money(amount)} to {who.name}, my {rng.choice(('niece', 'nephew', 'daughter', 'son'))}, on {us(case.today)}, to be applied toward the purchase of the property located at: {case.house.one_line}."
    )
    sheet.heading("Donor certification")
    for i, text in enumerate(
        (
            "No repayment of the gift is expected or implied in the form of cash or by future services of the recipient.",
            "The funds given to the homebuyer were not made available to the donor from any person or entity with an interest in the sale of the property, including the seller, real estate agent or broker, builder or loan officer.",
            "I/We understand that evidence of the donor's ability to provide the gift and of the transfer of funds must be furnished.",
        )
    ):
        sheet.para(text, indent=18, hang=f"{i + 1}.")
    sheet.fields(
        [
            ("Source of gift funds", "Savings account, Plainsong Federal Savings Bank"),
            ("Donor's account number", f"******{rng.randint(1000, 9999)}"),
            ("Donor's telephone", f"({rng.randint(201, 989)}) 555-0133"),
            ("Relationship to borrower", "Family member"),
        ]
    )
    sheet.para(
        "WARNING: Section 1010 of Title 18, U.S.C., Department of Housing and Urban Development Transactions, provides that whoever makes, passes, utters or publishes any statement, knowing the same to be false, shall be fined or imprisoned not more than two years, or both.",
        bold=True,
        size=8,
    )
    sheet.gap(30)
    for name, role in ((donor, "Donor signature"), (who.name, "Borrower signature")):
        sheet.signature(sheet.left, sheet.y - 4, name)
        sheet.stroke(sheet.left, sheet.y, sheet.left + 240, sheet.y)
        sheet.line(f"{role}                                                     Date  {us(case.today)}", size=8)
        sheet.gap(26)


def _gift_note(sheet: Sheet, case: Case, rng: Random) -> None:
    donor, amount = stranger(rng), rng.randrange(50, 600) * 10000
    sheet.lines([donor, case.borrower.home.one_line, "", long_date(case.today), ""])
    sheet.line(f"RE: Gift of equity funds for {case.borrower.name}", bold=True)
    sheet.gap(10)
    sheet.para(f"To {case.lender.name}:")
    sheet.para(
        f"Please accept this letter as confirmation that we are giving our {rng.choice(('daughter', 'son', 'grandchild'))} {case.borrower.first} the sum of {money(amount)} as a gift toward the down payment and closing costs on the home at {case.house.one_line}."
    )
    sheet.para(
        "This is a bona fide gift and there is no obligation, expressed or implied, to repay this sum at any time. The money came from our own savings; a copy of the withdrawal slip and of the wire confirmation is enclosed."
    )
    sheet.gap(10)
    sheet.line("With kind regards,")
    sheet.gap(36)
    sheet.signature(sheet.left, sheet.y - 8, donor)
    sheet.lines([donor, "(gift donor)"])


LAYOUTS = (
    Layout("check", "personal", Theme(margin=70), _personal_check),
    Layout("check", "cashiers", Theme("Times", 9.5, 54), _cashiers_check),
    Layout("check", "voided", Theme("Courier", 9, 62), _voided_check),
    Layout("gift_letter", "lender-form", Theme(size=10.5, margin=58, heading="caps"), _gift_form),
    Layout("gift_letter", "family-letter", Theme("Times", 12, 80), _gift_note),
)
