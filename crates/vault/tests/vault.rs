//! The vault as its callers and a thief see it: what was stored comes back, nothing is readable without a key, nothing changes unnoticed,
//! nothing that was erased returns.

use proptest::prelude::*;
use rand_core::{TryCryptoRng, TryRng};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tongban_crypto::sealing::{OpenError, SealError};
use tongban_crypto::{OpeningKey, intl, primitives};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer};
use tongban_types::licence_face::{Face, FaceField, Salt};
use tongban_types::{Blob, Digest, List, Suite, Text, Time};
use tongban_vault::{
    ANSWERS_MAX, Answer, Attachment, Content, ImportedFace, Label, ObjectId, OpenedLicence, PAGE_MAX, SaltedNumber,
    SourcedForm, StoredFace, StoredForm, Vault, VaultError, unseal,
};

const NAME: &str = "张三丰的小吃店";

/// SHA-256 of a seed and a counter.
struct TestRng {
    seed: u64,
    counter: u64,
}

impl TestRng {
    fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }
}

impl TryRng for TestRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(32) {
            let block = intl::hash(&[&self.seed.to_be_bytes(), &self.counter.to_be_bytes()]);
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
            self.counter += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for TestRng {}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

fn licence(serial: &str) -> LicenceIdentifier {
    let issuer = LicenceIssuer::Body("11519900MB90100105".parse().expect("a code"));
    let licence_type = "11100000MB0143028R001".parse().expect("a code");
    LicenceIdentifier::new(licence_type, issuer, serial, 1).expect("an identifier")
}

fn face_of(serial: &str, name: &str) -> Content {
    let field = |(index, (field, value)): (usize, (&str, &str))| FaceField {
        name: text(field),
        value: text(value),
        salt: Salt([u8::try_from(index).expect("few fields") + 1; 32]),
    };
    let fields = [("name", name), ("credit_code", "91350100M000100Y43")].into_iter().enumerate().map(field);
    let face = Face::new(fields.collect()).expect("a face");
    Content::Face(StoredFace { licence: licence(serial), face })
}

fn label_of(serial: &str) -> Label {
    Label::Face(licence(serial))
}

fn case() -> CaseNumber {
    "2026010100001".parse().expect("a number")
}

fn form() -> StoredForm {
    let answer = |path: &str, value: &str, salt| Answer {
        path: text(path),
        value: Blob::new(value.as_bytes().to_vec()).expect("short"),
        salt: Salt([salt; 32]),
    };
    let attachment = Attachment { material: text("平面图"), digest: Digest([9; 32]), salt: Salt([3; 32]) };
    StoredForm {
        case: case(),
        answers: List::new(vec![answer("area", "120", 1), answer("shop_name", "\"张三丰的小吃店\"", 2)])
            .expect("few answers"),
        attachments: List::new(vec![attachment]).expect("few attachments"),
    }
}

fn key(suite: Suite, seed: u64) -> OpeningKey {
    OpeningKey::generate(suite, &mut TestRng::new(seed))
}

fn owner() -> OpeningKey {
    key(Suite::Intl, 1)
}

/// A vault and the folder around it.
fn vault() -> (TempDir, Vault) {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = Vault::create(&path_of(&folder), owner(), &mut TestRng::new(2)).expect("an empty folder");
    (folder, vault)
}

fn path_of(folder: &TempDir) -> PathBuf {
    folder.path().join("vault")
}

fn put(vault: &Vault, content: &Content) -> ObjectId {
    vault.put(content, &[], &mut TestRng::new(3)).expect("it is new")
}

fn code<T: std::fmt::Debug>(result: Result<T, VaultError>) -> String {
    result.expect_err("a refusal").code()
}

fn files(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).expect("a folder") {
        let path = entry.expect("an entry").path();
        found.extend(if path.is_dir() { files(&path) } else { vec![path] });
    }
    found.sort();
    found
}

