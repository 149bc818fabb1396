"""What parameters mean, counted against the people themselves; what may stand where; what is refused, and how."""

from collections.abc import Iterator
from typing import Any

import pytest

from houselights.model.rights import OUTPUTS, Rights
from houselights.rules.tree import HasTrait, Rule
from tests.apis.statsocial.conftest import Speaker, Stage

FEMALE = {"gender": {"genders": ["female"]}}
SURGEON = {"b2b": {"job_titles": [{"id": "Surgeon"}]}}
NOBODY = {"twitter_followers": {"accounts": [{"id": "no such account"}]}}
COUNTRY = {"location": {"countries": [{"id": "US"}]}}
CITY = {"location": {"cities": [{"id": "5128581", "name": "New York City", "kind": "city"}]}}


def of(*contents: Any) -> list[dict[str, Any]]:
    """Write parameters as pairs of an operation and a content."""
    return [
        {"operation": operation, **content} for operation, content in zip(contents[::2], contents[1::2], strict=True)
    ]


def counted(stage: Stage, rule: Rule) -> int:
    return int(stage.house.insights.size(stage.operator, rule).exact or 0)


def trait(stage: Stage, facet: str, *keys: str) -> int:
    return counted(stage, HasTrait(facet, keys))


def some(stage: Stage, facet: str, at: int = 0) -> Any:
    return stage.house.discovery.catalogue(stage.operator).of(facet)[at]


# ── meanings ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.covers("affinity-parameter")
def test_affinities_are_any_of_them_and_categories_hold_what_is_below(client: Speaker, stage: Stage) -> None:
    tree = client.told("GET", "/affinities?query=soccer")
    sports = tree[3]["children"][0]
    soccer = sports["children"][0]
    leaf = client.size(*of("OR", {"affinities": {"affinities": [{"id": soccer["id"]}]}}))
    whole = client.size(*of("OR", {"affinities": {"affinities": [{"id": sports["id"]}]}}))
    assert 0 < leaf < whole
    assert leaf == trait(stage, "affinity", soccer["id"])
    assert whole == client.size(*of("OR", {"affinities": {"affinities": [{"id": sports["id"]}, {"id": soccer["id"]}]}}))


@pytest.mark.covers("b2b")
def test_jobs_are_filtered_by_their_followers(client: Speaker, stage: Stage) -> None:
    title = some(stage, "job_title", 3)
    people, followers = trait(stage, "job_title", title.key), title.attributes["followers_count"]
    assert people > 0
    for direction, count, passes in (
        ("<", followers, False), ("<", followers + 1, True), ("<=", followers, True), ("<=", followers - 1, False),
        (">", followers, False), (">", followers - 1, True), (">=", followers, True), (">=", followers + 1, False),
    ):  # fmt: skip
        content = {"job_titles": [{"id": title.key}], "filter": {"count": count, "direction": direction}}
        assert client.size(*of("OR", {"b2b": content})) == (people if passes else 0)
    employer = some(stage, "employer")
    both = {"b2b": {"employer_names": [{"id": employer.key, "screen_name": "whatever"}, {"id": "Nowhere Ltd"}]}}
    assert client.size(*of("OR", both)) == trait(stage, "employer", employer.key)
    assert client.size(*of("OR", {"b2b": {"job_titles": [{"id": "SURGEON"}]}})) == trait(stage, "job_title", "Surgeon")


@pytest.mark.covers("demographics")
def test_demographics_divide_everybody(client: Speaker, stage: Stage) -> None:
    everybody = stage.house.snapshots.current(stage.workspace.id).generation.people
    ranges = ["18-24", "25-34", "35-44", "45-54", "over 54", "unknown"]
    assert sum(client.size(*of("OR", {"age": {"ranges": [each]}})) for each in ranges) == everybody
    assert client.size(*of("OR", {"age": {"ranges": ranges}})) == everybody
    genders = ["male", "female", "unknown"]
    assert sum(client.size(*of("OR", {"gender": {"genders": [each]}})) for each in genders) == everybody
    words = ["asian", "black", "hispanic", "native", "white", "unknown"]
    all_ages = ("OR", {"age": {"ranges": ranges}})
    assert (
        sum(client.size(*of(*all_ages, "AND", {"ethnicity": {"ethnicities": [each]}})) for each in words) == everybody
    )


