//! How far a scan is, on a terminal.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use panicmap::batch::Watch;

const TEMPLATE: &str = "{bar:24} {bytes} of {total_bytes}, {bytes_per_sec}, {msg}, {eta} left";

pub(super) struct Progress {
    /// Dropped when the scan is over.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows a bar, where somebody looks.
    pub(super) fn start(watch: &Arc<Watch>, bytes: u64, wanted: bool) -> Progress {
        if !wanted || !std::io::stderr().is_terminal() {
            return Progress { end: None, thread: None };
        }
        let (end, ended) = channel::<()>();
        let watch = Arc::clone(watch);
        let thread = std::thread::spawn(move || {
            let bar = ProgressBar::new(bytes);
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                bar.set_style(style);
            }
            while ended.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout) {
                bar.set_position(watch.bytes.load(Ordering::Relaxed));
                let documents = watch.documents.load(Ordering::Relaxed);
                let crashes = watch.crashes.load(Ordering::Relaxed);
                bar.set_message(format!("{documents} documents, {crashes} crashes"));
            }
            bar.finish_and_clear();
        });
        Progress { end: Some(end), thread: Some(thread) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.end.take());
        self.thread.take().map(JoinHandle::join);
    }
}
