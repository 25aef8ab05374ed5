"""MLflow: a run for each execution, the model with it, and the page that shows them."""
