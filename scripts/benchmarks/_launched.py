"""Start a command and print, behind its own words, [seconds, of processors, peak in MiB].

``python -S _launched.py COMMAND ...``, by ``launch.py``. Linux counts towards the peak of a process
what its parent held when it was started, so this parent holds next to nothing.
"""

import os
import sys
import time

KIB_IN_MIB = 1024 if sys.platform == "linux" else 1 << 20  # macOS counts bytes

start = time.perf_counter()
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(process, 0)
spent = time.perf_counter() - start
print(f"\n[{spent}, {used.ru_utime + used.ru_stime}, {used.ru_maxrss / KIB_IN_MIB}]", flush=True)
sys.exit(os.waitstatus_to_exitcode(status))
