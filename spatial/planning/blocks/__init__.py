"""Blocks: the smallest pieces of a plan, cut from villages along barriers and between homes.

No block cuts a building or a hamlet, and all blocks of a county are one valid coverage.
"""

from spatial.planning.blocks.make import BlockSizes, Ground, make_blocks
from spatial.planning.blocks.names import block_ids

__all__ = ["BlockSizes", "Ground", "block_ids", "make_blocks"]
