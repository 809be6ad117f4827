"""The TRID Closing Disclosure: five pages for the borrower, two for the seller."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from datetime import timedelta
from random import Random

from evals.synth.disclosures import SECTION_NAMES, costs, terms
from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, dollars, money, phone, stranger, us


def _closing_disclosure(sheet: Sheet, case: Case, rng: Random) -> None:
    bill = costs(case, rng)
    total = bill.loan_costs + bill.other_costs
    deposit = case.price // 100
    cash = case.price + total - case.loan - deposit

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.left, sheet.height - 28, "CLOSING DISCLOSURE", size=7)
        sheet.put(
            sheet.right,
            sheet.height - 28,
            f"PAGE {page} OF {pages} - LOAN ID # {case.loan_number}",
            size=7,
            align="right",
        )

    sheet.running = running
    sheet.line("Closing Disclosure", bold=True, size=22)
    sheet.para(
        "This form is a statement of final loan terms and closing costs. Compare this document with your Loan Estimate.",
        size=8.5,
        italic=True,
    )
    sheet.beside(
        lambda: sheet.fields(
            [
                ("Date Issued", us(case.today)),
                ("Closing Date", us(case.today + timedelta(days=4))),
                ("Disbursement Date", us(case.today + timedelta(days=4))),
                ("Settlement Agent", case.title_agent.name),
                ("File #", f"{rng.randint(10, 99)}-{rng.randint(1000, 9999)}"),
                ("Property", case.house.street),
                ("", case.house.tail),
                ("Sale Price", dollars(case.price)),
            ]
        ),
        lambda: sheet.fields(
            [
                ("Borrower", case.names),
                ("", case.borrower.home.one_line),
                ("Seller", stranger(rng)),
                ("Lender", case.lender.name),
                ("Loan Term", f"{case.years} years"),
                ("Purpose", "Purchase"),
                ("Product", "Fixed Rate"),
                ("Loan ID #", case.loan_number),
            ]
        ),
    )
    terms(sheet, case, bill)
    sheet.heading("Costs at Closing")
    sheet.fields(
        [
            (
                "Closing Costs",
                f"{dollars(total)}  Includes {dollars(bill.loan_costs)} in Loan Costs + {dollars(bill.other_costs)} in Other Costs",
            ),
            ("Cash to Close", f"{dollars(cash)}  Includes Closing Costs. See Calculating Cash to Close on page 3."),
        ]
    )
    sheet.new_page()
    sheet.line("Closing Cost Details", bold=True, size=16)
    for name, letters, mark, amount in (
        ("Loan Costs", "ABC", "D. TOTAL LOAN COSTS (Borrower-Paid)", bill.loan_costs),
        ("Other Costs", "EFGH", "I. TOTAL OTHER COSTS (Borrower-Paid)", bill.other_costs),
    ):
        sheet.heading(name)
        for letter in letters:
            rows = [[f"{i + 1:02d} {text}", money(fee), "", ""] for i, (text, fee) in enumerate(bill.sections[letter])]
            sheet.table(
                [f"{letter}. {SECTION_NAMES[letter]}", "At Closing", "Before Closing", "Seller-Paid"],
                rows,
                [5, 1.3, 1.3, 1.3],
                right=(1, 2, 3),
                size=7.5,
            )
        sheet.line(f"{mark}    {money(amount)}", bold=True)
    sheet.line(f"J. TOTAL CLOSING COSTS (Borrower-Paid)    {money(total)}", bold=True)
    sheet.new_page()
    sheet.heading("Calculating Cash to Close     Use this table to see what has changed from your Loan Estimate.")
    sheet.table(
        ["", "Loan Estimate", "Final", "Did this change?"],
        [
            ["Total Closing Costs (J)", dollars(total), money(total), "NO"],
            ["Closing Costs Paid Before Closing", "$0", "$0", "NO"],
            ["Down Payment/Funds from Borrower", dollars(case.price - case.loan), money(case.price - case.loan), "NO"],
            ["Deposit", "-" + dollars(deposit), "-" + money(deposit), "NO"],
            ["Cash to Close", dollars(cash), money(cash), ""],
        ],
        [4, 2, 2, 2],
        right=(1, 2),
        bold_last=True,
    )
    sheet.heading("Summaries of Transactions     Use this table to see a summary of your transaction.")
    sheet.beside(
        lambda: sheet.table(["BORROWER'S TRANSACTION", ""], [["K. Due from Borrower at Closing", money(case.price + total)], ["01 Sale Price of Property", money(case.price)], ["03 Closing Costs Paid at Closing (J)", money(total)], ["L. Paid Already by or on Behalf of Borrower", money(case.loan + deposit)], ["01 Deposit", money(deposit)], ["02 Loan Amount", money(case.loan)], ["Cash to Close [X] From [ ] To Borrower", money(cash)]], [4, 1.8], right=(1,), bold_last=True, size=8),
        lambda: sheet.table(["SELLER'S TRANSACTION", ""], [["M. Due to Seller at Closing", money(case.price)], ["01 Sale Price of Property", money(case.price)], ["N. Due from Seller at Closing", money(case.price * 6 // 100)], ["02 Real Estate Commission", money(case.price * 6 // 100)], ["Cash [ ] From [X] To Seller", money(case.price - case.price * 6 // 100)]], [4, 1.8], right=(1,), bold_last=True, size=8),
    )  # fmt: skip
    sheet.new_page()
    sheet.line("Additional Information About This Loan", bold=True, size=16)
    sheet.heading("Loan Disclosures")
    for name, text in (
        (
            "Assumption",
            "If you sell or transfer this property to another person, your lender [ ] will allow, under certain conditions, this person to assume this loan on the original terms. [X] will not allow assumption of this loan on the original terms.",
        ),
        (
            "Demand Feature",
            "Your loan [ ] has a demand feature, which permits your lender to require early repayment of the loan. [X] does not have a demand feature.",
        ),
        (
            "Late Payment",
            "If your payment is more than 15 days late, your lender will charge a late fee of 5% of the monthly principal and interest payment.",
        ),
        (
            "Negative Amortization (Increase in Loan Amount)",
            "Under your loan terms, you [X] do not have a negative amortization feature.",
        ),
        (
            "Partial Payments",
            "Your lender [X] may hold partial payments in a separate account until you pay the rest of the payment, and then apply the full payment to your loan.",
        ),
        (
            "Security Interest",
            f"You are granting a security interest in {case.house.one_line}. You may lose this property if you do not make your payments or satisfy other obligations for this loan.",
        ),
    ):
        sheet.line(name, bold=True)
        sheet.para(text, size=9)
    sheet.heading("Escrow Account")
    sheet.fields(
        [
            ("Escrowed Property Costs over Year 1", money((bill.taxes + bill.insurance) * 12)),
            ("Initial Escrow Payment", money(bill.of("G"))),
            ("Monthly Escrow Payment", money(bill.taxes + bill.insurance)),
        ]
    )
    sheet.new_page()
    sheet.heading("Loan Calculations")
    interest = case.payment * case.years * 12 - case.loan
    sheet.fields(
        [
            ("Total of Payments", money(case.loan + interest + bill.loan_costs)),
            ("Finance Charge", money(interest + bill.of("A"))),
            ("Amount Financed", money(case.loan - bill.of("A"))),
            ("Annual Percentage Rate (APR)", f"{case.rate + 0.21:.3f}%"),
            ("Total Interest Percentage (TIP)", f"{interest / case.loan:.2%}"),
        ]
    )
    sheet.heading("Other Disclosures")
    sheet.para(
        "Appraisal. If the property was appraised for your loan, your lender is required to give you a copy at no additional cost at least 3 days before closing. Contract Details. See your note and security instrument for information about what happens if you fail to make your payments. Liability after Foreclosure. If your lender forecloses on this property and the foreclosure does not cover the amount of unpaid balance on this loan, state law may protect you from liability for the unpaid balance.",
        size=9,
    )
    sheet.heading("Contact Information")
    sheet.table(
        ["", "Lender", "Real Estate Broker (B)", "Settlement Agent"],
        [
            ["Name", case.lender.name[:26], "Wren & Alder Realty", case.title_agent.name[:26]],
            ["Address", case.lender.address.street, "14 Market Sq", case.title_agent.address.street],
            ["Contact", stranger(rng), stranger(rng), stranger(rng)],
            ["Phone", case.lender.phone, phone(rng), case.title_agent.phone],
        ],
        [1.2, 3, 3, 3],
        size=8,
    )
    sheet.heading("Confirm Receipt")
    sheet.para(
        "By signing, you are only confirming that you have received this form. You do not have to accept this loan because you have signed or received this form.",
        size=9,
    )
    sheet.gap(24)
    for i, person in enumerate(case.borrowers):
        sheet.signature(sheet.left + 270 * i, sheet.y - 4, person.name)
    sheet.line(
        "Applicant Signature              Date                              Co-Applicant Signature              Date",
        size=8,
    )


def _seller_closing_disclosure(sheet: Sheet, case: Case, rng: Random) -> None:
    """The seller's two pages: his own transaction and the costs he pays, without loan terms."""
    seller = stranger(rng)
    commission, title, transfer = case.price * 6 // 100, 92500, case.price // 1000
    sheet.line("Closing Disclosure", bold=True, size=20)
    sheet.line("Seller's copy. This form is a statement of final closing costs.", italic=True)
    sheet.heading("Closing Information / Transaction Information")
    sheet.fields(
        [
            ("Date Issued", us(case.today)),
            ("Closing Date", us(case.today + timedelta(days=4))),
            ("Settlement Agent", case.title_agent.name),
            ("Property", case.house.one_line),
            ("Sale Price", dollars(case.price)),
            ("Borrower", case.names),
            ("Seller", seller),
        ]
    )
    sheet.heading("Summaries of Transactions - SELLER'S TRANSACTION")
    due = commission + title + transfer
    sheet.table(
        ["", ""],
        [
            ["M. Due to Seller at Closing", money(case.price)],
            ["01 Sale Price of Property", money(case.price)],
            ["09 City/Town Taxes, adjustments for items paid by Seller in Advance", money(0)],
            ["N. Due from Seller at Closing", money(due)],
            ["02 Closing Costs Paid at Closing (J)", money(due)],
            ["04 Payoff of First Mortgage Loan", money(0)],
            ["Cash To Seller", money(case.price - due)],
        ],
        [5, 1.6],
        right=(1,),
        bold_last=True,
    )
    sheet.new_page()
    sheet.line("Closing Cost Details", bold=True, size=15)
    sheet.table(
        ["", "Seller-Paid At Closing", "Before Closing"],
        [
            ["C. Title - Owner's policy", money(title), ""],
            ["E. Transfer Tax", money(transfer), ""],
            ["H. Real Estate Commission", money(commission), ""],
            ["J. TOTAL CLOSING COSTS", money(due), ""],
        ],
        [5, 2, 2],
        right=(1, 2),
        bold_last=True,
    )
    sheet.heading("Questions?")
    sheet.para(
        "If you have questions about the loan terms or costs on this form, use the contact information above. To get more information or make a complaint, contact the Consumer Financial Protection Bureau at www.consumerfinance.gov/mortgage-closing"
    )


LAYOUTS = (
    Layout(
        "closing_disclosure",
        "model-form",
        Theme(size=8.5, margin=42, heading="bar", accent="#111111"),
        _closing_disclosure,
    ),
    Layout(
        "closing_disclosure",
        "seller-copy",
        Theme("Times", 10.5, 56, "#333333", table="zebra"),
        _seller_closing_disclosure,
    ),
)
