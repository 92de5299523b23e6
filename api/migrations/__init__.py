"""Alembic migrations of a project, the same on GeoPackage and PostGIS."""
