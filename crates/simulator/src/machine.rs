//! A machine on which a node runs: a part of the runtime with its own disk and its own clock, which notices when anything on
//! it panics.

use crate::disk::{Disk, FileName, Operation, Unsynced, Verdict};
use crate::record::{Happened, Record};
use commonware_runtime::deterministic::Context as Runtime;
use commonware_runtime::telemetry::metrics::{Metric, Registered};
use commonware_runtime::{
    BlobVersion, Clock, Error, Handle, IoBufs, IoBufsMut, Metrics, Name, ReadOptions, Spawner, Storage, Supervisor,
    WriteOptions, signal,
};
use futures::FutureExt as _;
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use std::fmt::Display;
use std::future::Future;
use std::ops::RangeInclusive;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;

/// That a machine's node does not run any more.
#[derive(Clone, Debug)]
pub(crate) enum Death {
    /// Something panicked, or a part ended by itself.
    Failed(String),
    /// It was stopped in the middle of an operation of its disk.
    Halted,
}

/// One machine. It outlives the node's crashes.
pub(crate) struct Machine {
    /// Begins the names of its files.
    name: String,
    /// How far its clock is ahead.
    offset_millis: AtomicI64,
    pub disk: Disk,
    deaths: mpsc::UnboundedSender<Told>,
    seat: usize,
    life: AtomicU32,
}

/// Which seat's node does not run any more, in which of its lives, and why.
pub(crate) type Told = (usize, u32, Death);

impl Machine {
    /// A machine for a seat of the simulation; deaths are told together with the seat.
    pub fn new(seat: usize, offset_millis: i64, record: Arc<Record>, deaths: mpsc::UnboundedSender<Told>) -> Self {
        let (offset_millis, life) = (AtomicI64::new(offset_millis), AtomicU32::new(0));
        Self { name: format!("m{seat}"), offset_millis, disk: Disk::new(record), deaths, seat, life }
    }

    /// So much time passes at once, for this machine's clock.
    pub fn skip(&self, millis: u64) {
        let millis = i64::try_from(millis).expect("a few days");
        self.offset_millis.fetch_add(millis, Ordering::Relaxed);
    }

    fn offset_millis(&self) -> i64 {
        self.offset_millis.load(Ordering::Relaxed)
    }

    /// The node starts once more.
    pub fn start(&self, life: u32) {
        self.life.store(life, Ordering::Relaxed);
        self.disk.start();
    }

    /// Tells that the node does not run any more.
    pub fn tell(&self, death: Death) {
        let _ = self.deaths.send((self.seat, self.life.load(Ordering::Relaxed), death)); // at the end nobody listens
    }

    async fn pass(&self, operation: Operation) -> Result<(), Error> {
        match self.disk.pass(operation) {
            Verdict::Go => Ok(()),
            Verdict::Fail => Err(std::io::Error::other("the simulated disk fails").into()),
            Verdict::Halt => {
                self.tell(Death::Halted);
                std::future::pending().await
            }
        }
    }

    fn file(&self, partition: &str, name: &[u8]) -> FileName {
        (self.partition(partition), name.to_vec())
    }

    fn partition(&self, partition: &str) -> String {
        format!("{}-{partition}", self.name)
    }

    /// Crashes the disk, after the node's last task is gone: what was not durable is lost, or torn.
    pub async fn crash_disk(&self, runtime: &Runtime, torn: Option<u64>, record: &Record) -> Result<(), Error> {
        let Some(seed) = torn else {
            if self.disk.lose() > 0 {
                record.count(Happened::UnsyncedLost);
            }
            return Ok(());
        };
        for ((partition, name), changes) in self.disk.tear(seed) {
            record.count(Happened::UnsyncedTorn);
            let versions = BlobVersion::new(0)..=BlobVersion::new(u16::MAX);
            let (blob, ..) = runtime.open_versioned(&partition, &name, versions).await?;
            for change in changes {
                match change {
                    Unsynced::Write { offset, bytes } | Unsynced::Durable { offset, bytes } => {
                        commonware_runtime::Blob::write_at(&blob, offset, bytes, WriteOptions::default()).await?;
                    }
                    Unsynced::Resize { length } => commonware_runtime::Blob::resize(&blob, length).await?,
                }
            }
            commonware_runtime::Blob::sync(&blob).await?;
        }
        Ok(())
    }
}

/// The runtime as a node on a machine sees it.
pub(crate) struct Local {
    runtime: Runtime,
    machine: Arc<Machine>,
}

impl Local {
    /// A part of the runtime for a machine.
    pub fn new(runtime: Runtime, machine: Arc<Machine>) -> Self {
        Self { runtime, machine }
    }
}

fn shift(time: SystemTime, millis: i64) -> SystemTime {
    let distance = Duration::from_millis(millis.unsigned_abs());
    if millis >= 0 { time + distance } else { time - distance }
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason given".into())
}

impl Supervisor for Local {
    fn name(&self) -> Name {
        self.runtime.name()
    }

    fn child(&self, label: &'static str) -> Self {
        Self { runtime: self.runtime.child(label), machine: self.machine.clone() }
    }

    fn with_attribute(self, key: &'static str, value: impl Display) -> Self {
        Self { runtime: self.runtime.with_attribute(key, value), machine: self.machine }
    }
}

