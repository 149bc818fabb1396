"""By what people can be recognised: addresses and numbers in the clear for some, hashed for others, and the ids that
partners know them by. Mail providers are reserved example domains, US numbers use the exchange kept for fiction.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from houselights.services.demo.arrays import digits, hexadecimal, joined, plain, uuids
from houselights.services.demo.catalogue import table
from houselights.services.demo.demographics import city_names
from houselights.services.demo.people import MALE, UNKNOWN, People
from houselights.services.demo.places import Places
from houselights.services.demo.tree import slug

# Of all people: mail in the clear, mail as a partner's hash only; the rest have none on file.
RAW, HASHED = 0.56, 0.76
# Countries whose numbering plans the demo knows, with what comes before the seven digits it makes up.
PLANS = {"US": "+1", "CA": "+1", "GB": "+447700", "DE": "+4915", "FR": "+336"}
AREAS = (201, 206, 212, 213, 214, 215, 302, 303, 305, 312, 313, 314, 404, 405, 408, 415, 503, 504, 512, 602, 615,
         617, 702, 713, 716, 718, 801, 804, 808, 816, 901, 916)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Persons:
    """Names and addresses of a shard, as plain text columns."""

    first: pa.Array
    last: pa.Array
    email: pa.Array
    handle: pa.Array
    lot: npt.NDArray[np.float32]


def name_people(random: np.random.Generator, world: Places, people: People) -> Persons:
    """Give everybody a name in their country's languages and a mail address of their own."""
    names = table("names")
    pools: dict[tuple[str, str], list[int]] = {}
    words: list[str] = []
    for kind in ("female", "male", "last"):
        for language, pool in names[kind].items():
            pools[kind, language] = list(range(len(words), len(words) + len(pool)))
            words += pool
    count = len(people)
    lots = random.random((3, count), np.float32)
    male = (people.gender == MALE) | ((people.gender == UNKNOWN) & (lots[2] < 0.5))
    first = np.empty(count, np.int32)
    last = np.empty(count, np.int32)
    for number, place in enumerate(world.countries):
        here = people.country == number
        for kind, target, mask, lot in (("female", first, here & ~male, lots[0]), ("male", first, here & male, lots[0]),
                                        ("last", last, here, lots[1])):  # fmt: skip
            pool = np.array(pools[kind, place.names], np.int32)
            target[mask] = pool[(lot[mask] ** 1.4 * len(pool)).astype(np.int32)]
    plain_words = [slug(word).replace("-", "") for word in words]
    person = pa.array(people.ids - 1_000_000).cast(pa.string())
    handle = joined(plain(first, plain_words), plain(last, [word[:6] for word in plain_words]), person)
    domain = plain((lots[2] * len(names["mail"])).astype(np.int32), names["mail"])
    email = joined(plain(first, plain_words), ".", plain(last, plain_words), person, "@", domain)
    return Persons(plain(first, words), plain(last, words), email, handle, random.random(count, np.float32))


def contact(random: np.random.Generator, world: Places, people: People, persons: Persons) -> dict[str, pa.Array]:
    """Return what the company's own file knows: names, mail and telephone in the clear, and the postal address."""
    count = len(people)
    streets = table("names")["streets"]
    names = [place.names for place in world.countries]
    flat = [street for pool in streets.values() for street in pool]
    start = dict(zip(streets, np.cumsum([0, *(len(pool) for pool in streets.values())])[:-1], strict=True))
    begin = np.array([start[name] for name in names])[people.country]
    length = np.array([len(streets[name]) for name in names])[people.country]
    street = plain((begin + random.random(count) * length).astype(np.int32), flat)
    mailed = random.random(count) < 0.2
    house = pa.array(random.integers(1, 240, count)).cast(pa.string())
    return {
        "first_name": persons.first,
        "last_name": persons.last,
        "email": _only(persons.email, persons.lot < RAW),
        "phone": _phones(random, world, people),
        "street": _only(joined(house, " ", street), mailed),
        "postcode": _only(_postcodes(random, world, people), mailed),
    }


