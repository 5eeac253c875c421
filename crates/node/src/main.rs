//! The program `tongban`.

fn main() -> std::process::ExitCode {
    tongban_node::cli::run()
}
