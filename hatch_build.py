"""Part of the installation: compiles the kernel where there is a C compiler."""

import runpy
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNEL = "framing/native/_kernel.so"


class KernelHook(BuildHookInterface):
    """Builds the kernel into a wheel; without a compiler the wheel goes without."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and say that the wheel then fits this platform only."""
        build = runpy.run_path(str(Path(self.root, "framing/native/build.py")))
        if self.target_name != "wheel" or not build["build_kernel"]():
            return
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["artifacts"].append(KERNEL)
        build_data["pure_python"] = False
        # It is no extension of Python: every version takes the same library.
        build_data["tag"] = f"py3-none-{platform}"
