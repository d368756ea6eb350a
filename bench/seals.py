"""Seals: canonical bytes, signatures, sealing and the whole pipe a second, one core: `rows()`.

    python -m bench.seals [COUNT]

Peers: rfc8785 beside our fast twin; one signature a message beside one a batch.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

from bench.row import Row
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

COUNT = 300
BATCHES = (1, 16, 64)


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


def rows(count: int = COUNT) -> list[Row]:
    """Canonical bytes beside rfc8785, the pipe by size and batch, attachments. About 20 s."""
    signing, sealing = SigningKeys.generate(), SealingKeys.generate()
    fast, slow = rate(count * 20, lambda: canonical(HEADER)), rate(count, lambda: canonical_reference(HEADER))
    found = [Row("canonical bytes of a header", fast, "/s", peer="rfc8785", peer_value=slow)]
    for size in (2048, 1 << 20):
        alone = 0.0
        for batch in BATCHES:
            rounds = max(2, count // batch // (20 if size > 4096 else 1))
            per_s = batch * rate(rounds, partial(pipe, size, batch, signing, sealing))
            alone = alone or per_s
            name = f"messages of {size:,} bytes sealed, signed, verified, opened; {batch} under one signature"
            beside = {"peer": "one signature a message", "peer_value": alone} if batch > 1 else {}
            found.append(Row(name, per_s, "/s", **beside))
    content, key = bytes(8 << 20), bytes(32)
    chunks = rate(5, lambda: list(open_chunks(seal_chunks(content, key, "a"), key, "a")))
    return [*found, Row("attachment sealed and opened", 8 * chunks, "MiB/s")]


if __name__ == "__main__":
    for row in rows(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT):
        beside = f"  {row.ratio:.2f} times {row.peer} ({row.peer_value:,.0f})" if row.ratio else ""
        print(f"{row.value:>12,.0f} {row.unit}  {row.name}{beside}")
