"""Contracts made of varied clauses, and agreements to buy a house."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, Company, company, dollars, long_date, money, stranger, us

Clause = tuple[str, str]

_CONFIDENCE: tuple[Clause, ...] = (
    ("Definition of Confidential Information", "\"Confidential Information\" means all non-public information that {a} designates as being confidential or which, under the circumstances of disclosure, ought to be treated as confidential, including released or unreleased products, marketing plans, customer lists, financial data, and the business policies or practices of {a}."),
    ("Exclusions", "Confidential Information shall not include any information that: (i) is or subsequently becomes publicly available without the Receiving Party's breach of any obligation owed the Disclosing Party; (ii) became known to the Receiving Party prior to disclosure; or (iii) is independently developed by the Receiving Party."),
    ("Obligations of the Receiving Party", "The Receiving Party shall hold and maintain the Confidential Information in strict confidence for the sole and exclusive benefit of the Disclosing Party, shall carefully restrict access to employees and contractors as is reasonably required, and shall not, without prior written approval, use for its own benefit, publish, copy, or otherwise disclose to others any Confidential Information."),
    ("Compelled Disclosure", "If the Receiving Party is requested or required by subpoena, civil investigative demand or similar process to disclose any Confidential Information, it shall provide the Disclosing Party with prompt notice so that the Disclosing Party may seek a protective order or waive compliance with this Agreement."),
    ("Return of Materials", "Upon the written request of the Disclosing Party, the Receiving Party shall return or destroy all records, notes, and other written, printed, or tangible materials in its possession pertaining to Confidential Information."),
    ("Term", "The nondisclosure provisions of this Agreement shall survive the termination of this Agreement, and the duty to hold Confidential Information in confidence shall remain in effect for a period of {n} years following the date of disclosure."),
    ("Non-Solicitation", "For a period of twelve (12) months from the date hereof, the Receiving Party will not, directly or indirectly, solicit for employment any employee of the Disclosing Party with whom it had contact in connection with the Transaction."),
)  # fmt: skip
_SERVICES: tuple[Clause, ...] = (
    ("Scope of Services", "{b} shall perform the services described in Exhibit A (the \"Services\") in a professional and workmanlike manner and in accordance with generally accepted industry standards."),
    ("Compensation", "In consideration of the Services, {a} shall pay {b} a fee of {fee} payable within thirty (30) days after receipt of an undisputed invoice. Late payments shall bear interest at the rate of one percent (1%) per month."),
    ("License Grant", "Subject to the terms and conditions of this Agreement, {a} hereby grants to {b} a non-exclusive, non-transferable, revocable license to use the Licensed Materials solely for {b}'s internal business purposes."),
    ("Intellectual Property", "All work product, inventions and deliverables created by {b} in the performance of the Services shall be deemed works made for hire and shall be the exclusive property of {a}."),
    ("Representations and Warranties", "Each party represents and warrants that it is duly organized, validly existing and in good standing, and that it has full power and authority to execute, deliver and perform its obligations under this Agreement."),
    ("Indemnification", "Each party (the \"Indemnifying Party\") agrees to indemnify, defend and hold harmless the other party, its officers, directors, agents, and employees from and against any and all losses, damages, liabilities, and expenses, including reasonable attorneys' fees, arising out of any third-party claim resulting from the Indemnifying Party's negligence or willful misconduct."),
    ("Limitation of Liability", "IN NO EVENT SHALL EITHER PARTY BE LIABLE FOR ANY INDIRECT, INCIDENTAL, SPECIAL OR CONSEQUENTIAL DAMAGES, INCLUDING LOSS OF PROFITS, EVEN IF SUCH PARTY HAS BEEN ADVISED OF THE POSSIBILITY OF SUCH DAMAGES."),
    ("Termination", "Either party may terminate this Agreement for convenience upon {n}0 days' prior written notice, or immediately upon a material breach that remains uncured fifteen (15) days after notice thereof."),
    ("Insurance", "{b} shall maintain commercial general liability insurance with limits of not less than {fee} per occurrence during the term of this Agreement."),
)  # fmt: skip
_BOILERPLATE: tuple[Clause, ...] = (
    ("Governing Law", "This Agreement shall be governed by and construed in accordance with the laws of the State of {state}, without regard to its conflict of laws principles. The parties consent to the exclusive jurisdiction of the courts located therein."),
    ("Entire Agreement", "This Agreement constitutes the entire understanding between the parties with respect to the subject matter hereof and supersedes all prior and contemporaneous agreements, whether written or oral."), ("Severability", "If a court finds any provision of this Agreement invalid or unenforceable, the remainder of this Agreement shall be interpreted so as best to effect the intent of the parties."),
    ("Amendment and Waiver", "No amendment or modification of this Agreement shall be effective unless in writing and signed by both parties. The failure to exercise any right provided in this Agreement shall not be a waiver of prior or subsequent rights."),
    ("Assignment", "Neither party may assign this Agreement, by operation of law or otherwise, without the prior written consent of the other party, and any attempted assignment without such consent shall be void."), ("Notices", "All notices under this Agreement shall be in writing and shall be deemed given when delivered personally, by overnight courier, or by certified mail, return receipt requested, to {a} at {address}."),
    ("Counterparts", "This Agreement may be executed in two or more counterparts, each of which shall be deemed an original and all of which together shall constitute one and the same instrument."), ("Injunctive Relief", "The parties acknowledge that monetary damages may not be a sufficient remedy for breach and that the non-breaching party shall be entitled to seek injunctive relief in addition to all other remedies available at law or in equity."),
)  # fmt: skip
_WORK = (
    "Deliverables. Contractor will deliver a written assessment and {n} monthly progress reports in the form agreed by the project managers.", "Milestones. Kick-off within {n} business days of the Effective Date; first draft within {n} weeks; final acceptance upon written notice.",
    "Fees. Milestone payments of {fee} each are invoiced on acceptance; pre-approved travel is reimbursed at cost.", "Personnel. The individuals named in the proposal shall not be replaced without Company's consent.", "Change Orders. Any change in scope must be set out in a written change order signed by both parties, stating its effect on price and schedule.",
)  # fmt: skip


# ── contracts ────────────────────────────────────────────────────────────────────────────────────


def _nda(sheet: Sheet, case: Case, rng: Random) -> None:
    """A mutual non-disclosure agreement of a company's counsel, numbered clauses, page numbers in the foot."""
    a, b = company(rng), company(rng)

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.width / 2, sheet.height - 34, f"- {page} -", align="center", size=9)

    sheet.running = running
    sheet.line("NON-DISCLOSURE AGREEMENT", bold=True, size=14, align="center")
    sheet.gap(12)
    sheet.para(
        f'This Non-Disclosure Agreement (the "Agreement") is entered into as of {long_date(case.today)} (the "Effective Date") by and between {a.name}, with its principal offices at {a.address.one_line} (the "Disclosing Party"), and {b.name}, located at {b.address.one_line} (the "Receiving Party"), for the purpose of preventing the unauthorized disclosure of Confidential Information as defined below.'
    )
    for i, (title, text) in enumerate(
        (*_CONFIDENCE[:1], *rng.sample(_CONFIDENCE[1:], k=6), *rng.sample(_BOILERPLATE, k=rng.randint(6, 8)))
    ):
        sheet.para(f"{i + 1}. {title}. {_fill(text, a, b, rng)}", after=9)
    _signature_block(sheet, (a, b), rng)


