//! What a task waits for while the connection's thread works: one result, or rows that arrive
//! gradually.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// The most bytes that wait for a task, plus one item: a slow reader makes the server wait instead
/// of filling the memory.
const ROOM: usize = 512 * 1024;

/// The state of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Running,
    Ended,
}

/// What became of work that nobody waits for any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detached {
    /// It has not begun, and will not.
    NotStarted,
    /// It is running, and somebody must make sure that it ends.
    Running,
    Finished,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<(T, usize)>,
    size: usize,
    is_full: bool,
    task: Option<Waker>,
    stage: Stage,
    /// The task no longer waits.
    is_detached: bool,
    /// Somebody is making sure that it ends, and may send a cancel request.
    is_being_finished: bool,
}

/// A piece of work, between the thread that does it and the task that waits for it.
#[derive(Debug)]
pub(super) struct Operation<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

impl<T> Operation<T> {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                items: VecDeque::new(),
                size: 0,
                is_full: false,
                task: None,
                stage: Stage::Waiting,
                is_detached: false,
                is_being_finished: false,
            }),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until(
        &self,
        until: Instant,
        mut goes_on: impl FnMut(&State<T>) -> bool,
    ) -> MutexGuard<'_, State<T>> {
        let left = until.saturating_duration_since(Instant::now());
        self.changed
            .wait_timeout_while(self.state(), left, |state| goes_on(state))
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// Whether the work is still wanted, in which case the thread begins it.
    pub(super) fn begin(&self) -> bool {
        let mut state = self.state();
        if state.is_detached {
            state.stage = Stage::Ended;
            return false;
        }
        state.stage = Stage::Running;
        true
    }

    /// Hands over a part that takes this much memory, once there is room; `false` if nobody waits
    /// for it any more.
    pub(super) fn push(&self, item: T, size: usize) -> bool {
        let mut state = self.state();
        while state.is_full && !state.is_detached {
            state = self.wait(state);
        }
        if state.is_detached {
            return false;
        }
        state.items.push_back((item, size));
        state.size += size;
        state.is_full = state.size >= ROOM;
        let task = state.task.take();
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
        true
    }

    /// Whether the task still waits.
    pub(super) fn is_wanted(&self) -> bool {
        !self.state().is_detached
    }

    /// Ends the work with its last part, and returns whether the task still waits. If somebody is
    /// making sure that it ends, this waits until no cancel request is on its way, which would hit
    /// the next statement.
    pub(super) fn end(&self, last: Option<T>) -> bool {
        let mut state = self.state();
        state.stage = Stage::Ended;
        let unwanted = match last {
            Some(last) if !state.is_detached => {
                state.items.push_back((last, 0));
                None
            }
            last => last,
        };
        let task = state.task.take();
        let is_wanted = !state.is_detached;
        self.changed.notify_all();
        while state.is_being_finished {
            state = self.wait(state);
        }
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
        drop(unwanted);
        is_wanted
    }

    /// Sleeps for as long as the task waits.
    pub(super) fn sleep(&self, duration: Duration) {
        drop(self.wait_until(Instant::now() + duration, |state| !state.is_detached));
    }

    /// The next part, for the task that waits; `None` after the last.
    pub(super) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.state();
        if let Some((item, size)) = state.items.pop_front() {
            state.size -= size;
            // Not at each part: thread and task would constantly wake each other.
            if state.is_full && state.size <= ROOM / 2 {
                state.is_full = false;
                self.changed.notify_all();
            }
            return Poll::Ready(Some(item));
        }
        if state.stage == Stage::Ended {
            return Poll::Ready(None);
        }
        match &mut state.task {
            Some(task) => task.clone_from(context.waker()),
            task => *task = Some(context.waker().clone()),
        }
        Poll::Pending
    }

    /// The task no longer waits. After [`Detached::Running`], somebody must make sure that the work
    /// ends, up to [`release`](Self::release).
    pub(super) fn detach(&self) -> Detached {
        let mut state = self.state();
        state.is_detached = true;
        state.task = None;
        let unwanted = mem::take(&mut state.items);
        let left = match state.stage {
            Stage::Waiting => Detached::NotStarted,
            Stage::Running => {
                state.is_being_finished = true;
                Detached::Running
            }
            Stage::Ended => Detached::Finished,
        };
        self.changed.notify_all();
        drop(state);
        drop(unwanted);
        left
    }

    /// Waits until then for the end of detached work, and returns whether it has ended.
    pub(super) fn wait_for_end(&self, until: Instant) -> bool {
        self.wait_until(until, |state| state.stage != Stage::Ended)
            .stage
            == Stage::Ended
    }

    /// Nobody has to make sure that the work ends any more.
    pub(super) fn release(&self) {
        self.state().is_being_finished = false;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Wake;
    use std::thread;

    use super::*;

    struct Quiet;

    impl Wake for Quiet {
        fn wake(self: Arc<Self>) {}
    }

    fn poll<T>(operation: &Operation<T>) -> Poll<Option<T>> {
        let waker = Waker::from(Arc::new(Quiet));
        operation.poll_next(&mut Context::from_waker(&waker))
    }

    #[test]
    fn parts_come_in_order_and_then_no_more() {
        let operation = Operation::new();
        assert_eq!(poll(&operation), Poll::Pending);
        assert!(operation.begin());
        assert!(operation.push(1, 1));
        assert!(operation.push(2, 1));
        operation.end(Some(3));
        for part in [Some(1), Some(2), Some(3), None, None] {
            assert_eq!(poll(&operation), Poll::Ready(part));
        }
        assert_eq!(operation.detach(), Detached::Finished);
    }

    #[test]
    fn what_has_not_begun_is_not_done() {
        let operation = Operation::<()>::new();
        assert_eq!(operation.detach(), Detached::NotStarted);
        assert!(!operation.begin());
    }

    #[test]
    fn a_slow_reader_holds_the_thread_up() {
        let operation = Arc::new(Operation::new());
        assert!(operation.begin());
        assert!(operation.push(0, ROOM));
        let worker = thread::spawn({
            let operation = Arc::clone(&operation);
            move || (operation.push(1, 1), operation.end(Some(2)))
        });
        thread::sleep(Duration::from_millis(50));
        assert!(!worker.is_finished());
        assert_eq!(poll(&operation), Poll::Ready(Some(0)));
        assert!(worker.join().expect("no panic").0);
    }

    #[test]
    fn the_next_work_waits_for_the_request_to_cancel() {
        let operation = Arc::new(Operation::new());
        assert!(operation.begin());
        assert!(operation.push(0, ROOM));
        assert_eq!(operation.detach(), Detached::Running);
        assert!(!operation.push(1, 1), "it is full, but nobody will read");
        let worker = thread::spawn({
            let operation = Arc::clone(&operation);
            move || operation.end(None)
        });
        assert!(operation.wait_for_end(Instant::now() + Duration::from_secs(10)));
        thread::sleep(Duration::from_millis(50));
        assert!(!worker.is_finished());
        operation.release();
        worker.join().expect("no panic");
    }
}