fn object_file(folder: &TempDir, id: &ObjectId) -> PathBuf {
    let id = id.to_string();
    path_of(folder).join("objects").join(&id[..2]).join(id)
}

#[test]
fn what_was_stored_comes_back() {
    for suite in [Suite::Sm, Suite::Intl] {
        let folder = tempfile::tempdir().expect("a folder");
        let created = Vault::create(&path_of(&folder), key(suite, 1), &mut TestRng::new(2)).expect("an empty folder");
        let face = face_of("A1", NAME);
        put(&created, &face);
        put(&created, &Content::Form(form()));
        drop(created);
        let vault = Vault::open(&path_of(&folder), key(suite, 1)).expect("a vault");
        assert_eq!(vault.get(&label_of("A1")).expect("it was stored"), face);
        assert_eq!(vault.face(&licence("A1")).expect("it was stored").face.fields().len(), 2);
        assert_eq!(vault.form(&case()).expect("it was stored"), form());
        assert_eq!(code(vault.face(&licence("A2"))), "vault.not_found");
        assert_eq!(code(vault.put(&face, &[], &mut TestRng::new(4))), "vault.exists");
        assert_eq!(code(vault.replace(&face_of("A2", NAME), &mut TestRng::new(4))), "vault.not_found");
        vault.replace(&face_of("A1", "李四"), &mut TestRng::new(4)).expect("it was stored");
        assert_eq!(vault.get(&label_of("A1")).expect("it was stored"), face_of("A1", "李四"));
    }
}

#[test]
fn what_was_taken_over_keeps_its_number_and_its_holders_code() {
    let (_folder, vault) = vault();
    let Content::Face(stored) = face_of("A1", NAME) else { panic!("a face") };
    let number = SaltedNumber { value: text("JY2519900"), salt: Salt([7; 32]) };
    let holder_code = text("91350100M000100Y43");
    let imported = ImportedFace { stored: stored.clone(), holder_code, certificate_number: Some(number) };
    let shown = format!("{imported:?}");
    assert!(!shown.contains("JY2519900") && !shown.contains("91350100M000100Y43"), "{shown}");
    let content = Content::Imported(imported);
    put(&vault, &content);
    assert_eq!(vault.get(&label_of("A1")).expect("it was stored"), content);
    assert_eq!(vault.face(&licence("A1")).expect("it was stored"), stored, "a face is a face, however it came here");
    assert_eq!((content.face(), Content::Form(form()).face()), (Some(&stored), None));
    assert_eq!(code(vault.put(&face_of("A1", NAME), &[], &mut TestRng::new(4))), "vault.exists");
}

#[test]
fn a_form_keeps_beside_it_what_proves_its_answers() {
    let (_folder, vault) = vault();
    let Content::Face(stored) = face_of("A1", NAME) else { panic!("a face") };
    let disclosure = stored.face.disclose(&["name"], primitives(Suite::Intl)).expect("it is a field");
    let openings = List::new(vec![OpenedLicence { licence: licence("A1"), disclosure }]).expect("one fits");
    let content = Content::Sourced(SourcedForm { form: form(), openings });
    assert!(!format!("{content:?}").contains(NAME), "personal data is not printed");
    put(&vault, &content);
    assert_eq!(vault.get(&Label::Form(case())).expect("it was stored"), content);
    assert_eq!(vault.form(&case()).expect("it was stored"), form(), "a form is a form, whatever is beside it");
    assert_eq!((content.form(), content.face(), Content::Face(stored).form()), (Some(&form()), None, None));
    assert_eq!(code(vault.put(&Content::Form(form()), &[], &mut TestRng::new(4))), "vault.exists");
    vault.replace(&Content::Form(form()), &mut TestRng::new(4)).expect("it was stored");
    assert_eq!(vault.get(&Label::Form(case())).expect("it was stored"), Content::Form(form()));
}

