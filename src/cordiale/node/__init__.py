"""One agency's node, the one place where the rooms are joined: one file a room."""

from cordiale.node.node import Node
from cordiale.node.opening import Founded, found, open_node
from cordiale.node.outside import World, system_world
from cordiale.node.settings import Settings, read_settings

__all__ = ["Founded", "Node", "Settings", "World", "found", "open_node", "read_settings", "system_world"]
