"""From Brian2's project of one file a code object to two translation units.

Every file of a project includes the same headers, which take longer to read than the code itself to
compile. Here all code that runs again and again becomes one unit, and all that runs once another
that need not be optimised. No statement is changed: every file is included in a namespace of its
own, since all define helpers of the same names.
"""

from __future__ import annotations

import re
from pathlib import Path

#: Parts of the program, and options added to those of Brian2.
STEPS, SETUP = "steps.cpp", "setup.cpp"
OPTIONS = {STEPS: [], SETUP: ["-O1"]}

_ONCE = re.compile(r"^(before|after)_run_|_synapses_create_\w+_codeobject(_\d+)?$")
_INCLUDE = re.compile(r"^#include\s*[<\"].*", re.MULTILINE)
_FUNCTION = re.compile(r"^void (\w+)\(\);", re.MULTILINE)
# Of objects.cpp, long and never called: results stay in memory, where Python reads them.
_UNUSED = re.compile(
    r"^(void (?:_write_arrays|_dealloc_arrays|set_variable_by_name)\([^)]*\)\s*\{)\n.*?^\}",
    re.MULTILINE | re.DOTALL,
)


def unite(project: Path) -> None:
    """Write the two units of a project of Brian2's C++ standalone device.

    Parameters
    ----------
    project : Path
        Its folder.
    """
    objects = project / "objects.cpp"
    objects.write_text(_UNUSED.sub(r"\1}", objects.read_text()))
    code = sorted(path.stem for path in project.glob("code_objects/*.cpp"))
    once = [name for name in code if _ONCE.search(name)]
    _write(project, STEPS, [name for name in code if name not in once], ["network.cpp"])
    whole = ["objects.cpp", "run.cpp", "synapses_classes.cpp", "main.cpp"]
    _write(project, SETUP, once, [name for name in whole if (project / name).exists()])


def _write(project: Path, unit: str, code_objects: list[str], whole: list[str]) -> None:
    """Write a unit of code objects and of files that are compiled as they are."""
    included: dict[str, None] = {}  # in order
    parts = []
    for name in code_objects:
        source = (project / f"code_objects/{name}.cpp").read_text()
        header = (project / f"code_objects/{name}.h").read_text()
        included |= dict.fromkeys(_INCLUDE.findall(source))
        parts.append(f'namespace {{ namespace of_{name} {{\n#include "code_objects/{name}.cpp"\n}} }}')
        parts += [f"void {f}() {{ of_{name}::{f}(); }}" for f in _FUNCTION.findall(header)]
    parts += [f'#include "{name}"' for name in whole]
    (project / unit).write_text("\n".join([*included, *parts]) + "\n")
