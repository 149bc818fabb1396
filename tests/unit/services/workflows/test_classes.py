"""Columns have the class that their name says, unless the operator says otherwise."""

import pytest

from houselights.base.errors import InvalidInput
from houselights.cleanroom.tables import Class
from houselights.services.workflows.classes import class_of


@pytest.mark.parametrize(
    ("column", "is_metric", "klass"),
    [
        ("user_id", False, Class.VERY_HIGH),
        ("user_id", True, Class.VERY_HIGH),
        ("customer_email", False, Class.INTERNAL),
        ("shipping_address_street", False, Class.INTERNAL),
        ("hashed_phone", False, Class.INTERNAL),
        ("client_ip", False, Class.INTERNAL),
        ("postal_code", False, Class.HIGH),
        ("home_zip", False, Class.HIGH),
        ("place_latitude", True, Class.HIGH),
        ("birth_date", False, Class.HIGH),
        ("city", False, Class.MEDIUM),
        ("audience_segment", False, Class.MEDIUM),
        ("age", True, Class.MEDIUM),
        ("commerce_order_purchase_id", False, Class.LOW),
        ("event_time_utc", False, Class.LOW),
        ("zipper_length", False, Class.LOW),
        ("commerce_order_price_total", True, Class.NONE),
        ("recipe_cost", True, Class.NONE),
    ],
)
def test_a_name_says_how_close_it_comes(column: str, is_metric: bool, klass: Class) -> None:
    assert class_of(column, is_metric=is_metric, table="t", said={}) is klass


def test_the_operator_knows_better() -> None:
    said = {"city": "NONE", "purchase.city": "high", "user_id": "NONE"}
    assert class_of("city", is_metric=False, table="view", said=said) is Class.NONE
    assert class_of("city", is_metric=False, table="purchase", said=said) is Class.HIGH
    assert class_of("user_id", is_metric=False, table="view", said=said) is Class.VERY_HIGH, "not of this"
    with pytest.raises(InvalidInput, match="no class"):
        class_of("x", is_metric=False, table="t", said={"x": "SECRET"})
