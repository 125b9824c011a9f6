//! Errors of the language: indexes, conversions, nil maps, numbers
//! (runtime/error.go, panic.go, slice.go, unsafe.go, map.go, chan.go, 1.19 to 1.27).

use super::Explanation;
use super::memory::nil_dereference;
use super::table::{Head, Row, either, error, panics, told};

pub(super) const ROWS: &[Row] = &[
    told(Head::Panic, "invalid memory address or nil pointer dereference", |crash, _| nil_dereference(crash)),
    told(Head::Error, "nil pointer dereference", |crash, _| nil_dereference(crash)),
    error("index out of range [{#}] with length 0", "Index {0} of an empty slice, array or string."),
    told(Head::Error, "index out of range [{#}] with length {#}", |_, holes| index(holes)),
    error("index out of range [{#}]", "Negative index {0}."),
    error(
        "slice bounds out of range [:{#}] with {} {#}",
        "A slice expression ends at {0}, beyond the {1} of {2}.",
    ),
    error(
        "slice bounds out of range [::{#}] with {} {#}",
        "A slice expression asks for a capacity up to {0}, beyond the {1} of {2}.",
    ),
    error(
        "slice bounds out of range [{#}:{#}]",
        "A slice expression starts at {0}, beyond its end or the length of its operand, which is {1}.",
    ),
    error(
        "slice bounds out of range [:{#}:{#}]",
        "A slice expression ends at {0}, beyond the capacity limit of {1} that it names itself.",
    ),
    error(
        "slice bounds out of range [{#}:{#}:]",
        "A slice expression starts at {0} and ends before it, at {1}.",
    ),
    error("slice bounds out of range [{#}:{}", "A slice expression starts at the negative index {0}."),
    error("slice bounds out of range [:{#}{}", "A slice expression ends at the negative index {0}."),
    error("slice bounds out of range [::{#}]", "A slice expression has the negative capacity limit {0}."),
    error("slice bounds out of range", "A slice expression with bounds outside of its operand."),
    error("slice out of range", "A slice expression with bounds outside of its operand."),
    error("index out of range", "An index outside of its slice, array or string."),
    error(
        "cannot convert slice with length {#} to array or pointer to array with length {#}",
        "A slice of {0} elements converted to an array of {1}.",
    ),
    error(
        "cannot convert slice with length {#} to pointer to array with length {#}",
        "A slice of {0} elements converted to an array of {1}.",
    ),
    error("slice smaller than array", "A slice converted to an array that is longer."),
    error("integer divide by zero", "Integer division by zero."),
    error("divide by zero", "Integer division by zero."),
    error("integer overflow", "The processor reported an integer overflow (SIGFPE)."),
    error("floating point error", "The processor reported a floating point exception (SIGFPE)."),
    error("negative shift amount", "A shift by a negative number."),
    error("negative shift", "A shift by a negative number."),
    panics(
        "assignment to entry in nil map",
        "Write to a nil map: it was declared but never made (make(map[K]V) or a literal).",
    ),
    panics(
        "interface conversion: interface is nil, not {}",
        "Type assertion to {0} on an interface that holds nothing.",
    ),
    panics("interface conversion: {} is nil, not {}", "Type assertion to {1}, but the {0} holds nothing."),
    panics(
        "interface conversion: {} is not {}: missing method {}",
        "Type assertion to {1}: the {0} in it has no method {2}.",
    ),
    panics(
        "interface conversion: {} is {}, not {} (types from different {})",
        "Type assertion to {2}, but the value is a {1} of another package or scope with the same name: two copies \
         of one package (vendored, or two major versions), or types declared inside functions.",
    ),
    panics("interface conversion: {} is {}, not {}", "Type assertion to {2}, but the value is a {1}."),
    panics(
        "makeslice: len out of range",
        "make of a slice with a length that is negative or larger than the address space.",
    ),
    panics(
        "makeslice: cap out of range",
        "make of a slice with a capacity that is negative, below the length, or larger than the address space.",
    ),
    panics(
        "makechan: size out of range",
        "make of a channel whose buffer is negative or larger than the address space.",
    ),
    panics("new channel is too big", "make of a channel whose buffer is negative or larger than memory."),
    panics("growslice: {} out of range", "append beyond the largest slice that the address space holds."),
    panics("makemap: size out of range", "make of a map with a negative or impossible size."),
    panics(
        "unsafe.{}: len out of range",
        "unsafe.{0} with a length that is negative, or beyond the end of the address space.",
    ),
    panics(
        "unsafe.{}: ptr is nil and len is not zero",
        "unsafe.{0} of a nil pointer with a length other than 0.",
    ),
    panics("unsafe.Slice/String: len out of range", "unsafe.Slice or String with an impossible length."),
    panics(
        "hash of unhashable type {}",
        "A value of type {0} used as a key of a map: it cannot be compared.",
    ),
    panics(
        "comparing uncomparable type {}",
        "Two interface values that hold the type {0} were compared; it cannot be compared.",
    ),
    panics(
        "value method {} called using nil {} pointer",
        "Method {0} has a value receiver and was called through a nil {1}.",
    ),
    panics("panic called with nil argument{}", "panic(nil) was called."),
    panics("nil", "panic(nil) was called, or panic with the text \"nil\"."),
    panics(
        "range function continued iteration after function for loop body returned false",
        "An iterator function called yield again after yield had returned false (the loop had ended by break, return \
         or goto). It must return then.",
    ),
    panics(
        "range function continued iteration after whole loop exit",
        "yield of an iterator was called after its loop had ended: the function kept it.",
    ),
    panics(
        "range function continued iteration after loop body panic",
        "An iterator function recovered a panic of the loop body and called yield again.",
    ),
    panics(
        "range function continued iteration after exit",
        "An iterator function called yield after its loop had ended.",
    ),
    panics(
        "range function recovered a loop body panic and did not resume panicking",
        "An iterator function recovered a panic that was raised in the body of the loop, which hides it: it must not.",
    ),
    panics(
        "out-of-range immediate for simd intrinsic",
        "A SIMD intrinsic got a constant outside of its range.",
    ),
    panics("gobytes: length out of range", "C.GoBytes with a length that is negative or larger than memory."),
    error("tracing is already enabled", "runtime/trace.Start was called while a trace was running."),
    panics("CPUProfile no longer available", "runtime.CPUProfile was called: it is gone, use runtime/pprof."),
    panics(
        "LockOSThread nesting overflow",
        "runtime.LockOSThread was called too often without UnlockOSThread.",
    ),
    panics(
        "arg size to reflect.call more than 1GB",
        "A call by reflection with more than 1 GB of arguments.",
    ),
    panics("runtime.AddCleanup: {}", "Misuse of runtime.AddCleanup: {0}."),
    panics(
        "runtime.Pinner: found leaking pinned pointer; forgot to call Unpin()?",
        "A runtime.Pinner was collected while it pinned a pointer: Unpin was not called. The stack is that of the \
         finalizer, not of who forgot it.",
    ),
    either("runtime.Pinner: {}", "Misuse of runtime.Pinner: {0}."),
    panics("runtime.Pinner.Pin: {}", "Misuse of runtime.Pinner: {0}."),
    panics("tried to unpin non-Go pointer", "Misuse of runtime.Pinner: Unpin of memory that is not Go's."),
    panics("slice {} non-ptr{} type", "Misuse of package arena: slice {0} non-ptr{1} type."),
    panics("userArena.slice: negative cap", "Misuse of package arena: a slice with a negative capacity."),
    panics(
        "runtime: allocation size out of range",
        "An allocation of a size that is negative or larger than the address space.",
    ),
    panics("arena double free", "Misuse of package arena: an arena was freed twice."),
    panics("arena: Clone only supports {}", "Misuse of package arena: arena.Clone only supports {0}."),
];

fn index(holes: &[&str]) -> Explanation {
    let (index, length) = (holes.first().copied().unwrap_or(""), holes.get(1).copied().unwrap_or(""));
    let elements = if length == "1" { "1 element" } else { &format!("{length} elements") };
    let last = length.parse::<u64>().unwrap_or(0).saturating_sub(1);
    Explanation::bug(format!("Index {index} of something with {elements}; the last index is {last}."))
}
