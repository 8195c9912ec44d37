"""What all protocols share: arguments, networks that learn, folders of results."""

from .arguments import (
    Assignments,
    Difficulties,
    Difficulty,
    Duration,
    Durations,
    Hidden,
    ImageNumbers,
    Kind,
    Kinds,
    PublishedVariants,
    Rate,
    Rates,
    Task,
    Texts,
    Threshold,
    Whole,
    Wholes,
    argument,
    one_of,
    several,
)
from .experiment import Experiment, experiment
from .journal import ResumableTables
from .results import Results
from .setup import Data, Networks, Setup, flat

__all__ = [
    "Assignments",
    "Data",
    "Difficulties",
    "Difficulty",
    "Duration",
    "Durations",
    "Experiment",
    "Hidden",
    "ImageNumbers",
    "Kind",
    "Kinds",
    "Networks",
    "PublishedVariants",
    "Rate",
    "Rates",
    "ResumableTables",
    "Results",
    "Setup",
    "Task",
    "Texts",
    "Threshold",
    "Whole",
    "Wholes",
    "argument",
    "experiment",
    "flat",
    "one_of",
    "several",
]
