"""PostgreSQL's functions on values, text search, ranges, JSON, XML values, geometry and networks."""

from __future__ import annotations

NUMBERS = """
acosd asind atan2d atand cbrt cosd cotd div erf erfc factorial gamma gcd int4 int8 float4 float8
lcm lgamma log min_scale numeric random_normal scale sind tand trim_scale width_bucket
"""
TEXT = """
array_to_string btrim casefold convert_from convert_to crc32 crc32c decode encode format get_bit
get_byte initcap is_normalized normalize parse_ident quote_ident quote_literal quote_nullable
regexp_match regexp_matches regexp_split_to_array regexp_split_to_table set_bit set_byte sha224
sha256 sha384 sha512 starts_with string_to_array string_to_table substring_index text to_ascii
to_bin to_hex to_oct unistr unicode_assigned varchar bpchar
levenshtein levenshtein_less_equal metaphone dmetaphone dmetaphone_alt difference
daitch_mokotoff similarity word_similarity strict_word_similarity show_trgm unaccent
crypt digest hmac gen_random_bytes uuid_generate_v4 uuid_generate_v1
"""
DATES = """
age clock_timestamp date_bin date_subtract isfinite justify_days justify_hours justify_interval
make_date make_interval make_time make_timestamp make_timestamptz statement_timestamp timeofday
timezone transaction_timestamp interval timestamptz timetz overlaps
time_bucket time_bucket_gapfill
"""
ARRAYS = """
array array_append array_cat array_dims array_fill array_length array_lower array_ndims
array_position array_positions array_prepend array_remove array_replace array_reverse array_sample
array_shuffle array_sort array_upper cardinality trim_array generate_subscripts
"""
JSON = """
array_to_json json json_agg json_agg_strict json_array_elements json_array_elements_text
json_build_array json_build_object json_each json_each_text json_extract_path
json_extract_path_text json_object_agg json_object_agg_strict json_object_agg_unique
json_object_keys json_populate_record json_populate_recordset json_scalar json_serialize
json_strip_nulls json_to_record json_to_recordset json_typeof jsonb_agg jsonb_agg_strict
jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array
jsonb_build_object jsonb_each jsonb_each_text jsonb_exists jsonb_exists_all jsonb_exists_any
jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg
jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_keys jsonb_path_exists
jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query jsonb_path_query_array
jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz
jsonb_populate_record jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax
jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof row row_to_json to_json to_jsonb
hstore akeys avals skeys svals hstore_to_json hstore_to_jsonb
"""
XML = """
xml xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xmlagg xmlcomment
xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize xmltable xmltext
xpath xpath_exists
"""
SEARCH = """
array_to_tsvector get_current_ts_config json_to_tsvector jsonb_to_tsvector numnode
phraseto_tsquery plainto_tsquery querytree setweight strip to_tsquery to_tsvector ts_delete
ts_filter ts_headline ts_rank ts_rank_cd tsquery_phrase tsvector_to_array websearch_to_tsquery
tsvector_concat tsvector tsquery
"""
RANGES = """
daterange datemultirange int4multirange int4range int8multirange int8range isempty lower_inc
lower_inf multirange nummultirange numrange range_agg range_intersect_agg range_merge tsmultirange
tsrange tstzmultirange tstzrange upper_inc upper_inf num_nonnulls num_nulls
"""
SHAPES = """
area bound_box box center circle diagonal diameter height host hostmask inet_merge
inet_same_family isclosed ishorizontal isopen isparallel isperp isvertical line lseg
macaddr8_set7bit masklen netmask network npoints path pclose point polygon popen radius
set_masklen slope width abbrev broadcast family
st_area st_asgeojson st_astext st_buffer st_centroid st_contains st_distance st_distancesphere
st_dwithin st_geogfromtext st_geomfromgeojson st_geomfromtext st_intersection st_intersects
st_length st_makeenvelope st_makepoint st_point st_perimeter st_setsrid st_simplify st_srid
st_transform st_union st_within st_x st_y st_envelope st_covers st_touches st_overlaps st_npoints
"""
AGGREGATES = """
approx_percentile first hypothetical last percentile_agg rank_filter string_agg xmlagg
"""
ROWS = """
enum_first enum_last enum_range gen_random_uuid generate_series uuid_extract_timestamp
uuid_extract_version uuidv4 uuidv7 pg_typeof pg_size_pretty pg_column_size hashtext md5
hash_array isodow
"""

NAMES = frozenset(
    " ".join(
        (NUMBERS, TEXT, DATES, ARRAYS, JSON, XML, SEARCH, RANGES, SHAPES, AGGREGATES, ROWS)
    ).split()
)
