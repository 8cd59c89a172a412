"""Freestanding C of a module: runtime parts, structures, tables, functions (callees first), the loop of a cell.

No includes, no globals but constant tables, no allocation; one and the same text for every compiler and for the same
module. A function that may fault returns 1 after a fault and 0 otherwise, and gives its value through ``result``;
a function that cannot fault is an ordinary C function.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from emulators.errors import InternalError
from emulators.native.c_names import c_function
from emulators.native.emit_statements import StatementEmitter
from emulators.native.emit_types import declare, declare_pointer, literal, scalar_name, struct_text, table_text
from emulators.native.emit_writer import RETURN_MARK, ModuleCollection, escape_file
from emulators.native.faults import FaultSite
from emulators.native.ir import Function, Local, Module, Scalar, Struct
from emulators.native.loop import PHASES, ROOT
from emulators.native.runtime import runtime_text
from emulators.native.stack import check_stack
from emulators.native.uninitialised import locals_set_before_use

__all__ = ["EmittedFunction", "EmittedModule", "emit_c", "emit_module"]


@dataclass(frozen=True, slots=True)
class EmittedFunction:
    """Exported C function: its C name and whether it may fault."""

    function: Function
    c_name: str
    may_fault: bool


@dataclass(frozen=True, slots=True)
class EmittedModule:
    """C text with what is needed to call it and to explain its faults."""

    text: str
    functions: dict[str, EmittedFunction]
    sites: tuple[FaultSite, ...]
    has_loop: bool


def emit_c(module: Module, *, coverage: bool = False, root: Struct | None = None) -> str:
    """Return the C text of a module; with ``root`` the text ends with a remark on the size of that structure."""
    text = emit_module(module, coverage=coverage).text
    if root is None:
        return text
    return f"{text}\n/* struct {root.name} is the state block */\n"


def emit_module(module: Module, *, coverage: bool = False) -> EmittedModule:
    """Return the C text of a module together with its fault sites and exported functions.

    Raises:
        CompileError: local variables of the user's functions need more stack than there is.
    """
    collection = ModuleCollection(module, coverage)
    check_stack(collection.order)
    bodies: list[str] = []
    exported: dict[str, EmittedFunction] = {}
    for function in collection.order:
        emitter = StatementEmitter(collection, function)
        emitter.body(function.body)
        if emitter.may_fault:
            collection.faulting.add(function.name)
        if emitter.may_stop:
            collection.stopping.add(function.name)
        bodies.extend(_function_text(emitter))
        if function.exported:
            exported[function.name] = EmittedFunction(function, c_function(function.name), emitter.may_fault)
    has_loop = any(struct.name == ROOT for struct in module.structs) and PHASES[0] in exported
    lines = [*runtime_text("prelude", *sorted(collection.parts))]
    for struct in module.structs:
        lines.extend(struct_text(struct))
    lines.extend(table_text(table) for table in collection.tables.values())
    lines.extend(bodies)
    if has_loop:
        lines.extend(_loop_text(exported))
    return EmittedModule("\n".join(lines) + "\n", exported, tuple(collection.sites), has_loop)


def _function_text(emitter: StatementEmitter) -> Iterator[str]:
    function = emitter.function
    if function.span.file:
        yield f'#line {max(function.span.line, 1)} "{escape_file(function.span.file)}"'
    yield _signature(emitter) + " {"
    ready = locals_set_before_use(function)
    for local in function.locals:
        yield from _local_text(emitter, local, is_ready=local.name in ready)
    for line in emitter.lines:
        indent, mark, value = line.partition(RETURN_MARK)
        yield f"{indent}{_return_text(emitter, value)}" if mark else line
    if emitter.may_fault:
        yield "    return 0;" if function.returns is None else "    *result = 0; return 0;"
    elif function.returns is not None:
        yield "    return 0;"
    yield "}"


def _signature(emitter: StatementEmitter) -> str:
    function = emitter.function
    parameters = ["hil_context *restrict context"]
    for parameter in function.parameters:
        name = emitter.name(parameter.name)
        parameters.append(
            declare_pointer(parameter.type, name) if parameter.by_reference else declare(parameter.type, name)
        )
    returns = "void" if function.returns is None else scalar_name(function.returns)
    if emitter.may_fault:
        if function.returns is not None:
            parameters.append(f"{returns} *restrict result")
        returns = "i32"
    storage = "HIL_EXPORT" if function.exported else "static inline" if function.is_inline else "static"
    return f"{storage} {returns} {c_function(function.name)}({', '.join(parameters)})"


def _local_text(emitter: StatementEmitter, local: Local, *, is_ready: bool) -> Iterator[str]:
    name = emitter.name(local.name)
    declaration = declare(local.type, name)
    if isinstance(local.type, Scalar):
        yield f"    {declaration};" if is_ready else f"    {declaration} = {literal(0, local.type)};"
    else:
        yield f"    {declaration};"
        yield f"    memset(&{name}, 0, sizeof {name});"


def _return_text(emitter: StatementEmitter, value: str) -> str:
    if not emitter.may_fault:
        return f"return {value};" if value else "return;"
    return f"{{ *result = {value}; return 0; }}" if value else "return 0;"


def _loop_text(exported: dict[str, EmittedFunction]) -> Iterator[str]:
    for phase in PHASES:
        emitted = exported.get(phase)
        if emitted is None:
            call = "0"
        else:
            parameters = emitted.function.parameters
            if len(parameters) != 1 or not parameters[0].by_reference or emitted.function.returns is not None:
                raise InternalError(f"{phase} must take the cell by reference and return nothing")
            call = f"{emitted.c_name}(context, state)"
            call = call if emitted.may_fault else f"({call}, 0)"
        yield f"#define HIL_{phase.upper()} {call}"
    yield from runtime_text("loop")
