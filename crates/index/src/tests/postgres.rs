//! A PostgreSQL server for one test, in a temporary folder, reached over a socket in it. The server refuses to run as root, so that
//! root starts it as the user `postgres`.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A server that ends with this value.
pub struct Postgres {
    folder: TempDir,
    server: Option<Child>,
    programs: PathBuf,
    user: Option<(u32, u32)>,
}

impl Postgres {
    /// Starts a server, or says that the test is passed over where the machine has none. Fails where `TONGBAN_REQUIRE` names it.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let required = std::env::var("TONGBAN_REQUIRE").unwrap_or_default();
            assert!(!required.split(',').any(|name| name == "postgres"), "PostgreSQL is required, and not here");
            eprintln!("SKIPPED: no `postgres` in PATH or /usr/lib/postgresql: the part on PostgreSQL is not run");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let user = rustix::process::getuid().is_root().then(|| (id("-u"), id("-g")));
        if let Some((owner, group)) = user {
            chown(folder.path(), Some(owner), Some(group)).expect("a folder of the server's");
        }
        let mut server = Self { folder, server: None, programs, user };
        let output = server
            .command("initdb")
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(server.data())
            .output()
            .expect("initdb starts");
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        server.resume();
        Some(server)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts the server again after [`Postgres::interrupt`].
    pub fn resume(&mut self) {
        let log = std::fs::File::create(self.folder.path().join("log")).expect("a log");
        let settings = ["listen_addresses=", "fsync=off", "shared_buffers=32MB", "max_connections=40"];
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path());
        command.args(settings.iter().flat_map(|setting| ["-c", setting]));
        self.server = Some(command.stdout(Stdio::null()).stderr(log).spawn().expect("the server starts"));
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self
            .command("pg_isready")
            .args(["-q", "-h"])
            .arg(self.folder.path())
            .status()
            .expect("it starts")
            .success()
        {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "the server does not answer\n{log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the server at once, as a crash would.
    pub fn interrupt(&mut self) {
        if let Some(mut server) = self.server.take() {
            let process = i32::try_from(server.id()).ok().and_then(rustix::process::Pid::from_raw);
            let process = process.expect("a process has a number");
            rustix::process::kill_process(process, rustix::process::Signal::QUIT).expect("it runs");
            server.wait().expect("it ends");
        }
    }

    /// The address of the server's own database.
    pub fn url(&self) -> String {
        let folder = self.folder.path().to_str().expect("a plain path").replace('/', "%2F");
        format!("postgres://postgres:secret@{folder}/postgres")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.interrupt();
    }
}

fn id(option: &str) -> u32 {
    let output = Command::new("id").args([option, "postgres"]).output().expect("`id` is everywhere");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().expect("a machine with PostgreSQL has the user `postgres`")
}

/// The folder of the server's programs: the newest of Debian's, or one in PATH.
fn programs() -> Option<PathBuf> {
    let has_all = |folder: &Path| ["postgres", "initdb", "pg_isready"].iter().all(|name| folder.join(name).is_file());
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian.into_iter().rev().chain(std::env::split_paths(&path)).find(|folder| has_all(folder))
}