def _services_agreement(sheet: Sheet, case: Case, rng: Random) -> None:
    """An outside firm's style: ARTICLE headings, recitals, footer with the document number."""
    a, b = company(rng), company(rng, case.borrower.name + " Consulting")
    number = f"{rng.randint(10**6, 10**7)}.v{rng.randint(1, 9)}"

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.left, sheet.height - 30, f"{number}   EXECUTION COPY", size=7)
        sheet.put(sheet.right, sheet.height - 30, f"Page {page} of {pages}", size=8, align="right")
        sheet.put(sheet.right, 32, "Master Services and License Agreement", size=8, italic=True, align="right")

    sheet.running = running
    sheet.line("MASTER SERVICES AND LICENSE AGREEMENT", bold=True, size=13)
    sheet.line(f"dated as of {long_date(case.today)}", italic=True)
    sheet.line(f'between {a.name} ("Company") and {b.name} ("Contractor")')
    sheet.heading("RECITALS")
    sheet.para(
        "WHEREAS, Company desires to engage Contractor to provide certain services and to license certain materials; and WHEREAS, Contractor is willing to perform such services on the terms set forth herein; NOW, THEREFORE, in consideration of the mutual covenants contained herein, the parties agree as follows:"
    )
    for i, (title, text) in enumerate(
        (
            *rng.sample(_SERVICES, k=rng.randint(7, 9)),
            *rng.sample(_CONFIDENCE[1:], k=rng.randint(3, 6)),
            *rng.sample(_BOILERPLATE, k=8),
        )
    ):
        sheet.heading(f"ARTICLE {_roman(i + 1)}  {title}")
        sheet.para(_fill(text, a, b, rng), indent=20)
    _signature_block(sheet, (a, b), rng)
    sheet.new_page()
    sheet.line("EXHIBIT A", bold=True, align="center")
    sheet.line("Statement of Work", bold=True, align="center")
    sheet.gap(10)
    for i, text in enumerate(rng.sample(_WORK, k=4)):
        sheet.para(
            text.format(n=rng.randint(2, 9), fee=money(rng.randrange(20, 90) * 10000)), indent=24, hang=f"({'abcd'[i]})"
        )


