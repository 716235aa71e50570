from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    ("arguments", "outcomes"),
    [
        ((), {"skipped": 3}),
        (("--strict-environment",), {"skipped": 1, "failed": 1, "errors": 1}),
    ],
)
def test_only_skips_that_the_machine_forces_fail_when_it_must_lack_nothing(
    pytester: pytest.Pytester, arguments: tuple[str, ...], outcomes: dict[str, int]
) -> None:
    pytester.makeini("[pytest]\nmarkers = environment")
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text("utf-8"))
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.environment
        @pytest.mark.skipif(True, reason="no fonts")
        def test_decorated(): ...

        @pytest.mark.environment
        def test_decided_inside():
            pytest.skip("no fonts")

        def test_skipped_for_another_reason():
            pytest.skip("not today")
        """
    )
    pytester.runpytest("-p", "no:asyncio", "-p", "no:xdist", *arguments).assert_outcomes(**outcomes)
