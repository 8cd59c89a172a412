"""Random control programs as text: typed expressions, all statements, functions, function blocks, arrays, structures.

Programs compile by construction: constant operands stand only beside variables, so that no constant expression can
overflow. Divisions and indices are mostly safe; a few are not, to see both sides fault alike.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

INTEGERS = ("SINT", "INT", "DINT", "LINT", "USINT", "UINT", "UDINT", "ULINT")
BITS = ("BYTE", "WORD", "DWORD", "LWORD")
REALS = ("REAL", "LREAL")
SCALARS = ("BOOL", *INTEGERS, *BITS, *REALS, "TIME")
WIDTH = {"SINT": 8, "INT": 16, "DINT": 32, "LINT": 64, "BYTE": 8, "WORD": 16, "DWORD": 32, "LWORD": 64}
WIDTH |= {f"U{name}": width for name, width in list(WIDTH.items()) if name.endswith("INT")}
WIDENS = {
    "INT": ("SINT", "USINT"),
    "DINT": ("SINT", "INT", "USINT", "UINT"),
    "LINT": ("SINT", "INT", "DINT", "UINT", "UDINT"),
    "UINT": ("USINT",),
    "UDINT": ("USINT", "UINT"),
    "ULINT": ("UDINT", "UINT"),
    "REAL": ("SINT", "INT", "UINT"),
    "LREAL": ("INT", "DINT", "REAL", "UDINT"),
    "WORD": ("BYTE",),
    "DWORD": ("BYTE", "WORD"),
    "LWORD": ("DWORD",),
}
COMMON_TYPES = """
TYPE
  Colour : (Red, Green := 5, Blue);
  Part : STRUCT a : INT; b : REAL; c : ARRAY[1..3] OF UINT; s : STRING[7]; END_STRUCT;
  Small : INT(-20..20);
