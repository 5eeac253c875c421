//! What processes have spent, from `/proc`: CPU, bytes written, switches, and CPU by the names of threads.

use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;

/// What one or more processes have spent since they started, or between two readings.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Spent {
    /// Seconds of CPU in the program.
    pub user_seconds: f64,
    /// Seconds of CPU in the kernel on its behalf.
    pub system_seconds: f64,
    /// Bytes that it had the kernel write to disk; none where the system does not tell.
    pub written_bytes: Option<u64>,
    /// How often a thread gave its core up because it had to wait.
    pub voluntary_switches: u64,
    /// How often a thread lost its core to another.
    pub involuntary_switches: u64,
    /// Seconds of CPU by groups of threads: their names without the numbers at their ends, or what they do.
    pub thread_seconds: BTreeMap<String, f64>,
    /// The part of the threads in the kernel.
    pub thread_system_seconds: BTreeMap<String, f64>,
}

/// The memory of a running process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// The most that it had so far.
    pub peak_bytes: u64,
    /// What it has.
    pub present_bytes: u64,
}

impl Memory {
    /// Of a process; none where it has ended or the system does not tell.
    pub fn of(process: u32) -> Option<Self> {
        Self::parse(&read(&format!("/proc/{process}/status")))
    }

    fn parse(status: &str) -> Option<Self> {
        let bytes = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
        };
        Some(Self { peak_bytes: bytes("VmHWM:")?, present_bytes: bytes("VmRSS:")? })
    }
}

/// The engine's threads that run its tasks.
pub const ENGINE_WORKERS: &str = "engine-workers";
/// The engine's threads that read, write and sync files, and do nothing else.
pub const ENGINE_FILES: &str = "engine-files";
/// What the engine's runtime calls both.
const ENGINE_THREADS: &str = "tokio-rt-worker";

impl Spent {
    /// What a running process has spent since it started; nothing where it has ended. Its engine has so many workers.
    pub fn by(process: u32, engine_workers: usize) -> Self {
        let ticks_per_second = rustix::param::clock_ticks_per_second() as f64;
        let folder = format!("/proc/{process}");
        let mut spent = Self::default();
        let (user, system) = ticks(&read(&format!("{folder}/stat")));
        spent.user_seconds = user as f64 / ticks_per_second;
        spent.system_seconds = system as f64 / ticks_per_second;
        spent.written_bytes = field(&read(&format!("{folder}/io")), "write_bytes:");
        let threads = fs::read_dir(format!("{folder}/task")).into_iter().flatten().flatten();
        let mut threads: Vec<u32> = threads.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        threads.sort_unstable(); // in the order in which they were started
        let mut groups = Groups { engine_workers, engine_threads: 0 };
        for thread in threads.into_iter().map(|thread| format!("{folder}/task/{thread}")) {
            let status = read(&format!("{thread}/status"));
            spent.voluntary_switches += field(&status, "voluntary_ctxt_switches:").unwrap_or_default();
            spent.involuntary_switches += field(&status, "nonvoluntary_ctxt_switches:").unwrap_or_default();
            let group = groups.of(read(&format!("{thread}/comm")).trim());
            let (user, system) = ticks(&read(&format!("{thread}/stat")));
            *spent.thread_seconds.entry(group.clone()).or_default() += (user + system) as f64 / ticks_per_second;
            *spent.thread_system_seconds.entry(group).or_default() += system as f64 / ticks_per_second;
        }
        spent
    }

    /// Seconds of CPU.
    pub fn cpu_seconds(&self) -> f64 {
        self.user_seconds + self.system_seconds
    }

    /// What was spent since an earlier reading of the same processes.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            user_seconds: self.user_seconds - earlier.user_seconds,
            system_seconds: self.system_seconds - earlier.system_seconds,
            written_bytes: self.written_bytes.zip(earlier.written_bytes).map(|(now, then)| now.saturating_sub(then)),
            voluntary_switches: self.voluntary_switches.saturating_sub(earlier.voluntary_switches),
            involuntary_switches: self.involuntary_switches.saturating_sub(earlier.involuntary_switches),
            thread_seconds: difference(&self.thread_seconds, &earlier.thread_seconds),
            thread_system_seconds: difference(&self.thread_system_seconds, &earlier.thread_system_seconds),
        }
    }

    /// What several processes have spent together.
    pub fn sum(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().reduce(Self::plus).unwrap_or_default()
    }

    fn plus(mut self, other: Self) -> Self {
        self.user_seconds += other.user_seconds;
        self.system_seconds += other.system_seconds;
        self.written_bytes = self.written_bytes.zip(other.written_bytes).map(|(one, two)| one + two);
        self.voluntary_switches += other.voluntary_switches;
        self.involuntary_switches += other.involuntary_switches;
        for (name, seconds) in other.thread_seconds {
            *self.thread_seconds.entry(name).or_default() += seconds;
        }
        for (name, seconds) in other.thread_system_seconds {
            *self.thread_system_seconds.entry(name).or_default() += seconds;
        }
        self
    }
}

/// What grew, and by how much.
fn difference(later: &BTreeMap<String, f64>, earlier: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let grown = later.iter().map(|(name, seconds)| (name.clone(), seconds - earlier.get(name).unwrap_or(&0.0)));
    grown.filter(|(_, seconds)| *seconds > 0.0).collect()
}

