"""What all protocols share: arguments, networks that learn, folders of results."""

from .arguments import (
    Difficulty,
    Duration,
    Hidden,
    ImageNumbers,
    Rate,
    Task,
    Threshold,
    Whole,
    argument,
    one_of,
    several,
)
from .experiment import Experiment, experiment
from .journal import ResumableTables
from .results import Results
from .setup import Data, Networks, Setup, flat

__all__ = [
    "Data",
    "Difficulty",
    "Duration",
    "Experiment",
    "Hidden",
    "ImageNumbers",
    "Networks",
    "Rate",
    "ResumableTables",
    "Results",
    "Setup",
    "Task",
    "Threshold",
    "Whole",
    "argument",
    "experiment",
    "flat",
    "one_of",
    "several",
]