@pytest.mark.covers("personality-parameter")
def test_terms_of_personality_are_any_of_them(client: Speaker, stage: Stage) -> None:
    asked = {"personality": {"personalities": ["Challenge", "achievement striving"]}}
    assert client.size(*of("OR", asked)) == trait(stage, "personality", "challenge", "achievement-striving")


@pytest.mark.covers("location")
def test_places_of_all_kinds_are_one_union(client: Speaker, stage: Stage) -> None:
    area, region, city = some(stage, "market_area"), some(stage, "region"), some(stage, "city", 7)
    asked = {"dmas": [{"id": area.key}], "regions": [{"id": region.key}], "cities": [{"id": int(city.key)}]}
    parts = [{"location": {name: items}} for name, items in asked.items()]
    together = client.size(*of("OR", {"location": asked}))
    assert together == client.size(*of("OR", parts[0], "OR", parts[1], "OR", parts[2]))
    assert together > 0


@pytest.mark.covers("same-named")
def test_cities_of_one_name_stay_apart(client: Speaker, stage: Stage) -> None:
    places = client.told("GET", "/location/cities?query=springfield")["data"]
    same = [place for place in places if place["name"] == "Springfield"]
    assert len(same) > 1
    assert len({place["id"] for place in same}) == len(same)
    assert len({(place["region"], place["country"]) for place in same}) == len(same)
    sizes = [client.size(*of("OR", {"location": {"cities": [place]}})) for place in same]
    assert sizes == [trait(stage, "city", place["id"]) for place in same]
    assert client.size(*of("OR", {"location": {"cities": same}})) == sum(sizes)
    by_name = {"location": {"cities": [{"id": "1", "name": "Springfield"}]}}
    built = client.audience(*of("OR", by_name))
    assert built["size"] == 0
    assert f"{len(same)} have its name" in built["notes"][0]
    assert client.audience(*of("OR", {"location": {"cities": [{"id": "1", "name": "new york CITY"}]}}))["size"] > 0


def followed(stage: Stage, platform: str, count: int) -> list[Any]:
    """The accounts of a platform that most people follow."""
    traits = stage.house.discovery.catalogue(stage.operator).of(f"follows_{platform}")
    return sorted(traits, key=lambda each: -int(each.attributes["followers"]))[:count]


def followers(stage: Stage, platform: str, account: str) -> set[int]:
    snapshot = stage.house.snapshots.current(stage.workspace.id)
    rule = HasTrait(f"follows_{platform}", (account,))
    return set(snapshot.evaluate(rule, stage.house.audiences.resolve(stage.workspace)).ids().tolist())


@pytest.mark.covers("follows")
@pytest.mark.parametrize(("kind", "platform"), [("twitter_followers", "twitter"), ("youtube_channels", "youtube")])
def test_followers_of_at_least_so_many_are_exact(client: Speaker, stage: Stage, kind: str, platform: str) -> None:
    accounts = followed(stage, platform, 10)
    people = [person for each in accounts for person in followers(stage, platform, each.key)]
    times = {person: people.count(person) for person in set(people)}
    asked = [
        {"id": each.key} if at % 2 else {"screen_name": f"@{each.attributes['screen_name'].upper()}"}
        for at, each in enumerate(accounts)
    ]
    for cutoff in range(1, 11):
        expected = sum(count >= cutoff for count in times.values())
        spelling = "cutoff" if cutoff % 2 else "cut_off"
        assert client.size(*of("OR", {kind: {"accounts": asked, spelling: cutoff}})) == expected
    twice = {
        kind: {
            "accounts": [{"id": accounts[0].key}, {"screen_name": accounts[0].attributes["screen_name"]}],
            "cutoff": 2,
        }
    }
    assert client.size(*of("OR", twice)) == 0


@pytest.mark.parametrize("kind", ["twitch_followers", "instagram_engagers", "tiktok_engagers"])
def test_others_follow_any(client: Speaker, stage: Stage, kind: str) -> None:
    platform = kind.split("_")[0]
    first, second = followed(stage, platform, 2)
    asked = {kind: {"accounts": [{"id": first.key}, {"screen_name": second.attributes["screen_name"]}]}}
    expected = followers(stage, platform, first.key) | followers(stage, platform, second.key)
    assert client.size(*of("OR", asked)) == len(expected) > 0


