"""MySQL's and MariaDB's functions on numbers, text, dates, JSON, bits, addresses and geometry."""

from __future__ import annotations

NUMBERS = """
conv crc32 crc32c bit_count oct std
"""
TEXT = """
bin chr compress elt export_set field find_in_set format from_base64 insert lcase lengthb
make_set mid natural_sort_key old_password ord quote random_bytes sha sha2
sformat strcmp substring_index to_base64 ucase uncompress uncompressed_length weight_string
aes_decrypt aes_encrypt decode encode password collation charset coercibility regexp_like
"""
DATES = """
adddate addtime convert_tz curdate curtime date_format datetime dayofweek from_days from_unixtime
get_format makedate maketime microsecond period_add period_diff sec_to_time str_to_date subdate
subtime sysdate time_format time_to_sec timediff to_days to_seconds unix_timestamp utc_date
utc_time utc_timestamp weekday yearweek
"""
JSON = """
column_check column_exists column_get column_json column_list json_append json_array_append
json_array_insert json_array_intersect json_compact json_contains json_contains_path json_depth
json_detailed json_equals json_insert json_key_value json_length json_loose json_merge
json_merge_patch json_merge_preserve json_normalize json_object_filter_keys json_object_to_array
json_overlaps json_pretty json_quote json_remove json_replace json_schema_valid
json_schema_validation_report json_search json_set json_storage_size json_unquote json_valid
member extractvalue updatexml
"""
OTHERS = """
any_value bin_to_uuid default format_bytes format_pico_time inet6_aton inet6_ntoa inet_aton
inet_ntoa interval is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_uuid match sys_guid
uuid uuid_short uuid_to_bin uuid_v4 uuid_v7 values row
"""
SHAPES = """
geometrycollection linestring mbrcontains mbrwithin multilinestring multipoint multipolygon point
polygon st_area st_asgeojson st_astext st_aswkb st_aswkt st_buffer st_centroid st_contains
st_convexhull st_crosses st_difference st_dimension st_disjoint st_distance st_distance_sphere
st_envelope st_equals st_geohash st_geomfromgeojson st_geomfromtext st_geomfromwkb st_intersection
st_intersects st_isvalid st_latitude st_length st_longitude st_numpoints st_overlaps st_pointn
st_pointfromtext st_simplify st_srid st_touches st_transform st_union st_within st_x st_y
vec_distance vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext
string_to_vector vector_to_string distance
"""

NAMES = frozenset(" ".join((NUMBERS, TEXT, DATES, JSON, OTHERS, SHAPES)).split())
