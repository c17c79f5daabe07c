"""The report: one HTML file without network, its figures and its tables."""
