"""Provider audiences ⇄ rosters. What only this dialect knows of an audience stands in the roster's attributes."""

from collections.abc import Sequence
from typing import Any

from houselights.apis.amazon.dsp.universe import UNITED_KINGDOM
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.provider.metadata.schemas import (
    TTL_MOST,
    AudienceTold,
    Fee,
    FeeTold,
    MetadataAsked,
    MetadataTold,
    SizeTold,
    UpdateAsked,
)
from houselights.model.audience import Audience
from houselights.services.caller import Caller
from houselights.services.privacy import told_matches
from houselights.services.rosters import COUNTRY, RosterSizes

# Attributes of a roster.
EXTERNAL_ID, COUNTRIES, FEES = "external_audience_id", "data_source_countries", "audience_fees"


def attributes_of(asked: MetadataAsked) -> dict[str, Any]:
    """Return what of a new audience has no place in a roster."""
    return {
        EXTERNAL_ID: asked.external_audience_id,
        COUNTRIES: asked.data_source_country,
        FEES: _fees(asked.audience_fees),
    }


def changes_of(asked: UpdateAsked) -> dict[str, Any] | None:
    """Return the attributes that an update changes, None when it changes none of them."""
    change = asked.metadata
    changes: dict[str, Any] = {}
    if change is not None and change.data_source_country is not None:
        codes = change.data_source_country
        changes |= {COUNTRIES: codes, COUNTRY: country_of(codes)}
    if change is not None and change.audience_fees is not None:
        changes[FEES] = _fees(change.audience_fees)
    return changes or None


def must_be_changeable(asked: UpdateAsked) -> None:
    """Raise Rejected naming every field that cannot be updated."""
    given = set(asked.model_fields_set)
    fixed = [field for name, field in (("name", "name"), ("advertiser_id", "advertiserId")) if name in given]
    if asked.metadata is not None and "external_audience_id" in asked.metadata.model_fields_set:
        fixed.append("metadata.externalAudienceId")
    if fixed:
        raise Rejected([Detail(Kind.INVALID, f"The input field '{f}' cannot be updated", f) for f in fixed])


def country_of(codes: Sequence[str]) -> str | None:
    """Return the country that records of an audience come from, None when there are several."""
    (code, *others) = codes
    return None if others else UNITED_KINGDOM.get(code.upper(), code.upper())


def audience_told(audience: Audience, ttl_seconds: int | None, size: SizeTold | None) -> AudienceTold:
    """Write one audience."""
    kept = audience.attributes
    fees = kept.get(FEES)
    return AudienceTold(
        id=audience.id,
        name=audience.name,
        description=audience.description,
        advertiser_id=audience.account_id or 0,
        metadata=MetadataTold(
            external_audience_id=kept[EXTERNAL_ID],
            ttl=TTL_MOST if ttl_seconds is None else ttl_seconds,
            data_source_country=kept[COUNTRIES],
            audience_fees=None if fees is None else [FeeTold(**fee) for fee in fees],
            audience_size=size,
        ),
    )


def size_told(caller: Caller, sizes: RosterSizes) -> SizeTold:
    """Write a size as far as the caller may know it."""
    matched = told_matches(caller, received=sizes.received, matched=sizes.matched)
    rate = None if matched is None or not sizes.received else round(matched / sizes.received, 4)
    return SizeTold(received_record_size=sizes.received, matched_record_size=matched, match_rate=rate)


def _fees(fees: Sequence[Fee] | None) -> list[dict[str, Any]] | None:
    return None if fees is None else [fee.model_dump() for fee in fees]
