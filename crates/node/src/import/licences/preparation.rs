//! From a row to a call: identifier, holder, face, source, anomalies, confidence. Pure but for the memory of the rows before.

use super::faces::{FaceRecord, SaltedText};
use super::mapping::{BadCodes, HolderCodeKind, Mapping};
use super::values::{date, end_of_day, tidy, value};
use crate::import::error::RowError;
use crate::import::rows::Row;
use crate::import::secret::ImportSecret;
use std::collections::HashMap;
use tongban_crypto::commitment;
use tongban_modules::Call;
use tongban_modules::licences::{self, Anomaly, Content, Holder, LicenceSource, Period, SourceState};
use tongban_types::codes::{
    CitizenId, CitizenIdError, LicenceIdentifier, LicenceIssuer, UnifiedSocialCreditCode, UnifiedSocialCreditCodeError,
    normalise,
};
use tongban_types::licence_face::{Face, FaceField, FieldValue, Salt};
use tongban_types::{Digest, List, Primitives, Time};

const SERIAL: &[u8] = b"tongban/import-licence/1:";
const SALT: &[u8] = b"tongban/import-licence-salt/1:";
const HOLDER: &[u8] = b"tongban/import-holder/1:";
const CHECKSUM_SALT: &[u8] = b"tongban/import-file-salt/1:";

/// What each anomaly takes of a row's confidence.
const CONFIDENCE_OF_AN_ANOMALY: u8 = 10;

/// Why a row is no licence; the serialized name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumIter)]
pub enum LicenceImportError {
    /// The file lacks a column that the mapping names.
    #[strum(serialize = "import.mapping_column")]
    MappingColumn,
    /// The columns of the key are blank.
    #[strum(serialize = "import.licence_key")]
    LicenceKey,
    /// An earlier row has the same key.
    #[strum(serialize = "import.licence_repeated")]
    LicenceRepeated,
    /// The holder's code is missing, or no code of its kind.
    #[strum(serialize = "import.holder_code")]
    HolderCode,
    /// The check character of the holder's code does not fit.
    #[strum(serialize = "import.holder_code_check")]
    HolderCodeCheck,
    /// The issuer is neither a credit code nor the code of a division.
    #[strum(serialize = "import.licence_issuer")]
    LicenceIssuer,
    /// The word for the licence's state is not in the mapping.
    #[strum(serialize = "import.licence_state")]
    LicenceState,
}

impl LicenceImportError {
    /// The stable code.
    pub fn code(self) -> &'static str {
        self.into()
    }

    fn at(self, row: &Row, message: impl Into<String>) -> RowError {
        RowError { line: row.line, code: self.code().into(), message: message.into(), content: row.content() }
    }
}

/// A row, the call that takes it over, and what the vault gets.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The row, for the error file.
    pub row: Row,
    /// The licence.
    pub identifier: LicenceIdentifier,
    /// The call.
    pub call: Call,
    /// Fields and salts.
    pub face: FaceRecord,
}

/// Where the rows of a file come from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The department that takes them over.
    pub by: UnifiedSocialCreditCode,
    /// The salted checksum of the file, of [`checksum`].
    pub file: Digest,
    /// When the source said so.
    pub as_of: Time,
}

/// Makes calls of rows.
pub struct Preparer {
    mapping: Mapping,
    origin: Origin,
    secret: ImportSecret,
    primitives: &'static dyn Primitives,
    /// The line of each serial so far.
    serials: HashMap<String, u64>,
    /// Holders so far.
    holders: HashMap<Digest, u64>,
    are_columns_checked: bool,
}

/// The salted commitment to a file that stands with each of its licences: hash of the file, with a salt from the secret and that hash.
pub fn checksum(content: &[u8], secret: &ImportSecret, primitives: &dyn Primitives) -> Digest {
    let hash = primitives.hash(&[content]);
    let salt = primitives.hash(&[CHECKSUM_SALT, secret.expose_bytes(), &hash.0]);
    commitment(primitives, &salt.0, &hash.0)
}

impl Preparer {
    /// For the rows of one file.
    pub fn new(mapping: Mapping, origin: Origin, secret: ImportSecret, primitives: &'static dyn Primitives) -> Self {
        let (serials, holders) = (HashMap::new(), HashMap::new());
        Self { mapping, origin, secret, primitives, serials, holders, are_columns_checked: false }
    }

