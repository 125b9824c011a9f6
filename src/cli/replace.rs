//! A file that has its name only once it is whole: whoever looks at it sees the old
//! one or the new one, whatever happens on the way.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

pub(super) enum Target {
    Stdout(BufWriter<io::StdoutLock<'static>>),
    /// A pipe or device is written to as it is.
    Direct(BufWriter<File>),
    Replaced {
        file: BufWriter<File>,
        temporary: PathBuf,
        path: PathBuf,
    },
}

impl Target {
    pub(super) fn open(path: Option<&str>) -> anyhow::Result<Target> {
        const BUFFER: usize = 1 << 16;
        let Some(path) = path else {
            return Ok(Target::Stdout(BufWriter::with_capacity(BUFFER, io::stdout().lock())));
        };
        let say = || format!("{path}: cannot write");
        let path = Path::new(path);
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            let file = File::options().write(true).open(path).with_context(say)?;
            return Ok(Target::Direct(BufWriter::with_capacity(BUFFER, file)));
        }
        // A link is written through, as `>` does.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = path.file_name().context("no name of a file").with_context(say)?.to_string_lossy();
        let temporary = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let file = BufWriter::with_capacity(BUFFER, File::create(&temporary).with_context(say)?);
        Ok(Target::Replaced { file, temporary, path })
    }

    /// What was written is seen only once it is whole.
    pub(super) fn is_replaced(&self) -> bool {
        matches!(self, Target::Replaced { .. })
    }

    /// Everything was written.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.flush()?;
        if let Target::Replaced { file, temporary, path } = &mut self {
            file.get_ref().sync_all()?;
            fs::rename(&*temporary, &*path).with_context(|| format!("{}: cannot write", path.display()))?;
            temporary.clear();
        }
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Target::Replaced { temporary, .. } = self
            && !temporary.as_os_str().is_empty()
        {
            fs::remove_file(temporary).ok();
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::Stdout(out) => out.write(bytes),
            Target::Direct(out) | Target::Replaced { file: out, .. } => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Stdout(out) => out.flush(),
            Target::Direct(out) | Target::Replaced { file: out, .. } => out.flush(),
        }
    }
}
