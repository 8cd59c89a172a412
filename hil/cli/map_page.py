"""A register map as one HTML page: to read on a screen or a phone, to search, to print; nothing from elsewhere."""

from __future__ import annotations

import html
from collections.abc import Iterator

from emulators.description import RegisterMapDescription, RegisterTable
from emulators.description.register_map_document import DOCUMENT_HEADINGS, DocumentRow, document_rows, map_facts

__all__ = ["map_page"]

_TITLES = {
    RegisterTable.COIL: ("Coils", (1, 5, 15)),
    RegisterTable.DISCRETE_INPUT: ("Discrete inputs", (2,)),
    RegisterTable.INPUT_REGISTER: ("Input registers", (4,)),
    RegisterTable.HOLDING_REGISTER: ("Holding registers", (3, 6, 16, 22, 23)),
}
_ACCESS = {"r": "read", "rw": "read, write", "w": "write", "once": "read, write once"}
_TABLE, _ADDRESS, _ACCESS_AT = (DOCUMENT_HEADINGS.index(name) for name in ("table", "address", "access"))
_DESCRIPTION = DOCUMENT_HEADINGS.index("description")

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--ground:#fff;--band:#f6f8fa;--mark:#0550ae}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4ae;--line:#3b434c;--ground:#0d1117;--band:#161b22;
--mark:#79c0ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:96rem;padding:1.5rem;background:var(--ground);color:var(--ink);
font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
h1{margin:0;font-size:1.6rem}h2{margin:2rem 0 .5rem;font-size:1.15rem}h2 small{color:var(--soft);font-weight:400}
p.lead{margin:.25rem 0 1rem;color:var(--soft)}
dl{display:grid;grid-template-columns:repeat(2,max-content minmax(8rem,1fr));gap:.15rem 1rem;margin:0 0 1rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.tools{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;padding:.6rem 0;
background:var(--ground);border-bottom:1px solid var(--line)}
.tools input{flex:1 1 14rem;max-width:30rem;padding:.4rem .6rem;border:1px solid var(--line);border-radius:6px;
background:var(--ground);color:inherit;font:inherit}
.tools a{color:var(--mark);text-decoration:none}.tools output{color:var(--soft)}
table{width:100%;border-collapse:collapse}
caption{display:none}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{background:var(--band);font-weight:600;white-space:nowrap}
td.n{white-space:nowrap;font-variant-numeric:tabular-nums}td.n small{margin-left:.6em;color:var(--soft)}
td.t{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.93em;overflow-wrap:break-word}
tr.w td.t{font-weight:600}
td.d{min-width:15rem}td ul{margin:.2rem 0 0;padding:0;list-style:none;columns:2 13rem;column-gap:1.5rem}
td li{display:grid;grid-template-columns:minmax(3.8em,max-content) 1fr;column-gap:.5em;break-inside:avoid}
td li b{font-weight:600}
[hidden]{display:none!important}
@media screen and (max-width:52rem){body{padding:1rem .8rem}dl{grid-template-columns:max-content 1fr}td.d{min-width:0}
thead{display:none}table,tbody,tr{display:block}tr{padding:.5rem 0;border-bottom:1px solid var(--line)}
td{display:inline-block;margin-right:.9em;border:0;padding:.05rem 0}td:empty{display:none}
td[data-h]::before{content:attr(data-h) " ";color:var(--soft)}td.d{display:block}
td.t{font-size:1.05em;font-weight:600}td ul{columns:1}}
@media print{@page{size:A4 landscape;margin:12mm}:root{--ink:#000;--soft:#444;--line:#999;--ground:#fff;--band:#eee;
--mark:#000}body{max-width:none;padding:0;font-size:9pt}.tools{display:none}thead{display:table-header-group}
tr{break-inside:avoid}h2{break-after:avoid}}
"""

_SCRIPT = """
const box=document.querySelector("input"),found=document.querySelector("output");
document.querySelector(".tools").hidden=false;
box.addEventListener("input",()=>{let shown=0;const words=box.value.toLowerCase().split(/\\s+/);
for(const section of document.querySelectorAll("section")){let any=false;
for(const row of section.querySelectorAll("tbody tr")){const text=row.textContent.toLowerCase();
row.hidden=!words.every(word=>text.includes(word));if(!row.hidden){any=true;shown+=1}}
section.hidden=!any}
found.textContent=box.value?shown+" found":""});
"""


def map_page(register_map: RegisterMapDescription) -> str:
    """Return the page."""
    rows = list(document_rows(register_map))
    used = [table for table in RegisterTable if any(row.table is table for row in rows)]
    title = html.escape(register_map.name or "register map")
    links = "".join(f'<a href="#{table.value}">{_TITLES[table][0]}</a>' for table in used)
    facts = "".join(f"<dt>{html.escape(key)}</dt><dd>{html.escape(text)}</dd>" for key, text in map_facts(register_map))
    known = register_map.requests.functions
    sections = "\n".join(_section(table, [row for row in rows if row.table is table], known) for table in used)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n"
        f'<p class="lead">{html.escape(register_map.description)}</p>\n<dl>{facts}</dl>\n'
        '<nav class="tools" hidden><input type="search" placeholder="tag, reference, unit, word …" '
        f'aria-label="search">{links}<output></output></nav>\n'
        f"{sections}\n<script>{_SCRIPT}</script></body></html>"
    )


def _section(table: RegisterTable, rows: list[DocumentRow], known: tuple[int, ...]) -> str:
    """Return the table of one kind; ``known`` are the function codes that the device has, empty for all."""
    title, codes = _TITLES[table]
    usable = [str(code) for code in codes if not known or code in known]
    functions = f"function{'s' if len(usable) > 1 else ''} {', '.join(usable)}" if usable else "no function"
    columns = [index for index in range(len(DOCUMENT_HEADINGS)) if index != _TABLE and _is_used(rows, index)]
    head = "".join(f"<th>{DOCUMENT_HEADINGS[index]}</th>" for index in columns)
    body = "\n".join(_row(row, columns) for row in rows)
    return (
        f'<section id="{table.value}"><h2>{title} <small>{len(rows)} values · {functions}</small></h2>\n'
        f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></section>"
    )


def _is_used(rows: list[DocumentRow], index: int) -> bool:
    return any(row.texts[index] or (index == _DESCRIPTION and row.meanings) for row in rows)


def _row(row: DocumentRow, columns: list[int]) -> str:
    is_written = row.texts[_ACCESS_AT] != "r"
    cells = "".join("".join(_cell(row, index)) for index in columns)
    return f"<tr{' class=w' if is_written else ''}>{cells}</tr>"


def _cell(row: DocumentRow, index: int) -> Iterator[str]:
    heading, text = DOCUMENT_HEADINGS[index], row.texts[index]
    name = {"reference": "n", "address": "n", "tag": "t", "description": "d"}.get(heading)
    label = f' data-h="{heading}"' if heading not in ("reference", "tag", "description") and text else ""
    yield f"<td{f' class={name}' if name else ''}{label}>"
    yield html.escape(_ACCESS[text] if index == _ACCESS_AT else text)
    if index == _ADDRESS:
        yield f"<small>0x{int(text.partition(' ')[0].partition('.')[0]):04X}</small>"
    if index == _DESCRIPTION and row.meanings:
        items = "".join(f"<li><b>{html.escape(key)}</b> {html.escape(meaning)}</li>" for key, meaning in row.meanings)
        yield f"<ul>{items}</ul>"
    yield "</td>"