#[test]
fn a_vault_is_opened_part_by_part() {
    let (folder, vault) = vault();
    let faces = ["A1", "A2", "A3", "A4", "A5"].map(|serial| face_of(serial, NAME));
    let mut ids = faces.each_ref().map(|content| put(&vault, content));
    ids.sort_unstable();
    fs::write(object_file(&folder, &ids[1]), b"no object").expect("it is ours");
    let (mut found, mut codes, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let opened = vault.open_part(after, 2).expect("a folder");
        assert!(opened.objects.len() <= 2);
        for (id, content) in opened.objects {
            match content {
                Ok(content) => assert!(faces.contains(&content) && vault.id(&content.label()) == id),
                Err(error) => codes.push((id, error.code())),
            }
            found.push(id);
        }
        after = opened.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, ids, "each once, in ascending order");
    assert_eq!(codes, [(ids[1], "vault.damaged".to_owned())]);
}

#[test]
fn the_name_of_an_object_has_one_spelling() {
    let (_folder, vault) = vault();
    let id = vault.id(&label_of("A1"));
    assert_eq!(id.to_string().parse(), Ok(id));
    for text in [
        "",
        "../../etc/passwd",
        &id.to_string().to_uppercase().replace(|digit: char| digit.is_ascii_digit(), "A"),
        &"0".repeat(31),
    ] {
        assert!(text.parse::<ObjectId>().is_err(), "{text}");
    }
}

#[test]
fn a_stolen_folder_tells_nothing() {
    let (folder, vault) = vault();
    let id = put(&vault, &face_of("A1", NAME));
    put(&vault, &Content::Form(form()));
    vault.replace(&face_of("A1", NAME), &mut TestRng::new(5)).expect("it was stored");
    vault.erase(&Label::Form(case()), time("2026-01-01T00:00:00Z")).expect("it was stored");
    let about = licence("A1");
    let secrets: [&[u8]; 6] =
        [NAME.as_bytes(), b"91350100M000100Y43", &[1; 32], &[2; 32], b"credit_code", about.as_str().as_bytes()];
    let files = files(&path_of(&folder));
    assert_eq!(files.len(), 4, "the manifest, the lock, an object and what is left of one: {files:?}");
    for file in &files {
        let bytes = fs::read(file).expect("a file");
        for secret in secrets {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", file.display());
        }
        assert!(!file.to_string_lossy().contains("A1"));
    }
    assert_eq!(code(Vault::open(&path_of(&folder), key(Suite::Intl, 9))), "vault.not_a_recipient");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let other = Vault::create(&path_of(&elsewhere), owner(), &mut TestRng::new(6)).expect("an empty folder");
    assert_ne!(other.id(&label_of("A1")), id, "names are made with a secret of each vault");
    assert_eq!(format!("{:?} {:?}", face_of("A1", NAME), form()).matches("小吃店").count(), 0);
}

#[test]
fn only_the_owner_has_access() {
    let (folder, vault) = vault();
    let id = put(&vault, &face_of("A1", NAME));
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    for file in files(&path_of(&folder)) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        for part in file.ancestors().skip(1).take_while(|part| *part != folder.path()) {
            assert_eq!(mode(part), 0o700, "{}", part.display());
        }
    }
    let file = object_file(&folder, &id);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("it is ours");
    assert_eq!(code(vault.face(&licence("A1"))), "vault.exposed");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");
    fs::set_permissions(path_of(&folder), fs::Permissions::from_mode(0o755)).expect("it is ours");
    assert_eq!(code(Vault::open_to_read(&path_of(&folder), owner())), "vault.exposed");
}

