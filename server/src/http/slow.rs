//! A connection whose client must read: one that takes an answer too slowly is cut off.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// The time in which so many bytes must be taken.
pub const WINDOW: Duration = Duration::from_secs(30);
const BYTES: usize = 64 << 10;

/// A connection with that rule.
pub struct Hurried<S> {
    stream: S,
    time: Duration,
    /// When the window ends that began as bytes had to wait, and the bytes taken since.
    window: Option<(Pin<Box<Sleep>>, usize)>,
}

impl<S> Hurried<S> {
    /// A connection that takes some bytes in each such time.
    pub fn new(stream: S, time: Duration) -> Hurried<S> {
        Hurried { stream, time, window: None }
    }

    /// What a write came to, unless it is too late for it.
    fn written(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match outcome {
            Poll::Ready(Ok(bytes)) => {
                if let Some((_, taken)) = &mut self.window {
                    *taken += bytes;
                    if *taken >= BYTES {
                        self.window = None;
                    }
                }
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let time = self.time;
                let (end, _) =
                    self.window.get_or_insert_with(|| (Box::pin(tokio::time::sleep(time)), 0));
                match end.as_mut().poll(context) {
                    Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Hurried<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Hurried<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.written(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// All that was to be written is written.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(context);
        if outcome.is_ready() {
            self.window = None;
        }
        outcome
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn run(test: impl Future<Output = ()>) {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().build().unwrap().block_on(test);
    }

    #[test]
    fn who_reads_nothing_or_a_byte_now_and_then_is_cut_off() {
        for bytes in [0, 1] {
            run(async {
                let (own, mut other) = tokio::io::duplex(1024);
                let reading = tokio::spawn(async move {
                    loop {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        let _ = other.read_exact(&mut vec![0; bytes]).await;
                    }
                });
                let mut hurried = Hurried::new(own, Duration::from_millis(100));
                let sent = hurried.write_all(&vec![0; 1 << 20]).await;
                assert_eq!(sent.unwrap_err().kind(), io::ErrorKind::TimedOut);
                reading.abort();
            });
        }
    }

    #[test]
    fn who_reads_on_gets_everything() {
        run(async {
            let (own, mut other) = tokio::io::duplex(1024);
            let reading = tokio::spawn(async move {
                other.read_exact(&mut vec![0; 1 << 20]).await.unwrap();
            });
            Hurried::new(own, WINDOW).write_all(&vec![0; 1 << 20]).await.unwrap();
            reading.await.unwrap();
        });
    }
}