/// Seconds of CPU that the calling thread has spent, to a hundredth or so.
pub fn of_this_thread() -> f64 {
    let (user, system) = ticks(&read("/proc/thread-self/stat"));
    (user + system) as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// Seconds of CPU that the whole machine has spent on anything since it started, stolen ones too.
pub fn of_machine() -> f64 {
    busy_ticks(&read("/proc/stat")) as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// User, nice, system, then behind idle and waiting: interrupts, soft interrupts, stolen. Guests are in user already.
fn busy_ticks(stat: &str) -> u64 {
    let all = stat.lines().find_map(|line| line.strip_prefix("cpu ")).unwrap_or_default();
    let ticks = all.split_whitespace().take(8).map(|ticks| ticks.parse::<u64>().unwrap_or_default());
    ticks.enumerate().filter(|(place, _)| !matches!(place, 3 | 4)).map(|(_, ticks)| ticks).sum()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default() // a thread may end between listing and reading
}

/// Ticks in the program and in the kernel, from a `stat` file. The name in it may hold spaces and parentheses.
fn ticks(stat: &str) -> (u64, u64) {
    let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut fields = behind_name.split_whitespace().skip(11).map(|field| field.parse().unwrap_or_default());
    (fields.next().unwrap_or_default(), fields.next().unwrap_or_default())
}

fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok()
}

/// Sorts a process's threads, in the order in which they were started.
struct Groups {
    engine_workers: usize,
    engine_threads: usize,
}

impl Groups {
    fn of(&mut self, name: &str) -> String {
        if name != ENGINE_THREADS {
            return name_of_group(name);
        }
        self.engine_threads += 1;
        // A runtime starts its workers first; the others take what blocks, which in the engine is files alone.
        if self.engine_threads <= self.engine_workers { ENGINE_WORKERS } else { ENGINE_FILES }.to_owned()
    }
}

/// `tokio-rt-worker-12` and `tokio-rt-worker-3` are of one group.
fn name_of_group(name: &str) -> String {
    let group = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || "-_:".contains(letter));
    if group.is_empty() { name.to_owned() } else { group.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_behind_a_name_of_any_letters() {
        let stat = "7 (a b) c) R 1 7 7 0 -1 4194304 100 0 0 0 250 50 3 4 20 0 9 0 1 2 3";
        assert_eq!(ticks(stat), (250, 50));
        assert_eq!(ticks(""), (0, 0));
    }

    #[test]
    fn memory_is_told_in_kilobytes() {
        let status = "Name:\ttongban\nVmHWM:\t   2048 kB\nVmRSS:\t    1024 kB\n";
        let memory = Memory { peak_bytes: 2_097_152, present_bytes: 1_048_576 };
        assert_eq!(Memory::parse(status), Some(memory));
        for status in ["", "VmHWM: 1 kB", "VmHWM: x kB\nVmRSS: 1 kB", "VmHWM: 1\nVmRSS: 1 kB"] {
            assert_eq!(Memory::parse(status), None, "{status}");
        }
        assert!(Memory::of(std::process::id()).is_some_and(|memory| memory.peak_bytes >= memory.present_bytes));
    }

    #[test]
    fn waiting_is_no_work_of_the_machine() {
        assert_eq!(busy_ticks("cpu  1 2 4 1000 2000 8 16 32 64 128\ncpu0 9 9 9 9\n"), 63);
        assert_eq!(busy_ticks(""), 0);
    }

    #[test]
    fn threads_of_one_kind_are_one_group() {
        for (name, group) in [("tokio-rt-worker", "tokio-rt-worker"), ("pool-12", "pool"), ("worker:3", "worker")] {
            assert_eq!(name_of_group(name), group);
        }
        assert_eq!(name_of_group("42"), "42");
    }

    #[test]
    fn what_is_spent_between_two_readings_is_their_difference() {
        let at = |seconds: f64, written: u64| Spent {
            user_seconds: seconds,
            system_seconds: seconds / 2.0,
            written_bytes: Some(written),
            voluntary_switches: written,
            involuntary_switches: 1,
            thread_seconds: [("a".to_owned(), seconds), ("b".to_owned(), 1.0)].into(),
            thread_system_seconds: [("a".to_owned(), seconds / 2.0)].into(),
        };
        let spent = at(4.0, 100).since(&at(2.0, 40));
        assert_eq!((spent.cpu_seconds(), spent.written_bytes, spent.voluntary_switches), (3.0, Some(60), 60));
        assert_eq!(spent.thread_seconds, [("a".to_owned(), 2.0)].into());
        assert_eq!(spent.thread_system_seconds, [("a".to_owned(), 1.0)].into());
        let sum = Spent::sum([at(1.0, 1), at(2.0, 2)]);
        assert_eq!((sum.user_seconds, sum.written_bytes, sum.thread_seconds["b"]), (3.0, Some(3), 2.0));
        assert_eq!(Spent::sum([at(1.0, 1), Spent { written_bytes: None, ..at(1.0, 1) }]).written_bytes, None);
    }

    #[test]
    fn this_process_has_spent_something() {
        let spent = Spent::by(std::process::id(), 0);
        assert!(spent.voluntary_switches + spent.involuntary_switches > 0 && !spent.thread_seconds.is_empty());
        assert_eq!(Spent::by(u32::MAX, 0), Spent::default(), "no such process");
    }

    #[test]
    fn the_engines_first_threads_are_its_workers() {
        let mut groups = Groups { engine_workers: 2, engine_threads: 0 };
        let names = ["tongban", "rim-1", ENGINE_THREADS, "ledger", ENGINE_THREADS, ENGINE_THREADS, ENGINE_THREADS];
        let expected = ["tongban", "rim", ENGINE_WORKERS, "ledger", ENGINE_WORKERS, ENGINE_FILES, ENGINE_FILES];
        assert_eq!(names.map(|name| groups.of(name)), expected);
    }
}
