//! Faces of licences: what is shown is checked, what is not shown stays hidden, and nothing else passes.

use proptest::prelude::*;
use sha2::Digest as _;
use tongban_types::licence_face::{Disclosure, FACE_FIELDS_MAX, Face, FaceError, FaceField, FaceRoot, Salt};
use tongban_types::merkle::MerkleError;
use tongban_types::{Digest, Primitives, PublicKey, Signature, Suite, Text, domain};

struct Sha256;

impl Primitives for Sha256 {
    fn suite(&self) -> Suite {
        Suite::Intl
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        let mut hash = sha2::Sha256::new();
        parts.iter().for_each(|part| hash.update(part));
        Digest(hash.finalize().into())
    }

    fn verify(&self, _: &PublicKey, _: &[u8], _: &Signature) -> bool {
        false
    }
}

fn field(name: &str, value: &str, salt: u8) -> FaceField {
    let name = Text::new(name).expect("a short name");
    FaceField { name, value: Text::new(value).expect("a short value"), salt: Salt([salt; 32]) }
}

fn face() -> Face {
    let fields = vec![
        field("credit_code", "91110000802100433B", 1),
        field("name", "云港小馆", 2),
        field("legal_representative", "张三", 3),
        field("premises", "", 4),
        field("scope", "餐饮服务", 5),
    ];
    Face::new(fields).expect("fields with names of their own")
}

fn names(disclosure: &Disclosure, root: &FaceRoot) -> Result<Vec<String>, FaceError> {
    Ok(disclosure.check(root, &Sha256)?.iter().map(|field| field.name.to_string()).collect())
}

#[test]
fn some_fields_are_shown_without_the_others() {
    let (face, root) = (face(), face().root(&Sha256));
    let shown = face.disclose(&["scope", "name"], &Sha256).expect("it has both");
    assert_eq!(names(&shown, &root), Ok(vec!["name".to_owned(), "scope".to_owned()]), "in the order of the face");
    let json = serde_json::to_string(&shown).expect("a disclosure is JSON");
    assert!(json.contains("云港小馆") && !json.contains("张三") && !json.contains("91110000802100433B"), "{json}");
    let read: Disclosure = serde_json::from_str(&json).expect("it reads itself");
    assert_eq!(read, shown);
    assert_eq!(face.disclose(&["phone"], &Sha256), Err(FaceError::UnknownField));
    assert_eq!(face.disclose(&[], &Sha256), Err(FaceError::Empty));
}

#[test]
fn whatever_is_changed_is_refused() {
    let root = face().root(&Sha256);
    let shown = || face().disclose(&["name", "legal_representative"], &Sha256).expect("it has both");
    let change = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut json = serde_json::to_value(shown()).expect("a disclosure is JSON");
        change(&mut json);
        let changed: Disclosure = serde_json::from_value(json).expect("still a disclosure");
        names(&changed, &root)
    };
    let mismatch = |index| Err(FaceError::Path { index, cause: MerkleError::RootMismatch });
    assert_eq!(change(&|json| json["shown"][0]["field"]["value"] = "云港大馆".into()), mismatch(1));
    assert_eq!(change(&|json| json["shown"][0]["field"]["name"] = "scope".into()), mismatch(1));
    assert_eq!(change(&|json| json["shown"][1]["field"]["salt"] = "07".repeat(32).into()), mismatch(2));
    assert_eq!(change(&|json| json["shown"][0]["index"] = 0.into()), mismatch(0));
    let out_of_range = Err(FaceError::Path { index: 5, cause: MerkleError::OutOfRange });
    assert_eq!(change(&|json| json["shown"][1]["index"] = 5.into()), out_of_range);
    let short = Err(FaceError::Path { index: 1, cause: MerkleError::Length });
    assert_eq!(change(&|json| json["shown"][0]["path"] = serde_json::json!([])), short);
    assert_eq!(change(&|json| json["shown"] = serde_json::json!([])), Err(FaceError::Empty));
    assert_eq!(
        change(&|json| json["shown"] = serde_json::json!([json["shown"][0], json["shown"][0]])),
        Err(FaceError::Names)
    );
    assert_eq!(
        change(&|json| json["shown"] = serde_json::json!([json["shown"][1], json["shown"][0]])),
        Err(FaceError::Order)
    );
    let other = FaceRoot { fields: 4, ..root };
    assert!(names(&shown(), &other).is_err(), "a tree of another size has other paths");
}

