"""The cookies of one port, within limits: a port that sets new ones with every response must not fill the memory."""

from http.cookiejar import Cookie, CookieJar
from typing import Final

MAX_COOKIES: Final = 50
"""RFC 6265, 6.1: a client keeps at least 50 for a domain."""

MAX_COOKIE_BYTES: Final = 4096
"""RFC 6265, 6.1: of at least so many bytes each."""


class BoundedCookieJar(CookieJar):
    """Keeps at most MAX_COOKIES. One that is too long, or new to a full jar, is ignored."""

    def set_cookie(self, cookie: Cookie) -> None:
        """Adds the cookie or replaces the one of the same name, domain and path."""
        if len(cookie.name) + len(cookie.value or "") > MAX_COOKIE_BYTES:
            return
        kept = [(one.domain, one.path, one.name) for one in self]
        if len(kept) < MAX_COOKIES or (cookie.domain, cookie.path, cookie.name) in kept:
            super().set_cookie(cookie)
