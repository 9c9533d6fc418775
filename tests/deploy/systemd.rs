//! systemd units: valid and hardened.

use std::path::Path;
use std::process::Command;

use crate::external_process::{example_config, find_program};

/// Maximum exposure level of `systemd-analyze security`, in tenths. It calls everything below 2.0 OK.
const MAX_EXPOSURE: &str = "20";

#[test]
fn systemd_units_are_valid_and_hardened() {
    let Some(analyze) = find_program("systemd-analyze", "Debian: systemd") else { return };
    let dir = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_immigration-experts").to_owned();
    let write = |name: &str, text: String| std::fs::write(dir.path().join(name), text).unwrap();
    let site = ("/usr/local/bin/immigration-experts", program.clone());
    write("immigration-experts.service", example_config("systemd/immigration-experts.service", &[site]));
    write("immigration-experts.socket", example_config("systemd/immigration-experts.socket", &[]));
    // Any program will do: it is not run.
    let litestream = ("/usr/local/bin/litestream", program);
    write("litestream.service", example_config("litestream/litestream.service", &[litestream]));

    for unit in ["immigration-experts.service", "immigration-experts.socket", "litestream.service"] {
        let verified = run(Command::new(&analyze).arg("verify").arg("--man=no").arg(dir.path().join(unit)), dir.path());
        assert_eq!(verified, (true, String::new()), "{unit}");
    }
    for unit in ["immigration-experts.service", "litestream.service"] {
        let threshold = format!("--threshold={MAX_EXPOSURE}");
        let report = Command::new(&analyze)
            .args(["security", "--offline=yes", "--no-pager", &threshold])
            .arg(dir.path().join(unit))
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&report.stdout).into_owned();
        println!("{unit}: {}", output.lines().last().unwrap_or_default());
        assert!(report.status.success(), "{unit}: {output}");
    }
}

/// Whether the command succeeded without complaints about the units in `directory`.
fn run(command: &mut Command, directory: &Path) -> (bool, String) {
    let output = command.env("SYSTEMD_LOG_LEVEL", "warning").output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let own = directory.display().to_string();
    let complaints: Vec<&str> = errors.lines().filter(|line| line.contains(&own)).collect();
    (output.status.success(), complaints.join("\n"))
}
