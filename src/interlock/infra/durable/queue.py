"""The one door to DBOS: work by name, put in a queue with ids only, run once by whichever worker comes first.

At least once, in truth: a worker may die between doing and writing that down. What runs here must bear being run again.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from interlock.infra.db import Database, DatabaseBroken
from interlock.infra.durable.store import SCHEMA, queue_engine, quieten

if TYPE_CHECKING:
    from dbos import DBOSConfig, EnqueueOptions

Work = Callable[[str, str], None]
"""Given whose work it is (a business's id) and the id it was queued under."""

WORK_VERSION = "2"
"""Names what the works mean. Workers run only what was queued under the same, so it changes only when a work's inputs do."""

_APPLICATION = "interlock"
_QUEUE = "work"
_SIDE_BY_SIDE = 8
_ATTEMPTS = 20
_QUEUE_POLL_SECONDS = 0.4
_SHORT_QUEUE = "short work"
_SHORT_SIDE_BY_SIDE = 16
_SHORT_POLL_SECONDS = 0.1
_LISTENER_POLL_SECONDS = 0.2
_EXECUTOR_THREADS = "dbos-executor-"
_WRITTEN_DOWN_SECONDS = 0.5
_KEPT = timedelta(days=1)
_A_SWEEP = 1_000


class Durable:
    """A process's part in the installation's queue: it runs ``works`` by name, ``side_by_side`` at most, one a business.

    One a process: the library keeps its state in globals. ``launch`` loads it (seconds), so nobody should wait for that.
    """

    def __init__(
        self, database: Database, executor_id: str, works: Mapping[str, Work], *, side_by_side: int = _SIDE_BY_SIDE
    ) -> None:
        self.executor_id = executor_id
        self._database = database
        self._works = dict(works)
        self._side_by_side = side_by_side
        self._engine: Engine | None = None
        self._running = 0
        self._idle = threading.Condition()

    def launch(self) -> None:
        """Begin to run what is queued. ``DatabaseBroken`` where the owner has not made the queue's schema yet."""
        quieten()
        from dbos import DBOS
        from dbos._error import DBOSInitializationError

        self._engine = queue_engine(self._database)
        try:
            DBOS(config=self._config(self._engine))
            for name, work in self._works.items():
                DBOS.workflow(name=name, max_recovery_attempts=_ATTEMPTS)(self._counted(work))
            DBOS.launch()
            DBOS.register_queue(
                _QUEUE,
                worker_concurrency=self._side_by_side,
                partition_concurrency=1,
                polling_interval_sec=_QUEUE_POLL_SECONDS,
                on_conflict="always_update",
            )
            DBOS.register_queue(
                _SHORT_QUEUE,
                worker_concurrency=_SHORT_SIDE_BY_SIDE,
                polling_interval_sec=_SHORT_POLL_SECONDS,
                on_conflict="always_update",
            )
        except DBOSInitializationError:
            self.close()
            raise DatabaseBroken(
                "This database has no queue for this build yet; run `interlock db upgrade` as its owner."
            ) from None
        except BaseException:  # whatever ended it: a queue not opened holds nothing open
            self.close()
            raise

    def enqueue(self, work: str, business_id: str, run_id: str, *, lane: str | None = "") -> bool:
        """Queue ``work`` for a business under ``run_id``, once however often it is asked for; one at a time in a ``lane``,

        which is the business's own unless named. ``None``: in no lane, for short works that bear being done side by side.

        ``False`` when a run of that id has ended already: it will not run again.
        """
        from dbos import DBOS

        options: EnqueueOptions = {
            "workflow_name": work,
            "queue_name": _SHORT_QUEUE,
            "workflow_id": run_id,
            "app_version": WORK_VERSION,
        }
        if lane is not None:
            options["queue_name"], options["queue_partition_key"] = _QUEUE, lane or business_id
        handle = DBOS.enqueue_workflow_with_options(options, business_id, run_id)
        return handle.get_status().status in {"ENQUEUED", "PENDING"}

    def recover(self, living: set[str]) -> int:
        """Give what workers outside ``living`` had begun back to the queue; how many runs that were.

        The library has no public way that keeps a run in its queue and can be asked twice; it keeps this one for its own
        service (its version is pinned, and a test watches over it). It takes up runs of this version of the works alone; those of
        another are called off, as a run that nobody ends bars its business from the queue for ever.
        """
        from dbos import DBOS

        begun = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        left = [run for run in begun if run.executor_id not in living and run.executor_id != self.executor_id]
        foreign = [run.workflow_id for run in left if run.app_version != WORK_VERSION]
        if foreign:
            DBOS.cancel_workflows(foreign)
        dead = sorted({str(run.executor_id) for run in left if run.app_version == WORK_VERSION})
        return len(DBOS._recover_pending_workflows(dead)) if dead else 0

    def sweep(self) -> int:
        """Forget runs that ended more than a day ago; how many."""
        from dbos import DBOS

        before = (datetime.now(UTC) - _KEPT).isoformat()
        ended = DBOS.list_workflows(completed_before=before, limit=_A_SWEEP, load_input=False, load_output=False)
        DBOS.delete_workflows([run.workflow_id for run in ended])
        return len(ended)

    @property
    def running(self) -> int:
        """Runs under way in this process."""
        return self._running

    def wait_idle(self, seconds: float) -> bool:
        """Wait until nothing runs here; ``False`` when something still does."""
        with self._idle:
            return self._idle.wait_for(lambda: self._running == 0, seconds)

    def close(self) -> None:
        """Stop taking from the queue. A run still under way is left to end with the process; another worker has it then."""
        from dbos import DBOS

        DBOS.destroy(destroy_registry=True)
        if self._running == 0:  # what ended is still being written down
            for thread in threading.enumerate():
                if thread.name.startswith(_EXECUTOR_THREADS):
                    thread.join(_WRITTEN_DOWN_SECONDS)
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _config(self, engine: Engine) -> "DBOSConfig":
        from dbos import DBOSPortableJSONSerializer

        return {
            "name": _APPLICATION,
            "system_database_url": engine.url.render_as_string(hide_password=False),
            "system_database_engine": engine,
            "dbos_system_schema": SCHEMA,
            # On PostgreSQL this role may not change a schema.
            "run_migrations": self._database.dialect == "sqlite",
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": WORK_VERSION,
            "executor_id": self.executor_id,
            "use_listen_notify": False,  # nothing here waits for messages, so no connection is kept for them
            "notification_listener_polling_interval_sec": _LISTENER_POLL_SECONDS,
            "enable_otlp": False,
        }

    def _counted(self, work: Work) -> Work:
        def run(business_id: str, run_id: str) -> None:
            with self._idle:
                self._running += 1
            try:
                work(business_id, run_id)
            finally:
                with self._idle:
                    self._running -= 1
                    self._idle.notify_all()

        return run
