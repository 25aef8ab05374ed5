"""A project is a folder with the pipeline's files: the repository itself, or a user's own line that was made of it."""
