"""The one command ``tinyinspect``: a module a subcommand, each a thin function over the library."""
