"""SQLite's built-in functions, with those of its JSON, mathematics, FTS and R*Tree modules."""

from __future__ import annotations

FUNCTIONS = """
char format glob hex if instr json json_array json_array_insert json_each
json_error_position json_extract json_group_array json_group_object json_insert json_object
json_patch json_pretty json_quote json_remove json_replace json_set json_tree json_type
json_valid jsonb jsonb_array jsonb_each jsonb_extract jsonb_group_array jsonb_group_object
jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set jsonb_tree julianday
like likelihood likely match percentile printf quote randomblob regexp string_agg strftime
subtype total timediff unhex unistr unistr_quote unixepoch unlikely zeroblob datetime time date
bm25 highlight offsets matchinfo snippet rtreedepth generate_series
decimal decimal_add decimal_cmp decimal_mul decimal_sub decimal_sum decimal_exp ieee754
ieee754_exponent ieee754_mantissa ieee754_from_blob ieee754_to_blob sha3 uuid uuid_blob
uuid_str series editdist3 edit_dist spellfix1_editdist spellfix1_phonehash
"""

NAMES = frozenset(FUNCTIONS.split())