def _purchase_agreement(sheet: Sheet, case: Case, rng: Random) -> None:
    """A realtor association's form: blanks filled in, initials in each foot."""
    seller, deposit = stranger(rng), case.price // 100

    def running(page: int, pages: int) -> None:
        sheet.put(
            sheet.left,
            sheet.height - 30,
            "Buyer's Initials ( _____ )( _____ )          Seller's Initials ( _____ )( _____ )",
            size=8,
        )
        sheet.put(
            sheet.right,
            sheet.height - 30,
            f"RESIDENTIAL PURCHASE AGREEMENT (RPA PAGE {page} OF {pages})",
            size=7,
            align="right",
        )

    sheet.running = running
    sheet.line("RESIDENTIAL PURCHASE AGREEMENT", bold=True, size=14, align="center")
    sheet.line("AND JOINT ESCROW INSTRUCTIONS", bold=True, align="center")
    sheet.line(f"Date Prepared: {us(case.today)}")
    for i, (title, text) in enumerate((
        ("OFFER", f"THIS IS AN OFFER FROM {case.names} (\"Buyer\"). THE REAL PROPERTY to be acquired is {case.house.one_line} (\"Property\"). THE PURCHASE PRICE offered is {dollars(case.price)}. CLOSE OF ESCROW shall occur {rng.choice((30, 45))} Days After Acceptance."),
        ("FINANCE TERMS", f"INITIAL DEPOSIT: Deposit shall be in the amount of {money(deposit)}, delivered to Escrow Holder within 3 business days after Acceptance. LOAN: FIRST LOAN in the amount of {money(case.loan)}. BALANCE OF DOWN PAYMENT in the amount of {money(case.price - case.loan - deposit)} to be deposited with Escrow Holder prior to Close of Escrow."),
        ("ALLOCATION OF COSTS", "Seller shall pay for a natural hazard zone disclosure report. Buyer shall pay escrow fee 50% and Seller 50%. Seller shall pay for owner's title insurance policy and county transfer tax."), ("ITEMS INCLUDED IN SALE", "All EXISTING fixtures and fittings that are attached to the Property, including electrical, mechanical, lighting, plumbing and heating fixtures, ceiling fans, fireplace inserts, solar systems, built-in appliances, and window and door screens."),
        ("CONDITION OF PROPERTY", "The Property is sold \"AS-IS\" in its PRESENT physical condition as of the date of Acceptance, subject to Buyer's Investigation rights. Seller shall disclose KNOWN MATERIAL FACTS and DEFECTS affecting the Property."), ("APPRAISAL CONTINGENCY", "This Agreement is contingent upon a written appraisal of the Property by a licensed or certified appraiser at no less than the purchase price. Buyer shall, within 17 Days After Acceptance, remove the appraisal contingency or cancel this Agreement."),
        ("TITLE AND VESTING", "Buyer shall receive a preliminary title report, which is only an offer by the title insurer to issue a policy of title insurance. Title is taken in its present condition subject to all encumbrances, easements, covenants, conditions, restrictions, rights and other matters."), ("REMEDIES FOR BUYER'S BREACH OF CONTRACT", "If Buyer fails to complete this purchase because of Buyer's default, Seller shall retain, as liquidated damages, the deposit actually paid, in an amount not exceeding three percent of the purchase price."),
        ("DISPUTE RESOLUTION", "The Parties agree to mediate any dispute or claim arising between them out of this Agreement, or any resulting transaction, before resorting to arbitration or court action."), ("FINAL VERIFICATION OF CONDITION", "Buyer shall have the right to make a final verification of the Property within 5 Days Prior to Close Of Escrow, solely to confirm that the Property is maintained and that repairs have been completed as agreed."),
        ("STATUTORY AND OTHER DISCLOSURES", "Seller shall, within 7 Days After Acceptance, deliver to Buyer a fully completed Transfer Disclosure Statement, Natural Hazard Disclosure Statement, and notice of any special taxes or assessments. If any disclosure is delivered after the offer is signed, Buyer shall have the right to cancel within 3 days after delivery in person."),
        ("BUYER'S INVESTIGATION OF PROPERTY", "Buyer's acceptance of the condition of, and any other matter affecting the Property, is a contingency of this Agreement. Within the time specified, Buyer shall have the right, at Buyer's expense, to conduct inspections, tests, surveys and other studies, including inspection for lead-based paint, wood destroying pests, and the insurability of Buyer and the Property."),
        ("PRORATIONS OF PROPERTY TAXES AND OTHER ITEMS", "Unless otherwise agreed in writing, real property taxes and assessments, interest, rents, homeowners' association dues, and premiums on insurance assumed by Buyer shall be PAID CURRENT and prorated between Buyer and Seller as of Close Of Escrow."),
        ("JOINT ESCROW INSTRUCTIONS TO ESCROW HOLDER", "The following paragraphs of this Agreement, together with any counter offers and addenda, constitute the joint escrow instructions of Buyer and Seller to Escrow Holder, which Escrow Holder is to use along with any additional mutual instructions to close the escrow."),
        ("TIME OF ESSENCE; ENTIRE CONTRACT; CHANGES", "Time is of the essence. All understandings between the Parties are incorporated in this Agreement, which constitutes a final, complete and exclusive expression of their agreement and may not be contradicted by evidence of any prior or contemporaneous oral agreement."),
        ("ACCEPTANCE OF OFFER", "Seller warrants that Seller is the owner of the Property. Seller accepts the above offer and agrees to sell the Property on the above terms and conditions, and agrees to the above confirmation of agency relationships."),
    )):  # fmt: skip
        sheet.need(50)
        sheet.para(f"{i + 1}.  {title}:  {text}", after=8)
    for role, name in (("BUYER", case.borrower.name), ("SELLER", seller)):
        sheet.gap(28)
        sheet.need(30)
        sheet.signature(sheet.left + 60, sheet.y - 2, name)
        sheet.line(f"{role} _______________________________  {name}    Date {us(case.today)}")


