"""Reads a rig file section by section; the cross checks between sections are in ``rig_checks``."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from emulators.description.connections import read_connections
from emulators.description.endpoint_reader import read_endpoint
from emulators.description.io_list import read_io_list
from emulators.description.link_reader import read_line, read_link, report_shared_lines
from emulators.description.names import check_owner_name
from emulators.description.parameters import read_parameter
from emulators.description.register_map import RegisterMapDescription
from emulators.description.register_map_reader import read_register_map
from emulators.description.rig import (
    ControllerEntry,
    FileReference,
    LineEntry,
    LinkEntry,
    PlantEntry,
    RigDescription,
    TaskEntry,
    WireEntry,
)
from emulators.description.rig_checks import DeclaredNames, TagSignal, check_names
from emulators.description.rig_devices import place_devices
from emulators.description.rig_soundness import sound_part
from emulators.description.source import Findings, Located, SourceFile, read_source_file
from emulators.description.table_reader import TableReader, describe_node, read_format, texts_of_node
from emulators.description.tag_checks import TagDraft, TagEntry, known_type, known_unit
from emulators.description.toml_nodes import TomlArray, TomlNode, TomlScalar, TomlTable
from emulators.description.toml_tree import parse_toml
from emulators.errors import DescriptionError

__all__ = ["load_rig", "read_rig"]

T = TypeVar("T")

_LANGUAGES = ("st",)
_LARGEST_SEED = 2**63 - 1


def load_rig(path: str | os.PathLike[str]) -> RigDescription:
    """Read a rig file with its I/O list and its register maps; the programs are only looked for.

    Raises:
        DescriptionError: with every mistake of all these files.
    """
    findings = Findings()
    rig = read_rig(path, findings)
    findings.raise_if_any()
    return rig


def read_rig(path: str | os.PathLike[str], findings: Findings) -> RigDescription:
    """Return the sound part of a rig, so that it can be judged further; what is wrong is reported and left out.

    Raises:
        DescriptionError: the file cannot be read or is no TOML.
    """
    return _RigReader(os.fspath(path), findings).read()


class _RigReader:
    def __init__(self, file: str, findings: Findings) -> None:
        self._file = file
        self._findings = findings
        self._tag_signals: list[TagSignal] = []
        self._left_out_tags: list[str] = []
        self._is_io_list_whole = True

    def read(self) -> RigDescription:
        reader = TableReader(parse_toml(read_source_file(self._file)), "the rig", self._findings)
        read_format(reader, self._findings)
        reader.require("name", "step")
        name = reader.text("name", may_be_empty=False)
        description = reader.text("description")
        step = reader.duration_ns("step", may_be_zero=False)
        seed = reader.integer("seed", low=0, high=_LARGEST_SEED)
        plant = [self._plant_entry(key, table) for key, table in reader.named_tables("plant")]
        controllers = [self._controller(key, table) for key, table in reader.named_tables("controllers")]
        drafts = [self._tag(key, table) for key, table in reader.named_tables("tags")]
        tags = [entry for entry in drafts if entry is not None]
        io_list = self._io_list(reader, tags)
        folder = os.path.dirname(self._file)
        endpoints = [
            read_endpoint(table, folder, self._load_map, self._findings)
            for table in reader.array_of_tables("endpoints")
        ]
        lines = [self._line(key, table) for key, table in reader.named_tables("lines")]
        links = self._links(reader, lines)
        has_devices = any(unit.name for endpoint in endpoints for unit in endpoint.units)
        if not (reader.has("plant") or reader.has("controllers") or has_devices):
            reader.require("plant")
        reader.finish()
        declared = self._declared_names(reader)
        devices = place_devices(endpoints, declared.owners, tags, self._findings)
        rig = RigDescription(
            file=self._file,
            name=name.value if name else "",
            description=description.value if description else "",
            step_ns=step.value if step else 1,  # a wrong one: 1 ns divides every interval of a task
            seed=seed.value if seed else 0,
            plant=(*plant, *devices.plant),
            controllers=tuple(controllers),
            tags=(*tags, *devices.tags),
            endpoints=devices.endpoints,
            io_list=io_list,
            span=reader.span,
            links=tuple(links),
            lines=tuple(lines),
        )
        check_names(rig, declared, self._findings)
        return sound_part(rig, declared, self._findings)

    def _declared_names(self, reader: TableReader) -> DeclaredNames:
        return DeclaredNames(
            plant=_keys(reader, "plant"),
            controllers=_keys(reader, "controllers"),
            links=_keys(reader, "links"),
            lines=_keys(reader, "lines"),
            tags=_keys(reader, "tags") + tuple(self._left_out_tags),
            tag_signals=tuple(self._tag_signals),
            are_tags_complete=self._is_io_list_whole,
        )

    # --- plant ---

    def _plant_entry(self, name: Located[str], table: TomlTable) -> PlantEntry:
        check_owner_name(name, "plant component", self._findings)
        reader = TableReader(table, f"plant component {name.value}", self._findings)
        reader.require("component")
        component = reader.text("component", may_be_empty=False)
        inputs = reader.table("inputs")
        wires = [
            WireEntry(Located(f"{name.value}.{port}", entry.key_span), tuple(self._wire_sources(port, entry)))
            for port, entry in (inputs.entries if inputs else {}).items()
        ]
        parameters = [read_parameter(key, entry, self._findings) for key, entry in reader.others()]
        known = tuple(parameter for parameter in parameters if parameter is not None)
        return PlantEntry(name.value, component or Located("", name.span), known, tuple(wires), name.span)

    def _wire_sources(self, port: str, entry: TomlNode) -> list[Located[str]]:
        if isinstance(entry, TomlScalar) and not isinstance(entry.value, str):
            self._findings.add(
                entry.span,
                f"input {port} is wired to {describe_node(entry)}",
                "name the output that feeds it; a fixed value is a parameter",
            )
            return []
        return texts_of_node(entry, port, self._findings)

    # --- controllers ---

    def _controller(self, name: Located[str], table: TomlTable) -> ControllerEntry:
        check_owner_name(name, "controller", self._findings)
        reader = TableReader(table, f"controller {name.value}", self._findings)
        reader.require("language", "sources")
        language = reader.choice("language", _LANGUAGES)
        sources = [self._file_reference(text) for text in reader.texts("sources")]
        inputs = read_connections(reader, "inputs", controller=name.value, findings=self._findings)
        outputs = read_connections(reader, "outputs", controller=name.value, findings=self._findings)
        tasks = [self._task(task, inner) for task, inner in reader.named_tables("tasks")]
        reader.finish()
        for source in sources:
            if not os.path.isfile(source.path):
                self._findings.add(source.span, f"there is no file {source.path}", "paths start at the rig's folder")
        are_all_texts = len(sources) == len(_items(reader.entry("sources")))
        return ControllerEntry(
            name=name.value,
            language=language.value if language else "",
            sources=tuple(sources) if are_all_texts else (),
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            tasks=tuple(tasks),
            span=name.span,
        )

    def _task(self, name: Located[str], table: TomlTable) -> TaskEntry:
        reader = TableReader(table, f"task {name.value}", self._findings)
        interval = reader.duration_ns("interval", may_be_zero=False)
        offset = reader.duration_ns("offset")
        priority = reader.integer("priority", low=0, high=65535)
        execution_time = reader.duration_pair_ns("execution_time")
        watchdog = reader.duration_ns("watchdog", may_be_zero=False)
        reader.finish()
        return TaskEntry(
            name.value,
            name.span,
            interval.value if interval else None,
            offset.value if offset else None,
            priority.value if priority else None,
            execution_time.value if execution_time else None,
            watchdog.value if watchdog else None,
        )

    # --- tags ---

    def _tag(self, name: Located[str], table: TomlTable) -> TagEntry | None:
        reader = TableReader(table, f"tag {name.value}", self._findings)
        if not _holds_only_tables(table):
            reader.require("signal")
        signal = reader.text("signal", may_be_empty=False)
        is_truth = reader.boolean("truth", default=False)
        if signal is not None:
            self._tag_signals.append(TagSignal(signal, is_truth))
        draft = TagDraft(
            name=name,
            signal=signal,
            is_truth=is_truth,
            type=known_type(reader.text("type"), self._findings),
            unit=known_unit(reader.text("unit"), self._findings),
            eu_range=reader.number_pair("range"),
            is_writable=reader.boolean("writable", default=False),
            safe_value=reader.boolean_or_number("safe"),
            max_rate_per_s=reader.number("max_rate_per_s"),
            description=description.value if (description := reader.text("description")) else "",
        )
        for key, entry in reader.others():
            if isinstance(entry, TomlTable):
                hint = f'a tag with a dot needs quotes: [tags."{name.value}.{key}"]'
                self._left_out_tags.append(f"{name.value}.{key}")
                self._findings.add(entry.key_span, f"tag {name.value} cannot contain the table {key}", hint)
            else:
                reader.report_unknown(key, entry)
        return draft.check(self._findings)

    def _io_list(self, reader: TableReader, tags: list[TagEntry]) -> FileReference | None:
        text = reader.text("tags_csv", may_be_empty=False)
        if text is None:
            return None
        reference = self._file_reference(text)
        io_list = self._load(reference, read_io_list)
        self._is_io_list_whole = io_list is not None and io_list.is_whole
        self._left_out_tags += io_list.left_out if io_list else ()
        known = {entry.tag.name: entry for entry in tags}
        for entry in io_list.entries if io_list else ():
            self._tag_signals.append(TagSignal(Located(entry.tag.signal, entry.signal_span), entry.tag.is_truth))
            other = known.get(entry.tag.name)
            if other is None:
                tags.append(entry)
            else:
                message = f"tag {entry.tag.name} is already defined at {other.span}"
                self._findings.add(entry.span, message, "keep one of the two")
        return reference

    # --- endpoints and links ---

    def _line(self, name: Located[str], table: TomlTable) -> LineEntry:
        check_owner_name(name, "line", self._findings)
        return read_line(name, table, self._findings)

    def _links(self, reader: TableReader, lines: Sequence[LineEntry]) -> list[LinkEntry]:
        known = {line.name: line for line in lines}
        links = []
        for name, table in reader.named_tables("links"):
            check_owner_name(name, "link", self._findings)
            links.append(read_link(name, table, known, self._load_map, self._findings))
        report_shared_lines(lines, links, self._findings)
        return links

    def _load_map(self, text: Located[str]) -> RegisterMapDescription | None:
        return self._load(self._file_reference(text), read_register_map)

    # --- shared ---

    def _file_reference(self, text: Located[str]) -> FileReference:
        path = os.path.normpath(os.path.join(os.path.dirname(self._file), text.value))
        return FileReference(text.value, path, text.span)

    def _load(self, reference: FileReference, read: Callable[[SourceFile, Findings], T]) -> T | None:
        """Read another file; its mistakes join ours, a file that is not there is a mistake here."""
        if not os.path.isfile(reference.path):
            self._findings.add(reference.span, f"there is no file {reference.path}", "paths start at the rig's folder")
            return None
        try:
            return read(read_source_file(reference.path), self._findings)
        except DescriptionError as error:
            self._findings.extend(error.diagnostics)
            return None


def _holds_only_tables(table: TomlTable) -> bool:
    return bool(table.entries) and all(isinstance(entry, TomlTable) for entry in table.entries.values())


def _items(entry: TomlNode | None) -> tuple[TomlNode, ...]:
    """Return what an array holds, or the one value that stands in place of an array."""
    if entry is None:
        return ()
    return tuple(entry.items) if isinstance(entry, TomlArray) else (entry,)


def _keys(reader: TableReader, key: str) -> tuple[str, ...]:
    entry = reader.entry(key)
    return tuple(entry.entries) if entry is not None and isinstance(entry, TomlTable) else ()
