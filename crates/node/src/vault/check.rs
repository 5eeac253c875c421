//! Comparing what a vault keeps with what the ledger commits to, object by object.

use super::inventory::about;
use crate::asking::ask;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::ProgressBar;
use serde::Serialize;
use tongban_api::Client;
use tongban_crypto::commitment;
use tongban_modules::{Query, View, cases, licences};
use tongban_types::{Digest, Primitives};
use tongban_vault::{Content, Label, ObjectId, Vault, VaultError};

/// Objects that are open at a time.
const PART_OBJECTS: usize = 100;
/// Questions that are under way at a time.
const IN_FLIGHT: usize = 8;

/// What the comparison has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Objects that were compared.
    pub objects: u64,
    /// Those that are what the ledger commits to.
    pub agree: u64,
    /// The others.
    pub findings: Vec<Finding>,
}

/// An object that is not what the ledger commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its name in the vault.
    pub id: String,
    /// The licence or case; none where the object cannot be read.
    pub about: Option<String>,
    /// The stable code.
    pub code: String,
}

/// What the ledger has of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// Of a licence.
    Licence(licences::Content),
    /// Of a case: the commitment to its form.
    Form(Digest),
}

/// Compares all objects of a vault with the ledger.
pub async fn check(
    vault: &Vault,
    client: &Client,
    primitives: &dyn Primitives,
    progress: &ProgressBar,
) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let mut after = None;
    loop {
        let opened = vault.open_part(after, PART_OBJECTS)?;
        let compared = stream::iter(opened.objects)
            .map(|(id, content)| compare(client, primitives, id, content))
            .buffered(IN_FLIGHT)
            .try_collect::<Vec<Option<Finding>>>()
            .await?;
        report.objects += compared.len() as u64;
        report.agree += compared.iter().filter(|finding| finding.is_none()).count() as u64;
        report.findings.extend(compared.into_iter().flatten());
        progress.set_message(format!("{} compared, {} findings", report.objects, report.findings.len()));
        after = opened.next;
        if after.is_none() {
            progress.finish_and_clear();
            return Ok(report);
        }
    }
}

async fn compare(
    client: &Client,
    primitives: &dyn Primitives,
    id: ObjectId,
    content: Result<Content, VaultError>,
) -> anyhow::Result<Option<Finding>> {
    let finding = |about, code: &str| Some(Finding { id: id.to_string(), about, code: code.to_owned() });
    let content = match content {
        Ok(content) => content,
        Err(error) => return Ok(finding(None, &error.code())),
    };
    let label = content.label();
    let committed = committed(client, &label).await?;
    Ok(judge(&content, committed.as_ref(), primitives).and_then(|code| finding(Some(about(&label)), code)))
}

/// What is wrong with an object, by what the ledger has of it; none where it agrees.
pub fn judge(content: &Content, committed: Option<&Committed>, primitives: &dyn Primitives) -> Option<&'static str> {
    let agrees = match (content, committed) {
        (_, None) => return Some("vault.not_on_ledger"),
        (Content::Form(form), Some(Committed::Form(root))) => form.root(primitives) == *root,
        // What proves the answers is checked against the faces of their licences when the form is reviewed.
        (Content::Sourced(sourced), Some(Committed::Form(root))) => sourced.form.root(primitives) == *root,
        (Content::Face(stored), Some(Committed::Licence(licence))) => stored.face.root(primitives) == licence.face,
        (Content::Imported(imported), Some(Committed::Licence(licence))) => {
            let number = imported.certificate_number.as_ref();
            let number = number.map(|number| commitment(primitives, &number.salt.0, number.value.as_bytes()));
            imported.stored.face.root(primitives) == licence.face && number == licence.certificate_number
        }
        (Content::Form(_) | Content::Sourced(_), Some(Committed::Licence(_)))
        | (Content::Face(_) | Content::Imported(_), Some(Committed::Form(_))) => false,
    };
    (!agrees).then_some("vault.differs")
}

/// What the ledger has of what an object is about.
pub async fn committed(client: &Client, label: &Label) -> anyhow::Result<Option<Committed>> {
    let question = match label {
        Label::Face(licence) => Query::Licences(licences::Query::Licence { identifier: licence.clone() }),
        Label::Form(case) => Query::Cases(cases::Query::Case { case: case.clone() }),
    };
    Ok(match ask(client, &question).await? {
        View::Licences(licences::View::Licence { licence }) => {
            licence.map(|licence| Committed::Licence(licence.content))
        }
        View::Cases(cases::View::Case { filing, .. }) => filing.map(|filing| Committed::Form(filing.form)),
        other => anyhow::bail!("the node answered another question: {other:?}"),
    })
}

/// The report as text.
pub fn in_words(report: &Report) -> String {
    let lines = report.findings.iter().map(|finding| {
        format!("{}  {}  {}\n", finding.code, finding.id, finding.about.as_deref().unwrap_or("cannot be read"))
    });
    let lines: String = lines.collect();
    format!("objects   {}\nagree     {}\nfindings  {}\n{lines}", report.objects, report.agree, report.findings.len())
}
