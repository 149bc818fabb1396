"""The requests and replies of the vendor's guide to `/audiences`, as they stand there."""

from typing import Any

US = 'workAddress.country = "US"'

CREATE: dict[str, Any] = {
    "name": "People who ordered in the last 30 days",
    "profileInstanceId": "AEPSegments",
    "description": "Last 30 days",
    "type": "SegmentDefinition",
    "expression": {"type": "PQL", "format": "pql/text", "value": US},
    "schema": {"name": "_xdm.context.profile"},
    "labels": ["core/C1"],
}

# What the reply to it holds whatever the moment and the sandbox; "active" has since become "published".
CREATED: dict[str, Any] = {
    "schema": {"name": "_xdm.context.profile"},
    "profileInstanceId": "ups",
    "isSystem": False,
    "name": "People who ordered in the last 30 days",
    "description": "Last 30 days",
    "expression": {"type": "PQL", "format": "pql/text", "value": US},
    "evaluationInfo": {"batch": {"enabled": False}, "continuous": {"enabled": True}, "synchronous": {"enabled": False}},
    "dataGovernancePolicy": {"excludeOptOut": True},
    "dependents": [],
    "definedOn": [
        {
            "meta:resourceType": "unions",
            "meta:containerId": "tenant",
            "$ref": "https://ns.adobe.com/xdm/context/profile__union",
        }
    ],
    "dependencies": [],
    "type": "SegmentDefinition",
    "originName": "REAL_TIME_CUSTOMER_PROFILE",
    "overridePerformanceWarnings": False,
    "lifecycleState": "published",
    "labels": ["core/C1"],
    "namespace": "AEPSegments",
}
CREATED_HAS = {
    "id", "audienceId", "imsOrgId", "sandbox", "mergePolicyId", "creationTime", "updateEpoch", "updateTime",
    "createEpoch", "_etag", "createdBy", *CREATED,
}  # fmt: skip

EXTERNAL: dict[str, Any] = {
    "audienceId": "test-external-audience-id",
    "name": "externalSegment1",
    "namespace": "aam",
    "description": "Last 30 days",
    "type": "ExternalSegment",
    "originName": "CUSTOM_UPLOAD",
    "lifecycleState": "published",
    "datasetId": "6254cf3c97f8e31b639fb14d",
    "labels": ["core/C1"],
    "linkedAudienceRef": {"flowId": "4685ea90-d2b6-11ec-9d64-0242ac120002"},
}

UPDATE: dict[str, Any] = {
    "audienceId": "test-platform-audience-id",
    "name": "New Platform audience",
    "namespace": "AEPSegments",
    "description": "Last 30 days",
    "type": "SegmentDefinition",
    "lifecycleState": "published",
    "datasetId": "6254cf3c97f8e31b639fb14d",
    "labels": ["core/C1"],
}

ORCHESTRATED: dict[str, Any] = {
    "name": "label test24764489707692",
    "namespace": "AO",
    "type": "ExternalSegment",
    "lifecycleState": "published",
    "sourceId": "source-id",
    "datasetId": "62bf31a105e9891b63525c92",
    "audienceId": "test-audience-id",
    "saveSegmentMembership": True,
    "linkedAudienceRef": {"aoWorkflowId": "62bf31858e87e34c8364befa"},
    "originName": "AUDIENCE_ORCHESTRATION",
}
