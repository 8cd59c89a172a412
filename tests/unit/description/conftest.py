"""A small sound project on disk whose files a test may change."""

import pytest

RIG = """\
format = 1
name = "small"
step = "10 ms"
tags_csv = "io.csv"

[plant.T-101]
component = "tank"
area_m2 = 0.5
inputs = { inflow_m3_per_s = ["P-101.flow_m3_per_s", "P-102.flow_m3_per_s"] }

[plant.P-101]
component = "pump"

[plant.P-102]
component = "pump"

[controllers.PLC1]
language = "st"
sources = ["control.st"]

[controllers.PLC1.inputs]
LT101_RAW = "T-101.raw_count"
START = { from = "P-101.is_pressed", period = "100 ms", delay = "20 ms", jitter = "5 ms" }

[controllers.PLC1.outputs]
"P-101.run_command" = "P101_RUN"
P-102.run_command = "P102_RUN"

[controllers.PLC1.tasks.Main]
execution_time = ["2 ms", "4 ms"]
watchdog = "20 ms"

[tags.LEVEL]
signal = "T-101.level_pct"
truth = true
unit = "%"
range = [0, 100]

[tags."LIC-101.SP"]
signal = "PLC1.LIC101_SP"
writable = true
range = [0, 100]
safe = 0
max_rate_per_s = 5

[[endpoints]]
name = "modbus"
protocol = "modbus-tcp"
controller = "PLC1"
map = "map.toml"

[[endpoints]]
name = "opcua"
protocol = "opcua"
controller = "PLC1"
"""

MAP = """\
format = 1
word_order = "little"

[[register]]
tag = "LEVEL"
reference = 30001
type = "float32"
unit = "%"

[[register]]
tag = "LIC-101.SP"
table = "holding"
address = 2
type = "uint16"
scale = 0.1
access = "rw"
word_order = "big"

[[register]]
tag = "PLC1.P101_RUN"
reference = "00003"
"""

IO_LIST = '''\
tag,signal,description,unit,low,high,writable,safe,max_rate
LT-101,T-101.raw_count,"Level, tank ""1""",%,0,100,no,,
HS-101,PLC1.START,Start,,,,yes,false,
'''


class Project:
    """Folder with a rig and what it names; ``change`` replaces text in one file."""

    def __init__(self, folder):
        self.folder = folder
        self.rig = folder / "rig.toml"
        for name, text in (("rig.toml", RIG), ("map.toml", MAP), ("io.csv", IO_LIST), ("control.st", "")):
            (folder / name).write_text(text)

    def change(self, name, old, new):
        text = (self.folder / name).read_text()
        assert old in text
        (self.folder / name).write_text(text.replace(old, new, 1))


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)
