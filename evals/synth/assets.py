"""Papers about money at hand: bank statements, cheques and gift letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, Person, aba, long_date, money, month_end, month_start, stranger, us


@dataclass(frozen=True)
class Entry:
    """One movement on an account and the balance after it."""

    day: date
    text: str
    amount: int
    balance: int


@dataclass(frozen=True)
class Statement:
    """A month of one account: closing = opening + all amounts, and each balance follows from the one before."""

    account: str
    first: date
    last: date
    opening: int
    entries: tuple[Entry, ...]

    @property
    def closing(self) -> int:
        return self.entries[-1].balance if self.entries else self.opening

    @property
    def credits(self) -> int:
        return sum(entry.amount for entry in self.entries if entry.amount > 0)

    @property
    def debits(self) -> int:
        return -sum(entry.amount for entry in self.entries if entry.amount < 0)


_SPENDING = (
    "POS PURCHASE {n} PINE STREET GROCER", "ACH DEBIT VERDANT POWER & LIGHT", "CARD PURCHASE TUMBLEWEED FUEL #{n}", "CHECK {n}",
    "ONLINE TRANSFER TO SAV ...{n}", "ATM WITHDRAWAL {n} MAIN ST", "DEBIT CARD COPPER POT CAFE", "ACH DEBIT HARBOR MUTUAL INS PREM", "BILL PAY CLEARSPAN WIRELESS",
    "POS PURCHASE HEARTHSIDE HARDWARE {n}", "CARD PURCHASE LANTERN BOOKS", "RECURRING PMT STREAMLET VIDEO", "ACH DEBIT RENT 0{n}",
)  # fmt: skip


def statement(who: Person, issuer: str, today: date, rng: Random, *, entries: int) -> Statement:
    """One of the last four months of one of the person's two accounts at the issuer."""
    account = f"{Random(f'{who.ssn}:{issuer}:{rng.randint(1, 2)}').randrange(10**9, 10**10)}"
    first = month_start(today, rng.randint(1, 4))
    last = month_end(first)
    pay = who.job.salary * 72 // 100 // 24
    opening = balance = rng.randrange(150000, 3200000)
    rows: list[Entry] = []
    days = sorted(rng.randrange(0, (last - first).days + 1) for _ in range(entries))
    paydays = {len(days) // 3, 2 * len(days) // 3}
    for i, offset in enumerate(days):
        if i in paydays:
            text, amount = f"DIRECT DEP {who.job.employer.name.upper()[:24]} PAYROLL", pay
        else:
            text, amount = rng.choice(_SPENDING).format(n=rng.randint(1001, 9899)), -min(rng.randrange(450, 26000), max(balance, 0))
        balance += amount
        rows.append(Entry(first + timedelta(days=offset), text, amount, balance))
    return Statement(account, first, last, opening, tuple(rows))


# ── bank statements ──────────────────────────────────────────────────────────────────────────────


def _running_balance(sheet: Sheet, case: Case, rng: Random) -> None:
    """Cedar & Main: summary box, one table with a running balance, the same header on all pages, 'Page x of y'."""
    who = case.anyone(rng)
    book = statement(who, "Cedar & Main", case.today, rng, entries=rng.randint(24, 120))

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.left, 34, "CEDAR & MAIN BANK", size=15, bold=True, color=sheet.theme.accent)
        sheet.put(sheet.right, 30, f"Statement Period {us(book.first)} - {us(book.last)}", size=8, align="right")
        sheet.put(sheet.right, 40, f"Account number {book.account}     Page {page} of {pages}", size=8, align="right")
        sheet.put(sheet.left, sheet.height - 26, "Member FDIC   Equal Housing Lender   Questions? Call 1-800-555-0142 or write P.O. Box 4410, Marlow Falls, OH", size=7)

    sheet.running = running
    sheet.gap(14)
    sheet.beside(
        lambda: sheet.lines(["", who.name.upper(), *([case.borrowers[-1].name.upper()] if len(case.borrowers) > 1 else []), who.home.street.upper(), who.home.tail.upper()]),
        lambda: sheet.fields([("Beginning balance", money(book.opening)), ("Deposits and additions", money(book.credits)), ("Withdrawals and deductions", "-" + money(book.debits)), ("Ending balance", money(book.closing))]),
    )
    sheet.heading("Everyday Checking - Transaction history")
    rows = [[us(e.day)[:5], e.text, money(e.amount, ""), money(e.balance, "")] for e in book.entries]
    sheet.table(["Date", "Description", "Amount", "Balance"], [["", "Beginning balance", "", money(book.opening, "")], *rows, ["", "Ending balance", "", money(book.closing)]], [1, 6, 1.8, 1.8], right=(2, 3), bold_last=True)
    sheet.para("In case of errors or questions about your electronic transfers: telephone or write us as soon as you can if you think your statement or receipt is wrong. We must hear from you no later than 60 days after we sent you the FIRST statement on which the error or problem appeared.", size=7.5)


