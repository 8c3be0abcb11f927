//! krew's own validator, on the manifest as committed and, with an installation, on that of this platform.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::install::Bed;
use crate::support::command::{self, Output};
use crate::support::{binaries, temp_folder};
use crate::{RELEASES, VERSION, filled_manifest, root};

const PLATFORMS: [&str; 6] =
    ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64", "windows_arm64"];

fn committed() -> String {
    fs::read_to_string(root().join("krew-manifest.yaml")).unwrap()
}

fn validate(manifest: &Path) -> Output {
    let mut validator = Command::new(binaries::krew("validate-krew-manifest"));
    validator.arg("-skip-install").arg("-manifest").arg(manifest);
    command::run(validator, b"")
}

#[test]
fn the_committed_manifest_is_valid_for_all_platforms() {
    let folder = temp_folder("krew");
    let manifest = folder.path().join("secretsafe.yaml");
    fs::write(&manifest, committed()).unwrap();
    validate(&manifest).success();
    for platform in PLATFORMS {
        let uri = format!("uri: {RELEASES}/{VERSION}/kubectl-secretsafe_{VERSION}_{platform}.tar.gz\n");
        assert!(committed().contains(&uri), "the manifest lacks {uri}");
    }
    assert!(committed().contains(&format!("\n  version: {VERSION}\n")));

    // The control: the validator refuses what it should.
    for (from, to) in [
        ("os: darwin, arch: arm64", "os: darwin, arch: amd64"),
        ("shortDescription:", "short:"),
        ("sha256: e3", "sha256: E3"),
    ] {
        fs::write(&manifest, committed().replace(from, to)).unwrap();
        assert_ne!(validate(&manifest).code, Some(0), "with {to}");
    }
}

#[test]
fn what_the_caveats_tell_to_type_are_commands() {
    let manifest: serde_json::Value = serde_yaml::from_str(&committed()).unwrap();
    let caveats = manifest["spec"]["caveats"].as_str().unwrap();
    let typed: Vec<&str> = caveats.lines().map(str::trim).filter(|line| line.starts_with("kubectl ")).collect();
    assert!(typed.contains(&"kubectl secretsafe completion --install"), "{typed:?}");
    for line in typed {
        let words = line.strip_prefix("kubectl ").unwrap().split(' ');
        let parsed = kubectl_secretsafe::command().try_get_matches_from(words);
        assert!(parsed.is_ok(), "`{line}`: {}", parsed.unwrap_err());
    }
}

#[test]
fn the_manifest_of_this_platform_is_valid_in_full() {
    let bed = Bed::start();
    let manifest = bed.folder().join("secretsafe.yaml");
    fs::write(&manifest, bed.manifest(VERSION)).unwrap();
    let validator = binaries::krew("validate-krew-manifest");
    let output = bed.run(&validator, &["-manifest", manifest.to_str().unwrap()]).success();
    assert!(output.err().contains("all 1 spec.platforms installed fine"), "{}", output.err());
    assert_eq!(bed.downloads(), 1, "the validator fetched the archive");
}

#[test]
fn a_release_without_all_archives_gets_no_manifest() {
    let bed = Bed::start();
    let archives = bed.archives();
    let filled = filled_manifest(archives);
    assert_eq!(filled.matches("selector:").count(), 1, "{filled}");
    let all = |folder: &Path| {
        let mut manifest = crate::script("manifest");
        manifest.arg("--all").arg(folder);
        command::run(manifest, b"")
    };
    assert!(all(archives).expect_code(1).err().contains("lacks kubectl-secretsafe_"));
    for platform in PLATFORMS {
        fs::write(archives.join(format!("kubectl-secretsafe_{VERSION}_{platform}.tar.gz")), platform).unwrap();
    }
    let full = all(archives).success().out();
    assert_eq!(full.matches("selector:").count(), 6);
    assert!(!full.contains("sha256: e3b0c442"), "{full}");
    let manifest = bed.folder().join("secretsafe.yaml");
    fs::write(&manifest, full).unwrap();
    validate(&manifest).success();
}

/// `cargo binstall` is not run here; that it would ask for the same archives is what can be checked.
#[test]
fn binstall_and_krew_name_the_same_archives() {
    let cargo = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let urls: Vec<String> = cargo
        .lines()
        .filter_map(|line| line.strip_prefix("pkg-url = \"")?.strip_suffix('"'))
        .map(|url| {
            url.replace("{ repo }", env!("CARGO_PKG_REPOSITORY"))
                .replace("{ version }", env!("CARGO_PKG_VERSION"))
                .replace("{ name }", env!("CARGO_PKG_NAME"))
        })
        .collect();
    let uris: Vec<String> =
        committed().lines().filter_map(|line| line.strip_prefix("    uri: ").map(str::to_owned)).collect();
    assert_eq!(urls, uris);
}
