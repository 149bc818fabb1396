"""What the operator decides, read from the environment and refused by name."""

from pathlib import Path

import pytest

from houselights.apis.amazon.policy import RECORDS_PER_HOUR, Policy
from houselights.base.errors import InvalidInput


def test_without_a_word_it_is_the_vendors() -> None:
    policy = Policy.from_environment({})
    assert policy == Policy()
    assert policy.records_per_hour == RECORDS_PER_HOUR == 15_000_000
    assert (policy.strict_ids, policy.consent_required) == (False, False)
    assert policy.terms.startswith("<h1>")


def test_every_choice_is_read(tmp_path: Path) -> None:
    terms = tmp_path / "terms.html"
    terms.write_text("<p>Be kind.</p>", encoding="utf-8")
    policy = Policy.from_environment(
        {
            "HOUSELIGHTS_AMAZON_RECORDS_PER_HOUR": " 1000 ",
            "HOUSELIGHTS_AMAZON_STRICT_IDS": "Yes",
            "HOUSELIGHTS_AMAZON_CONSENT_REQUIRED": "1",
            "HOUSELIGHTS_AMAZON_TERMS": str(terms),
        }
    )
    assert policy == Policy(records_per_hour=1000, strict_ids=True, consent_required=True, terms="<p>Be kind.</p>")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RECORDS_PER_HOUR", "many"),
        ("RECORDS_PER_HOUR", "-1"),
        ("STRICT_IDS", "perhaps"),
        ("CONSENT_REQUIRED", "2"),
        ("TERMS", "there-is-no-such-file.html"),
    ],
)
def test_what_is_no_choice_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Policy.from_environment({f"HOUSELIGHTS_AMAZON_{name}": text})
    assert refused.value.field == f"HOUSELIGHTS_AMAZON_{name}"
