"""The service and the project store: one county, one file or one database."""
