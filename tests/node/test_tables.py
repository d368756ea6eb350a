"""The node's tables are the ones that the migrations make."""

from cordiale.node import tables  # noqa: F401 -- so that the one metadata knows them
from cordiale.store import open_store
from cordiale.store.migrations import differences, upgrade


def test_no_table_of_the_node_differs_from_the_migrated_schema() -> None:
    with open_store("sqlite://") as store:
        upgrade(store)
        found = [str(one) for one in store.write(differences) if "node_" in str(one)]
    assert not found, "\n".join(found)