def partner_ids(
    random: np.random.Generator, people: People, persons: Persons, on_twitter: npt.NDArray[np.bool_]
) -> pa.Table:
    """Return the file of a partner that knows people by hashes and ids, not by name."""
    count = len(people)
    lots = random.random((9, count), np.float32)
    hashed = (persons.lot >= RAW) & (persons.lot < HASHED)
    md5 = (persons.lot < HASHED) & (lots[0] < 0.4)
    number = people.ids
    return pa.table(
        {
            "person_id": number,
            "email_sha256": _digests(persons.email, hashed, "sha256"),
            "email_md5": _digests(persons.email, md5, "md5"),
            "cookie": _only(hexadecimal(random.bytes(16 * count), 16), lots[1] < 0.44),
            "maid": _only(uuids(random.bytes(16 * count)), lots[2] < 0.4),
            "crm_id": _only(joined("HF-", digits(number * 7 % 100_000_007, 9)), lots[3] < 0.3),
            "panel_id": _only(joined("LP", digits(number * 13 % 100_000_007, 9)), lots[4] < 0.08),
            "ss_id": _only(digits(number * 31 + 20_000_000_000, 11), lots[5] < 0.8),
            "twitter_id": _only(digits(number * 97 + 1_000_000_000, 10), on_twitter),
            "twitter_user": _only(persons.handle, on_twitter),
            "ramp_id": _only(joined("XY", hexadecimal(random.bytes(12 * count), 12)), lots[6] < 0.35),
            "cint_id": _only(uuids(random.bytes(16 * count)), lots[7] < 0.12),
            "ma_id": _only(uuids(random.bytes(16 * count)), lots[8] < 0.15),
        }
    )


def addresses(world: Places, people: People) -> dict[str, pa.Array]:
    """Return town and region of the postal address, in words."""
    return {
        "town": city_names(world, people),
        "state": plain(world.city_region[people.city], [key.split("-", 1)[1] if key.startswith("US-") else name
                                                        for key, name, _ in world.regions]),
    }  # fmt: skip


def mailing_list(people: pa.Table) -> pa.Table:
    """Return the file of those whom the company writes letters to: name and address."""
    columns = ["person_id", "first_name", "last_name", "street", "town", "state", "postcode", "country"]
    return people.select(columns).filter(pc.is_valid(people["street"]))


def _only(values: pa.Array, known: npt.NDArray[np.bool_]) -> pa.Array:
    return pc.if_else(pa.array(known), values, pa.scalar(None, pa.string()))


def _postcodes(random: np.random.Generator, world: Places, people: People) -> pa.Array:
    """Return postal codes in the form of each country: A1B 2C3 in Canada, AB1 2CD in Britain, digits elsewhere."""
    code = np.array([place.code for place in world.countries])[people.country]
    letters = list("ABCEGHJKLMNPRSTVXY")
    numbers = random.integers(1_000_000, 9_999_999, len(people))

    def letter(divisor: int) -> pa.Array:
        return plain((numbers // divisor % len(letters)).astype(np.int32), letters)

    def digit(divisor: int) -> pa.Array:
        return digits(numbers // divisor % 10, 1)

    canadian = joined(letter(7), digit(1), letter(31), " ", digit(10), letter(101), digit(100))
    british = joined(letter(7), letter(31), digit(1), " ", digit(10), letter(101), letter(307))
    plain_digits = digits(numbers // np.where(code == "JP", 1, np.where(code == "IN", 10, 100)), 5)
    return pc.if_else(pa.array(code == "CA"), canadian, pc.if_else(pa.array(code == "GB"), british, plain_digits))


def _phones(random: np.random.Generator, world: Places, people: People) -> pa.Array:
    """Return numbers in international form for two fifths of those whose numbering plan the demo knows."""
    prefix = plain(people.country, [PLANS.get(place.code) for place in world.countries])
    code = np.array([place.code for place in world.countries])[people.country]
    person = people.ids % 10_000_000
    area = np.array(AREAS)[person // 10_000 % len(AREAS)]
    north_american = joined(digits(area, 3), "555", digits(person % 10_000, 4))
    british = joined("9", digits(person % 100_000, 5))
    other = joined(pa.array(1 + (person // 10_000_000) % 8).cast(pa.string()), digits(person, 7))
    other = pc.if_else(pa.array(code == "DE"), joined("1", other), other)
    number = pc.if_else(
        pa.array(np.isin(code, ("US", "CA"))), north_american, pc.if_else(pa.array(code == "GB"), british, other)
    )
    return _only(joined(prefix, number), random.random(len(people)) < 0.42)


def _digests(emails: pa.Array, known: npt.NDArray[np.bool_], kind: str) -> pa.Array:
    """Hash normalised mail addresses (they are lower-case and trimmed as they are made)."""
    rows = np.flatnonzero(known)
    digests = [hashlib.new(kind, text.encode()).hexdigest() for text in emails.take(pa.array(rows)).to_pylist()]
    position = np.full(len(known), -1, np.int32)
    position[rows] = np.arange(len(rows), dtype=np.int32)
    return plain(position, digests)