@pytest.mark.covers("last-tweeted")
def test_the_later_the_last_post_must_be_the_fewer_there_are(client: Speaker, stage: Stage) -> None:
    accounts = [{"id": each.key} for each in followed(stage, "twitter", 10)]
    sizes = [
        client.size(*of("OR", {"twitter_followers": {"accounts": accounts, "last_tweeted": days}}))
        for days in (0, 1, 7, 30, 60, 90, 180, 365)
    ]
    assert sizes == sorted(sizes)
    assert 0 < sizes[0] < sizes[3] < client.size(*of("OR", {"twitter_followers": {"accounts": accounts}}))


@pytest.mark.covers("searches")
def test_searches_find_words_whatever_their_case_and_accents(client: Speaker, stage: Stage) -> None:
    marked = {"search_in_twitter": True, "search_in_youtube": True, "search_in_instagram": True}
    plain = client.size(*of("OR", {"bio_search": {**marked, "phrases": ["golang"]}}))
    assert plain == client.size(*of("OR", {"bio_search": {**marked, "phrases": ["GOLÂNG"]}})) > 0
    one = client.size(*of("OR", {"bio_search": {"search_in_twitter": True, "phrases": ["golang"]}}))
    assert 0 < one < plain
    posts = client.size(*of("OR", {"tweet_search": {"phrases": ["golang", "#golang"]}}))
    assert posts == client.size(*of("OR", {"tweet_search": {"phrases": ["#Golang"]}})) > 0


# ── order of evaluation ─────────────────────────────────────────────────────────────────────────────────────────────


def permutations(stage: Stage) -> Iterator[list[dict[str, Any]]]:
    parts = of("OR", {"affinities": {"affinities": [{"id": some(stage, "affinity", 30).key}]}}, "AND", FEMALE,
               "OR", {"personality": {"personalities": ["love", "trust"]}}, "NOT", COUNTRY,
               "AND", {"age": {"ranges": ["25-34", "35-44"]}})  # fmt: skip
    yield parts
    yield [parts[2], parts[3], parts[4], parts[0], parts[1]]
    yield [parts[0], parts[4], parts[3], parts[1], parts[2]]


@pytest.mark.covers("order")
def test_the_order_of_parameters_does_not_matter(client: Speaker, stage: Stage) -> None:
    built = [client.audience(*parameters) for parameters in permutations(stage)]
    people = [set(stage.house.builds.people(stage.house.control.builds.get(stage.workspace.id, each["id"])).tolist())
              for each in built]  # fmt: skip
    assert people[0] == people[1] == people[2]

    def having(facet: str, *keys: str) -> set[int]:
        snapshot = stage.house.snapshots.current(stage.workspace.id)
        return set(
            snapshot.evaluate(HasTrait(facet, keys), stage.house.audiences.resolve(stage.workspace)).ids().tolist()
        )

    ages = [band.key for band in stage.house.discovery.catalogue(stage.operator).of("age") if band.low in (25, 35)]
    union = having("affinity", some(stage, "affinity", 30).key) | having("personality", "love", "trust")
    expected = (union & having("gender", "female") & having("age", *ages)) - having("country", "US")
    assert people[0] == expected
    assert expected


@pytest.mark.covers("explain")
def test_explain_shows_the_order_and_the_count_after_each_step(client: Speaker, stage: Stage) -> None:
    built = client.audience(*next(permutations(stage)))
    told = client.told("GET", f"/audiences/{built['id']}/explain")
    assert told["order"].startswith("union of every OR")
    steps = told["steps"]
    assert [(each["parameter"], each["operation"]) for each in steps] == [
        (0, "OR"), (2, "OR"), (1, "AND"), (4, "AND"), (3, "NOT"), (None, "NOT"),
    ]  # fmt: skip
    after = [each["people_after"]["exact"] for each in steps]
    assert after[0] <= after[1] >= after[2] >= after[3] >= after[4] == built["size"] == told["people"]["exact"]
    assert "Female" in steps[2]["means"]
    assert steps[0]["people"]["exact"] == after[0]


