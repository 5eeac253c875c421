//! The demonstration's story, told over the nodes' public interfaces.

use super::city::City;
use super::cluster::Cluster;
use super::outcome::{Outcome, memory_peak_bytes};
use super::own_files::Own;
use super::progress::Progress;
use super::{matter, older_licences, records};
use crate::backend::when_provable;
use crate::import::{ImportOptions, ImportSummary, import};
use crate::import_command::{NodeTarget, load_or_make_secret};
use crate::qr::QrCode;
use anyhow::{Context, bail};
use std::collections::BTreeMap;
use std::time::Instant;
use tongban_ledger::RecordName;
use tongban_modules::evidence::{
    Call, Capacity, Finding, ObjectType, Query as EvidenceQuery, RECORDS, Source, View as EvidenceView, content_digest,
};
use tongban_modules::{Call as AnyCall, Query, View};
use tongban_types::proof::{Claim, Slip};
use tongban_types::{EvidenceId, Receipt, Text, codec};
use tongban_verify::Verifier;

/// Records that are proven against one header.
const PROVEN_AT_ONCE: usize = 500;
/// Bytes of the sample bundle that are changed, one at a time.
const FORGERIES: usize = 200;

/// Plays the whole story and says what it has shown.
pub async fn play(cluster: &Cluster, own: Own, progress: &Progress) -> anyhow::Result<Outcome> {
    let city = City::found(cluster, own.catalogue.as_ref(), progress).await?;
    let older = older_licences::take_over(&city, own.licences, progress).await?;
    let begun = matter::begin(&city, progress).await?;
    let records = records::find(&cluster.dir)?;
    let begin = Instant::now();
    let summary = register(cluster, &records, progress).await?;
    let import_seconds = begin.elapsed().as_secs_f64();
    let registered = summary.ids.len();
    progress.chapter(
        &format!("冷静期内再登记一批存证 {registered} 条，用时 {import_seconds:.1} 秒；再试几样不允许的事，逐条核验，伪造一份证明看看。"),
        &format!(
            "While it cools, {registered} records are registered as evidence, in {import_seconds:.1} s; what is not allowed is tried, every \
             record is verified, and a proof is forged."
        ),
    );
    let first = *summary.ids.first().context("there are no records")?;
    let repeat_has_first_receipt = break_rules(cluster, first).await?;
    attest(cluster, first).await?;

    let begin = Instant::now();
    let proofs_verified = verify_all(cluster, &summary.ids, progress).await?;
    let verify_seconds = begin.elapsed().as_secs_f64();
    let absence_verified = verify_absence(cluster).await?;
    let bundle = cluster.dir.join("bundle.json");
    std::fs::write(&bundle, cluster.client(1).prove_record(RECORDS.name(), &codec::encode(&first)).await?)?;
    let forgeries_refused = forge(cluster, &std::fs::read(&bundle)?)?;
    let (refused_forgeries, forged) = forgeries_refused;
    progress.say(
        &format!("{proofs_verified} 条证明逐条成立；改动一个字节的 {forged} 份副本，{refused_forgeries} 份被识破；无权登记的被拒绝，只留下回执。"),
        &format!(
            "{proofs_verified} proofs hold; of {forged} copies with one byte changed, {refused_forgeries} are refused; who may not register is \
             refused, and leaves no more than a receipt."
        ),
    );
    let played = begun.complete(progress).await?;
    let slip = cluster.dir.join("slip.txt");
    std::fs::write(&slip, &played.slip)?;
    let qr = cluster.dir.join("slip.svg");
    let code = QrCode::of_slip(&Slip::from_text(played.slip.as_bytes())?)?;
    std::fs::write(&qr, code.svg())?;
    let state_roots_equal = cluster.agree().await?;
    let (transactions, refused) = count_receipts(cluster).await?;
    let head = cluster.nodes[0].ledger.status().head;
    Ok(Outcome {
        nodes: cluster.nodes.len(),
        suite: cluster.genesis.suite,
        data: records.data,
        height: head.height,
        transactions,
        refused,
        catalogue_data: city.catalogue.data,
        licence_data: older.data,
        items: city.catalogue.items,
        licences_imported: older.licences,
        import_errors: older.errors + city.catalogue.errors,
        licence_import_seconds: older.seconds,
        fields_filled: played.fields_filled,
        fields_proven: played.fields_proven,
        materials_spared: played.materials_spared,
        cases_completed: played.cases_completed,
        steps_completed: played.steps_completed,
        departments: played.departments,
        licence_verified: played.licence_verified,
        revoked_refused: played.revoked_refused,
        recovered_account_keeps_assets: played.recovered_account_keeps_assets,
        assets_compared: played.assets_compared,
        assets_lost: played.assets_lost,
        old_key_refused: played.old_key_refused,
        citizen: played.citizen,
        case: played.case,
        licence: played.licence,
        slip: played.slip,
        slip_file: slip,
        qr_file: qr,
        records: summary.rows,
        records_registered: summary.ids.len() as u64,
        state_roots_equal,
        proofs_verified,
        absence_verified,
        forgeries_refused,
        repeat_has_first_receipt,
        ready_seconds: 0.0,
        import_seconds,
        verify_seconds,
        seconds: 0.0,
        bundle,
        genesis: cluster.dir.join("genesis.json"),
        memory_peak_bytes: memory_peak_bytes(),
    })
}

