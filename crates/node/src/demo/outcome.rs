//! What the demonstration has shown.

use super::progress::Language;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use tongban_types::Suite;

/// What the demonstration has shown, each number read off the ledger or counted as it was checked.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Nodes that ran.
    pub nodes: usize,
    /// The network's algorithms.
    pub suite: Suite,
    /// Where the records come from.
    pub data: &'static str,
    /// Final blocks.
    pub height: u64,
    /// Transactions with a receipt.
    pub transactions: u64,
    /// Those of them that were refused, by code.
    pub refused: BTreeMap<String, u64>,
    /// Where service items come from, besides the examples: `own`, `real` or `examples`.
    pub catalogue_data: &'static str,
    /// Where the licences of an older system come from: `own`, `real` or `invented`.
    pub licence_data: &'static str,
    /// Service items in the catalogue.
    pub items: u64,
    /// Licences of an older system that the ledger has.
    pub licences_imported: u64,
    /// Rows of older systems that were not taken over.
    pub import_errors: u64,
    /// Seconds for taking them over.
    pub licence_import_seconds: f64,
    /// Fields of the form that were filled in from licences, with consent.
    pub fields_filled: u64,
    /// Those of them that the officer saw proven by the licences before he accepted the form.
    pub fields_proven: u64,
    /// Materials that nobody was asked for, because a department holds them.
    pub materials_spared: u64,
    /// Cases that were closed with what was applied for.
    pub cases_completed: u64,
    /// Steps of these cases that were finished.
    pub steps_completed: u64,
    /// Departments that handled their steps at the same time.
    pub departments: u64,
    /// Whether the licence that came of it was verified offline.
    pub licence_verified: bool,
    /// Whether it was refused after its revocation.
    pub revoked_refused: bool,
    /// Whether all that the citizen held before his key was lost is his afterwards, by proofs of each record, the lost key is refused, and the
    /// new one may dispose of it.
    pub recovered_account_keeps_assets: bool,
    /// How many things of his were compared.
    pub assets_compared: u64,
    /// Those of them that have not followed, by name.
    pub assets_lost: Vec<&'static str>,
    /// Whether the lost key was refused when it tried to dispose of them.
    pub old_key_refused: bool,
    /// His account.
    pub citizen: String,
    /// The number of the case.
    pub case: String,
    /// The identifier of the licence.
    pub licence: String,
    /// The slip from the licence's QR code.
    pub slip: String,
    /// The file of the slip.
    pub slip_file: PathBuf,
    /// The picture of the QR code.
    pub qr_file: PathBuf,
    /// Records in the files.
    pub records: u64,
    /// Records that are registered.
    pub records_registered: u64,
    /// Whether all nodes have one history and one state.
    pub state_roots_equal: bool,
    /// Records whose proof held for the independent verifier.
    pub proofs_verified: u64,
    /// Whether a number that nobody has registered was proven to be absent.
    pub absence_verified: bool,
    /// Changed copies of a bundle that the verifier refused, and how many there were.
    pub forgeries_refused: (u64, u64),
    /// Whether a repeat at another node got the first receipt.
    pub repeat_has_first_receipt: bool,
    /// Seconds until the network was ready.
    pub ready_seconds: f64,
    /// Seconds for registering.
    pub import_seconds: f64,
    /// Seconds for proving and verifying.
    pub verify_seconds: f64,
    /// Seconds in all.
    pub seconds: f64,
    /// A sample bundle.
    pub bundle: PathBuf,
    /// The trust anchor.
    pub genesis: PathBuf,
    /// Peak memory of the process, in bytes, where the system tells.
    pub memory_peak_bytes: Option<u64>,
}

