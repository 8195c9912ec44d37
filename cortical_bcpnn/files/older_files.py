"""Files without an index, from before version 4: the HDF5 library makes one, in a process apart.

That library's parser can hang or crash where a file has been tampered with. It gets the bytes that
were held against the seal in a process with little memory and little time, which reads no array;
what it says of their places is held against the length like any other index.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

_SECONDS = 5  # of computing
_MEMORY = 256 * 2**20  # bytes, beside the file
PATIENCE = 600  # seconds for a machine that has other things to do
_READY = b"ready\n"
_LARGEST_INDEX = 2**20

# Run by itself, for importing the package takes seconds.
PROGRAM = f"""
import io, json, os, resource, sys
import h5py
content = sys.stdin.buffer.read()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() if os.path.exists(
    "/proc/self/statm") else 2**31
for limit, value in ((resource.RLIMIT_AS, used + len(content) + {_MEMORY}),
                     (resource.RLIMIT_CPU, {_SECONDS}), (resource.RLIMIT_CORE, 0)):
    resource.setrlimit(limit, (value, value))
sys.stdout.write("ready\\n")
sys.stdout.flush()
groups, arrays, counts = [], {{}}, {{}}
with h5py.File(io.BytesIO(content), "r") as file:
    # What is returned ends the visit.
    if file.visititems_links(lambda name, link: None if isinstance(link, h5py.HardLink) else name):
        sys.exit("it links to other files")
    def note(name, item):
        if isinstance(item, h5py.Group):
            groups.append(name)
            return None
        plain = isinstance(item, h5py.Dataset) and item.shape is not None
        if plain and not item.external and not item.is_virtual and not item.chunks:
            size = int(item.size) * item.dtype.itemsize
            if item.id.get_storage_size() == size:
                arrays[name] = [item.dtype.str, list(item.shape), item.id.get_offset() if size else 0]
                return None
        return name
    if odd := file.visititems(note):
        sys.exit(f"{{odd}} is not stored plainly")
    for name in file.attrs:
        stored = file.attrs.get_id(name)
        if stored.dtype.kind in "iu" and stored.shape == ():
            counts[name] = int(file.attrs[name])
text = json.dumps({{"counts": counts, "groups": groups, "arrays": arrays}})
if len(text) > {_LARGEST_INDEX}:
    sys.exit("it holds too many arrays")
sys.stdout.write(text)
"""


def index_of_older(content: bytes) -> dict:
    """The index of a file that has none.

    Raises
    ------
    ValueError
        If the HDF5 library cannot read it within its limits, or arrays are not stored plainly.
    OSError
        If the process cannot be started or is not served in time, whatever the file holds.
    """
    if not sys.executable:
        raise OSError("older files need a Python program to read them, and it is not known.")
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join(filter(os.path.isabs, sys.path)),
        "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip
    try:
        result = subprocess.run(
            [sys.executable, "-c", PROGRAM], input=content, capture_output=True, check=False,
            cwd="/", env=environment, timeout=PATIENCE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TimeoutError("the process that reads older files gets no time: try again.") from None
    if not result.stdout.startswith(_READY):
        raise OSError(f"the process that reads older files cannot start ({_last(result.stderr)}).")
    if result.returncode:
        raise ValueError(f"the HDF5 library cannot read it ({_last(result.stderr) or 'it crashed'})")
    return json.loads(result.stdout[len(_READY) :])


def _last(output: bytes) -> str:
    """Last line of what a program has printed."""
    return output.decode(errors="replace").strip().rpartition("\n")[2]