async fn register(cluster: &Cluster, records: &records::Records, progress: &Progress) -> anyhow::Result<ImportSummary> {
    let depositor = cluster.signer("depositor")?;
    let secret = load_or_make_secret(&cluster.dir.join("import.secret"))?;
    let time = cluster.client(0).status().await?.time.unwrap_or(cluster.genesis.time);
    let system = Text::new("公开数据 public data")?;
    let errors = cluster.dir.join("import-errors.csv");
    let options = ImportOptions {
        error_file: Some(errors.clone()),
        ..ImportOptions::new(records.files.clone(), depositor.account(), system, time, secret, cluster.primitives())
    };
    let bar = progress.steps(0, "登记存证", "Registering records");
    let summary = import(&NodeTarget::new(cluster.client(0), depositor), options, &bar).await?;
    bar.finish_and_clear();
    if summary.errors > 0 || summary.broken_files > 0 {
        bail!("{} rows were not registered, see {}", summary.errors, errors.display());
    }
    Ok(summary)
}

/// Tries what is not allowed. Answers whether a request that is repeated at another node gets the first receipt.
async fn break_rules(cluster: &Cluster, taken: EvidenceId) -> anyhow::Result<bool> {
    let source = Source {
        object_type: ObjectType::Other,
        system: Text::new("demo")?,
        method: Text::new("demo")?,
        operator: cluster.signer("depositor")?.account(),
        collected_at: cluster.genesis.time,
    };
    let (root, leaves) = (tongban_types::Digest([1; 32]), 1);
    let call = AnyCall::Evidence(Call::RegisterBatch { id: taken, source, previous: None, root, leaves });
    // The administrator may not register at all; the depositor may not register a number twice.
    let mut repeated = true;
    for account in ["administrator", "depositor"] {
        let tx = cluster.signer(account)?.sign(std::slice::from_ref(&call))?;
        let first = cluster.client(1).submit(&tx).await?;
        let again = cluster.client(2).submit(&tx).await?;
        repeated &= first == again;
    }
    Ok(repeated)
}

/// A court attests a record, where it has not done so before.
async fn attest(cluster: &Cluster, id: EvidenceId) -> anyhow::Result<Receipt> {
    let question = Query::Evidence(EvidenceQuery::Record { id });
    let answer = cluster.client(3).query(&question.to_json()).await?;
    let View::Evidence(EvidenceView::Record { record: Some(record) }) = View::from_json(answer.view)? else {
        bail!("the record is not there")
    };
    let content = content_digest(&record.content, cluster.primitives());
    let call = Call::Witness { id, content, capacity: Capacity::Court, finding: Finding::Seen };
    Ok(cluster.client(3).submit(&cluster.signer("witness")?.sign(&[AnyCall::Evidence(call)])?).await?)
}

/// Has every record proven by a node and checked by the independent verifier.
async fn verify_all(cluster: &Cluster, ids: &[EvidenceId], progress: &Progress) -> anyhow::Result<u64> {
    let mut verifier = Verifier::new(&cluster.genesis_bytes).map_err(|error| anyhow::anyhow!("{error}"))?;
    let bar = progress.steps(ids.len() as u64, "逐条核验存证", "Verifying every record");
    let mut verified = 0;
    for (index, ids) in ids.chunks(PROVEN_AT_ONCE).enumerate() {
        let node = &cluster.nodes[index % cluster.nodes.len()];
        let names = ids.iter().map(|id| RecordName { table: RECORDS.name().to_owned(), key: codec::encode(id) });
        let names: Vec<RecordName> = names.collect();
        let bundles = when_provable(|| node.ledger.prove_records(names.clone())).await?;
        for (bundle, id) in bundles.iter().zip(ids) {
            let proven = verifier.verify(&bundle.to_compact()).map_err(|error| anyhow::anyhow!("{id}: {error}"))?;
            let is_it = matches!(&proven.claim, Claim::Record { table, key, .. }
                if **table == *RECORDS.name() && key.as_ref() == codec::encode(id));
            verified += u64::from(is_it);
            bar.inc(1);
        }
        tokio::task::yield_now().await;
    }
    bar.finish_and_clear();
    Ok(verified)
}

async fn verify_absence(cluster: &Cluster) -> anyhow::Result<bool> {
    let nobody = codec::encode(&EvidenceId([0xEE; EvidenceId::BYTES]));
    let bundle = cluster.client(2).prove_record(RECORDS.name(), &nobody).await?;
    let verified =
        tongban_verify::verify(&bundle, &cluster.genesis_bytes).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(matches!(verified.claim, Claim::Absence { key, .. } if key.as_ref() == nobody))
}

/// Changes bytes of a bundle, evenly spread, and counts how many of the copies are refused.
fn forge(cluster: &Cluster, bundle: &[u8]) -> anyhow::Result<(u64, u64)> {
    tongban_verify::verify(bundle, &cluster.genesis_bytes).map_err(|error| anyhow::anyhow!("{error}"))?;
    let step = (bundle.len() / FORGERIES).max(1);
    let (mut refused, mut forged) = (0, 0);
    for place in (0..bundle.len()).step_by(step) {
        let mut copy = bundle.to_vec();
        copy[place] ^= 1;
        forged += 1;
        refused += u64::from(tongban_verify::verify(&copy, &cluster.genesis_bytes).is_err());
    }
    Ok((refused, forged))
}

/// All receipts of the ledger, and the refused ones by code.
async fn count_receipts(cluster: &Cluster) -> anyhow::Result<(u64, BTreeMap<String, u64>)> {
    let mut refused = BTreeMap::new();
    let mut next = 0;
    loop {
        let receipts = cluster.nodes[0].ledger.receipts(next, 500).await?;
        let Some(last) = receipts.last() else { return Ok((next, refused)) };
        next = last.number + 1;
        for receipt in &receipts {
            if let tongban_types::Outcome::Refused(refusal) = &receipt.outcome {
                *refused.entry(refusal.code.to_string()).or_default() += 1;
            }
        }
    }
}
