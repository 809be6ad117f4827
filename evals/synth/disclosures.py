"""The TRID Loan Estimate, and what it shares with the Closing Disclosure: costs that add up, loan terms."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, dollars, money, phone, stranger, us


@dataclass(frozen=True)
class Costs:
    """Closing costs by lettered section; every total is the sum of its lines."""

    sections: dict[str, tuple[tuple[str, int], ...]]
    taxes: int
    """Property tax a month."""
    insurance: int
    """Homeowner's insurance a month."""

    def of(self, letters: str) -> int:
        return sum(amount for letter in letters for _, amount in self.sections[letter])

    @property
    def loan_costs(self) -> int:
        return self.of("ABC")

    @property
    def other_costs(self) -> int:
        return self.of("EFGH")


def costs(case: Case, rng: Random) -> Costs:
    taxes, insurance = case.price * 11 // 1000 // 12 // 100 * 100, rng.randrange(70, 190) * 100
    daily = round(case.loan * case.rate / 100 / 365)
    return Costs({
        "A": ((f"{rng.choice((0.25, 0.5, 1.0))}% of Loan Amount (Points)", case.loan // 400 // 100 * 100), ("Application Fee", 50000), ("Underwriting Fee", rng.randrange(600, 1200) * 100)),
        "B": (("Appraisal Fee", rng.randrange(425, 650) * 100), ("Credit Report Fee", 4500), ("Flood Determination Fee", 2000), ("Tax Status Research Fee", 8000)),
        "C": (("Pest Inspection Fee", 13500), ("Survey Fee", rng.randrange(85, 250) * 100), ("Title - Insurance Binder", 70000), ("Title - Settlement Agent Fee", 50200), ("Title - Title Search", 126100)),
        "E": (("Recording Fees and Other Taxes", 8500), ("Transfer Taxes", case.price // 1000)),
        "F": (("Homeowner's Insurance Premium (12 months)", insurance * 12), ("Prepaid Interest (15 days)", daily * 15)),
        "G": (("Homeowner's Insurance (2 months)", insurance * 2), ("Property Taxes (2 months)", taxes * 2)),
        "H": (("Title - Owner's Title Policy (optional)", 101700),),
    }, taxes, insurance)  # fmt: skip


SECTION_NAMES = {
    "A": "Origination Charges", "B": "Services Borrower Did Not Shop For", "C": "Services Borrower Did Shop For", "E": "Taxes and Other Government Fees",
    "F": "Prepaids", "G": "Initial Escrow Payment at Closing", "H": "Other",
}  # fmt: skip
_LE_NAMES = SECTION_NAMES | {"B": "Services You Cannot Shop For", "C": "Services You Can Shop For"}


def terms(sheet: Sheet, case: Case, bill: Costs) -> None:
    sheet.heading("Loan Terms                                  Can this amount increase after closing?")
    sheet.table(
        ["", "", ""],
        [
            ["Loan Amount", dollars(case.loan), "NO"],
            ["Interest Rate", f"{case.rate:.3f}%", "NO"],
            ["Monthly Principal & Interest", money(case.payment), "NO"],
            ["", "", "Does the loan have these features?"],
            ["Prepayment Penalty", "", "NO"],
            ["Balloon Payment", "", "NO"],
        ],
        [3, 2, 4],
    )
    sheet.heading("Projected Payments")
    escrow = bill.taxes + bill.insurance
    sheet.table(
        ["Payment Calculation", f"Years 1-{case.years}"],
        [
            ["Principal & Interest", money(case.payment)],
            ["Mortgage Insurance", "+ 0"],
            ["Estimated Escrow - Amount can increase over time", "+ " + money(escrow, "")],
            ["Estimated Total Monthly Payment", money(case.payment + escrow)],
        ],
        [4, 2],
        right=(1,),
        bold_last=True,
    )
    sheet.para(
        f"Estimated Taxes, Insurance & Assessments  {dollars(escrow)} a month.  This estimate includes: [X] Property Taxes  [X] Homeowner's Insurance  [ ] Other.  In escrow? YES YES",
        size=8.5,
    )


def _section_list(sheet: Sheet, letters: str, bill: Costs, names: dict[str, str]) -> None:
    for letter in letters:
        sheet.table(
            [f"{letter}. {names[letter]}", dollars(bill.of(letter))],
            [[name, dollars(amount)] for name, amount in bill.sections[letter]],
            [4, 1.2],
            right=(1,),
            size=8.5,
        )


# ── Loan Estimate ────────────────────────────────────────────────────────────────────────────────


def _loan_estimate(sheet: Sheet, case: Case, rng: Random) -> None:
    bill, cash_first = costs(case, rng), sheet.theme.font == "Times"
    credits = 0

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.left, sheet.height - 28, "LOAN ESTIMATE", size=7)
        sheet.put(
            sheet.right,
            sheet.height - 28,
            f"PAGE {page} OF {pages} - LOAN ID # {case.loan_number}",
            size=7,
            align="right",
        )

    sheet.running = running
    sheet.line(f"{case.lender.name}", bold=True, size=11)
    sheet.line(
        f"{case.lender.address.one_line}                         Save this Loan Estimate to compare with your Closing Disclosure.",
        size=8,
    )
    sheet.line("Loan Estimate", bold=True, size=22)
    sheet.beside(
        lambda: sheet.fields(
            [
                ("DATE ISSUED", us(case.today)),
                ("APPLICANTS", case.names),
                ("", case.borrower.home.one_line),
                ("PROPERTY", case.house.one_line),
                ("SALE PRICE", dollars(case.price)),
            ]
        ),
        lambda: sheet.fields(
            [
                ("LOAN TERM", f"{case.years} years"),
                ("PURPOSE", "Purchase"),
                ("PRODUCT", "Fixed Rate"),
                ("LOAN TYPE", "[X] Conventional [ ] FHA [ ] VA"),
                ("LOAN ID #", case.loan_number),
                ("RATE LOCK", f"YES, until {us(case.today + timedelta(days=60))}"),
            ]
        ),
    )
    terms(sheet, case, bill)
    sheet.heading("Costs at Closing")
    total = bill.loan_costs + bill.other_costs - credits
    cash = case.price - case.loan + total
    sheet.fields(
        [
            (
                "Estimated Closing Costs",
                f"{dollars(total)}  Includes {dollars(bill.loan_costs)} in Loan Costs + {dollars(bill.other_costs)} in Other Costs - $0 in Lender Credits.",
            ),
            (
                "Estimated Cash to Close",
                f"{dollars(cash)}  Includes Closing Costs. See Calculating Cash to Close on page 2 for details.",
            ),
        ]
    )
    sheet.para("Visit www.consumerfinance.gov/mortgage-estimate for general information and tools.", size=8.5)
    sheet.new_page()
    sheet.line("Closing Cost Details", bold=True, size=17)

    def cash_to_close() -> None:
        sheet.heading("Calculating Cash to Close")
        sheet.table(
            ["", ""],
            [
                ["Total Closing Costs (J)", dollars(total)],
                ["Closing Costs Financed (Paid from your Loan Amount)", "$0"],
                ["Down Payment/Funds from Borrower", dollars(case.price - case.loan)],
                ["Deposit", "$0"],
                ["Funds for Borrower", "$0"],
                ["Estimated Cash to Close", dollars(cash)],
            ],
            [4, 1.2],
            right=(1,),
            bold_last=True,
            size=8.5,
        )

    def loan_costs() -> None:
        sheet.heading("Loan Costs")
        _section_list(sheet, "ABC", bill, _LE_NAMES)
        sheet.line(f"D. TOTAL LOAN COSTS (A + B + C)   {dollars(bill.loan_costs)}", bold=True)

    def other_costs() -> None:
        sheet.heading("Other Costs")
        _section_list(sheet, "EFGH", bill, _LE_NAMES)
        sheet.line(f"I. TOTAL OTHER COSTS (E + F + G + H)   {dollars(bill.other_costs)}", bold=True)
        sheet.line(f"J. TOTAL CLOSING COSTS   {dollars(total)}", bold=True)
        cash_to_close()

    if cash_first:
        loan_costs()
        other_costs()
    else:
        sheet.beside(loan_costs, other_costs)
    sheet.new_page() if sheet.page_count == 2 else sheet.gap(14)
    sheet.line("Additional Information About This Loan", bold=True, size=17)
    sheet.fields(
        [
            ("LENDER", case.lender.name),
            ("NMLS/LICENSE ID", f"{rng.randint(100000, 999999)}"),
            ("LOAN OFFICER", stranger(rng)),
            ("PHONE", phone(rng)),
        ],
        columns=2,
    )
    sheet.heading("Comparisons   Use these measures to compare this loan with other loans.")
    paid = case.payment * 60
    sheet.fields(
        [
            (
                "In 5 Years",
                f"{dollars(paid + bill.loan_costs)}  Total you will have paid in principal, interest, mortgage insurance, and loan costs.",
            ),
            (
                "Annual Percentage Rate (APR)",
                f"{case.rate + 0.21:.3f}%  Your costs over the loan term expressed as a rate. This is not your interest rate.",
            ),
            (
                "Total Interest Percentage (TIP)",
                f"{(case.payment * case.years * 12 - case.loan) / case.loan:.3%}  The total amount of interest that you will pay over the loan term as a percentage of your loan amount.",
            ),
        ]
    )
    sheet.heading("Other Considerations")
    for name, text in (
        (
            "Appraisal",
            "We may order an appraisal to determine the property's value and charge you for this appraisal. We will promptly give you a copy of any appraisal, even if your loan does not close. You can pay for an additional appraisal for your own use at your own cost.",
        ),
        (
            "Assumption",
            "If you sell or transfer this property to another person, we will not allow assumption of this loan on the original terms.",
        ),
        (
            "Homeowner's Insurance",
            "This loan requires homeowner's insurance on the property, which you may obtain from a company of your choice that we find acceptable.",
        ),
        (
            "Late Payment",
            "If your payment is more than 15 days late, we will charge a late fee of 5% of the monthly principal and interest payment.",
        ),
        (
            "Refinance",
            "Refinancing this loan will depend on your future financial situation, the property value, and market conditions. You may not be able to refinance this loan.",
        ),
        ("Servicing", "We intend to service your loan. If so, you will make your payments to us."),
    ):
        sheet.para(f"{name}   {text}", size=8.5)
    sheet.heading("Confirm Receipt")
    sheet.para(
        "By signing, you are only confirming that you have received this form. You do not have to accept this loan because you have signed or received this form.",
        size=8.5,
    )
    sheet.gap(22)
    for i, person in enumerate(case.borrowers):
        sheet.signature(sheet.left + 270 * i, sheet.y - 4, person.name)
    sheet.line(
        "Applicant Signature                          Date                    Co-Applicant Signature                          Date",
        size=8,
    )


# ── Closing Disclosure ───────────────────────────────────────────────────────────────────────────


LAYOUTS = (
    Layout(
        "loan_estimate",
        "model-form",
        Theme(size=8.5, margin=42, heading="bar", accent="#111111", table="lines"),
        _loan_estimate,
    ),
    Layout("loan_estimate", "lender-serif", Theme("Times", 9, 54, "#14532d", "rule", "zebra", "dots"), _loan_estimate),
)
