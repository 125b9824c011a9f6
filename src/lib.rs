//! panicmap reads Go crash logs and says what went wrong, where, and whether
//! the build or the deployment is to blame.
//!
//! ```text
//! bytes ──> lines ───> records ─┐
//! source    envelope   trace    ├─> case ──> findings ──> report
//! core dump ──> postmortem ─────┤
//! executable ──> binary ──> symbolize        diagnose     report
//! machine / card ──> host ──────┘
//! ```
//!
//! Each module stands above those it may import; the order is that of the
//! list below, and `tests/layering.rs` keeps it.

pub mod addr;
pub mod batch;
pub mod binary;
pub mod check;
pub mod diagnose;
pub mod dump;
pub mod envelope;
pub mod error;
pub mod examine;
pub mod fit;
pub mod host;
pub mod near;
pub mod origin;
pub mod postmortem;
pub mod report;
pub mod source;
pub mod symbolize;
pub mod target;
pub mod trace;
