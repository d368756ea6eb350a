"""Both databases, for the tests of a node that ask for them."""

from tests.store.databases import server_url, url

__all__ = ["server_url", "url"]
