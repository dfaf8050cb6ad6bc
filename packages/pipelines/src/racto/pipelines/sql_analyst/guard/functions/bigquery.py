"""BigQuery's functions of GoogleSQL, without models, remote functions and sessions."""

from __future__ import annotations

NUMBERS = """
acosh bit_count cbrt coth csc csch cosine_distance div euclidean_distance ieee_divide is_inf is_nan
range_bucket safe_add safe_divide safe_multiply safe_negate safe_subtract sec sech
"""
TEXT = """
byte_length code_points_to_bytes code_points_to_string collate contains_substr edit_distance
ends_with format from_base32 from_base64 from_hex initcap normalize normalize_and_casefold
regexp_contains regexp_extract regexp_extract_all safe_convert_bytes_to_string sha256 sha512
split starts_with to_base32 to_base64 to_code_points to_hex farm_fingerprint search string
parse_bignumeric parse_numeric text_analyze bag_of_words tf_idf
"""
DATES = """
current_datetime date_bucket date_from_unix_date datetime datetime_add datetime_bucket
datetime_diff datetime_sub datetime_trunc format_date format_datetime format_time
format_timestamp generate_date_array generate_timestamp_array interval justify_days justify_hours
justify_interval make_interval parse_date parse_datetime parse_time parse_timestamp time_add
time_diff time_sub time_trunc timestamp_add timestamp_bucket timestamp_diff timestamp_micros
timestamp_millis timestamp_seconds timestamp_sub timestamp_trunc unix_date unix_micros
unix_millis unix_seconds range range_contains range_end range_overlaps range_start
range_intersect range_sessionize generate_range_array gap_fill
"""
ARRAYS = """
array array_concat array_concat_agg array_first array_includes array_includes_all
array_includes_any array_last array_length array_max array_min array_reverse array_slice array_sum
array_avg array_is_distinct array_to_string array_transform array_filter flatten generate_array
generate_uuid offset ordinal safe_offset safe_ordinal struct array_find array_find_all
"""
JSON = """
bool float64 int64 json_array_append json_array_insert json_extract_array json_extract_scalar
json_extract_string_array json_flatten json_query_array json_remove json_set json_strip_nulls
json_value_array lax_bool lax_float64 lax_int64 lax_string parse_json to_json to_json_string
bool_array float32 float64_array int64_array string_array
"""
AGGREGATES = """
approx_quantiles approx_top_count approx_top_sum logical_and logical_or grouping max_by min_by
quantiles
"""
SHAPES = """
st_area st_asgeojson st_astext st_boundary st_buffer st_centroid st_centroid_agg st_clusterdbscan
st_contains st_convexhull st_coveredby st_covers st_difference st_dimension st_disjoint
st_distance st_dump st_dwithin st_equals st_geogfrom st_geogfromgeojson st_geogfromtext
st_geogpoint st_geohash st_intersection st_intersects st_isempty st_length st_makeline
st_makepolygon st_maxdistance st_npoints st_perimeter st_simplify st_snaptogrid st_touches
st_union st_union_agg st_within st_x st_y s2_cellidfrompoint s2_coveringcellids bit_cast_to_int64
"""
# These follow a prefix: net.host(...), hll_count.merge(...), keys.* is left out on purpose.
PREFIXED = """
host ip_from_string ip_net_mask ip_to_string ip_trunc ipv4_from_int64 ipv4_to_int64 public_suffix
reg_domain safe_ip_from_string extract extract_partial init merge merge_partial
"""

NAMES = frozenset(
    " ".join(
        (NUMBERS, TEXT, DATES, ARRAYS, JSON, AGGREGATES, SHAPES, PREFIXED, "safe_cast")
    ).split()
)
