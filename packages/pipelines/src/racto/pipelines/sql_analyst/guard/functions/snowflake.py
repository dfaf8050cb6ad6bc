"""Snowflake's functions on values, semi-structured data, dates and geography."""

from __future__ import annotations

NUMBERS = """
bitand bitand_agg bitandagg bitnot bitor bitor_agg bitoragg bitshiftleft bitshiftright bitxor
bitxor_agg bitxoragg bit_andagg bit_oragg bit_xoragg booland boolnot boolor boolxor booland_agg
boolor_agg boolxor_agg cbrt div0 div0null factorial getbit haversine normal randstr square uniform
width_bucket zipf zeroifnull nullifzero round
"""
TEXT = """
base64_decode_binary base64_decode_string base64_encode charindex collate collation compress
contains decompress_binary decompress_string decode editdistance endswith hex_decode_binary
hex_decode_string hex_encode initcap insert jarowinkler_similarity len like_all like_any ilike
ilike_any lower md5_binary md5_hex md5_number_lower64 md5_number_upper64 parse_ip parse_url
regexp regexp_extract_all regexp_substr_all rlike rtrimmed_length sha1_binary sha1_hex sha2
sha2_binary sha2_hex soundex_p123 split split_to_table startswith strtok strtok_split_to_table
strtok_to_array try_base64_decode_binary try_base64_decode_string try_hex_decode_binary
try_hex_decode_string uuid_string hash
"""
DATES = """
convert_timezone date_from_parts datefromparts dayofweekiso getdate monthname next_day
previous_day sysdate systimestamp time_from_parts time_slice timeadd timediff timefromparts
timestamp_from_parts timestamp_ltz_from_parts timestamp_ntz_from_parts timestamp_tz_from_parts
timestampfromparts timestampltzfromparts timestampntzfromparts timestamptzfromparts to_time
to_timestamp_ltz to_timestamp_ntz to_timestamp_tz try_to_date try_to_time try_to_timestamp
try_to_timestamp_ltz try_to_timestamp_ntz try_to_timestamp_tz weekiso yearofweek yearofweekiso
"""
CONVERSIONS = """
to_array to_binary to_boolean to_decimal to_decfloat to_double to_geography to_geometry to_json
to_numeric to_object to_varchar to_variant to_xml try_to_binary try_to_boolean try_to_decimal
try_to_decfloat try_to_double try_to_geography try_to_number try_to_numeric
try_parse_json parse_json parse_xml try_parse_xml check_json check_xml strip_null_value
as_array as_binary as_boolean as_char as_date as_decimal as_double as_integer as_number as_object
as_real as_time as_timestamp_ltz as_timestamp_ntz as_timestamp_tz as_varchar is_array is_binary
is_boolean is_char is_date is_decimal is_double is_integer is_null_value is_object is_real is_time
is_timestamp_ltz is_timestamp_ntz is_timestamp_tz is_varchar
"""
ARRAYS = """
array_append array_cat array_compact array_construct array_construct_compact array_contains
array_distinct array_except array_flatten array_generate_range array_insert array_intersection
array_max array_min array_position array_prepend array_remove array_remove_at array_reverse
array_size array_slice array_sort array_to_string array_union_agg array_unique_agg arrays_overlap
arrays_to_object arrays_zip filter flatten get get_ignore_case get_path object_agg
object_construct object_construct_keep_null object_delete object_insert object_keys object_pick
reduce transform map_cat map_contains_key map_delete map_insert map_keys map_pick map_size
json_extract_path_text xmlget generator seq1 seq2 seq4 seq8 equal_null greatest_ignore_nulls
least_ignore_nulls iff regr_valx regr_valy arrayagg zipf
"""
AGGREGATES = """
approx_percentile approx_percentile_accumulate approx_percentile_combine
approx_percentile_estimate approx_top_k approx_top_k_accumulate approx_top_k_combine
approx_top_k_estimate approximate_jaccard_index approximate_similarity bitmap_bit_position
bitmap_bucket_number bitmap_construct_agg bitmap_count bitmap_or_agg conditional_change_event
conditional_true_event count_if hash_agg hll hll_accumulate hll_combine hll_estimate hll_export
hll_import kurtosis minhash minhash_combine ratio_to_report skew variance_pop variance_samp
max_by min_by match_number match_sequence_number classifier first last prev next
"""
SHAPES = """
h3_cell_to_boundary h3_cell_to_parent h3_cell_to_point h3_latlng_to_cell h3_point_to_cell st_area
st_asgeojson st_astext st_aswkt st_azimuth st_buffer st_centroid st_collect st_contains
st_coveredby st_covers st_difference st_dimension st_disjoint st_distance st_dwithin st_envelope
st_geogfromtext st_geographyfromwkt st_geohash st_intersection st_intersects st_length st_makeline
st_makepoint st_makepolygon st_npoints st_perimeter st_point st_simplify st_srid st_union
st_within st_x st_y st_xmax st_xmin st_ymax st_ymin vector_cosine_similarity vector_inner_product
vector_l1_distance vector_l2_distance
"""
# TABLE(...) is a word of the grammar here; what stands in its parentheses is checked by itself.
WORDS = "table"

NAMES = frozenset(
    " ".join((NUMBERS, TEXT, DATES, CONVERSIONS, ARRAYS, AGGREGATES, SHAPES, WORDS)).split()
)
