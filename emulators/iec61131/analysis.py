"""Front end of the compiler: source texts in, a checked ``Project`` or diagnostics out.

Passes: lex and parse every file; collect declarations; resolve types, globals and interfaces; analyse bodies; resolve
the configuration; look at the whole (recursion, overlapping addresses, what is never used). A pass works with what the
passes before it found to be right, so that one mistake is one message.
"""

from __future__ import annotations

from collections.abc import Sequence

from emulators.errors import CompileError, Diagnostic
from emulators.iec61131.configuration_analysis import (
    ConfigurationAnalyser,
    PlacementAnalyser,
    default_configuration,
)
from emulators.iec61131.declaration_analysis import resolve_global, resolve_interface, resolve_type
from emulators.iec61131.environment import Environment
from emulators.iec61131.findings import Findings
from emulators.iec61131.lexer import Tokens, lex
from emulators.iec61131.parser import parse
from emulators.iec61131.project import Configuration, InstancePlacement, Project, SourceText
from emulators.iec61131.scope import Scope
from emulators.iec61131.statement_analysis import StatementAnalyser
from emulators.iec61131.syntax import ConfigurationNode, FileNode, SectionNode
from emulators.iec61131.tree import Pou, PouKind, ProgramInterface
from emulators.iec61131.whole_program import order_units, report_overlaps, warn_about_unit

__all__ = ["analyse", "check"]


def check(sources: Sequence[SourceText]) -> list[Diagnostic]:
    """Return every finding about the sources, errors and warnings, by file, line and column."""
    analysis = _Analysis(sources)
    analysis.run()
    return analysis.diagnostics()


def analyse(sources: Sequence[SourceText]) -> Project:
    """Return the checked program.

    Raises:
        CompileError: with all diagnostics, warnings included, if there is any error.
    """
    analysis = _Analysis(sources)
    project = analysis.run()
    diagnostics = analysis.diagnostics()
    if analysis.findings.has_errors:
        raise CompileError(diagnostics)
    return Project(
        project.pous,
        project.types,
        project.globals,
        project.configuration,
        project.placements,
        project.image_bytes,
        tuple(diagnostics),
    )