#[test]
fn recipients_read_and_others_do_not() {
    let (_folder, vault) = vault();
    let (reader, later, stranger) = (key(Suite::Intl, 10), key(Suite::Intl, 11), key(Suite::Intl, 12));
    let content = face_of("A1", NAME);
    vault.put(&content, &[reader.sealing_key()], &mut TestRng::new(3)).expect("it is new");
    let sealed = vault.sealed(&label_of("A1")).expect("it was stored");
    assert_eq!(unseal(&sealed, &reader), Ok(content.clone()));
    assert_eq!(unseal(&sealed, &later), Err(OpenError::NotARecipient));
    vault.add_recipient(&label_of("A1"), &later.sealing_key(), &mut TestRng::new(4)).expect("it was stored");
    vault
        .add_recipient(&label_of("A1"), &later.sealing_key(), &mut TestRng::new(5))
        .expect("once more changes nothing");
    vault.add_recipient(&label_of("A1"), &owner().sealing_key(), &mut TestRng::new(6)).expect("the owner is one");
    let again = vault.sealed(&label_of("A1")).expect("it was stored");
    assert_eq!(again.recipients.len(), 3);
    assert_ne!(again.key_hash, sealed.key_hash, "a new key for the new list");
    for key in [&reader, &later, &owner()] {
        assert_eq!(unseal(&again, key), Ok(content.clone()));
    }
    vault.replace(&face_of("A1", "李四"), &mut TestRng::new(7)).expect("it was stored");
    let replaced = vault.sealed(&label_of("A1")).expect("it was stored");
    assert_eq!(unseal(&replaced, &later), Ok(face_of("A1", "李四")));
    assert_eq!(unseal(&replaced, &stranger), Err(OpenError::NotARecipient));
    let wrong = key(Suite::Sm, 13).sealing_key();
    let refused = vault.put(&face_of("A2", NAME), &[wrong], &mut TestRng::new(8));
    assert!(matches!(refused, Err(VaultError::NotSealed(SealError::InvalidRecipient))));
}

#[test]
fn what_was_erased_is_gone() {
    let (folder, vault) = vault();
    let id = put(&vault, &face_of("A1", NAME));
    let at = time("2026-03-01T00:00:00Z");
    let (file, remains) = (object_file(&folder, &id), folder.path().join("remains"));
    fs::hard_link(&file, &remains).expect("one file system"); // sees what the erased file's blocks hold
    vault.erase(&label_of("A1"), at).expect("it was stored");
    assert!(!file.exists());
    let blocks = fs::read(&remains).expect("the linked file");
    assert!(!blocks.is_empty() && blocks.iter().all(|byte| *byte == 0), "the file was overwritten");
    assert!(matches!(vault.face(&licence("A1")), Err(VaultError::Erased { at: found }) if found == at));
    assert_eq!(code(vault.erase(&label_of("A1"), at)), "vault.erased");
    assert_eq!(code(vault.put(&face_of("A1", NAME), &[], &mut TestRng::new(4))), "vault.erased");
    assert_eq!(code(vault.replace(&face_of("A1", NAME), &mut TestRng::new(4))), "vault.erased");
    assert_eq!(
        code(vault.add_recipient(&label_of("A1"), &owner().sealing_key(), &mut TestRng::new(4))),
        "vault.erased"
    );
    assert_eq!(code(vault.erase(&label_of("A2"), at)), "vault.not_found");
    assert_eq!(vault.list(None, 10).expect("a folder").ids, []);
    drop(vault);
    let vault = Vault::open(&path_of(&folder), owner()).expect("a vault");
    assert_eq!(code(vault.face(&licence("A1"))), "vault.erased");
}

#[test]
fn what_was_interrupted_is_finished_or_forgotten() {
    let (folder, vault) = vault();
    let id = put(&vault, &face_of("A1", NAME));
    let kept = put(&vault, &face_of("A2", NAME));
    let file = object_file(&folder, &id);
    let object = fs::read(&file).expect("an object");
    vault.erase(&label_of("A1"), time("2026-03-01T00:00:00Z")).expect("it was stored");
    drop(vault);
    // As if the power had failed after the erasure was put down and before the file was gone.
    let name = id.to_string();
    let root = path_of(&folder);
    fs::rename(root.join("erased").join(&name[..2]).join(&name), root.join("erasing").join(&name)).expect("a file");
    let write = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).expect("a folder of ours");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("it is ours");
    };
    write(&file, &object);
    // And while another file was written.
    let draft = object_file(&folder, &kept).with_file_name(format!(".{kept}.draft"));
    write(&draft, &object);
    let vault = Vault::open(&root, owner()).expect("a vault");
    assert!(!file.exists() && !draft.exists());
    assert_eq!(files(&root.join("erasing")), Vec::<PathBuf>::new());
    assert_eq!(code(vault.face(&licence("A1"))), "vault.erased");
    assert!(vault.face(&licence("A2")).is_ok());
}

