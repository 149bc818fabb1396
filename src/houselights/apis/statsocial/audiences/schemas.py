"""Shapes of requests about audiences: who is meant, by parameters, and what is to be made of them.

Fields that nobody knows are ignored, except beside the kind of a parameter, where one is a misspelt kind. What the
vendor spells in two ways is taken in both. What may stand where is for `rules.py` to say.
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, AliasChoices, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from houselights.apis.statsocial.wire import Asked
from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.base.text import fold
from houselights.services.callbacks.addresses import checked_url

MANY = 10_000
PARAMETERS_MOST = 100
URL_CHARACTERS = 2048
DAYS = (0, 1, 7, 30, 60, 90, 180, 365)
RANGES = ("18-24", "25-34", "35-44", "45-54", "over 54", "unknown")
GENDERS = ("male", "female", "unknown")
ETHNICITIES = ("asian", "black", "hispanic", "native", "white", "unknown")
UPLOAD_TYPES = ("ss_id", "twitter_id", "twitter_user", "md5", "email_raw", "ramp_id", "cint_id", "ma_id")


def _text_of_id(value: object) -> object:
    """Let an id be a number as well as a text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _number(value: object) -> object:
    """Refuse true and false, which would pass for 1 and 0. Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError("a whole number is expected")
    return value


def _web_address(text: str) -> str:
    """Refuse what is no address on the web. Whether it may be called is decided when it is. Raises ValueError."""
    try:
        return checked_url(text)
    except InvalidInput as error:
        raise ValueError(error.message) from error


def one_of(*words: str) -> BeforeValidator:
    """Take one of these words, in any case, and say which was perhaps meant. Raises ValueError."""

    def taken(value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.lower() not in words:
            near = did_you_mean(value.lower(), words)
            raise ValueError(f'"{value}" is not one of {", ".join(words)}' + (f"; {near}" if near else ""))
        return value.lower()

    return BeforeValidator(taken)


def _worded(phrase: str) -> str:
    if fold(phrase) == " ":
        raise ValueError("the phrase has no word to look for")
    return phrase


def _named(name: str) -> str:
    if not name.strip():
        raise ValueError("an audience needs a name")
    return name


Name = Annotated[str, Field(max_length=255), AfterValidator(_named)]
Whole = Annotated[int, BeforeValidator(_number)]
IdText = Annotated[str, BeforeValidator(_text_of_id), Field(max_length=500)]
Url = Annotated[str, Field(max_length=URL_CHARACTERS), AfterValidator(_web_address)]
Phrase = Annotated[str, Field(max_length=500), AfterValidator(_worded)]


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
    description: str | None = Field(None, max_length=10_000)


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