# ── court forms ──────────────────────────────────────────────────────────────────────────────────


def _contract_of_sale(sheet: Sheet, case: Case, rng: Random) -> None:
    """A lawyer's typed contract of sale: witnesseth, lettered articles, an addendum of its own at the end."""
    seller, deposit = stranger(rng), case.price // 20

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.width / 2, sheet.height - 36, f"Contract of Sale - {page}", align="center", size=9)

    sheet.running = running
    sheet.line("CONTRACT FOR THE SALE AND PURCHASE OF REAL ESTATE", bold=True, size=13, align="center")
    sheet.gap(10)
    sheet.para(
        f"THIS CONTRACT, made this {long_date(case.today)}, between {seller}, hereinafter called the Seller, and {case.names}, hereinafter called the Purchaser. WITNESSETH, that the Seller agrees to sell and convey, and the Purchaser agrees to purchase, all that certain lot with the buildings and improvements thereon known as {case.house.one_line}."
    )
    for letter, title, text in zip("ABCDEFGHI", ("Purchase price", "Existing encumbrances", "Deed", "Mortgage contingency", "Apportionments", "Risk of loss", "Inspection", "Default", "Broker"), (
        f"The purchase price is {money(case.price)}, payable as follows: {money(deposit)} on the signing of this contract, by check subject to collection, to be held in escrow by the Seller's attorney; {money(case.loan)} from the proceeds of an institutional first mortgage; and the balance of {money(case.price - case.loan - deposit)} at closing by certified check.",
        "The premises are sold subject to zoning regulations, covenants and easements of record, provided they do not prohibit the present structures or their use as a one-family dwelling.",
        "At the closing the Seller shall deliver a bargain and sale deed with covenants against grantor's acts, duly executed and acknowledged, so as to convey a fee simple title free of all encumbrances except as herein stated.",
        f"The obligations of the Purchaser are conditioned upon issuance, within forty-five days, of a written commitment from a lending institution for a first mortgage loan of {money(case.loan)} for a term of {case.years} years at the prevailing rate of interest.",
        "Taxes, water charges, sewer rents and fuel, if any, are to be apportioned between the parties as of the day of closing.", "The risk of loss or damage to the premises by fire or other casualty until the delivery of the deed is assumed by the Seller.",
        "The Purchaser has inspected the buildings standing on the premises and agrees to take title \"as is\" and in their present condition, subject to reasonable use, wear and tear until the closing.", "If the Purchaser defaults hereunder, the Seller's sole remedy shall be to retain the down payment as liquidated damages, it being agreed that actual damages would be difficult to ascertain.",
        "The parties represent that Wren & Alder Realty is the broker that brought about this sale, and the Seller agrees to pay the commission under a separate agreement.",
    ), strict=True):  # fmt: skip
        sheet.line(f"{letter}.  {title}", bold=True)
        sheet.para(text, after=9)
    sheet.gap(30)
    sheet.need(60)
    for name, role in ((seller, "Seller"), *((person.name, "Purchaser") for person in case.borrowers)):
        sheet.signature(sheet.left, sheet.y - 2, name)
        sheet.line(f"_________________________  {name}, {role}")
        sheet.gap(28)
    sheet.new_page()
    sheet.line("RIDER TO CONTRACT OF SALE", bold=True, align="center")
    sheet.para(f"Seller: {seller}     Purchaser: {case.names}     Premises: {case.house.street}", size=10)
    for i, text in enumerate(
        (
            "In the event of any inconsistency between this rider and the printed contract, this rider shall govern.",
            "The Seller shall deliver the premises vacant, broom-clean, with plumbing, heating and electrical systems in working order.",
            "The Purchaser may assign this contract only with the written consent of the Seller.",
            "Included in this sale are the refrigerator, range, dishwasher, window treatments and the garden shed.",
        )
    ):
        sheet.para(text, indent=22, hang=f"{i + 1}.", after=9)


