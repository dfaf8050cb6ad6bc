"""Functions that every database knows, or whose name means the same wherever it is known."""

from __future__ import annotations

NUMBERS = """
abs acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh cot degrees exp floor ln log
log10 log2 mod pi pow power radians rand random round sign sin sinh sqrt tan tanh trunc truncate
"""
TEXT = """
ascii bit_length char char_length character_length chr concat concat_ws hex instr left length
locate lower lpad ltrim md5 octet_length overlay position regexp_count regexp_instr regexp_like
regexp_replace regexp_substr repeat replace reverse right rpad rtrim sha1 soundex space split_part
strpos substr substring translate trim unhex unicode upper
"""
CHOICES = """
coalesce greatest if ifnull iif isnull least nullif nvl nvl2
"""
DATES = """
add_months current_date current_time current_timestamp date date_add date_diff date_part date_sub
date_trunc dateadd datediff day dayname dayofmonth dayofweek dayofyear extract hour last_day
localtime localtimestamp minute month monthname months_between now quarter second time timestamp
timestampadd timestampdiff to_char to_date to_number to_timestamp week weekofyear year
"""
AGGREGATES = """
any_value approx_count_distinct array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count
count_if countif covar_pop covar_samp every group_concat grouping grouping_id listagg max max_by
median min min_by mode percentile_cont percentile_disc regr_avgx regr_avgy regr_count
regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp
string_agg sum var_pop var_samp variance
"""
WINDOWS = """
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
"""
JSON = """
json_array json_array_length json_arrayagg json_exists json_extract json_keys json_object
json_objectagg json_query json_table json_type json_value
"""
CONVERSIONS = "cast convert try_cast typeof"
TABLES = "unnest"

NAMES = frozenset(
    " ".join(
        (NUMBERS, TEXT, CHOICES, DATES, AGGREGATES, WINDOWS, JSON, CONVERSIONS, TABLES)
    ).split()
)