impl Spawner for Local {
    fn shared(self, blocking: bool) -> Self {
        Self { runtime: self.runtime.shared(blocking), machine: self.machine }
    }

    fn dedicated(self) -> Self {
        Self { runtime: self.runtime.dedicated(), machine: self.machine }
    }

    fn spawn<F, Fut, T>(self, task: F) -> Handle<T>
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let machine = self.machine;
        self.runtime.spawn(move |runtime| {
            let future = task(Self { runtime, machine: machine.clone() });
            AssertUnwindSafe(future).catch_unwind().map(move |outcome| {
                outcome.unwrap_or_else(|panic| {
                    // In the product any panic ends the process.
                    machine.tell(Death::Failed(message_of(&*panic)));
                    std::panic::resume_unwind(panic)
                })
            })
        })
    }

    async fn stop(self, value: i32, timeout: Option<Duration>) -> Result<(), Error> {
        self.runtime.stop(value, timeout).await
    }

    fn stopped(&self) -> signal::Signal {
        self.runtime.stopped()
    }
}

impl Metrics for Local {
    fn register<N: Into<String>, H: Into<String>, M: Metric>(&self, name: N, help: H, metric: M) -> Registered<M> {
        self.runtime.register(name, help, metric)
    }

    fn encode(&self) -> String {
        self.runtime.encode()
    }
}

impl governor::clock::Clock for Local {
    type Instant = SystemTime;

    fn now(&self) -> SystemTime {
        self.current()
    }
}

impl governor::clock::ReasonablyRealtime for Local {}

impl Clock for Local {
    fn current(&self) -> SystemTime {
        shift(self.runtime.current(), self.machine.offset_millis())
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.runtime.sleep(duration)
    }

    fn sleep_until(&self, deadline: SystemTime) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.runtime.sleep_until(shift(deadline, -self.machine.offset_millis()))
    }
}

impl TryRng for Local {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.runtime.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.runtime.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.runtime.try_fill_bytes(bytes)
    }
}

impl TryCryptoRng for Local {}

impl Storage for Local {
    type Blob = File;

    async fn open_versioned(
        &self,
        partition: &str,
        name: &[u8],
        versions: RangeInclusive<BlobVersion>,
    ) -> Result<(File, u64, BlobVersion), Error> {
        self.machine.pass(Operation::Open).await?;
        let file = self.machine.file(partition, name);
        let (blob, length, version) = self.runtime.open_versioned(&file.0, name, versions).await?;
        self.machine.disk.settle(&file); // what is read now is what is durable
        Ok((File { blob, file, machine: self.machine.clone() }, length, version))
    }

    async fn remove(&self, partition: &str, name: Option<&[u8]>) -> Result<(), Error> {
        let whole = self.machine.partition(partition);
        self.runtime.remove(&whole, name).await?;
        match name {
            Some(name) => self.machine.disk.settle(&(whole, name.to_vec())),
            None => self.machine.disk.settle_partition(&whole),
        }
        Ok(())
    }

    async fn scan(&self, partition: &str) -> Result<Vec<Vec<u8>>, Error> {
        self.runtime.scan(&self.machine.partition(partition)).await
    }
}

/// An open file of a machine.
pub(crate) struct File {
    blob: <Runtime as Storage>::Blob,
    file: FileName,
    machine: Arc<Machine>,
}

impl commonware_runtime::Blob for File {
    async fn read_at_buf(
        &self,
        offset: u64,
        length: usize,
        buffers: impl Into<IoBufsMut> + Send,
        options: ReadOptions,
    ) -> Result<IoBufsMut, Error> {
        self.machine.pass(Operation::Read).await?;
        self.blob.read_at_buf(offset, length, buffers, options).await
    }

    async fn read_at(&self, offset: u64, length: usize, options: ReadOptions) -> Result<IoBufsMut, Error> {
        self.machine.pass(Operation::Read).await?;
        self.blob.read_at(offset, length, options).await
    }

    async fn write_at(
        &self,
        offset: u64,
        buffers: impl Into<IoBufs> + Send,
        options: WriteOptions,
    ) -> Result<(), Error> {
        let bytes = buffers.into().coalesce().as_ref().to_vec();
        if let Err(error) = self.machine.pass(Operation::Write).await {
            // A write that fails may have written some of it.
            let half = bytes[..bytes.len() / 2].to_vec();
            self.machine.disk.note(&self.file, Unsynced::Write { offset, bytes: half });
            return Err(error);
        }
        let is_durable = options.contains(WriteOptions::SYNC);
        let written = bytes.clone();
        self.machine.disk.note(
            &self.file,
            if is_durable {
                Unsynced::Durable { offset, bytes: written }
            } else {
                Unsynced::Write { offset, bytes: written }
            },
        );
        self.blob.write_at(offset, bytes, options).await
    }

    async fn resize(&self, length: u64) -> Result<(), Error> {
        self.machine.pass(Operation::Resize).await?;
        self.machine.disk.note(&self.file, Unsynced::Resize { length });
        self.blob.resize(length).await
    }

    async fn sync(&self) -> Result<(), Error> {
        self.machine.pass(Operation::Sync).await?;
        self.blob.sync().await?;
        self.machine.disk.settle(&self.file);
        Ok(())
    }

    async fn start_sync(&self) -> Handle<()> {
        Handle::ready(self.sync().await)
    }
}
