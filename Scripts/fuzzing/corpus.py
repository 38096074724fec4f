"""Keeps a fuzz target's inputs in one file.

usage: corpus.py pack FILE FOLDER, corpus.py unpack FILE FOLDER

The file is each input behind its length (32 bits, little-endian), the shortest first, as many as
fit.
"""

import hashlib
import struct
import sys
from pathlib import Path

LIMIT = 48 << 10


def pack(file, folder):
    inputs = sorted(
        (path.read_bytes() for path in folder.iterdir()), key=lambda data: (len(data), data)
    )
    packed = b""
    for data in inputs:
        if len(packed) + 4 + len(data) > LIMIT:
            break
        packed += struct.pack("<I", len(data)) + data
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(packed)


def unpack(file, folder):
    packed = file.read_bytes() if file.exists() else b""
    place = 0
    while place < len(packed):
        (length,) = struct.unpack_from("<I", packed, place)
        data = packed[place + 4 : place + 4 + length]
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)
        place += 4 + length


{"pack": pack, "unpack": unpack}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
