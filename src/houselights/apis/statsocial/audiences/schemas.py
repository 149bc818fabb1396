"""Shapes of requests about audiences: who is meant, by parameters, and what is to be made of them.

Fields that nobody knows are ignored, except beside the kind of a parameter, where one is a misspelt kind. What the
vendor spells in two ways is taken in both. What may stand where is for `rules.py` to say.
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, field_validator, model_validator

from houselights.apis.statsocial.audiences.fields import IdText, Name, Phrase, Said, Url, Whole, one_of
from houselights.apis.statsocial.wire import Asked
from houselights.base.suggest import did_you_mean

MANY = 10_000
PARAMETERS_MOST = 100
DAYS = (0, 1, 7, 30, 60, 90, 180, 365)
RANGES = ("18-24", "25-34", "35-44", "45-54", "over 54", "unknown")
GENDERS = ("male", "female", "unknown")
ETHNICITIES = ("asian", "black", "hispanic", "native", "white", "unknown")
UPLOAD_TYPES = ("ss_id", "twitter_id", "twitter_user", "md5", "email_raw", "ramp_id", "cint_id", "ma_id")


class Item(Asked):
    """Something by its id; what else stands there is not looked at."""

    id: IdText


class Affinities(Asked):
    """People with an affinity for any of these."""

    affinities: list[Item] = Field(min_length=1, max_length=MANY)


class Filter(Asked):
    """Of the titles or employers, only those whose number of followers is so."""

    count: Whole = Field(ge=0)
    direction: Literal["<", ">", "<=", ">="]


class B2b(Asked):
    """People with any of these job titles, or of any of these employers."""

    job_titles: list[Item] | None = Field(None, max_length=MANY)
    employer_names: list[Item] | None = Field(None, max_length=MANY)
    filter: Filter | None = None

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if bool(self.job_titles) == bool(self.employer_names):
            raise ValueError("give job_titles or employer_names, one of the two; use two parameters for both")
        return self


class Personality(Asked):
    """People of whom any of these terms is said."""

    personalities: list[str] = Field(min_length=1, max_length=MANY)


class Age(Asked):
    """People of any of these ages."""

    ranges: list[Annotated[str, one_of(*RANGES)]] = Field(min_length=1, max_length=MANY)


class Gender(Asked):
    """People of any of these genders."""

    genders: list[Annotated[str, one_of(*GENDERS)]] = Field(min_length=1, max_length=MANY)


class Ethnicity(Asked):
    """People who declared any of these ethnicities."""

    ethnicities: list[Annotated[str, one_of(*ETHNICITIES)]] = Field(min_length=1, max_length=MANY)


class Place(Asked):
    """A place by its id; the name counts where the id means nothing, and only if no other place has it."""

    id: IdText | None = None
    name: str | None = Field(None, validation_alias=AliasChoices("name", "screen_name"))
    kind: str | None = None

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if not self.id:
            raise ValueError("give the id of the place")
        return self


class Location(Asked):
    """People in any of these places."""

    cities: list[Place] = Field(default_factory=list, max_length=MANY)
    countries: list[Place] = Field(default_factory=list, max_length=MANY)
    dmas: list[Place] = Field(default_factory=list, max_length=MANY)
    regions: list[Place] = Field(default_factory=list, max_length=MANY)

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not (self.cities or self.countries or self.dmas or self.regions):
            raise ValueError("give cities, countries, dmas or regions")
        return self


class Upload(Asked):
    """People whose ids stand in any of these files."""

    keys: list[str] = Field(min_length=1, max_length=100)
    type: Annotated[str, one_of(*UPLOAD_TYPES)]


class Account(Asked):
    """An account by its id, its screen name, or both."""

    id: IdText | None = None
    screen_name: str | None = None

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if not self.id and not self.screen_name:
            raise ValueError("give the id or the screen_name of the account")
        return self


class Followers(Asked):
    """People who follow, or are engaged with, at least `cutoff` of these accounts."""

    cutoff_most: ClassVar[int] = 1
    days: ClassVar[tuple[int, ...]] = ()

    accounts: list[Account] = Field(min_length=1, max_length=MANY)
    cutoff: Whole = Field(1, validation_alias=AliasChoices("cutoff", "cut_off"))
    last_tweeted: Whole | None = None

    @field_validator("cutoff")
    @classmethod
    def _within(cls, cutoff: int) -> int:
        if not 1 <= cutoff <= cls.cutoff_most:
            raise ValueError(f"cutoff is 1 to {cls.cutoff_most}" if cls.cutoff_most > 1 else "cutoff is 1 here")
        return cutoff

    @field_validator("last_tweeted")
    @classmethod
    def _active(cls, days: int | None) -> int | None:
        if days is not None and not cls.days:
            raise ValueError("last_tweeted is for twitter_followers")
        if days is not None and days not in cls.days:
            raise ValueError(f"last_tweeted is one of {', '.join(map(str, cls.days))}")
        return days


class ManyFollowers(Followers):
    """The same, of several accounts."""

    cutoff_most: ClassVar[int] = 10


class TwitterFollowers(ManyFollowers):
    """The same, and active there within so many days."""

    days: ClassVar[tuple[int, ...]] = DAYS


class BioSearch(Asked):
    """People in whose bios, on the networks that are marked, any of these phrases stands."""

    phrases: list[Phrase] = Field(min_length=1, max_length=100)
    search_in_twitter: bool = False
    search_in_youtube: bool = False
    search_in_instagram: bool = False
    search_in_twitch: bool = False

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks that are marked."""
        names = ("twitter", "youtube", "instagram", "twitch")
        return tuple(name for name in names if getattr(self, f"search_in_{name}"))

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not self.networks:
            raise ValueError("mark at least one of search_in_twitter, _youtube, _instagram, _twitch")
        return self


