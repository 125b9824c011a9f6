//! The table of compression codecs. A new one is a row here, and a file below.

use std::io::{BufRead, Read};

mod allowance;
mod bzip;
mod gzip;
mod input;
mod lz4;
mod lzma;
mod series;
mod snappy;
mod xz;
mod zstd;

use series::{Member, Series, is_skippable};

pub use allowance::Allowance;
pub(super) use allowance::Held;
pub(super) use series::BEGINNING;

pub(super) type Encoded<'a> = Box<dyn BufRead + Send + 'a>;
pub(super) type Decoder<'a> = Box<dyn Read + Send + 'a>;

pub(super) struct Codec {
    pub(super) name: &'static str,
    is: fn(&[u8]) -> bool,
    /// Its errors say where in the compressed data something is wrong.
    pub(super) decode: for<'a> fn(Encoded<'a>, &Allowance) -> Decoder<'a>,
}

const CODECS: &[Codec] = &[
    Codec {
        name: gzip::Gzip::CODEC,
        is: gzip::Gzip::begins,
        decode: |bytes, allowance| Box::new(Series::<gzip::Gzip<'_>>::new(bytes, allowance)),
    },
    Codec {
        name: zstd::Zstd::CODEC,
        is: |bytes| zstd::Zstd::begins(bytes) || is_skippable(bytes),
        decode: |bytes, allowance| Box::new(Series::<zstd::Zstd<'_>>::new(bytes, allowance)),
    },
    Codec {
        name: xz::Xz::CODEC,
        is: xz::Xz::begins,
        decode: |bytes, allowance| Box::new(Series::<xz::Xz<'_>>::new(bytes, allowance)),
    },
    Codec {
        name: bzip::Bzip2::CODEC,
        is: bzip::Bzip2::begins,
        decode: |bytes, allowance| Box::new(Series::<bzip::Bzip2<'_>>::new(bytes, allowance)),
    },
    Codec {
        name: lz4::Lz4::CODEC,
        is: lz4::Lz4::begins,
        decode: |bytes, allowance| Box::new(Series::<lz4::Lz4<'_>>::new(bytes, allowance)),
    },
    Codec {
        name: snappy::Snappy::CODEC,
        is: snappy::Snappy::begins,
        decode: |bytes, allowance| Box::new(Series::<snappy::Snappy<'_>>::new(bytes, allowance)),
    },
    Codec {
        name: lzma::Lzip::CODEC,
        is: lzma::Lzip::begins,
        decode: |bytes, allowance| Box::new(Series::<lzma::Lzip<'_>>::new(bytes, allowance)),
    },
    Codec {
        name: lzma::Lzma::CODEC,
        is: lzma::Lzma::begins,
        decode: |bytes, allowance| Box::new(Series::<lzma::Lzma<'_>>::new(bytes, allowance)),
    },
];

pub(super) fn sniff(bytes: &[u8]) -> Option<&'static Codec> {
    CODECS.iter().find(|codec| (codec.is)(bytes))
}

/// Decompresses until the end, an error or the limit; what came out before an
/// error is kept, and the reason of the early end stands beside it.
pub(super) fn expand(codec: &Codec, bytes: &[u8], limit: u64) -> (Vec<u8>, Option<String>) {
    let mut out = Vec::new();
    let mut decoder = (codec.decode)(Box::new(bytes), &Allowance::default()).take(limit.saturating_add(1));
    let ended = match decoder.read_to_end(&mut out) {
        Ok(_) => super::cut_at(&mut out, limit),
        Err(error) => Some(format!("{error}; the {} bytes that came out are used", out.len())),
    };
    (out, ended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_follow_each_other() {
        let mut two = gzip(b"panic: a\n");
        two.extend(gzip(b"panic: b\n"));
        let codec = sniff(&two).unwrap();
        assert_eq!(expand(codec, &two, 1000), (b"panic: a\npanic: b\n".to_vec(), None));
    }

    #[test]
    fn headers_tell_what_memory_is_needed() {
        fn needed<'a, M: Member<'a>>(header: &[u8]) -> u64 {
            assert!(M::begins(header), "{header:x?}");
            M::memory(header) >> 20
        }
        // `xz -9` and `xz -0 -T1`, of a line through a pipe.
        assert_eq!(needed::<xz::Xz<'_>>(b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x1c\0\0\0"), 65);
        let sized = b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46\x04\xc0\x81\x01\x07\x21\x01\x0c\0\0\0";
        assert_eq!(needed::<xz::Xz<'_>>(sized), 1);
        // `zstd --long=27` and `zstd -1` through a pipe; one segment of 64 MiB.
        assert_eq!(needed::<zstd::Zstd<'_>>(b"\x28\xb5\x2f\xfd\x04\x88\0\0\0\0\0\0\0\0"), 128);
        assert_eq!(needed::<zstd::Zstd<'_>>(b"\x28\xb5\x2f\xfd\x04\x48\0\0\0\0\0\0\0\0"), 1);
        assert_eq!(needed::<zstd::Zstd<'_>>(b"\x28\xb5\x2f\xfd\xa0\0\0\0\x04\0\0\0\0"), 64);
        // `xz --format=lzma -6`, `lzip -6`, `bzip2 -9`, `lz4 -B7`.
        let lzma = b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff";
        assert_eq!(needed::<lzma::Lzma<'_>>(lzma), 9);
        assert_eq!(needed::<lzma::Lzip<'_>>(b"LZIP\x01\x17\0\0\0\0\0\0\0"), 9);
        assert_eq!(needed::<bzip::Bzip2<'_>>(b"BZh91AY&SY\0\0\0"), 3);
        assert_eq!(needed::<lz4::Lz4<'_>>(b"\x04\x22\x4d\x18\x64\x70\xb9\0\0"), 12);
    }

    #[test]
    fn zstd_frames_follow_each_other() {
        let frame = ::zstd::encode_all(&b"goroutine 1 [running]:\n"[..], 1).unwrap();
        let mut two = frame.clone();
        two.extend(b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc");
        two.extend(frame);
        let (text, ended) = expand(sniff(&two).unwrap(), &two, 1000);
        assert_eq!(text, b"goroutine 1 [running]:\ngoroutine 1 [running]:\n");
        assert_eq!(ended, None);
    }

    #[test]
    fn a_cut_file_gives_what_it_has() {
        let whole = gzip(&b"goroutine 1 [running]:\n".repeat(1000));
        let (text, ended) = expand(sniff(&whole).unwrap(), &whole[..whole.len() - 9], 1 << 20);
        assert!(text.starts_with(b"goroutine 1"));
        assert!(ended.unwrap().contains("end early"));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![0; 1 << 20]);
        let (text, ended) = expand(sniff(&bomb).unwrap(), &bomb, 1000);
        assert_eq!(text.len(), 1000);
        assert_eq!(ended.unwrap(), "only the first 1000 bytes were read");
    }
}