# ── what may stand where ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.covers("rules")
@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        (of("AND", FEMALE), "parameters[0].operation"),
        (of("NOT", SURGEON), "parameters[0].operation"),
        (of("OR", {"ethnicity": {"ethnicities": ["asian"]}}), "parameters[0]"),
        (of("AND", {"ethnicity": {"ethnicities": ["asian"]}}), "parameters[0]"),
        (of("OR", SURGEON, "OR", {"ethnicity": {"ethnicities": ["asian"]}}), "parameters[1].operation"),
        (of("OR", SURGEON, "OR", FEMALE), "parameters[1].operation"),
        (of("OR", SURGEON, "OR", {"age": {"ranges": ["18-24"]}}), "parameters[1].operation"),
        (of("OR", COUNTRY), "parameters[0].location.countries"),
        (of("OR", {"location": CITY["location"] | COUNTRY["location"]}), "parameters[0].location.countries"),
        (of("XOR", SURGEON), "parameters[0].operation"),
        ([{"gender": {"genders": ["female"]}}], "parameters[0].operation"),
        (of("OR", {}), "parameters[0]"),
        (of("OR", FEMALE | SURGEON), "parameters[0]"),
        (of("OR", {"genders": {"genders": ["female"]}}), "parameters[0]"),
        (of("OR", {"gender": {"genders": ["men"]}}), "parameters[0].gender.genders[0]"),
        (of("OR", {"age": {"ranges": ["18-25"]}}), "parameters[0].age.ranges[0]"),
        (of("OR", {"age": {"ranges": []}}), "parameters[0].age.ranges"),
        (of("OR", SURGEON, "AND", {"ethnicity": {"ethnicities": ["martian"]}}),
         "parameters[1].ethnicity.ethnicities[0]"),
        (of("OR", {"personality": {"personalities": ["curiousity"]}}), "parameters[0].personality.personalities[0]"),
        (of("OR", {"b2b": {}}), "parameters[0].b2b"),
        (of("OR", {"b2b": {"job_titles": [{"id": "a"}], "employer_names": [{"id": "b"}]}}), "parameters[0].b2b"),
        (of("OR", {"b2b": {"job_titles": [{"screen_name": "a"}]}}), "parameters[0].b2b.job_titles[0].id"),
        (of("OR", {"b2b": {"job_titles": [{"id": "a"}], "filter": {"count": 1, "direction": "="}}}),
         "parameters[0].b2b.filter.direction"),
        (of("OR", {"affinities": {"affinities": [{"id": ".brands."}]}}), "parameters[0].affinities.affinities[0].id"),
        (of("OR", {"location": {}}), "parameters[0].location"),
        (of("OR", {"location": {"cities": [{"name": "New York City"}]}}), "parameters[0].location.cities[0]"),
        (of("OR", {"location": {"dmas": [{"id": "501", "kind": "city"}]}}), "parameters[0].location.dmas[0].kind"),
        (of("OR", {"upload": {"keys": ["/x"], "type": "ssid"}}), "parameters[0].upload.type"),
        (of("OR", {"twitter_followers": {"accounts": [{"id": "1"}], "cutoff": 11}}),
         "parameters[0].twitter_followers.cutoff"),
        (of("OR", {"youtube_channels": {"accounts": [{"id": "1"}], "cutoff": 0}}),
         "parameters[0].youtube_channels.cutoff"),
        (of("OR", {"twitch_followers": {"accounts": [{"id": "1"}], "cutoff": 2}}),
         "parameters[0].twitch_followers.cutoff"),
        (of("OR", {"tiktok_engagers": {"accounts": [{"id": "1"}], "cutoff": 2}}),
         "parameters[0].tiktok_engagers.cutoff"),
        (of("OR", {"instagram_engagers": {"accounts": [{"id": "1"}], "cutoff": 2}}),
         "parameters[0].instagram_engagers.cutoff"),
        (of("OR", {"youtube_channels": {"accounts": [{"id": "1"}], "last_tweeted": 7}}),
         "parameters[0].youtube_channels.last_tweeted"),
        (of("OR", {"twitter_followers": {"accounts": [{"id": "1"}], "last_tweeted": 8}}),
         "parameters[0].twitter_followers.last_tweeted"),
        (of("OR", {"twitter_followers": {"accounts": [{"name": "1"}]}}),
         "parameters[0].twitter_followers.accounts[0]"),
        (of("OR", {"bio_search": {"phrases": ["x"]}}), "parameters[0].bio_search"),
        (of("OR", {"bio_search": {"phrases": ["!"], "search_in_twitter": True}}),
         "parameters[0].bio_search.phrases[0]"),
        (of("OR", {"tweet_search": {"phrases": []}}), "parameters[0].tweet_search.phrases"),
        ([], "parameters"),
    ],
)  # fmt: skip
def test_what_cannot_stand_there_is_refused_with_its_place(client: Speaker, parameters: Any, field: str) -> None:
    error = client.refused("POST", "/audiences", {"audience": {"name": "x"}, "parameters": parameters})
    assert error["code"] == "INVALID_PARAMETERS"
    assert field in [each.get("field") for each in error["errors"]]


