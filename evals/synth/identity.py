"""Cards and booklets people prove themselves with: licences, passports, social security and insurance cards."""

# ruff: noqa: E501 - captions and clauses stay whole, as they stand on the paper, so that they can be searched for

from __future__ import annotations

from datetime import date
from random import Random

from evals.synth.draw import Sheet, Theme
from evals.synth.layout import Layout
from evals.synth.people import Case, Person, company, us

CARD_RATIO = 0.63
"""Height over width of a plastic card."""


# ── driver licences ──────────────────────────────────────────────────────────────────────────────


def _licence_numbered(sheet: Sheet, case: Case, rng: Random) -> None:
    """The numbered fields of the AAMVA standard, portrait on the left."""
    who = case.anyone(rng)
    x, y, w, h = _card(sheet, "#dfeaf5", "#274b7a")
    sheet.put(x + 16, y + 28, who.home.state_name.upper(), size=20, bold=True, color="#274b7a")
    sheet.put(x + w - 16, y + 22, "DRIVER LICENSE", size=12, bold=True, align="right")
    sheet.put(x + w - 16, y + 34, "USA", size=9, align="right")
    _portrait(sheet, x + 16, y + 44, w * 0.27, h * 0.55, who.name)
    column, issued = x + w * 0.27 + 34, _issued(case, rng)
    rows = [
        f"4d DLN  {who.licence}", f"3 DOB  {us(who.born)}", f"1 {who.last.upper()}", f"2 {who.first.upper()} {who.middle.upper()}",
        f"8 {who.home.street.upper()}", f"   {who.home.tail.upper()}", f"4a ISS {us(issued)}     4b EXP {us(_birthday(who, issued.year + 8))}",
        f"9 CLASS {rng.choice('DC')}    9a END NONE    12 REST {rng.choice(('NONE', 'B'))}", f"15 SEX {who.sex}   16 HGT {_height(who)}   18 EYES {_eyes(who)}", f"5 DD {rng.randint(10**9, 10**10)}",
    ]  # fmt: skip
    for i, text in enumerate(rows):
        sheet.put(column, y + 58 + i * (h - 90) / len(rows), text, size=10.5, bold=i in (0, 2, 3))
    sheet.signature(x + 18, y + h - 18, who.name)


def _licence_captions(sheet: Sheet, case: Case, rng: Random) -> None:
    """Captions above values, portrait on the right, donor mark."""
    who, issued = case.anyone(rng), _issued(case, rng)
    x, y, w, h = _card(sheet, "#f3ead7", "#7a4b12")
    sheet.rect(x, y, w, 34, fill="#7a4b12", edge=None, radius=6)
    sheet.put(
        x + w / 2,
        y + 23,
        f"{who.home.state_name}  Operator's License",
        size=16,
        bold=True,
        align="center",
        color="#ffffff",
    )
    _portrait(sheet, x + w * 0.7, y + 46, w * 0.26, h * 0.58, who.name)
    items = [
        ("License No.", who.licence),
        ("Name", f"{who.last}, {who.first} {who.middle}"),
        ("Residence", who.home.street),
        ("", who.home.tail),
        ("Date of Birth", us(who.born)),
        ("Expires", us(_birthday(who, issued.year + 6))),
        ("Issued", us(issued)),
        ("Class", "D - Passenger Vehicle"),
    ]
    for i, (caption, value) in enumerate(items):
        at = y + 48 + i * (h - 78) / len(items)
        sheet.put(x + 16, at, caption.upper(), size=6, color="#7a4b12")
        sheet.put(x + 16, at + 10, value, size=10, bold=True)
    sheet.put(x + 16, y + h - 14, f"Sex {who.sex}    Ht {_height(who)}    Eyes {_eyes(who)}    ORGAN DONOR", size=9)
    sheet.signature(x + w * 0.68, y + h - 26, who.name)


