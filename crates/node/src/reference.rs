//! The whole command line as a document, made from the command line itself: `cargo xtask generate` writes it to
//! `generated/cli.md`.

use clap::{Arg, Command};
use std::fmt::Write as _;

const BEGINNING: &str = "
Exit codes: 0 it is done; 1 it could not be done, and the reason is on standard error, with its code where it has one; 2 the command
line is wrong. `tongban doctor` ends with 1 where a check fails, with `--strict` also where one warns; `tongban status` where a node is
not ready. `tongban verify` ends with 3 where a proof holds and the licence in it is not shown to be valid.

Answers go to standard output, logs and reasons to standard error. Besides the variables named below, `TONGBAN_PASSPHRASE` opens
encrypted key files, and `TONGBAN_NODE_` with the name of a key in capitals overrides that key of a node's configuration
(`TONGBAN_NODE_API=127.0.0.1:8101`).
";

/// All commands with their options, in Markdown, without a title.
pub fn text(mut command: Command) -> String {
    command.build();
    let mut text = BEGINNING.to_owned();
    describe(&command, "", &mut text);
    text
}

fn describe(command: &Command, above: &str, text: &mut String) {
    let path = if above.is_empty() { command.get_name().to_owned() } else { format!("{above} {}", command.get_name()) };
    // Writing to a text never fails.
    let _ = writeln!(text, "\n## {path}\n");
    if let Some(about) = command.get_about() {
        let _ = writeln!(text, "{about}\n");
    }
    let arguments: Vec<&Arg> =
        command.get_arguments().filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version")).collect();
    let commands: Vec<&Command> = subcommands(command).collect();
    let _ = writeln!(text, "    {}", usage(&path, &arguments, command));
    if let Some(more) = command.get_after_help() {
        let _ = writeln!(text, "\n{more}");
    }
    if !arguments.is_empty() {
        *text += "\n| argument | meaning | default | environment |\n|---|---|---|---|\n";
        for argument in arguments {
            *text += &row(argument);
        }
    }
    if !commands.is_empty() {
        *text += "\n| command | meaning |\n|---|---|\n";
        for command in &commands {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "| `{}` | {} |", command.get_name(), in_a_cell(&about));
        }
    }
    for command in commands {
        describe(command, &path, text);
    }
}

fn subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

fn usage(path: &str, arguments: &[&Arg], command: &Command) -> String {
    let mut usage = path.to_owned();
    let (positional, options): (Vec<&Arg>, Vec<&Arg>) = arguments.iter().partition(|argument| argument.is_positional());
    for argument in options.iter().filter(|argument| argument.is_required_set()) {
        usage += &format!(" {}", spelling(argument));
    }
    if options.iter().any(|argument| !argument.is_required_set()) {
        usage += " [OPTIONS]";
    }
    for argument in positional {
        usage += &format!(" {}", spelling(argument));
    }
    if subcommands(command).next().is_some() {
        usage += if command.is_subcommand_required_set() { " COMMAND" } else { " [COMMAND]" };
    }
    usage
}

/// As it is typed: `--node NODE`, `BUNDLE`, `[FILES]...`.
fn spelling(argument: &Arg) -> String {
    let values =
        argument.get_value_names().map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let value = values.unwrap_or_else(|| argument.get_id().as_str().to_uppercase());
    let many = if argument.get_num_args().is_some_and(|count| count.max_values() > 1) { "..." } else { "" };
    match argument.get_long() {
        Some(long) if argument.get_action().takes_values() => format!("--{long} {value}{many}"),
        Some(long) => format!("--{long}"),
        None if argument.is_required_set() => format!("{value}{many}"),
        None => format!("[{value}]{many}"),
    }
}

fn row(argument: &Arg) -> String {
    let takes_values = argument.get_action().takes_values();
    let mut meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let choices: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|_| takes_values)
        .map(|choice| match choice.get_help() {
            Some(help) => format!("`{}` {help}", choice.get_name()),
            None => format!("`{}`", choice.get_name()),
        })
        .collect();
    if !choices.is_empty() {
        meaning += &format!(" — one of {}", choices.join("; "));
    }
    if argument.is_required_set() {
        meaning += " (required)";
    }
    let defaults: Vec<String> = argument
        .get_default_values()
        .iter()
        .filter(|_| takes_values)
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    let variable = argument.get_env().map(|name| format!("`{}`", name.to_string_lossy())).unwrap_or_default();
    format!("| `{}` | {} | {} | {variable} |\n", spelling(argument), in_a_cell(&meaning), defaults.join(" "))
}

/// A bar would end the cell, a line break the table.
fn in_a_cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ArgAction;

    #[test]
    fn a_command_line_is_described_whole() {
        let below = Command::new("below")
            .about("Goes down")
            .arg(Arg::new("file").help("a|b").required(true))
            .arg(Arg::new("many").long("many").num_args(1..).default_value("x").env("MANY"))
            .arg(Arg::new("flag").long("flag").action(ArgAction::SetTrue));
        let hidden = Command::new("hidden").hide(true);
        let text = text(Command::new("top").about("On top").subcommand(below).subcommand(hidden));
        let expected = "\n## top\n\nOn top\n\n    top [COMMAND]\n\n| command | meaning |\n|---|---|\n| `below` | Goes down |\n\
            \n## top below\n\nGoes down\n\n    top below [OPTIONS] FILE\n\n\
            | argument | meaning | default | environment |\n|---|---|---|---|\n\
            | `FILE` | a\\|b (required) |  |  |\n| `--many MANY...` |  | `x` | `MANY` |\n| `--flag` |  |  |  |\n";
        assert_eq!(text.strip_prefix(BEGINNING), Some(expected), "{text}");
    }
}
