"""From a checked YAML document to a Population. Refuses what the schema cannot see: overlapping bands, bad time zones,
facets that contradict themselves, accounts that are not there.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from houselights.base.suggest import did_you_mean
from houselights.identity.postal import COMBINATIONS
from houselights.model.workspace import PrivacyPolicy
from houselights.services.imports.check_derived import check_derived
from houselights.services.imports.grammar import Document, read_document
from houselights.services.imports.parse_columns import (
    column,
    constant,
    facet_column,
    scalar_key,
    source,
    value_map,
)
from houselights.services.imports.parse_ready import accounts_of, audiences_of
from houselights.services.imports.population import (
    AccountTable,
    Column,
    Derived,
    EventSource,
    FacetDeclaration,
    FollowSource,
    IdentityColumn,
    Link,
    PeopleSource,
    Population,
    PostalIdentity,
    TextSource,
    TraitEntry,
    TraitTable,
    Wins,
)

AD_OPPORTUNITIES = ("daily_impressions", "daily_reach")


def read_population(file: Path) -> Population:
    """Read a population file.

    Raises InvalidInput naming file, line and path (`people[0].facets.age.column`) for whatever is wrong with it.
    """
    document = read_document(file)
    data = document.data
    facets = {key: _facet(document, key, data["facets"][key]) for key in data.get("facets") or {}}
    accounts = accounts_of(document, data.get("accounts") or ())
    events = tuple(_events(document, f"events[{i}]", item) for i, item in enumerate(data.get("events") or ()))
    derived = tuple(_derived(document, name, item, facets) for name, item in (data.get("derived") or {}).items())
    check_derived(document, derived, events)
    return Population(
        workspace=data["workspace"],
        as_of=_as_of(document, data.get("as_of")),
        max_rejects=data.get("max_rejects"),
        privacy=_privacy(document, data.get("privacy")),
        people=tuple(_people(document, f"people[{i}]", item) for i, item in enumerate(data["people"])),
        link=_link(document, data.get("link")),
        facets=facets,
        events=events,
        derived=derived,
        follows=tuple(_follows(document, f"follows[{i}]", item) for i, item in enumerate(data.get("follows") or ())),
        texts=tuple(_texts(document, f"texts[{i}]", item) for i, item in enumerate(data.get("texts") or ())),
        audiences=tuple(audiences_of(document, data.get("audiences") or (), accounts)),
        accounts=accounts,
        mapping=data,
    )


def _as_of(document: Document, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise document.error(
            "as_of", f'"{text}" is not an ISO 8601 instant', "for example 2026-11-01T00:00:00Z"
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _privacy(document: Document, data: Mapping[str, Any] | None) -> PrivacyPolicy | None:
    if data is None:
        return None
    bands = tuple(data.get("bands", PrivacyPolicy().bands))
    if bands[0] != 0 or any(low >= high for low, high in pairwise(bands)):
        raise document.error("privacy.bands", "must rise, starting at 0")
    return PrivacyPolicy(
        bands=bands,
        minimum_cell=data.get("minimum_cell", PrivacyPolicy().minimum_cell),
        minimum_audience=data.get("minimum_audience", PrivacyPolicy().minimum_audience),
        minimum_list=data.get("minimum_list", PrivacyPolicy().minimum_list),
    )


def _link(document: Document, data: Mapping[str, Any] | None) -> Link | None:
    if data is None:
        return None
    sources = document.data["people"]
    named = {name for source in sources for name in source.get("identities") or {}}
    for place, name in enumerate(data["by"]):
        if name not in named - {"postal"} and not ("postal" in named and name in COMBINATIONS):
            known = [*sorted(named - {"postal"}), *(COMBINATIONS if "postal" in named else ())]
            hint = did_you_mean(name, known)
            raise document.error(f"link.by[{place}]", f'no people source has identities of "{name}"', hint)
    wins = data.get("wins", Wins.LATER.value)
    latest = wins["latest"] if isinstance(wins, dict) else ""
    paths = {path for source in sources for path in source.get("attributes") or {}}
    if latest and latest not in paths:
        raise document.error("link.wins.latest", f'no attribute "{latest}"', did_you_mean(latest, paths))
    return Link(
        by=tuple(data["by"]), most_keys=data.get("most_keys", Link(by=()).most_keys),
        wins=Wins.LATEST if latest else Wins(wins), latest=latest,
    )  # fmt: skip


def _people(document: Document, where: str, data: Mapping[str, Any]) -> PeopleSource:
    key = data["key"]
    identities = {
        name: IdentityColumn(
            column=column(document, f"{where}.identities.{name}", _column_part(item)),
            hashed=isinstance(item, dict) and bool(item.get("hashed", False)),
            country=item.get("country") if isinstance(item, dict) else None,
        )
        for name, item in (data.get("identities") or {}).items()
        if name != "postal"
    }
    return PeopleSource(
        source=source(where, data),
        key=None if isinstance(key, dict) and "row" in key else column(document, f"{where}.key", key),
        attributes=_attributes(document, where, data, reserved=("shard", "person_id", "key")),
        facets={
            name: facet_column(document, f"{where}.facets.{name}", item)
            for name, item in (data.get("facets") or {}).items()
        },
        identities=identities,
        postal=_postal(document, f"{where}.identities.postal", (data.get("identities") or {}).get("postal")),
        measures={
            name: column(document, f"{where}.measures.{name}", item)
            for name, item in (data.get("measures") or {}).items()
        },
    )


def _column_part(item: Any) -> Any:
    return {key: item[key] for key in item if key not in ("hashed", "country")} if isinstance(item, dict) else item


def _postal(document: Document, where: str, data: Mapping[str, Any] | None) -> PostalIdentity | None:
    if data is None:
        return None
    columns = {name: column(document, f"{where}.{name}", item) for name, item in data.items() if name != "hashed"}
    return PostalIdentity(columns=columns, hashed=bool(data.get("hashed", False)))


def _attributes(
    document: Document, where: str, data: Mapping[str, Any], *, reserved: Collection[str]
) -> dict[str, Column]:
    """Read attribute columns; a path may not also be the beginning of another one, nor one of the table's own names."""
    paths = data.get("attributes") or {}
    for path in paths:
        parts = path.split(".")
        if parts[0] in reserved:
            raise document.error(f"{where}.attributes.{path}", f'"{parts[0]}" is the name of a column of our own')
        for depth in range(1, len(parts)):
            if ".".join(parts[:depth]) in paths:
                raise document.error(
                    f"{where}.attributes.{path}", f'"{".".join(parts[:depth])}" is a value, not a record'
                )
    return {path: column(document, f"{where}.attributes.{path}", item) for path, item in paths.items()}


