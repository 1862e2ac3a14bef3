//! Batches of many tenants in; judgements out: threads that take the work of the tenant that has had least.

mod fair;
mod judging;
mod rules;

use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

pub use fair::FairQueue;
pub use judging::{Alert, Judged, Judging};
pub use rules::{LoadError, Loader, Rules};

/// Stack of a thread that judges: request bodies may nest.
const STACK: usize = 64 << 20;

/// Bytes that take about a microsecond: what a piece of work is guessed to take.
const BYTES_A_MICROSECOND: u64 = 200;

type Work = Box<dyn FnOnce() + Send>;

struct Queue {
    fair: FairQueue<Work>,
    closed: bool,
}

/// The threads and their queue.
pub struct Workers {
    queue: Mutex<Queue>,
    bell: Condvar,
    most_waiting: usize,
}

/// The queue is as long as it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

impl Workers {
    /// Starts threads: by default as many as there are processors.
    ///
    /// # Errors
    /// If a thread can't be started.
    pub fn start(asked: Option<usize>, most_waiting: usize) -> std::io::Result<Arc<Workers>> {
        let threads =
            asked.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get));
        let threads = threads.max(1);
        let workers = Arc::new(Workers {
            queue: Mutex::new(Queue { fair: FairQueue::new(threads), closed: false }),
            bell: Condvar::new(),
            most_waiting,
        });
        // One more than a tenant may have that is alone: the first batch of another one begins at once.
        for _ in 0..=threads {
            let own = Arc::clone(&workers);
            std::thread::Builder::new()
                .name("tocsin-judge".into())
                .stack_size(STACK)
                .spawn(move || own.work())?;
        }
        Ok(workers)
    }

    /// Has a tenant's work done, and waits for its result; nothing if it broke off.
    ///
    /// # Errors
    /// [`Busy`] if too much waits already.
    pub async fn run<T: Send + 'static>(
        &self,
        tenant: &Arc<str>,
        weight: u64,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Busy> {
        if self.lock().fair.len() >= self.most_waiting {
            return Err(Busy);
        }
        self.go_on(tenant, weight, bytes, work).await
    }

    /// The same for work that was begun: it isn't refused.
    ///
    /// # Errors
    /// [`Busy`] if the server is ending.
    pub async fn go_on<T: Send + 'static>(
        &self,
        tenant: &Arc<str>,
        weight: u64,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Busy> {
        let (reply, answer) = oneshot::channel();
        let job: Work = Box::new(move || drop(reply.send(work())));
        {
            let mut queue = self.lock();
            if queue.closed {
                return Err(Busy);
            }
            queue.fair.push(tenant, weight, job, bytes as u64 / BYTES_A_MICROSECOND + 20);
        }
        self.bell.notify_one();
        Ok(answer.await.ok())
    }

    /// Lets the threads end once there is nothing left to do.
    pub fn close(&self) {
        self.lock().closed = true;
        self.bell.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut queue = self.lock();
        loop {
            match queue.fair.pop() {
                Some((tenant, job, guess)) => {
                    drop(queue);
                    let begin = Instant::now();
                    // A defect in one batch must not take a thread from all the others.
                    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_err() {
                        tracing::error!(
                            tenant = &*tenant,
                            "a defect of the server broke a batch off"
                        );
                    }
                    let took = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
                    queue = self.lock();
                    queue.fair.done(&tenant, guess, took);
                }
                None if queue.closed => return,
                None => queue = self.bell.wait(queue).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}
