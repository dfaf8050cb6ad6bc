"""The kinds of syntax tree nodes that a reading statement is made of; every other is refused."""

from __future__ import annotations

from sqlglot import exp

QUERIES = """
Select Union Except Intersect SetOperation Subquery Values With CTE From Where Group Having Order
Ordered Limit LimitOptions Offset Fetch Qualify Window WindowSpec WithinGroup Filter Distinct Join
Lateral Table TableAlias TableSample TableFromRows Pivot PivotAlias PivotAny UnpivotColumns
Cube Rollup GroupingSets ForClause QueryOption WithTableHint IndexTableHint
RecursiveWithSearch MatchRecognize MatchRecognizeMeasure Connect Prior IgnoreNulls RespectNulls
HavingMax Version ProjectionDef Tuple Partition
"""
VALUES = """
Alias Aliases Column Identifier Star Literal Null Boolean Var Paren Dot Bracket Slice
Kwarg PropertyEQ Lambda Cast TryCast JSONCast DataType DataTypeParam IntervalSpan Interval
IntervalOp AtTimeZone FromTimeZone BitString HexString ByteString RawString UnicodeString National
Introducer Collate CharacterSet ColumnDef ColumnPosition TimeUnit Variadic Comprehension
PositionalColumn Pseudocolumn TableColumn AtIndex FormatPhrase TranslateCharacters OnCondition
JSON JSONPath JSONPathFilter JSONPathKey JSONPathRecursive JSONPathRoot JSONPathScript
JSONPathSlice JSONPathSelector JSONPathSubscript JSONPathUnion JSONPathWildcard FormatJson
JSONKeyValue JSONColumnDef JSONSchema JSONValue OpenJSONColumnDef JSONExtractQuote XMLNamespace XMLKeyValueOption
NestedJSONSelect OverflowTruncateBehavior Opclass CollateColumnConstraint ScopeResolution
"""
OPERATORS = """
Add Sub Mul Div IntDiv Mod Neg BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift
BitwiseRightShift DPipe EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Is Like ILike SimilarTo Glob
Match Escape Not In Between Exists All Any Overlaps ExtendsLeft ExtendsRight Distance DistanceNd
Adjacent And Or Xor
"""

# Functions are let in by the name in which they are written (see `functions`). These are the
# node classes of functions that say something of the session, read a file, call a model, or do
# what no database of ours has: they stay out even where a name should slip through.
_CLOSED_FUNCTIONS = """
AIAgg AIClassify AIEmbed AIForecast AIGenerate AISimilarity AISummarizeAgg ConnectByRoot
CurrentAccount CurrentAccountName CurrentAvailableRoles CurrentCatalog CurrentClient
CurrentDatabase CurrentIpAddress CurrentOrganizationName CurrentOrganizationUser CurrentRegion
CurrentRole CurrentRoleType CurrentSchema CurrentSchemas CurrentSecondaryRoles CurrentSession
CurrentStatement CurrentTransaction CurrentUser CurrentUserId CurrentVersion CurrentWarehouse
DynamicIdentifier FeaturesAtTime GenerateBool GenerateDouble GenerateEmbedding GenerateInt
GenerateTable GenerateText MLForecast MLTranslate NextValueFor ObjectId Predict ReadCSV
ReadParquet Secret SessionUser ToFile VectorSearch
"""


def _classes(names: str) -> frozenset[type]:
    """The node classes of these names; a release that dropped one simply has fewer."""
    found = (getattr(exp, name, None) for name in names.split())
    return frozenset(node for node in found if isinstance(node, type))


def _function_classes() -> frozenset[type]:
    """Every class of a function, less those that stay out."""
    classes = (node for node in vars(exp).values() if isinstance(node, type))
    return frozenset(node for node in classes if issubclass(node, exp.Func)) - _classes(
        _CLOSED_FUNCTIONS
    )


# PIVOT stands at the root of DuckDB's short form of it.
ROOTS = _classes("Select Union Except Intersect Subquery Values Pivot")
"""What a statement may be."""

ALLOWED = _classes(QUERIES + VALUES + OPERATORS) | _function_classes()
"""What it may hold."""

REFUSED_RULES: dict[type, tuple[str, str]] = {
    exp.Into: ("into", "the result of a query is returned, not written to a table or a file"),
    exp.Lock: ("lock", "a reading statement locks no rows"),
    exp.Command: ("statement", "only one reading statement may run"),
    exp.Parameter: ("variable", "variables and parameters of the session are not readable"),
    exp.SessionParameter: ("variable", "variables of the server are not readable"),
    exp.Placeholder: ("variable", "a statement brings its values with it, without placeholders"),
    exp.NextValueFor: ("function", "drawing from a sequence writes"),
    exp.ObjectIdentifier: ("type", "types that name catalogue objects look into the catalogue"),
    exp.PseudoType: ("type", "pseudo-types belong into declarations"),
    exp.HistoricalData: ("time-travel", "the past of a table is not part of the schema"),
    exp.Changes: ("time-travel", "the changes of a table are not part of the schema"),
    exp.ListStage: ("statement", "files of a stage are not readable"),
    exp.Operator: ("operator", "operators are written as signs, so that their meaning is known"),
    exp.Hint: ("hint", "hints can change settings"),
    exp.Insert: ("write", "a reading statement writes nothing"),
    exp.Update: ("write", "a reading statement writes nothing"),
    exp.Delete: ("write", "a reading statement writes nothing"),
    exp.Merge: ("write", "a reading statement writes nothing"),
}
"""The rule and the reason for node classes that people do try."""