#[test]
fn what_is_no_face_is_refused() {
    assert_eq!(Face::new(Vec::new()), Err(FaceError::Empty));
    assert_eq!(Face::new(vec![field("a", "1", 1), field("a", "2", 2)]), Err(FaceError::Names));
    assert_eq!(Face::new(vec![field("", "1", 1)]), Err(FaceError::Names));
    let many = (0..=FACE_FIELDS_MAX).map(|index| field(&format!("f{index}"), "", 1)).collect();
    assert_eq!(Face::new(many), Err(FaceError::TooMany { found: 65 }));
    let json = serde_json::to_value(face()).expect("a face is JSON");
    assert_eq!(serde_json::from_value::<Face>(json.clone()).expect("it reads itself"), face());
    for (place, value) in [("/fields/0/name", serde_json::json!("name")), ("/fields", serde_json::json!([]))] {
        let mut json = json.clone();
        *json.pointer_mut(place).expect("it is there") = value;
        assert!(serde_json::from_value::<Face>(json).is_err(), "{place}");
    }
    let mut unknown = json.clone();
    unknown["owner"] = "x".into();
    assert!(serde_json::from_value::<Face>(unknown).is_err(), "unknown fields are refused");
}

#[test]
fn without_its_salt_a_value_cannot_be_guessed() {
    let honest = field("legal_representative", "张三", 3);
    let guess = field("legal_representative", "张三", 4);
    assert_ne!(honest.commitment(&Sha256), guess.commitment(&Sha256), "the right guess with another salt");
    let unsalted = Sha256.hash(&[domain::LICENCE_FIELD, "张三".as_bytes()]);
    assert_ne!(honest.commitment(&Sha256), unsalted);
    let (ab, a_b) = (field("ab", "c", 1).commitment(&Sha256), field("a", "bc", 1).commitment(&Sha256));
    assert_ne!(ab, a_b, "name and value do not run together");
}

#[test]
fn neither_values_nor_salts_are_printed() {
    let face = face();
    let disclosure = face.disclose(&["name"], &Sha256).expect("it has one");
    let printed = format!("{face:?} {disclosure:?}");
    assert!(!printed.contains("张三") && !printed.contains("云港") && !printed.contains("03, 3"), "{printed}");
    assert!(!printed.contains("Salt(") && printed.contains("legal_representative"), "{printed}");
}

proptest! {
    /// Each choice of fields of each face passes, and no flipped bit of a path does.
    #[test]
    fn every_choice_of_every_face_is_checked(size in 1usize..=FACE_FIELDS_MAX, choice: u64, bit in 0usize..256) {
        let fields = (0..size).map(|index| field(&format!("f{index}"), &format!("v{index}"), index as u8)).collect();
        let face = Face::new(fields).expect("names of their own");
        let root = face.root(&Sha256);
        let chosen: Vec<String> = (0..size).filter(|index| choice >> index & 1 == 1).map(|index| format!("f{index}")).collect();
        prop_assume!(!chosen.is_empty());
        let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
        let mut shown = face.disclose(&chosen, &Sha256).expect("it has them");
        prop_assert_eq!(names(&shown, &root).expect("it passes"), chosen);
        let mut all = shown.shown.into_vec();
        if let Some(place) = bit.checked_rem(all[0].path.len()) {
            let mut path = all[0].path.clone().into_vec();
            path[place].0[bit / 8] ^= 1 << (bit % 8);
            all[0].path = tongban_types::List::new(path).expect("as long as before");
            shown = Disclosure { shown: tongban_types::List::new(all).expect("as many as before") };
            prop_assert!(shown.check(&root, &Sha256).is_err());
        }
    }
}
