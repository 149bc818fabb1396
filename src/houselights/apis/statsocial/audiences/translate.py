"""From parameters to rules. What means nobody is noted, with its place; strictly, ids that do not exist are refused.

An account that is not known here is one that nobody follows: that is an empty set and never an error, since accounts
are named from memory and not looked up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import ge, gt, le, lt

from houselights.apis.statsocial.audiences import schemas
from houselights.apis.statsocial.audiences.bands import any_of, of_ages, of_words, union
from houselights.apis.statsocial.audiences.plan import Part, Plan
from houselights.apis.statsocial.audiences.uploads import uploaded
from houselights.apis.statsocial.errors import Fault, Rejected
from houselights.apis.statsocial.lookups.tree import can_add
from houselights.apis.statsocial.vocabulary import PLACES, ROOTS, TERMS, Book, book_of
from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.base.text import fold
from houselights.model.catalogue import Trait
from houselights.rules.tree import Follows, Mentions, Nobody, Rule
from houselights.services.caller import Caller
from houselights.services.house import House

POST_DAYS = 7
# The platform of each kind of accounts.
PLATFORMS = {
    "twitter_followers": "twitter",
    "twitch_followers": "twitch",
    "instagram_engagers": "instagram",
    "tiktok_engagers": "tiktok",
    "youtube_channels": "youtube",
}
_PATHS = {kind: path for path, (kind, _) in PLACES.items()}
COMPARE: Mapping[str, Callable[[int, int], bool]] = {"<": lt, ">": gt, "<=": le, ">=": ge}


def plan_of(house: House, caller: Caller, parameters: Sequence[schemas.Parameter], *, strict: bool) -> Plan:
    """Return what parameters mean over the catalogue of today. Raises Rejected with everything that is wrong."""
    book = book_of(house.snapshots.current(caller.workspace.id).catalogue)
    reading = [_Reading(house, caller, book, at, each, strict) for at, each in enumerate(parameters)]
    parts = tuple(each.part() for each in reading)
    faults = [fault for each in reading for fault in each.faults]
    if faults:
        raise Rejected(faults)
    return Plan(parts)


@dataclass
class _Reading:
    """One parameter as it is understood."""

    house: House
    caller: Caller
    book: Book
    position: int
    parameter: schemas.Parameter
    strict: bool
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def part(self) -> Part:
        """Return the part; what is wrong with it is in `faults`."""
        rule = self._rule()
        return Part(
            position=self.position,
            operation=self.parameter.operation,
            kind=self.parameter.kind,
            rule=rule,
            notes=tuple(self.notes),
        )

    def _rule(self) -> Rule:
        match self.parameter.content:
            case schemas.Affinities() as asked:
                return self._affinities(asked)
            case schemas.B2b() as asked:
                return self._work(asked)
            case schemas.Personality() as asked:
                return self._personality(asked)
            case schemas.Age() as asked:
                return self._ages(asked)
            case schemas.Gender() as asked:
                return self._words("gender", asked.genders)
            case schemas.Ethnicity() as asked:
                return self._words("ethnicity", asked.ethnicities)
            case schemas.Location() as asked:
                return self._places(asked)
            case schemas.Upload() as asked:
                return self._uploads(asked)
            case schemas.Followers() as asked:
                return self._followers(asked)
            case schemas.BioSearch() as asked:
                return Mentions(tuple(f"bio_{network}" for network in asked.networks), tuple(asked.phrases))
            case schemas.TweetSearch() as asked:
                return Mentions(("post_twitter",), tuple(asked.phrases), within_days=POST_DAYS)
            case other:
                raise AssertionError(f"a kind that is not read: {type(other).__name__}")

    def _affinities(self, asked: schemas.Affinities) -> Rule:
        found = []
        for at, item in enumerate(asked.affinities):
            place = f"affinities[{at}].id"
            trait = self.book.keyed("affinity", item.id)
            if item.id in ROOTS or (trait is not None and not can_add(trait)):
                self._fault(f'"{item.id}" cannot be added; add affinities below it', place)
            elif trait is None:
                self._unknown(f'there is no affinity "{item.id}"', place)
            else:
                found.append(trait)
        return any_of(found)

    def _work(self, asked: schemas.B2b) -> Rule:
        name, role, items = (
            ("job_titles", "job_title", asked.job_titles)
            if asked.job_titles
            else ("employer_names", "employer", asked.employer_names)
        )
        found = []
        for at, item in enumerate(items or ()):
            place = f"{name}[{at}].id"
            trait = self.book.keyed(role, item.id) or self._only(self.book.named(role, item.id))
            if trait is None:
                self._unknown(f'nobody here has "{item.id}"', place)
            elif self._passes(trait, asked.filter):
                found.append(trait)
            else:
                self._note(f'"{item.id}" does not pass the filter', place)
        return any_of(found)

    def _passes(self, trait: Trait, wanted: schemas.Filter | None) -> bool:
        """Tell whether a title or employer has as many followers as the filter wants; one without a number has 0."""
        followers = trait.attributes.get("followers_count")
        return wanted is None or COMPARE[wanted.direction](int(followers or 0), wanted.count)

    def _personality(self, asked: schemas.Personality) -> Rule:
        for at, term in enumerate(asked.personalities):
            if fold(term) not in {fold(known) for known in TERMS}:
                hint = did_you_mean(term.lower(), TERMS)
                self._fault(f'"{term}" is no term of personality', f"personalities[{at}]", hint)
        return self._words("personality", asked.personalities)

    def _words(self, role: str, words: Sequence[str]) -> Rule:
        rule, missing = of_words(self.book, role, words)
        for word in missing:
            self._note(f'of nobody "{word}" is known')
        return rule

    def _ages(self, asked: schemas.Age) -> Rule:
        try:
            rule = of_ages(self.book, asked.ranges)
        except InvalidInput as error:
            self._fault(error.message, "ranges")
            return Nobody()
        if rule == Nobody():
            self._note("of nobody the age is known")
        return rule

    def _places(self, asked: schemas.Location) -> Rule:
        found = []
        for name, (kind, role) in PLACES.items():
            places: list[schemas.Place] = getattr(asked, name)
            for at, item in enumerate(places):
                place = f"{name}[{at}]"
                if item.kind not in (None, kind):
                    self._fault(f'a {item.kind} does not belong into "{name}"', f"{place}.kind")
                    continue
                trait = self._place(role, kind, item, place)
                if trait is not None:
                    found.append(trait)
        return any_of(found)

    def _place(self, role: str, kind: str, item: schemas.Place, place: str) -> Trait | None:
        """Return a place by its id; leniently by a name that only one has, since ids of elsewhere mean nothing here."""
        assert item.id is not None
        trait = self.book.keyed(role, item.id)
        if trait is not None:
            return trait
        named = [] if self.strict or item.name is None else self.book.named(role, item.name)
        only = self._only(named)
        if only is not None:
            self._note(f'there is no {kind} "{item.id}"; "{only.name}" ({only.key}) is taken, by its name', place)
            return only
        several = f"; {len(named)} have its name" if named else ""
        self._unknown(
            f'there is no {kind} "{item.id}"{several}', f"{place}.id", f"look ids up in /location/{_PATHS[kind]}"
        )
        return None

    def _uploads(self, asked: schemas.Upload) -> Rule:
        found = []
        for at, key in enumerate(asked.keys):
            rule = uploaded(self.house, self.caller, key, asked.type)
            if rule is None:
                self._unknown(f'there is no file "{key}" of {asked.type}', f"keys[{at}]")
            else:
                found.append(rule)
        return union(found)

    def _followers(self, asked: schemas.Followers) -> Rule:
        platform = PLATFORMS[self.parameter.kind]
        found = []
        for at, account in enumerate(asked.accounts):
            trait = self.book.catalogue.account(platform, account.id, account.screen_name)
            if trait is None:
                self._note(f'nobody here follows "{account.id or account.screen_name}"', f"accounts[{at}]")
            # An account that is not known yet stays in the rule: it may be the next time the audience is built.
            known = account.id if trait is None else trait.key
            if known is not None:
                found.append(known)
        if not found:
            return Nobody()
        # "0 days ago" is today, of which the last 24 hours are what every time zone has.
        days = None if asked.last_tweeted is None else max(1, asked.last_tweeted)
        return Follows(platform, tuple(dict.fromkeys(found)), asked.cutoff, days)

    @staticmethod
    def _only(traits: Sequence[Trait]) -> Trait | None:
        return traits[0] if len(traits) == 1 else None

    def _unknown(self, message: str, place: str, hint: str | None = None) -> None:
        """An id of nothing: refused where words are kept, else an empty set that is told of."""
        if self.strict:
            self._fault(message, place, hint)
        else:
            self._note(message, place)

    def _fault(self, message: str, place: str, hint: str | None = None) -> None:
        self.faults.append(Fault(message, f"parameters[{self.position}].{self.parameter.kind}.{place}", hint))

    def _note(self, message: str, place: str = "") -> None:
        self.notes.append(f"{place}: {message}" if place else message)