def test_every_fault_is_told_at_once(client: Speaker) -> None:
    parameters = of("OR", SURGEON, "OR", FEMALE, "OR", {"ethnicity": {"ethnicities": ["asian"]}})
    error = client.refused("POST", "/audiences", {"audience": {"name": "x"}, "parameters": parameters})
    assert [each["field"] for each in error["errors"]] == ["parameters[1].operation", "parameters[2].operation"]
    near = client.refused("POST", "/audiences", {"audience": {"name": "x"}, "parameters": of("OR", {"gendr": {}})})
    assert 'did you mean "gender"?' in near["message"]


@pytest.mark.covers("strict")
def test_words_are_kept_where_the_operator_wants_it(client: Speaker, strict: Speaker) -> None:
    documented = of("OR", CITY, "OR", COUNTRY)
    assert client.size(*documented) > 0
    error = strict.refused("POST", "/audiences", {"audience": {"name": "x"}, "parameters": documented})
    assert error["errors"][0]["field"] == "parameters[1].operation"
    for content, field in (
        ({"location": {"cities": [{"id": "1", "name": "West New York"}]}}, "location.cities[0].id"),
        ({"affinities": {"affinities": [{"id": "a0"}]}}, "affinities.affinities[0].id"),
        ({"b2b": {"employer_names": [{"id": "Nowhere Ltd"}]}}, "b2b.employer_names[0].id"),
        (
            {"upload": {"keys": ["/uploads/2022-11-02/078ace94fad569f01d1a3a99a440cf5c.ssid"], "type": "ss_id"}},
            "upload.keys[0]",
        ),
    ):
        error = strict.refused("POST", "/audiences", {"audience": {"name": "x"}, "parameters": of("OR", content)})
        assert error["errors"][0]["field"] == f"parameters[0].{field}"
        built = client.audience(*of("OR", content))
        assert built["status"] == "completed"
        assert built["notes"]
    # An account is named from memory: nobody follows one that is not known, and that is no fault even here.
    assert strict.size(*of("OR", NOBODY)) == 0


@pytest.mark.covers("permissions")
@pytest.mark.parametrize("content", [FEMALE, {"age": {"ranges": ["18-24"]}}, CITY])
def test_demographics_come_first_with_a_permission(stage: Stage, content: dict[str, Any]) -> None:
    client = stage.speaker()
    assert client.size(*of("OR", content)) > 0
    stage.house.rights.put(stage.operator, client.number, Rights(demographics_first=False))
    error = client.refused(
        "POST", "/audiences", {"audience": {"name": "x"}, "parameters": of("OR", content)}, status=403
    )
    assert error["code"] == "NOT_ALLOWED"
    assert error["errors"][0]["field"] == "parameters[0]"
    assert client.audience(*of("OR", SURGEON, "AND", content))["status"] == "completed"


@pytest.mark.parametrize(
    ("rights", "asked", "given"),
    [
        (Rights(), None, list(OUTPUTS)),
        (Rights(), ["md5"], ["ss_id", "md5"]),
        (Rights(), [], ["ss_id"]),
        (Rights(generate=frozenset({"md5"})), None, ["ss_id", "md5"]),
        (Rights(generate=frozenset({"md5"})), ["md5", "cint_id"], ["outputs[1]"]),
        (Rights(choose_outputs=False, generate=frozenset({"md5", "ma_id"})), ["cint_id"], ["ss_id", "md5", "ma_id"]),
        (Rights(choose_outputs=False), ["nonsense"], list(OUTPUTS)),
        (Rights(view=frozenset({"md5"})), ["md5", "cint_id"], ["md5"]),
    ],
)  # fmt: skip
def test_outputs_are_chosen_as_the_rights_say(stage: Stage, rights: Rights, asked: Any, given: list[str]) -> None:
    client = stage.speaker()
    stage.house.rights.put(stage.operator, client.number, rights)
    body = {"audience": {"name": "x"}, "parameters": of("OR", SURGEON)} | ({} if asked is None else {"outputs": asked})
    if given[0].startswith("outputs"):
        error = client.refused("POST", "/audiences", body, status=403)
        assert [each["field"] for each in error["errors"]] == given
        return
    assert [each["type"] for each in client.built(body)["outputs"]] == given
    if rights.choose_outputs:
        assert client.refused("POST", "/audiences", {**body, "outputs": ["md6"]})["errors"][0]["field"] == "outputs[0]"
