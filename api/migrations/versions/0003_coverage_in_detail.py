"""What a coverage run knows beside its ratios: a table of details, and more about each view and each blind area."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from api.store.column_types import Number

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = ("run", "code", "level", "subject", "item")
_ADDED: tuple[tuple[str, str, Any], ...] = (
    ("views", "obstacle_m", sa.Double()), ("views", "best_azimuth_deg", sa.Double()), ("views", "best_m2", sa.Double()),
    ("gaps", "hides", sa.Text()),
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "coverage_details",
        sa.Column("fid", Number, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _KEY),
        sa.Column("total", sa.Double()),
        sa.Column("covered", sa.Double()),
        sa.PrimaryKeyConstraint("fid", name="pk_coverage_details"),
        sa.UniqueConstraint(*_KEY, name="uq_coverage_details"),
    )
    for table, name, kind in _ADDED:
        op.add_column(table, sa.Column(name, kind))


def downgrade() -> None:
    for table, name, _ in reversed(_ADDED):
        op.drop_column(table, name)
    op.drop_table("coverage_details")