def _sections(sheet: Sheet, case: Case, rng: Random) -> None:
    """A credit union that sorts deposits, withdrawals and daily balances into sections and prints no page numbers."""
    who = case.anyone(rng)
    book = statement(who, "Lakehurst", case.today, rng, entries=rng.randint(14, 46))
    sheet.line("Lakehurst Community Credit Union", bold=True, size=18, color=sheet.theme.accent)
    sheet.line("Account Statement", size=12, italic=True)
    sheet.gap(8)
    sheet.fields([("Member", who.name), ("Member number", book.account[:6]), ("Mailing address", who.home.one_line), ("Statement closing date", long_date(book.last)), ("Share draft account", book.account)])
    sheet.heading("Summary of share draft account")
    sheet.table(["Balance last statement", "Deposits & credits", "Checks & debits", "Balance this statement"], [[money(book.opening), money(book.credits), money(book.debits), money(book.closing)]], [1, 1, 1, 1])
    sheet.heading("Deposits and other credits")
    deposits = [e for e in book.entries if e.amount > 0]
    sheet.table(["Date posted", "Transaction", "Amount"], [*[[us(e.day), e.text.title(), money(e.amount, "")] for e in deposits], ["", "Total deposits and other credits", money(book.credits)]], [1.4, 6, 1.6], right=(2,), bold_last=True)
    sheet.heading("Checks and other debits")
    sheet.table(["Date posted", "Transaction", "Amount"], [*[[us(e.day), e.text.title(), money(-e.amount, "")] for e in book.entries if e.amount <= 0], ["", "Total checks and other debits", money(book.debits)]], [1.4, 6, 1.6], right=(2,), bold_last=True)
    sheet.heading("Daily balance summary")
    closing = {e.day: e.balance for e in book.entries}
    days = [[us(day), money(balance, "")] for day, balance in closing.items()]
    days += [["", ""]] * (-len(days) % 3)
    third = len(days) // 3
    sheet.table(["Date", "Balance"] * 3, [[*a, *b, *c] for a, b, c in zip(days[:third], days[third : 2 * third], days[2 * third :], strict=True)], [1.2, 1.3] * 3, right=(1, 3, 5), size=8)
    sheet.para("Federally insured by NCUA. To reconcile your account, list deposits not shown on this statement and checks outstanding, add the deposits to and subtract the checks from the ending balance above.", size=8)


