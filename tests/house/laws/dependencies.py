"""Laws on who may know whom: core at the bottom, no siblings, optional libraries in one room."""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from distributions import Distribution, canonical, distributions, requirement_name
from laws.report import Report
from laws.source import Import, Room, imports, rooms

CORE = "racto-core"
TESTING = "racto-testing"
# Plug-ins into a program that is not ours.
FOREIGN_GROUPS = {"pytest11"}
CORE_MAY_IMPORT = {"pydantic", "pydantic_core"}
# What racto-core's two extras own; nothing outside these rooms may import them.
CORE_EXTRA_ROOMS = {
    "racto.core.testing": {"pytest", "hypothesis", "pytest_asyncio", "_pytest"},
    "racto.core.telemetry": {"opentelemetry"},
}
# Import names of libraries that no environment of ours may hold when the law is asked.
IMPORTED_AS = {
    "python-docx": "docx",
    "python-pptx": "pptx",
    "opentelemetry-api": "opentelemetry",
    "faiss-cpu": "faiss",
    "psycopg": "psycopg",
    "google-auth": "google",
    "google-genai": "google",
    "confluent-kafka": "confluent_kafka",
}


@cache
def _installed() -> dict[str, set[str]]:
    provided: dict[str, set[str]] = defaultdict(set)
    for module, names in packages_distributions().items():
        for name in names:
            provided[canonical(name)].add(module)
    return dict(provided)


def import_names(distribution: str) -> set[str]:
    """Return the top-level modules that a distribution provides."""
    if distribution.startswith("racto-"):
        return {"racto"}
    fallback = IMPORTED_AS.get(distribution, distribution.replace("-", "_"))
    return _installed().get(distribution, set()) | {fallback}


def _provided_by(requirements: list[str]) -> set[str]:
    found = {name for requirement in requirements for name in import_names(requirement)}
    # racto-core's models are pydantic's, so whoever depends on it may rely on both halves of it.
    return found | ({"pydantic", "pydantic_core"} if {"pydantic", "racto"} & found else set())


def foreign(room: Room) -> list[Import]:
    """Return the imports of a room that are neither the standard library's nor racto's."""
    own = sys.stdlib_module_names | {"racto", "__future__"}
    return [entry for entry in imports(room) if entry.module.split(".")[0] not in own]


def core_at_the_bottom(root: Path) -> Report:
    """racto.core imports pydantic and the standard library, and no other portion of racto."""
    report = Report()
    for room in rooms(root):
        if room.owner.name != CORE:
            continue
        report.seen += 1
        allowed = set(CORE_MAY_IMPORT)
        for prefix, extra in CORE_EXTRA_ROOMS.items():
            if room.module.startswith(prefix):
                allowed |= extra
        for entry in foreign(room):
            if entry.module.split(".")[0] not in allowed:
                report.add(f"{room.where}:{entry.line}", f"racto.core imports {entry.module}")
    return report


def no_siblings(root: Path) -> Report:
    """No source file imports another portion than its own and racto.core, not even lazily."""
    report = Report()
    for room in rooms(root):
        report.seen += 1
        for entry in imports(room):
            if entry.module.split(".")[0] != "racto" or entry.module == "racto":
                continue
            if not _is_within(entry.module, {room.owner.import_name, "racto.core"}):
                message = f"{room.owner.name} imports its sibling {entry.module}"
                report.add(f"{room.where}:{entry.line}", message)
    return report


def _is_within(module: str, portions: set[str]) -> bool:
    return any(module == p or module.startswith(f"{p}.") for p in portions if p)


def no_declared_siblings(root: Path) -> Report:
    """No pyproject.toml asks for a sibling, in its dependencies or in an extra.

    Its tests may ask for the servers of racto-testing, which nobody installs with it.
    """
    report = Report()
    for entry in distributions(root):
        report.seen += 1
        allowed = {CORE, entry.name}
        for place, names in {"dependencies": entry.dependencies, **entry.extras}.items():
            for name in names:
                if name.startswith("racto") and name not in allowed:
                    report.add(entry.name, f"asks for its sibling {name} in {place}")
        for name in map(requirement_name, entry.test_group):
            if name.startswith("racto") and name not in allowed | {TESTING}:
                report.add(entry.name, f"asks for its sibling {name} in the group test")
        if entry.name != CORE and CORE not in entry.dependencies:
            report.add(entry.name, f"does not depend on {CORE}")
        if entry.name == CORE and entry.dependencies != ["pydantic"]:
            report.add(entry.name, f"depends on {entry.dependencies}, and may on pydantic alone")
    return report


def declared_libraries(root: Path) -> Report:
    """Every library that a distribution imports is one of its dependencies or extras."""
    report = Report()
    for room in rooms(root):
        report.seen += 1
        declared = _provided_by(_everything(room.owner))
        for entry in foreign(room):
            if entry.module.split(".")[0] not in declared:
                message = f"{room.owner.name} imports {entry.module} and does not declare it"
                report.add(f"{room.where}:{entry.line}", message)
    return report


def _everything(entry: Distribution) -> list[str]:
    return [*entry.dependencies, *(name for names in entry.extras.values() for name in names)]


def optional_libraries(root: Path) -> Report:
    """A library of an extra is imported inside a function, and in one room of its package."""
    report = Report()
    places: dict[tuple[str, str], set[str]] = defaultdict(set)
    for room in rooms(root):
        report.seen += 1
        if any(room.module.startswith(prefix) for prefix in CORE_EXTRA_ROOMS):
            continue
        always = _provided_by(room.owner.dependencies)
        for entry in foreign(room):
            library = entry.module.split(".")[0]
            if library in always or entry.typing_only:
                continue
            places[room.owner.name, library].add(room.where)
            if not entry.lazy:
                message = f"imports the optional {library} as it loads"
                report.add(f"{room.where}:{entry.line}", message)
    for (owner, library), found in places.items():
        if len(found) > 1:
            report.add(owner, f"imports the optional {library} in {', '.join(sorted(found))}")
    return report


def missing_extras_explained(root: Path) -> Report:
    """A room that imports an optional library raises the error that prints the install line."""
    report = Report()
    for room in rooms(root):
        report.seen += 1
        if any(room.module.startswith(prefix) for prefix in CORE_EXTRA_ROOMS):
            continue
        always = _provided_by(room.owner.dependencies)
        found = {e.module.split(".")[0] for e in foreign(room) if not e.typing_only}
        for library in sorted(found - always):
            lines = _install_lines(room.owner, library)
            if "MissingExtraError" not in room.text or not any(n in room.text for n in lines):
                wanted = " or ".join(lines) or "an extra, which is not declared"
                report.add(
                    room.where,
                    f"imports the optional {library} and raises no MissingExtraError for {wanted}",
                )
    return report


def _install_lines(owner: Distribution, library: str) -> list[str]:
    return [
        f"{owner.name}[{extra}]"
        for extra, needed in owner.extras.items()
        if library in _provided_by(needed)
    ]


def own_entry_points(root: Path) -> Report:
    """The plug-ins that a distribution offers lie in its own portion, in groups of racto's."""
    report = Report()
    for entry in distributions(root):
        report.seen += 1
        groups = entry.pyproject.get("project", {}).get("entry-points", {})
        for group, offered in groups.items():
            if not group.startswith("racto.") and group not in FOREIGN_GROUPS:
                report.add(entry.name, f"offers plug-ins in the foreign group {group}")
            for name, target in offered.items():
                if not _is_within(target.partition(":")[0], {entry.import_name}):
                    report.add(entry.name, f"offers {name} from {target}, which is not its own")
    return report
