"""Typed, closed sections of ``params.yaml``: one module each; :mod:`tinyinspect.config.loading` reads them."""
