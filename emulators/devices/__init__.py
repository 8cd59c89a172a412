"""Devices: instruments, actuators and operator elements written as Python components. One more: a file, a line here."""

from types import MappingProxyType

__all__ = ["COMPONENTS"]

COMPONENTS = MappingProxyType(
    {
        "control_valve": "emulators.devices.valves:ControlValve",
        "cylinder": "emulators.devices.cylinders:Cylinder",
        "dol_motor": "emulators.devices.drives:DolMotor",
        "e_stop": "emulators.devices.operator:EStop",
        "encoder": "emulators.devices.encoder:Encoder",
        "energy_meter": "emulators.devices.energy_meter:EnergyMeter",
        "float_switch": "emulators.devices.switches:LevelSwitch",
        "flow_meter": "emulators.devices.flow_meter:FlowMeter",
        "flow_transmitter": "emulators.devices.transmitters:FlowTransmitter",
        "frequency_converter": "emulators.devices.frequency_converter:FrequencyConverter",
        "height_sensor": "emulators.devices.transmitters:HeightSensor",
        "horn": "emulators.devices.operator:Lamp",
        "lamp": "emulators.devices.operator:Lamp",
        "level_switch": "emulators.devices.switches:LevelSwitch",
        "level_transmitter": "emulators.devices.transmitters:LevelTransmitter",
        "on_off_valve": "emulators.devices.valves:OnOffValve",
        "photo_eye": "emulators.devices.switches:PhotoEye",
        "power_supply": "emulators.devices.supply:PowerSupply",
        "pressure_switch": "emulators.devices.switches:PressureSwitch",
        "pressure_transmitter": "emulators.devices.transmitters:PressureTransmitter",
        "pump": "emulators.devices.drives:Pump",
        "push_button": "emulators.devices.operator:PushButton",
        "pusher": "emulators.devices.cylinders:Pusher",
        "remote_io": "emulators.devices.remote_io:RemoteIo",
        "selector": "emulators.devices.operator:Selector",
        "solar_inverter": "emulators.devices.solar_inverter:SolarInverter",
        "temperature_controller": "emulators.devices.temperature_controller:TemperatureController",
        "temperature_switch": "emulators.devices.switches:TemperatureSwitch",
        "temperature_transmitter": "emulators.devices.transmitters:TemperatureTransmitter",
        "transport_bool": "emulators.devices.transports:TransportBool",
        "transport_float": "emulators.devices.transports:TransportFloat",
        "transport_int": "emulators.devices.transports:TransportInt",
        "ups": "emulators.devices.ups:Ups",
        "weighing_terminal": "emulators.devices.weighing_terminal:WeighingTerminal",
    }
)
"""Name in descriptions to the class."""
