"""The shapes of what the platform itself keeps about a person: identities and audience memberships."""

from dataclasses import replace

from houselights.model.schema import ListType, MapType, ObjectType, Scalar, Schema

# namespace → identities
IDENTITY_MAP = MapType(
    ListType(ObjectType({"id": Scalar.STRING, "authenticatedState": Scalar.STRING, "primary": Scalar.BOOLEAN}))
)

# namespace of audiences ("ups" for our own) → audience id → membership
SEGMENT_MEMBERSHIP = MapType(
    MapType(
        ObjectType(
            {
                "status": Scalar.STRING,
                "lastQualificationTime": Scalar.TIMESTAMP,
                "validUntil": Scalar.TIMESTAMP,
                "version": Scalar.STRING,
            }
        )
    )
)


def with_kept(schema: Schema) -> Schema:
    """Return the schema with these shapes, and with the event's clock and kind under the names this language uses."""
    return replace(
        schema,
        identities=IDENTITY_MAP,
        memberships=SEGMENT_MEMBERSHIP,
        event_time="timestamp",
        event_type="eventType",
    )
