//! Tokens: what programs show to be let in.
//!
//! A token is `tb_`, sixteen hexadecimal digits that name it, `_`, and 48 characters of base64url: a secret of 256 random bits and a
//! checksum. The prefix lets scanners of source code and logs recognise one, the checksum tells a typing error from an unknown
//! token without looking anything up. Of the secret only a hash is stored. It needs no slow hash: nobody guesses 256 bits.

use super::{Store, StoreError, number, random, stored, time};
use crate::addresses::AddressRange;
use crate::surface::Scope;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use strum::IntoEnumIterator as _;
use subtle::ConstantTimeEq as _;
use tongban_types::{Text, Time};

/// Tokens of one node, revoked ones among them.
pub const TOKENS_MAX: usize = 10_000;
/// Characters of a token's label.
pub const LABEL_MAX: usize = 100;
/// Address ranges of one token.
pub const ADDRESSES_MAX: usize = 32;
/// The highest rate that a token can be given, in requests per minute.
pub const REQUESTS_PER_MINUTE_MAX: u32 = 10_000_000;
/// How finely it is recorded when a token was used last, in milliseconds: often enough to find those that nobody uses.
const LAST_USED_STEP_MILLIS: u64 = 10 * 60 * 1000;

const PREFIX: &str = "tb_";
const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

/// What is stored of a token's secret.
pub(crate) type TokenHash = [u8; 32];

/// Names a token; no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId([u8; ID_BYTES]);

/// A token as its holder has it. Does not print its secret.
#[derive(Clone)]
pub struct Token {
    id: TokenId,
    secret: [u8; SECRET_BYTES],
}

/// A text is no token, or has a typing error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token, or one with a typing error")]
pub struct TokenError;

impl fmt::Display for TokenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl FromStr for TokenId {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let mut bytes = [0; ID_BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| TokenError)?;
        let id = Self(bytes);
        if id.to_string() == text { Ok(id) } else { Err(TokenError) } // one spelling
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Token({}, …)", self.id)
    }
}

impl Token {
    fn generate() -> Self {
        Self { id: TokenId(random()), secret: random() }
    }

    /// What names it.
    pub fn id(&self) -> TokenId {
        self.id
    }

    /// The whole token, for its holder.
    pub fn reveal(&self) -> String {
        let mut bytes = self.secret.to_vec();
        bytes.extend(self.checksum());
        format!("{PREFIX}{}_{}", self.id, URL_SAFE_NO_PAD.encode(bytes))
    }

    fn checksum(&self) -> [u8; CHECKSUM_BYTES] {
        let digest =
            Sha256::new().chain_update(b"tongban token checksum 1").chain_update(self.id.0).chain_update(self.secret);
        let digest: [u8; 32] = digest.finalize().into();
        let mut checksum = [0; CHECKSUM_BYTES];
        checksum.copy_from_slice(&digest[..CHECKSUM_BYTES]);
        checksum
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> TokenHash {
        Sha256::new()
            .chain_update(b"tongban token 1")
            .chain_update(self.id.0)
            .chain_update(self.secret)
            .finalize()
            .into()
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let (id, secret) = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')).ok_or(TokenError)?;
        let mut bytes = [0; SECRET_BYTES + CHECKSUM_BYTES];
        let length = URL_SAFE_NO_PAD.decode_slice(secret, &mut bytes).map_err(|_| TokenError)?;
        if length != bytes.len() {
            return Err(TokenError);
        }
        let mut token = Self { id: id.parse()?, secret: [0; SECRET_BYTES] };
        token.secret.copy_from_slice(&bytes[..SECRET_BYTES]);
        if token.checksum() == bytes[SECRET_BYTES..] { Ok(token) } else { Err(TokenError) }
    }
}

/// What a token is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for, for the operator.
    pub label: Text<LABEL_MAX>,
    /// What its holder may do.
    pub scopes: Vec<Scope>,
    /// Its rate; none is the node's, 0 is no limit.
    pub requests_per_minute: Option<u32>,
    /// Where it may be used from; empty is from anywhere.
    pub addresses: Vec<AddressRange>,
    /// Until when it is valid; none is until it is revoked.
    pub expires_at: Option<Time>,
}

