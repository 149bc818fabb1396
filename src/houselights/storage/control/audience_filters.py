"""An `AudienceFilter` as an SQL condition that means the same on both databases. Runs nothing."""

import sqlalchemy as sa

from houselights.base.errors import InvalidInput
from houselights.model.audience import AudienceFilter
from houselights.storage.control.columns import storable
from houselights.storage.control.places import MARK, below
from houselights.storage.control.schema import audience

ESCAPE = "\\"
# Each run of "*" multiplies the ways in which LIKE may match; nobody needs many, and a few dozen stop a database.
WILDCARDS_MAX = 8
WORDS_LENGTH_MAX = 4000  # characters; SQLite refuses patterns of more than 50,000 bytes


def condition(where: AudienceFilter) -> sa.ColumnElement[bool]:
    """Return the condition that every given part of the filter holds, and no part of those in `excluding`.

    Raises InvalidInput for name words that are too long or hold too many wildcards.
    """
    texts = (*where.name_words, *(where.categories or ()), *(where.under or ()), *(where.at or ()))
    if not all(map(storable, texts)):
        # a text that no row can hold; in `name_words` and `categories`, others might match, but nobody asks for that
        return sa.false()
    return sa.and_(*_parts(where), *(sa.not_(condition(exclusion)) for exclusion in where.excluding))


def _parts(where: AudienceFilter) -> list[sa.ColumnElement[bool]]:
    columns = audience.c
    parts: list[sa.ColumnElement[bool]] = [sa.true()]
    if where.ids is not None:
        # Written into the statement and not bound: thousands of ids are allowed, bound parameters are limited.
        ids: sa.BindParameter[int] = sa.bindparam(
            "ids", sorted(where.ids), expanding=True, literal_execute=True, unique=True
        )
        parts.append(columns.id.in_(ids))
    if where.name_words:
        parts.append(sa.or_(*(_named(words) for words in where.name_words)))
    if where.categories is not None:
        parts.append(columns.category.in_(sorted(where.categories)))
    if where.under:
        first, after = below(where.under)
        parts.append(sa.and_(columns.place >= first, columns.place < after))
    if where.at is not None:
        parts.append(columns.place == "".join(name + MARK for name in where.at))
    if where.kinds is not None:
        parts.append(columns.kind.in_(sorted(kind.value for kind in where.kinds)))
    if where.statuses is not None:
        parts.append(columns.status.in_(sorted(status.value for status in where.statuses)))
    if where.evaluations is not None:
        parts.append(columns.evaluation.in_(sorted(each.value for each in where.evaluations)))
    if where.account_id is not None:
        parts.append(sa.and_(columns.account_id.is_not(None), columns.account_id == where.account_id))
    if where.owners is not None:
        parts.append(_owned(where.owners))
    return parts


def _named(words: str) -> sa.ColumnElement[bool]:
    """Return the condition that the name holds the phrase, "*" in it standing for any run of characters."""
    folded = words.casefold()
    if len(folded) > WORDS_LENGTH_MAX:
        raise InvalidInput(f"name words are longer than {WORDS_LENGTH_MAX} characters", field="name_words")
    pieces = [piece for piece in folded.split("*") if piece]
    if len(pieces) - 1 > WILDCARDS_MAX:
        raise InvalidInput(f'name words hold more than {WILDCARDS_MAX} "*"', field="name_words")
    pattern = "%".join(map(_literal, pieces))
    return audience.c.name_folded.like(f"%{pattern}%" if pattern else "%", escape=ESCAPE)


def _literal(piece: str) -> str:
    for special in (ESCAPE, "%", "_"):
        piece = piece.replace(special, ESCAPE + special)
    return piece


def _owned(owners: frozenset[int | None]) -> sa.ColumnElement[bool]:
    named = sorted(owner for owner in owners if owner is not None)
    # coalesce: NULL IN (…) is NULL, whose negation in `excluding` would be NULL too and lose the row
    by_account = sa.and_(audience.c.account_id.is_not(None), sa.func.coalesce(audience.c.account_id, 0).in_(named))
    return sa.or_(audience.c.account_id.is_(None), by_account) if None in owners else by_account
