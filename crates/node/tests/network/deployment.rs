//! What `deploy/` says is true of the program: commands parse, files that are named exist, ports are the program's.

use clap::error::ErrorKind;
use std::path::{Path, PathBuf};
use tongban_node::cli::command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn deployed() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    files(&root().join("deploy"), &mut paths);
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let mut found: Vec<(String, String)> =
        paths.iter().map(|path| (name(path), std::fs::read_to_string(path).expect("text"))).collect();
    found.sort();
    assert!(found.len() >= 6, "the files of deploy/ are there");
    found
}

/// The words of every command line of the program in a text: after `Exec…=`, in lists such as `["tongban", "status"]`, in lines
/// and in back quotes that begin with its name or with what runs it.
fn command_lines(name: &str, text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in text.lines() {
        if let (true, Some(start)) = (name == "Dockerfile" || name == "compose.yaml", line.find('[')) {
            let is_command = ["CMD", "command:", "entrypoint:", "test:"].iter().any(|word| line.contains(word));
            let list = line[start..].to_owned();
            if let (true, Ok(words)) = (is_command, serde_json::from_str::<Vec<String>>(&list)) {
                match words.first().map(String::as_str) {
                    Some("sh") => found.extend(words.iter().flat_map(|word| in_shell(word))),
                    Some("tongban") => found.push(words[1..].to_vec()),
                    // A health check does without the image's entry point, which is the program.
                    Some("CMD") => found.push(words[2..].to_vec()),
                    _ => found.push(words),
                }
            }
        }
        if let Some((_, started)) = line.strip_prefix("Exec").and_then(|rest| rest.split_once('=')) {
            found.extend(in_shell(started.trim_start_matches('-')));
        } else if name.ends_with(".md") && !line.contains('`') {
            found.extend(in_shell(line.trim()));
        }
        found.extend(line.split('`').skip(1).step_by(2).flat_map(in_shell));
    }
    found
}

/// The commands of the program in a line for the shell.
fn in_shell(line: &str) -> Vec<Vec<String>> {
    let parts = line.split("&&").flat_map(|part| part.split("||")).flat_map(|part| part.split(['|', ';', '>']));
    let mut found = Vec::new();
    for part in parts {
        let words: Vec<&str> = part.split_whitespace().collect();
        let words = match words.as_slice() {
            ["sudo", "-u", "tongban", rest @ ..] | ["sudo", rest @ ..] | rest => rest,
        };
        if let ["tongban" | "/usr/local/bin/tongban", arguments @ ..] = words {
            found.push(arguments.iter().map(|word| (*word).trim_matches('\'').to_owned()).collect());
        }
    }
    found
}

#[test]
fn every_command_line_of_the_program_parses() {
    let specs = tongban_modules::specs();
    let mut counted = 0;
    for (name, text) in deployed() {
        for words in command_lines(&name, &text) {
            counted += 1;
            let all = std::iter::once("tongban".to_owned()).chain(words.iter().cloned());
            let Err(error) = command(&specs).try_get_matches_from(all) else { continue };
            // In prose a command may be named without what it needs.
            let is_named_only = !words.iter().any(|word| word.starts_with('-'));
            let missing = [ErrorKind::MissingRequiredArgument, ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand];
            assert!(is_named_only && missing.contains(&error.kind()), "{name}: tongban {}: {error}", words.join(" "));
        }
    }
    assert!(counted >= 20, "only {counted} command lines were found");
}

#[test]
fn command_lines_are_found_where_people_write_them() {
    let expect = [
        ("a.service", "ExecStartPre=-/usr/local/bin/tongban doctor --local", vec!["doctor --local"]),
        ("Dockerfile", "HEALTHCHECK --retries=4 CMD [\"tongban\", \"status\"]", vec!["status"]),
        ("compose.yaml", "    command: [\"node\", \"--config\", \"x\"]", vec!["node --config x"]),
        ("compose.yaml", "      test: [\"CMD\", \"tongban\", \"status\"]", vec!["status"]),
        (
            "compose.yaml",
            "entrypoint: [\"sh\", \"-c\", \"test -e x || tongban network init --out y\"]",
            vec!["network init --out y"],
        ),
        ("README.md", "    sudo -u tongban tongban doctor --config x | less", vec!["doctor --config x"]),
        ("README.md", "see `tongban status`, and tongban in prose", vec!["status"]),
        ("README.md", "tongban is a word", vec!["is a word"]),
    ];
    for (name, text, commands) in expect {
        let found: Vec<String> = command_lines(name, text).iter().map(|words| words.join(" ")).collect();
        assert_eq!(found, commands, "{text}");
    }
}

