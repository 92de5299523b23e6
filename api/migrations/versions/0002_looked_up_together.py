"""Indexes for what is asked together: the cells of a village over all plans, and a plan's edits in the history."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cells_village_code", "cells", ["village_code", "plan"])
    op.create_index("ix_history_plan_action", "history", ["plan", "action", "fid"])
    op.drop_index("ix_history_plan", "history")


def downgrade() -> None:
    op.create_index("ix_history_plan", "history", ["plan"])
    op.drop_index("ix_history_plan_action", "history")
    op.drop_index("ix_cells_village_code", "cells")
