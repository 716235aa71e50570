from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]


def test_a_fast_test_that_starts_a_kernel_fails_even_where_that_is_caught(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeconftest('pytest_plugins = ["tests.kernel_guard"]')
    pytester.makepyfile(
        """
        import subprocess, sys
        from contextlib import suppress

        import pytest

        def start(*words):
            subprocess.run([sys.executable, "-c", "pass", *words], check=True)

        def test_another_program(): start("grader")

        @pytest.mark.parametrize("program", ["grader.kernels.keeper", "ipykernel_launcher"])
        def test_a_kernel(program): start(program)

        def test_a_kernel_and_looking_away():
            with suppress(Exception):
                start("grader.kernels.keeper")
        """
    )
    done = pytester.runpytest("-p", "no:asyncio", "-p", "no:xdist")
    done.assert_outcomes(passed=1, failed=3)
    done.stdout.fnmatch_lines(["*move it to the same folder below tests/slow*"])
