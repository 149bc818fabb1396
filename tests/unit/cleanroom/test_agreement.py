"""Reports agree with a plain model that counts people in sets, over random rows, thresholds and behaviours."""

from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from houselights.cleanroom.question import Privacy
from houselights.cleanroom.tables import Class
from tests.unit.cleanroom.asking import USER, ask, column, table

COLUMNS = [USER, column("device", klass=Class.LOW), column("city", klass=Class.MEDIUM), column("n", "LONG")]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.one_of(st.none(), st.integers(0, 9)),
            "device": st.sampled_from(["tv", "phone", None]),
            "city": st.sampled_from(["Ulm", "Bonn"]),
            "n": st.integers(0, 2),
        }
    ),
    max_size=40,
)
Row = dict[str, Any]


def enough(rows: list[Row], needed: int) -> bool:
    """Whether so many people are behind the rows, and behind those that add something to the sum, if any do."""
    adding = [row for row in rows if row["n"]]
    counted = [{row["user_id"] for row in some} - {None} for some in (rows, adding) if some]
    return bool(rows) and min(map(len, counted)) >= needed


def total(rows: list[Row]) -> int:
    return sum(row["n"] for row in rows)


def model(rows: list[Row], needed: dict[str, int], values: bool) -> list[tuple[Any, ...]]:
    groups = defaultdict(list)
    for row in rows:
        groups[row["device"], row["city"]].append(row)
    if not values:
        most = max(needed.values())
        return [(device, city, total(each)) for (device, city), each in groups.items() if enough(each, most)]
    merged = defaultdict(list)
    for (device, city), each in groups.items():
        keeps = (enough(each, needed["device"]), enough(each, needed["city"]))
        merged[device if keeps[0] else None, city if keeps[1] else None, keeps].extend(each)
    return [
        (device, city, total(each), keeps != (True, True))
        for (device, city, keeps), each in merged.items()
        if enough(each, 1 if keeps == (True, True) else needed["device"])
    ]


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: [(cell is None, str(cell)) for cell in row])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, low=st.integers(1, 3), medium=st.integers(1, 6), values=st.booleans(), nested=st.booleans())
def test_a_report_is_what_the_model_says(rows: list[Row], low: int, medium: int, values: bool, nested: bool) -> None:
    thresholds = {Class.NONE: 1, Class.LOW: low, Class.MEDIUM: max(low, medium), Class.HIGH: 100}
    privacy = Privacy(thresholds=thresholds, discriminator="filtered" if values else None)
    data = table("t", COLUMNS, rows)
    source = "(SELECT device, city, user_id, SUM(n) AS n FROM t GROUP BY device, city, user_id) u" if nested else "t"
    found = ask(f"SELECT device, city, SUM(n) AS n FROM {source} GROUP BY device, city", data, privacy=privacy)
    assert in_order(found) == in_order(model(rows, {"device": low, "city": max(low, medium)}, values))
