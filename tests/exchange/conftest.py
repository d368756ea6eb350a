"""Both databases, for every test of the exchange."""

from tests.store.databases import server_url, url

__all__ = ["server_url", "url"]
