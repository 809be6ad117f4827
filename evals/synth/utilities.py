"""Bills for electricity, water and telephone."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from datetime import timedelta
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, money, us


def _electric(sheet: Sheet, case: Case, rng: Random) -> None:
    who, used, rate = case.borrower, rng.randint(380, 1500), rng.randint(110, 190)
    energy, delivery, fixed = used * rate // 10, used * 4, 1250
    tax = (energy + delivery + fixed) * 6 // 100
    due, paid = energy + delivery + fixed + tax, rng.randrange(6000, 19000)
    sheet.line("Verdant Power & Light", bold=True, size=18, color=sheet.theme.accent)
    sheet.beside(
        lambda: sheet.fields([("Account number", f"{rng.randint(10, 99)} {rng.randint(10000, 99999)} {rng.randint(1000, 9999)}"), ("Service address", who.home.one_line), ("Statement date", us(case.today))]),
        lambda: sheet.fields([("Amount due", money(due)), ("Due by", us(case.today + timedelta(days=21))), ("Next meter reading", us(case.today + timedelta(days=30)))]), split=0.6)  # fmt: skip
    sheet.heading("Your account summary")
    sheet.table(
        ["", ""],
        [
            ["Amount due on previous statement", money(paid)],
            ["Payment received - thank you", "-" + money(paid)],
            ["Current electric charges", money(due)],
            ["Total amount due", money(due)],
        ],
        [4, 1.4],
        right=(1,),
        bold_last=True,
    )
    sheet.heading("Electric usage history (kWh)")
    top, bars = sheet.y + 4, [rng.randint(30, 70) for _ in range(13)]
    for i, bar in enumerate(bars):
        sheet.rect(sheet.left + 14 + i * 36, top + 72 - bar, 22, bar, fill=sheet.theme.accent, edge=None)
        sheet.put(sheet.left + 25 + i * 36, top + 82, "JFMAMJJASONDJ"[i], size=7, align="center")
    sheet.gap(94)
    reading = rng.randint(10000, 60000)
    sheet.heading("Details of current charges - Residential Service Schedule R-1")
    sheet.fields(
        [
            ("Meter number", f"E{rng.randint(10**6, 10**7)}"),
            ("Previous reading / current reading", f"{reading} / {reading + used}"),
            ("Kilowatt-hours used", str(used)),
            ("Energy charge", money(energy)),
            ("Delivery charge", money(delivery)),
            ("Basic customer charge", money(fixed)),
            ("State and local taxes", money(tax)),
        ]
    )
    sheet.y = max(sheet.y + 14, 640)
    sheet.line(
        "- - - - - Please return this portion with your payment. Make checks payable to Verdant Power & Light. - - - - -",
        size=8,
        align="center",
    )
    sheet.beside(
        lambda: sheet.lines([who.name, who.home.street, who.home.tail]),
        lambda: sheet.lines([f"Amount due {money(due)}", "Amount enclosed $ __________"]),
    )


def _water(sheet: Sheet, case: Case, rng: Random) -> None:
    who, units = case.anyone(rng), rng.randint(4, 16)
    lines = [
        ("WATER CONSUMPTION", units * 412),
        ("WATER BASE CHARGE", 1890),
        ("SEWER", units * 530),
        ("STORM DRAINAGE", 675),
        ("REFUSE AND RECYCLING", 2225),
    ]
    city = who.home.city.upper()
    sheet.line(f"CITY OF {city}", bold=True, size=14, align="center")
    sheet.line("UTILITY BILLING DIVISION - WATER / SEWER / REFUSE", align="center")
    sheet.gap(12)
    sheet.fields(
        [
            ("ACCOUNT NO", f"{rng.randint(1000, 9999)}-{rng.randint(100, 999)}"),
            ("CUSTOMER", who.name.upper()),
            ("SERVICE AT", who.home.street.upper()),
            ("BILLING PERIOD", f"{us(case.today - timedelta(days=61))} TO {us(case.today)}"),
            ("METER READ (100 CU FT)", f"PREV {rng.randint(100, 900)}  USED {units}"),
        ]
    )
    sheet.gap(10)
    sheet.table(
        ["SERVICE", "CHARGE"],
        [*[[name, money(amount, "")] for name, amount in lines], ["TOTAL NOW DUE", money(sum(a for _, a in lines))]],
        [4, 1.5],
        right=(1,),
        bold_last=True,
    )
    sheet.line(f"PAY BY {us(case.today + timedelta(days=20))} TO AVOID 10% LATE PENALTY", bold=True)
    sheet.para(
        "SERVICE WILL BE DISCONNECTED WITHOUT FURTHER NOTICE IF THE PAST DUE AMOUNT IS NOT PAID WITHIN 30 DAYS. PAY ONLINE, BY MAIL OR AT CITY HALL."
    )


def _wireless(sheet: Sheet, case: Case, rng: Random) -> None:
    """Two pages: a summary page and the charges by line."""
    who, lines = case.anyone(rng), rng.randint(2, 4)

    def running(page: int, pages: int) -> None:
        sheet.put(
            sheet.right, 30, f"Page {page} of {pages}   Account {who.phone[-4:]}-00{lines}", size=8, align="right"
        )

    sheet.running = running
    charges = [
        (f"({who.phone[1:4]}) 555-01{rng.randint(10, 99)}", rng.choice((4000, 4500, 5500)), rng.randrange(300, 900))
        for _ in range(lines)
    ]
    total = sum(a + b for _, a, b in charges)
    sheet.line("clearspan wireless", bold=True, size=22, color=sheet.theme.accent)
    sheet.line(f"Hi {who.first}, here is your bill for {case.today:%B %Y}.", size=13)
    sheet.gap(16)
    sheet.lines([who.name, who.home.street, who.home.tail])
    sheet.heading("What you owe")
    sheet.fields(
        [
            ("Plans", money(sum(a for _, a, _ in charges))),
            ("Taxes, governmental surcharges & fees", money(sum(b for _, _, b in charges))),
            ("Total due", money(total)),
            ("AutoPay is on. We will charge your card on", us(case.today + timedelta(days=12))),
        ]
    )
    sheet.para(
        "Broadband and voice service is provided at the address above. Questions about your bill? Chat with us or dial 611 from your phone."
    )
    sheet.new_page()
    sheet.heading("Charges by line")
    for number, plan, taxes in charges:
        sheet.line(number, bold=True)
        sheet.fields(
            [
                ("Monthly plan - Unlimited Talk, Text & Data", money(plan)),
                ("Federal Universal Service Fund and 911 fees", money(taxes)),
                ("Line total", money(plan + taxes)),
            ]
        )


LAYOUTS = (
    Layout("utility_bill", "verdant-electric", Theme(accent="#2e7d32", heading="rule"), _electric),
    Layout("utility_bill", "city-water", Theme("Courier", 10, 60, "#000000"), _water),
    Layout(
        "utility_bill",
        "clearspan-wireless",
        Theme(size=10.5, accent="#ad1457", heading="plain", fields="dots"),
        _wireless,
    ),
)
