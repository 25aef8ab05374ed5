"""How much of the tray a mask covers: one number."""
