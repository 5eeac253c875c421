//! The face of a licence (证照照面): its fields, each under a salt of its own, and one root over them.
//!
//! The ledger has the root alone. Whoever holds a licence shows some of its fields with their salts and paths, and anyone checks them
//! against the root, offline and without the others. Values are guessable, so nothing is committed to without a salt: where the salts are
//! erased, no guess can be checked any more, and the root says nothing.
//!
//! ```text
//! root ── RFC 6962 tree ──▶ commitment(0) … commitment(n-1)
//!                           commitment(i) = hash(tag ‖ salt of 32 bytes ‖ name and value of field i)
//! ```

use crate::merkle::{self, MerkleError};
use crate::{Digest, List, Primitives, Text, codec, domain};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;

/// Fields of one face.
pub const FACE_FIELDS_MAX: usize = 64;
/// Digests in the path of one field: the height of a tree of [`FACE_FIELDS_MAX`] leaves.
pub const FACE_PATH_MAX: usize = 6;

/// The name of a field of a face, such as `legal_representative`.
pub type FieldName = Text<40>;
/// The value of a field, one line. The longest are business scopes.
pub type FieldValue = Text<4000>;

/// 32 random bytes, or bytes derived from a secret, that are used for one field of one licence. They are as secret as the field.
///
/// In JSON lower-case hexadecimal. Never in `Debug` output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt")
    }
}

impl Serialize for Salt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Digest(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Digest::deserialize(deserializer)?.0))
    }
}

impl JsonSchema for Salt {
    fn schema_name() -> Cow<'static, str> {
        "Salt".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^([0-9a-f]{2}){32}$" })
    }
}

/// One field with its salt. Personal data: `Debug` shows the name alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaceField {
    /// Its name.
    pub name: FieldName,
    /// Its value, empty where the licence leaves it blank.
    pub value: FieldValue,
    /// Its salt.
    pub salt: Salt,
}

impl fmt::Debug for FaceField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FaceField({})", self.name)
    }
}

impl FaceField {
    /// The salted commitment, which is the leaf of the tree.
    pub fn commitment(&self, primitives: &dyn Primitives) -> Digest {
        let content = codec::encode(&(&self.name, &self.value));
        primitives.hash(&[domain::LICENCE_FIELD, &self.salt.0, &content])
    }
}

/// Why fields make no face, or a disclosure proves nothing; in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaceError {
    /// There are no fields.
    #[error("there is no field")]
    Empty,
    /// More fields than a face has.
    #[error("a face has at most {FACE_FIELDS_MAX} fields, found {found}")]
    TooMany {
        /// The number that was found.
        found: usize,
    },
    /// A field has no name, or that of another.
    #[error("each field has a name of its own")]
    Names,
    /// A field that is to be shown does not exist.
    #[error("the face has no such field")]
    UnknownField,
    /// Fields stand in another order than on the face, or one twice.
    #[error("fields stand in the order of the face, each once")]
    Order,
    /// The path of a field does not lead to the root: the field, its salt or its place is another.
    #[error("field {index} is not the one that the licence has: {cause}")]
    Path {
        /// The field's place.
        index: u16,
        /// What is wrong with the path.
        cause: MerkleError,
    },
}

/// What the ledger has of a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaceRoot {
    /// The root over the salted commitments of its fields.
    pub root: Digest,
    /// How many fields it has, 1 to 64.
    pub fields: u16,
}

/// The whole face, as its holder and the vault have it: 1 to 64 fields with names of their own. Personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Face {
    #[serde(deserialize_with = "fields_of_a_face")]
    fields: List<FaceField, FACE_FIELDS_MAX>,
}

fn fields_of_a_face<'de, D: Deserializer<'de>>(deserializer: D) -> Result<List<FaceField, FACE_FIELDS_MAX>, D::Error> {
    let fields = List::<FaceField, FACE_FIELDS_MAX>::deserialize(deserializer)?;
    Ok(Face::new(fields.into_vec()).map_err(de::Error::custom)?.fields)
}

