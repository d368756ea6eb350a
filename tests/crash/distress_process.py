"""One invented node whose store has stopped: it opens a distress call, says so, and waits to be killed.

Run as a process of its own: `python -m tests.crash.distress_process HOME`.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from cordiale.errors import StoreError
from cordiale.node import open_node, people, rescue, rescue_sent
from tests.crash.distress_home import PHRASE, call


def main(home: Path) -> None:
    with open_node(home, PHRASE, environment={}) as node:
        rescue_sent.recover(node)
        node.store._broken = StoreError("the disk did not confirm a write")
        opened = rescue.open_distress(node, people.officer(node, "sam"), call(node.world.clock.now()))
        print(opened.reference, opened.logged, flush=True)
        threading.Event().wait(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
