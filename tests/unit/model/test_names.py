"""Searching names finds and orders as an obvious search over all of them does."""

from hypothesis import given
from hypothesis import strategies as st

from houselights.base.text import fold
from houselights.model.catalogue import Catalogue, Facet, Trait

SYLLABLES = ("san", "São ", "ville", "Paul", "lé", "Ö", "o ", "new ", "-", "’s", "東京", "1", "")
names = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=4).map("".join)


def place(number: int, name: str, population: object = None) -> Trait:
    attributes = {} if population is None else {"population": population}
    return Trait(id=number, facet="city", key=str(number), name=name, attributes=attributes)


def catalogue(*traits: Trait) -> Catalogue:
    return Catalogue([Facet(key="city", name="City"), Facet(key="river", name="River")], traits)


def found(traits: Catalogue, words: str) -> list[str]:
    return [each.name for each in traits.search(words, facet="city")]


def fit(name: str, words: list[str]) -> int:
    """How well a folded name fits, 0 best; 4 when it does not."""
    whole = " ".join(words)
    if name.strip() == whole:
        return 0
    if name.strip().startswith(whole):
        return 1
    if all(any(each.startswith(word) for each in name.split()) for word in words):
        return 2
    return 3 if all(word in name for word in words) else 4


@given(st.lists(st.tuples(names, st.sampled_from((None, 1, 5, 5.5, True, "7"))), max_size=12), names)
def test_it_finds_in_the_order_of_an_obvious_search(given_names: list[tuple[str, object]], asked: str) -> None:
    traits = [place(number, *each) for number, each in enumerate(given_names)]
    words = fold(asked).split()

    def size(trait: Trait) -> float:
        held = trait.attributes.get("population")
        return held if isinstance(held, int | float) and held is not True else 0

    def order(trait: Trait) -> tuple[float, ...]:
        return fit(fold(trait.name), words) if words else 0, -size(trait), len(trait.name), trait.id

    wanted = [each for each in traits if (fit(fold(each.name), words) < 4 if words else not asked.strip())]
    hits = catalogue(*traits).search(asked, facet="city")
    assert list(hits) == sorted(wanted, key=order)
    assert (hits[1:3], len(hits)) == (list(hits)[1:3], len(wanted))


def test_case_and_accents_do_not_matter_and_the_best_comes_first() -> None:
    cities = catalogue(
        place(0, "Osao Paulo", 9), place(1, "Grand São Paulo", 2), place(2, "Sao Paulo de Olivença", 3),
        place(3, "SÃO PAULO", 1), place(4, "Paulosao", 100), place(5, "Sao Paulo do Potengi", 30),
    )  # fmt: skip
    assert found(cities, "sao paulo") == [
        "SÃO PAULO", "Sao Paulo do Potengi", "Sao Paulo de Olivença", "Grand São Paulo", "Paulosao", "Osao Paulo",
    ]  # fmt: skip


def test_places_of_one_name_stay_apart_largest_first() -> None:
    cities = catalogue(place(0, "Springfield", 60_000), place(1, "Springfield", 170_000), place(2, "Springfield"))
    assert [each.id for each in cities.search("springfield", facet="city")] == [1, 0, 2]


def test_one_facet_or_all() -> None:
    cities = catalogue(place(0, "Po"), Trait(id=1, facet="river", key="po", name="Po"))
    assert [each.id for each in cities.search("po")] == [0, 1]
    assert [each.id for each in cities.search("po", facet="river")] == [1]
    assert list(cities.search("po", facet="sea")) == []
    assert list(cities.search("!?")) == []


def test_accounts_are_found_by_id_or_screen_name() -> None:
    def account(number: int, facet: str, key: str, screen_name: str) -> Trait:
        return Trait(id=number, facet=facet, key=key, name=key, attributes={"screen_name": screen_name})

    facets = [Facet(key=f"follows_{each}", name=each, role="follows") for each in ("chirp", "video_hub")]
    whole = Catalogue(
        facets,
        [account(0, "follows_chirp", "1", "Harbour"), account(1, "follows_chirp", "2", "@Vela"),
         account(2, "follows_chirp", "3", "vela"), account(3, "follows_video_hub", "1", "harbour")],
    )  # fmt: skip

    def known(platform: str, account_id: str | None, screen_name: str | None = None) -> int | None:
        trait = whole.account(platform, account_id, screen_name)
        return None if trait is None else trait.id

    assert known("Chirp", "1") == known("chirp", None, "@harbour") == known("chirp", "77", " HARBOUR ") == 0
    assert known("chirp", None, "VELA") == 1  # of two with one name the first
    assert known("chirp", "3", "harbour") == 2  # the id counts for more
    assert known("Video Hub", None, "Harbour") == 3
    assert known("chirp", "77") is known("chirp", None) is known("elsewhere", "1", "harbour") is None