def _typewriter(sheet: Sheet, case: Case, rng: Random) -> None:
    """A savings bank whose core system prints in one fixed-width column, debits and credits apart."""
    who = case.anyone(rng)
    book = statement(who, "Plainsong", case.today, rng, entries=rng.randint(9, 60))

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.left, 40, f"PLAINSONG FEDERAL SAVINGS BANK      ACCT {book.account}      STMT DATE {us(book.last)}      PAGE  {page}/{pages}", size=8)

    sheet.running = running
    sheet.gap(10)
    sheet.lines(["PRIMARY ACCOUNT  " + book.account, f"STATEMENT PERIOD {us(book.first)} THRU {us(book.last)}", "", who.name.upper(), who.home.street.upper(), who.home.tail.upper(), ""])
    sheet.line("*" * 30 + " STATEMENT SAVINGS " + "*" * 30)
    sheet.fields([("PREVIOUS STATEMENT BALANCE", money(book.opening, "")), (f"{sum(e.amount > 0 for e in book.entries)} CREDIT(S) TOTALING", money(book.credits, "")), (f"{sum(e.amount <= 0 for e in book.entries)} DEBIT(S) TOTALING", money(book.debits, "")), ("SERVICE CHARGE", ".00"), ("CURRENT STATEMENT BALANCE", money(book.closing, ""))])
    sheet.line("* * * * * * ACCOUNT TRANSACTIONS BY DATE * * * * * *", align="center")
    sheet.table(["DATE", "DESCRIPTION", "DEBITS", "CREDITS", "BALANCE"], [[us(e.day)[:5], e.text[:36], money(-e.amount, "") if e.amount <= 0 else "", money(e.amount, "") if e.amount > 0 else "", money(e.balance, "")] for e in book.entries], [1, 5.4, 1.6, 1.6, 2], right=(2, 3, 4), size=8)
    sheet.line("* * * * * * END OF STATEMENT * * * * * *", align="center")


