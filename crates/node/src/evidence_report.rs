//! The verification report (核验报告) of an evidence record, which recomputes everything from the original: its hash, its commitments, its
//! place in a batch, the record's proof.

use crate::cli::{DOCUMENT_BYTES_MAX, read_file};
use crate::evidence_file::{CONTENT_FIELD, Opening, hash_file};
use crate::output;
use crate::signer::now;
use crate::verification::bundle::{Proven, describe, in_words};
use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use tongban_crypto::{commitment, primitives};
use tongban_modules::evidence::{Content, RECORDS, Record as EvidenceRecord};
use tongban_types::proof::Claim;
use tongban_types::{EvidenceId, Genesis, Primitives, codec, merkle};

/// Options of `tongban evidence report`.
#[derive(Args)]
pub struct Arguments {
    /// A bundle that proves the record
    #[arg(long)]
    bundle: PathBuf,
    /// The genesis of the network
    #[arg(long)]
    anchor: PathBuf,
    /// The opening that was written when the record was registered
    #[arg(long)]
    opening: Option<PathBuf>,
    /// The original
    #[arg(long)]
    file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The verification report. Each check is there only where it was made, and the report holds only if all of them did.
#[derive(Debug, Serialize)]
struct Report {
    /// Whether every check held and the record is not withdrawn.
    holds: bool,
    evidence: EvidenceId,
    proven: Proven,
    withdrawn: bool,
    witnesses: usize,
    checks: Vec<Check>,
}

#[derive(Debug, Serialize)]
struct Check {
    /// What was recomputed.
    what: String,
    /// Whether it agrees with the record.
    agrees: bool,
    /// The value that was recomputed.
    value: String,
}

/// Makes the report and fails where a check does not hold.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let bundle = read_file(&arguments.bundle, DOCUMENT_BYTES_MAX)?;
    let anchor = read_file(&arguments.anchor, DOCUMENT_BYTES_MAX)?;
    let verified = tongban_verify::verify(&bundle, &anchor)
        .map_err(|error| anyhow::anyhow!("the bundle proves nothing: {error} ({})", error.code()))?;
    let genesis: Genesis = serde_json::from_slice(&anchor)?;
    let primitives = primitives(genesis.suite);
    let (evidence, record) = evidence_of(&verified.claim)?;
    let mut checks = Vec::new();
    if let Some(path) = &arguments.opening {
        let opening = Opening::read(path)?;
        if opening.evidence != evidence {
            bail!("the opening is of record {}, the bundle of {evidence}", opening.evidence);
        }
        check_opening(&opening, &record, primitives, &mut checks);
        if let Some(file) = &arguments.file {
            let hash = hash_file(file, primitives)?;
            let opened = opening.field(CONTENT_FIELD);
            let agrees = opened.is_some_and(|field| field.value.as_ref() == hash.as_ref());
            checks.push(Check { what: format!("hash of {}", file.display()), agrees, value: hash.to_string() });
        }
    } else if arguments.file.is_some() {
        bail!("to check the original its opening is needed: the record holds salted commitments");
    }
    let withdrawn = record.withdrawal.is_some();
    let report = Report {
        holds: checks.iter().all(|check| check.agrees) && !withdrawn,
        evidence,
        proven: describe(&verified, now()),
        withdrawn,
        witnesses: record.attestations.len(),
        checks,
    };
    print_report(&report, arguments.json)?;
    if !report.holds {
        bail!("the report does not hold");
    }
    Ok(())
}

fn evidence_of(claim: &Claim) -> anyhow::Result<(EvidenceId, EvidenceRecord)> {
    let Claim::Record { table, key, value } = claim else { bail!("the bundle proves no record") };
    if **table != *RECORDS.name() {
        bail!("the bundle proves a record of {}, not of {}", table, RECORDS.name());
    }
    let id = codec::decode(key.as_ref()).context("the key is no evidence number")?;
    Ok((id, codec::decode(value.as_ref()).context("the record cannot be decoded")?))
}

fn check_opening(opening: &Opening, record: &EvidenceRecord, primitives: &dyn Primitives, checks: &mut Vec<Check>) {
    for field in &opening.fields {
        let recomputed = commitment(primitives, &field.salt.0, field.value.as_ref());
        let agrees = match &record.content {
            Content::Single { commitments } => commitments
                .iter()
                .any(|commitment| *commitment.field == *field.field && commitment.commitment == recomputed),
            Content::Batch { root, leaves } => opening.leaf.as_ref().is_some_and(|leaf| {
                let hash = merkle::leaf_hash(primitives, recomputed.as_ref());
                merkle::verify_inclusion(primitives, &hash, leaf.index, u64::from(*leaves), &leaf.path, root).is_ok()
            }),
        };
        checks.push(Check { what: format!("commitment of {}", field.field), agrees, value: recomputed.to_string() });
    }
}

fn print_report(report: &Report, json: bool) -> anyhow::Result<()> {
    if json {
        output::line(format_args!("{}", serde_json::to_string_pretty(report)?));
        return Ok(());
    }
    output::line(format_args!(
        "核验报告 verification report: {}",
        if report.holds { "一致 holds" } else { "不一致 does not hold" }
    ));
    output::line(format_args!("evidence  {}", report.evidence));
    output::line(format_args!("withdrawn {}", report.withdrawn));
    output::line(format_args!("witnesses {}", report.witnesses));
    for check in &report.checks {
        output::line(format_args!(
            "{} {}: {}",
            if check.agrees { "agrees" } else { "DIFFERS" },
            check.what,
            check.value
        ));
    }
    output::text(format_args!("{}", in_words(&report.proven)));
    Ok(())
}
