"""The functions of the dialect that are an expression of DuckDB: one line each. Reads the table, nothing else.

A line is a call with letters for its arguments, the type of what it gives, and DuckDB's SQL over the same letters. `?`
as a type is that of the first argument. A line that ends in `!` compares its arguments, or gives away how they
compare, so literals are kept away there from columns that nearly name somebody. Nothing here may fail on a value: an
error would tell something about it, so what could fail stands in TRY.
"""

from dataclasses import dataclass

TABLE = """
UPPER(a)                STRING   upper(CAST(a AS VARCHAR))
LOWER(a)                STRING   lower(CAST(a AS VARCHAR))
INITCAP(a)              STRING   array_to_string(list_transform(string_split(CAST(a AS VARCHAR), ' '), lambda w : upper(left(w, 1)) || lower(substr(w, 2))), ' ')
REVERSE(a)              STRING   reverse(CAST(a AS VARCHAR))
LENGTH(a)               NUMBER   length(CAST(a AS VARCHAR))
CHAR_LENGTH(a)          NUMBER   length(CAST(a AS VARCHAR))
CHARACTER_LENGTH(a)     NUMBER   length(CAST(a AS VARCHAR))
LEFT(a,b)               STRING   TRY("left"(CAST(a AS VARCHAR), CAST(b AS BIGINT)))
RIGHT(a,b)              STRING   TRY("right"(CAST(a AS VARCHAR), CAST(b AS BIGINT)))
SUBSTR(a,b)             STRING   TRY(substr(CAST(a AS VARCHAR), CAST(b AS BIGINT)))
SUBSTR(a,b,c)           STRING   TRY(substr(CAST(a AS VARCHAR), CAST(b AS BIGINT), CAST(c AS BIGINT)))
SUBSTRING(a,b)          STRING   TRY(substr(CAST(a AS VARCHAR), CAST(b AS BIGINT)))
SUBSTRING(a,b,c)        STRING   TRY(substr(CAST(a AS VARCHAR), CAST(b AS BIGINT), CAST(c AS BIGINT)))
TRIM(a)                 STRING   trim(CAST(a AS VARCHAR))
BTRIM(a)                STRING   trim(CAST(a AS VARCHAR))
LTRIM(a)                STRING   ltrim(CAST(a AS VARCHAR))
RTRIM(a)                STRING   rtrim(CAST(a AS VARCHAR))
TRIM(a,b)               STRING   trim(CAST(a AS VARCHAR), CAST(b AS VARCHAR)) !
LTRIM(a,b)              STRING   ltrim(CAST(a AS VARCHAR), CAST(b AS VARCHAR)) !
RTRIM(a,b)              STRING   rtrim(CAST(a AS VARCHAR), CAST(b AS VARCHAR)) !
LPAD(a,b,c)             STRING   TRY(lpad(CAST(a AS VARCHAR), CAST(b AS INTEGER), CAST(c AS VARCHAR)))
RPAD(a,b,c)             STRING   TRY(rpad(CAST(a AS VARCHAR), CAST(b AS INTEGER), CAST(c AS VARCHAR)))
REPLACE(a,b,c)          STRING   replace(CAST(a AS VARCHAR), CAST(b AS VARCHAR), CAST(c AS VARCHAR)) !
POSITION(a,b)           NUMBER   strpos(CAST(b AS VARCHAR), CAST(a AS VARCHAR)) !
INSTR(a,b)              NUMBER   strpos(CAST(a AS VARCHAR), CAST(b AS VARCHAR)) !
STRPOS(a,b)             NUMBER   strpos(CAST(a AS VARCHAR), CAST(b AS VARCHAR)) !
SPLIT_PART(a,b,c)       STRING   TRY(split_part(CAST(a AS VARCHAR), CAST(b AS VARCHAR), CAST(c AS BIGINT))) !
REGEXP_EXTRACT(a,b)     STRING   TRY(regexp_extract(CAST(a AS VARCHAR), b)) !
REGEXP_REPLACE(a,b,c)   STRING   TRY(regexp_replace(CAST(a AS VARCHAR), b, c, 'g')) !
ABS(a)                  NUMBER   TRY(abs(a))
CEIL(a)                 NUMBER   TRY(ceil(a))
CEILING(a)              NUMBER   TRY(ceil(a))
FLOOR(a)                NUMBER   TRY(floor(a))
ROUND(a)                NUMBER   TRY(round(a))
ROUND(a,b)              NUMBER   TRY(round(a, CAST(b AS INTEGER)))
TRUNC(a)                NUMBER   TRY(trunc(a))
TRUNCATE(a)             NUMBER   TRY(trunc(a))
SIGN(a)                 NUMBER   TRY(sign(a))
SQRT(a)                 NUMBER   CASE WHEN a >= 0 THEN TRY(sqrt(a)) END
POWER(a,b)              NUMBER   TRY(pow(a, b))
EXP(a)                  NUMBER   TRY(exp(a))
LN(a)                   NUMBER   TRY(ln(a))
LOG10(a)                NUMBER   TRY(log10(a))
LOG2(a)                 NUMBER   TRY(log2(a))
MOD(a,b)                NUMBER   TRY(a % NULLIF(b, 0))
NULLIF(a,b)             ?        NULLIF(a, b) !
YEAR(a)                 NUMBER   year(TRY_CAST(a AS TIMESTAMP))
QUARTER(a)              NUMBER   quarter(TRY_CAST(a AS TIMESTAMP))
MONTH(a)                NUMBER   month(TRY_CAST(a AS TIMESTAMP))
WEEK(a)                 NUMBER   week(TRY_CAST(a AS TIMESTAMP))
DAYOFYEAR(a)            NUMBER   dayofyear(TRY_CAST(a AS TIMESTAMP))
DAYOFMONTH(a)           NUMBER   day(TRY_CAST(a AS TIMESTAMP))
DAY(a)                  NUMBER   day(TRY_CAST(a AS TIMESTAMP))
DAYOFWEEK(a)            NUMBER   dayofweek(TRY_CAST(a AS TIMESTAMP)) + 1
HOUR(a)                 NUMBER   hour(TRY_CAST(a AS TIMESTAMP))
MINUTE(a)               NUMBER   minute(TRY_CAST(a AS TIMESTAMP))
SECOND(a)               NUMBER   second(TRY_CAST(a AS TIMESTAMP))
SECONDS_BETWEEN(a,b)    NUMBER   TRY(date_sub('second', TRY_CAST(a AS TIMESTAMP), TRY_CAST(b AS TIMESTAMP)))
MINUTES_BETWEEN(a,b)    NUMBER   TRY(date_sub('minute', TRY_CAST(a AS TIMESTAMP), TRY_CAST(b AS TIMESTAMP)))
HOURS_BETWEEN(a,b)      NUMBER   TRY(date_sub('hour', TRY_CAST(a AS TIMESTAMP), TRY_CAST(b AS TIMESTAMP)))
DAYS_BETWEEN(a,b)       NUMBER   TRY(date_sub('day', TRY_CAST(a AS TIMESTAMP), TRY_CAST(b AS TIMESTAMP)))
EPOCH_TO_UTC_TIMESTAMP(a) TIMESTAMP TRY(make_timestamp(CAST(TRY_CAST(a AS DOUBLE) * 1000000 AS BIGINT)))
MD5(a)                  STRING   md5(CAST(a AS VARCHAR))
SHA1(a)                 STRING   sha1(CAST(a AS VARCHAR))
HASH64(a)               NUMBER   CAST(CAST('0x' || substr(md5(CAST(a AS VARCHAR)), 1, 16) AS UBIGINT) AS HUGEINT) - 9223372036854775808
JSON_EXTRACT(a,b)       STRING   CASE WHEN json_valid(CAST(a AS VARCHAR)) THEN TRY(json_extract_string(CAST(a AS VARCHAR), b)) END
ARRAY_LENGTH(a)         NUMBER   len(a)
ARRAY_SIZE(a)           NUMBER   len(a)
CARDINALITY(a)          NUMBER   len(a)
SIZE(a)                 NUMBER   len(a)
ARRAY_SORT(a)           ARRAY    list_sort(a)
ARRAY_DISTINCT(a)       ARRAY    list_sort(list_distinct(a))
ARRAY_REVERSE(a)        ARRAY    list_reverse(a)
ARRAY_MIN(a)            ""       list_aggregate(a, 'min')
ARRAY_MAX(a)            ""       list_aggregate(a, 'max')
ARRAY_CONCAT(a,b)       ARRAY    list_concat(a, b)
ARRAY_UNION(a,b)        ARRAY    list_sort(list_distinct(list_concat(a, b)))
ARRAY_INTERSECT(a,b)    ARRAY    list_sort(list_intersect(a, b)) !
ARRAY_EXCEPT(a,b)       ARRAY    list_filter(a, lambda w : NOT coalesce(list_contains(b, w), FALSE)) !
ARRAY_APPEND(a,b)       ARRAY    list_append(a, b)
ARRAY_PREPEND(a,b)      ARRAY    list_prepend(b, a)
ARRAY_REMOVE(a,b)       ARRAY    list_filter(a, lambda w : w <> b) !
ARRAY_SLICE(a,b,c)      ARRAY    TRY(list_slice(a, b, c))
ARRAY_JOIN(a,b)         STRING   array_to_string(a, b)
ARRAY_TO_STRING(a,b)    STRING   array_to_string(a, b)
ARRAY_CONTAINS(a,b)     BOOLEAN  list_contains(a, b) !
ARRAY_POSITION(a,b)     NUMBER   coalesce(list_position(a, b), 0) !
"""  # noqa: E501  a table


@dataclass(frozen=True, slots=True)
class Function:
    """One line of the table. `arguments` are the letters."""

    name: str
    arguments: tuple[str, ...]
    type: str
    sql: str
    compares: bool


def _read(line: str) -> Function:
    call, kind, sql = line.split(maxsplit=2)
    name, _, rest = call.partition("(")
    compares = sql.endswith("!")
    arguments = tuple(each for each in rest.rstrip(")").split(",") if each)
    return Function(name, arguments, kind.strip('"'), sql.rstrip("!").strip(), compares)


FUNCTIONS: dict[tuple[str, int], Function] = {
    (function.name, len(function.arguments)): function for function in map(_read, TABLE.strip().splitlines())
}
NAMES = frozenset(name for name, _ in FUNCTIONS)
