"""What is freed goes back to the system, and threads share heaps. In a process of its own: what is set holds for a process's whole life."""

import gc
import subprocess
import sys

import pytest

from tests.server.web.rehearsal import serving

PROGRAM = """
import ctypes, re, threading, tempfile
from pathlib import Path
from server import memory

def own_kb():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

def heaps():
    library = ctypes.CDLL(None)
    library.fopen.restype = ctypes.c_void_p
    with tempfile.NamedTemporaryFile() as told:
        file = ctypes.c_void_p(library.fopen(told.name.encode(), b"w"))
        library.malloc_info(0, file)
        library.fclose(file)
        return Path(told.name).read_text().count("<heap ")

if FEW and not memory.few_heaps():
    raise SystemExit(77)
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
everybody = threading.Barrier(6)
def hold():
    everybody.wait()
    ctypes.c_void_p(library.malloc(ctypes.c_size_t(50_000)))
    everybody.wait()
threads = [threading.Thread(target=hold) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
held = [bytearray(50_000) for _ in range(1_000)]
last = bytearray(50_000)
full = own_kb()
del held
freed = own_kb()
memory.give_back()
print(heaps(), full, freed, own_kb())
"""


def told(*, few: bool) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("FEW", str(few))], capture_output=True, text=True, check=False
    )
    if done.returncode == 77:
        pytest.skip("another C library")
    assert not done.returncode, done.stderr
    return [int(each) for each in done.stdout.split()]


def test_threads_share_few_heaps_and_what_is_freed_goes_back() -> None:
    heaps, full, freed, after = told(few=True)
    assert heaps <= 2
    assert after < full - 40_000
    assert freed > after, "the library gave it back by itself: then nobody need"


def test_a_server_that_shares_its_process_leaves_the_garbage_to_it(sqlite_url: str) -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    with serving(sqlite_url):
        assert (gc.get_threshold(), gc.get_freeze_count()) == before
