"""The words of the grammar: what may stand before a parenthesis, or bare, without being a name."""

from __future__ import annotations


def listed(words: str) -> frozenset[str]:
    """The words of a text, which is easier to read and to change than a list of strings."""
    return frozenset(words.split())


BEFORE_PARENTHESES = listed("""
    all and any apply array as asof between by case check columns collate cross cube current
    define delimiter distinct div else end escape except exclude exists extract fetch filter first
    following for from full group grouping having hint if ilike in inner intersect interval
    is isnull join lateral left like limit map match match_condition match_recognize materialized
    measures minus mod natural next not notnull nth of offset on only option or order ordinality
    outer over overlaps partition path pattern percent pivot positional preceding qualify repeatable seed range
    ranges raw regexp rename replace return right rlike rollup root row rows sample select
    separator sets similar some sounds struct system tablesample bernoulli reservoir block then ties
    to top table union unnest unpivot use force ignore index key using value values when where
    window with within without xor null true false asymmetric symmetric like_regex nested
    include exclusive set list member against default
    """)
"""Words of the grammar that a parenthesis may follow."""

TYPES = listed("""
    bigint bignumeric bigdecimal binary bit blob bool boolean byteint bytes char character clob date
    datetime datetime2 datetimeoffset dec decimal double fixed float float4 float8 geography geometry
    hugeint int int2 int4 int8 integer interval json jsonb list long mediumint money national nchar
    number numeric nvarchar object precision real row signed smallint string struct text time
    timestamp timestamp_ltz timestamp_ntz timestamp_tz timestampltz timestampntz timestamptz
    timestamptz timetz tinyint unsigned varbinary varbit varchar varchar2 variant varying vector
    uuid xml zone enum union map array bpchar range year
    """)
"""Types that take arguments, and their second words."""

BARE = listed("""
    absent according action add after against aggregate all always amp and any approx array
    array_wrapper as asc ascii asof asymmetric at auto base64 before bernoulli binary block
    boolean both break browse by bytes cascade case centuries century char character charset
    classifier collate collation columns concat conditional connect contains content cube
    current cycle data day day_hour day_microsecond day_minute day_second dayofweek
    dayofweek_iso dayofweekiso dayofyear days dd decade decades default define degree delimiter
    depth desc dimensions disable_optimized_plan_forcing distinct distinctrow div divide
    document dow doy dw elements else empty encoding end epoch epoch_millisecond epoch_second
    error escape except exclude exists expand expansion explicit extend facts false fast filter
    final first fixed following for force format forward fri friday from full fulltext glob
    group grouping groups hash having hh high_priority hint hour hour_microsecond hour_minute
    hour_second hours if ignore ignore_nonclustered_columnstore_index ilike in include
    include_null_values increment index indexed input inside int integer interpolate is isnull
    iso_week iso_year isodow isoweek isoweekday isoyear items japanese join json keep key keys
    lambda language last lax lazy leading left level like limit lines list local locale loop
    map mask match matched matches materialized max max_grant_percent maxdop maxrecursion
    maxvalue measures memory merge message method metrics mi microsecond microseconds millennia
    millennium millisecond milliseconds min min_grant_percent minus minute minute_microsecond
    minute_second minutes minvalue mm mod mode mon monday month months more ms name nanosecond
    nanoseconds national natural nearest next nfc nfd nfkc nfkd no no_performance_spool nocycle
    nolock noorder normalized not nothing notnull nowait ns null nulls object of off offset
    omit on one only option options or order ordinal ordinality other others out outer output
    over overflow overlaps parameter parse partition passing past path pattern per percent
    permute phrase placing plain positional preceding precision preserve prior projection qq
    qualify quarter quarters query quotes random range raw recompile recursive ref regexp
    reject rename repeatable replace reservoir respect return returning right rlike robust role
    rollup root row rowcount rows running sample sampling saturday scalar schema search second
    second_microsecond seconds seed separator sequence sets share signed similar simple skip
    some soname sorted sounds spatial sql_big_result sql_buffer_result sql_cache
    sql_calc_found_rows sql_no_cache sql_small_result sqltext ss stable standalone start
    statistics step straight_join strict strip struct structure sunday symmetric system
    system_time table tablesample temporal than then thursday ties time timelimit timestampadd
    timezone timezone_abbr timezone_hour timezone_minute to top totals trailing true truncate
    tuesday type types tzoffset uescape unbounded unconditional unicode unique unknown
    unmatched unset unsigned until unwrap us use using utf8 valid value values varying version
    view visible wait wednesday week weekday weekiso weeks well when where whitespace window
    with within without without_array_wrapper wk wrapper xml xmlattributes xmlnamespaces xor
    xsinil year year_month yearofweek yearofweekiso years yes yy yyyy zerofill zone
    """)
"""Words of the grammar that the parser reads without leaving a name in the tree."""