LAYOUTS = (
    Layout("contract", "mutual-nda", Theme("Times", 11.5, 76), _nda),
    Layout(
        "contract",
        "services-licence",
        Theme(size=10.5, margin=68, heading="plain"),
        _services_agreement,
        note="running header on all pages",
    ),
    Layout("purchase_agreement", "realtor-form", Theme(size=11, margin=52), _purchase_agreement),
    Layout("purchase_agreement", "attorney-drafted", Theme("Times", 12, 76), _contract_of_sale),
)


def _fill(text: str, a: Company, b: Company, rng: Random) -> str:
    return text.format(
        a=a.name,
        b=b.name,
        n=rng.randint(2, 5),
        fee=money(rng.randrange(50, 900) * 10000),
        state=a.address.state_name,
        address=a.address.one_line,
    )


def _signature_block(sheet: Sheet, parties: tuple[Company, Company], rng: Random) -> None:
    sheet.need(120)
    sheet.para(
        "IN WITNESS WHEREOF, the parties hereto have executed this Agreement as of the date first above written."
    )
    names = [stranger(rng) for _ in parties]
    sheet.gap(24)

    def block(i: int) -> None:
        sheet.signature(sheet.left + 20, sheet.y + 42, names[i])
        sheet.lines(
            [
                parties[i].name.upper(),
                "",
                "By: __________________________",
                f"Name: {names[i]}",
                f"Title: {rng.choice(('President', 'Managing Member', 'Chief Executive Officer', 'Vice President'))}",
            ]
        )

    sheet.beside(lambda: block(0), lambda: block(1))


def _roman(number: int) -> str:
    out = ""
    for value, letters in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            out, number = out + letters, number - value
    return out
