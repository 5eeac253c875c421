//! What a decoder takes of memory follows from what is really there, never from what the input claims: every decoder under an
//! allocator that counts.

// Both modules are made for the other tests as well.
#[allow(dead_code)]
#[path = "../hostile/decoders.rs"]
mod decoders;
#[path = "../hostile/decoders_of_persons.rs"]
mod decoders_of_persons;
#[allow(dead_code)]
#[path = "../hostile/mutations.rs"]
mod mutations;
#[allow(dead_code)]
#[path = "../hostile/schema.rs"]
mod schema;

use decoders::Decoder;
use mutations::CLAIMS;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, counting the bytes of each thread.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // A thread that ends may free what it has when its counters are gone.
    let held = HELD.try_with(|held| {
        held.set(held.get() + bytes);
        held.get()
    });
    let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.unwrap_or(0))));
}

// SAFETY: every request goes to the system's allocator as it came; counting touches no memory but the thread's counters, which
// need no allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the allocator's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller keeps the allocator's contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most that this thread held during the work, above what it held before.
fn peak_of(work: impl FnOnce()) -> usize {
    let before = HELD.get();
    PEAK.set(before);
    work();
    usize::try_from(PEAK.get() - before).unwrap_or(0)
}

/// Buffers of a fixed size: of readers of files, which read in chunks; of what others allocate at once.
fn fixed_bytes(decoder: &Decoder) -> usize {
    if decoder.name.starts_with("file") { 1024 * 1024 } else { 16 * 1024 }
}

/// Bytes of memory for each byte of input: the empty byte string, one byte long, is 24 bytes in memory, and a list that
/// grows is held twice for a moment. Readers of files also keep their input and what they found side by side.
const FACTOR: usize = 160;

fn assert_bounded(decoder: &Decoder, what: &str, input: &[u8]) {
    let mut accepted = false;
    let peak = peak_of(|| accepted = (decoder.recode)(input).is_some());
    let bound = fixed_bytes(decoder) + FACTOR * input.len();
    assert!(
        peak <= bound,
        "{}: {what}: {peak} bytes of memory for {} of input (accepted: {accepted})",
        decoder.name,
        input.len()
    );
}

#[test]
fn the_allocator_counts() {
    let peak = peak_of(|| drop(std::hint::black_box(vec![7_u8; 100_000])));
    assert!((100_000..101_000).contains(&peak), "{peak}");
}

#[test]
fn a_length_that_claims_gigabytes_reserves_nothing() {
    for decoder in decoders::all() {
        for sample in decoder.samples.iter().take(3) {
            for end in 0..sample.len().min(300) {
                for claim in CLAIMS {
                    assert_bounded(&decoder, "a claim", &[&sample[..end], claim].concat());
                    assert_bounded(&decoder, "a claim inside", &[&sample[..end], claim, &sample[end..]].concat());
                }
            }
        }
    }
}

/// A megabyte of the same: of lengths, of nothing, of brackets; and a sample whose list goes on for a megabyte.
#[test]
fn large_inputs_take_memory_in_proportion() {
    const BYTES: usize = 1 << 20;
    let units = [
        "\0",
        "\u{1}",
        "\u{2}\0",
        "[",
        "{\"a\":",
        "[0,",
        "\"\",",
        "[[],",
        "a",
        "\\ud83d\\ude00",
        "<a>",
        "<a b=\"",
        "a,",
        "\n",
        "a=[",
        "[a]\n",
    ];
    for decoder in decoders::all() {
        for unit in units {
            assert_bounded(&decoder, "the same again", unit.repeat(BYTES / unit.len()).as_bytes());
            for quote in ["[", "{\"tx\":[", "\"", "{\"view\":[", "{\"events\":["] {
                let input = quote.to_owned() + &unit.repeat(BYTES / unit.len());
                assert_bounded(&decoder, "the same again behind a bracket", input.as_bytes());
            }
        }
        let sample = &decoder.samples[decoder.samples.len() - 1];
        for place in (0..sample.len()).step_by(1 + sample.len() / 8) {
            let stretch = &sample[place..sample.len().min(place + 40)];
            let input = [&sample[..place], &stretch.repeat(BYTES / 4 / stretch.len())].concat();
            assert_bounded(&decoder, "a stretch again and again", &input);
        }
    }
}
