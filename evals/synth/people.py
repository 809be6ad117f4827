"""The invented world of a packet: one or two borrowers with jobs, a lender, a house and a loan.

Nobody here exists. Social security numbers begin with 9 and telephone numbers with 555-01: neither is ever given out.
Money is in whole cents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

_FIRST_F = (
    "Marisol", "Theodora", "Ingrid", "Beatrice", "Yolanda", "Priya", "Camille", "Rosalind", "Naomi", "Lucinda",
    "Harriet", "Adaeze", "Mei", "Gwendolyn", "Paloma", "Sabine", "Tamsin", "Odette",
)  # fmt: skip
_FIRST_M = (
    "Desmond", "Alistair", "Mateo", "Raymond", "Kwame", "Oliver", "Hiroshi", "Emmett", "Rafael", "Clement",
    "Tobias", "Leopold", "Bashir", "Vincent", "Anders", "Cornelius", "Dmitri", "Hollis",
)  # fmt: skip
_LAST = (
    "Okonjo-Reyes", "Halvorsen", "Castellano", "Brightwater", "Nakagawa", "Pemberton", "Osei", "Vandermeer",
    "Lindqvist",    "Thackeray", "Abernathy", "Delacroix", "Montoya", "Farrow", "Ashdown", "Kowalczyk", "Birdsong",
    "Quillen", "Marchetti",    "Sandoval", "Teague", "Ellingsworth",
)  # fmt: skip
_STREETS = (
    "Juniper Hollow Ln", "Old Foundry Rd", "Kestrel Ave", "Marigold Ct", "Tannery St", "Bellweather Dr", "Larkspur Way",
    "Copper Kettle Rd", "Quarry Ridge Dr", "Wexford Pl", "Sycamore Bend", "Lantern Hill Rd", "Mill Race Ln",
)  # fmt: skip
_CITIES = (
    ("Marlow Falls", "OH", "Ohio", "44087"), ("Pinder Creek", "TX", "Texas", "78641"),
    ("East Corbin", "PA", "Pennsylvania", "19063"), ("Saltmarsh", "WA", "Washington", "98270"),
    ("Verdigris Springs", "CO", "Colorado", "80921"), ("Halloway", "GA", "Georgia", "30152"),
    ("Tern Harbor", "ME", "Maine", "04086"), ("Dovetail", "NC", "North Carolina", "27529"),
    ("Ransom Mills", "IL", "Illinois", "60543"), ("Alder Point", "OR", "Oregon", "97123"),
)  # fmt: skip
_FIRMS = (
    ("Harlow Ridge Fabrication LLC", "manufacturing"), ("Tidewell Logistics Inc", "freight"),
    ("Copperline Health Partners", "hospital"), ("Stonecrop Software Corp", "software"),
    ("Bramble & Finch Outfitters", "retail"), ("Northgate Unified School District 41", "education"),
    ("Ferrous Bridge Engineering PC", "engineering"), ("Marrow Creek Foods Co", "food processing"),
    ("Lowland Transit Authority", "public transport"), ("Quillmark Publishing Group", "publishing"),
    ("Sable Mountain Resorts LLC", "hospitality"), ("Axford Precision Optics Inc", "manufacturing"),
)  # fmt: skip
_TITLES = (
    "Production Supervisor", "Registered Nurse", "Staff Accountant", "Senior Software Engineer", "Dispatch Coordinator",
    "Civil Engineer II", "Assistant Store Manager", "Middle School Teacher", "Operations Analyst", "Quality Technician",
)  # fmt: skip
LENDERS = (
    "Blue Heron Home Lending, LLC", "Castlegate Mortgage Corporation", "Plainsong Federal Savings Bank",
    "Fairwind Residential Finance, Inc.",
)  # fmt: skip
TITLE_AGENTS = ("Keystone Arch Title Agency", "Meridian Oak Settlement Services", "True Corner Title & Escrow, LLC")


@dataclass(frozen=True)
class Address:
    street: str
    city: str
    state: str
    state_name: str
    zip: str

    @property
    def tail(self) -> str:
        return f"{self.city}, {self.state} {self.zip}"

    @property
    def one_line(self) -> str:
        return f"{self.street}, {self.tail}"


@dataclass(frozen=True)
class Company:
    name: str
    trade: str
    ein: str
    address: Address
    phone: str


@dataclass(frozen=True)
class Job:
    employer: Company
    title: str
    started: date
    salary: int
    """Cents a year."""
    number: str
    """Of the employee."""


@dataclass(frozen=True)
class Person:
    first: str
    middle: str
    last: str
    sex: str
    born: date
    ssn: str
    home: Address
    phone: str
    email: str
    jobs: tuple[Job, ...]
    """The present one first."""
    licence: str
    passport: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.middle[0]}. {self.last}"

    @property
    def job(self) -> Job:
        return self.jobs[0]

    @property
    def ssn_masked(self) -> str:
        return f"XXX-XX-{self.ssn[-4:]}"


@dataclass(frozen=True)
class Case:
    """What one loan file is about."""

    borrowers: tuple[Person, ...]
    lender: Company
    title_agent: Company
    house: Address
    """The property to be bought or refinanced."""
    price: int
    loan: int
    rate: float
    """Per cent a year."""
    years: int
    loan_number: str
    today: date

    @property
    def borrower(self) -> Person:
        return self.borrowers[0]

    @property
    def names(self) -> str:
        return " and ".join(person.name for person in self.borrowers)

    @property
    def payment(self) -> int:
        """Principal and interest a month, in cents."""
        monthly = self.rate / 1200
        return round(self.loan * monthly / (1 - (1 + monthly) ** (-12 * self.years)))

    @property
    def tax_year(self) -> int:
        return self.today.year - 1

    def anyone(self, rng: Random) -> Person:
        return rng.choice(self.borrowers)


def invent_case(seed: str) -> Case:
    """The same seed gives the same people."""
    rng = Random(f"case:{seed}")
    home = address(rng)
    last = rng.choice(_LAST)
    first = _person(rng, last, home, rng.choice("FM"))
    people: tuple[Person, ...] = (first,)
    if rng.random() < 0.55:
        people += (_person(rng, last, home, "M" if first.sex == "F" else "F"),)
    price = rng.randrange(2100, 7800) * 100_00
    return Case(
        borrowers=people,
        lender=company(rng, rng.choice(LENDERS)),
        title_agent=company(rng, rng.choice(TITLE_AGENTS)),
        house=address(rng),
        price=price,
        loan=price * rng.choice((75, 80, 90, 95)) // 100,
        rate=rng.randrange(5250, 7626, 125) / 1000,
        years=rng.choice((30, 30, 15)),
        loan_number=f"{rng.randrange(10**9, 10**10)}",
        today=date(rng.choice((2023, 2024, 2025)), rng.randint(3, 11), rng.randint(1, 28)),
    )


def address(rng: Random) -> Address:
    city, state, state_name, postcode = rng.choice(_CITIES)
    return Address(f"{rng.randint(12, 9870)} {rng.choice(_STREETS)}", city, state, state_name, postcode)


def company(rng: Random, name: str = "", trade: str = "") -> Company:
    if not name:
        name, trade = rng.choice(_FIRMS)
    return Company(name, trade, f"{rng.randint(10, 98)}-{rng.randrange(10**6, 10**7)}", address(rng), phone(rng))


def stranger(rng: Random) -> str:
    """The name of somebody who is not a borrower: a clerk, a notary, an appraiser."""
    return f"{rng.choice(_FIRST_F + _FIRST_M)} {rng.choice(_LAST)}"


def phone(rng: Random) -> str:
    return f"({rng.randint(201, 989)}) 555-01{rng.randint(0, 99):02d}"


def money(cents: int, sign: str = "$") -> str:
    """`$1,234.50`, negative amounts with a leading minus."""
    return f"{'-' if cents < 0 else ''}{sign}{abs(cents) / 100:,.2f}"


def dollars(cents: int) -> str:
    """Whole dollars, `$1,235`."""
    return f"{'-' if cents < 0 else ''}${round(abs(cents) / 100):,}"


def us(day: date) -> str:
    return day.strftime("%m/%d/%Y")


def long_date(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def month_start(day: date, back: int) -> date:
    """The first day of the month `back` months before the month of `day`."""
    index = day.year * 12 + day.month - 1 - back
    return date(index // 12, index % 12 + 1, 1)


def month_end(first: date) -> date:
    return month_start(first, -1) - timedelta(days=1)


def aba(rng: Random) -> str:
    """A routing number with a right check digit, from a district that does not exist."""
    digits = [int(c) for c in f"{rng.randint(13, 19)}{rng.randrange(10**6):06d}"]
    total = sum(digit * weight for digit, weight in zip(digits, (3, 7, 1, 3, 7, 1, 3, 7), strict=True))
    return "".join(map(str, digits)) + str(-total % 10)


def _person(rng: Random, last: str, home: Address, sex: str) -> Person:
    first = rng.choice(_FIRST_F if sex == "F" else _FIRST_M)
    middle = rng.choice([name for name in (_FIRST_F if sex == "F" else _FIRST_M) if name != first])
    born = date(rng.randint(1958, 1998), rng.randint(1, 12), rng.randint(1, 28))
    present = Job(
        company(rng), rng.choice(_TITLES), date(rng.randint(2012, 2021), rng.randint(1, 12), rng.randint(1, 28)),
        rng.randrange(420, 1480) * 100_00, f"{rng.randint(10000, 99999)}",
    )  # fmt: skip
    earlier = Job(
        company(rng), rng.choice(_TITLES), present.started - timedelta(days=rng.randint(500, 1900)),
        present.salary * rng.randint(18, 60) // 100, f"{rng.randint(1000, 9999)}",
    )  # fmt: skip
    plain = last.replace("-", "").lower()
    return Person(
        first, middle, last, sex, born, f"9{rng.randrange(100):02d}-{rng.randint(10, 49)}-{rng.randint(1000, 9999)}",
        home, phone(rng), f"{first.lower()}.{plain}@{rng.choice(('example.com', 'mail.example', 'post.example.net'))}",
        (present, earlier), f"{rng.choice('BCDFHLMS')}{rng.randrange(10**7, 10**8)}",
        f"{rng.choice('XYZ')}{rng.randrange(10**7, 10**8)}",
    )  # fmt: skip
