"""Our rosters and uploads as this vendor's audiences and jobs. Pure."""

from collections.abc import Mapping
from typing import Any, Literal

from houselights.apis.amazon.amc.audiences import schemas
from houselights.apis.amazon.amc.audiences.destination import remembered
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.model.audience import Audience
from houselights.model.upload import UploadState, UploadStatus
from houselights.services.caller import Caller
from houselights.services.privacy import told_matches
from houselights.services.rosters import COUNTRY, RosterSizes

EXTERNAL_ID, FEES = "external_id", "fees"
STATES: Mapping[UploadState, Literal["PENDING", "SUCCEEDED", "PARTIALLYSUCCEEDED", "FAILED"]] = {
    UploadState.WAITING: "PENDING",
    UploadState.SUCCEEDED: "SUCCEEDED",
    UploadState.PARTIAL: "PARTIALLYSUCCEEDED",
    UploadState.FAILED: "FAILED",
}
INVALID_MOST = 10_000  # the specification's maxItems


def attributes_of(metadata: schemas.MetadataAsked) -> dict[str, Any]:
    """Return what has to be given back word for word."""
    return {EXTERNAL_ID: metadata.external_audience_id, FEES: _fees(metadata.audience_fees)}


def changed_attributes(asked: schemas.UpdateAsked, before: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the attributes after an update, None when it says nothing of them."""
    if asked.metadata is None or asked.metadata.audience_fees is None:
        return None
    return {**before, FEES: _fees(asked.metadata.audience_fees)}


def must_be_changeable(asked: schemas.UpdateAsked, audience: Audience) -> None:
    """Raise Rejected when an update would change a name."""
    wanted = None if asked.metadata is None else asked.metadata.external_audience_id
    for field, new, old in (
        ("name", asked.name, audience.name),
        ("metadata.externalAudienceId", wanted, audience.attributes[EXTERNAL_ID]),
    ):
        if new is not None and new != old:
            raise Rejected([Detail(Kind.INVALID, f"The input field '{field}' cannot be updated", field)])


def audience_told(audience: Audience, ttl: int | None) -> schemas.AudienceTold:
    """Write an audience as an update confirms it."""
    fees = audience.attributes.get(FEES)
    metadata = schemas.MetadataTold(
        external_audience_id=audience.attributes[EXTERNAL_ID],
        ttl=schemas.TTL_MOST if ttl is None else ttl,
        audience_fees=None if fees is None else [schemas.FeeTold(**fee) for fee in fees],
    )
    return schemas.AudienceTold(
        audience_id=audience.id,
        advertiser_id=remembered(audience.attributes).advertiser_id,
        name=audience.name,
        description=audience.description,
        metadata=metadata,
    )


def with_size(told: schemas.AudienceTold, audience: Audience, size: schemas.SizeTold) -> schemas.AudienceTold:
    """Add what is told only where an audience is read: its country and its sizes."""
    metadata = told.metadata.model_copy(update={"audience_size": size})
    return told.model_copy(update={"country_code": audience.attributes.get(COUNTRY), "metadata": metadata})


def size_told(caller: Caller, audience: Audience, sizes: RosterSizes) -> schemas.SizeTold:
    """Write sizes as an uploader may know them; in the DSP are those who go there."""
    in_dsp = remembered(audience.attributes).advertiser_id is not None
    return schemas.SizeTold(
        received_record_size=sizes.received,
        id_resolution_count=told_matches(caller, received=sizes.received, matched=sizes.matched),
        dsp_audience_size=told_matches(caller, received=sizes.received, matched=sizes.active) if in_dsp else 0,
    )


def status_told(status: UploadStatus, size: schemas.SizeTold | None) -> schemas.StatusTold:
    """Write a job. Targets that were not reached stand before the records that were left out."""
    about = str(status.audience_ids[0]) if status.audience_ids else None
    faults = [
        schemas.InvalidRecordTold(audience_id=about, error=f"{target.name}: {target.error}")
        for target in status.targets
        if target.error is not None
    ]
    faults += [
        schemas.InvalidRecordTold(
            audience_id=None if record.audience_id is None else str(record.audience_id),
            external_id=record.external_id,
            error=record.error,
        )
        for record in status.invalid
    ]
    if status.error is not None and not faults:  # otherwise they say it, each of its own
        faults.append(schemas.InvalidRecordTold(audience_id=about, error=status.error))
    done = status.state is not UploadState.WAITING
    rate = round(100 * status.processed / max(1, status.received), 2)
    return schemas.StatusTold(
        job_request_id=status.id,
        job_state=STATES[status.state],
        successful=schemas.SuccessTold(records_processed_rate=rate) if done else None,
        invalid_records=faults[:INVALID_MOST],
        audience_size=size if done else None,
    )


def _fees(fees: list[schemas.Fee] | None) -> list[dict[str, Any]] | None:
    return None if fees is None else [fee.model_dump() for fee in fees]
