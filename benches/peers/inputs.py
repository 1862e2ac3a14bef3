"""A size in, the files to measure on out, each with the manifest that says what is in it."""

import dataclasses
import json
import os
import pathlib
import subprocess


@dataclasses.dataclass
class Input:
    """A file or folder of records, and its manifest."""

    path: pathlib.Path
    manifest: dict

    @property
    def gigabytes(self):
        """Before compression."""
        return self.manifest["bytes"] / 1e9

    @property
    def amount(self):
        """The same for people."""
        return f"{self.gigabytes:.2f} GB" if self.gigabytes >= 0.1 else f"{self.gigabytes * 1000:.1f} MB"


class Inputs:
    """Makes inputs when they are asked for, and again only if size, seed, records or generator changed."""

    def __init__(self, folder, make_trail, records, size, seed=1):
        self.folder, self.make_trail, self.records = folder, make_trail, records
        self.size, self.seed = size, seed
        self.read_back = set()
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, name, variant="mixed", form="ndjson", share=1.0):
        """The input of that name; `share` is its part of the size asked for."""
        size = max(100_000, int(self.size * share))
        path = self.folder / name
        command = [str(self.make_trail), "--out", str(path), "--size", str(size), "--seed",
                   str(self.seed), "--variant", variant, "--form", form]
        for records in self.records:
            command += ["--records", str(records)]
        stamp = {"command": command, "generator": self.make_trail.stat().st_mtime_ns}
        note = self.folder / f"{name}.stamp.json"
        if not (path.exists() and note.exists() and json.loads(note.read_text()) == stamp):
            if path.is_dir():
                for file in path.iterdir():
                    file.unlink()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            note.write_text(json.dumps(stamp))
        manifest = json.loads((self.folder / f"{name}.manifest.json").read_text())
        if path not in self.read_back:
            self._read_back(path)
            self.read_back.add(path)
        return Input(path, manifest)

    def written(self, source, piece):
        """A copy that is in the page cache as its writer left it, who wrote so many bytes at a time."""
        path = self.folder / f"{source.path.stem}-{piece}{source.path.suffix}"
        path.unlink(missing_ok=True)
        with open(source.path, "rb", buffering=0) as stream, open(path, "wb", buffering=0) as copy:
            while bytes_read := stream.read(piece):
                copy.write(bytes_read)
        return Input(path, source.manifest)

    def one_record(self):
        """A file with one record, a stop."""
        path = self.folder / "one.ndjson"
        source = self.get("first.ndjson", share=0)
        with open(source.path, encoding="utf-8") as lines:
            path.write_text(next(line for line in lines if '"eventName":"StopConfigurationRecorder"' in line
                                 and '"errorCode"' not in line))
        return path

    @staticmethod
    def _read_back(path):
        """Has everything in the page cache as the kernel reads it from a disk, whoever wrote it before."""
        for file in [path] if path.is_file() else sorted(path.iterdir()):
            with open(file, "rb") as stream:
                os.fsync(stream.fileno())
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                while stream.read(1 << 24):
                    pass
