"""What is done with a shard, here or on another machine: it is judged, and lies in the folder when that is done."""

from dataclasses import dataclass

from demur.judge import Judge
from demur.watch.cutting import ShardTask
from demur.watch.folder import ShardFolder
from demur.watch.shard import judge_shard

__all__ = ["ShardWork"]


@dataclass(frozen=True)
class ShardWork:
    """Makes shards. It holds nothing that cannot be sent to another process, and a shard that is made twice is the same."""

    folder: ShardFolder
    judge: Judge

    def __call__(self, task: ShardTask) -> int:
        """Make one, and tell how many exchanges it has."""
        # It may be there: a machine that is given up for lost can have written it before it was.
        if not self.folder.has(task.name):
            self.folder.write(task.name, judge_shard(task.exchanges, self.judge))
        return len(task.exchanges)
