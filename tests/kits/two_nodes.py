"""``sdz batch`` on a cluster of two nodes of one machine, one of which is killed in the middle.

    two_nodes.py SRC DST    prints {"code", "actors", "before", "rows", "said"} as JSON

A process of its own, since a cluster leaves threads and settings behind.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

from ray.cluster_utils import Cluster

STORE = 80 * 2**20
# A dead node is noticed after two seconds rather than half a minute.
SYSTEM = {
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 1000,
    "health_check_timeout_ms": 1000,
    "health_check_failure_threshold": 2,
}
GIVE_UP_S = 600  # on a machine that does much else


def main(source: str, target: str) -> None:
    head = {"num_cpus": 1, "object_store_memory": STORE, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args={**head, "_system_config": SYSTEM})
    other = cluster.add_node(num_cpus=1, object_store_memory=STORE)
    batch = subprocess.Popen(
        [sys.executable, "-m", "sdz", "batch", source, target, "--ray", cluster.address, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    actors = wait_for_both(Path(target) / ".sdz-batch" / "parts", batch)
    before = len(list(Path(target).rglob("*.sdz")))
    cluster.remove_node(other, allow_graceful=False)
    out, said = batch.communicate(timeout=GIVE_UP_S)
    rows = [json.loads(line) for line in out.splitlines()]
    cluster.shutdown()
    told = {"code": batch.returncode, "actors": actors, "before": before, "rows": rows}
    print(json.dumps({**told, "said": said}))


def wait_for_both(parts: Path, batch: subprocess.Popen[str]) -> int:
    """Until both nodes' actors have written something; how many have."""
    until = time.monotonic() + GIVE_UP_S
    while batch.poll() is None and time.monotonic() < until:
        actors = {path.name.partition("-")[0] for path in parts.glob("*.jsonl")} - {"plan"}
        if len(actors) > 1:
            return len(actors)
        time.sleep(0.05)
    return 0


if __name__ == "__main__":
    main(*sys.argv[1:])
