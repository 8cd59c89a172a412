"""The order in which a plant computes: one list of operations that both executors follow.

Within a pass every ``outputs()`` runs after those it depends on through its inputs (feed-through). A cycle of such
dependencies is an algebraic loop and is refused by name. A component whose outputs depend on different inputs may
appear twice in a pass where that resolves a cycle between components that is none between ports.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from emulators.component import Phase
from emulators.description.source import Findings
from emulators.errors import Diagnostic
from emulators.plant.feed_through import OutputPorts
from emulators.plant.wiring import Connection, Instance, WiredPlant

__all__ = ["Connect", "Invoke", "Operation", "Schedule", "derivative_operations", "make_schedule"]


@dataclass(frozen=True, slots=True)
class Connect:
    """Copy the sources of a connection, summed from left to right, to its input."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Invoke:
    """Run a method of an instance: defaults, start, outputs, tick, or stage_1 … stage_4 of the integration."""

    instance: Instance
    method: str


Operation = Connect | Invoke


@dataclass(frozen=True, slots=True)
class Schedule:
    """Operations of the four plant functions.

    advance = ``held``, then a number of times ``stages`` (four lists), then ``after``.
    """

    start: tuple[Operation, ...]
    held: tuple[Operation, ...]
    stages: tuple[tuple[Operation, ...], ...]
    after: tuple[Operation, ...]
    sense: tuple[Operation, ...]
    actuate: tuple[Operation, ...]


def derivative_operations(schedule: Schedule) -> tuple[Operation, ...]:
    """Return the operations of one evaluation of all derivatives, without a step."""
    return (
        *schedule.held,
        *(
            Invoke(operation.instance, "derivatives")
            if isinstance(operation, Invoke) and operation.method == "stage_1"
            else operation
            for stage in schedule.stages[:1]
            for operation in stage
        ),
    )


def make_schedule(plant: WiredPlant, findings: Findings) -> Schedule | None:
    """Return the order of all operations; None after reporting algebraic loops, whose messages walk round them."""
    scheduler = _Scheduler(plant)
    loops = list(scheduler.loops())
    findings.extend(loops)
    return None if loops else scheduler.schedule()