def _licence_front_back(sheet: Sheet, case: Case, rng: Random) -> None:
    """A photocopy of both sides on one sheet, with the copying clerk's note."""
    who, issued = case.anyone(rng), _issued(case, rng)
    sheet.put(sheet.left, sheet.y, f"Copy of ID taken at application - {case.lender.name}", size=8, italic=True)
    sheet.gap(10)
    x, y, w, h = _card(sheet, "#e4efe4", "#23552b", share=0.72)
    sheet.put(x + 14, y + 24, f"{who.home.state_name}", size=18, italic=True, color="#23552b")
    sheet.put(x + w - 14, y + 24, "DRIVER'S LICENSE", size=11, bold=True, align="right")
    _portrait(sheet, x + 14, y + 38, w * 0.28, h * 0.6, who.name)
    for i, text in enumerate(
        (
            f"LIC# {who.licence}",
            f"EXP {us(_birthday(who, issued.year + 5))}",
            f"{who.first.upper()} {who.middle[0]} {who.last.upper()}",
            who.home.street.upper(),
            who.home.tail.upper(),
            f"DOB {us(who.born)}",
            f"SEX {who.sex}  HT {_height(who)}  EYES {_eyes(who)}",
            f"ISSUED {us(issued)}",
        )
    ):
        sheet.put(x + w * 0.28 + 30, y + 52 + i * 18, text, size=10, bold=i in (0, 2))
    sheet.gap(24)
    x, y, w, h = _card(sheet, "#f2f2ee", "#23552b", share=0.72)
    sheet.rect(x, y + 14, w, 30, fill="#222222", edge=None)
    bars = Random(f"bars:{who.licence}")
    at = x + 20
    while at < x + w * 0.62:
        thick = bars.choice((1, 1.5, 2.5, 3))
        sheet.rect(at, y + 56, thick, 46, fill="#000000", edge=None)
        at += thick + bars.choice((1.2, 2, 3))
    sheet.put(x + 20, y + 122, "CLASS D: Any single vehicle under 26,001 lbs GVWR, except motorcycles", size=7.5)
    sheet.put(
        x + 20,
        y + 134,
        "RESTRICTIONS: " + rng.choice(("B - Corrective lenses", "None")) + "     ENDORSEMENTS: None",
        size=7.5,
    )
    sheet.put(x + 20, y + 150, "If found, drop in any mailbox. Return to: Bureau of Motor Vehicles", size=7.5)


# ── passports ────────────────────────────────────────────────────────────────────────────────────


def mrz_check(field: str) -> str:
    """Check digit of an ICAO 9303 field: weights 7, 3, 1; letters count from 10, the filler is 0."""
    value = sum(
        (int(c) if c.isdigit() else 0 if c == "<" else ord(c) - 55) * (7, 3, 1)[i % 3] for i, c in enumerate(field)
    )
    return str(value % 10)


def mrz(who: Person, number: str, expires: date, state: str = "USA") -> tuple[str, str]:
    """The two lines of 44 characters at the foot of a passport's data page."""
    plain = f"{who.last}<<{who.first}<{who.middle}".upper().replace("-", "<").replace(" ", "<").replace("'", "")
    top = f"P<{state}{plain}"[:44].ljust(44, "<")
    number = number.ljust(9, "<")
    born, until = who.born.strftime("%y%m%d"), expires.strftime("%y%m%d")
    optional = "<" * 14
    left = f"{number}{mrz_check(number)}{state}{born}{mrz_check(born)}{who.sex}{until}{mrz_check(until)}{optional}{mrz_check(optional)}"
    return top, left + mrz_check(left[0:10] + left[13:20] + left[21:43])


