"""The second wall of each database: read-only, timed, one query, and taken down again."""

from .choice import wall_of as wall_of
from .wall import Wall as Wall
