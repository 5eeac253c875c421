//! What a node keeps on disk, and how it is laid out there.
//!
//! - **State**: the latest record under each state key, authenticated, with proofs of presence and of absence. Each
//!   commit's metadata is the height of the block that made it (8 bytes, little endian), so that whoever reads under a
//!   guard knows which header the proofs belong to.
//! - **Receipts**: every receipt since genesis in one append-only authenticated log. Location 0 is the log's own first
//!   commit; each block appends its receipts and one commit, so the receipt with number `n` in the block at height `h`
//!   stands at location `n + h`. A commit's metadata is the number of receipts so far (8 bytes, little endian).
//! - **Blocks** and their **finality certificates**, by height and digest: the engine's archives.
//!
//! Sizes that are fixed for the life of a folder (page size, items in a blob or section) stand here as constants.

use crate::suite::{EngineDigest, EngineSuite};
use commonware_codec::RangeCfg;
use commonware_glue::stateful::db::{AttachableResolver, DatabaseSet, Shared};
use commonware_parallel::Rayon;
use commonware_runtime::Spawner;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_storage::archive::immutable;
use commonware_storage::journal::contiguous::variable::Config as LogConfig;
use commonware_storage::merkle::full::Config as MerkleConfig;
use commonware_storage::mmr;
use commonware_storage::qmdb::sync::{Database, Request, Source, source};
use commonware_storage::qmdb::{current, keyless};
use commonware_storage::translator::EightCap;
use commonware_utils::{NZU16, NZU64, NZUsize};
use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;
use std::num::{NonZeroU16, NonZeroU64, NonZeroUsize};

/// The latest records.
pub type State<E, S> = current::ordered::variable::Db<
    mmr::Family,
    E,
    EngineDigest,
    Vec<u8>,
    <S as EngineSuite>::Hasher,
    EightCap,
    BITMAP_CHUNK_BYTES,
    Rayon,
>;

/// All receipts.
pub type Receipts<E, S> = keyless::variable::Db<mmr::Family, E, Vec<u8>, <S as EngineSuite>::Hasher, Rayon>;

/// Both, committed together.
pub type Databases<E, S> = (Shared<State<E, S>>, Shared<Receipts<E, S>>);
/// Changes of both on top of a block, being collected.
pub type Unmerkleized<E, S> = <Databases<E, S> as DatabaseSet<E>>::Unmerkleized;
/// Changes of both with their roots.
pub type Merkleized<E, S> = <Databases<E, S> as DatabaseSet<E>>::Merkleized;

/// What the storage needs of the runtime.
pub trait StoreContext: commonware_storage::Context + Spawner {}
impl<E: commonware_storage::Context + Spawner> StoreContext for E {}

/// Bytes of the activity bitmap in one leaf of the grafted tree; part of the format of proofs.
pub const BITMAP_CHUNK_BYTES: usize = 32;
/// The greatest record.
const RECORD_BYTES_MAX: usize = tongban_types::proof::state::RECORD_BYTES_MAX;
/// The greatest encoded receipt: all its events at their greatest.
const RECEIPT_BYTES_MAX: usize = 16 * 1024 * 1024;

const PAGE_BYTES: NonZeroU16 = NZU16!(4096);
/// 8 MiB, shared by everything that reads in pages.
const CACHED_PAGES: NonZeroUsize = NZUsize!(2048);
const ITEMS_PER_BLOB: NonZeroU64 = NZU64!(1 << 20);
const OPERATIONS_PER_SECTION: NonZeroU64 = NZU64!(1 << 17);
pub(crate) const WRITE_BUFFER: NonZeroUsize = NZUsize!(256 * 1024);
pub(crate) const REPLAY_BUFFER: NonZeroUsize = NZUsize!(1 << 20);

/// The page cache that all stores of a node share.
pub(crate) fn page_cache() -> CacheRef {
    CacheRef::new(PAGE_BYTES, CACHED_PAGES)
}

