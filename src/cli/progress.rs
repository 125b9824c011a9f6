//! How far a scan is, on a terminal.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use panicmap::batch::Watch;

/// One line of a terminal of 80 columns.
const TEMPLATE: &str =
    "{bar:12} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left, {msg}";
/// Of standard input and pipes nobody knows how much there is.
const ENDLESS: &str = "{spinner} {decimal_bytes}, {decimal_bytes_per_sec}, {msg}";

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
            let bar = if bytes > 0 { ProgressBar::new(bytes) } else { ProgressBar::no_length() };
            let template = if bytes > 0 { TEMPLATE } else { ENDLESS };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            while ended.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout) {
                let crashes = watch.crashes.load(Ordering::Relaxed);
                bar.set_message(if crashes == 1 {
                    "1 crash".to_owned()
                } else {
                    format!("{crashes} crashes")
                });
                let read = watch.bytes.load(Ordering::Relaxed);
                // Files grow while they are read.
                bar.set_position(if bytes > 0 { read.min(bytes) } else { read });
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