#[test]
fn a_changed_or_exchanged_file_is_noticed() {
    let (folder, vault) = vault();
    let ids = [put(&vault, &face_of("A1", NAME)), put(&vault, &face_of("A2", "李四"))];
    let [first, second] = ids.map(|id| object_file(&folder, &id));
    let good = fs::read(&first).expect("an object");
    for place in 0..good.len() {
        let mut changed = good.clone();
        changed[place] ^= 1;
        fs::write(&first, &changed).expect("it is ours");
        let code = code(vault.face(&licence("A1")));
        assert!(["vault.damaged", "vault.not_a_recipient"].contains(&code.as_str()), "byte {place}: {code}");
    }
    for length in [0, 1, good.len() - 1] {
        fs::write(&first, &good[..length]).expect("it is ours");
        assert_eq!(code(vault.face(&licence("A1"))), "vault.damaged");
    }
    let checked = vault.check(None, 10).expect("a folder");
    assert_eq!((checked.sound, checked.findings.len(), checked.next), (1, 1, None));
    assert_eq!((checked.findings[0].id, &*checked.findings[0].code), (ids[0], "vault.damaged"));
    fs::copy(&second, &first).expect("they are ours");
    assert_eq!(code(vault.face(&licence("A1"))), "vault.misplaced", "another licence under this one's name");
    assert_eq!(vault.check(None, 10).expect("a folder").findings[0].code, "vault.misplaced");
    fs::write(&first, &good).expect("it is ours");
    assert_eq!(vault.check(None, 10).expect("a folder").sound, 2);
}

#[test]
fn links_and_strange_names_lead_nowhere() {
    let (folder, vault) = vault();
    let id = put(&vault, &face_of("A1", NAME));
    let file = object_file(&folder, &id);
    let outside = folder.path().join("outside");
    fs::rename(&file, &outside).expect("it is ours");
    symlink(&outside, &file).expect("a link");
    assert_eq!(code(vault.face(&licence("A1"))), "vault.access");
    vault.erase(&label_of("A1"), time("2026-03-01T00:00:00Z")).expect("the link is removed");
    assert!(fs::read(&outside).expect("it is there").iter().any(|byte| *byte != 0), "what is outside is not touched");
    let shard = file.parent().expect("a folder");
    for name in ["..secret", "ABCDEF00112233445566778899AABBCC", "0011", &format!("{id}x")] {
        fs::write(shard.join(name), b"x").expect("it is ours");
    }
    assert_eq!(vault.list(None, 10).expect("a folder").ids, []);
    let link = folder.path().join("link");
    symlink(path_of(&folder), &link).expect("a link");
    assert_eq!(code(Vault::open_to_read(&link, owner())), "vault.access");
}

#[test]
fn one_writes_and_many_read() {
    let (folder, vault) = vault();
    put(&vault, &face_of("A1", NAME));
    assert_eq!(code(Vault::open(&path_of(&folder), owner())), "vault.locked");
    let reader = Vault::open_to_read(&path_of(&folder), owner()).expect("a vault");
    assert!(reader.face(&licence("A1")).is_ok());
    assert_eq!(code(reader.put(&face_of("A2", NAME), &[], &mut TestRng::new(4))), "vault.read_only");
    assert_eq!(code(reader.replace(&face_of("A1", NAME), &mut TestRng::new(4))), "vault.read_only");
    assert_eq!(code(reader.erase(&label_of("A1"), Time::MAX)), "vault.read_only");
    let recipient = owner().sealing_key();
    assert_eq!(code(reader.add_recipient(&label_of("A1"), &recipient, &mut TestRng::new(4))), "vault.read_only");
    drop(vault);
    assert!(Vault::open(&path_of(&folder), owner()).is_ok());
}

