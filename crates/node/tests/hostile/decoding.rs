//! Any bytes on any decoder: an error, or a value that encodes back to the same bytes.

use crate::decoders::{self, Decoder, Promise};
use crate::mutations::{CLAIMS, Mutation, mutation};
use crate::seed::runner;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Decodes, and holds the decoder to its promise.
fn assert_kept(decoder: &Decoder, bytes: &[u8]) -> Result<bool, TestCaseError> {
    let Some(again) = (decoder.recode)(bytes) else { return Ok(false) };
    match decoder.promise {
        Promise::OneSpelling => prop_assert!(again == bytes, "{}: another spelling was accepted", decoder.name),
        Promise::SameValue => {
            let third = (decoder.recode)(&again);
            prop_assert!(third.as_ref() == Some(&again), "{}: its own encoding means something else", decoder.name);
        }
        Promise::Ends => {}
    }
    Ok(true)
}

#[test]
fn every_sample_of_every_decoder_is_accepted() {
    for decoder in decoders::all() {
        assert!(!decoder.samples.is_empty(), "{}: no samples", decoder.name);
        for sample in &decoder.samples {
            let accepted = assert_kept(&decoder, sample).unwrap_or_else(|error| panic!("{error}"));
            assert!(accepted, "{}: {}", decoder.name, String::from_utf8_lossy(sample));
        }
    }
}

#[test]
fn arbitrary_bytes_are_refused_or_mean_themselves() {
    for decoder in decoders::all() {
        let property = |bytes: Vec<u8>| assert_kept(&decoder, &bytes).map(drop);
        let bytes =
            prop_oneof![vec(any::<u8>(), 0..200), vec(prop::sample::select(b"0123456789abcdef".to_vec()), 0..80)];
        runner(&decoder.name, 100).run(&bytes, property).unwrap_or_else(|error| panic!("{}: {error}", decoder.name));
    }
}

#[test]
fn mutated_encodings_are_refused_or_mean_themselves() {
    let accepted = Cell::new(0);
    for decoder in decoders::all() {
        let strategy = (any::<Index>(), vec(mutation(), 1..5));
        let property = |(sample, mutations): (Index, Vec<Mutation>)| {
            let sample = decoder.samples[sample.index(decoder.samples.len())].clone();
            let bytes = mutations.iter().fold(sample, |bytes, change| change.apply(bytes, &decoder.samples));
            accepted.set(accepted.get() + u32::from(assert_kept(&decoder, &bytes)?));
            Ok(())
        };
        runner(&decoder.name, 400).run(&strategy, property).unwrap_or_else(|error| panic!("{}: {error}", decoder.name));
    }
    assert!(accepted.get() > 1_000, "mutations also made other values: {}", accepted.get());
}

