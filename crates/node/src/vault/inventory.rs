//! What a vault holds, in words: a page of its objects, and one of them.

use serde::Serialize;
use std::fmt::Write as _;
use std::str::FromStr;
use tongban_modules::sharing::Fields;
use tongban_types::Digest;
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::licence_face::{Face, FaceField};
use tongban_vault::{Content, Label, ObjectId, Opened, StoredForm};

/// A page of a vault's objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// The objects.
    pub objects: Vec<Entry>,
    /// What to give `--after` for the next page; none at the end.
    pub next: Option<String>,
}

/// One object. Nothing of what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name in the vault.
    pub id: String,
    /// What it is: `face`, `form` or `sourced_form`; none where it cannot be read.
    pub kind: Option<&'static str>,
    /// What it keeps besides, by its kind: `certificate_number`, `holder_code`.
    pub beside: Vec<&'static str>,
    /// The licence or the case that it is about.
    pub about: Option<String>,
    /// Why it cannot be read.
    pub trouble: Option<String>,
}

/// The page of what was opened.
pub fn inventory(opened: &Opened) -> Inventory {
    let objects = opened.objects.iter().map(|(id, content)| {
        let id = id.to_string();
        match content {
            Ok(content) => Entry {
                id,
                kind: Some(kind(content)),
                beside: beside(content),
                about: Some(about(&content.label())),
                trouble: None,
            },
            Err(error) => Entry { id, kind: None, beside: Vec::new(), about: None, trouble: Some(error.code()) },
        }
    });
    Inventory { objects: objects.collect(), next: opened.next.as_ref().map(ObjectId::to_string) }
}

fn kind(content: &Content) -> &'static str {
    match content {
        Content::Face(_) | Content::Imported(_) => "face", // whether it was issued here or taken over, the ledger knows
        Content::Form(_) => "form",
        Content::Sourced(_) => "sourced_form",
    }
}

/// What is kept beside a face.
fn beside(content: &Content) -> Vec<&'static str> {
    let Content::Imported(imported) = content else { return Vec::new() };
    let number = imported.certificate_number.as_ref().map(|_| "certificate_number");
    let holder_code = (!imported.holder_code.is_empty()).then_some("holder_code");
    number.into_iter().chain(holder_code).collect()
}

/// The number of the licence or the case.
pub fn about(label: &Label) -> String {
    match label {
        Label::Face(licence) => licence.to_string(),
        Label::Form(case) => case.to_string(),
    }
}

/// The page as text.
pub fn in_words(inventory: &Inventory) -> String {
    let mut text = String::new();
    for entry in &inventory.objects {
        let (kind, about) = (entry.kind.unwrap_or("unreadable"), entry.about.as_deref().unwrap_or_default());
        let trouble = entry.trouble.as_deref().unwrap_or_default();
        let beside: String = entry.beside.iter().map(|kept| format!("  +{kept}")).collect();
        let _ = writeln!(text, "{}  {kind:<10}  {about}{trouble}{beside}", entry.id);
    }
    if let Some(next) = &inventory.next {
        let _ = writeln!(text, "more: --after {next}");
    }
    text
}

/// What an object is about, as it is typed: the identifier of a licence or the number of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName(pub Label);

impl FromStr for ObjectName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Identifiers have points, numbers of cases have none.
        if text.contains('.') {
            let licence: Result<LicenceIdentifier, _> = text.parse();
            return licence.map(|licence| Self(Label::Face(licence))).map_err(|error| error.to_string());
        }
        let case: Result<CaseNumber, _> = text.parse();
        case.map(|case| Self(Label::Form(case))).map_err(|error| error.to_string())
    }
}

/// One object as it is shown. Personal data, where values are.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// What it is about.
    pub about: String,
    /// What the ledger must commit to.
    pub root: Digest,
    /// Its fields, in their order.
    pub fields: Vec<ShownField>,
}

/// One field of it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ShownField {
    /// The name, or the path in a form.
    pub name: String,
    /// What it says, where that may be shown.
    pub value: Option<String>,
}

/// A face: the names of its fields, and the values of those that a recorded access covers.
pub fn show_face(licence: &LicenceIdentifier, face: &Face, root: Digest, covered: Option<&Fields>) -> Shown {
    let is_covered = |field: &FaceField| match covered {
        None => false,
        Some(Fields::Whole) => true,
        Some(Fields::Named(names)) => names.contains(&field.name),
    };
    let fields = face.fields().iter().map(|field| ShownField {
        name: field.name.to_string(),
        value: is_covered(field).then(|| field.value.to_string()),
    });
    Shown { about: licence.to_string(), root, fields: fields.collect() }
}

/// A form with its answers; of attachments the names and hashes.
pub fn show_form(form: &StoredForm, root: Digest) -> Shown {
    let answers = form.answers.iter().map(|answer| ShownField {
        name: answer.path.to_string(),
        value: Some(String::from_utf8_lossy(answer.value.as_ref()).into_owned()),
    });
    let attachments = form
        .attachments
        .iter()
        .map(|attached| ShownField { name: attached.material.to_string(), value: Some(attached.digest.to_string()) });
    Shown { about: form.case.to_string(), root, fields: answers.chain(attachments).collect() }
}

/// An object as text.
pub fn shown_in_words(shown: &Shown) -> String {
    let mut text = format!("{}\nroot {}\n", shown.about, shown.root);
    for field in &shown.fields {
        let _ = match &field.value {
            Some(value) => writeln!(text, "  {} = {value}", field.name),
            None => writeln!(text, "  {}", field.name),
        };
    }
    if shown.fields.iter().all(|field| field.value.is_none()) {
        text += "Values are shown under an access that is recorded on the ledger: --access ID (出示内容须先登记调用)\n";
    }
    text
}
