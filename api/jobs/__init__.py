"""The jobs behind every command: read layers, call pure functions in metres, write one transaction.

Each `run_x(project, options, progress)` gives the figures of its `--json` answer. A refusal is a
`spatial.errors.SpatialError` or an error of the store; it leaves the project as it was.
"""
