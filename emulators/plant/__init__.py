"""Plants: component instances wired together, compiled to one IR module, and their plain Python executor."""

from emulators.plant.description import InstanceDescription, PlantDescription, Wire
from emulators.plant.plant import Plant, SignalDescription
from emulators.plant.ports import ComponentDescription, PortDescription, describe_component
from emulators.plant.python_plant import PythonPlant
from emulators.plant.registry import ComponentNotFoundError, component_class, component_names

__all__ = [
    "ComponentDescription",
    "ComponentNotFoundError",
    "InstanceDescription",
    "Plant",
    "PlantDescription",
    "PortDescription",
    "PythonPlant",
    "SignalDescription",
    "Wire",
    "component_class",
    "component_names",
    "describe_component",
]
