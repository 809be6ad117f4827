"""Invoices and receipts."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from datetime import timedelta
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, company, long_date, money, phone, stranger, us

_GOODS = (
    ("Oak interior door, prehung 32 in", 18900), ("Ceramic floor tile, box of 12", 4295), ("LED recessed light 6 in", 1849), ("Gate valve 3/4 brass", 1275), ("Framing lumber 2x4x8", 489), ("Drywall screws 5 lb", 2397),
    ("Exterior paint, 5 gal", 16450), ("Copper pipe 10 ft", 2285), ("Tool rental, tile saw (day)", 6200), ("Labor, licensed electrician (hr)", 9500), ("Service call", 12500), ("Water heater 50 gal", 78900), ("Printer paper, case", 4150), ("Site survey", 45000),
)  # fmt: skip
_GROCERIES = (
    ("BANANAS", 129),
    ("WHOLE MILK GAL", 399),
    ("SOURDOUGH LOAF", 549),
    ("CHEDDAR 8OZ", 429),
    ("COFFEE 12OZ", 1099),
    ("EGGS LARGE DZ", 389),
    ("PASTA 1LB", 179),
    ("OLIVE OIL", 1249),
    ("APPLES 3LB", 479),
    ("CHICKEN THIGHS", 862),
)


# ── utility bills ────────────────────────────────────────────────────────────────────────────────


# ── invoices ─────────────────────────────────────────────────────────────────────────────────────


def _bought(rng: Random, count: int) -> list[tuple[str, int, int]]:
    return [(name, rng.randint(1, 12), price) for name, price in rng.sample(_GOODS, k=count)]


def _contractor_invoice(sheet: Sheet, case: Case, rng: Random) -> None:
    firm, goods = company(rng, "Pellworth Home Improvement"), _bought(rng, rng.randint(3, 7))
    subtotal = sum(n * p for _, n, p in goods)
    tax = subtotal * 7 // 100
    sheet.beside(
        lambda: sheet.lines([firm.name, firm.address.street, firm.address.tail, firm.phone], bold=True),
        lambda: sheet.line("INVOICE", bold=True, size=26, align="right", color=sheet.theme.accent),
    )
    sheet.gap(18)
    sheet.beside(
        lambda: sheet.lines(["BILL TO", case.borrower.name, case.borrower.home.street, case.borrower.home.tail]),
        lambda: sheet.fields(
            [
                ("Invoice #", f"{rng.randint(1000, 99999)}"),
                ("Date", us(case.today)),
                ("Due date", us(case.today + timedelta(days=30))),
                ("Terms", "Net 30"),
            ]
        ),
    )
    sheet.gap(14)
    sheet.table(
        ["Description", "Qty", "Unit price", "Amount"],
        [[name, str(n), money(p, ""), money(n * p, "")] for name, n, p in goods],
        [5, 1, 1.5, 1.6],
        right=(1, 2, 3),
    )
    sheet.table(
        ["", ""],
        [["Subtotal", money(subtotal)], ["Sales tax 7%", money(tax)], ["Balance due", money(subtotal + tax)]],
        [6, 1.6],
        right=(1,),
        bold_last=True,
    )
    sheet.para(
        "Thank you for your business. Please make all checks payable to "
        + firm.name
        + ". A finance charge of 1.5% per month is added to past due invoices.",
        size=8.5,
    )


def _freight_invoice(sheet: Sheet, case: Case, rng: Random) -> None:
    seller, buyer, goods = company(rng, "Galvan Supply & Freight Co"), company(rng), _bought(rng, rng.randint(4, 9))
    total = sum(n * p for _, n, p in goods)
    freight = rng.randrange(4000, 30000)
    sheet.line(seller.name.upper(), bold=True, size=13)
    sheet.line(f"REMIT TO: {seller.address.one_line.upper()}   TEL {seller.phone}")
    sheet.rule()
    sheet.cells(
        [
            [(1, "SOLD TO", f"{buyer.name}\n{buyer.address.one_line}"), (1, "SHIP TO", f"SAME\nATTN {stranger(rng)}")],
            [
                (1, "INVOICE NO.", f"GS{rng.randint(10**5, 10**6)}"),
                (1, "INVOICE DATE", us(case.today)),
                (1, "CUSTOMER P.O.", f"{rng.randint(10000, 99999)}"),
                (1, "SHIP VIA", "TRUCK"),
                (1, "F.O.B.", "ORIGIN"),
                (1, "SALESPERSON", f"{rng.randint(10, 40)}"),
            ],
        ],
        height=36,
    )
    sheet.gap(6)
    sheet.table(
        ["ITEM", "ORDERED", "SHIPPED", "B/O", "DESCRIPTION", "UNIT", "EXTENSION"],
        [
            [f"{rng.randint(1000, 9999)}", str(n), str(n), "0", name.upper()[:30], money(p, ""), money(n * p, "")]
            for name, n, p in goods
        ],
        [1, 1.2, 1.2, 0.7, 5, 1.5, 1.8],
        right=(1, 2, 3, 5, 6),
        size=8,
    )
    sheet.fields(
        [
            ("MERCHANDISE", money(total, "")),
            ("FREIGHT", money(freight, "")),
            ("PAY THIS AMOUNT", money(total + freight)),
        ]
    )
    sheet.para(
        "NO RETURNS WITHOUT AUTHORIZATION. CLAIMS FOR SHORTAGE MUST BE MADE WITHIN 5 DAYS. ORIGINAL INVOICE", size=8
    )


def _professional_invoice(sheet: Sheet, case: Case, rng: Random) -> None:
    firm, hours = (
        company(rng, "Ashgrove & Lyle, Attorneys"),
        [
            (rng.randint(2, 30) / 10, text)
            for text in (
                "Review title commitment and survey",
                "Telephone conference with lender's counsel",
                "Draft addendum to purchase agreement",
                "Attend closing",
            )
        ],
    )
    fees = [(round(h * 28500), h, text) for h, text in hours]
    sheet.line(firm.name, size=17, align="center")
    sheet.line(firm.address.one_line, size=9, align="center")
    sheet.gap(20)
    sheet.lines(
        [
            long_date(case.today),
            "",
            case.names,
            case.borrower.home.one_line,
            "",
            f"Invoice No. {rng.randint(200, 999)}-{rng.randint(10, 99)}     Matter: purchase of {case.house.street}",
        ]
    )
    sheet.line("FOR PROFESSIONAL SERVICES RENDERED", bold=True)
    sheet.table(
        ["Date", "Services", "Hours", "Amount"],
        [
            *[
                [us(case.today - timedelta(days=3 * i)), text, f"{h:.1f}", money(fee)]
                for i, (fee, h, text) in enumerate(fees)
            ],
            ["", "Total fees", f"{sum(h for _, h, _ in fees):.1f}", money(sum(f for f, _, _ in fees))],
        ],
        [1.4, 5, 1, 1.6],
        right=(2, 3),
        bold_last=True,
    )
    sheet.para("Payment is due upon receipt. Please reference the invoice number on your remittance.")


# ── receipts ─────────────────────────────────────────────────────────────────────────────────────


def _till(sheet: Sheet, case: Case, rng: Random) -> None:
    goods = rng.sample(_GROCERIES, k=rng.randint(4, 9))
    total = sum(p for _, p in goods)
    sheet.left, sheet.right = sheet.width / 2 - 95, sheet.width / 2 + 95
    sheet.lines(
        [
            "PINE STREET GROCER",
            f"STORE #{rng.randint(10, 99)}",
            f"{case.borrower.home.city.upper()} {case.borrower.home.state}",
            phone(rng),
            "",
        ],
        align="center",
    )
    sheet.line(
        f"{us(case.today)}  {rng.randint(8, 20)}:{rng.randint(10, 59)}  REG {rng.randint(1, 9)}  CSHR {rng.randint(100, 999)}",
        size=8,
    )
    sheet.table(["", ""], [[name, money(p, "")] for name, p in goods], [3, 1], right=(1,))
    sheet.fields(
        [
            ("SUBTOTAL", money(total, "")),
            ("TAX", "0.00"),
            ("TOTAL", money(total)),
            ("DEBIT CARD TEND", money(total, "")),
            ("CHANGE DUE", "0.00"),
        ]
    )
    sheet.lines(
        [
            f"CARD ************{rng.randint(1000, 9999)}",
            f"APPROVAL {rng.randint(100000, 999999)}",
            f"# ITEMS SOLD {len(goods)}",
            "",
            "THANK YOU FOR SHOPPING WITH US",
            "RETURNS WITHIN 30 DAYS WITH RECEIPT",
        ],
        align="center",
    )


def _diner(sheet: Sheet, case: Case, rng: Random) -> None:
    sheet.left, sheet.right = 70, 290
    food = rng.sample(
        (
            ("Turkey club", 1395),
            ("Soup of the day", 650),
            ("Iced tea", 325),
            ("House salad", 895),
            ("Pecan pie", 725),
            ("Espresso", 375),
        ),
        k=4,
    )
    total = sum(p for _, p in food)
    tax, tip = total * 8 // 100, total * 18 // 100
    sheet.line("The Copper Pot Cafe", bold=True, size=15, align="center")
    sheet.line(case.borrower.home.city, align="center")
    sheet.gap(8)
    sheet.line(f"Server: {stranger(rng).split()[0]}    Table {rng.randint(1, 30)}    Guests {rng.randint(1, 4)}")
    sheet.line(f"Check #{rng.randint(1000, 9999)}    {us(case.today)}", size=9)
    sheet.rule()
    sheet.table(["", ""], [[f"1 {name}", money(p, "")] for name, p in food], [3, 1], right=(1,))
    sheet.fields(
        [
            ("Subtotal", money(total)),
            ("Sales Tax", money(tax)),
            ("Tip", money(tip)),
            ("Total", money(total + tax + tip)),
        ]
    )
    sheet.line("Customer copy - thank you, come again!", italic=True, align="center")


def _payment_receipt(sheet: Sheet, case: Case, rng: Random) -> None:
    who, amount = case.anyone(rng), rng.randrange(20000, 160000)
    sheet.line("RECEIPT", bold=True, size=20, color=sheet.theme.accent)
    sheet.fields(
        [
            ("Receipt No.", f"{rng.randint(100000, 999999)}"),
            ("Date", long_date(case.today)),
            ("Received from", who.name),
            ("Amount", money(amount)),
            ("For", rng.choice(("Appraisal fee", "Rent", "Inspection fee", "Application deposit"))),
            ("Paid by", rng.choice(("Check", "Cash", "Money order"))),
            ("Account balance", money(amount)),
            ("This payment", money(amount)),
            ("Balance due", money(0)),
        ]
    )
    sheet.gap(30)
    clerk = stranger(rng)
    sheet.signature(sheet.left, sheet.y - 4, clerk)
    sheet.line(f"Received by {clerk}", italic=True)


LAYOUTS = (
    Layout("invoice", "contractor", Theme(accent="#37474f", table="zebra", size=10), _contractor_invoice),
    Layout("invoice", "freight", Theme("Courier", 8.5, 36, "#000000", table="grid", fields="dots"), _freight_invoice),
    Layout("invoice", "law-office", Theme("Times", 11.5, 74), _professional_invoice),
    Layout("receipt", "grocery-till", Theme("Courier", 9, 40, "#000000", table="plain", fields="dots"), _till),
    Layout("receipt", "diner", Theme("Times", 11, 60, table="plain", fields="dots"), _diner),
    Layout("receipt", "payment-slip", Theme(size=12, margin=90, accent="#1565c0", fields="dots"), _payment_receipt),
)
