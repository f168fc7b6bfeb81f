"""Files made while the console goes on."""

from __future__ import annotations

import asyncio
import csv
import gc
import io
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import IO

import openpyxl
import pytest

from bot.casework.account import Account, Role
from bot.staff.exports import ExportRunning, Exports, Job, Order, Stage
from bot.staff.spreadsheets import CSV_TYPE, EXCEL_TYPE, Column, CsvFile, ExcelFile, Kind, Row, Spreadsheet

CLERK = Account(1, "li", "李", Role.CLERK, ("白沙镇",))
OTHER = Account(2, "wang", "王", Role.CLERK, ("白沙镇",))
THIRD = Account(3, "sun", "孙", Role.CLERK, ("白沙镇",))
COLUMNS = (Column("称呼"), Column("几", Kind.NUMBER))


class Gate:
    """Lets through as many batches as it is told to."""

    def __init__(self, batches: int) -> None:
        self.open = asyncio.Semaphore(batches)


def csv_order(total: int = 30, gate: Gate | None = None, fault: Exception | None = None) -> Order[int]:
    async def batches() -> AsyncGenerator[Sequence[int], None]:
        for start in range(0, total, 10):
            if gate:
                await gate.open.acquire()
            if fault and start:
                raise fault
            yield range(start, min(start + 10, total))

    return Order("登记.csv", CSV_TYPE, total, batches, row, lambda out: CsvFile(out, COLUMNS))


def row(place: int) -> Row:
    return (f"李{place}", place)


def excel_order() -> Order[int]:
    def begin(out: IO[bytes]) -> Spreadsheet:
        return ExcelFile(out, COLUMNS, "登记", "说明", (), "行数")

    return replace(csv_order(), name="登记.xlsx", media_type=EXCEL_TYPE, begin=begin)


@pytest.fixture
async def exports() -> AsyncIterator[Exports]:
    made = Exports()
    yield made
    await made.close()


async def settled(job: Job) -> Job:
    async with asyncio.timeout(30):
        while job.in_the_making:
            await asyncio.sleep(0.01)
    return job


async def content(job: Job) -> bytes:
    return b"".join([piece async for piece in job.content()])


async def reached(job: Job, done: int) -> None:
    async with asyncio.timeout(30):
        while job.done < done:
            await asyncio.sleep(0.01)


async def gone(exports: Exports, account: Account) -> None:
    async with asyncio.timeout(30):
        while exports.of(account) is not None:
            await asyncio.sleep(0.01)