#[test]
fn a_vault_begins_in_an_empty_folder_and_others_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let (root, mut rng) = (path_of(&folder), TestRng::new(2));
    assert_eq!(code(Vault::open(&root, owner())), "vault.access");
    fs::create_dir(&root).expect("a folder of ours");
    assert_eq!(code(Vault::create(&root, owner(), &mut rng)), "vault.exposed");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o700)).expect("it is ours");
    assert_eq!(code(Vault::open(&root, owner())), "vault.not_a_vault");
    drop(Vault::create(&root, owner(), &mut rng).expect("an empty folder"));
    assert_eq!(code(Vault::create(&root, owner(), &mut rng)), "vault.not_empty");
    let manifest = root.join("manifest");
    let good = fs::read(&manifest).expect("a manifest");
    for bytes in [&good[..good.len() - 1], &[0; 40], &[]] {
        fs::write(&manifest, bytes).expect("it is ours");
        assert_eq!(code(Vault::open(&root, owner())), "vault.not_a_vault");
    }
}

#[test]
fn pages_go_through_all_objects_once() {
    let (_folder, vault) = vault();
    let mut expected: Vec<ObjectId> =
        (0..40).map(|number| put(&vault, &face_of(&format!("A{number}"), NAME))).collect();
    expected.sort_unstable();
    for limit in [0, 1, 7, 40, PAGE_MAX + 1] {
        let (mut found, mut after, mut sound) = (Vec::new(), None, 0);
        loop {
            let page = vault.list(after, limit).expect("a folder");
            let checked = vault.check(after, limit).expect("a folder");
            assert!(page.ids.len() <= limit.clamp(1, PAGE_MAX) && checked.findings.is_empty());
            sound += checked.sound;
            found.extend(page.ids);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((found.as_slice(), sound), (expected.as_slice(), 40), "pages of {limit}");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let (_folder, vault) = vault();
    let answer = |number: usize| Answer {
        path: text(&format!("field_{number:03}")),
        value: Blob::new(vec![b'1'; 64 * 1024]).expect("as much as fits"),
        salt: Salt([1; 32]),
    };
    let answers = List::new((0..ANSWERS_MAX).map(answer).collect()).expect("as many as fit");
    let content = Content::Form(StoredForm { answers, ..form() });
    let refused = vault.put(&content, &[], &mut TestRng::new(4));
    assert!(matches!(refused, Err(VaultError::NotSealed(SealError::TooLong))), "{refused:?}");
    assert_eq!(code(vault.form(&case())), "vault.not_found");
}

#[test]
fn readers_see_whole_objects_while_they_are_replaced() {
    let (_folder, vault) = vault();
    let versions = ["甲", "乙", "丙"].map(|name| face_of("A1", &name.repeat(300)));
    put(&vault, &versions[0]);
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut reads = 0;
                    while !is_done.load(Ordering::Acquire) || reads == 0 {
                        let found = vault.get(&label_of("A1")).expect("it is always there, whole");
                        assert!(versions.contains(&found));
                        reads += 1;
                    }
                    reads
                })
            })
            .collect();
        for round in 0..60 {
            vault.replace(&versions[round % 3], &mut TestRng::new(round as u64)).expect("it is there");
        }
        is_done.store(true, Ordering::Release);
        assert!(readers.into_iter().all(|reader| reader.join().expect("no reader failed") > 0));
    });
}

