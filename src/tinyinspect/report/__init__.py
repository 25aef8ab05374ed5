"""What people read: tables, plots, the report page."""
