#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| panicmap_fuzz::core(data));