def _passport_card(sheet: Sheet, case: Case, rng: Random) -> None:
    """The data page alone, captions in three languages."""
    who, issued = case.anyone(rng), _issued(case, rng)
    x, y, w, h = _card(sheet, "#e6e9f2", "#4a5a86", share=1.0, ratio=0.7)
    sheet.put(x + w / 2, y + 20, "UNITED STATES OF AMERICA", size=13, bold=True, align="center", color="#26376b")
    sheet.put(x + 16, y + 20, "PASSPORT", size=9, bold=True)
    sheet.put(x + 16, y + 31, "PASSEPORT / PASAPORTE", size=6.5)
    _portrait(sheet, x + 16, y + 42, w * 0.27, h * 0.55, who.name)
    expires = _years_later(issued, 10)
    left = [
        ("Type / Type / Tipo     Code / Code / Codigo", "P          USA"),
        ("Surname / Nom / Apellidos", who.last.upper()),
        ("Given Names / Prénoms / Nombres", f"{who.first} {who.middle}".upper()),
        ("Nationality / Nationalité / Nacionalidad", "UNITED STATES OF AMERICA"),
        ("Date of birth / Date de naissance / Fecha de nacimiento", _passport_date(who.born)),
        ("Place of birth / Lieu de naissance / Lugar de nacimiento", f"{who.home.state_name.upper()}, U.S.A."),
        ("Date of issue / Date de délivrance / Fecha de expedición", _passport_date(issued)),
        ("Date of expiration / Date d'expiration / Fecha de caducidad", _passport_date(expires)),
    ]
    for i, (caption, value) in enumerate(left):
        at = y + 48 + i * (h - 110) / len(left)
        sheet.put(x + w * 0.27 + 32, at, caption, size=6, color="#26376b")
        sheet.put(x + w * 0.27 + 32, at + 11, value, size=10.5, bold=True)
    sheet.put(x + w - 120, y + 48, "Passport No. / No du Passeport", size=6, color="#26376b")
    sheet.put(x + w - 120, y + 60, who.passport, size=12, bold=True)
    sheet.put(x + w - 120, y + 78, "Sex / Sexe / Sexo", size=6, color="#26376b")
    sheet.put(x + w - 120, y + 89, who.sex, size=10.5, bold=True)
    sheet.put(x + w - 120, y + 150, "Authority / Autorité / Autoridad", size=6, color="#26376b")
    sheet.put(x + w - 120, y + 161, "Department of State", size=8, bold=True)
    for i, text in enumerate(mrz(who, who.passport, expires)):
        sheet.put(x + 14, y + h - 26 + 16 * i, text, size=(w - 28) / 44 / 0.6, font="Courier")


def _passport_open(sheet: Sheet, case: Case, rng: Random) -> None:
    """The open booklet copied on a sheet: signature page above, data page below."""
    who, issued = case.anyone(rng), _issued(case, rng)
    x, w = sheet.left, sheet.span
    y = sheet.y + 20
    sheet.rect(x, y, w, w * 0.6, fill="#f1ece0", edge="#777777")
    sheet.put(
        x + w / 2,
        y + 26,
        "The Secretary of State of the United States of America",
        size=11,
        italic=True,
        align="center",
    )
    for i, text in enumerate(
        (
            "hereby requests all whom it may concern to permit the citizen/",
            "national of the United States named herein to pass",
            "without delay or hindrance and in case of need to",
            "give all lawful aid and protection.",
        )
    ):
        sheet.put(x + w / 2, y + 46 + 14 * i, text, size=10, italic=True, align="center")
    sheet.signature(x + w * 0.35, y + 150, who.name, width=150)
    sheet.put(
        x + w / 2, y + 172, "SIGNATURE OF BEARER / SIGNATURE DU TITULAIRE / FIRMA DEL TITULAR", size=7, align="center"
    )
    y += w * 0.6
    h = w * 0.64
    sheet.rect(x, y, w, h, fill="#e9e4d4", edge="#777777")
    _portrait(sheet, x + 18, y + 34, w * 0.26, h * 0.52, who.name)
    expires = _years_later(issued, 10)
    rows = [
        ("USA  PASSPORT", f"No. {who.passport}"),
        ("Surname", who.last),
        ("Given names", f"{who.first} {who.middle}"),
        ("Nationality", "United States of America"),
        ("Date of birth   Sex", f"{_passport_date(who.born)}     {who.sex}"),
        ("Place of birth", f"{who.home.city}, U.S.A."),
        ("Issued", _passport_date(issued)),
        ("Expires", _passport_date(expires)),
        ("Endorsements", "SEE PAGE 27"),
    ]
    for i, (caption, value) in enumerate(rows):
        sheet.put(x + w * 0.34, y + 34 + i * 21, caption, size=7)
        sheet.put(x + w * 0.55, y + 34 + i * 21, value.upper(), size=10, bold=True)
    for i, text in enumerate(mrz(who, who.passport, expires)):
        sheet.put(x + 12, y + h - 30 + 17 * i, text, size=(w - 24) / 44 / 0.6, font="Courier")


# ── social security and insurance cards ──────────────────────────────────────────────────────────


