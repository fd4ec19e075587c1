"""Which running jobs nobody does any more."""

from __future__ import annotations

import pytest

from roadbed.control.processes import ProcessId, this_process
from roadbed.control.takeover import Here, RunningJob, is_orphaned

ME = this_process()
EARLIER_PROCESS = ProcessId(ME.host, ME.pid, "1")
ELSEWHERE = ProcessId("elsewhere", ME.pid, ME.started)
PARENT_HOST = ProcessId(ME.host, 2**22 + 1, "1")
HERE = Here(ME, worker=7, doing={1}, abandoned={2})


@pytest.mark.parametrize(
    ("job", "orphaned"),
    [
        pytest.param(RunningJob(1, 7, ME, silent=True), False, id="done here now"),
        pytest.param(RunningJob(1, None, None, silent=True), False, id="done here, though the worker was removed"),
        pytest.param(RunningJob(2, 7, ME, silent=False), True, id="ended here, which could not be said"),
        pytest.param(RunningJob(3, 7, ME, silent=False), False, id="about to be done here"),
        pytest.param(RunningJob(3, 6, ME, silent=False), True, id="of an earlier worker of this process"),
        pytest.param(RunningJob(3, None, None, silent=True), True, id="of a worker that was removed"),
        pytest.param(RunningJob(3, 5, EARLIER_PROCESS, silent=False), True, id="of a process that had our pid"),
        pytest.param(RunningJob(3, 5, PARENT_HOST, silent=False), True, id="of a dead process here"),
        pytest.param(RunningJob(3, 5, ELSEWHERE, silent=False), False, id="of another host that gives signs"),
        pytest.param(RunningJob(3, 5, ELSEWHERE, silent=True), True, id="of another host that is silent"),
        pytest.param(RunningJob(3, 5, None, silent=False), False, id="of a worker about to say who it is"),
        pytest.param(RunningJob(3, 5, None, silent=True), True, id="of a worker that never said who it is"),
    ],
)
def test_orphans(job: RunningJob, orphaned: bool) -> None:
    assert is_orphaned(job, HERE) is orphaned
