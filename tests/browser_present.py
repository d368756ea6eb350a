"""See that Chromium is here for the page tests; install Debian's where possible; else say so and fail."""

import os
import shutil
import subprocess
import sys

SAID = (
    "Chromium is not here and could not be installed, so the pages cannot be driven.\n"
    "Install it (Debian: `apt-get install chromium`) or run `make test BROWSER=0`: its summary says so."
)


def main() -> int:
    """Return 0 when Chromium is here, or is known to be absent (BROWSER=0); else 1."""
    if os.environ.get("BROWSER") == "0" or shutil.which("chromium"):
        return 0
    if shutil.which("apt-get"):
        print("Chromium is not here: installing Debian's package …", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *words], env=environment, stdout=subprocess.DEVNULL, check=False)
    if shutil.which("chromium"):
        return 0
    print(SAID, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
