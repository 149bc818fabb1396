"""What people buy: orders over eighteen months, with products of invented brands in a tree of browse nodes.

An order is an event with nested items. It refuses nothing; who buys what follows from the people's features.
"""

import zlib
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from houselights.services.demo.arrays import digits, instants, joined, words
from houselights.services.demo.catalogue import table
from houselights.services.demo.draws import Draw, Floats
from houselights.services.demo.people import People
from houselights.services.demo.places import Places
from houselights.services.demo.social import DAY
from houselights.services.demo.tastes import fit_leaves, node_table
from houselights.services.demo.tree import Node, read_tree, slug

# Orders reach back further than the year that is looked at, so that the window does something.
DAYS = 500
PRODUCTS_EACH = 6
MODELS = ("Basic", "One", "Plus", "Classic", "Pro", "Reserve")
# Rough money a dollar fetches; prices in the demo need no better.
RATES = {"USD": 1.0, "GBP": 0.79, "EUR": 0.93, "CAD": 1.36, "JPY": 150.0, "INR": 84.0, "BRL": 5.4, "AUD": 1.5,
         "MXN": 18.5, "SEK": 10.4, "TRY": 34.0, "AED": 3.67, "SAR": 3.75}  # fmt: skip
# Brands that advertise: what of theirs was bought is kept as product lines, from which their audiences are made.
ADVERTISED = (
    "Northwind",
    "Larkspur",
    "Fleetfoot",
    "Copper Kettle",
    "Barkwell",
    "Emberforge",
    "Lumère",
    "Summit & Sage",
)


@dataclass(frozen=True, slots=True)
class Product:
    """Something sold. `line` is brand and kind, "northwind-headphones", None when the brand does not advertise."""

    sku: str
    name: str
    brand: str
    node: str
    line: str | None
    line_name: str
    price: float


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop: its browse nodes, products and who is drawn to what."""

    nodes: list[Node]
    products: tuple[Product, ...]
    draw: Draw

    @classmethod
    def fit(cls, reference: Floats) -> "Shop":
        """Read the catalogue and make PRODUCTS_EACH products for each leaf."""
        nodes = _numbered(read_tree(table("products")))
        leaves = [node for node in nodes if node.leaf]
        products = tuple(_product(leaf, rank) for leaf in leaves for rank in range(PRODUCTS_EACH))
        return cls(nodes, products, fit_leaves(reference, nodes))

    def lines(self) -> dict[str, str]:
        """Return the product lines of brands that advertise: key to name, in the order of the catalogue."""
        return {item.line: item.line_name for item in self.products if item.line is not None}

    def orders(self, random: np.random.Generator, world: Places, people: People, now: datetime) -> pa.Table:
        """Return the orders of a shard, one row an order, in the order of people."""
        who, leaf = self.draw.pick(random, people.features)
        again = 1 + random.poisson(0.3, len(who))
        who, leaf = np.repeat(who, again), np.repeat(leaf, again)
        count = len(who)
        # One order in four has another item of the same person's in it.
        fresh = np.ones(count, bool)
        fresh[1:] = (who[1:] != who[:-1]) | (random.random(count - 1) > 0.25)
        first = np.flatnonzero(fresh)
        rank = _ranks(random, people.income[who])
        product = leaf * PRODUCTS_EACH + rank
        quantity = 1 + (random.random(count) < 0.12) + (random.random(count) < 0.03)

        currency = np.array([place.currency for place in world.countries])
        rate = np.array([RATES[code] for code in currency])[people.country[who]]
        price = np.array([item.price for item in self.products])[product] * rate
        price = np.where(rate > 10, np.round(price, -1), np.round(price, 2))
        total = np.round(np.add.reduceat(price * quantity, first), 2) if count else price
        buyer = who[first]
        ago = random.random(len(first)) ** 1.15 * DAYS
        moment = int(now.timestamp() * 1e6) - (ago * DAY).astype(np.int64) - 60_000_000
        return pa.table(
            {
                "person_id": people.ids[buyer],
                "occurred_at": instants(moment),
                "order_id": joined("O-", digits(people.ids[buyer], 8), "-", digits(first - first[_starts(buyer)], 3)),
                "currency": words(people.country[buyer], list(currency)),
                "total": pa.array(total),
                "items": pa.ListArray.from_arrays(
                    pa.array(np.append(first, count).astype(np.int32)), self._items(product, quantity, price)
                ),
            }
        )

    def _items(
        self, product: npt.NDArray[np.int32], quantity: npt.NDArray[np.int64], price: npt.NDArray[np.float64]
    ) -> pa.Array:
        position = pa.array(product)
        columns = {
            "sku": [item.sku for item in self.products],
            "name": [item.name for item in self.products],
            "brand": [item.brand for item in self.products],
            "browse_node": [item.node for item in self.products],
            "line": [item.line for item in self.products],
        }
        return pa.StructArray.from_arrays(
            [pa.array(values, pa.string()).take(position) for values in columns.values()]
            + [pa.array(quantity.astype(np.int32)), pa.array(price)],
            names=[*columns, "quantity", "price"],
        )

    def tables(self) -> dict[str, pa.Table]:
        """Return the browse nodes as a trait table."""
        return {"browse_nodes": node_table(self.nodes)}


def _numbered(nodes: list[Node]) -> list[Node]:
    """Give browse nodes ten-digit numbers, as shops do, instead of slugs."""
    from_slug = {node.key: str(1_000_000_000 + zlib.crc32("/".join(node.path).encode())) for node in nodes}
    if len(set(from_slug.values())) != len(nodes):
        raise ValueError("two browse nodes would have the same number")
    return [
        replace(node, key=from_slug[node.key], parent=from_slug[node.parent] if node.parent else None) for node in nodes
    ]


def _product(leaf: Node, rank: int) -> Product:
    low, high = (float(price) for price in leaf.extras[0].split("-"))
    number = zlib.crc32("/".join(leaf.path).encode())
    brand = leaf.brands[(number + rank) % len(leaf.brands)]
    # Prices climb by ratios from the cheapest to the dearest, each ending in 99.
    price = max(round(low * (high / low) ** (rank / (PRODUCTS_EACH - 1))), 1) - 0.01
    kind = leaf.path[1] if len(leaf.path) > 2 else leaf.name
    return Product(
        sku=_sku(number * PRODUCTS_EACH + rank),
        name=f"{brand} {leaf.name} {MODELS[rank]}",
        brand=brand,
        node=leaf.key,
        line=f"{slug(brand)}-{slug(kind)}" if brand in ADVERTISED else None,
        line_name=f"{brand} {kind if kind[:2].isupper() else kind.lower()}",
        price=price,
    )


def _sku(number: int) -> str:
    """Write a number as the letter D and nine signs of base 36."""
    signs = ""
    for _ in range(9):
        number, digit = divmod(number, 36)
        signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + signs
    return f"D{signs}"


def _ranks(random: np.random.Generator, income: Floats) -> npt.NDArray[np.int32]:
    """Choose how dear a product is: most take the middle, the well-off the upper shelf."""
    score = 0.42 + 0.11 * income + 0.19 * random.standard_normal(len(income), np.float32)
    return np.asarray(np.floor(score * PRODUCTS_EACH).clip(0, PRODUCTS_EACH - 1), np.int32)


def _starts(owner: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return for each row the position of the first row of the same owner; equal owners stand together."""
    if not len(owner):
        return np.zeros(0, np.int64)
    heads = np.append(True, owner[1:] != owner[:-1])
    return np.maximum.accumulate(np.where(heads, np.arange(len(owner)), 0))
