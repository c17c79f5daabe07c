"""The command line: arguments in, tables and exit codes out, no arithmetic.

Nothing heavy is imported before a command runs: `--help` and usage errors answer
at once.
"""

from framing.cli.app import main

__all__ = ["main"]
