"""Which column of a customer table holds what, by the words at its top. Two columns for one thing are refused."""

import re
from collections.abc import Mapping, Sequence

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.identity.fields import FIELDS

COUNTRY = "country"
# What our fields are called at the top of a table that is uploaded.
TEMPLATE: Mapping[str, str] = {field: "zip" if field == "postal" else field for field in FIELDS}

_WORDS: Mapping[str, str] = {
    "email": "email mail emailaddress emailid useremail customeremail contactemail primaryemail",
    "phone": "phone phonenumber phoneno mobile mobilephone mobilenumber telephone telephonenumber tel cell cellphone",
    "first_name": "firstname first fname givenname forename",
    "last_name": "lastname last lname surname familyname",
    "address": "address address1 addressline addressline1 street street1 streetaddress streetline1 postaladdress",
    "city": "city town locality cityname",
    "state": "state province region stateprovince stateorprovince statecode provincecode statename",
    "postal": "zip zipcode postal postalcode postcode zippostal zippostalcode zippostcode plz",
    COUNTRY: "country countrycode countryiso countryname",
}
# Words without what is no letter or digit; see `_plain`.
FIELD_OF_WORD: Mapping[str, str] = {word: field for field, words in _WORDS.items() for word in words.split()}
_DECORATION = re.compile(r"^hashed|(?:hash|hashed|sha256)$")


def recognise(header: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the column of each field that a table has, `country` among them; `chosen` says some of them itself.

    Raises InvalidInput for columns or fields that are not there, for two columns of one field, and where there is none.
    """
    found: dict[str, str] = {}
    for field, column in (chosen or {}).items():
        if field not in _WORDS:
            raise InvalidInput(f'no field is called "{field}"', field="column", hint=did_you_mean(field, _WORDS))
        if column not in header:
            raise InvalidInput(f'the table has no column "{column}"', field="column", hint=did_you_mean(column, header))
        found[field] = column
    for column in header:
        field = FIELD_OF_WORD.get(_plain(column), "")
        if not field or field in (chosen or {}) or column in found.values():
            continue
        if field in found:
            raise InvalidInput(
                f'both "{found[field]}" and "{column}" look like {field}', field="column",
                hint=f"choose one: --column {field}='{column}'",
            )  # fmt: skip
        found[field] = column
    if not set(found) - {COUNTRY}:
        raise InvalidInput(
            f"none of the columns looks like one that can be hashed: {', '.join(header)}", field="column",
            hint=f"name them: --column FIELD=COLUMN, where FIELD is one of {', '.join(FIELDS)}",
        )  # fmt: skip
    return found


def _plain(column: str) -> str:
    letters = re.sub(r"[^a-z0-9]", "", column.lower())
    return _DECORATION.sub("", letters) or letters
