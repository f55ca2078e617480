"""Figures of a benchmark: shown in lines, held against what the product promises, and an exit code in the end."""

import sys
from dataclasses import dataclass, field


def late(values: list[float]) -> float:
    """Give the 95th percentile: the smallest value that 95% do not exceed."""
    ordered = sorted(values)
    return ordered[max(-(-95 * len(ordered) // 100) - 1, 0)]


@dataclass
class Promises:
    """What was promised and did not hold."""

    broken: list[str] = field(default_factory=list)

    def show(
        self, what: str, value: float, unit: str = "", *, most: float | None = None, least: float | None = None
    ) -> None:
        """Show a figure, with its limit where it has one."""
        limit = f"(at most {most:g})" if most is not None else f"(at least {least:g})" if least is not None else ""
        print(f"{what:<46}{value:10,.2f} {unit:<15}{limit}", flush=True)
        if (most is not None and value > most) or (least is not None and value < least):
            self.broken.append(f"{what}: {value:,.2f} {unit}, {limit}")

    def end(self) -> None:
        """Leave, with a code that says whether all held."""
        for line in self.broken:
            print(f"Does not hold: {line}")
        sys.exit(bool(self.broken))
