"""What each section of the page shows: rows, places on axes, numbers as text."""