class TestMaking:
    async def test_a_csv_file_has_all_rows_in_order(self, exports: Exports) -> None:
        job = await settled(exports.begin(CLERK, csv_order()))
        read = csv.reader(io.StringIO((await content(job)).decode("utf-8-sig"), newline=""))
        assert list(read) == [["称呼", "几"], *([f"李{place}", str(place)] for place in range(30))]
        assert (job.done, job.total, job.percent, job.stage) == (30, 30, 100, Stage.READY)

    async def test_an_excel_file_has_all_rows_in_order(self, exports: Exports) -> None:
        job = await settled(exports.begin(CLERK, excel_order()))
        sheet = openpyxl.load_workbook(io.BytesIO(await content(job)))["登记"]
        assert list(sheet.iter_rows(values_only=True, min_row=2)) == [(f"李{place}", place) for place in range(30)]

    async def test_its_size_is_known(self, exports: Exports) -> None:
        job = await settled(exports.begin(CLERK, excel_order()))
        assert job.size == len(await content(job))

    async def test_how_far_it_is_can_be_seen(self, exports: Exports) -> None:
        gate = Gate(1)
        job = exports.begin(CLERK, csv_order(gate=gate))
        await reached(job, 10)
        assert (job.done, job.percent, job.stage) == (10, 33, Stage.RUNNING)
        gate.open.release()
        await reached(job, 20)
        assert job.percent == 66

    async def test_nothing_to_export_is_a_file_with_titles(self, exports: Exports) -> None:
        job = await settled(exports.begin(CLERK, csv_order(total=0)))
        assert (await content(job)).decode("utf-8-sig") == '"称呼","几"\r\n'
        assert job.percent == 100

    async def test_a_fault_is_told_and_says_nothing_of_what_was_written(
        self, exports: Exports, caplog: pytest.LogCaptureFixture
    ) -> None:
        job = await settled(exports.begin(CLERK, csv_order(fault=RuntimeError("周桂芳"))))
        assert job.stage is Stage.FAILED
        assert "RuntimeError" in caplog.text
        assert "周桂芳" not in caplog.text

    async def test_a_fault_in_a_row_is_told_too(self, exports: Exports, caplog: pytest.LogCaptureFixture) -> None:
        job = await settled(exports.begin(CLERK, replace(excel_order(), row=lambda place: ("李",))))
        assert job.stage is Stage.FAILED

    async def test_after_a_fault_one_can_try_again(self, exports: Exports, caplog: pytest.LogCaptureFixture) -> None:
        await settled(exports.begin(CLERK, csv_order(fault=RuntimeError())))
        assert (await settled(exports.begin(CLERK, csv_order()))).stage is Stage.READY

    async def test_several_can_read_it_at_once(self, exports: Exports) -> None:
        job = await settled(exports.begin(CLERK, excel_order()))
        first, second = await asyncio.gather(content(job), content(job))
        assert first == second

    async def test_no_file_appears_while_it_is_made(
        self, exports: Exports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        for order in (csv_order(gate=(gate := Gate(1))), replace(csv_order(gate=gate), begin=excel_order().begin)):
            job = exports.begin(CLERK, order)
            await reached(job, 10)
            assert list(tmp_path.iterdir()) == []
            for _ in range(3):
                gate.open.release()
            await settled(job)
            assert list(tmp_path.iterdir()) == []


class TestWhose:
    async def test_only_the_account_that_asked_has_it(self, exports: Exports) -> None:
        job = await settled(exports.begin(CLERK, csv_order()))
        assert exports.of(CLERK) is job
        assert exports.of(OTHER) is None

    async def test_an_account_makes_one_at_a_time(self, exports: Exports) -> None:
        await settled(exports.begin(OTHER, csv_order()))
        job = exports.begin(CLERK, csv_order(gate=Gate(1)))
        with pytest.raises(ExportRunning):
            exports.begin(CLERK, csv_order())
        await reached(job, 10)
        with pytest.raises(ExportRunning):
            exports.begin(CLERK, csv_order())

    async def test_the_next_takes_the_place_of_the_last(self, exports: Exports) -> None:
        await settled(exports.begin(CLERK, csv_order()))
        job = await settled(exports.begin(CLERK, csv_order(total=10)))
        assert exports.of(CLERK) is job

    @pytest.mark.parametrize("change", [{"towns": ("李市镇",)}, {"role": Role.STATISTICS}])
    async def test_who_has_other_rights_now_has_it_no_more(self, exports: Exports, change: dict[str, object]) -> None:
        await settled(exports.begin(CLERK, csv_order()))
        assert exports.of(replace(CLERK, **change)) is None  # type: ignore[arg-type]
        assert exports.of(CLERK) is None


class TestTurns:
    async def test_one_is_made_at_a_time_and_in_the_order_in_which_they_were_begun(self, exports: Exports) -> None:
        gate = Gate(1)
        jobs = [exports.begin(account, csv_order(gate=gate)) for account in (CLERK, OTHER, THIRD)]
        await reached(jobs[0], 10)
        assert [(job.stage, exports.before(job)) for job in jobs] == [
            (Stage.RUNNING, 0),
            (Stage.WAITING, 1),
            (Stage.WAITING, 2),
        ]
        for _ in range(3):
            gate.open.release()
        await settled(jobs[0])
        await reached(jobs[1], 10)
        assert [(job.stage, exports.before(job)) for job in jobs] == [
            (Stage.READY, 0),
            (Stage.RUNNING, 0),
            (Stage.WAITING, 1),
        ]
        for _ in range(5):
            gate.open.release()
        assert [(await settled(job)).stage for job in jobs] == [Stage.READY] * 3

    async def test_one_that_waits_reads_nothing(self, exports: Exports) -> None:
        begun = asyncio.Event()

        async def batches() -> AsyncGenerator[Sequence[int], None]:
            begun.set()
            yield range(10)

        first = exports.begin(CLERK, csv_order(gate=(gate := Gate(1))))
        second = exports.begin(OTHER, replace(csv_order(), batches=batches))
        await reached(first, 10)
        assert not begun.is_set()
        for _ in range(2):
            gate.open.release()
        assert (await settled(second)).stage is Stage.READY

    async def test_one_that_is_let_go_or_fails_makes_room_for_the_next(
        self, exports: Exports, caplog: pytest.LogCaptureFixture
    ) -> None:
        jobs = [
            exports.begin(CLERK, csv_order(gate=Gate(1))),
            exports.begin(OTHER, csv_order(fault=RuntimeError())),
            exports.begin(THIRD, csv_order()),
        ]
        await reached(jobs[0], 10)
        exports.discard(CLERK)
        assert (await settled(jobs[2])).stage is Stage.READY
        assert jobs[1].stage is Stage.FAILED

    async def test_one_that_is_let_go_while_it_waits_is_never_made(self, exports: Exports) -> None:
        first = exports.begin(CLERK, csv_order(gate=(gate := Gate(1))))
        second = exports.begin(OTHER, csv_order())
        third = exports.begin(THIRD, csv_order())
        await reached(first, 10)
        exports.discard(OTHER)
        assert exports.before(third) == 1
        for _ in range(2):
            gate.open.release()
        await settled(third)
        assert (exports.of(OTHER), second.done) == (None, 0)


class TestEnd:
    async def test_it_is_let_go_after_its_time(self) -> None:
        exports = Exports(keep=timedelta(0))
        job = exports.begin(CLERK, csv_order())
        await settled(job)
        await gone(exports, CLERK)
        with pytest.raises(ValueError, match="closed"):
            await content(job)

    async def test_who_has_begun_to_read_can_read_on(self, exports: Exports) -> None:
        job = await settled(exports.begin(CLERK, replace(csv_order(), row=lambda place: ("长" * 20_000, place))))
        whole = await content(job)
        reading = job.content()
        first = await anext(reading)
        exports.begin(CLERK, csv_order())
        rest = b"".join([piece async for piece in reading])
        assert rest
        assert first + rest == whole
        with pytest.raises(ValueError, match="closed"):
            await content(job)

    @pytest.mark.parametrize("turns", range(12))
    async def test_one_that_is_stopped_at_its_beginning_leaves_nothing_open(self, turns: int) -> None:
        """A file left open would be a warning, and warnings are errors."""
        exports = Exports()
        exports.begin(CLERK, excel_order())
        for _ in range(turns):
            await asyncio.sleep(0)
        await exports.close()
        gc.collect()

    async def test_one_that_is_stopped_ends_even_if_that_looks_like_a_fault(self) -> None:
        async def batches() -> AsyncGenerator[Sequence[int], None]:
            yield range(10)
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError as error:
                raise RuntimeError from error

        exports = Exports()
        await reached(exports.begin(CLERK, replace(csv_order(), batches=batches)), 10)
        async with asyncio.timeout(30):
            await exports.close()

    async def test_what_is_in_the_making_stops_with_the_console(self) -> None:
        exports = Exports()
        job = exports.begin(CLERK, replace(csv_order(gate=Gate(1)), begin=excel_order().begin))
        await reached(job, 10)
        await exports.close()
        assert exports.of(CLERK) is None
        assert job.done == 10
