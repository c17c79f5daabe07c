"""The annotation page: a local address where one coder labels sentences."""

from framing.web.app import make_app
from framing.web.server import serve

__all__ = ["make_app", "serve"]
