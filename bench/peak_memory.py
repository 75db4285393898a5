#!/usr/bin/env python3
"""Peak memory of a command and its children until it says something.

    bench/peak_memory.py --until '[space]' nacre optimize model.onnx --data images ...

Prints the most resident memory of the whole process tree, sampled ten times a second, from the
start to the first line of standard error that holds the text, then interrupts the command. Without
--until the command runs to its end.
"""
import argparse
import pathlib
import signal
import subprocess
import sys
import threading
import time

EVERY = 0.1  # seconds between samples


def resident(pid: int) -> int:
    """Bytes of a process and all its descendants; 0 for one that has ended."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    own = [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:")]
    return sum(own) + sum(resident(int(child)) for child in children)


class Sampler(threading.Thread):
    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.peak, self.ended = pid, 0, False

    def run(self):
        while not self.ended:
            self.peak = max(self.peak, resident(self.pid))
            time.sleep(EVERY)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--until", help="text of a line on standard error")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if not arguments.command:
        parser.error("give a command")
    start = time.monotonic()
    process = subprocess.Popen(arguments.command, stderr=subprocess.PIPE, text=True)
    sampler = Sampler(process.pid)
    sampler.start()
    found = False
    for line in process.stderr:
        sys.stderr.write(line)
        if arguments.until and not found and arguments.until in line:
            found, sampler.ended = True, True
            process.send_signal(signal.SIGINT)
    process.wait()
    sampler.ended = True
    seconds = time.monotonic() - start
    print(f"peak {sampler.peak / 2**30:.2f} GiB in {seconds:.0f} s"
          + ("" if found or not arguments.until else f"; it never said {arguments.until!r}"))
    return 0 if found or process.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