/// Every beginning of every sample, with nothing behind it and with each false claim of a length.
#[test]
fn what_is_cut_off_is_refused_or_means_itself() {
    for decoder in decoders::all() {
        for sample in decoder.samples.iter().take(4) {
            for end in 0..sample.len().min(400) {
                for claim in CLAIMS.iter().chain([&&b""[..]]) {
                    let bytes = [&sample[..end], claim].concat();
                    assert_kept(&decoder, &bytes).unwrap_or_else(|error| panic!("cut at {end}: {error}"));
                }
            }
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The name behind `struct` or `enum`.
fn declared(line: &str) -> Option<&str> {
    let rest = line.trim_start().trim_start_matches("pub ");
    let rest = rest.strip_prefix("struct ").or_else(|| rest.strip_prefix("enum "))?;
    rest.split(|letter: char| !letter.is_alphanumeric()).next()
}

/// Types whose decoding is another test's matter.
const ELSEWHERE: [(&str, &str); 67] = [
    ("Limit", "a word of the rules for cards, which are data of a division: the tests of `modules`"),
    ("Organisation", "the organisation file: its own tests"),
    ("Government", "the organisation file: its own tests"),
    ("Administrator", "the organisation file: its own tests"),
    ("Officer", "the organisation file: its own tests"),
    ("Safeguards", "the organisation file: its own tests"),
    ("Memory", "the demonstration's own note in its own folder"),
    ("ReceiptSlip", "an answer that the client reads within its bound; the tests of `api`"),
    ("Minute", "a record of the kernel's own, which no call writes as it likes: the tests of `kernel`"),
    ("Place", "a record of the kernel's own, which no call writes as it likes: the tests of `kernel`"),
    ("Stored", "the tests of `vault`: a file of its folder, `any_bytes_are_no_object`"),
    ("Manifest", "the tests of `vault`: a file of its folder, `a_vault_begins_in_an_empty_folder_and_others_are_none`"),
    ("PageQuery", "the routes' tests: part of an address"),
    ("KeyQuery", "the routes' tests: part of an address"),
    ("EventQuery", "the routes' tests: part of an address"),
    ("ReceiptQuery", "the routes' tests: part of an address"),
    ("SearchQuery", "the routes' tests: part of an address"),
    ("DeliveryQuery", "the routes' tests: part of an address"),
    ("StreamQuery", "the routes' tests: part of an address"),
    ("RevokeQuery", "the routes' tests: part of an address"),
    ("Bookmark", "the tests of `api`: what a reader of events sends to go on, of a place and a `-`"),
    ("ListOrder", "the routes' tests: part of an address"),
    ("Ending", "the routes' tests: part of an address"),
    ("Prepare", "the tests of `api`: a body of the border, read by `json::document`, which is tried with any JSON"),
    (
        "WebhookRequest",
        "the tests of `api`: a body of the border, read by `json::document`, which is tried with any JSON",
    ),
    (
        "WebhookChange",
        "the tests of `api`: a body of the border, read by `json::document`, which is tried with any JSON",
    ),
    (
        "SecretRequest",
        "the tests of `api`: a body of the border, read by `json::document`, which is tried with any JSON",
    ),
    (
        "TokenRequest",
        "the tests of `api`: a body of the border, read by `json::document`, which is tried with any JSON",
    ),
    ("Scope", "a part of an answer or of a body that is listed here"),
    ("Prepared", "an answer that the client reads within its bound; the tests of `api`"),
    ("ListedEvent", "a part of an answer or of a body that is listed here"),
    ("FoundEvent", "a part of an answer or of a body that is listed here"),
    ("EventPage", "an answer that the client reads within its bound; the tests of `api`"),
    ("FilteredReceiptPage", "an answer that the client reads within its bound; the tests of `api`"),
    ("SearchPage", "an answer that the client reads within its bound; the tests of `api`"),
    ("StateView", "a part of an answer or of a body that is listed here"),
    ("WebhookView", "an answer that the client reads within its bound; the tests of `api`"),
    ("NewWebhookView", "an answer that the client reads within its bound; the tests of `api`"),
    ("WebhookList", "an answer that the client reads within its bound; the tests of `api`"),
    ("DeliveryStateView", "a part of an answer or of a body that is listed here"),
    ("DeliveryView", "an answer that the client reads within its bound; the tests of `api`"),
    ("DeliveryPage", "an answer that the client reads within its bound; the tests of `api`"),
    ("Replayed", "an answer that the client reads within its bound; the tests of `api`"),
    ("TokenView", "an answer that the client reads within its bound; the tests of `api`"),
    ("NewTokenView", "an answer that the client reads within its bound; the tests of `api`"),
    ("TokenPage", "an answer that the client reads within its bound; the tests of `api`"),
    ("Happened", "an answer that the client reads within its bound; the tests of `api`"),
    ("ModuleList", "an answer that the client reads within its bound; the tests of `api`"),
    ("ModuleDescription", "an answer that the client reads within its bound; the tests of `api`"),
    ("MessageDescription", "a part of an answer or of a body that is listed here"),
    ("ErrorDescription", "a part of an answer or of a body that is listed here"),
    ("WebhookState", "a word of the node's own store"),
    ("DeliveryState", "a word of the node's own store"),
    ("IndexSetting", "the tests of the configuration"),
    ("PortalDepartment", "the import of older catalogues: its own tests"),
    ("PortalMain", "the import of older catalogues: its own tests"),
    ("PortalItem", "the import of older catalogues: its own tests"),
    ("Carried", "the tests of `verification`: what the slip of an annotated copy carries, bound to its commitment"),
    ("Mapping", "the import of licences: its own tests"),
    ("HolderMapping", "the import of licences: its own tests"),
    ("HolderCodeKind", "the import of licences: its own tests"),
    ("BadCodes", "the import of licences: its own tests"),
    ("StateMapping", "the import of licences: its own tests"),
    ("FieldMapping", "the import of licences: its own tests"),
    ("FaceRecord", "the import of licences: its own tests"),
    ("SaltedText", "the import of licences: its own tests"),
    ("Stage", "the limits of the law, which the program brings with it"),
];

/// The sources are read for types that can be decoded, and the generated formats for tables: each must be in the table of
/// decoders.
#[test]
fn no_decoder_is_forgotten() {
    let known: BTreeSet<String> = decoders::all().into_iter().flat_map(|decoder| decoder.types).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root.join("crates")).expect("the crates") {
        sources(&entry.expect("a crate").path().join("src"), &mut files);
    }
    let mut seen = 0;
    let mut forgotten = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a source file");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let mut is_decoded = false;
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let by_hand = line.split_once("FromStr for ").map(|(_, rest)| rest);
            let by_hand =
                by_hand.map(|rest| rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or(rest));
            is_decoded |= line.contains("Deserialize,") || line.contains("Deserialize)") || line.contains("EnumString");
            let declared = declared(line).filter(|_| std::mem::take(&mut is_decoded));
            for name in by_hand.into_iter().chain(declared).filter(|name| !name.is_empty()) {
                seen += 1;
                let is_known = known.contains(name) || ELSEWHERE.iter().any(|(elsewhere, _)| *elsewhere == name);
                if !is_known {
                    forgotten.push(format!("{name} of {}", path.display()));
                }
            }
            is_decoded &= !line.starts_with("use ");
        }
    }
    assert!(forgotten.is_empty(), "decoded, and not in the table of decoders: {forgotten:#?}");
    assert!(seen > 90, "the sources were read: {seen}");

    let formats = std::fs::read_to_string(root.join("generated/wire.txt")).expect("the generated formats");
    let names: Vec<String> = decoders::all().into_iter().map(|decoder| decoder.name).collect();
    for table in formats.lines().filter_map(|line| line.strip_prefix("table ")) {
        assert!(names.contains(&format!("bcs record of {table}")), "the table {table} is not in the table of decoders");
    }
}