def _facet(document: Document, key: str, data: Mapping[str, Any]) -> FacetDeclaration:
    where = f"facets.{key}"
    discovery = data.get("discovery")
    traits = data.get("traits")
    path = discovery.get("path") if isinstance(discovery, dict) else None
    entries = tuple(_entry(item, data.get("names") or {}) for item in traits) if isinstance(traits, list) else ()
    keys = [entry.key for entry in entries]
    for position, entry in enumerate(entries):
        if entry.key in keys[:position]:
            raise document.error(f"{where}.traits[{position}].id", f'"{entry.key}" is there twice')
        if entry.parent is not None and entry.parent not in keys:
            hint = did_you_mean(entry.parent, keys)
            raise document.error(f"{where}.traits[{position}].parent", f'no trait has the id "{entry.parent}"', hint)
    return FacetDeclaration(
        key=key,
        name=data.get("name", _title(key)),
        where=where,
        description=data.get("description", ""),
        multi=data.get("multi"),
        role=data.get("role"),
        unit=data.get("unit"),
        discovery=discovery.get("category") if isinstance(discovery, dict) else discovery,
        discovery_path=None if path is None else tuple(path),
        names={scalar_key(name): text for name, text in (data.get("names") or {}).items()},
        table=_trait_table(document, f"{where}.traits", traits) if isinstance(traits, dict) else None,
        entries=entries,
    )