def _social_security(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    x, y, w, h = _card(sheet, "#e3eef6", "#2d5f8b")
    sheet.put(x + w / 2, y + 36, "SOCIAL SECURITY", size=24, bold=True, align="center", color="#2d5f8b")
    sheet.put(x + w / 2, y + 86, "THIS NUMBER HAS BEEN ESTABLISHED FOR", size=9, align="center")
    sheet.put(x + w / 2, y + 66, who.ssn, size=20, bold=True, align="center")
    sheet.put(
        x + w / 2,
        y + 112,
        f"{who.first} {who.middle} {who.last}".upper(),
        size=15,
        bold=True,
        align="center",
        font="Courier",
    )
    sheet.signature(x + w * 0.35, y + h - 54, who.name, width=140)
    sheet.stroke(x + 60, y + h - 44, x + w - 60, y + h - 44)
    sheet.put(x + w / 2, y + h - 32, "SIGNATURE", size=8, align="center")


def _social_security_letter(sheet: Sheet, case: Case, rng: Random) -> None:
    """The carrier letter with the card still on it, and the card's back."""
    who = case.anyone(rng)
    sheet.line("Social Security Administration", bold=True, size=13)
    sheet.para(
        "Here is your Social Security card. ADULTS: Sign this card in ink immediately. CHILDREN: Do not sign until age 18 or your first job, whichever is earlier. Keep your card in a safe place to prevent loss or theft. DO NOT CARRY THIS CARD WITH YOU. Do not laminate."
    )
    sheet.gap(16)
    x, y, w, h = _card(sheet, "#e7f0ea", "#3f6f57", share=0.7)
    sheet.put(x + w / 2, y + 30, "SOCIAL  SECURITY", size=17, bold=True, align="center", font="Times")
    sheet.put(x + w / 2, y + 62, who.ssn, size=16, align="center", font="Courier", bold=True)
    sheet.put(x + w / 2, y + 84, f"{who.first} {who.last}".upper(), size=12, align="center", font="Courier")
    sheet.put(x + w / 2, y + 104, us(_issued(case, rng)), size=9, align="center", font="Courier")
    sheet.signature(x + 60, y + h - 30, who.name)
    sheet.gap(18)
    sheet.para(
        "This card belongs to the Social Security Administration and you must return it if we ask for it. If you find a card that isn't yours, please return it. Improper use of this card or number by anyone is punishable by fine, imprisonment or both. Form SSA-3000",
        size=9,
    )


def _health_card(sheet: Sheet, case: Case, rng: Random) -> None:
    who = case.anyone(rng)
    x, y, w, h = _card(sheet, "#ffffff", "#0f5e9c")
    sheet.put(x + 18, y + 34, "WillowBridge Health Plan", size=18, bold=True, color="#0f5e9c")
    sheet.put(x + w - 18, y + 34, "PPO", size=18, bold=True, align="right")
    for i, (caption, value) in enumerate(
        (
            ("Member Name", who.name),
            ("Member ID", f"WBH{rng.randint(10**8, 10**9)}"),
            ("Group Number", f"{rng.randint(10000, 99999)}-01"),
            ("Effective", us(_issued(case, rng))),
        )
    ):
        sheet.put(x + 18, y + 66 + 30 * i, caption, size=7.5)
        sheet.put(x + 18, y + 79 + 30 * i, value, size=12, bold=True)
    for i, text in enumerate(
        (
            "Office visit copay      $25",
            "Specialist copay        $45",
            "Urgent care             $60",
            "Emergency room         $250",
            "Rx BIN 610999   PCN WBRX",
            "Rx Group  WBH01",
        )
    ):
        sheet.put(x + w * 0.56, y + 74 + 17 * i, text, size=9)
    sheet.put(
        x + 18,
        y + h - 16,
        "Member services 1-800-555-0118     Present this card to your provider at each visit",
        size=8,
    )


def _dental_card(sheet: Sheet, case: Case, rng: Random) -> None:
    who, firm = case.anyone(rng), company(rng, "Summit Valley Mutual")
    x, y, w, h = _card(sheet, "#eef7f1", "#1d6b4f")
    sheet.rect(x, y, w, 40, fill="#1d6b4f", edge=None, radius=6)
    sheet.put(x + w / 2, y + 26, "SUMMIT VALLEY MUTUAL  -  HMO", size=15, bold=True, align="center", color="#ffffff")
    left = [
        "SUBSCRIBER",
        f"{who.first} {who.last}".upper(),
        f"ID#  SV {rng.randint(100, 999)} {rng.randint(10, 99)} {rng.randint(1000, 9999)}",
        f"EMPLOYER GROUP  {who.job.employer.name[:28].upper()}",
        "PLAN CODE 804   RX: YES   DENTAL: YES",
        "DEPENDENTS",
        *(p.first.upper() for p in case.borrowers if p is not who),
    ]
    for i, text in enumerate(left):
        sheet.put(x + 18, y + 64 + i * 19, text, size=10.5, bold=i == 1)
    sheet.put(x + 18, y + h - 30, "PCP: Tern Harbor Family Medicine   Copay: PCP $20 / Spec $40 / ER $200", size=8.5)
    sheet.put(x + 18, y + h - 16, f"Claims: {firm.address.one_line}   Payer ID 77{rng.randint(100, 999)}", size=8.5)


LAYOUTS = (
    Layout("driver_license", "aamva-numbered", Theme(margin=130), _licence_numbered, card=True),
    Layout("driver_license", "captions-right-portrait", Theme("Times", margin=110), _licence_captions, card=True),
    Layout("driver_license", "front-and-back-copy", Theme(margin=90), _licence_front_back),
    Layout("passport", "data-page", Theme(margin=70), _passport_card, card=True),
    Layout("passport", "open-booklet", Theme("Times", margin=96), _passport_open, card=True),
    Layout("social_security_card", "blue-card", Theme("Times", margin=120), _social_security, card=True),
    Layout("social_security_card", "carrier-letter", Theme(margin=80, size=10.5), _social_security_letter),
    Layout("insurance_card", "ppo", Theme(margin=120), _health_card, card=True),
    Layout("insurance_card", "hmo", Theme("Times", margin=110), _dental_card, card=True),
)


def _card(
    sheet: Sheet, paper: str, edge: str, *, share: float = 1.0, ratio: float = CARD_RATIO
) -> tuple[float, float, float, float]:
    """Draw the card's body at the cursor; gives x, y, width, height."""
    w = sheet.span * share
    x, y, h = sheet.left + (sheet.span - w) / 2, sheet.y + 6, w * ratio
    sheet.rect(x, y, w, h, fill=paper, edge=edge, width=1.5, radius=10)
    sheet.y = y + h
    return x, y, w, h


def _portrait(sheet: Sheet, x: float, y: float, w: float, h: float, name: str) -> None:
    """A photo of somebody who does not exist, the same for the same name."""
    look = Random(f"portrait:{name}")
    skin = look.choice(("#e8c4a2", "#c99873", "#8d5a3c", "#f0d5bd", "#6f4630"))
    hair = look.choice(("#2b1d14", "#5a3a22", "#9b7440", "#3a3a3a", "#1a1a1a"))
    sheet.rect(x, y, w, h, fill=look.choice(("#cfd8e3", "#dde3e8", "#b9c7d6")), edge=None)
    sheet.ellipse(x + w * 0.06, y + h * 0.72, x + w * 0.94, y + h, look.choice(("#39424e", "#7a2f2f", "#2f4f6f")))
    sheet.ellipse(x + w * 0.24, y + h * 0.10, x + w * 0.76, y + h * 0.62, hair)
    sheet.ellipse(x + w * 0.29, y + h * 0.18, x + w * 0.71, y + h * 0.74, skin)
    for side in (0.42, 0.58):
        sheet.ellipse(x + w * (side - 0.035), y + h * 0.42, x + w * (side + 0.035), y + h * 0.455, "#222222")
    sheet.stroke(x + w * 0.43, y + h * 0.6, x + w * 0.57, y + h * 0.6, width=1.2, color="#8a3b3b")


def _issued(case: Case, rng: Random) -> date:
    return date(case.today.year - rng.randint(1, 4), rng.randint(1, 12), rng.randint(1, 28))


def _birthday(who: Person, year: int) -> date:
    return date(year, who.born.month, who.born.day)


def _years_later(day: date, years: int) -> date:
    return date(day.year + years, day.month, day.day)


def _passport_date(day: date) -> str:
    return day.strftime("%d %b %Y")


def _height(who: Person) -> str:
    tall = Random(f"height:{who.name}").randint(60, 75)
    return f"{tall // 12}'-{tall % 12:02d}\""


def _eyes(who: Person) -> str:
    return Random(f"eyes:{who.name}").choice(("BRO", "BLU", "GRN", "HAZ"))
