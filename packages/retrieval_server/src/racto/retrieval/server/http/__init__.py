"""The HTTP server: an ASGI application over a registry, and the program that runs it."""

from .application import Application as Application
from .keys import KeyRing as KeyRing
from .services import Services as Services
from .settings import ServerSettings as ServerSettings
