"""Fetches the libraries of the web app and checks them: `make vendor`. What it fetches is committed.

`static/vendor/vendor.json` names each package, its version, its licence, the checksum its registry gives for the whole
package, and the files taken from it with a checksum each. Refuses whatever differs from what is written there.
"""

import base64
import hashlib
import io
import json
import sys
import tarfile
import urllib.request
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "static" / "vendor"
REGISTRY = "https://registry.npmjs.org"


def packages() -> list[dict[str, Any]]:
    """Return what `vendor.json` says."""
    listed: list[dict[str, Any]] = json.loads((FOLDER / "vendor.json").read_text("utf-8"))["packages"]
    return listed


def folder_of(package: dict[str, Any]) -> Path:
    """Return where a package's files lie; the version is in the name, since browsers keep them for a year."""
    return FOLDER / f"{package['name'].rpartition('/')[2]}-{package['version']}"


def differing() -> list[str]:
    """Return the files that are missing, or are not what was written down."""
    return [
        f"{package['name']}/{name}"
        for package in packages()
        for name, checksum in package["files"].items()
        if _checksum_of(folder_of(package) / Path(name).name) != checksum
    ]


def fetch() -> None:
    """Fetch every package, check it, and write its files. Raises SystemExit when one is not what it should be."""
    for package in packages():
        short = package["name"].rpartition("/")[2]
        url = f"{REGISTRY}/{package['name']}/-/{short}-{package['version']}.tgz"
        with urllib.request.urlopen(url) as reply:
            content = reply.read()
        kind, _, expected = package["integrity"].partition("-")
        if base64.b64encode(hashlib.new(kind, content).digest()).decode() != expected:
            raise SystemExit(f"{package['name']} {package['version']} is not the package that was written down")
        folder = folder_of(package)
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            about = archive.extractfile("package/package.json")
            licence = json.load(about).get("license") if about is not None else None
            if licence != package["licence"]:
                raise SystemExit(f"{package['name']} says its licence is {licence}, not {package['licence']}")
            for name in package["files"]:
                member = archive.extractfile(f"package/{name}")
                if member is None:
                    raise SystemExit(f"{package['name']} has no file {name}")
                (folder / Path(name).name).write_bytes(member.read())
    wrong = differing()
    if wrong:
        raise SystemExit(f"not what was written down: {', '.join(wrong)}")


def _checksum_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


if __name__ == "__main__":
    fetch()
    sys.stdout.write(f"{len(packages())} packages are as written down\n")