    /// Refuses a file without a column that the mapping names, by its first row.
    pub fn check_columns(&mut self, row: &Row) -> Result<(), RowError> {
        if std::mem::replace(&mut self.are_columns_checked, true) {
            return Ok(());
        }
        let is_missing = |column: &str| row.fields.iter().all(|(name, _)| name != column);
        match self.mapping.columns().into_iter().find(|column| is_missing(column)) {
            None => Ok(()),
            Some(column) => Err(RowError {
                line: 0,
                code: LicenceImportError::MappingColumn.code().into(),
                message: format!("the file has no column {column}, which the mapping names"),
                content: String::new(),
            }),
        }
    }

    /// The call for a row, or why there is none.
    pub fn prepare(&mut self, row: Row) -> Result<Prepared, RowError> {
        let mut anomalies = Vec::new();
        let holder_code = self.holder_code(&row, &mut anomalies)?;
        let identifier = self.identifier(&row)?;
        if let Some(line) = self.serials.get(identifier.serial()) {
            let message = format!("line {line} has the same key");
            return Err(LicenceImportError::LicenceRepeated.at(&row, message));
        }
        let (state, state_since) = self.state(&row, &mut anomalies)?;
        let face = self.face(&row, &identifier, &mut anomalies);
        let certificate_number = self.certificate_number(&row, &identifier);
        let period = self.period(&row, &mut anomalies);
        let commitment_to_holder = self.holder(&holder_code, &identifier);
        if self.holders.insert(commitment_to_holder, row.line).is_some() {
            anomalies.push(Anomaly::SameHolder);
        }
        self.serials.insert(identifier.serial().to_owned(), row.line);
        anomalies.sort_unstable();
        anomalies.dedup();
        let lost = u8::try_from(anomalies.len()).unwrap_or(u8::MAX).saturating_mul(CONFIDENCE_OF_AN_ANOMALY);
        let source = LicenceSource {
            system: self.mapping.system.clone(),
            file: self.origin.file,
            row: row.line,
            as_of: self.origin.as_of,
            confidence: self.mapping.confidence.saturating_sub(lost),
            state,
            state_since,
            anomalies: List::new(anomalies).expect("each kind once"),
        };
        let root = face.root(self.primitives);
        let number = certificate_number.as_ref();
        let number = number.map(|text| commitment(self.primitives, &text.salt.0, text.value.as_bytes()));
        let call = Call::Licences(licences::Call::ImportLicence {
            identifier: identifier.clone(),
            by: self.origin.by,
            holder: Holder::Commitment { commitment: commitment_to_holder },
            content: Content { certificate_number: number, face: root, period },
            source,
        });
        let face = FaceRecord { identifier: identifier.clone(), holder_code, certificate_number, root, face };
        Ok(Prepared { row, identifier, call, face })
    }

    /// The holder's code in the spelling of codes.
    fn holder_code(&self, row: &Row, anomalies: &mut Vec<Anomaly>) -> Result<FieldValue, RowError> {
        let mapping = &self.mapping.holder;
        let code = tidy(&normalise(cell(row, &mapping.column)), &mut Vec::new());
        let fault = if code.is_empty() { Some(Anomaly::HolderCodeMissing) } else { code_fault(&code, mapping.kind) };
        match (fault, mapping.bad_codes) {
            (None, _) => {}
            (Some(fault), BadCodes::Flag) => anomalies.push(fault),
            (Some(Anomaly::HolderCodeCheck), BadCodes::Refuse) => {
                let message = "the check character of the holder's code does not fit";
                return Err(LicenceImportError::HolderCodeCheck.at(row, message));
            }
            (Some(_), BadCodes::Refuse) => {
                return Err(LicenceImportError::HolderCode.at(row, "the holder's code is missing or none of its kind"));
            }
        }
        Ok(code)
    }

    fn identifier(&self, row: &Row) -> Result<LicenceIdentifier, RowError> {
        let key: Vec<String> = self.mapping.key.iter().map(|column| normalise(cell(row, column))).collect();
        if key.iter().all(String::is_empty) {
            return Err(LicenceImportError::LicenceKey.at(row, "the columns of the key are blank"));
        }
        let issuer = match (&self.mapping.issuer, &self.mapping.issuer_column) {
            (Some(issuer), _) => issuer.to_string(),
            (None, Some(column)) => normalise(cell(row, column)),
            (None, None) => String::new(),
        };
        let issuer: LicenceIssuer =
            issuer.parse().map_err(|error| LicenceImportError::LicenceIssuer.at(row, format!("{error}")))?;
        let licence_type = self.mapping.licence_type;
        let key = tongban_types::codec::encode(&key);
        let digest =
            self.primitives.hash(&[SERIAL, self.secret.expose_bytes(), licence_type.as_str().as_bytes(), &key]);
        Ok(LicenceIdentifier::new(licence_type, issuer, &serial(&digest), 1)
            .expect("a type, an issuer and 26 digits and letters make an identifier"))
    }