impl Outcome {
    /// What did not hold, by name.
    pub fn failures(&self) -> Vec<&'static str> {
        [
            ("items", self.items > 0),
            ("licences_imported", self.licences_imported > 0),
            // Rows of one's own that cannot be read are listed for whoever has to mend them; they are no fault of the network.
            ("import_errors", self.import_errors == 0 || self.has_own_files()),
            ("fields_filled", self.fields_filled > 0),
            ("fields_proven", self.fields_proven == self.fields_filled),
            ("materials_spared", self.materials_spared > 0),
            ("cases_completed", self.cases_completed > 0),
            ("steps_completed", self.steps_completed >= 9),
            ("departments", self.departments >= 5),
            ("licence_verified", self.licence_verified),
            ("revoked_refused", self.revoked_refused),
            ("recovered_account_keeps_assets", self.recovered_account_keeps_assets && self.assets_compared > 0),
            ("state_roots_equal", self.state_roots_equal),
            ("records_registered", self.records > 0 && self.records_registered == self.records),
            ("proofs_verified", self.proofs_verified == self.records),
            ("absence_verified", self.absence_verified),
            ("forgeries_refused", self.forgeries_refused.0 == self.forgeries_refused.1),
            ("repeat_has_first_receipt", self.repeat_has_first_receipt),
            ("refused", self.refused.contains_key("tx.denied") && self.refused.contains_key("evidence.exists")),
        ]
        .into_iter()
        .filter(|(_, held)| !held)
        .map(|(name, _)| name)
        .collect()
    }

    fn has_own_files(&self) -> bool {
        self.catalogue_data == "own" || self.licence_data == "own"
    }

    /// The same for people.
    pub fn in_words(&self, language: Language) -> String {
        let mut text = format!("\n{}\n", language.words("结果", "Results"));
        for ((zh, en), value) in self.story_in_words(language).into_iter().chain(self.network_in_words(language)) {
            let _ = writeln!(text, "  {}: {value}", language.words(zh, en)); // writing to a text never fails
        }
        text
    }

    fn story_in_words(&self, language: Language) -> Vec<((&'static str, &'static str), String)> {
        let yes = |held: bool| if held { language.words("是", "yes") } else { language.words("否", "NO") };
        let errors = language.words("行有误", "rows with errors");
        let (steps, departments) = (language.words("个环节", "steps"), language.words("个部门", "departments"));
        vec![
            (("事项", "service items"), format!("{} ({})", self.items, self.catalogue_data)),
            (
                ("历史证照", "licences imported"),
                format!("{} ({}, {} {errors})", self.licences_imported, self.licence_data, self.import_errors),
            ),
            (("由已有证照自动填写的项", "fields filled in from licences"), self.fields_filled.to_string()),
            (("受理时凭账本证实的项", "of them proven before acceptance"), self.fields_proven.to_string()),
            (("因部门已有而免交的材料", "papers not asked for"), self.materials_spared.to_string()),
            (
                ("办结", "cases completed"),
                format!(
                    "{} ({} {steps}, {} {departments})",
                    self.cases_completed, self.steps_completed, self.departments
                ),
            ),
            (("找回账户仍持有一切", "recovered account keeps all"), yes(self.recovered_account_keeps_assets)),
            (("旧密钥被拒绝", "old key refused"), yes(self.old_key_refused)),
            (("证照离线核验", "licence verified offline"), yes(self.licence_verified)),
            (("撤销后拒绝", "refused when revoked"), yes(self.revoked_refused)),
            (("办件编号", "case"), self.case.clone()),
            (("证照标识", "licence"), self.licence.clone()),
            (("证照二维码", "the licence's QR code"), self.qr_file.display().to_string()),
        ]
    }

    fn network_in_words(&self, language: Language) -> Vec<((&'static str, &'static str), String)> {
        let yes = |held: bool| if held { language.words("是", "yes") } else { language.words("否", "NO") };
        let (refused, forged) = self.forgeries_refused;
        vec![
            (("区块", "blocks"), self.height.to_string()),
            (("交易", "transactions"), self.transactions.to_string()),
            (("按代码统计的拒绝", "refused, by code"), format!("{:?}", self.refused)),
            (("存证", "records registered"), format!("{} / {} ({})", self.records_registered, self.records, self.data)),
            (("各节点状态一致", "one state on all nodes"), yes(self.state_roots_equal)),
            (("独立验证通过", "proofs that held"), self.proofs_verified.to_string()),
            (("不存在证明", "absence proven"), yes(self.absence_verified)),
            (("伪造被识破", "forgeries refused"), format!("{refused} / {forged}")),
            (("证明样本", "sample bundle"), self.bundle.display().to_string()),
            (("创世文件（核验只需信它）", "genesis (all a checker trusts)"), self.genesis.display().to_string()),
            (("用时", "seconds"), format!("{:.1}", self.seconds)),
        ]
    }
}

/// The greatest resident memory that this process has had, in bytes.
pub fn memory_peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
