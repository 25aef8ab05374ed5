"""``tinyinspect tune``: a search for settings in one process, by cross-validation, below the board's budget."""
