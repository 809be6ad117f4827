"""Bank statements whose balances follow from their entries."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, Person, long_date, money, month_end, month_start, us


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
    opening = balance = rng.randrange(150000, 3200000) + entries * 14000
    rows: list[Entry] = []
    days = sorted(rng.randrange(0, (last - first).days + 1) for _ in range(entries))
    paydays = {len(days) // 3, 2 * len(days) // 3}
    for i, offset in enumerate(days):
        if i in paydays:
            text, amount = f"DIRECT DEP {who.job.employer.name.upper()[:24]} PAYROLL", pay
        else:
            text, amount = rng.choice(_SPENDING).format(n=rng.randint(1001, 9899)), -rng.randrange(450, 26000)
        balance += amount
        rows.append(Entry(first + timedelta(days=offset), text, amount, balance))
    return Statement(account, first, last, opening, tuple(rows))


def _running_balance(sheet: Sheet, case: Case, rng: Random) -> None:
    """Cedar & Main: summary box, one table with a running balance, the same header on all pages, 'Page x of y'."""
    who = case.anyone(rng)
    book = statement(who, "Cedar & Main", case.today, rng, entries=rng.randint(24, 120))

    def running(page: int, pages: int) -> None:
        sheet.put(sheet.left, 34, "CEDAR & MAIN BANK", size=15, bold=True, color=sheet.theme.accent)
        sheet.put(sheet.right, 30, f"Statement Period {us(book.first)} - {us(book.last)}", size=8, align="right")
        sheet.put(sheet.right, 40, f"Account number {book.account}     Page {page} of {pages}", size=8, align="right")
        sheet.put(
            sheet.left,
            sheet.height - 26,
            "Member FDIC   Equal Housing Lender   Questions? Call 1-800-555-0142 or write P.O. Box 4410, Marlow Falls, OH",
            size=7,
        )

    sheet.running = running
    sheet.gap(14)
    sheet.beside(
        lambda: sheet.lines(
            [
                "",
                who.name.upper(),
                *([case.borrowers[-1].name.upper()] if len(case.borrowers) > 1 else []),
                who.home.street.upper(),
                who.home.tail.upper(),
            ]
        ),
        lambda: sheet.fields(
            [
                ("Beginning balance", money(book.opening)),
                ("Deposits and additions", money(book.credits)),
                ("Withdrawals and deductions", "-" + money(book.debits)),
                ("Ending balance", money(book.closing)),
            ]
        ),
    )
    sheet.heading("Everyday Checking - Transaction history")
    rows = [[us(e.day)[:5], e.text, money(e.amount, ""), money(e.balance, "")] for e in book.entries]
    sheet.table(
        ["Date", "Description", "Amount", "Balance"],
        [
            ["", "Beginning balance", "", money(book.opening, "")],
            *rows,
            ["", "Ending balance", "", money(book.closing)],
        ],
        [1, 6, 1.8, 1.8],
        right=(2, 3),
        bold_last=True,
    )
    sheet.para(
        "In case of errors or questions about your electronic transfers: telephone or write us as soon as you can if you think your statement or receipt is wrong. We must hear from you no later than 60 days after we sent you the FIRST statement on which the error or problem appeared.",
        size=7.5,
    )


def _sections(sheet: Sheet, case: Case, rng: Random) -> None:
    """A credit union that sorts deposits, withdrawals and daily balances into sections and prints no page numbers."""
    who = case.anyone(rng)
    book = statement(who, "Lakehurst", case.today, rng, entries=rng.randint(14, 46))
    sheet.line("Lakehurst Community Credit Union", bold=True, size=18, color=sheet.theme.accent)
    sheet.line("Account Statement", size=12, italic=True)
    sheet.gap(8)
    sheet.fields(
        [
            ("Member", who.name),
            ("Member number", book.account[:6]),
            ("Mailing address", who.home.one_line),
            ("Statement closing date", long_date(book.last)),
            ("Share draft account", book.account),
        ]
    )
    sheet.heading("Summary of share draft account")
    sheet.table(
        ["Balance last statement", "Deposits & credits", "Checks & debits", "Balance this statement"],
        [[money(book.opening), money(book.credits), money(book.debits), money(book.closing)]],
        [1, 1, 1, 1],
    )
    sheet.heading("Deposits and other credits")
    deposits = [e for e in book.entries if e.amount > 0]
    sheet.table(
        ["Date posted", "Transaction", "Amount"],
        [
            *[[us(e.day), e.text.title(), money(e.amount, "")] for e in deposits],
            ["", "Total deposits and other credits", money(book.credits)],
        ],
        [1.4, 6, 1.6],
        right=(2,),
        bold_last=True,
    )
    sheet.heading("Checks and other debits")
    sheet.table(
        ["Date posted", "Transaction", "Amount"],
        [
            *[[us(e.day), e.text.title(), money(-e.amount, "")] for e in book.entries if e.amount <= 0],
            ["", "Total checks and other debits", money(book.debits)],
        ],
        [1.4, 6, 1.6],
        right=(2,),
        bold_last=True,
    )
    sheet.heading("Daily balance summary")
    closing = {e.day: e.balance for e in book.entries}
    days = [[us(day), money(balance, "")] for day, balance in closing.items()]
    days += [["", ""]] * (-len(days) % 3)
    third = len(days) // 3
    sheet.table(
        ["Date", "Balance"] * 3,
        [[*a, *b, *c] for a, b, c in zip(days[:third], days[third : 2 * third], days[2 * third :], strict=True)],
        [1.2, 1.3] * 3,
        right=(1, 3, 5),
        size=8,
    )
    sheet.para(
        "Federally insured by NCUA. To reconcile your account, list deposits not shown on this statement and checks outstanding, add the deposits to and subtract the checks from the ending balance above.",
        size=8,
    )


def _typewriter(sheet: Sheet, case: Case, rng: Random) -> None:
    """A savings bank whose core system prints in one fixed-width column, debits and credits apart."""
    who = case.anyone(rng)
    book = statement(who, "Plainsong", case.today, rng, entries=rng.randint(9, 60))

    def running(page: int, pages: int) -> None:
        sheet.put(
            sheet.left,
            40,
            f"PLAINSONG FEDERAL SAVINGS BANK      ACCT {book.account}      STMT DATE {us(book.last)}      PAGE  {page}/{pages}",
            size=8,
        )

    sheet.running = running
    sheet.gap(10)
    sheet.lines(
        [
            "PRIMARY ACCOUNT  " + book.account,
            f"STATEMENT PERIOD {us(book.first)} THRU {us(book.last)}",
            "",
            who.name.upper(),
            who.home.street.upper(),
            who.home.tail.upper(),
            "",
        ]
    )
    sheet.line("*" * 30 + " STATEMENT SAVINGS " + "*" * 30)
    sheet.fields(
        [
            ("PREVIOUS STATEMENT BALANCE", money(book.opening, "")),
            (f"{sum(e.amount > 0 for e in book.entries)} CREDIT(S) TOTALING", money(book.credits, "")),
            (f"{sum(e.amount <= 0 for e in book.entries)} DEBIT(S) TOTALING", money(book.debits, "")),
            ("SERVICE CHARGE", ".00"),
            ("CURRENT STATEMENT BALANCE", money(book.closing, "")),
        ]
    )
    sheet.line("* * * * * * ACCOUNT TRANSACTIONS BY DATE * * * * * *", align="center")
    sheet.table(
        ["DATE", "DESCRIPTION", "DEBITS", "CREDITS", "BALANCE"],
        [
            [
                us(e.day)[:5],
                e.text[:36],
                money(-e.amount, "") if e.amount <= 0 else "",
                money(e.amount, "") if e.amount > 0 else "",
                money(e.balance, ""),
            ]
            for e in book.entries
        ],
        [1, 5.4, 1.6, 1.6, 2],
        right=(2, 3, 4),
        size=8,
    )
    sheet.line("* * * * * * END OF STATEMENT * * * * * *", align="center")


LAYOUTS = (
    Layout(
        "bank_statement",
        "cedar-main",
        Theme(size=9, margin=52, accent="#14532d", table="zebra"),
        _running_balance,
        note="running header on all pages",
    ),
    Layout(
        "bank_statement",
        "lakehurst-cu",
        Theme("Times", 10, 60, "#1e3a8a", "bar", fields="dots"),
        _sections,
        note="no page numbers",
    ),
    Layout(
        "bank_statement",
        "plainsong-savings",
        Theme("Courier", 9, 50, "#000000", table="plain", fields="dots"),
        _typewriter,
    ),
)