/// A token, as the store knows it: all but its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// What names it.
    pub id: TokenId,
    /// What it was made to be.
    pub token: NewToken,
    /// When it was made.
    pub created_at: Time,
    /// The token that made it; none where the command line did.
    pub created_by: Option<TokenId>,
    /// When it was used last, to ten minutes.
    pub last_used_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

/// Why a token does not let its holder in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// There is none with this identifier and secret.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
    /// It may not be used from this address.
    Address,
}

impl TokenRecord {
    /// Whether it lets its holder do this.
    pub fn allows(&self, scope: Scope) -> bool {
        self.token.scopes.contains(&scope)
    }

    /// Whether it is valid at this time, from this address.
    pub fn check(&self, now: Time, address: IpAddr) -> Result<(), TokenRefusal> {
        if self.revoked_at.is_some() {
            Err(TokenRefusal::Revoked)
        } else if self.token.expires_at.is_some_and(|expires_at| expires_at <= now) {
            Err(TokenRefusal::Expired)
        } else if !self.token.addresses.is_empty() && !self.token.addresses.iter().any(|range| range.contains(address))
        {
            Err(TokenRefusal::Address)
        } else {
            Ok(())
        }
    }
}

/// The scope with this name.
pub fn scope_named(name: &str) -> Option<Scope> {
    Scope::iter().find(|scope| <&str>::from(scope) == name)
}

/// A scope's name.
pub fn scope_name(scope: Scope) -> &'static str {
    scope.into()
}

