//! Rows as calls to the evidence module.

use super::rows::Row;
use super::secret::ImportSecret;
use tongban_crypto::commitment;
use tongban_modules::Call;
use tongban_modules::evidence::{self, FieldCommitment, Source};
use tongban_types::{AccountId, Digest, EvidenceId, List, Primitives, Text, Time, codec};

/// The field that commits to the whole row.
pub const CONTENT: &str = "content";
/// Columns with a commitment of their own; further ones are covered by [`CONTENT`] alone.
pub const COLUMNS_MAX: usize = 15;

const NAME_CHARS_MAX: usize = 40;
const ID: &[u8] = b"tongban/import-id/1:";
const SALT: &[u8] = b"tongban/import-salt/1:";
const METHOD: &str = concat!("tongban import ", env!("CARGO_PKG_VERSION"));

/// Where the rows of a file come from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The account of whoever collected them.
    pub operator: AccountId,
    /// The system they were collected from.
    pub system: Text<100>,
    /// When the file was last changed.
    pub file_time: Time,
    /// The network's time.
    pub now: Time,
}

/// The registration of a row and the number it gets.
///
/// `occurrence` counts rows of the same content within the file from 0, so that a repeated line is a record of its own. The
/// number depends on the secret, the content and the occurrence; not on the file's name, the line or the time.
pub fn to_call(
    row: &Row,
    occurrence: u32,
    secret: &ImportSecret,
    origin: &Origin,
    primitives: &dyn Primitives,
) -> (EvidenceId, Call) {
    let content = canonical_bytes(row);
    let id = id_of(&content, occurrence, secret, primitives);
    let collected_at = row.collected_at.filter(|time| *time <= origin.now);
    let source = Source {
        object_type: row.object_type,
        system: origin.system.clone(),
        method: Text::new(METHOD).expect("a short line of plain characters"),
        operator: origin.operator,
        collected_at: collected_at.unwrap_or(origin.file_time.min(origin.now)),
    };
    let mut values: Vec<&[u8]> = vec![&content];
    values.extend(row.fields.iter().take(COLUMNS_MAX).map(|(_, value)| value.as_bytes()));
    let commit = |(field, value): (Text<NAME_CHARS_MAX>, &[u8])| {
        let salt = salt(secret, &id, &field, primitives);
        FieldCommitment { commitment: commitment(primitives, &salt.0, value), field }
    };
    let commitments = field_names(row).into_iter().zip(values).map(commit).collect();
    let commitments = List::new(commitments).expect("the content and at most 15 columns");
    (id, Call::Evidence(evidence::Call::Register { id, source, previous: None, commitments }))
}

/// The row as it is hashed: the encoding of its columns and values.
pub fn canonical_bytes(row: &Row) -> Vec<u8> {
    codec::encode(&row.fields)
}

fn id_of(content: &[u8], occurrence: u32, secret: &ImportSecret, primitives: &dyn Primitives) -> EvidenceId {
    let digest = primitives.hash(&[ID, secret.expose_bytes(), content, &occurrence.to_be_bytes()]);
    let mut id = [0; EvidenceId::BYTES];
    id.copy_from_slice(&digest.0[..EvidenceId::BYTES]);
    EvidenceId(id)
}

/// The salt of a field. Whoever is shown a salt cannot extend the hash to another field's: what extends it is no text.
pub fn salt(secret: &ImportSecret, id: &EvidenceId, field: &str, primitives: &dyn Primitives) -> Digest {
    primitives.hash(&[SALT, secret.expose_bytes(), id.as_ref(), field.as_bytes()])
}

/// The names of a row's commitments: [`CONTENT`] and its first columns, each made a short line of its own.
pub fn field_names(row: &Row) -> Vec<Text<NAME_CHARS_MAX>> {
    let mut names = vec![Text::new(CONTENT).expect("a short word")];
    for (index, (column, _)) in row.fields.iter().take(COLUMNS_MAX).enumerate() {
        let mut name = tidy(column, NAME_CHARS_MAX);
        if name.is_empty() {
            name = tidy(&format!("column {}", index + 1), NAME_CHARS_MAX);
        }
        let original = name.clone();
        let mut copy = 2;
        while names.contains(&name) {
            let ending = format!(" {copy}");
            let beginning = tidy(&original, NAME_CHARS_MAX - ending.len());
            name = tidy(&format!("{}{ending}", &*beginning), NAME_CHARS_MAX);
            copy += 1;
        }
        names.push(name);
    }
    names
}

/// The name as one trimmed line without control and formatting characters, cut to so many characters.
fn tidy(name: &str, chars_max: usize) -> Text<NAME_CHARS_MAX> {
    let is_allowed = |character: &char| *character == ' ' || Text::<1>::new(*character).is_ok();
    let line = name.chars().map(|character| if character.is_whitespace() { ' ' } else { character });
    let cut: String = line.filter(is_allowed).skip_while(|character| *character == ' ').take(chars_max).collect();
    Text::new(cut.trim()).expect("allowed characters, trimmed and cut")
}