impl Face {
    /// Takes the fields in the order in which they stand on the licence.
    pub fn new(fields: Vec<FaceField>) -> Result<Self, FaceError> {
        if fields.is_empty() {
            return Err(FaceError::Empty);
        }
        let found = fields.len();
        let fields = List::new(fields).map_err(|_| FaceError::TooMany { found })?;
        let is_own = |index: usize| fields[..index].iter().all(|earlier| earlier.name != fields[index].name);
        if fields.iter().enumerate().any(|(index, field)| field.name.is_empty() || !is_own(index)) {
            return Err(FaceError::Names);
        }
        Ok(Self { fields })
    }

    /// The fields.
    pub fn fields(&self) -> &[FaceField] {
        &self.fields
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&FaceField> {
        self.fields.iter().find(|field| &*field.name == name)
    }

    fn commitments(&self, primitives: &dyn Primitives) -> Vec<Digest> {
        self.fields.iter().map(|field| field.commitment(primitives)).collect()
    }

    /// What the ledger gets.
    pub fn root(&self, primitives: &dyn Primitives) -> FaceRoot {
        let fields = u16::try_from(self.fields.len()).expect("at most 64 fields");
        FaceRoot { root: merkle::root(primitives, &self.commitments(primitives)), fields }
    }

    /// Shows the fields of these names and nothing of the others but how many there are.
    pub fn disclose(&self, names: &[&str], primitives: &dyn Primitives) -> Result<Disclosure, FaceError> {
        if names.is_empty() {
            return Err(FaceError::Empty);
        }
        if names.iter().any(|name| self.field(name).is_none()) {
            return Err(FaceError::UnknownField);
        }
        let tree = merkle::Tree::new(primitives, &self.commitments(primitives));
        let chosen = self.fields.iter().enumerate().filter(|(_, field)| names.contains(&&*field.name));
        let shown = chosen.map(|(index, field)| ShownField {
            index: u16::try_from(index).expect("at most 64 fields"),
            field: field.clone(),
            path: List::new(tree.path(index).expect("the tree has a leaf for each field"))
                .expect("a tree of 64 leaves is six levels high"),
        });
        Ok(Disclosure { shown: List::new(shown.collect()).expect("no more than the face has") })
    }
}

/// One field that is shown, with its way to the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownField {
    /// Its place on the face, counted from 0.
    pub index: u16,
    /// The field and its salt.
    pub field: FaceField,
    /// The digests from its commitment to the root.
    pub path: List<Digest, FACE_PATH_MAX>,
}

/// Some fields of a face, which anyone checks against the root on the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// The fields that are shown, in the order of the face.
    pub shown: List<ShownField, FACE_FIELDS_MAX>,
}

impl Disclosure {
    /// Refuses unless each field that is shown stands on the face with this root; gives the fields.
    pub fn check(&self, root: &FaceRoot, primitives: &dyn Primitives) -> Result<Vec<&FaceField>, FaceError> {
        if self.shown.is_empty() {
            return Err(FaceError::Empty);
        }
        let is_own = |index: usize| {
            let name = &self.shown[index].field.name;
            self.shown[..index].iter().all(|earlier| earlier.field.name != *name)
        };
        if (0..self.shown.len()).any(|index| self.shown[index].field.name.is_empty() || !is_own(index)) {
            return Err(FaceError::Names);
        }
        if !self.shown.is_sorted_by(|left, right| left.index < right.index) {
            return Err(FaceError::Order);
        }
        for ShownField { index, field, path } in &self.shown {
            let leaf = merkle::leaf_hash(primitives, field.commitment(primitives).as_ref());
            let (place, size) = (u64::from(*index), u64::from(root.fields));
            merkle::verify_inclusion(primitives, &leaf, place, size, path, &root.root)
                .map_err(|cause| FaceError::Path { index: *index, cause })?;
        }
        Ok(self.shown.iter().map(|shown| &shown.field).collect())
    }
}
