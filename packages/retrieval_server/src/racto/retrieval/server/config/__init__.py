"""Configuration of a server: RoutIR's schema and more, from JSON, YAML or TOML."""

from .assembly import Assembly as Assembly
from .files import read_config as read_config
from .schema import (
    CollectionConfig as CollectionConfig,
    HTTPConfig as HTTPConfig,
    ServerConfig as ServerConfig,
    ServiceConfig as ServiceConfig,
)
