"""Insurance of the home, and insurance policies of other kinds."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from datetime import date
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, dollars, long_date, money, phone, stranger, us


def _declarations(sheet: Sheet, case: Case, rng: Random) -> None:
    premium, dwelling = rng.randrange(800, 2600) * 100, case.price * 80 // 100
    sheet.line("HARBOR MUTUAL INSURANCE COMPANY", bold=True, size=15, color=sheet.theme.accent)
    sheet.line("HOMEOWNERS POLICY DECLARATIONS", bold=True, size=12)
    sheet.cells(
        [
            [
                (1, "Policy Number", f"HO {rng.randint(10**6, 10**7)}"),
                (
                    1,
                    "Policy Period 12:01 A.M. Standard Time at the residence premises",
                    f"{us(case.today)} to {us(date(case.today.year + 1, case.today.month, case.today.day))}",
                ),
                (1, "Form", "HO-3 Special Form"),
            ],
            [
                (1, "Named Insured and Mailing Address", f"{case.names}\n{case.borrower.home.one_line}"),
                (1, "Agent", f"{stranger(rng)}\n{phone(rng)}"),
            ],
            [(1, "The residence premises covered by this policy is located at", case.house.one_line)],
        ],
        height=38,
    )
    sheet.heading("Coverage is provided where a premium or limit of liability is shown")
    sheet.table(
        ["Section I", "Limit of Liability"],
        [
            ["A. Dwelling", dollars(dwelling)],
            ["B. Other Structures", dollars(dwelling // 10)],
            ["C. Personal Property", dollars(dwelling // 2)],
            ["D. Loss of Use", dollars(dwelling // 5)],
        ],
        [5, 2],
        right=(1,),
    )
    sheet.table(
        ["Section II", "Limit of Liability"],
        [
            ["E. Personal Liability, each occurrence", "$300,000"],
            ["F. Medical Payments to Others, each person", "$5,000"],
        ],
        [5, 2],
        right=(1,),
    )
    sheet.fields(
        [
            (
                "Deductible - Section I",
                "In case of loss under Section I we cover only that part of the loss over $1,000",
            ),
            ("Basic premium", money(premium - 4200)),
            ("Water back-up endorsement HO 04 95", money(4200)),
            ("Total annual premium", money(premium)),
        ]
    )
    sheet.heading("Mortgagee / Loss Payee")
    sheet.para(
        f"First mortgagee: {case.lender.name} ISAOA/ATIMA, {case.lender.address.one_line}. Loan number {case.loan_number}"
    )


def _binder(sheet: Sheet, case: Case, rng: Random) -> None:
    sheet.line("EVIDENCE OF PROPERTY INSURANCE", bold=True, size=15)
    sheet.line(f"DATE {us(case.today)}", align="right")
    sheet.para(
        "THIS EVIDENCE OF PROPERTY INSURANCE IS ISSUED AS A MATTER OF INFORMATION ONLY AND CONFERS NO RIGHTS UPON THE ADDITIONAL INTEREST NAMED BELOW. THIS EVIDENCE DOES NOT AMEND, EXTEND OR ALTER THE COVERAGE AFFORDED BY THE POLICIES BELOW.",
        size=8,
    )
    sheet.fields(
        [
            ("AGENCY", "Gable & Thatch Insurance Agency"),
            ("COMPANY", "Westering Home Assurance"),
            ("INSURED", case.names),
            ("LOAN NUMBER", case.loan_number),
            ("POLICY NUMBER", f"WHA-{rng.randint(10**5, 10**6)}"),
            ("EFFECTIVE DATE", us(case.today)),
            ("EXPIRATION DATE", us(date(case.today.year + 1, case.today.month, case.today.day))),
        ]
    )
    sheet.heading("Property information")
    sheet.para(f"LOCATION/DESCRIPTION: {case.house.one_line}. Owner occupied one family dwelling.")
    sheet.heading("Coverage information")
    sheet.table(
        ["COVERAGE / PERILS / FORMS", "AMOUNT OF INSURANCE", "DEDUCTIBLE"],
        [
            ["Dwelling, special form, replacement cost", dollars(case.price * 85 // 100), "$2,500"],
            ["Personal property", dollars(case.price * 40 // 100), "$2,500"],
            ["Wind/hail", "Included", "1%"],
        ],
        [4, 2, 1.6],
        right=(1, 2),
    )
    sheet.heading("Cancellation")
    sheet.para(
        "Should any of the above described policies be cancelled before the expiration date thereof, notice will be delivered in accordance with the policy provisions."
    )
    sheet.para(
        f"ADDITIONAL INTEREST: {case.lender.name}, its successors and/or assigns, {case.lender.address.one_line} - MORTGAGEE",
        bold=True,
    )


def _auto_policy(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    number = f"PA-{rng.randint(10**6, 10**7)}"

    def running(page: int, pages: int) -> None:
        sheet.put(
            sheet.left, 30, f"Roadstead Casualty Company     Personal Auto Policy     {number}", size=8, bold=True
        )
        sheet.put(sheet.right, sheet.height - 28, f"PP 00 01     Page {page} of {pages}", size=7, align="right")

    sheet.running = running
    sheet.line("PERSONAL AUTO POLICY", bold=True, size=16)
    sheet.fields(
        [
            ("Policyholder", who.name),
            ("Policy number", number),
            ("Policy period", f"{us(case.today)} for six months"),
            ("Vehicle 1", f"{rng.randint(2014, 2023)} {rng.choice(('Corvane Estate', 'Lumen Hatch', 'Trailmark XL'))}"),
        ]
    )
    for title, clauses in (
        (
            "AGREEMENT",
            (
                "In return for payment of the premium and subject to all the terms of this policy, we agree with you as follows:",
            ),
        ),
        (
            "DEFINITIONS",
            (
                'Throughout this policy, "you" and "your" refer to the "named insured" shown in the Declarations and the spouse if a resident of the same household.',
                '"Bodily injury" means bodily harm, sickness or disease, including death that results.',
                '"Your covered auto" means any vehicle shown in the Declarations, a newly acquired auto, and any trailer you own.',
            ),
        ),
        (
            "PART A - LIABILITY COVERAGE",
            (
                'INSURING AGREEMENT. We will pay damages for "bodily injury" or "property damage" for which any "insured" becomes legally responsible because of an auto accident. We will settle or defend, as we consider appropriate, any claim or suit asking for these damages.',
                'EXCLUSIONS. We do not provide Liability Coverage for any "insured" who intentionally causes "bodily injury" or "property damage", or for "property damage" to property owned or being transported by that "insured".',
                "LIMIT OF LIABILITY. The limit of liability shown in the Declarations for each person for Bodily Injury Liability is our maximum limit of liability for all damages arising out of bodily injury sustained by any one person in any one auto accident.",
            ),
        ),
        (
            "PART B - MEDICAL PAYMENTS COVERAGE",
            (
                'We will pay reasonable expenses incurred for necessary medical and funeral services because of "bodily injury" caused by accident and sustained by an "insured". We will pay only those expenses incurred for services rendered within 3 years from the date of the accident.',
            ),
        ),
        (
            "PART D - COVERAGE FOR DAMAGE TO YOUR AUTO",
            (
                'We will pay for direct and accidental loss to "your covered auto" or any "non-owned auto", including their equipment, minus any applicable deductible shown in the Declarations.',
                "We will not pay for damage due and confined to wear and tear, freezing, mechanical or electrical breakdown or failure, or road damage to tires.",
            ),
        ),
        (
            "PART E - DUTIES AFTER AN ACCIDENT OR LOSS",
            (
                "We must be notified promptly of how, when and where the accident or loss happened. Notice should also include the names and addresses of any injured persons and of any witnesses.",
                "A person seeking any coverage must cooperate with us in the investigation, settlement or defense of any claim or suit.",
            ),
        ),
        (
            "PART F - GENERAL PROVISIONS",
            (
                "CANCELLATION. This policy may be cancelled during the policy period as follows: the named insured may cancel by returning this policy to us or giving us advance written notice of the date cancellation is to take effect.",
                'FRAUD. We do not provide coverage for any "insured" who has made fraudulent statements or engaged in fraudulent conduct in connection with any accident or loss for which coverage is sought.',
            ),
        ),
    ):
        sheet.heading(title)
        for clause in clauses:
            sheet.para(clause)


def _life_policy(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    amount, premium = rng.randrange(5, 60) * 1_000_000, rng.randrange(1800, 9000)
    sheet.line("Evensong Life Assurance Company", bold=True, size=18, align="center")
    sheet.line("LEVEL TERM LIFE INSURANCE POLICY", size=12, align="center")
    sheet.gap(16)
    sheet.fields(
        [
            ("Insured", who.name),
            ("Policy Number", f"L{rng.randint(10**6, 10**7)}"),
            ("Face Amount", dollars(amount)),
            ("Policy Date", long_date(case.today)),
            ("Term", "20 years"),
            ("Monthly Premium", money(premium)),
            ("Beneficiary", next((p.name for p in case.borrowers if p is not who), "Estate of the insured")),
        ]
    )
    sheet.para(
        "We will pay the Death Benefit to the Beneficiary if the Insured dies while this policy is in force. RIGHT TO EXAMINE AND RETURN POLICY: You may return this policy within 20 days after you receive it, and any premium paid will be refunded."
    )
    sheet.new_page()
    sheet.heading("Premiums and reinstatement")
    sheet.para(
        "Grace Period. A grace period of 31 days will be allowed for payment of each premium after the first. This policy stays in force during the grace period. If death occurs during it, the unpaid premium will be deducted from the death benefit."
    )
    sheet.para(
        "Reinstatement. This policy may be reinstated within five years after lapse on evidence of insurability satisfactory to us and payment of all past due premiums with interest."
    )
    sheet.heading("General provisions")
    sheet.para(
        "Incontestability. We will not contest this policy after it has been in force during the lifetime of the Insured for two years from the Policy Date. Suicide. If the Insured commits suicide within two years from the Policy Date, our liability is limited to the premiums paid. Misstatement of Age or Sex. If the age or sex of the Insured has been misstated, the amount payable will be what the premium paid would have bought at the correct age or sex."
    )


LAYOUTS = (
    Layout(
        "homeowners_insurance",
        "harbor-declarations",
        Theme(accent="#0b4f6c", heading="bar", table="zebra"),
        _declarations,
    ),
    Layout("homeowners_insurance", "evidence-of-insurance", Theme("Times", 10.5, 52, fields="above"), _binder),
    Layout(
        "insurance_policy",
        "personal-auto",
        Theme(size=11, margin=62, heading="caps"),
        _auto_policy,
        note="running header on all pages",
    ),
    Layout("insurance_policy", "term-life", Theme("Times", 11.5, 76, fields="dots"), _life_policy),
)
