"""Both databases, for the tests of the log that need a real one."""

from tests.store.databases import server_url, url

__all__ = ["server_url", "url"]