# ── cheques ──────────────────────────────────────────────────────────────────────────────────────

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(number: int) -> str:
    """`1234` is one thousand two hundred thirty-four; up to 999,999."""
    if number >= 1000:
        return in_words(number // 1000) + " thousand" + (f" {in_words(number % 1000)}" if number % 1000 else "")
    if number >= 100:
        return _ONES[number // 100] + " hundred" + (f" {in_words(number % 100)}" if number % 100 else "")
    if number >= 20:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    return _ONES[number]


def _check_face(sheet: Sheet, payer: list[str], bank: str, payee: str, cents: int, day: date, number: int, memo: str, signer: str, rng: Random, paper: str) -> None:
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
    sheet.put(x + 40, y + h - 14, f"|:{aba(rng)}|:  {rng.randint(10**8, 10**9)}||'  {number:04d}", size=12, font="Courier")
    sheet.y += h + 8


def _personal_check(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    cents = rng.randrange(50000, 1250000)
    sheet.gap(40)
    _check_face(sheet, [who.name, who.home.street, who.home.tail], "Lakehurst Community Credit Union", case.title_agent.name, cents, case.today - timedelta(days=rng.randrange(9, 60)), rng.randint(101, 4999), "Earnest money", who.name, rng, "#e9f1ec")


def _cashiers_check(sheet: Sheet, case: Case, rng: Random) -> None:
    sheet.line("CEDAR & MAIN BANK", bold=True, size=13)
    sheet.line("CASHIER'S CHECK                    NOTICE TO CUSTOMERS: The purchase of an indemnity bond may be required before this check will be replaced if lost.", size=6.5)
    _check_face(sheet, ["CASHIER'S CHECK", f"Remitter: {case.borrower.name}"], "Cedar & Main Bank, N.A.", case.title_agent.name, (case.price - case.loan) * 9 // 10, case.today, rng.randint(500000, 900000), f"Closing funds {case.loan_number}", stranger(rng), rng, "#fdf6e3")
    sheet.gap(20)
    sheet.stroke(0, sheet.y, sheet.width, sheet.y, width=0.3)
    sheet.line("CUSTOMER COPY - NOT NEGOTIABLE", bold=True)
    sheet.fields([("Purchaser", case.borrower.name), ("Branch", "0042 " + case.borrower.home.city), ("Teller", f"{rng.randint(10, 99)}"), ("Fee", "$10.00")])


def _voided_check(sheet: Sheet, case: Case, rng: Random) -> None:
    """A cheque written only to show the account for a direct deposit, VOID across its face, with a stub."""
    who = case.anyone(rng)
    sheet.line("Attach voided check here for direct deposit enrollment", italic=True)
    sheet.gap(16)
    top = sheet.y
    _check_face(sheet, [f"{who.first.upper()} {who.last.upper()}", who.home.street.upper(), who.home.tail.upper(), who.phone], "OSTRANDER SAVINGS", "VOID", 0, case.today, rng.randint(101, 999), "direct deposit", who.name, rng, "#eaf0fb")
    sheet.put(sheet.width / 2, top + 130, "VOID", size=84, bold=True, align="center", color="#333333")
    sheet.para("Security features: micro-printed border, chemically reactive paper, fluorescent fibers. Details on back.", size=7)


# ── gift letters ─────────────────────────────────────────────────────────────────────────────────


def _gift_form(sheet: Sheet, case: Case, rng: Random) -> None:
    donor, amount, who = stranger(rng), rng.randrange(50, 600) * 10000, case.borrower
    sheet.line("GIFT LETTER", bold=True, size=16, align="center")
    sheet.fields([("Borrower(s)", case.names), ("Lender", case.lender.name), ("Loan number", case.loan_number)])
    sheet.gap(8)
    sheet.para(f"I/We, {donor}, do hereby certify that I/we have given / will give a gift of {money(amount)} to {who.name}, my {rng.choice(('niece', 'nephew', 'daughter', 'son'))}, on {us(case.today)}, to be applied toward the purchase of the property located at: {case.house.one_line}.")
    sheet.heading("Donor certification")
    for i, text in enumerate(("No repayment of the gift is expected or implied in the form of cash or by future services of the recipient.", "The funds given to the homebuyer were not made available to the donor from any person or entity with an interest in the sale of the property, including the seller, real estate agent or broker, builder or loan officer.", "I/We understand that evidence of the donor's ability to provide the gift and of the transfer of funds must be furnished.")):
        sheet.para(text, indent=18, hang=f"{i + 1}.")
    sheet.fields([("Source of gift funds", "Savings account, Plainsong Federal Savings Bank"), ("Donor's account number", f"******{rng.randint(1000, 9999)}"), ("Donor's telephone", f"({rng.randint(201, 989)}) 555-0133"), ("Relationship to borrower", "Family member")])
    sheet.para("WARNING: Section 1010 of Title 18, U.S.C., Department of Housing and Urban Development Transactions, provides that whoever makes, passes, utters or publishes any statement, knowing the same to be false, shall be fined or imprisoned not more than two years, or both.", bold=True, size=8)
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
    sheet.para(f"Please accept this letter as confirmation that we are giving our {rng.choice(('daughter', 'son', 'grandchild'))} {case.borrower.first} the sum of {money(amount)} as a gift toward the down payment and closing costs on the home at {case.house.one_line}.")
    sheet.para("This is a bona fide gift and there is no obligation, expressed or implied, to repay this sum at any time. The money came from our own savings; a copy of the withdrawal slip and of the wire confirmation is enclosed.")
    sheet.gap(10)
    sheet.line("With kind regards,")
    sheet.gap(36)
    sheet.signature(sheet.left, sheet.y - 8, donor)
    sheet.lines([donor, "(gift donor)"])


LAYOUTS = (
    Layout("bank_statement", "cedar-main", Theme(size=9, margin=52, accent="#14532d", table="zebra"), _running_balance, note="running header on all pages"),
    Layout("bank_statement", "lakehurst-cu", Theme("Times", 10, 60, "#1e3a8a", "bar", fields="dots"), _sections, note="no page numbers"),
    Layout("bank_statement", "plainsong-savings", Theme("Courier", 9, 50, "#000000", table="plain", fields="dots"), _typewriter),
    Layout("check", "personal", Theme(margin=70), _personal_check),
    Layout("check", "cashiers", Theme("Times", 9.5, 54), _cashiers_check),
    Layout("check", "voided", Theme("Courier", 9, 62), _voided_check),
    Layout("gift_letter", "lender-form", Theme(size=10.5, margin=58, heading="caps"), _gift_form),
    Layout("gift_letter", "family-letter", Theme("Times", 12, 80), _gift_note),
)