/// The files that a source includes into the program, as paths from the root of the repository.
fn included(source: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(source).expect("text");
    let root = root().canonicalize().expect("the repository");
    let calls = ["include_str!(", "include_bytes!("].into_iter().flat_map(|call| text.split(call).skip(1));
    let relative = calls.map(|rest| {
        let literal = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
        literal.unwrap_or_else(|| panic!("{} includes what is no plain path", source.display())).0
    });
    let resolve = |relative: &str| {
        let path = source.with_file_name(relative);
        let path = path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path.strip_prefix(&root).expect("a file of the repository").to_string_lossy().into_owned()
    };
    relative.map(resolve).collect()
}

#[test]
fn what_the_unit_says_of_files_and_the_image_of_its_health_holds() {
    let all = deployed();
    let text = |name: &str| &all.iter().find(|(file, _)| file == name).expect("the file").1;
    let documents = text("tongban-node.service").lines().filter_map(|line| line.strip_prefix("Documentation=file://"));
    let documents: Vec<&str> = documents.collect();
    assert!(!documents.is_empty(), "the unit names its documentation");
    for path in documents {
        let is_installed = text("README.md").lines().any(|line| line.contains(" install ") && line.ends_with(path));
        assert!(is_installed, "no step of deploy/README.md installs {path}");
    }
    // A check that asks a fixed address, or for what needs a token, fails on a node that is well.
    for name in ["Dockerfile", "compose.yaml"] {
        let checks: Vec<&str> = text(name).lines().filter(|line| line.contains("\"doctor\", \"--ready\"")).collect();
        assert!(!checks.is_empty() && checks.iter().all(|line| line.contains("\"--config\"")), "{name}: {checks:?}");
    }
    let commands = text("compose.yaml").matches("command: [\"node\"").count();
    assert_eq!(text("compose.yaml").matches("\"--ready\"").count(), commands, "each node of compose.yaml has a check");
}

#[test]
fn what_the_container_files_name_exists() {
    let all = deployed();
    let text = |name: &str| &all.iter().find(|(file, _)| file == name).expect("the file").1;
    let dockerfile = text("Dockerfile");
    let copied: Vec<&str> = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .filter(|line| !line.starts_with("--from"))
        .flat_map(|line| {
            line.split_whitespace().collect::<Vec<_>>().split_last().map(|(_, from)| from.to_vec()).unwrap_or_default()
        })
        .collect();
    assert!(copied.len() >= 4, "{copied:?}");
    for path in copied {
        assert!(root().join(path).exists(), "the Dockerfile copies {path}, which is not there");
    }
    // All that the workspace needs is copied, and nobody runs as root.
    let manifest: toml::Table =
        std::fs::read_to_string(root().join("Cargo.toml")).expect("a file").parse().expect("TOML");
    for member in manifest["workspace"]["members"].as_array().expect("a list") {
        let folder = member.as_str().expect("a text").trim_end_matches("/*");
        assert!(dockerfile.contains(&format!("COPY {folder} {folder}\n")), "{folder} is not copied");
    }
    let mut sources = Vec::new();
    for member in std::fs::read_dir(root().join("crates")).expect("a folder") {
        files(&member.expect("an entry").path().join("src"), &mut sources);
    }
    let mut outside = 0;
    for source in sources.iter().filter(|source| source.extension().is_some_and(|ending| ending == "rs")) {
        for path in included(source) {
            let folder = path.split('/').next().expect("a split has a first part");
            outside += usize::from(folder != "crates");
            let is_copied = dockerfile.contains(&format!("COPY {folder} {folder}\n"));
            assert!(is_copied, "{} includes {path}, which is not copied", source.display());
        }
    }
    assert!(outside >= 5, "only {outside} files outside of crates are included");
    let toolchain = manifest["workspace"]["package"]["rust-version"].as_str().expect("a text");
    assert!(dockerfile.contains(&format!("rust:{toolchain}-")), "the image's Rust is not {toolchain}");
    let user = dockerfile.lines().find_map(|line| line.strip_prefix("USER ")).expect("a user");
    assert!(!user.starts_with('0') && !user.starts_with("root"), "{user}");
    assert!(dockerfile.contains("EXPOSE 7101 8101"), "the ports that `tongban network init` begins with");
    assert!(text("compose.yaml").contains("dockerfile: deploy/container/Dockerfile"));
    assert!(text("prometheus.yml").contains("alerts.yml"));
}