    fn state(&self, row: &Row, anomalies: &mut Vec<Anomaly>) -> Result<(SourceState, Option<Time>), RowError> {
        let Some(mapping) = &self.mapping.state else { return Ok((SourceState::Valid, None)) };
        let word = cell(row, &mapping.column).trim();
        let code = mapping.words.get(word).map_or(word, String::as_str);
        let state = SourceState::from_code(code).ok_or_else(|| {
            LicenceImportError::LicenceState.at(row, "the mapping does not say which state this word means")
        })?;
        let since = mapping.since.as_ref().map_or("", |column| cell(row, column).trim());
        let read = date(since, &self.mapping.date_formats);
        if !since.is_empty() && read.is_none() {
            anomalies.push(Anomaly::DateForm);
        }
        Ok((state, read))
    }

    fn face(&self, row: &Row, identifier: &LicenceIdentifier, anomalies: &mut Vec<Anomaly>) -> Face {
        let mut fields = Vec::new();
        for field in &self.mapping.fields {
            let value = value(cell(row, &field.column), field.kind, &self.mapping.date_formats, anomalies);
            if value.is_empty() && field.required {
                anomalies.push(Anomaly::FieldMissing);
            }
            fields.push(FaceField { name: field.name.clone(), value, salt: self.salt(identifier, &field.name) });
        }
        Face::new(fields).expect("the mapping was checked")
    }

    fn certificate_number(&self, row: &Row, identifier: &LicenceIdentifier) -> Option<SaltedText> {
        let column = self.mapping.certificate_number.as_ref()?;
        let value = tidy(cell(row, column), &mut Vec::new());
        // No field can have this name, which has a blank before it.
        (!value.is_empty()).then(|| SaltedText { value, salt: self.salt(identifier, " certificate_number") })
    }

    fn period(&self, row: &Row, anomalies: &mut Vec<Anomaly>) -> Period {
        let mut read = |column: &Option<super::mapping::Column>| {
            let text = column.as_ref().map_or("", |column| cell(row, column).trim());
            if text.is_empty() || text.contains("长期") {
                return None;
            }
            let day = date(text, &self.mapping.date_formats);
            if day.is_none() {
                anomalies.push(Anomaly::DateForm);
            }
            day
        };
        let (from, until) = (read(&self.mapping.valid_from), read(&self.mapping.valid_until));
        Period { from, until: until.map(end_of_day) }
    }

    /// The keyed commitment to a holder: the same for all his licences under one secret. Who has no code has one for each licence.
    fn holder(&self, code: &str, identifier: &LicenceIdentifier) -> Digest {
        let whose = if code.is_empty() { identifier.as_str() } else { code };
        self.primitives.hash(&[HOLDER, self.secret.expose_bytes(), whose.as_bytes()])
    }

    /// The salt of a field. Whoever is shown a salt cannot extend the hash to another field's: what extends it is no text.
    fn salt(&self, identifier: &LicenceIdentifier, field: &str) -> Salt {
        let parts = [SALT, self.secret.expose_bytes(), identifier.as_str().as_bytes(), &[0], field.as_bytes()];
        Salt(self.primitives.hash(&parts).0)
    }
}

fn cell<'a>(row: &'a Row, column: &str) -> &'a str {
    row.fields.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value)
}

fn code_fault(code: &str, kind: HolderCodeKind) -> Option<Anomaly> {
    match kind {
        HolderCodeKind::Other => None,
        HolderCodeKind::CreditCode => match code.parse::<UnifiedSocialCreditCode>() {
            Ok(_) => None,
            Err(UnifiedSocialCreditCodeError::WrongCheck) => Some(Anomaly::HolderCodeCheck),
            Err(_) => Some(Anomaly::HolderCodeForm),
        },
        HolderCodeKind::CitizenId => match code.parse::<CitizenId>() {
            Ok(_) => None,
            Err(CitizenIdError::WrongCheck) => Some(Anomaly::HolderCodeCheck),
            Err(_) => Some(Anomaly::HolderCodeForm),
        },
    }
}

/// 128 bits in 26 digits and upper-case letters.
fn serial(digest: &Digest) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHIJKLMNOPQRSTUV";
    let mut number = u128::from_be_bytes(digest.0[..16].try_into().expect("16 bytes"));
    let mut text = [b'0'; 26];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[usize::try_from(number % 32).expect("less than 32")];
        number /= 32;
    }
    String::from_utf8(text.to_vec()).expect("digits and letters")
}
