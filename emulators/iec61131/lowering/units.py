"""Program organisation units as IR functions.

* A function takes the program instance, its parameters in order of declaration (scalars by value, the rest, outputs
  and in-outs by reference), and, if its result is no scalar, a last reference to write it to.
* A function block or program takes the program instance, its own instance, and its in-outs by reference.
"""

from __future__ import annotations

from emulators.iec61131 import tree
from emulators.iec61131.lowering.facts import find_tracked
from emulators.iec61131.lowering.function_builder import FunctionBuilder, Rules
from emulators.iec61131.lowering.initial_values import assign_initial, is_all_zero
from emulators.iec61131.lowering.machine_types import edge_memory, is_scalar, takes_space
from emulators.iec61131.lowering.module_builder import ModuleBuilder
from emulators.iec61131.lowering.walk import is_local, nodes, root_variable, written_places
from emulators.iec61131.types import ArrayInitial, ArrayType, Edge, Section, Variable
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["LIBRARY_PREFIX", "SELF", "lower_unit"]

SELF = "self__"
_RESULT = "result__"
LIBRARY_PREFIX = "<standard>/"
"""Beginning of the file names of the standard library, which has no coverage points."""


def lower_unit(module: ModuleBuilder, rules: Rules, pou: tree.Pou, instance: ir.Struct | None) -> None:
    """Add the function of one unit; ``instance`` is the structure of a block or program."""
    counts_coverage = not pou.span.file.startswith(LIBRARY_PREFIX)
    b = FunctionBuilder(module, rules, module.function_name(pou.name), counts_coverage)
    b.tracked = find_tracked(pou)
    if isinstance(pou.interface, tree.FunctionInterface):
        _function(b, pou, pou.interface)
    else:
        assert instance is not None
        _instance_unit(b, pou, instance)


# --- functions -------------------------------------------------------------------------------------------------------


def _function(b: FunctionBuilder, pou: tree.Pou, interface: tree.FunctionInterface) -> None:
    written = {root_variable(place) for place in written_places(pou.body)}
    has_effects = _has_effects(b.module, pou)
    b.module.has_effects[pou.name.upper()] = has_effects
    parameters = [b.module.instance_parameter()]
    for variable in interface.variables:
        stored = b.module.types.machine_type(variable.type)
        if variable.section is Section.INPUT and is_scalar(variable.type):
            parameters.append(ir.FormalParameter(variable.name, stored))
            _bind_scalar_input(b, variable, is_written=variable in written)
        elif variable.section in (Section.INPUT, Section.OUTPUT, Section.IN_OUT):
            parameters.append(ir.FormalParameter(variable.name, stored, by_reference=True))
            _bind_reference(b, variable, is_copied=has_effects or variable in written)
        elif variable.section in (Section.VAR, Section.TEMP, Section.RESULT):
            _bind_local(b, variable)
    result = interface.result
    returns: Scalar | None = None
    if result is not None:
        stored = b.module.types.machine_type(result.type)
        if isinstance(stored, Scalar):
            returns = stored
            place = b.binding(result)
            assert isinstance(place, ir.Local)
            b.result = ir.Load(place, stored)
        else:
            parameters.append(ir.FormalParameter(_RESULT, stored, by_reference=True))
    b.emit(*b.statements(pou.body))
    if b.result is not None:
        b.emit(ir.Return(b.result))
    b.finish(parameters, returns=returns, exported=False, span=pou.span)


def _bind_scalar_input(b: FunctionBuilder, variable: Variable, *, is_written: bool) -> None:
    stored = b.module.types.machine_type(variable.type)
    assert isinstance(stored, Scalar)
    given = ir.Parameter(variable.name, stored)
    if not is_written:
        b.bindings[variable] = given
        return
    local = ir.Local(f"{variable.name}__own", stored)
    b.locals.append(local)
    b.emit(ir.Assign(local, given))
    b.bindings[variable] = local


def _bind_reference(b: FunctionBuilder, variable: Variable, *, is_copied: bool) -> None:
    stored = b.module.types.machine_type(variable.type)
    given = ir.Argument(variable.name, stored)
    b.bindings[variable] = given
    if variable.section is Section.INPUT and is_copied:
        local = b.temporary(stored, variable.name)
        b.emit(ir.Copy(local, given))
        b.bindings[variable] = local
    if variable.section is Section.OUTPUT:
        assign_initial(b, given, variable.type, variable.initial, is_zeroed=False)


