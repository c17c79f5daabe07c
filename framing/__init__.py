"""How each outlet frames the relations between states, with defensible numbers."""

__version__ = "0.1.0"
