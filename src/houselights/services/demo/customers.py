"""A customer list such as a company would upload: people of the demo world with their addresses, and some strangers."""

import csv
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

CUSTOMERS = "customers.csv"
COUNTRY = "US"
KNOWN_MOST = 800
STRANGERS_EVERY = 4  # one stranger for so many people of the world
# The list's columns beside those of the world's files.
COLUMNS = {
    "email": "email",
    "phone": "phone",
    "first_name": "first_name",
    "last_name": "last_name",
    "address": "street",
    "city": "town",
    "state": "state",
    "zip": "postcode",
}


def write_customers(world: Path) -> Path:
    """Write the list of a world into its folder and return its path; the same world gives the same list.

    Everybody has an e-mail address; four in five belong to somebody of the world, unless it is too small.
    """
    people = pq.read_table(world / "people-0000.parquet", columns=[*COLUMNS.values(), "country"])
    reachable = pc.and_(pc.equal(people["country"], COUNTRY), pc.is_valid(people["email"]))
    known = people.filter(reachable).slice(0, KNOWN_MOST).to_pylist()
    path = world / CUSTOMERS
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for number, person in enumerate(known, 1):
            writer.writerow({name: person[column] or "" for name, column in COLUMNS.items()})
            if number % STRANGERS_EVERY == 0:
                writer.writerow({"email": f"stranger{number}@customers.example"})
    return path