class TweetSearch(Asked):
    """People in whose posts of the last seven days any of these phrases stands."""

    phrases: list[Phrase] = Field(min_length=1, max_length=100)


class Parameter(Asked):
    """One step of an audience: an operation, and one kind of people."""

    model_config = ConfigDict(extra="allow", frozen=True)

    operation: Annotated[str, one_of("or", "and", "not"), AfterValidator(str.upper)]
    affinities: Affinities | None = None
    b2b: B2b | None = None
    personality: Personality | None = None
    age: Age | None = None
    gender: Gender | None = None
    ethnicity: Ethnicity | None = None
    location: Location | None = None
    upload: Upload | None = None
    twitter_followers: TwitterFollowers | None = None
    twitch_followers: Followers | None = None
    instagram_engagers: Followers | None = None
    tiktok_engagers: Followers | None = None
    youtube_channels: ManyFollowers | None = None
    bio_search: BioSearch | None = None
    tweet_search: TweetSearch | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        unknown = sorted(self.__pydantic_extra__ or {})
        if unknown:
            near = did_you_mean(unknown[0], KINDS)
            raise ValueError(f'"{unknown[0]}" is no kind of parameter' + (f"; {near}" if near else ""))
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            named = ", ".join(given) or "none"
            raise ValueError(f"a parameter has exactly one kind beside its operation; this one has {named}")
        return self

    @property
    def kind(self) -> str:
        """The name of its one kind."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def content(self) -> Any:
        """What stands under its kind."""
        return getattr(self, self.kind)


KINDS = tuple(name for name in Parameter.model_fields if name != "operation")


class About(Asked):
    """What an audience is called."""

    name: Name
    description: Said = Field("", max_length=10_000)


class Wishes(Asked):
    """What is to be made of an audience once it is built, and who hears of it."""

    outputs: list[str] | None = None
    callback_url: Url | None = None
    generate_insights_automatically: bool | None = None
    insight_callback_url: Url | None = Field(
        None, validation_alias=AliasChoices("insight_callback_url", "insights_callback_url")
    )


class NewAudience(Wishes):
    """An audience to build."""

    audience: About
    parameters: list[Parameter] = Field(min_length=1, max_length=PARAMETERS_MOST)


class Renamed(Asked):
    """Another name or description; they may stand under `audience`, as they do when it is created."""

    name: Name | None = None
    description: str | None = Field(None, max_length=10_000)

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, value: Any) -> Any:
        inner = value.get("audience") if isinstance(value, dict) else None
        return inner if isinstance(inner, dict) else value
