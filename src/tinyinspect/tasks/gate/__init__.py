"""An anomaly gate says whether a picture is like the normal ones."""
