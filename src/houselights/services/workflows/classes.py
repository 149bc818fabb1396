"""How close a column comes to naming a person, by its name: one table, read from the top, the first line that fits.

An operator says otherwise of single columns in `QuerySettings.classes`. Refuses to call the user id anything but what
it is, and words that are no classes.
"""

import re
from collections.abc import Mapping

from houselights.base.errors import InvalidInput
from houselights.base.query_settings import CLASSES
from houselights.base.suggest import did_you_mean
from houselights.cleanroom.tables import Class

USER = "user_id"
# Words are whole words of a name that is written with underscores: `zip` fits home_zip, and not zipper_length.
TABLE: tuple[tuple[Class, str], ...] = (
    (Class.VERY_HIGH, r"user_id"),
    # what names or reaches a person by itself never leaves, and chooses nobody
    (
        Class.INTERNAL,
        r"hashed|e?mail|phone|msisdn|address|street|house_number|first_?name|last_?name|full_?name|surname",
    ),
    (Class.INTERNAL, r"ip|cookie|maid|idfa|gaid|device_id|passport|iban|tax_id|ssn"),
    # where a person is within a few streets, or on which day they were born
    (Class.HIGH, r"postal|postcode|post_?code|zip|zip_?code|latitude|longitude|lat|lon|lng|geo_?hash|birth\w*|dob"),
    # where a person lives, and what is said of people of a kind
    (Class.MEDIUM, r"city|town|county|state|region|province|dma|district|metro"),
    (Class.MEDIUM, r"segment\w*|audience_name|age|gender|sex|income|education|occupation|interest\w*|tier"),
)
REST = Class.LOW  # ids, names of things, times: what many people share, or else falls to the threshold
METRIC = Class.NONE  # numbers that are added up
_LINES = tuple((klass, re.compile(rf"(?:^|_)(?:{words})(?:_|$)")) for klass, words in TABLE)


def class_of(column: str, *, is_metric: bool, table: str, said: Mapping[str, str]) -> Class:
    """Return the class of a column. `said` is the operator's word, by `table.column` or `column`.

    A metric is never less than what its name says: an average age is of class MEDIUM.
    """
    if column == USER:
        return Class.VERY_HIGH
    word = said.get(f"{table}.{column}", said.get(column))
    if word is not None:
        return named(word)
    fits = next((klass for klass, words in _LINES if words.search(column)), None)
    if fits is not None:
        return fits
    return METRIC if is_metric else REST


def named(word: str) -> Class:
    """Return a class by its name, whatever the case. Raises InvalidInput."""
    try:
        return Class[word.upper()]
    except KeyError:
        hint = did_you_mean(word.upper(), Class.__members__)
        raise InvalidInput(f'"{word}" is no class of columns', field=CLASSES, hint=hint) from None
