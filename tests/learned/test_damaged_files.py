"""Files that are damaged, or whose parts do not fit together, are refused in one sentence."""

from __future__ import annotations

import json
import os

import h5py
import numpy as np
import pytest
from sealing import (
    assert_one_sentence,
    attribute,
    craft,
    element,
    put,
    refused,
    reseal,
    text,
    text_of,
)

from cortical_bcpnn import AssociativeMemory


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.7, 0.95, 0.9999])
def test_truncated_file(copy, share):
    size = os.path.getsize(copy)
    os.truncate(copy, min(int(share * size), size - 1))
    refused(copy, "not a file saved by|does not match its checksum")


def test_truncated_file_with_a_seal_of_its_own(copy):
    """What the HDF5 library says of it becomes part of the sentence."""
    os.truncate(copy, os.path.getsize(copy) // 2)
    reseal(copy)
    refused(copy, "truncated file")


@pytest.mark.parametrize("position", [0, 20, 100, 511, 512, 5000, -1])
def test_a_single_wrong_bit(copy, position):
    """In the seal, in the free space behind it, or in the content."""
    content = bytearray(open(copy, "rb").read())
    content[position] ^= 4
    open(copy, "wb").write(content)
    refused(copy, "not a file saved by|does not match its checksum")


def test_text_file(tmp_path):
    path = tmp_path / "notes.h5"
    path.write_text("This is not a network.\n" * 100)
    refused(path, "it is not a file saved by cortical_bcpnn")


def test_somebody_elses_hdf5_file(tmp_path):
    """Without a seal, and with one."""
    path = tmp_path / "other.h5"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["weights"] = np.zeros((3, 3))
    refused(path, "it is not a file saved by cortical_bcpnn")
    reseal(path)
    refused(path, "version is missing or no whole number")


def removed(name: str):
    return lambda file: file.__delitem__(name)


def no_attribute(name: str):
    return lambda file: file.attrs.__delitem__(name)


def moved(before: str, after: str):
    return lambda file: file["connection_history"].move(before, after)


def plain(name: str, key: str, value):
    """Changes one of the plain values of an attribute."""

    def change(file):
        values = json.loads(text_of(file, name))
        values[key] = value
        text(name, json.dumps(values))(file)

    return change


DEEP = "[" * 100_000
FF = "projections/feedforward"


@pytest.mark.parametrize(
    "what, message",
    [
        (put(f"{FF}/q", np.ones((3, 3), np.float32)), r"q is float32 of shape \(3, 3\), not float32"),
        (put(f"{FF}/q", np.ones((20, 18))), "feedforward/q is float64 .*, not float32"),
        (put("projections/feedback/p_pre", np.ones(19)), r"feedback/p_pre .* \(19,\), .*\(20,\)"),
        (put("projections/feedback/connections", np.zeros((9, 3), np.int32)), "back/connections is"),
        (element("projections/recurrent/q", np.nan), "q of recurrent holds nan, outside its bound"),
        (element("projections/recurrent/q", 0), r"q of recurrent holds 0\.0, outside its bounds"),
        (element("projections/recurrent/q", -0.5), r"q of recurrent holds -0\.5, outside its"),
        (element("projections/recurrent/q", 1e9), r"q of recurrent holds 1.*, outside its bounds"),
        (element(f"{FF}/p_post", np.inf), "p_post of feedforward holds inf, outside"),
        (element(f"{FF}/p_pre", 0), r"p_pre of feedforward holds 0\.0, outside"),
        (element("projections/feedback/deferred", -0.1), r"deferred of feedback holds -0\.1"),
        (element("projections/feedback/deferred", 1.1), r"deferred of feedback holds 1\.1"),
        (element("projections/feedback/deferred", np.nan), "deferred of feedback holds nan"),
        (put(f"{FF}/p", np.nan), "p of feedforward is nan, outside"),
        (put(f"{FF}/p", 0.0), r"p of feedforward is 0\.0, outside"),
        (put(f"{FF}/p", 1.5), r"p of feedforward is 1\.5, outside"),
        (
            put(f"{FF}/connections", np.array([[0, 1, 2, 2]] * 4, np.int32)),
            "connections of feedforward name hypercolumns twice",
        ),
        (element(f"{FF}/connections", 9), "connections of feedforward .* do not exist"),
        (element(f"{FF}/connections", -1), "connections of feedforward .* do not exist"),
        (removed("projections/feedback"), "the projection feedback is missing"),
        (removed("projections"), "the projection feedforward is missing"),
        (put("projections", np.zeros(3)), "the projection feedforward is missing"),
        (removed("rewiring/flips"), "rewiring/flips is missing or no array"),
        (removed("history"), "history is missing or no array"),
        (removed("connection_history"), "connection_history is missing"),
        (text("history", "{}"), "its history is no list"),
        (text("history", "[1]"), "its history is no list"),
        (text("history", DEEP), "recursion"),
        (put("rewiring/flips", np.zeros(3, np.int64)), "rewiring/flips is int64 of shape"),
        (put("rewiring/projection", np.array([b"lateral"] * 16)), "projection 'lateral' is unknown"),
        (put("rewiring/projection", np.zeros(16, "S1000")), "type of .rewiring/projection"),
        (put("rewiring/projection", np.zeros(16)), "rewiring/projection is float64, not names"),
        (put("connection_history/000000000/feedforward", np.zeros((4, 4), np.int32)), "twice"),
        (moved("000000000", "00000000"), "connection_history/00000000 is not named by a number"),
        (moved("000000000", "-00000001"), "connection_history/-00000001 is not named by a number"),
        (moved("000000000", "00000000٣"), "connection_history/00000000٣ is not named by a number"),
        (no_attribute("n_learned"), "n_learned is missing or no whole number"),
        (attribute("n_learned", -4), "its index is wrong .the count 'n_learned'"),
        (attribute("n_learned", 4.0), "n_learned is missing or no whole number"),
        (removed("parameters"), "parameters is missing or no array"),
        (text("parameters", "{"), "cannot be loaded"),
        (text("parameters", "{}"), "cannot be loaded"),
        (text("parameters", DEEP), "recursion"),
        (put("parameters", np.frombuffer(b"\xff", np.uint8)), "can't decode"),
        (plain("parameters", "epsilon", "x"), "epsilon is 'x': give a number"),
        (plain("parameters", "tau_p", "-1 s"), r"tau_p is -1\. s: give one positive"),
        (plain("parameters", "tau_p", "5 Hz"), "tau_p is 5.* Hz, in the wrong units"),
        (plain("parameters", "tau_p", "1e999 s"), "tau_p is inf"),
        (plain("parameters", "precision", "int8"), "precision is 'int8': choose"),
        (plain("parameters", "unheard_of", 3), "unheard_of"),
        (text("architecture", "[]"), "cannot be loaded"),
        (plain("architecture", "populations", []), "populations are empty"),
        (plain("architecture", "projections", [{"name": "x"}]), "cannot be loaded"),
        (text("models", '{"HDI": {}}'), "its models are not of INP, HID, INPRC"),
        (text("rules", "[]"), "its rules are not of feedforward, recurrent, feedback"),
        (text("rules", '{"feedback": {}}'), "cannot be loaded"),
        (attribute("version", 99), "version is 99, not 4"),
        (no_attribute("version"), "version"),
        (text("format", "x"), "its format is 'x'"),
    ],
)
def test_file_whose_parts_do_not_fit(copy, what, message):
    """Though its checksum is right."""
    craft(copy, what)
    refused(copy, message)


def test_text_in_a_file_never_becomes_code(copy):
    """Names of populations and projections are part of equations and of C++."""
    injected = 'HID; system("true")'

    def change(file):
        plain_values = json.loads(text_of(file, "architecture"))
        plain_values["populations"][1]["name"] = injected
        text("architecture", json.dumps(plain_values))(file)

    craft(copy, change)
    refused(copy, "name of a population is .*give letters, digits")


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.h5 does not exist: give a file") as error:
        AssociativeMemory.load(tmp_path / "nothing.h5")
    assert_one_sentence(str(error.value))
