//! Decompresses a file to nothing with each candidate, and prints CPU seconds: `decoders FILE...`.
//! A command that does the same, `pigz -dc` or `zstd -dc`, runs beside them.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::process::{Command, Stdio};

const ZSTD: &str = if cfg!(feature = "rust-backend") { "zstd, rust-backend" } else { "zstd (C)" };

type Run = fn(&[u8]) -> io::Result<u64>;

/// The mark of a codec, the commands that stand for the fastest decoder, the crates.
struct Codec {
    mark: &'static [u8],
    commands: &'static [&'static [&'static str]],
    crates: &'static [(&'static str, Run)],
}

const CODECS: &[Codec] = &[
    Codec {
        mark: b"\x1f\x8b",
        commands: &[&["pigz", "-dc"], &["gzip", "-dc"]],
        crates: &[
            ("flate2, zlib-rs", |bytes| drain(flate2::bufread::MultiGzDecoder::new(bytes))),
            ("libdeflater (C), whole", libdeflate),
        ],
    },
    Codec {
        mark: b"\x28\xb5\x2f\xfd",
        commands: &[&["zstd", "-dc"]],
        crates: &[("ruzstd", ruzstd), (ZSTD, |bytes| drain(zstd::stream::read::Decoder::with_buffer(bytes)?))],
    },
    Codec {
        mark: b"\xfd7zXZ",
        commands: &[&["xz", "-dc"]],
        crates: &[("lzma-rust2", |bytes| drain(lzma_rust2::XzReader::new(bytes, true)))],
    },
    Codec {
        mark: b"BZh",
        commands: &[&["bzip2", "-dc"]],
        crates: &[("bzip2, libbz2-rs-sys", |bytes| drain(bzip2::bufread::MultiBzDecoder::new(bytes)))],
    },
    Codec {
        mark: b"\x04\x22\x4d\x18",
        commands: &[&["lz4", "-dc"]],
        crates: &[("lz4_flex", |bytes| drain(lz4_flex::frame::FrameDecoder::new(bytes)))],
    },
];

fn drain(mut decoder: impl Read) -> io::Result<u64> {
    let mut buffer = vec![0; 256 << 10];
    let mut all = 0;
    loop {
        match decoder.read(&mut buffer)? {
            0 => return Ok(all),
            read => all += read as u64,
        }
    }
}

/// One frame a decoder.
fn ruzstd(mut bytes: &[u8]) -> io::Result<u64> {
    let mut all = 0;
    while !bytes.is_empty() {
        let frame = ruzstd::decoding::StreamingDecoder::new(&mut bytes).map_err(io::Error::other)?;
        all += drain(frame)?;
    }
    Ok(all)
}

/// Needs the length of what comes out; the end of a single member has it.
fn libdeflate(bytes: &[u8]) -> io::Result<u64> {
    let length = bytes.last_chunk().map_or(0, |end| u32::from_le_bytes(*end));
    let mut out = vec![0; length as usize];
    let read = libdeflater::Decompressor::new().gzip_decompress(bytes, &mut out).map_err(io::Error::other)?;
    Ok(read as u64)
}

/// User and system seconds of this process, or of its children.
fn cpu(of_children: bool) -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat.rsplit(')').next().unwrap_or("").split(' ').filter_map(|f| f.parse().ok()).collect();
    // utime and stime are fields 14 and 15, those of children 16 and 17; the state is no number.
    let at = if of_children { 12 } else { 10 };
    fields.get(at..at + 2).map_or(0.0, |pair| pair.iter().sum::<f64>() / 100.0)
}

fn best(runs: usize, of_children: bool, mut once: impl FnMut() -> io::Result<u64>) -> io::Result<(f64, u64)> {
    let mut seconds = f64::MAX;
    let mut length = 0;
    for _ in 0..runs {
        let before = cpu(of_children);
        length = once()?;
        seconds = seconds.min(cpu(of_children) - before);
    }
    Ok((seconds, length))
}

fn main() -> Result<(), Box<dyn Error>> {
    let runs = 3;
    println!("| file | decoder | CPU s | MB/s | against the first |\n|---|---|---:|---:|---:|");
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let Some(codec) = CODECS.iter().find(|codec| bytes.starts_with(codec.mark)) else {
            return Err(format!("{path}: no codec of the list").into());
        };
        let mut first = None;
        let mut row = |name: &str, seconds: f64, length: u64| {
            let first = *first.get_or_insert(seconds);
            let rate = length as f64 / 1e6 / seconds;
            println!("| {path} | {name} | {seconds:.2} | {rate:.0} | {:.2} x |", seconds / first);
        };
        for command in codec.commands {
            let (program, options) = command.split_first().ok_or("no command")?;
            let once = || {
                let mut child = Command::new(program).args(options).stdin(File::open(&path)?).stdout(Stdio::piped()).spawn()?;
                let length = drain(BufReader::new(child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?))?;
                child.wait()?;
                Ok(length)
            };
            match best(runs, true, once) {
                Ok((seconds, length)) => row(&command.join(" "), seconds, length),
                Err(error) => eprintln!("{program}: {error}"),
            }
        }
        for (name, run) in codec.crates {
            let (seconds, length) = best(runs, false, || run(&bytes))?;
            row(name, seconds, length);
        }
    }
    Ok(())
}