#[test]
fn the_root_of_a_form_hangs_on_every_answer_and_salt() {
    let primitives = primitives(Suite::Intl);
    let root = form().root(primitives);
    type Change = fn(&mut Vec<Answer>, &mut Vec<Attachment>);
    let changes: [Change; 6] = [
        |answers, _| answers[0].salt = Salt([7; 32]),
        |answers, _| answers[1].value = Blob::new(b"1".to_vec()).expect("short"),
        |answers, _| answers[0].path = text("areas"),
        |answers, _| answers.truncate(1),
        |_, attachments| attachments[0].digest = Digest([8; 32]),
        |_, attachments| attachments[0].salt = Salt([8; 32]),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let StoredForm { case, answers, attachments } = form();
        let (mut answers, mut attachments) = (answers.into_vec(), attachments.into_vec());
        change(&mut answers, &mut attachments);
        let answers = List::new(answers).expect("few answers");
        let attachments = List::new(attachments).expect("few attachments");
        assert_ne!(StoredForm { case, answers, attachments }.root(primitives), root, "change {index}");
    }
    let leaves: Vec<Digest> = form().answers.iter().map(|answer| answer.commitment(primitives)).collect();
    assert_ne!(leaves[0], leaves[1]);
}

/// What happens in the property.
#[derive(Clone, Debug)]
enum Deed {
    Put(u8, u8),
    Replace(u8, u8),
    Erase(u8),
    Reopen,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is stored, replaced, erased and opened again: the vault holds what was stored last and nothing that was erased.
    #[test]
    fn the_vault_holds_what_was_stored_last(
        deeds in proptest::collection::vec(
            prop_oneof![
                (0..4u8, any::<u8>()).prop_map(|(object, value)| Deed::Put(object, value)),
                (0..4u8, any::<u8>()).prop_map(|(object, value)| Deed::Replace(object, value)),
                (0..4u8).prop_map(Deed::Erase),
                Just(Deed::Reopen),
            ],
            1..24,
        )
    ) {
        let (folder, mut vault) = vault();
        let content = |object: u8, value: u8| face_of(&format!("A{object}"), &value.to_string());
        let label = |object: u8| label_of(&format!("A{object}"));
        let mut known: BTreeMap<u8, Option<u8>> = BTreeMap::new();
        for (seed, deed) in (0u64..).zip(deeds) {
            let mut rng = TestRng::new(seed);
            match deed {
                Deed::Put(object, value) => {
                    let stored = vault.put(&content(object, value), &[], &mut rng).is_ok();
                    prop_assert_eq!(stored, !known.contains_key(&object));
                    known.entry(object).or_insert(Some(value));
                }
                Deed::Replace(object, value) => {
                    let replaced = vault.replace(&content(object, value), &mut rng).is_ok();
                    let current = known.get_mut(&object).filter(|current| current.is_some());
                    prop_assert_eq!(replaced, current.is_some());
                    if let Some(current) = current {
                        *current = Some(value);
                    }
                }
                Deed::Erase(object) => {
                    let erased = vault.erase(&label(object), Time::MAX).is_ok();
                    prop_assert_eq!(erased, matches!(known.get(&object), Some(Some(_))));
                    known.entry(object).and_modify(|current| *current = None);
                }
                Deed::Reopen => {
                    drop(vault);
                    vault = Vault::open(&path_of(&folder), owner()).expect("a vault");
                }
            }
            for object in 0..4 {
                let found = vault.get(&label(object));
                match known.get(&object) {
                    Some(Some(value)) => prop_assert_eq!(found.expect("it was stored"), content(object, *value)),
                    Some(None) => prop_assert_eq!(code(found), "vault.erased"),
                    None => prop_assert_eq!(code(found), "vault.not_found"),
                }
            }
        }
    }

    /// Any bytes in the place of an object are refused, not believed and no reason to panic.
    #[test]
    fn any_bytes_are_no_object(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (folder, vault) = vault();
        let id = put(&vault, &face_of("A1", NAME));
        fs::write(object_file(&folder, &id), bytes).expect("it is ours");
        prop_assert_eq!(code(vault.face(&licence("A1"))), "vault.damaged");
    }
}
