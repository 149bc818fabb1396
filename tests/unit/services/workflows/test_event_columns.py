"""Nested attributes become columns with readable names, each with a type of the dialect."""

import pyarrow as pa
import pytest

from houselights.services.workflows.event_columns import attributes, lists_of_objects, snake

ITEM = pa.struct([("SKU", pa.string()), ("priceTotal", pa.float64()), ("more", pa.struct([("colour", pa.string())]))])
ORDER = pa.struct([("purchaseID", pa.string()), ("priceTotal", pa.float64()), ("at", pa.timestamp("us", tz="UTC"))])
FIELDS = {
    "commerce": pa.struct([("order", ORDER), ("lines", pa.list_(ITEM))]),
    "genres": pa.list_(pa.string()),
    "minutes": pa.int64(),
    "isKids": pa.bool_(),
    "tags": pa.map_(pa.string(), pa.string()),
    "scores": pa.list_(pa.float64()),
}


def test_single_values_are_flattened_and_the_rest_is_left_out() -> None:
    found = attributes(FIELDS)
    assert [(each.name, each.type, each.is_metric) for each in found] == [
        ("commerce_order_purchase_id", "STRING", False),
        ("commerce_order_price_total", "DOUBLE", True),
        ("commerce_order_at", "TIMESTAMP", False),
        ("genres", "ARRAY<STRING>", False),
        ("minutes", "LONG", True),
        ("is_kids", "BOOLEAN", False),
    ]
    assert found[1].path == ("commerce", "order", "priceTotal")


def test_lists_of_objects_are_tables_of_their_own() -> None:
    ((path, inner),) = lists_of_objects(FIELDS)
    assert path == ("commerce", "lines")
    assert [each.name for each in attributes(inner)] == ["sku", "price_total", "more_colour"]


def test_numbers_that_name_things_are_not_added_up() -> None:
    found = attributes({"orderId": pa.int64(), "zip": pa.int64(), "year": pa.int64(), "quantity": pa.int64()})
    assert [each.is_metric for each in found] == [False, False, False, True]


def test_two_ways_to_one_name_are_told_apart() -> None:
    fields = {"order": pa.struct([("id", pa.string())]), "order_id": pa.string(), "orderId": pa.string()}
    assert [each.name for each in attributes(fields)] == ["order_id", "order_id_2", "order_id_3"]


def test_names_that_every_event_has_are_reserved() -> None:
    assert [each.name for each in attributes({"userId": pa.string()}, {"user_id"})] == ["user_id_2"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("purchaseID",), "purchase_id"),
        (("SKUCode",), "sku_code"),
        (("_acme", "Größe (cm)"), "acme_gr_e_cm"),
        (("3rd",), "c_3rd"),
        (("价格",), "value"),
        (("commerce.purchases",), "commerce_purchases"),
    ],
)
def test_names_are_plain_words(path: tuple[str, ...], name: str) -> None:
    assert snake(path) == name
