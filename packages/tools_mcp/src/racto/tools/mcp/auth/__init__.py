"""Logins for servers that ask for OAuth: a person's in the browser, or a program's own."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .browser import browser_login as browser_login
    from .flow import OAuth as OAuth
    from .logins import (
        Login as Login,
        TokenStore as TokenStore,
    )
    from .machines import (
        client_credentials as client_credentials,
        private_key_jwt as private_key_jwt,
    )
    from .patience import while_a_person_acts as while_a_person_acts
    from .stores import (
        FileTokenStore as FileTokenStore,
        MemoryTokenStore as MemoryTokenStore,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "browser": "browser_login",
        "flow": "OAuth",
        "logins": "Login TokenStore",
        "machines": "client_credentials private_key_jwt",
        "patience": "while_a_person_acts",
        "stores": "FileTokenStore MemoryTokenStore",
    },
)
