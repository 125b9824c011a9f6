//! Profiler labels of goroutines (runtime/pprof/label.go, 1.24 to 1.27). Up to
//! 1.23 they are a map, which is not read.

use super::CoreDump;
use super::goroutine::Goroutine;
use super::runtime::Runtime;

/// Most labels of one goroutine.
const MOST: u64 = 256;

impl Runtime<'_> {
    pub fn labels(&self, goroutine: &Goroutine) -> Vec<(String, String)> {
        if goroutine.labels == 0 || self.minor < 24 {
            return Vec::new();
        }
        let size = self.pointer_size();
        let list = self.memory.word(goroutine.labels);
        let length = goroutine.labels.checked_add(size).and_then(|at| self.memory.word(at));
        let (Some(list), Some(length)) = (list, length) else { return Vec::new() };
        let text = |at: u64| {
            let text = self.memory.string(at)?;
            Some(String::from_utf8_lossy(&text).into_owned())
        };
        let label = |index: u64| {
            let at = list.checked_add(index.checked_mul(size)?.checked_mul(4)?)?;
            Some((text(at)?, text(at.checked_add(size.checked_mul(2)?)?)?))
        };
        (0..length.min(MOST)).map_while(label).collect()
    }

    /// Would this process print labels in headers? GODEBUG decides, then what
    /// the executable was built with, then the version (runtime/runtime1.go).
    pub(super) fn prints_labels(&self, core: &CoreDump) -> bool {
        let setting = |text: &str| {
            let mut settings = text.split(',').filter_map(|setting| setting.strip_prefix("tracebacklabels="));
            settings.next_back().map(|value| value == "1")
        };
        let environment = core.started().and_then(|started| {
            started.environment.iter().find_map(|variable| setting(variable.strip_prefix("GODEBUG=")?))
        });
        let build = || setting(self.binary.build_info()?.setting("DefaultGODEBUG")?);
        environment.or_else(build).unwrap_or(self.minor >= 27) && self.minor >= 26
    }
}