class _Analysis:
    def __init__(self, sources: Sequence[SourceText]) -> None:
        self.sources = list(sources)
        self.findings = Findings([source.name for source in sources])
        self.environment = Environment(self.findings)
        self.environment.resolve_type = resolve_type
        self.environment.resolve_global = resolve_global
        self.environment.resolve_interface = resolve_interface
        self.configurations: list[tuple[ConfigurationNode, Tokens]] = []
        self._done: set[str] = set()
        self.config_sections: list[tuple[SectionNode, Tokens]] = []

    def diagnostics(self) -> list[Diagnostic]:
        return self.findings.sorted()

    def run(self) -> Project:
        for source in self.sources:
            tokens = lex(source, self.findings)
            self._collect(parse(tokens, self.findings), tokens)
        self._resolve_declarations()
        pous = self._bodies()
        configuration, placements = self._configuration()
        project = Project(
            order_units(pous, self.environment),
            {name: use.type for name, use in self.environment.types.items() if use is not None},
            tuple(variable for variable in self.environment.globals.values() if variable is not None),
            configuration,
            tuple(placements),
            self._image_bytes(),
        )
        report_overlaps(project, self.findings)
        for folded, pou in project.pous.items():
            if folded not in self.environment.library_units:
                warn_about_unit(pou, self.environment.pou_scopes[folded], self.environment.pou_nodes[folded][0])
        return project

    # --- collecting ------------------------------------------------------------------------------------------------

    def _collect(self, node: FileNode, tokens: Tokens) -> None:
        environment = self.environment
        environment.has_all_names &= node.has_all_names
        scope = Scope(environment, tokens)
        for type_node in node.types:
            folded = type_node.name.upper()
            if self._is_free(scope, type_node.name, type_node.start, folded):
                environment.type_nodes[folded] = (type_node, tokens)
        for pou in node.pous:
            folded = pou.name.upper()
            if self._is_free(scope, pou.name, pou.start, folded):
                environment.pou_nodes[folded] = (pou, tokens)
        for section in node.sections:
            self._collect_section(section, tokens, scope)
        for configuration in node.configurations:
            self.configurations.append((configuration, tokens))
            for section in configuration.sections:
                self._collect_section(section, tokens, scope)
            for resource in configuration.resources:
                for section in resource.sections:
                    self._collect_section(section, tokens, scope)

    def _is_free(self, scope: Scope, name: str, start: int, folded: str) -> bool:
        environment = self.environment
        for nodes in (environment.type_nodes, environment.pou_nodes):
            if folded in nodes:
                node, tokens = nodes[folded]
                where = tokens.span(node.start, node.end)
                scope.report_at("ST3003", start, len(name), f"'{name}' is declared already", f"see {where}")
                return False
        return True

    def _collect_section(self, section: SectionNode, tokens: Tokens, scope: Scope) -> None:
        if section.kind == "VAR_CONFIG":
            self.config_sections.append((section, tokens))
            return
        if section.kind != "VAR_GLOBAL":
            scope.report("ST3039", section, f"{section.kind} cannot stand here", "VAR_GLOBAL can")
            return
        for variable in section.variables:
            folded = variable.name.upper()
            if folded in self.environment.global_nodes:
                first, _, first_tokens = self.environment.global_nodes[folded]
                where = first_tokens.span(first.start, first.end)
                scope.report("ST3003", variable, f"global '{variable.name}' is declared already", f"see {where}")
            else:
                self.environment.global_nodes[folded] = (variable, section, tokens)

    # --- resolving -------------------------------------------------------------------------------------------------

    def _resolve_declarations(self) -> None:
        environment = self.environment
        for folded, (type_node, tokens) in list(environment.type_nodes.items()):
            environment.type_use(folded, Scope(environment, tokens), type_node.start)
        for folded, (variable_node, _, tokens) in list(environment.global_nodes.items()):
            environment.global_variable(folded, Scope(environment, tokens), variable_node.start)
        order = dict.fromkeys(environment.global_nodes)
        environment.globals = {folded: environment.globals[folded] for folded in order}
        for folded, (pou_node, tokens) in list(environment.pou_nodes.items()):
            environment.interface(folded, Scope(environment, tokens), pou_node.start)

    def _bodies(self) -> dict[str, Pou]:
        """Return every unit that is right so far; standard blocks join when they are first used."""
        pous: dict[str, Pou] = {}
        pending = list(self.environment.pou_nodes)
        while pending:
            for folded in pending:
                pou = self._body(folded)
                if pou is not None:
                    pous[folded] = pou
            pending = [folded for folded in self.environment.pou_nodes if folded not in self._done]
        return pous

    def _body(self, folded: str) -> Pou | None:
        self._done.add(folded)
        node, tokens = self.environment.pou_nodes[folded]
        interface = self.environment.interface(folded, Scope(self.environment, tokens), node.start)
        if interface is None:
            return None
        analyser = StatementAnalyser(self.environment.pou_scopes[folded])
        body = analyser.body(node.body)
        return Pou(PouKind(node.kind), node.name, interface, body, tokens.span(node.start, node.end))

    # --- configuration ---------------------------------------------------------------------------------------------

    def _configuration(self) -> tuple[Configuration, list[InstancePlacement]]:
        configuration: Configuration | None = None
        for node, tokens in self.configurations:
            scope = Scope(self.environment, tokens)
            if configuration is not None:
                scope.report(
                    "ST3003", node, "a second CONFIGURATION", "a program has one; several RESOURCEs may be in it"
                )
                continue
            configuration = ConfigurationAnalyser(self.environment, scope).configuration(node)
            self._warn_idle_programs(configuration)
        if configuration is None:
            configuration = default_configuration(
                [each for each in self.environment.interfaces.values() if isinstance(each, ProgramInterface)]
            )
        placements = PlacementAnalyser(self.environment, configuration)
        for section, tokens in self.config_sections:
            placements.section(section, Scope(self.environment, tokens))
        placements.check_complete()
        return configuration, placements.placements

    def _warn_idle_programs(self, configuration: Configuration) -> None:
        """Warn about programs that no resource runs; silent where an instance may be missing for its own mistake."""
        if self.findings.has_errors:
            return
        running = {each.program for resource in configuration.resources for each in resource.programs}
        for interface in self.environment.interfaces.values():
            if isinstance(interface, ProgramInterface) and interface not in running:
                message = f"no resource of {configuration.name} runs PROGRAM {interface.name}"
                hint = f"add PROGRAM {interface.name}1 WITH task : {interface.name};"
                self.findings.report("ST4011", interface.span, message, hint)

    def _image_bytes(self) -> tuple[int, int, int]:
        sizes = {"I": 0, "Q": 0, "M": 0}
        for area, first, count in self.environment.addresses_used:
            sizes[area] = max(sizes[area], first + count)
        return sizes["I"], sizes["Q"], sizes["M"]
