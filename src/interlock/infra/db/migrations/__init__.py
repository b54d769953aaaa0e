"""Alembic's script folder; the migrations ship inside the package. Run by ``interlock.infra.db.migrate``."""
