"""A study at work, for whoever asks: articles scored, results opened, labels read.

Joins scoring and measuring. The command line and the library stand on it and add how
things are asked and shown. What opens is imported without what scores: a command that
opens results is quick to start.
"""