fn merkle_config(name: &str, strategy: &Rayon, page_cache: &CacheRef) -> MerkleConfig<Rayon> {
    MerkleConfig {
        journal_partition: format!("{name}-nodes"),
        metadata_partition: format!("{name}-pinned"),
        items_per_blob: ITEMS_PER_BLOB,
        write_buffer: WRITE_BUFFER,
        replay_buffer: REPLAY_BUFFER,
        strategy: strategy.clone(),
        page_cache: page_cache.clone(),
    }
}

fn log_config<C>(name: &str, codec_config: C, page_cache: &CacheRef) -> LogConfig<C> {
    LogConfig {
        partition: format!("{name}-log"),
        items_per_section: OPERATIONS_PER_SECTION,
        compression: None,
        codec_config,
        page_cache: page_cache.clone(),
        write_buffer: WRITE_BUFFER,
        replay_buffer: REPLAY_BUFFER,
    }
}

/// How to open the databases.
pub(crate) fn config<E: StoreContext, S: EngineSuite>(
    strategy: &Rayon,
    page_cache: &CacheRef,
) -> <Databases<E, S> as DatabaseSet<E>>::Config {
    let state = current::VariableConfig {
        merkle_config: merkle_config("state", strategy, page_cache),
        journal_config: log_config("state", ((), (RangeCfg::new(0..=RECORD_BYTES_MAX), ())), page_cache),
        grafted_metadata_partition: "state-grafted-metadata".into(),
        translator: EightCap,
        init_cache: Some(NZUsize!(1 << 16)),
        init_buffer: REPLAY_BUFFER,
        init_concurrency: (),
    };
    let receipts = keyless::Config {
        merkle: merkle_config("receipts", strategy, page_cache),
        log: log_config("receipts", (RangeCfg::new(0..=RECEIPT_BYTES_MAX), ()), page_cache),
    };
    (state, receipts)
}

/// How to open an archive of the engine; it grows as it fills.
pub(crate) fn archive_config<C>(name: &str, codec_config: C, page_cache: &CacheRef) -> immutable::Config<C> {
    immutable::Config {
        metadata_partition: format!("{name}-metadata"),
        freezer_table_partition: format!("{name}-table"),
        freezer_table_initial_size: 4096,
        freezer_table_resize_frequency: 4,
        freezer_table_resize_chunk_size: 4096,
        freezer_key_partition: format!("{name}-key"),
        freezer_key_page_cache: page_cache.clone(),
        freezer_value_partition: format!("{name}-value"),
        freezer_value_target_size: 256 << 20,
        freezer_value_compression: None,
        ordinal_partition: format!("{name}-ordinal"),
        items_per_section: NZU64!(16_384),
        freezer_key_write_buffer: WRITE_BUFFER,
        freezer_value_write_buffer: WRITE_BUFFER,
        ordinal_write_buffer: WRITE_BUFFER,
        replay_buffer: REPLAY_BUFFER,
        codec_config,
    }
}

/// Stands where the engine could fetch a database from peers. Nothing is fetched so: a new or late node gets the blocks
/// and executes them (ADR 0002), and the engine asks only where a sync was planned.
pub(crate) struct NoSource<DB>(PhantomData<fn() -> DB>);

impl<DB> NoSource<DB> {
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<DB> Clone for NoSource<DB> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<DB: Database + 'static> Source for NoSource<DB> {
    type Family = DB::Family;
    type Digest = DB::Digest;
    type Op = DB::Op;
    type Error = Infallible;

    fn serve(&self, _: Request<Self::Family>) -> impl Future<Output = source::Result<Self>> + Send {
        std::future::pending()
    }
}

impl<DB: Database + Send + Sync + 'static> AttachableResolver<DB> for NoSource<DB> {
    async fn attach_database(&self, _: Shared<DB>) {}
}
