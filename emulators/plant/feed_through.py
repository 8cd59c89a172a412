"""Feed-through between components: which outputs depend at once on which others, and the algebraic loops among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from emulators.errors import Diagnostic, SourceSpan
from emulators.native.ir import NO_SPAN
from emulators.plant.wiring import Connection, Instance

__all__ = ["OutputPorts"]

_Output = tuple[int, str]
"""Index of an instance and name of one of its outputs."""


class OutputPorts:
    """Dependencies between the outputs that ``outputs()`` of some instances compute.

    ``needs`` has those that each output reads through its inputs, ``connections`` the wires of these inputs.
    """

    def __init__(self, instances: Sequence[Instance], wired: Mapping[int, Sequence[Connection]]) -> None:
        self.names: dict[int, str] = {instance.index: instance.name for instance in instances}
        self.connections: dict[_Output, list[Connection]] = {}
        self.needs: dict[_Output, frozenset[_Output]] = {}
        computed = {(instance.index, name) for instance in instances for name in instance.unit.writes_of("outputs")}
        for instance in instances:
            inputs = {connection.target.member.name: connection for connection in wired[instance.index]}
            for name, read in instance.unit.feed_through.items():
                if (instance.index, name) not in computed:
                    continue
                sources = {
                    (source.instance.index, source.member.name)
                    for input_ in read
                    if input_ in inputs
                    for source in inputs[input_].sources
                }
                self.needs[instance.index, name] = frozenset(sources & computed)
                self.connections[instance.index, name] = [inputs[input_] for input_ in sorted(read & inputs.keys())]

    def loops(self) -> Iterator[Diagnostic]:
        """Yield a finding for each cycle that shares no port with an earlier one."""
        state: dict[_Output, int] = {}
        reported: set[_Output] = set()
        for root in self.needs:
            path: list[_Output] = []
            stack: list[tuple[_Output, bool]] = [(root, False)]
            while stack:
                node, is_left = stack.pop()
                if is_left:
                    state[node] = 2
                    path.pop()
                    continue
                if state.get(node) == 2:
                    continue
                if state.get(node) == 1:
                    cycle = path[path.index(node) :]
                    if reported.isdisjoint(cycle):
                        yield self.loop(cycle)
                    reported.update(cycle)
                    continue
                state[node] = 1
                path.append(node)
                stack.append((node, True))
                stack += [(needed, False) for needed in sorted(self.needs[node], reverse=True)]

    def loop(self, backwards: Sequence[_Output]) -> Diagnostic:
        """Return the finding of a cycle: it walks round in the direction of the signal."""
        forwards = [*reversed(backwards)]
        start = forwards.index(min(forwards))
        walk = [*forwards[start:], *forwards[:start], forwards[start]]
        text = " -> ".join(f"{self.names[index]}.{name}" for index, name in walk)
        span = self.span_between(walk[0], walk[1])
        hint = "put a state (a volume, a lag, a delay) between two of them"
        return Diagnostic(span, "", f"algebraic loop {text}", hint)

    def span_between(self, source: _Output, target: _Output) -> SourceSpan:
        for connection in self.connections[target]:
            if source in {(port.instance.index, port.member.name) for port in connection.sources}:
                return connection.span
        return NO_SPAN