END_TYPE
"""


def limits(name: str) -> tuple[int, int]:
    width = WIDTH[name]
    is_signed = name in ("SINT", "INT", "DINT", "LINT")
    return (-(1 << width - 1), (1 << width - 1) - 1) if is_signed else (0, (1 << width) - 1)


@dataclass
class Generator:
    """Writes one program; ``dice`` decides everything."""

    dice: random.Random
    variables: dict[str, list[str]] = field(default_factory=dict)
    loop_depth: int = 0
    counters: list[tuple[str, int, int]] = field(default_factory=list)
    may_call: bool = True
    used_counters: int = 0

    def chance(self, one_in: int) -> bool:
        return self.dice.randrange(one_in) == 0

    # --- literals --------------------------------------------------------------------------------------------------

    def literal(self, name: str) -> str:
        if name == "BOOL":
            return self.dice.choice(["TRUE", "FALSE"])
        if name in REALS:
            number = self.dice.choice([0.0, 0.5, 1.0, -1.5, 2.5, 1e10, -3.25e-3, 123.456, 7.0])
            return f"{name}#{number!r}"
        if name == "TIME":
            return self.dice.choice(["T#0s", "T#10ms", "T#1s500ms", "T#-3ms", "T#1d2h", "T#7us"])
        if name == "STRING":
            return "'" + "".join(self.dice.choice("abcXYZ 019") for _ in range(self.dice.randrange(6))) + "'"
        low, high = limits(name)
        number = self.dice.choice([0, 1, 2, 3, 7, 10, high, high - 1, low, self.dice.randint(low, high)])
        return f"{name}#{number}"

    # --- expressions -----------------------------------------------------------------------------------------------

    def variable(self, name: str) -> str:
        choices = self.variables[name]
        picked = self.dice.choice(choices)
        if name in ("INT", "DINT", "REAL", "UINT") and self.chance(3):
            return self.element(name)
        return picked

    def element(self, name: str) -> str:
        match name:
            case "INT":
                return self.dice.choice([f"ai[{self.index(-2, 5)}]", "p.a", f"ps[{self.index(0, 2)}].a", "fbv.total"])
            case "DINT":
                return f"m[{self.index(0, 2)}, {self.index(1, 3)}]"
            case "UINT":
                return self.dice.choice([f"p.c[{self.index(1, 3)}]", f"ps[{self.index(0, 2)}].c[{self.index(1, 3)}]"])
        return self.dice.choice(["p.b", f"ps[{self.index(0, 2)}].b"])

    def index(self, low: int, high: int) -> str:
        fitting = [name for name, first, last in self.counters if low <= first and last <= high]
        if fitting and not self.chance(3):
            return self.dice.choice(fitting)
        if self.chance(2):
            return str(self.dice.randint(low, high))
        if self.chance(60):
            return self.dice.choice(self.variables["INT"])
        return f"LIMIT({low}, {self.dice.choice(self.variables['INT'])}, {high})"

    def expression(self, name: str, depth: int) -> str:
        if depth <= 0:
            return self.literal(name) if self.chance(4) else self.variable(name)
        if name == "BOOL":
            return self.boolean(depth)
        if name in REALS:
            return self.real(name, depth)
        if name == "TIME":
            return self.time(depth)
        if name == "STRING":
            return self.text(depth)
        return self.integer(name, depth) if name in INTEGERS else self.bit_string(name, depth)

    def beside(self, name: str, depth: int) -> str:
        """Return an expression that holds a variable, to be combined with anything."""
        return self.variable(name) if depth <= 1 else f"({self.expression(name, depth - 1)} + {self.variable(name)})"

    def operation(self, left: str, operator: str, right: str) -> str:
        """Return an operation, sometimes written as a function where the standard has one of that name."""
        if operator in ("MOD", "AND", "OR", "XOR") and self.chance(4):
            return f"{operator}({left}, {right})"
        return f"({left} {operator} {right})"

    def integer(self, name: str, depth: int) -> str:
        left, right = self.beside(name, depth), self.expression(name, depth - 1)
        match self.dice.randrange(15):
            case 0 | 1:
                return f"({left} + {right})"
            case 2:
                return f"({left} - {right})"
            case 3:
                return f"({left} * {right})"
            case 4 | 5:
                divisor = self.variable(name) if self.chance(25) else f"MAX({name}#1, {self.variable(name)})"
                return self.operation(left, self.dice.choice(["/", "MOD"]), divisor)
            case 6 if name in ("SINT", "INT", "DINT", "LINT"):
                return f"(-{self.variable(name)})"
            case 7:
                return f"{self.dice.choice(['MAX', 'MIN'])}({left}, {right}, {self.variable(name)})"
            case 8:
                return f"SEL({self.expression('BOOL', depth - 1)}, {left}, {right})"
            case 9:
                other = self.dice.choice([*INTEGERS, *BITS, "BOOL"])
                return f"{other}_TO_{name}({self.beside_any(other, depth)})" if other != name else left
            case 10 if name in WIDENS:
                return self.variable(self.dice.choice(WIDENS[name]))
            case 11 if name in ("INT", "DINT", "LINT"):
                return f"REAL_TO_{name}(LIMIT(REAL#-30000.0, {self.variable('REAL')}, REAL#30000.0))"
            case 12 if name == "INT":
                return self.dice.choice(
                    [
                        f"LEN({self.expression('STRING', 1)})",
                        f"MUX(LIMIT(0, {self.variable('INT')}, 2), {left}, {right}, 5)",
                    ]
                )
            case 13 if self.may_call and name in ("INT", "DINT"):
                return self.call(name, depth)
        return f"ABS({left})" if self.chance(3) else left

    def beside_any(self, name: str, depth: int) -> str:
        return self.variable(name) if depth <= 1 or name == "BOOL" or name in BITS else self.beside(name, depth - 1)

    def call(self, name: str, depth: int) -> str:
        if name == "INT":
            first, second = self.expression("INT", depth - 1), self.expression("INT", depth - 1)
            return self.dice.choice(
                [f"twice({first}, {second})", f"sum(v := ai, n := LIMIT(-2, {self.variables['INT'][0]}, 5))"]
            )
        target = self.dice.choice(self.variables["DINT"])
        return f"bump(x := {target}, step := {self.expression('INT', depth - 1)}, old => {self.variables['DINT'][0]})"

    def bit_string(self, name: str, depth: int) -> str:
        left, right = self.variable(name), self.expression(name, depth - 1)
        match self.dice.randrange(8):
            case 0 | 1 | 2:
                return self.operation(left, self.dice.choice(["AND", "OR", "XOR"]), right)
            case 3:
                return f"(NOT {left})"
            case 4:
                count = self.dice.choice([self.variable("USINT"), str(self.dice.randrange(70))])
                return f"{self.dice.choice(['SHL', 'SHR', 'ROL', 'ROR'])}({left}, {count})"
            case 5:
                other = self.dice.choice(INTEGERS)
                return f"{other}_TO_{name}({self.variable(other)})"
            case 6 if name in WIDENS:
                return self.variable(self.dice.choice(WIDENS[name]))
        return left

    def real(self, name: str, depth: int) -> str:
        left, right = self.beside(name, depth), self.expression(name, depth - 1)
        match self.dice.randrange(12):
            case 0 | 1:
                return f"({left} + {right})"
            case 2:
                return f"({left} - {right})"
            case 3 | 4:
                return f"({left} * {right})"
            case 5:
                divisor = self.variable(name) if self.chance(25) else f"(ABS({self.variable(name)}) + {name}#0.5)"
                return f"({left} / {divisor})"
            case 6:
                return f"SQRT(ABS({left}))"
            case 7:
                return f"{self.dice.choice(['SIN', 'COS', 'ATAN'])}({left})"
            case 8:
                return f"LIMIT({name}#-100.0, {left}, {right})"
            case 9:
                other = self.dice.choice(INTEGERS)
                return f"{other}_TO_{name}({self.variable(other)})"
            case 10:
                return self.variable(self.dice.choice(WIDENS[name]))
        return f"SEL({self.expression('BOOL', depth - 1)}, {left}, {right})"

    def time(self, depth: int) -> str:
        left, right = self.variable("TIME"), self.expression("TIME", depth - 1)
        return self.dice.choice(
            [
                f"({left} + {right})",
                f"({left} - {right})",
                f"({left} * {self.variable('INT')})",
                f"({left} / MAX(INT#1, {self.variable('INT')}))",
                f"MIN({left}, {right})",
                f"DINT_TO_TIME({self.variable('DINT')})",
                "t1.ET",
            ]
        )

    def text(self, depth: int) -> str:
        left, right = self.variable("STRING"), self.expression("STRING", depth - 1)
        return self.dice.choice(
            [
                f"CONCAT({left}, {right})",
                f"LEFT({left}, {self.variable('INT')})",
                f"RIGHT({left}, 3)",
                f"MID({left}, 2, {self.variable('INT')})",
                f"INSERT({left}, {right}, 2)",
                f"DELETE({left}, 1, 2)",
                f"REPLACE({left}, {right}, 2, 1)",
                f"INT_TO_STRING({self.variable('INT')})",
                f"REAL_TO_STRING({self.variable('REAL')})",
                f"TIME_TO_STRING({self.variable('TIME')})",
                f"SEL({self.variable('BOOL')}, {left}, {right})",
                "p.s",
            ]
        )

    def boolean(self, depth: int) -> str:
        match self.dice.randrange(9):
            case 0 | 1 | 2:
                name = self.dice.choice([*INTEGERS, *BITS, *REALS, "TIME", "STRING"])
                operator = self.dice.choice(["=", "<>", "<", "<=", ">", ">="])
                return f"({self.beside_comparison(name, depth)} {operator} {self.expression(name, depth - 1)})"
            case 3 | 4:
                operator = self.dice.choice(["AND", "OR", "XOR", "AND_THEN", "OR_ELSE"])
                return self.operation(self.boolean_variable(), operator, self.expression("BOOL", depth - 1))
            case 5:
                return f"(NOT {self.expression('BOOL', depth - 1) if self.chance(2) else self.boolean_variable()})"
            case 6:
                return self.dice.choice(["t1.Q", "c1.Q", "e1.Q", "fbv.hot"])
            case 7:
                return f"({self.variable('WORD')}.{self.dice.randrange(16)})".strip("()")
        return self.boolean_variable()

    def boolean_variable(self) -> str:
        return self.dice.choice(self.variables["BOOL"])

    def beside_comparison(self, name: str, depth: int) -> str:
        return self.variable(name) if name in BITS or name in ("TIME", "STRING") else self.beside(name, depth - 1)

    # --- statements ------------------------------------------------------------------------------------------------

    def block(self, depth: int, indent: str) -> str:
        return "".join(self.statement(depth, indent) for _ in range(self.dice.randint(1, 3)))

    def statement(self, depth: int, indent: str) -> str:
        inner = indent + "  "
        choice = self.dice.randrange(20) if depth > 0 else self.dice.randrange(9)
        match choice:
            case 0 | 1 | 2 | 3:
                return indent + self.assignment() + "\n"
            case 4:
                return f"{indent}t1(IN := {self.expression('BOOL', 2)}, PT := {self.variable('TIME')});\n"
            case 5:
                return f"{indent}c1(CU := {self.expression('BOOL', 2)}, R := {self.variable('BOOL')}, PV := 3);\n"
            case 6:
                return f"{indent}e1(CLK := {self.expression('BOOL', 2)}, Q => {self.boolean_variable()});\n"
            case 7:
                target = self.variables["INT"][self.dice.randrange(2)]
                instance = self.dice.choice(["fbv", f"fbs[{self.index(1, 2)}]"])
                arguments = f"add := {self.expression('INT', 2)}, io := {target}, hot => {self.boolean_variable()}"
                return f"{indent}{instance}({arguments});\n"
            case 8:
                return indent + self.whole() + "\n"
            case 9 | 10:
                return self.branch(depth, indent)
            case 11:
                return self.case(depth, indent)
            case 12 | 13 if self.used_counters < 6:
                return self.counted(depth, indent)
            case 14:
                return self.conditional_loop(depth, indent)
            case 15 | 17 if self.loop_depth > 0:
                jump = self.dice.choice(["EXIT", "EXIT", "CONTINUE"])
                return f"{indent}IF {self.expression('BOOL', 2)} THEN {jump}; END_IF;\n"
            case 18 | 19:
                return self.guarded_access(depth, indent)
            case 16 if self.chance(6):
                return f"{indent}IF {self.expression('BOOL', 2)} THEN RETURN; END_IF;\n"
        return f"{inner[2:]}{self.assignment()}\n"

    def assignment(self) -> str:
        name = self.dice.choice([*SCALARS, "STRING"])
        target = self.variable(name) if name != "TIME" else self.dice.choice(self.variables["TIME"])
        if target == "fbv.total":
            target = self.variables["INT"][0]
        if self.chance(12):
            return self.dice.choice(
                [
                    f"small := {self.variable('INT')} / 2000;",
                    f"{self.variable('WORD')}.{self.dice.randrange(16)} := {self.expression('BOOL', 2)};",
                    f"colour := SEL({self.boolean_variable()}, Red, Blue);",
                    f"qw := {self.variable('WORD')};",
                    f"qx := {self.boolean_variable()};",
                    f"{self.variables['DWORD'][0]}.%W1 := {self.variable('WORD')};",
                ]
            )
        return f"{target} := {self.expression(name, 3)};"

    def whole(self) -> str:
        return self.dice.choice(["ps[1] := p;", "p := ps[2];", f"ps[{self.index(0, 2)}] := ps[{self.index(0, 2)}];"])

    def branch(self, depth: int, indent: str) -> str:
        text = f"{indent}IF {self.expression('BOOL', 3)} THEN\n{self.block(depth - 1, indent + '  ')}"
        if self.chance(2):
            text += f"{indent}ELSIF {self.expression('BOOL', 2)} THEN\n{self.block(depth - 1, indent + '  ')}"
        if self.chance(2):
            text += f"{indent}ELSE\n{self.block(depth - 1, indent + '  ')}"
        return f"{text}{indent}END_IF;\n"

    def case(self, depth: int, indent: str) -> str:
        name = self.dice.choice(["SINT", "INT", "USINT", "DINT", "LINT", "UDINT"])
        text = f"{indent}CASE {self.expression(name, 1) if self.chance(2) else self.variable(name)} OF\n"
        base = self.dice.choice([0, 1, 100])
        for label in (f"{base}", f"{base + 1}..{base + 3}", f"{base + 5}, {base + 7}..{base + 9}"):
            text += f"{indent}  {label}:\n{self.block(depth - 1, indent + '    ')}"
        if self.chance(2):
            text += f"{indent}ELSE\n{self.block(depth - 1, indent + '  ')}"
        return f"{text}{indent}END_CASE;\n"

    def guarded_access(self, depth: int, indent: str) -> str:
        """An index that conditions, assignments and checks bound, or nearly."""
        name = self.dice.choice(["k0", "k1"])
        low, high = self.dice.choice([(-2, 5), (-2, 6), (-3, 5), (0, 3)])
        setting = self.dice.choice([self.variable("INT"), str(self.dice.randint(-4, 7)), f"({name} + 1)"])
        step = self.dice.choice(
            [f"{name} := {name} - 1;", f"{name} := {name} + 1;", f"bump(x := g, step := {name});", ";"]
        )
        use = self.dice.choice(
            [f"ai[{name}] := ai[{name}] + 1;", f"vint0 := ai[{name} - 1];", f"ai[{name} + 1] := {name};"]
        )
        text = f"{indent}{name} := {setting};\n"
        if self.chance(2):
            below = self.dice.choice([-2, -1, 0])
            condition = f"{name} >= {below} AND_THEN ai[LIMIT(-2, {name}, 5)] < 500 AND guard0 < 40"
            return (
                f"{text}{indent}WHILE {condition} DO\n{indent}  guard0 := guard0 + 1; {use} {name} := {name} - 1;\n"
                f"{indent}END_WHILE;\n"
            )
        condition = f"{name} >= {low} {self.dice.choice(['AND', 'AND_THEN', 'OR'])} {name} <= {high}"
        inner = self.statement(0, indent + "  ")
        return f"{text}{indent}IF {condition} THEN\n{indent}  {use} {step}\n{inner}{indent}  {use}\n{indent}END_IF;\n"

    def counted(self, depth: int, indent: str) -> str:
        number = self.used_counters
        self.used_counters += 1
        name, kind = f"i{number}", ["INT", "DINT", "INT", "USINT", "SINT", "LINT"][number]
        self.loop_depth += 1
        if kind == "USINT":
            first, last, step = "250", "255", " BY 2" if self.chance(2) else ""
            bounds = (250, 255)
        elif kind == "SINT":
            first, last, step, bounds = f"LIMIT(SINT#-3, {self.variable('SINT')}, SINT#3)", "SINT#-4", " BY -2", (-4, 3)
        else:
            low = self.dice.randint(-2, 3)
            high = low + self.dice.randint(-1, 3)
            first, last, step, bounds = str(low), str(high), "", (low, max(low, high))
            if self.chance(3):
                last = f"LIMIT({kind}#-5, {self.dice.choice(self.variables[kind])}, {kind}#{high})"
            if self.chance(4):
                first, last, step = str(high), str(low), " BY -1"
            if self.chance(6):
                step, bounds = f" BY SEL({self.boolean_variable()}, {kind}#1, {kind}#2)", (-1000, 1000)
                if first.isdigit() and int(first) > int(last) if last.lstrip("-").isdigit() else False:
                    step = " BY -1"
        self.counters.append((name, *bounds))
        body = self.block(depth - 1, indent + "  ")
        self.counters.pop()
        self.loop_depth -= 1
        return f"{indent}FOR {name} := {first} TO {last}{step} DO\n{body}{indent}END_FOR;\n"

    def conditional_loop(self, depth: int, indent: str) -> str:
        self.loop_depth += 1
        body = self.block(depth - 1, indent + "  ")
        self.loop_depth -= 1
        guard = f"guard{self.dice.randrange(3)}"
        if self.chance(2):
            head = f"{indent}WHILE {guard} < 40 AND {self.expression('BOOL', 2)} DO\n"
            return f"{head}{indent}  {guard} := {guard} + 1;\n{body}{indent}END_WHILE;\n"
        tail = f"{indent}UNTIL {guard} >= 40 OR {self.expression('BOOL', 2)} END_REPEAT;\n"
        return f"{indent}REPEAT\n{indent}  {guard} := {guard} + 1;\n{body}{tail}"

    # --- the whole -------------------------------------------------------------------------------------------------

    def program(self) -> str:
        lines = [COMMON_TYPES, "VAR_GLOBAL g : DINT := 3; gb : BOOL; END_VAR", FUNCTIONS]
        declarations = []
        for name in (*SCALARS, "STRING"):
            self.variables[name] = [f"{name.lower()}{number}_".rstrip("_") for number in range(3)]
            self.variables[name] = [f"v{name.lower()}{number}" for number in range(3)]
            for variable in self.variables[name]:
                kind = "STRING[10]" if name == "STRING" else name
                declarations.append(f"  {variable} : {kind} := {self.literal(name)};")
        self.variables["DINT"].append("g")
        self.variables["BOOL"].append("gb")
        body = "".join(self.statement(3, "") for _ in range(self.dice.randint(4, 9)))
        return "\n".join([*lines, "PROGRAM P", "VAR", *declarations, FIXED, "END_VAR", RESET, body, "END_PROGRAM"])


FUNCTIONS = """
FUNCTION twice : INT
VAR_INPUT a : INT; b : INT := 2; END_VAR
VAR k : INT; END_VAR
FOR k := 1 TO 2 DO twice := twice + a - b; IF twice > 1000 THEN RETURN; END_IF; END_FOR;
END_FUNCTION
FUNCTION sum : INT
VAR_INPUT v : ARRAY[-2..5] OF INT; n : INT; END_VAR
VAR k : INT; END_VAR
FOR k := -2 TO n DO sum := sum + v[k]; END_FOR;
g := g + 1;
END_FUNCTION
FUNCTION bump : DINT
VAR_IN_OUT x : DINT; END_VAR
VAR_INPUT step : INT; END_VAR
VAR_OUTPUT old : DINT; END_VAR
old := x; x := x + step; bump := x - g;
END_FUNCTION
FUNCTION_BLOCK Adder
VAR_INPUT add : INT; END_VAR
VAR_IN_OUT io : INT; END_VAR
VAR_OUTPUT total : INT; hot : BOOL; END_VAR
VAR t : TON; last : INT := 7; END_VAR
VAR_TEMP d : INT := 1; END_VAR
total := total + add + d; io := io - last; last := add; d := d + 1;
t(IN := total > 100, PT := T#20ms, Q => hot);
END_FUNCTION_BLOCK
"""
FIXED = """
  ai : ARRAY[-2..5] OF INT := [1, 2, 3(10), 3(-5)]; m : ARRAY[0..2, 1..3] OF DINT := [9(4)];
  p : Part := (a := 3, s := 'pqr');
  ps : ARRAY[0..2] OF Part; t1 : TON; c1 : CTU; e1 : R_TRIG; fbv : Adder; fbs : ARRAY[1..2] OF Adder;
  i0 : INT; i1 : DINT; i2 : INT; i3 : USINT; i4 : SINT; i5 : LINT; guard0, guard1, guard2, k0, k1 : INT;
  small : Small := 0;
  colour : Colour; qw AT %QW2 : WORD; qx AT %QX0.3 : BOOL; ix AT %IX0.1 : BOOL;
"""
RESET = "guard0 := 0; guard1 := 0; guard2 := 0;"


def random_program(dice: random.Random) -> str:
    """Return the text of a program named P."""
    return Generator(dice).program()