impl Store {
    /// Makes a token. Where there are [`TOKENS_MAX`] already, the one that has been invalid longest makes room. None where all are
    /// valid, and where the token that is to make it was revoked meanwhile: whoever revokes a token with all that it made misses none.
    pub async fn create_token(
        &self,
        new: NewToken,
        created_by: Option<TokenId>,
        now: Time,
    ) -> Result<Option<(Token, TokenRecord)>, StoreError> {
        let token = Token::generate();
        let mut write = self.write().await?;
        if let Some(maker) = created_by
            && !is_in_force(&mut write, maker).await?
        {
            return Ok(None);
        }
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM tokens").fetch_one(&mut *write).await?;
        if number::<usize>(count)? >= TOKENS_MAX && !forget_one(&mut write, now).await? {
            return Ok(None);
        }
        sqlx::query(
            "INSERT INTO tokens (id, secret_hash, label, scopes, requests_per_minute, addresses, created_at, created_by, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(token.id.to_string())
        .bind(token.hash().to_vec())
        .bind(new.label.to_string())
        .bind(joined(new.scopes.iter().map(|scope| scope_name(*scope))))
        .bind(new.requests_per_minute.map(i64::from))
        .bind(joined(new.addresses.iter()))
        .bind(stored(now))
        .bind(created_by.map(|id| id.to_string()))
        .bind(new.expires_at.map(stored))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        let record =
            TokenRecord { id: token.id, token: new, created_at: now, created_by, last_used_at: None, revoked_at: None };
        Ok(Some((token, record)))
    }

    /// The record of a token, where identifier and secret are those of one. Whether it is valid is for [`TokenRecord::check`].
    pub async fn find_token(&self, token: &Token) -> Result<Option<TokenRecord>, StoreError> {
        let row = sqlx::query("SELECT * FROM tokens WHERE id = ?")
            .bind(token.id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let secret_hash: Vec<u8> = row.try_get("secret_hash")?;
        if !bool::from(secret_hash.ct_eq(&token.hash()[..])) {
            return Ok(None);
        }
        record(&row).map(Some)
    }

    /// The record of a token by its identifier.
    pub async fn token(&self, id: TokenId) -> Result<Option<TokenRecord>, StoreError> {
        let row =
            sqlx::query("SELECT * FROM tokens WHERE id = ?").bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(record).transpose()
    }

    /// Tokens in the order of their identifiers, behind one of them, at most `limit`.
    pub async fn tokens(&self, after: Option<TokenId>, limit: usize) -> Result<Vec<TokenRecord>, StoreError> {
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let rows = sqlx::query("SELECT * FROM tokens WHERE id > ? ORDER BY id LIMIT ?")
            .bind(after)
            .bind(super::stored_number(limit as u64))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(record).collect()
    }

    /// Revokes a token. Its record, or none where there is no such token. The first time of revocation stays.
    pub async fn revoke_token(&self, id: TokenId, now: Time) -> Result<Option<TokenRecord>, StoreError> {
        sqlx::query("UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
            .bind(stored(now))
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        self.token(id).await
    }

    /// Revokes a token and all that were made by it, by those, and so on. Their records, its own first; empty where there is no such
    /// token. The first time of revocation stays.
    pub async fn revoke_with_descendants(&self, id: TokenId, now: Time) -> Result<Vec<TokenRecord>, StoreError> {
        let mut write = self.write().await?;
        let rows = sqlx::query("SELECT * FROM tokens ORDER BY id").fetch_all(&mut *write).await?;
        let records = rows.iter().map(record).collect::<Result<Vec<TokenRecord>, StoreError>>()?;
        let mut family = with_descendants(id, records);
        for record in family.iter_mut().filter(|record| record.revoked_at.is_none()) {
            sqlx::query("UPDATE tokens SET revoked_at = ? WHERE id = ?")
                .bind(stored(now))
                .bind(record.id.to_string())
                .execute(&mut *write)
                .await?;
            record.revoked_at = Some(now);
        }
        write.commit().await?;
        Ok(family)
    }

    /// Records that a token was used, where the last record is old enough.
    pub async fn note_use(&self, record: &TokenRecord, now: Time) -> Result<(), StoreError> {
        if record.last_used_at.is_some_and(|last| now.millis_since(last) < LAST_USED_STEP_MILLIS) {
            return Ok(());
        }
        let coarse = now.as_millis() - now.as_millis() % LAST_USED_STEP_MILLIS;
        sqlx::query("UPDATE tokens SET last_used_at = ? WHERE id = ?")
            .bind(super::stored_number(coarse))
            .bind(record.id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// Of these tokens, one and those that descend from it.
fn with_descendants(id: TokenId, records: Vec<TokenRecord>) -> Vec<TokenRecord> {
    let (mut family, mut children) = (Vec::new(), BTreeMap::<TokenId, Vec<TokenRecord>>::new());
    for record in records {
        if record.id == id {
            family.push(record);
        } else if let Some(maker) = record.created_by {
            children.entry(maker).or_default().push(record);
        }
    }
    let mut seen = 0;
    while let Some(maker) = family.get(seen).map(|record| record.id) {
        family.extend(children.remove(&maker).unwrap_or_default());
        seen += 1;
    }
    family
}

/// Whether there is a token that was not revoked.
async fn is_in_force(connection: &mut SqliteConnection, id: TokenId) -> Result<bool, StoreError> {
    let found: i64 = sqlx::query_scalar("SELECT count(*) FROM tokens WHERE id = ? AND revoked_at IS NULL")
        .bind(id.to_string())
        .fetch_one(connection)
        .await?;
    Ok(found > 0)
}

/// Forgets the token that has been invalid longest; whether there was one. One that has made others stays: it leads to them.
async fn forget_one(connection: &mut SqliteConnection, now: Time) -> Result<bool, StoreError> {
    let result = sqlx::query(
        "DELETE FROM tokens WHERE id IN (
             SELECT id FROM tokens WHERE (revoked_at IS NOT NULL OR expires_at <= ?)
                 AND id NOT IN (SELECT created_by FROM tokens WHERE created_by IS NOT NULL)
             ORDER BY min(coalesce(revoked_at, expires_at), coalesce(expires_at, revoked_at)) LIMIT 1)",
    )
    .bind(stored(now))
    .execute(connection)
    .await?;
    Ok(result.rows_affected() > 0)
}

fn joined(parts: impl Iterator<Item = impl ToString>) -> String {
    parts.map(|part| part.to_string()).collect::<Vec<_>>().join(",")
}

fn parts<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, StoreError> {
    let damaged = |part: &str| StoreError::Damaged { what: format!("a token with '{part}'") };
    text.split(',').filter(|part| !part.is_empty()).map(|part| parse(part).ok_or_else(|| damaged(part))).collect()
}

fn record(row: &SqliteRow) -> Result<TokenRecord, StoreError> {
    let id = |text: &str| text.parse().map_err(|_| StoreError::Damaged { what: "a token's identifier".to_owned() });
    let times = |column: &str| row.try_get::<Option<i64>, _>(column).map_err(StoreError::from)?.map(time).transpose();
    let label: String = row.try_get("label")?;
    let created_by: Option<String> = row.try_get("created_by")?;
    let requests_per_minute: Option<i64> = row.try_get("requests_per_minute")?;
    Ok(TokenRecord {
        id: id(row.try_get("id")?)?,
        token: NewToken {
            label: Text::new(label).map_err(|_| StoreError::Damaged { what: "a token's label".to_owned() })?,
            scopes: parts(row.try_get("scopes")?, scope_named)?,
            requests_per_minute: requests_per_minute.map(number).transpose()?,
            addresses: parts(row.try_get("addresses")?, |part| part.parse().ok())?,
            expires_at: times("expires_at")?,
        },
        created_at: time(row.try_get("created_at")?)?,
        created_by: created_by.as_deref().map(id).transpose()?,
        last_used_at: times("last_used_at")?,
        revoked_at: times("revoked_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::new_store;
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> Time {
        Time::from_millis(seconds * 1000).expect("a time")
    }

    fn reader() -> NewToken {
        NewToken {
            label: Text::new("查询终端").expect("a label"),
            scopes: vec![Scope::Read],
            requests_per_minute: Some(60),
            addresses: vec!["10.0.0.0/8".parse().expect("a range")],
            expires_at: Some(at(2_000)),
        }
    }

    #[tokio::test]
    async fn only_the_hash_of_a_secret_is_stored() {
        let (store, folder) = new_store().await;
        let (token, record) = store.create_token(reader(), None, at(1_000)).await.expect("a store").expect("room");
        let text = token.reveal();
        assert_eq!(text.len(), 3 + 16 + 1 + 48);
        let again: Token = text.parse().expect("a token");
        assert_eq!(store.find_token(&again).await.expect("a store"), Some(record.clone()));
        assert_eq!(store.token(record.id).await.expect("a store"), Some(record));
        assert!(!format!("{token:?}").contains(text.rsplit('_').next().expect("a secret")));
        store.close().await;
        for entry in folder.path().read_dir().expect("a folder") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
            for secret in [&token.secret[..], &text.as_bytes()[20..]] {
                assert!(!bytes.windows(secret.len()).any(|window| window == secret), "the secret is on the disk");
            }
        }
    }

    #[tokio::test]
    async fn a_guessed_secret_is_unknown() {
        let (store, _folder) = new_store().await;
        let (token, _) = store.create_token(reader(), None, at(1_000)).await.expect("a store").expect("room");
        let mut guess = token.clone();
        guess.secret[31] ^= 1;
        let guess: Token = guess.reveal().parse().expect("a well-formed token");
        assert_eq!(store.find_token(&guess).await.expect("a store"), None);
        assert_eq!(store.find_token(&Token::generate()).await.expect("a store"), None);
    }

    #[tokio::test]
    async fn validity_ends_by_time_revocation_and_address() {
        let (store, _folder) = new_store().await;
        let (token, record) = store.create_token(reader(), None, at(1_000)).await.expect("a store").expect("room");
        let inside: IpAddr = "10.1.2.3".parse().expect("an address");
        for (now, address, outcome) in [
            (1_999, "10.1.2.3", Ok(())),
            (2_000, "10.1.2.3", Err(TokenRefusal::Expired)),
            (1_000, "11.1.2.3", Err(TokenRefusal::Address)),
        ] {
            assert_eq!(record.check(at(now), address.parse().expect("an address")), outcome);
        }
        // Another process, as the command line is.
        let other = Store::open(_folder.path()).await.expect("a second process opens it");
        let revoked = other.revoke_token(record.id, at(1_500)).await.expect("a store").expect("a token");
        assert_eq!(revoked.revoked_at, Some(at(1_500)));
        let found = store.find_token(&token).await.expect("a store").expect("a token");
        assert_eq!(found.check(at(1_600), inside), Err(TokenRefusal::Revoked));
        let again = store.revoke_token(record.id, at(1_700)).await.expect("a store").expect("a token");
        assert_eq!(again.revoked_at, Some(at(1_500)), "the first revocation stays");
        assert_eq!(store.revoke_token(TokenId([0; 8]), at(1)).await.expect("a store"), None);
    }

    #[tokio::test]
    async fn a_token_is_revoked_with_all_that_descend_from_it_and_with_no_other() {
        let (store, _folder) = new_store().await;
        let make = async |maker: Option<TokenId>| {
            let created = store.create_token(reader(), maker, at(1_000)).await.expect("a store");
            created.expect("room").1.id
        };
        let root = make(None).await;
        let (child, other) = (make(Some(root)).await, make(None).await);
        let (sibling, grandchild) = (make(Some(root)).await, make(Some(child)).await);
        let (leaf, others_child) = (make(Some(grandchild)).await, make(Some(other)).await);
        store.revoke_token(grandchild, at(1_100)).await.expect("a store");
        let revoked = async |id| store.token(id).await.expect("a store").expect("a token").revoked_at;
        assert_eq!(revoked(leaf).await, None, "nothing is revoked that was not meant");
        let family = store.revoke_with_descendants(child, at(1_200)).await.expect("a store");
        let family: Vec<TokenId> = family.iter().map(|record| record.id).collect();
        assert_eq!(family, [child, grandchild, leaf], "also behind one that was revoked already");
        for (id, expected) in [
            (root, None),
            (sibling, None),
            (child, Some(at(1_200))),
            (grandchild, Some(at(1_100))),
            (leaf, Some(at(1_200))),
            (other, None),
            (others_child, None),
        ] {
            assert_eq!(revoked(id).await, expected, "{id}");
        }
        let again = store.revoke_with_descendants(child, at(1_300)).await.expect("a store");
        assert_eq!(again[0].revoked_at, Some(at(1_200)), "the first revocation stays");
        assert!(store.revoke_with_descendants(TokenId([0; 8]), at(1)).await.expect("a store").is_empty());
        let late = store.create_token(reader(), Some(leaf), at(1_300)).await.expect("a store");
        assert!(late.is_none(), "a revoked token makes none");
    }

    #[tokio::test]
    async fn a_token_that_leads_to_others_is_not_forgotten() {
        let (store, _folder) = new_store().await;
        let make = async |maker: Option<TokenId>| {
            let created = store.create_token(reader(), maker, at(1_000)).await.expect("a store");
            created.expect("room").1.id
        };
        let root = make(None).await;
        let child = make(Some(root)).await;
        let leaf = make(Some(child)).await;
        for id in [child, leaf] {
            store.revoke_token(id, at(1_100)).await.expect("a store");
        }
        let mut write = store.write().await.expect("a store");
        for forgotten in [Some(leaf), Some(child), None] {
            assert_eq!(forget_one(&mut write, at(1_200)).await.expect("a store"), forgotten.is_some());
            let left: Vec<String> =
                sqlx::query_scalar("SELECT id FROM tokens").fetch_all(&mut *write).await.expect("a store");
            assert!(forgotten.is_none_or(|id| !left.contains(&id.to_string())), "{forgotten:?}");
        }
    }

    #[tokio::test]
    async fn use_is_recorded_coarsely() {
        let (store, _folder) = new_store().await;
        let (token, record) = store.create_token(reader(), None, at(1_000)).await.expect("a store").expect("room");
        for (now, recorded) in [(1_000, 600), (1_100, 600), (1_199, 600), (1_201, 1_200)] {
            let found = store.find_token(&token).await.expect("a store").expect("a token");
            store.note_use(&found, at(now)).await.expect("a store");
            let found = store.token(record.id).await.expect("a store").expect("a token");
            assert_eq!(found.last_used_at, Some(at(recorded)), "used at {now}");
        }
    }

    #[tokio::test]
    async fn lists_go_on_where_they_ended() {
        let (store, _folder) = new_store().await;
        for _ in 0..5 {
            store.create_token(reader(), None, at(1)).await.expect("a store").expect("room");
        }
        let mut seen = Vec::new();
        loop {
            let page = store.tokens(seen.last().copied(), 2).await.expect("a store");
            if page.is_empty() {
                break;
            }
            seen.extend(page.iter().map(|record| record.id));
        }
        assert_eq!(seen.len(), 5);
        assert!(seen.is_sorted());
    }

    proptest! {
        #[test]
        fn no_changed_character_passes(position in 0_usize..68, character in "[0-9a-zA-Z_.=-]") {
            let token = Token { id: TokenId([0xab; 8]), secret: [0x5a; 32] };
            let text = token.reveal();
            let mut changed = text.clone();
            changed.replace_range(position..=position, &character);
            prop_assert_eq!(changed.parse::<Token>().is_ok(), changed == text);
        }

        #[test]
        fn any_text_is_a_token_or_none(text in "\\PC{0,100}") {
            prop_assert!(text.parse::<Token>().is_err());
        }
    }
}
