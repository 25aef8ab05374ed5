"""A classifier says which class a frame shows."""