class _Scheduler:
    def __init__(self, plant: WiredPlant) -> None:
        self.plant = plant
        self.wired: dict[int, list[Connection]] = {instance.index: [] for instance in plant.instances}
        for connection in plant.connections:
            self.wired[connection.target.instance.index].append(connection)

    def loops(self) -> Iterator[Diagnostic]:
        for phase in Phase:
            yield from OutputPorts(self.of_phase(phase), self.wired).loops()

    def schedule(self) -> Schedule:
        process = self.of_phase(Phase.PROCESS)
        held, live = self.split_connections(process)
        algebra = self.algebra(process, live)
        continuous = [instance for instance in process if instance.unit.continuous]
        within = self.needed_by_derivatives(algebra, continuous)
        stages = tuple(
            (*within, *(Invoke(instance, f"stage_{number}") for instance in continuous)) for number in (1, 2, 3, 4)
        )
        ticks = tuple(Invoke(instance, "tick") for instance in process if instance.unit.has("tick"))
        sense, actuate = self.discrete(Phase.SENSOR), self.discrete(Phase.ACTUATOR)
        start = [
            *(Invoke(instance, "start") for instance in self.plant.instances if instance.unit.has("start")),
            *(operation for operation in actuate if not _is_tick(operation)),
            *held,
            *algebra,
            *(operation for operation in sense if not _is_tick(operation)),
        ]
        return Schedule(
            start=tuple(start),
            held=held,
            stages=stages if continuous else (),
            after=(*algebra, *ticks, *algebra) if ticks else algebra,
            sense=sense,
            actuate=actuate,
        )

    def of_phase(self, phase: Phase) -> list[Instance]:
        return [instance for instance in self.plant.instances if instance.phase is phase]

    def split_connections(self, process: Sequence[Instance]) -> tuple[tuple[Operation, ...], frozenset[Connection]]:
        """Return copies that hold for a whole step, and the connections that change during it."""
        held: list[Operation] = []
        live: set[Connection] = set()
        for instance in process:
            for connection in self.wired[instance.index]:
                if any(source.instance.phase is Phase.PROCESS for source in connection.sources):
                    live.add(connection)
                else:
                    held.append(Connect(connection))
        return tuple(held), frozenset(live)

    # --- outputs of the process -------------------------------------------------------------------------------------

    def algebra(self, process: Sequence[Instance], live: frozenset[Connection]) -> tuple[Operation, ...]:
        """Return the pass that brings every output and every input of the process up to date."""
        operations: list[Operation] = []
        for instance in self.order_of_outputs(process):
            read = instance.unit.reads["outputs"]
            operations += [
                Connect(connection)
                for connection in self.wired[instance.index]
                if connection in live and connection.target.member.name in read
            ]
            operations.append(Invoke(instance, "outputs"))
        for instance in process:
            read = instance.unit.reads.get("outputs", frozenset())
            operations += [
                Connect(connection)
                for connection in self.wired[instance.index]
                if connection in live and connection.target.member.name not in read
            ]
        return tuple(operations)

    def needed_by_derivatives(
        self, algebra: Sequence[Operation], continuous: Sequence[Instance]
    ) -> tuple[Operation, ...]:
        """Return the part of the pass that some derivative depends on: what only sensors and people see can wait."""
        computing: set[int] = set()
        inputs: set[tuple[int, str]] = set()
        waiting = [(instance, "derivatives") for instance in continuous]
        while waiting:
            instance, method = waiting.pop()
            if method == "outputs":
                if instance.index in computing or not instance.unit.has("outputs"):
                    continue
                computing.add(instance.index)
            elif instance.unit.methods[method].reads & instance.unit.writes_of("outputs"):
                waiting.append((instance, "outputs"))
            for connection in self.wired[instance.index]:
                if connection.target.member.name in instance.unit.reads[method]:
                    inputs.add((instance.index, connection.target.member.name))
                    waiting += [
                        (source.instance, "outputs")
                        for source in connection.sources
                        if source.instance.phase is Phase.PROCESS
                        and source.member.name in source.instance.unit.writes_of("outputs")
                    ]
        return tuple(
            operation
            for operation in algebra
            if (
                (operation.connection.target.instance.index, operation.connection.target.member.name) in inputs
                if isinstance(operation, Connect)
                else operation.instance.index in computing
            )
        )

    def order_of_outputs(self, instances: Sequence[Instance]) -> list[Instance]:
        """Return the instances that have ``outputs()``, twice if needed, in an order that respects feed-through."""
        needs = OutputPorts(instances, self.wired).needs
        open_ports: dict[int, set[str]] = {}
        for index, name in needs:
            open_ports.setdefault(index, set()).add(name)
        by_index = {instance.index: instance for instance in instances}
        done: set[tuple[int, str]] = set()
        order: list[Instance] = []
        while open_ports:
            chosen = self.next_instance(open_ports, needs, done)
            ready = {name for name in open_ports[chosen] if needs[chosen, name] <= done}
            done |= {(chosen, name) for name in ready}
            open_ports[chosen] -= ready
            if not open_ports[chosen]:
                del open_ports[chosen]
            order.append(by_index[chosen])
        return order

    def next_instance(
        self,
        open_ports: Mapping[int, set[str]],
        needs: Mapping[tuple[int, str], frozenset[tuple[int, str]]],
        done: set[tuple[int, str]],
    ) -> int:
        partly: int | None = None
        for index in open_ports:
            ready = [name for name in open_ports[index] if needs[index, name] <= done]
            if len(ready) == len(open_ports[index]):
                return index
            if ready and partly is None:
                partly = index
        assert partly is not None, "a plant with a cycle of ports has no schedule"
        return partly

    # --- sensors and actuators --------------------------------------------------------------------------------------

    def discrete(self, phase: Phase) -> tuple[Operation, ...]:
        """Return copies, tick and outputs of each component of a phase, what feeds another one first."""
        instances = self.of_phase(phase)
        outputs = self.order_of_outputs(instances)
        operations: list[Operation] = []
        for instance, is_last in self.order_of_ticks(instances, outputs):
            operations += [Connect(connection) for connection in self.wired[instance.index]]
            if is_last and instance.unit.has("tick"):
                operations.append(Invoke(instance, "tick"))
            if instance.unit.has("outputs"):
                operations.append(Invoke(instance, "outputs"))
        return tuple(operations)

    def order_of_ticks(self, instances: Sequence[Instance], outputs: Sequence[Instance]) -> list[tuple[Instance, bool]]:
        """Return instances with a mark at the last time each appears.

        Feed-through must be respected; that ``tick()`` reads what another one computes is respected where that makes
        no cycle, else it reads the value of the last step.
        """
        members = {instance.index for instance in instances}
        hard = _component_edges(instances, self.wired, members, ("outputs",))
        soft = _component_edges(instances, self.wired, members, ("tick",))
        if len({instance.index for instance in outputs}) < len(outputs):  # some outputs run twice: keep that order
            missing = [instance for instance in instances if not instance.unit.has("outputs")]
            sequence = [*outputs, *missing]
            last = {instance.index: position for position, instance in enumerate(sequence)}
            return [(instance, last[instance.index] == position) for position, instance in enumerate(sequence)]
        by_index = {instance.index: instance for instance in instances}
        return [(by_index[index], True) for index in _sorted_by_edges(members, hard, soft)]


def _is_tick(operation: Operation) -> bool:
    return isinstance(operation, Invoke) and operation.method == "tick"


def _component_edges(
    instances: Iterable[Instance],
    wired: Mapping[int, Sequence[Connection]],
    members: set[int],
    methods: Sequence[str],
) -> dict[int, set[int]]:
    """Return instance to the instances whose members its methods read through wires."""
    edges: dict[int, set[int]] = {instance.index: set() for instance in instances}
    for instance in instances:
        read = frozenset[str]().union(*(instance.unit.reads.get(method, frozenset()) for method in methods))
        for connection in wired[instance.index]:
            if connection.target.member.name in read:
                sources = {source.instance.index for source in connection.sources}
                edges[instance.index] |= (sources & members) - {instance.index}
    return edges


def _sorted_by_edges(members: Iterable[int], hard: Mapping[int, set[int]], soft: Mapping[int, set[int]]) -> list[int]:
    """Return a topological order, the lowest index first; soft edges give way where they close a cycle."""
    waiting = {index: set(hard[index]) for index in members}
    wishes = {index: set(soft[index]) - hard[index] for index in members}
    ready = [index for index in waiting if not waiting[index] and not wishes[index]]
    heapq.heapify(ready)
    order: list[int] = []
    while waiting:
        if ready:
            chosen = heapq.heappop(ready)
        else:
            free = [index for index in waiting if not waiting[index]]
            chosen = min(free or waiting, key=lambda index: (len(wishes[index]), index))
        del waiting[chosen]
        order.append(chosen)
        for index in waiting:
            if chosen in waiting[index] or chosen in wishes[index]:
                waiting[index].discard(chosen)
                wishes[index].discard(chosen)
                if not waiting[index] and not wishes[index]:
                    heapq.heappush(ready, index)
    return order
