//! The engine's two databases, as the ledger opens them.

use commonware_cryptography::Hasher;
use commonware_parallel::Sequential;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_runtime::{Runner as _, Supervisor as _, deterministic};
use commonware_storage::journal::contiguous::variable::Config as JournalConfig;
use commonware_storage::merkle::full::Config as MerkleConfig;
use commonware_storage::merkle::mmr;
use commonware_storage::qmdb::current::VariableConfig;
use commonware_storage::qmdb::current::ordered::variable;
use commonware_storage::qmdb::floor::Proportional;
use commonware_storage::qmdb::keyless;
use commonware_storage::translator::EightCap;
use commonware_utils::{NZU16, NZU64, NZUsize};

pub type State<H> =
    variable::Db<mmr::Family, deterministic::Context, <H as Hasher>::Digest, Vec<u8>, H, EightCap, 32, Sequential>;
pub type Receipts<H> = keyless::variable::Db<mmr::Family, deterministic::Context, Vec<u8>, H, Sequential>;

/// Runs with the engine's simulated clock and disk.
pub fn simulate<F: Future>(run: impl FnOnce(deterministic::Context) -> F) -> F::Output {
    deterministic::Runner::default().start(run)
}

fn merkle_config(name: &str, cache: &CacheRef) -> MerkleConfig<Sequential> {
    MerkleConfig {
        journal_partition: format!("{name}-merkle-journal"),
        metadata_partition: format!("{name}-merkle-metadata"),
        items_per_blob: NZU64!(4096),
        write_buffer: NZUsize!(65_536),
        replay_buffer: NZUsize!(65_536),
        strategy: Sequential,
        page_cache: cache.clone(),
    }
}

fn journal_config<C>(name: &str, codec_config: C, cache: &CacheRef) -> JournalConfig<C> {
    JournalConfig {
        partition: format!("{name}-log"),
        items_per_section: NZU64!(4096),
        compression: None,
        codec_config,
        page_cache: cache.clone(),
        write_buffer: NZUsize!(65_536),
        replay_buffer: NZUsize!(65_536),
    }
}

pub async fn open_state<H: Hasher<Digest: commonware_utils::Array>>(context: &deterministic::Context) -> State<H> {
    let cache = CacheRef::new(NZU16!(4096), NZUsize!(256));
    let config = VariableConfig {
        merkle_config: merkle_config("state", &cache),
        journal_config: journal_config("state", ((), ((0..=65_536).into(), ())), &cache),
        grafted_metadata_partition: "grafted".into(),
        translator: EightCap,
        init_cache: Some(NZUsize!(1024)),
        init_buffer: NZUsize!(65_536),
        init_concurrency: (),
    };
    State::init(context.child("state"), config, None).await.expect("an empty database opens")
}

pub async fn open_receipts<H: Hasher>(context: &deterministic::Context) -> Receipts<H> {
    let cache = CacheRef::new(NZU16!(4096), NZUsize!(256));
    let config = keyless::variable::Config {
        merkle: merkle_config("receipts", &cache),
        log: journal_config("receipts", ((0..=65_536).into(), ()), &cache),
    };
    Receipts::init(context.child("receipts"), config, None).await.expect("an empty database opens")
}

/// Writes and deletes keys, and commits.
pub async fn write<H: Hasher<Digest: commonware_utils::Array>>(
    state: State<H>,
    writes: impl IntoIterator<Item = (H::Digest, Option<Vec<u8>>)>,
) -> State<H> {
    let mut batch = state.new_batch();
    for (key, value) in writes {
        batch = batch.write(key, value);
    }
    let batch = batch.merkleize(&state, None, &mut Proportional).await.expect("the batch is valid");
    let state = state.apply_batch(batch).await.expect("the batch applies");
    state.commit().await.expect("the disk works")
}

/// Appends entries, and commits with this floor.
pub async fn append<H: Hasher>(receipts: Receipts<H>, entries: Vec<Vec<u8>>, floor: u64) -> Receipts<H> {
    let batch = entries.into_iter().fold(receipts.new_batch(), |batch, entry| batch.append(entry));
    let batch = batch.merkleize(&receipts, None, mmr::Location::new(floor)).await.expect("the batch is valid");
    let receipts = receipts.apply_batch(batch).await.expect("the batch applies");
    receipts.commit().await.expect("the disk works")
}
