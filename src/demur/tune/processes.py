"""The processes of one training: several where `accelerate launch` started them, else one."""

import os

__all__ = ["count_processes", "is_main_process"]


def count_processes() -> int:
    """Say how many processes train together; each was told by the launcher."""
    return int(os.environ["WORLD_SIZE"]) if "LOCAL_RANK" in os.environ else 1


def is_main_process() -> bool:
    """Whether this is the one that looks, measures and writes; the others only train."""
    return "LOCAL_RANK" not in os.environ or os.environ["RANK"] == "0"
