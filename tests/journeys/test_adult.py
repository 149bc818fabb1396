"""48,842 real people: every insight of three audiences, worked out again in plain pandas from the raw columns."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.model.insight import Insight
from houselights.rules.json_form import from_json
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.imports.parts import Parts
from houselights.services.imports.run import run_import

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "adult"
AGES = {"up-to-17": (0, 17), "18-24": (18, 24), "25-34": (25, 34), "35-44": (35, 44), "45-54": (45, 54),
        "55-64": (55, 64), "65+": (65, 200)}  # fmt: skip
GRADUATES = ["Bachelors", "Masters", "Prof-school", "Doctorate"]
EDUCATION = {
    "high_school": ["HS-grad"], "some_college": ["Some-college", "Assoc-voc", "Assoc-acdm"],
    "bachelors_degree": ["Bachelors"], "graduate_degree": ["Masters", "Prof-school", "Doctorate"],
}  # fmt: skip
Z = 1.959963984540054


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = build_house(Settings(data=tmp_path_factory.mktemp("adult")))
    parts = Parts(settings=house.settings, control=house.control, lake=house.lake, clock=house.clock)
    run = run_import(parts, EXAMPLE / "population.yaml")
    assert (run.people, run.rows_rejected) == (48_842, 0)
    yield house
    house.control.close()


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """The raw columns, with a key for each facet worked out by hand."""
    raw = pd.read_parquet(EXAMPLE / "adult.parquet").replace("?", None)
    countries = yaml.safe_load((EXAMPLE / "population.yaml").read_text())["people"][0]["facets"]["country"]["values"]
    told = {school: key for key, schools in EDUCATION.items() for school in schools}
    facets = pd.DataFrame(
        {
            "age": raw["age"].map(lambda age: next(key for key, (low, high) in AGES.items() if low <= age <= high)),
            "gender": raw["gender"].str.lower(),
            "race": raw["race"],
            "education": raw["education"].map(lambda school: told.get(school, "no_high_school")),
            "occupation": raw["occupation"],
            "marital_status": raw["marital-status"],
            "country": raw["native-country"].map(countries, na_action="ignore"),
            "income": raw["income"].map({"<=50K": "up-to-50000", ">50K": "50001+"}),
        }
    )
    return raw.join(facets.add_prefix("facet_"))


def members(name: str, people: pd.DataFrame) -> "pd.Series[bool]":
    """Who is in an audience, by the raw columns."""
    born_abroad = (people["native-country"] != "United-States").fillna(True)
    jobs = ["Adm-clerical", "Other-service", "Prof-specialty", "Exec-managerial", "Sales"]
    found: dict[str, Any] = {
        "Graduates under 35": (people["age"] < 35) & people["education"].isin(GRADUATES),
        "Working women abroad born": (people["gender"] == "Female") & born_abroad & people["occupation"].isin(jobs),
        "High earners": people["income"] == ">50K",
    }
    return found[name]


def wilson(hits: int, trials: int) -> tuple[float, float]:
    share, weight = hits / trials, Z * Z / trials
    centre = (share + weight / 2) / (1 + weight)
    reach = math.sqrt(weight * share * (1 - share) + weight * weight / 4) / (1 + weight)
    return max(0.0, min(centre - reach, share)), min(1.0, max(centre + reach, share))


def z_score(both: int, audience: int, subject: int, everyone: int) -> float | None:
    rest, others = subject - both, everyone - audience
    pooled = subject / everyone
    spread = math.sqrt(pooled * (1 - pooled) * (1 / audience + 1 / others))
    return (both / audience - rest / others) / spread if spread else None


AUDIENCES = ("Graduates under 35", "Working women abroad born", "High earners")


@pytest.mark.parametrize("known_only", [False, True], ids=["of all", "of those known"])
@pytest.mark.parametrize(
    "facet", ["age", "gender", "race", "education", "occupation", "marital_status", "country", "income"]
)
@pytest.mark.parametrize("name", AUDIENCES)
def test_every_insight_is_what_pandas_says(
    house: House, people: pd.DataFrame, name: str, facet: str, known_only: bool
) -> None:
    workspace = house.control.workspaces.by_name("adult")
    assert workspace is not None
    caller = Caller.local(workspace)
    audience = house.audiences.named(caller, name)
    inside = members(name, people)
    assert house.insights.size(caller, from_json(audience.rule)).exact == int(inside.sum())
    answer = house.insights.traits(caller, from_json(audience.rule), facets=[facet], known_only=known_only)
    keys = people[f"facet_{facet}"]
    catalogue = house.snapshots.current(workspace.id).catalogue
    rows = {catalogue.traits[row.subject_id].key: row for row in answer.rows}
    assert set(rows) == set(keys.dropna())
    assert answer.audience == int(inside.sum())
    assert answer.coverage == pytest.approx(keys[inside].notna().mean())
    universe = int(keys.notna().sum()) if known_only else len(people)
    size = int(keys[inside].notna().sum()) if known_only else int(inside.sum())
    for key, row in rows.items():
        check_row(row, int((keys[inside] == key).sum()), int((keys == key).sum()), size, int(inside.sum()), universe)
    check_adjusted(list(rows.values()))


def check_row(row: Insight, both: int, subject: int, size: int, whole: int, universe: int) -> None:
    assert (row.both, row.subject) == (both, subject)
    assert row.overlap == pytest.approx(both / size)
    assert (row.overlap_low, row.overlap_high) == pytest.approx(wilson(both, size))
    assert row.universe_share == pytest.approx(subject / universe)
    assert row.affinity == pytest.approx((both / size) / (subject / universe))
    assert row.share_of_subject == pytest.approx(both / subject)
    assert row.jaccard == pytest.approx(both / (whole + subject - both))
    assert row.z == pytest.approx(z_score(both, size, subject, universe))
    assert row.affinity_low is not None
    assert row.affinity_high is not None
    assert row.affinity_low <= row.affinity <= row.affinity_high


def check_adjusted(rows: list[Insight]) -> None:
    """Benjamini and Hochberg over the list, written out."""
    p = {row.subject_id: math.erfc(abs(row.z) / math.sqrt(2)) for row in rows if row.z is not None}
    ranked = sorted(p, key=lambda subject: p[subject])
    q, least = {}, 1.0
    for place in range(len(ranked), 0, -1):
        least = min(least, p[ranked[place - 1]] * len(ranked) / place)
        q[ranked[place - 1]] = least
    for row in rows:
        assert row.q == (pytest.approx(q[row.subject_id], abs=1e-12) if row.subject_id in q else None)


def test_profiles_hold_the_raw_columns(house: House, people: pd.DataFrame) -> None:
    workspace = house.control.workspaces.by_name("adult")
    assert workspace is not None
    generation = house.control.generations.current(workspace.id)
    assert generation is not None
    lake = house.lake.dataset(workspace.id, "people", generation.tables["people"]).to_table().to_pylist()
    found = pd.DataFrame(lake).sort_values("person_id").reset_index(drop=True)
    assert found["key"].tolist() == [str(number) for number in range(1, len(people) + 1)]
    assert [row["hoursPerWeek"] for row in found["work"]] == people["hours-per-week"].tolist()
    assert sum(row["occupation"] is None for row in found["work"]) == int(people["occupation"].isna().sum())
