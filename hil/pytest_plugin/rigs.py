"""Which rig a test runs on, and the benches that are open."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path

import pytest

from hil.bench.protocol import Bench, Capability, MissingCapability
from hil.resources import resolve_rig, shipped_root

__all__ = ["open_bench", "open_rig", "parametrize_bench", "reset_open_benches"]

_OPEN: pytest.StashKey[dict[str, Bench]] = pytest.StashKey()
_NO_RIG = (
    'the test uses a bench but names no rig; write pytestmark = pytest.mark.rig("rigs/two_tanks.toml") in its module, '
    "or set hil_rig in the configuration, or give --hil-rig"
)


def parametrize_bench(metafunc: pytest.Metafunc) -> None:
    """Run a test on each rig of its marker; a test with the rig of its module keeps its plain name."""
    if metafunc.config.getoption("hil_rig"):
        return
    own = _marked(metafunc.definition)
    parent = metafunc.definition.getparent(pytest.Module)
    if _wants_endpoints(metafunc.definition) and not (parent is not None and _wants_endpoints(parent)):
        raise pytest.Collector.CollectError(
            f"{metafunc.definition.nodeid}: endpoints=True belongs to the module's pytestmark"
        )
    if len(own) > 1 or (own and own != (_marked(parent) if parent is not None else ())):
        metafunc.parametrize("bench", own, indirect=True, scope="module", ids=[Path(rig).stem for rig in own])


def _marked(node: pytest.Item | pytest.Collector) -> tuple[str, ...]:
    marker = node.get_closest_marker("rig")
    return tuple(str(rig) for rig in marker.args) if marker is not None else ()


def open_bench(request: pytest.FixtureRequest) -> Generator[Bench, None, None]:
    """Make the bench of the module's rig, hand it out, and close it at the end of the module.

    Raises:
        MissingCapability: the target cannot do what every test needs; the tests are blocked.
        DescriptionError: no such rig, or the rig is wrong.
    """
    config = request.config
    target = str(config.getoption("hil_target"))
    path = _rig_path(request)
    if target != "emulated":
        raise MissingCapability(Capability.ADVANCE, target, "this rig has no link to a real controller")
    from hil import assembly

    coverage = bool(config.getoption("hil_report"))
    bench: Bench = assembly.make_bench(path, target, coverage=coverage, endpoints=_wants_endpoints(request.node))
    benches = config.stash.setdefault(_OPEN, {})
    benches[str(path)] = bench
    if config.getoption("hil_replay"):
        from hil.pytest_plugin.replay import replay_injections

        replay_injections(config, bench)
    try:
        yield bench
    finally:
        benches.pop(str(path), None)
        bench.close()


def _wants_endpoints(node: pytest.Item | pytest.Collector) -> bool:
    marker = node.get_closest_marker("rig")
    return marker is not None and bool(marker.kwargs.get("endpoints", False))


def open_rig(config: pytest.Config, bench: Bench) -> str:
    """Return the rig of an open bench: its name where it is shipped, else its file, relative to the root folder."""
    for path, open_one in config.stash.get(_OPEN, {}).items():
        if open_one is bench:
            return _rig_name(Path(path), config.rootpath)
    return ""


def _rig_name(path: Path, root: Path) -> str:
    if path.parent == shipped_root() / "rigs" and resolve_rig(path.stem, root) == path:
        return path.stem
    with contextlib.suppress(ValueError):
        return path.relative_to(root).as_posix()
    return str(path)


def reset_open_benches(config: pytest.Config) -> None:
    for bench in config.stash.get(_OPEN, {}).values():
        bench.reset()


def _rig_path(request: pytest.FixtureRequest) -> Path:
    config = request.config
    given = str(config.getoption("hil_rig") or "")
    if given:
        return resolve_rig(given, config.invocation_params.dir).resolve()
    marked = (str(request.param),) if hasattr(request, "param") else _marked(request.node)
    if not marked:
        configured = str(config.getini("hil_rig"))
        if not configured:
            pytest.fail(_NO_RIG, pytrace=False)
        return resolve_rig(configured, config.rootpath).resolve()
    folder = request.path.parent
    for candidate in (folder, *folder.parents):
        if (candidate / marked[0]).is_file():
            return (candidate / marked[0]).resolve()
        if candidate == config.rootpath:
            break
    return resolve_rig(marked[0], config.rootpath).resolve()