def _title(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _entry(data: Mapping[str, Any], names: Mapping[Any, str]) -> TraitEntry:
    key = scalar_key(data["id"])
    return TraitEntry(
        key=key,
        name=data.get("name") or {scalar_key(k): v for k, v in names.items()}.get(key) or key,
        parent=None if data.get("parent") is None else scalar_key(data["parent"]),
        description=data.get("description", ""),
        low=data.get("low"),
        high=data.get("high"),
        attributes=data.get("attributes", {}),
    )


def _trait_table(document: Document, where: str, data: Mapping[str, Any]) -> TraitTable:
    if "parent" in data and "path" in data:
        raise document.error(where, "a tree is given by parent or by path, not by both")
    attributes = data.get("attributes") or {}
    named = attributes if isinstance(attributes, dict) else {name: name for name in attributes}

    def one(name: str, **more: Any) -> Any:
        return column(document, f"{where}.{name}", {"column": data[name], **more}) if name in data else None

    return TraitTable(
        source=source(where, data),
        id=one("id"),
        name=one("name"),
        parent=one("parent"),
        path=one("path", many=True, separator=data.get("separator", " > ")),
        description=one("description"),
        low=one("low"),
        high=one("high"),
        attributes={name: column(document, f"{where}.attributes.{name}", item) for name, item in named.items()},
    )


def _events(document: Document, where: str, data: Mapping[str, Any]) -> EventSource:
    return EventSource(
        source=source(where, data),
        person=column(document, f"{where}.person", data["person"]),
        time=column(document, f"{where}.time", data["time"], kind="timestamp"),
        type=constant(document, f"{where}.type", data["type"]),
        attributes=_attributes(document, where, data, reserved=("shard", "person_id", "time", "type")),
    )


def _derived(document: Document, name: str, data: Mapping[str, Any], facets: Mapping[str, FacetDeclaration]) -> Derived:
    where = f"derived.{name}"
    facet, measures = data.get("facet"), data.get("measures")
    if (facet is None) == (measures is None):
        raise document.error(where, "derives either a facet or measures: give one of them")
    if facet is not None and "trait" not in data:
        raise document.error(where, '"trait" is missing: the event attribute that holds the value')
    declared = facets.get(facet) if facet is not None else None
    if declared is not None and declared.multi is False:
        raise document.error(where, f'the facet "{facet}" is single-valued, but a person may have many events')
    values = value_map(data.get("values"))
    closed = values is not None or (declared is not None and bool(declared.table or declared.entries))
    per_day: str | None
    days: str | None
    per_day, days = AD_OPPORTUNITIES
    if isinstance(measures, dict):
        per_day, days = measures.get("per_day"), measures.get("days")
    return Derived(
        name=name,
        where=where,
        events=(data["from"],) if isinstance(data["from"], str) else tuple(data["from"]),
        within_days=data["within_days"],
        conditions={path: _values(wanted) for path, wanted in (data.get("where") or {}).items()},
        facet=facet,
        trait=data.get("trait"),
        values=values,
        otherwise=data.get("otherwise") or ("skip" if closed else "keep"),
        at_least=data.get("at_least", 1),
        per_day=per_day if measures is not None else None,
        days=days if measures is not None else None,
        count=data.get("count"),
    )


def _values(wanted: Any) -> tuple[Any, ...]:
    return tuple(wanted) if isinstance(wanted, list) else (wanted,)


def _follows(document: Document, where: str, data: Mapping[str, Any]) -> FollowSource:
    platform = constant(document, f"{where}.platform", data["platform"])
    table = data.get("accounts")
    if table is not None and platform.column is not None and "platform" not in table:
        raise document.error(f"{where}.accounts", '"platform" is missing: the follows have several')
    return FollowSource(
        source=source(where, data),
        person=column(document, f"{where}.person", data["person"]),
        platform=platform,
        account=column(document, f"{where}.account", data["account"]),
        last_active=_optional(document, f"{where}.last_active", data.get("last_active"), kind="timestamp"),
        accounts=_account_table(document, f"{where}.accounts", table),
    )


def _account_table(document: Document, where: str, data: Mapping[str, Any] | None) -> AccountTable | None:
    if data is None:
        return None
    return AccountTable(
        source=source(where, data),
        platform=constant(document, f"{where}.platform", data["platform"]) if "platform" in data else None,
        id=column(document, f"{where}.id", data["id"]),
        screen_name=_optional(document, f"{where}.screen_name", data.get("screen_name")),
        name=_optional(document, f"{where}.name", data.get("name")),
        followers=_optional(document, f"{where}.followers", data.get("followers"), kind="int"),
    )


def _texts(document: Document, where: str, data: Mapping[str, Any]) -> TextSource:
    return TextSource(
        source=source(where, data),
        person=column(document, f"{where}.person", data["person"]),
        field=constant(document, f"{where}.field", data["field"]),
        time=_optional(document, f"{where}.time", data.get("time"), kind="timestamp"),
        text=column(document, f"{where}.text", data["text"]),
    )


def _optional(document: Document, where: str, data: Any, kind: str | None = None) -> Column | None:
    return None if data is None else column(document, where, data, kind=kind)
