"""SQL Server's functions on numbers, text, dates, JSON, XML values and geography."""

from __future__ import annotations

NUMBERS = """
approx_percentile_cont approx_percentile_disc atn2 bit_count checksum checksum_agg count_big
get_bit left_shift right_shift set_bit square stdev stdevp var varp product
"""
TEXT = """
base64_decode base64_encode charindex compress concat_ws datalength decompress difference
edit_distance edit_distance_similarity format formatmessage hashbytes jaro_winkler_distance
jaro_winkler_similarity json_array json_modify json_object json_path_exists isjson len nchar
parsename patindex quotename regexp_matches regexp_split_to_table replicate str string_escape
string_split stuff translate trim unicode binary_checksum
"""
DATES = """
current_timezone current_timezone_id date_bucket datefromparts datename datepart datetime2fromparts
datetimefromparts datetimeoffsetfromparts datetrunc datediff_big eomonth getdate getutcdate isdate
smalldatetimefromparts switchoffset sysdatetime sysdatetimeoffset sysutcdatetime timefromparts
todatetimeoffset
"""
OTHERS = """
choose isnumeric newid openjson parse sql_variant_property try_convert try_parse
generate_series vector_distance vector_norm vector_normalize
value query exist nodes stdistance stastext starea stintersects stcontains stwithin stlength
stbuffer stcentroid lat long stx sty tostring stgeomfromtext stpointfromtext point
"""

NAMES = frozenset(" ".join((NUMBERS, TEXT, DATES, OTHERS)).split())
