"""Seals: canonical bytes, signatures, sealing and the whole pipe a second, one core.

    python bench/seals.py [COUNT]

Prints machine and date. Peers: rfc8785 beside our fast twin; one signature a message beside one a batch.
"""

import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from cordiale.seals import (
    BatchVerifier,
    SealingKeys,
    SigningKeys,
    canonical,
    canonical_reference,
    digest,
    open_chunks,
    seal,
    seal_chunks,
    sealing_info,
    sign_batch,
    unseal,
)

HEADER = {
    "sender": "uk-border-force",
    "recipient": "fr-paf",
    "sequence": 7,
    "digest": digest(b""),
    "card": digest(b"card"),
    "head": {"size": 7, "root": "0" * 64},
    "provisions": [f"WA-{i:02}" for i in range(40)],
}
INFO = sealing_info(sender="uk-border-force", recipient="fr-paf", reference="r")


def rate(count: int, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(count):
        work()
    return count / (time.perf_counter() - start)


def pipe(size: int, batch: int, signing: SigningKeys, sealing: SealingKeys) -> None:
    """Seal `batch` bodies, sign their digests together, verify and open each."""
    sealed = [seal(bytes(size), sealing.public(), INFO) for _ in range(batch)]
    headers = [canonical({**HEADER, "digest": digest(raw)}) for raw in sealed]
    verifier, public = BatchVerifier(), signing.public()
    for header, raw, signature in zip(headers, sealed, sign_batch(headers, signing), strict=True):
        verifier.verify(header, signature, public)
        unseal(raw, sealing, INFO)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    signing, sealing = SigningKeys.generate(), SealingKeys.generate()
    print(f"{platform.machine()} Python {platform.python_version()}; {datetime.now(UTC):%Y-%m-%d}")
    fast, slow = rate(count * 20, lambda: canonical(HEADER)), rate(count, lambda: canonical_reference(HEADER))
    print(f"{fast:>12,.0f}  canonical bytes /s, {fast / slow:.1f} times rfc8785 ({slow:,.0f})")
    for size in (2048, 1 << 20):
        for batch in (1, 16, 64):
            rounds = max(2, count // batch // (20 if size > 4096 else 1))
            per_s = batch * rate(rounds, lambda batch=batch, size=size: pipe(size, batch, signing, sealing))
            print(f"{per_s:>12,.0f}  messages /s of {size:,} bytes through the whole pipe; batch {batch}")
    content, key = bytes(8 << 20), bytes(32)
    chunks = rate(5, lambda: list(open_chunks(seal_chunks(content, key, "a"), key, "a")))
    print(f"{8 * chunks:>12,.0f}  MiB of attachment /s, sealed and opened")


if __name__ == "__main__":
    main()