def _bind_local(b: FunctionBuilder, variable: Variable) -> None:
    """Give a variable of a function, or a VAR_TEMP, its place and its initial value."""
    stored = b.module.types.machine_type(variable.type)
    if variable.section is Section.RESULT and not isinstance(stored, Scalar):
        place = ir.Argument(_RESULT, stored)
        b.bindings[variable] = place
        assign_initial(b, place, variable.type, variable.initial, is_zeroed=False)
        return
    table = _constant_table(b, variable)
    if table is not None:
        b.bindings[variable] = table
        return
    local = ir.Local(variable.name, stored)
    b.locals.append(local)
    b.bindings[variable] = local
    if not is_all_zero(b.module, variable.type, variable.initial):
        assign_initial(b, local, variable.type, variable.initial, is_zeroed=True)


def _constant_table(b: FunctionBuilder, variable: Variable) -> ir.Table | None:
    """Return a constant array of scalars with one dimension as a table, so that calls need not build it."""
    if not variable.is_constant or not isinstance(variable.type, ArrayType) or len(variable.type.bounds) != 1:
        return None
    if not is_scalar(variable.type.element) or not isinstance(variable.initial, ArrayInitial):
        return None
    stored = b.module.types.machine_type(variable.type)
    assert isinstance(stored, ir.Array)
    assert isinstance(stored.element, Scalar)
    values: list[bool | int | float] = []
    for count, value in variable.initial.parts:
        assert isinstance(value, bool | int | float | str)
        values += [ord(value[0]) if isinstance(value, str) else value] * count
    return ir.Table(f"{b.name}__{variable.name}", stored.element, tuple(values), stored)


def _has_effects(module: ModuleBuilder, pou: tree.Pou) -> bool:
    """Return whether a function may change anything but its own locals: then inputs by reference are copied."""
    if any(not is_local(root_variable(place)) for place in written_places(pou.body)):
        return True
    calls = (node for node in nodes(pou.body) if isinstance(node, tree.FunctionCall))
    return any(module.has_effects.get(call.function.name.upper(), True) for call in calls)


# --- function blocks and programs ------------------------------------------------------------------------------------


def _instance_unit(b: FunctionBuilder, pou: tree.Pou, instance: ir.Struct) -> None:
    b.has_no_in_outs = all(variable.section is not Section.IN_OUT for variable in pou.variables)
    self_place = ir.Argument(SELF, instance)
    parameters = [b.module.instance_parameter(), ir.FormalParameter(SELF, instance, by_reference=True)]
    for variable in pou.variables:
        stored = b.module.types.machine_type(variable.type) if variable.section is not Section.EXTERNAL else None
        if variable.section is Section.IN_OUT:
            assert stored is not None
            parameters.append(ir.FormalParameter(variable.name, stored, by_reference=True))
            b.bindings[variable] = ir.Argument(variable.name, stored)
        elif variable.section is Section.TEMP:
            _bind_local(b, variable)
        elif takes_space(variable):
            assert stored is not None
            b.bindings[variable] = ir.Member(self_place, variable.name, stored)
            if variable.edge is not None:
                _detect_edge(b, variable, self_place)
    b.emit(*b.statements(pou.body))
    b.finish(parameters, returns=None, exported=False, span=pou.span)


def _detect_edge(b: FunctionBuilder, variable: Variable, self_place: ir.Argument) -> None:
    """Let the body see an R_EDGE or F_EDGE input as TRUE for one call after its edge, as R_TRIG and F_TRIG would."""
    level: ir.Expression = ir.Load(ir.Member(self_place, variable.name, Scalar.BOOL), Scalar.BOOL)
    if variable.edge is Edge.FALLING:
        level = ir.Unary(ir.UnaryOperator.NOT, level, Scalar.BOOL)
    memory = ir.Member(self_place, edge_memory(variable), Scalar.BOOL)
    before = ir.Unary(ir.UnaryOperator.NOT, ir.Load(memory, Scalar.BOOL), Scalar.BOOL)
    edge = b.temporary(Scalar.BOOL, f"{variable.name}__edge")
    b.emit(ir.Assign(edge, ir.Binary(ir.BinaryOperator.AND, level, before, Scalar.BOOL)))
    b.emit(ir.Assign(memory, level))
    b.bindings[variable] = edge
