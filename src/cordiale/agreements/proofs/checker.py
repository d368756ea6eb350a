"""The small checker: do these clauses contradict each other, as this proof says? Standard library only.

It knows nothing of agreements, of how a proof was found or of any solver. Alone: `python checker.py FILE`
with JSON of the form {"clauses": [[1, -2], …], "proof": […]}; exit 0 where the proof holds, 1 where not.
A proof is a list of lines of the DRUP format, or of steps with hints: [literals …, 0, clauses used …].
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

Step = tuple[list[int], list[int] | None]


def recheck(clauses: Sequence[Sequence[int]], proof: Sequence[str] | Sequence[Sequence[int]]) -> bool:
    """Whether the proof shows that no assignment meets all clauses.

    Each step must follow from what stands before it by unit propagation alone; the last must be empty.
    Deletions are passed over: whatever follows from fewer clauses follows from more.
    """
    try:
        steps = [step for line in proof if (step := _step(line)) is not None]
    except (ValueError, TypeError, AttributeError):
        return False  # no proof at all
    if not steps or steps[-1][0]:
        return False
    if any(hints is not None for _, hints in steps):
        return _by_hints([*clauses], steps)
    return _by_propagation(clauses, steps)


def _step(line: str | Sequence[int]) -> Step | None:
    """(literals, numbers of the clauses to use or None) of a step; None for a deletion."""
    if isinstance(line, str):
        words = line.split()
        if words[:1] == ["d"]:
            return None
        if words[-1:] != ["0"]:
            raise ValueError(line)
        return [_literal(int(word)) for word in words[:-1]], None
    end = line.index(0)
    return [_literal(number) for number in line[:end]], [_literal(number) for number in line[end + 1 :]]


def _literal(number: int) -> int:
    if type(number) is not int or number == 0:
        raise ValueError(number)
    return number


def _by_hints(known: list[Sequence[int]], steps: list[Step]) -> bool:
    """Deny each step; each hint in its order leaves one literal open, the last one none."""
    for literals, hints in steps:
        holds = {-literal for literal in literals}
        for hint in hints or ():
            if not 1 <= hint <= len(known):
                return False
            left = {literal for literal in known[hint - 1] if -literal not in holds}
            if len(left) > 1:
                return False
            holds |= left
            if not left:
                break
        else:
            return False
        known.append(literals)
    return True


def _by_propagation(clauses: Sequence[Sequence[int]], steps: list[Step]) -> bool:
    """Deny each step, follow what must hold then, and meet a contradiction."""
    holds: set[int] = set()
    watched: dict[int, list[list[int]]] = {}

    def contradicts(queue: list[int], trail: list[int]) -> bool:
        """Follow what must hold if all of `queue` does; what is found stands in `holds` and `trail`."""
        for literal in queue:
            if -literal in holds:
                return True
            if literal in holds:
                continue
            holds.add(literal)
            trail.append(literal)
            staying: list[list[int]] = []
            for own in watched.pop(-literal, ()):
                if own[0] == -literal:
                    own[0], own[1] = own[1], own[0]
                place = next((n for n in range(2, len(own)) if -own[n] not in holds), 0)
                if own[0] in holds or not place:
                    staying.append(own)
                    queue.append(own[0])
                else:
                    own[1], own[place] = own[place], own[1]
                    watched.setdefault(own[1], []).append(own)
            watched[-literal] = staying
        return False

    def add(clause: Sequence[int]) -> bool:
        """Take a clause in; True where a contradiction follows from it at once."""
        own = sorted(set(clause), key=lambda literal: -literal in holds)
        if len(own) > 1:
            for literal in own[:2]:
                watched.setdefault(literal, []).append(own)
        open_ = [literal for literal in own[:2] if -literal not in holds]
        return not open_ or (len(open_) == 1 and contradicts(open_, []))

    if any(add(clause) for clause in clauses):
        return True
    for literals, _ in steps[:-1]:
        trail: list[int] = []
        denied = contradicts([-literal for literal in literals], trail)
        holds.difference_update(trail)
        if not denied:
            return False
        if add(literals):
            return True
    return False  # the empty step at the end does not follow


def main(words: list[str]) -> int:
    """Check the proof of one file. Exit 0: it holds; 1: it does not; 2: there is no such file."""
    if len(words) != 1 or not Path(words[0]).is_file():
        print("usage: python checker.py FILE", file=sys.stderr)
        return 2
    try:
        told = json.loads(Path(words[0]).read_bytes())
        clauses = [[_literal(number) for number in clause] for clause in told["clauses"]]
        held = recheck(clauses, told["proof"])
    except (ValueError, TypeError, KeyError, RecursionError):
        held = False
    print("the proof holds" if held else "this is NOT a proof")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
