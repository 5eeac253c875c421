//! From a row to a call: identifier, holder, face, source, anomalies, confidence. Pure but for the memory of the rows before.

use super::faces::{FaceRecord, SaltedText};
use super::mapping::{BadCodes, Column, FieldMapping, Mapping};
use super::standards::{self, check, read};
use super::values::{date, day_in_beijing, end_of_day, tidy, value};
use crate::import::error::RowError;
use crate::import::rows::Row;
use crate::import::secret::ImportSecret;
use std::collections::{BTreeSet, HashMap};
use tongban_crypto::commitment;
use tongban_modules::Call;
use tongban_modules::licence_metadata::is_holder_type;
use tongban_modules::licences::{self, Anomaly, Content, Holder, LicenceSource, Metadata, Period, SourceState};
use tongban_types::codes::{DivisionCode, LicenceIdentifier, LicenceIssuer, UnifiedSocialCreditCode, normalise};
use tongban_types::licence_face::{Face, FaceField, FieldValue, Salt};
use tongban_types::{Digest, List, Primitives, Text, Time};

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
    /// The identifier, or the serial or version of it, is missing or none, or is of another type or issuer than the mapping says.
    #[strum(serialize = "import.licence_identifier")]
    LicenceIdentifier,
    /// The check character of the identifier does not fit.
    #[strum(serialize = "import.licence_identifier_check")]
    LicenceIdentifierCheck,
    /// A field is no code of the standard that the mapping binds it to.
    #[strum(serialize = "import.field_code")]
    FieldCode,
    /// The check character of a code in a field does not fit.
    #[strum(serialize = "import.field_code_check")]
    FieldCodeCheck,
    /// The division is none, or the kind of holder is no code of three digits.
    #[strum(serialize = "import.licence_metadata")]
    LicenceMetadata,
    /// The ledger has the licence, and not as the row says.
    #[strum(serialize = "import.licence_differs")]
    LicenceDiffers,
}

