"""The pages: server-rendered, usable without scripts, nothing from outside; they call node and ground."""

from cordiale.web.application import application

__all__ = ["application"]
