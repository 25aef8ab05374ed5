"""The page in which frames get their labels, and what stands behind it: label files, journal, orders, exchange."""