impl LicenceImportError {
    /// The stable code.
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// This error of a row.
    pub fn at(self, row: &Row, message: impl Into<String>) -> RowError {
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
    /// The divisions that codes of the row name.
    pub divisions: BTreeSet<DivisionCode>,
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
    /// The line of each serial so far, or of each identifier where rows bring their own.
    lines: HashMap<String, u64>,
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
        let (lines, holders) = (HashMap::new(), HashMap::new());
        Self { mapping, origin, secret, primitives, lines, holders, are_columns_checked: false }
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
        let key = if self.mapping.key.is_empty() { identifier.as_str() } else { identifier.serial() }.to_owned();
        if let Some(line) = self.lines.get(&key) {
            let message = format!("line {line} has the same key");
            return Err(LicenceImportError::LicenceRepeated.at(&row, message));
        }
        let (state, state_since) = self.state(&row, &mut anomalies)?;
        let face = self.face(&row, &identifier, &mut anomalies)?;
        let metadata = self.metadata(&row)?;
        let certificate_number = self.certificate_number(&row, &identifier);
        let (period, is_end_unknown) = self.period(&row, &mut anomalies);
        let commitment_to_holder = self.holder(&holder_code, &identifier);
        if self.holders.insert(commitment_to_holder, row.line).is_some() {
            anomalies.push(Anomaly::SameHolder);
        }
        self.lines.insert(key, row.line);
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
            is_end_unknown,
        };
        let root = face.root(self.primitives);
        let number = certificate_number.as_ref();
        let number = number.map(|text| commitment(self.primitives, &text.salt.0, text.value.as_bytes()));
        let divisions = self.divisions(&holder_code, &face);
        let call = Call::Licences(licences::Call::ImportLicence {
            identifier: identifier.clone(),
            by: self.origin.by,
            holder: Holder::Commitment { commitment: commitment_to_holder },
            content: Content { certificate_number: number, face: root, period, metadata },
            source,
        });
        let face = FaceRecord { identifier: identifier.clone(), holder_code, certificate_number, root, face };
        Ok(Prepared { row, identifier, call, face, divisions })
    }

    fn divisions(&self, holder_code: &str, face: &Face) -> BTreeSet<DivisionCode> {
        let of_holder =
            self.mapping.holder.kind.standard().and_then(|standard| standards::division(standard, holder_code));
        let of_field = |field: &FieldMapping| standards::division(field.standard?, &face.field(&field.name)?.value);
        of_holder.into_iter().chain(self.mapping.fields.iter().filter_map(of_field)).collect()
    }

    /// The holder's code in the spelling of codes.
    fn holder_code(&self, row: &Row, anomalies: &mut Vec<Anomaly>) -> Result<FieldValue, RowError> {
        let mapping = &self.mapping.holder;
        let code = tidy(&normalise(cell(row, &mapping.column)), &mut Vec::new());
        let (anomaly, error, reason) = if code.is_empty() {
            (Anomaly::HolderCodeMissing, LicenceImportError::HolderCode, "it is missing".to_owned())
        } else {
            let today = day_in_beijing(self.origin.as_of);
            match mapping.kind.standard().map_or(Ok(()), |standard| check(standard, &code, today)) {
                Ok(()) => return Ok(code),
                Err(fault) if fault.is_check => {
                    (Anomaly::HolderCodeCheck, LicenceImportError::HolderCodeCheck, fault.reason)
                }
                Err(fault) => (Anomaly::HolderCodeForm, LicenceImportError::HolderCode, fault.reason),
            }
        };
        match mapping.bad_codes {
            BadCodes::Refuse => Err(error.at(row, format!("the holder's code: {reason}"))),
            BadCodes::Flag => {
                anomalies.push(anomaly);
                Ok(code)
            }
        }
    }

    fn identifier(&self, row: &Row) -> Result<LicenceIdentifier, RowError> {
        match (&self.mapping.identifier, &self.mapping.serial) {
            (Some(column), _) => self.given_identifier(row, column),
            (None, Some(column)) => self.identifier_of_serial(row, column),
            (None, None) => self.derived_identifier(row),
        }
    }

    /// The identifier that the row has.
    fn given_identifier(&self, row: &Row, column: &Column) -> Result<LicenceIdentifier, RowError> {
        let text = normalise(cell(row, column));
        if text.is_empty() {
            return Err(LicenceImportError::LicenceIdentifier.at(row, "the identifier is missing"));
        }
        let identifier: LicenceIdentifier = read(&text).map_err(|fault| {
            let error = if fault.is_check {
                LicenceImportError::LicenceIdentifierCheck
            } else {
                LicenceImportError::LicenceIdentifier
            };
            error.at(row, fault.reason)
        })?;
        if identifier.licence_type() != self.mapping.licence_type {
            let message = format!("the identifier is of the type {}", identifier.licence_type());
            return Err(LicenceImportError::LicenceIdentifier.at(row, message));
        }
        let is_issuer_named = self.mapping.issuer.is_some() || self.mapping.issuer_column.is_some();
        if is_issuer_named && self.issuer(row)? != identifier.issuer() {
            let message = format!("the identifier is of the issuer {}", identifier.issuer());
            return Err(LicenceImportError::LicenceIdentifier.at(row, message));
        }
        Ok(identifier)
    }

    /// The identifier that the row has all parts of but the check character.
    fn identifier_of_serial(&self, row: &Row, column: &Column) -> Result<LicenceIdentifier, RowError> {
        let issuer = self.issuer(row)?;
        let serial = normalise(cell(row, column));
        let version = match &self.mapping.version {
            None => Some(1),
            Some(column) => normalise(cell(row, column)).parse().ok().filter(|version| *version > 0),
        };
        let Some(version) = version else {
            return Err(LicenceImportError::LicenceIdentifier.at(row, "the version is a number from 1 to 999"));
        };
        LicenceIdentifier::new(self.mapping.licence_type, issuer, &serial, version)
            .map_err(|error| LicenceImportError::LicenceIdentifier.at(row, error.to_string()))
    }

    fn issuer(&self, row: &Row) -> Result<LicenceIssuer, RowError> {
        let issuer = match (&self.mapping.issuer, &self.mapping.issuer_column) {
            (Some(issuer), _) => issuer.to_string(),
            (None, Some(column)) => normalise(cell(row, column)),
            (None, None) => String::new(),
        };
        issuer.parse().map_err(|error| LicenceImportError::LicenceIssuer.at(row, format!("{error}")))
    }

    /// An identifier for a row that has none, the same in each run with the same secret.
    fn derived_identifier(&self, row: &Row) -> Result<LicenceIdentifier, RowError> {
        let key: Vec<String> = self.mapping.key.iter().map(|column| normalise(cell(row, column))).collect();
        if key.iter().all(String::is_empty) {
            return Err(LicenceImportError::LicenceKey.at(row, "the columns of the key are blank"));
        }
        let issuer = self.issuer(row)?;
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

    fn face(&self, row: &Row, identifier: &LicenceIdentifier, anomalies: &mut Vec<Anomaly>) -> Result<Face, RowError> {
        let mut fields = Vec::new();
        for field in &self.mapping.fields {
            let value = value(cell(row, &field.column), field.kind, &self.mapping.date_formats, anomalies);
            if value.is_empty() && field.required {
                anomalies.push(Anomaly::FieldMissing);
            }
            self.check_standard(row, field, &value)?;
            fields.push(FaceField { name: field.name.clone(), value, salt: self.salt(identifier, &field.name) });
        }
        Ok(Face::new(fields).expect("the mapping was checked"))
    }

    /// What a directory lists of it. Blank cells say nothing.
    fn metadata(&self, row: &Row) -> Result<Metadata, RowError> {
        let given = |column: &Option<Column>| {
            column.as_ref().map(|column| normalise(cell(row, column))).filter(|text| !text.is_empty())
        };
        let area_code = match given(&self.mapping.area_column) {
            None => self.mapping.area_code,
            Some(text) => Some(read(&text).map_err(|fault| {
                LicenceImportError::LicenceMetadata.at(row, format!("the division: {}", fault.reason))
            })?),
        };
        let holder_type = match given(&self.mapping.holder_type_column) {
            None => self.mapping.holder_type.clone(),
            Some(text) => Some(Text::new(&*text).ok().filter(|code| is_holder_type(code)).ok_or_else(|| {
                LicenceImportError::LicenceMetadata.at(row, "a kind of holder is a code of three digits")
            })?),
        };
        Ok(Metadata { area_code, holder_type })
    }

    /// Refuses a value that is no code of its field's standard. The holder's own code was judged before, as the mapping says of it.
    fn check_standard(&self, row: &Row, field: &FieldMapping, value: &str) -> Result<(), RowError> {
        let holder = &self.mapping.holder;
        let is_judged = field.column == holder.column && field.standard == holder.kind.standard();
        let Some(standard) = field.standard.filter(|_| !is_judged && !value.is_empty()) else { return Ok(()) };
        check(standard, value, day_in_beijing(self.origin.as_of)).map_err(|fault| {
            let error = if fault.is_check { LicenceImportError::FieldCodeCheck } else { LicenceImportError::FieldCode };
            error.at(row, format!("{}: {}", field.name, fault.reason))
        })
    }

    fn certificate_number(&self, row: &Row, identifier: &LicenceIdentifier) -> Option<SaltedText> {
        let column = self.mapping.certificate_number.as_ref()?;
        let value = tidy(cell(row, column), &mut Vec::new());
        // No field can have this name, which has a blank before it.
        (!value.is_empty()).then(|| SaltedText { value, salt: self.salt(identifier, " certificate_number") })
    }

    /// From when until when, and whether nobody can read until when: then it has no end here, and is not without one.
    fn period(&self, row: &Row, anomalies: &mut Vec<Anomaly>) -> (Period, bool) {
        let mut read_day = |column: &Option<Column>| {
            let text = column.as_ref().map_or("", |column| cell(row, column).trim());
            let day = date(text, &self.mapping.date_formats);
            let is_unreadable = day.is_none() && !text.is_empty() && !text.contains("长期");
            if is_unreadable {
                anomalies.push(Anomaly::DateForm);
            }
            (day, is_unreadable)
        };
        let (from, _) = read_day(&self.mapping.valid_from);
        let (until, is_end_unknown) = read_day(&self.mapping.valid_until);
        (Period { from, until: until.map(end_of_day) }, is_end_unknown)
    }

    /// The keyed commitment to a holder: the same for all his licences under one secret. Who has no code has one for each licence.
    fn holder(&self, code: &str, identifier: &LicenceIdentifier) -> Digest {
        let whose = if code.is_empty() { identifier.as_str() } else { code };
        self.primitives.hash(&[HOLDER, self.secret.expose_bytes(), whose.as_bytes()])
    }

    fn salt(&self, identifier: &LicenceIdentifier, field: &str) -> Salt {
        salt_of(&self.secret, identifier, field, self.primitives)
    }
}

/// The salt of a field. Whoever is shown a salt cannot extend the hash to another field's: what extends it is no text.
pub fn salt_of(
    secret: &ImportSecret,
    identifier: &LicenceIdentifier,
    field: &str,
    primitives: &dyn Primitives,
) -> Salt {
    let parts = [SALT, secret.expose_bytes(), identifier.as_str().as_bytes(), &[0], field.as_bytes()];
    Salt(primitives.hash(&parts).0)
}

fn cell<'a>(row: &'a Row, column: &str) -> &'a str {
    row.fields.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value)
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
